"""The whole job as a good analyst would write it in pandas, for one layout of files.

File by file, Arrow strings, vectorised throughout, narrow columns kept in memory. With
--checks, Great Expectations looks at each typed frame, as its quickstart shows.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from benchmarks.peers.deciding import Candidate, decide
from benchmarks.peers.terms import (
    BILLING_DATES,
    BILLING_GUIDS,
    BILLING_MONEY,
    BILLING_REQUIRED,
    CATALOG,
    FIRST_DAY,
    GUID,
    LAST_DAY,
    NUMBER,
    columns_of,
    live_invoices,
    usage_files,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SUBSCRIPTION = ["customer_id", "subscription_id"]
PAIR = ["partner_id", "customer_id"]
MONEY = pd.ArrowDtype(pa.decimal128(18, 2))
PRICE = pd.ArrowDtype(pa.decimal128(18, 6))
WHOLE = pd.ArrowDtype(pa.int64())
TEXT = pd.ArrowDtype(pa.string())
ONE_DAY = pd.Timedelta(days=1)


def main(source: Path, out: Path, *, checks: bool) -> None:
    """Decide the campaign over the extracts in *source*."""
    out.mkdir(parents=True, exist_ok=True)
    check: Callable[[str, pd.DataFrame], Any] = _no_check
    if checks:
        # It takes seconds, and is timed only where it is used.
        from benchmarks.peers.gx_pandas import check  # noqa: PLC0415
    catalog = pd.read_csv(CATALOG)
    known, faulty = billing(source, catalog, out, check)
    assigned, faulty_in_usage, has_snapshot = usage(source, check)
    found = counted(known, catalog, assigned, has_snapshot)
    decide(source, found, faulty | faulty_in_usage, out)


def _no_check(_: str, __: pd.DataFrame) -> None:
    """Look at nothing."""


def text_of(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Return the records of a file as text, and the customers of ragged ones."""
    columns = columns_of(path)
    customer = next(i for i, name in enumerate(columns) if name.startswith("Customer"))
    ragged: list[str] = []

    def skip(row: pacsv.InvalidRow) -> str:
        ragged.append(row.text.split(",")[customer].lower())
        return "skip"

    table = pacsv.read_csv(
        path,
        parse_options=pacsv.ParseOptions(invalid_row_handler=skip),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()),
            strings_can_be_null=True,
            null_values=[""],
        ),
    )
    return table.to_pandas(types_mapper=pd.ArrowDtype), ragged


def guid(text: pd.Series) -> pd.Series:
    """Return GUIDs in lower case, null where the text is none."""
    lower = text.str.lower().str.removeprefix("org:")
    return lower.where(lower.str.match(GUID).fillna(value=False))


def date(text: pd.Series) -> pd.Series:
    """Return ISO dates, null where the text is none."""
    return pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")


def number(text: pd.Series, kind: pd.ArrowDtype) -> pd.Series:
    """Return numbers, null where the text is none; a fraction is no whole number."""
    sound = text.where(text.str.match(NUMBER).fillna(value=False))
    if kind is WHOLE:
        sound = sound.where(~sound.str.contains(".", regex=False).fillna(value=False))
    if kind is WHOLE:
        return sound.astype(kind)
    # Some amounts come with fifteen decimals; a cast alone refuses to round.
    exact = pa.array(sound, pa.string()).cast(pa.decimal128(38, 18))
    rounded = pc.round(exact, kind.pyarrow_dtype.scale, "half_towards_infinity")
    return pd.Series(pd.array(rounded.cast(kind.pyarrow_dtype), dtype=kind))


def typed(
    frame: pd.DataFrame, kinds: dict[str, pd.Series], required: list[str]
) -> pd.Series:
    """Type columns in place; return where a text was missing or unreadable."""
    is_faulty = pd.Series(data=False, index=frame.index)
    for name, values in kinds.items():
        is_faulty |= values.isna() & frame[name].notna()
        frame[name] = values
    for name in required:
        is_faulty |= frame[name].isna()
    return is_faulty


def billing(
    source: Path,
    catalog: pd.DataFrame,
    out: Path,
    check: Callable[[str, pd.DataFrame], Any],
) -> tuple[pd.DataFrame, set[str]]:
    """Write the good rows of the invoices in force; return what counting needs."""
    kept, faulty = [], set()
    for position, path in enumerate(live_invoices(source)):
        frame, ragged = text_of(path)
        is_faulty = _billing_faults(frame, catalog)
        reseller = frame["ResellerMpnId"]
        frame["ResellerMpnId"] = reseller.where(~reseller.isin(["-1", "0"]))
        faulty.update(ragged, frame.loc[is_faulty, "CustomerId"].dropna())
        good = frame[~is_faulty]
        check("billing", good)
        good.to_parquet(out / f"{path.name}.parquet", compression="zstd")
        kept.append(_narrow(good, position))
    return pd.concat(kept, ignore_index=True), faulty


def _billing_faults(frame: pd.DataFrame, catalog: pd.DataFrame) -> pd.Series:
    kinds = (
        {name: guid(frame[name]) for name in BILLING_GUIDS}
        | {name: date(frame[name]) for name in BILLING_DATES}
        | {name: number(frame[name], MONEY) for name in BILLING_MONEY}
        | {
            "UnitPrice": number(frame["UnitPrice"], PRICE),
            "Quantity": number(frame["Quantity"], WHOLE),
        }
    )
    is_faulty = typed(frame, kinds, BILLING_REQUIRED)
    is_faulty |= (frame["Quantity"] < 0).fillna(value=False)
    is_faulty |= frame["ChargeEndDate"] < frame["ChargeStartDate"]
    named = frame["OfferName"].str.lower().str.contains("dynamics 365", regex=False)
    is_known = frame["DurableOfferId"].isin(catalog["durable_offer_id"])
    return is_faulty | (named.fillna(value=False) & ~is_known)


def _narrow(good: pd.DataFrame, file: int) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "partner_id": good["ResellerMpnId"],
            "customer_id": good["CustomerId"],
            "subscription_id": good["SyndicationPartnerSubscriptionNumber"],
            "durable_offer_id": good["DurableOfferId"],
            "from_date": good["ChargeStartDate"],
            "to_date": good["ChargeEndDate"],
            "charge_type": good["ChargeType"],
            "amount": good["Amount"],
            "quantity": good["Quantity"].astype("int64"),
        }
    )
    frame["position"] = file * 100_000_000 + frame.index
    return frame


def usage(
    source: Path, check: Callable[[str, pd.DataFrame], Any]
) -> tuple[pd.DataFrame, set[str], bool]:
    """Return the licences assigned on the last day, and the faulty customers."""
    assigned, faulty, has_snapshot = pd.DataFrame(), set(), False
    for path in usage_files(source):
        frame, ragged = text_of(path)
        required = ["SnapshotDate", "CustomerTenantId", "SubscriptionId"]
        kinds = {
            "SnapshotDate": date(frame["SnapshotDate"]),
            "CustomerTenantId": guid(frame["CustomerTenantId"]),
            "SubscriptionId": guid(frame["SubscriptionId"]),
            "AvailableSeats": number(frame["AvailableSeats"], WHOLE),
            "AssignedSeats": number(frame["AssignedSeats"], WHOLE),
        }
        is_faulty = typed(frame, kinds, [*required, "AssignedSeats"])
        is_faulty |= (frame["AssignedSeats"] < 0).fillna(value=False)
        is_faulty |= (frame["AvailableSeats"] < 0).fillna(value=False)
        is_faulty |= ~frame["IsDuplicateRowForPGA"].isin(["0", "1"])
        is_today = frame["SnapshotDate"] == pd.Timestamp(LAST_DAY)
        check("license_usage", frame[~is_faulty])
        sound = frame[~is_faulty & is_today]
        if len(sound):
            # The newest delivery of the day wins whole, its faults included.
            has_snapshot, faulty = True, set()
            assigned = sound[sound["IsDuplicateRowForPGA"] == "0"]
        may_be_today = is_faulty & (is_today | frame["SnapshotDate"].isna())
        faulty.update(ragged, frame.loc[may_be_today, "CustomerTenantId"].dropna())
    names = {
        "CustomerTenantId": "customer_id",
        "SubscriptionId": "subscription_id",
        "AssignedSeats": "assigned",
    }
    return assigned.rename(columns=names)[list(names.values())], faulty, has_snapshot


def timeline(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the stretches of equal seats of each subscription."""
    came = rows[[*SUBSCRIPTION, "from_date", "seats"]]
    went = rows[[*SUBSCRIPTION, "to_date", "seats"]].assign(
        from_date=rows["to_date"] + ONE_DAY, seats=-rows["seats"]
    )
    steps = pd.concat([came, went.drop(columns="to_date")])
    steps = steps.groupby([*SUBSCRIPTION, "from_date"], as_index=False)["seats"].sum()
    steps = steps[steps["seats"] != 0]
    held = steps.groupby(SUBSCRIPTION)
    steps = steps.assign(
        seats=held["seats"].cumsum(), to_date=held["from_date"].shift(-1) - ONE_DAY
    )
    return steps[steps["seats"] != 0]


def owners_of(known: pd.DataFrame) -> pd.DataFrame:
    """Return the one partner that each subscription belongs to."""
    ordered = known.sort_values(["from_date", "position"])
    started = ordered[ordered["from_date"] <= pd.Timestamp(LAST_DAY)]
    last = started.drop_duplicates(SUBSCRIPTION, keep="last")
    first = ordered.drop_duplicates(SUBSCRIPTION, keep="first")
    both = pd.concat([last, first]).drop_duplicates(SUBSCRIPTION, keep="first")
    return both[[*SUBSCRIPTION, "partner_id"]]


def counted(
    known: pd.DataFrame,
    catalog: pd.DataFrame,
    assigned: pd.DataFrame,
    has_snapshot: bool,
) -> list[Candidate]:
    """Return every candidate with what counts for it."""
    counting = catalog[catalog["counts_as_seat"] | catalog["is_purchase"]]
    columns = ["durable_offer_id", "counts_as_seat", "is_purchase"]
    dynamics = known.merge(counting[columns], on="durable_offer_id")
    held = dynamics.groupby(SUBSCRIPTION, as_index=False)["counts_as_seat"].any()
    owners = owners_of(known.merge(held[SUBSCRIPTION], on=SUBSCRIPTION))
    is_offset = dynamics["charge_type"].str.lower() == "offset a line item"
    rows = dynamics[(dynamics["amount"] != 0) & ~is_offset.fillna(value=False)].copy()
    rows["seats"] = rows["quantity"].where(rows["amount"] > 0, -rows["quantity"])
    campaign = timeline(rows[rows["counts_as_seat"]]).merge(owners, on=SUBSCRIPTION)
    purchased = timeline(rows[rows["is_purchase"]])
    bought = purchased[purchased["seats"] > 0].groupby("customer_id")["from_date"].min()
    licences = assigned.merge(held[held["counts_as_seat"]], on=SUBSCRIPTION)
    licences = licences.merge(owners, on=SUBSCRIPTION)
    return facts(campaign, bought, licences, has_snapshot)


def facts(
    campaign: pd.DataFrame,
    bought: pd.Series,
    licences: pd.DataFrame,
    has_snapshot: bool,
) -> list[Candidate]:
    """Return the candidates with their beginnings and their seats."""
    last_day = pd.Timestamp(LAST_DAY)
    positive = campaign[campaign["seats"] > 0]
    starts = positive.groupby(
        [*SUBSCRIPTION, "partner_id"], as_index=False, dropna=False
    )["from_date"].min()
    onboarded = starts.groupby("customer_id")["from_date"].transform("min")
    first = starts[starts["from_date"] == onboarded].drop_duplicates(PAIR)
    days = first.groupby("customer_id")["from_date"].first()
    counts = first.groupby("customer_id").size()
    onboarders = set(zip(*_texts(first), strict=True))
    in_time = positive["to_date"] >= pd.Timestamp(FIRST_DAY)
    in_time &= positive["from_date"] <= last_day
    pairs = positive[in_time].drop_duplicates(PAIR)
    today = (campaign["from_date"] <= last_day) & (campaign["to_date"] >= last_day)
    billed = _sums(campaign[today], "seats")
    assigned = _sums(licences, "assigned")
    return [
        Candidate(
            partner,
            customer,
            days[customer].date(),
            (partner, customer) in onboarders,
            counts[customer],
            billed.get((partner, customer), 0),
            assigned.get((partner, customer), 0) if has_snapshot else None,
            bought[customer].date() if customer in bought.index else None,
        )
        for partner, customer in zip(*_texts(pairs), strict=True)
    ]


def _texts(pairs: pd.DataFrame) -> tuple[list[str | None], list[str]]:
    partners = [None if pd.isna(one) else one for one in pairs["partner_id"]]
    return partners, list(pairs["customer_id"])


def _sums(rows: pd.DataFrame, column: str) -> dict[tuple[str | None, str], int]:
    sums = rows.groupby(PAIR, as_index=False, dropna=False)[column].sum()
    pairs = zip(*_texts(sums), strict=True)
    return dict(zip(pairs, map(int, sums[column]), strict=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), checks="--checks" in sys.argv)
