"""The whole job as a specialist would write it in Polars, for one layout of files.

It types every column, sets faulty rows apart, writes the good ones to Parquet, and
decides every candidate of a campaign that is over. Unlike the product it takes one
dialect alone, explains nothing, and starts from nothing every night.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import polars as pl

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

SUBSCRIPTION = ["customer_id", "subscription_id"]


def main(source: Path, out: Path) -> None:
    """Decide the campaign over the extracts in *source*."""
    out.mkdir(parents=True, exist_ok=True)
    catalog = pl.read_csv(CATALOG)
    target, faulty = billing(source, catalog, out / "billing.parquet")
    assigned, faulty_in_usage, has_snapshot = usage(source)
    found = counted(target, catalog, assigned, has_snapshot)
    decide(source, found, {*faulty, *faulty_in_usage}, out)


def text_of(paths: list[Path]) -> tuple[pl.LazyFrame, pl.DataFrame]:
    """Return the records of files of one layout as text, and the ragged ones."""
    columns = columns_of(paths[0])
    ragged = ragged_records(paths, columns)
    frame = pl.scan_csv(
        paths,
        has_header=False,
        skip_lines=1,
        schema=dict.fromkeys(columns, pl.String),
        truncate_ragged_lines=True,
        row_index_name="position",
        include_file_paths="path",
    ).filter(~pl.col("position").is_in(ragged["position"].implode()))
    return frame, ragged


def ragged_records(paths: list[Path], columns: list[str]) -> pl.DataFrame:
    """Return where records have other cells than columns: Polars cuts or fills them.

    A second look at the lines, since the reader does not tell. Only a line with an
    odd number of commas is taken apart; no value here holds a line break.
    """
    odd = (
        pl.scan_csv(
            paths,
            has_header=False,
            skip_lines=1,
            separator="\x1f",
            quote_char=None,
            schema={"line": pl.String},
            row_index_name="position",
            include_file_paths="path",
        )
        .filter(pl.col("line").str.count_matches(",", literal=True) != len(columns) - 1)
        .collect(engine="streaming")
    )
    cells = list(csv.reader(odd["line"]))
    customer = next(i for i, name in enumerate(columns) if name.startswith("Customer"))
    return odd.select(
        "position", "path", customer_id=pl.Series([c[customer].lower() for c in cells])
    ).filter(pl.Series([len(c) != len(columns) for c in cells], dtype=pl.Boolean))


def guid(name: str) -> pl.Expr:
    """Return a GUID in lower case, or null where the text is none."""
    text = pl.col(name).str.to_lowercase().str.strip_prefix("org:")
    return pl.when(text.str.contains(GUID)).then(text)


def date(name: str) -> pl.Expr:
    """Return an ISO date, or null where the text is none."""
    return pl.col(name).str.to_date("%Y-%m-%d", strict=False)


def number(name: str, kind: pl.DataType) -> pl.Expr:
    """Return a number, or null where the text is none."""
    text = pl.when(pl.col(name).str.contains(NUMBER)).then(pl.col(name))
    return text.cast(kind, strict=False)


def typed(
    frame: pl.LazyFrame, kinds: dict[str, pl.Expr], required: list[str]
) -> pl.LazyFrame:
    """Type columns; ``is_faulty`` tells where a text was missing or unreadable."""
    values = [value.alias(f"{name} typed") for name, value in kinds.items()]
    unread = [
        pl.col(f"{name} typed").is_null() & pl.col(name).is_not_null() for name in kinds
    ]
    missing = [pl.col(name).is_null() for name in required]
    return (
        frame.with_columns(values)
        .with_columns(is_faulty=pl.any_horizontal(*unread, *missing))
        .drop(*kinds)
        .rename({f"{name} typed": name for name in kinds})
    )


def billing(
    source: Path, catalog: pl.DataFrame, target: Path
) -> tuple[Path, list[str]]:
    """Write the good rows of the invoices in force; return the faulty customers."""
    money, price = pl.Decimal(18, 2), pl.Decimal(18, 6)
    kinds = (
        {name: guid(name) for name in BILLING_GUIDS}
        | {name: date(name) for name in BILLING_DATES}
        | {name: number(name, money) for name in BILLING_MONEY}
        | {
            "UnitPrice": number("UnitPrice", price),
            "Quantity": number("Quantity", pl.Int64),
        }
    )
    is_unknown = pl.col("OfferName").str.to_lowercase().str.contains(
        "dynamics 365", literal=True
    ) & ~pl.col("DurableOfferId").is_in(catalog["durable_offer_id"].implode())
    reseller = pl.col("ResellerMpnId")
    text, ragged = text_of(live_invoices(source))
    frame = typed(text, kinds, BILLING_REQUIRED).with_columns(
        is_faulty=pl.any_horizontal(
            "is_faulty",
            pl.col("Quantity") < 0,
            pl.col("ChargeEndDate") < pl.col("ChargeStartDate"),
            is_unknown,
        ).fill_null(value=False),
        ResellerMpnId=pl.when(~reseller.is_in(["-1", "0"])).then(reseller),
    )
    good = frame.filter(~pl.col("is_faulty")).drop("is_faulty")
    bad = frame.filter("is_faulty").select("CustomerId")
    written = good.sink_parquet(
        target, compression="zstd", compression_level=1, lazy=True
    )
    _, faulty = pl.collect_all([written, bad], engine="streaming")
    named = [faulty["CustomerId"].drop_nulls(), ragged["customer_id"]]
    return target, pl.concat(named).to_list()


def usage(source: Path) -> tuple[pl.DataFrame, list[str], bool]:
    """Return the licences assigned on the last day, and the faulty customers."""
    kinds = {
        "SnapshotDate": date("SnapshotDate"),
        "CustomerTenantId": guid("CustomerTenantId"),
        "SubscriptionId": guid("SubscriptionId"),
        "AvailableSeats": number("AvailableSeats", pl.Int64),
        "AssignedSeats": number("AssignedSeats", pl.Int64),
    }
    required = ["SnapshotDate", "CustomerTenantId", "SubscriptionId", "AssignedSeats"]
    flag = pl.col("IsDuplicateRowForPGA")
    text, ragged = text_of(usage_files(source))
    frame = (
        typed(text, kinds, required)
        .with_columns(
            is_faulty=pl.any_horizontal(
                "is_faulty",
                pl.col("AssignedSeats") < 0,
                pl.col("AvailableSeats") < 0,
                ~flag.is_in(["0", "1"]).fill_null(value=False),
            ).fill_null(value=False)
        )
        .collect(engine="streaming")
    )
    today = pl.col("SnapshotDate") == LAST_DAY
    sound = frame.filter(~pl.col("is_faulty"), today)
    newest = sound["path"].max() or ""
    faulty = frame.filter(
        "is_faulty",
        pl.col("SnapshotDate").is_null() | today,
        pl.col("path") >= newest,
    )
    torn = ragged.filter(pl.col("path") >= newest)
    assigned = sound.filter(pl.col("path") == newest, flag == "0").select(
        "AssignedSeats",
        customer_id="CustomerTenantId",
        subscription_id="SubscriptionId",
    )
    named = [faulty["CustomerTenantId"].drop_nulls(), torn["customer_id"]]
    return assigned, pl.concat(named).to_list(), bool(newest)


def timeline(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return the stretches of equal seats of each subscription."""
    came = rows.select(*SUBSCRIPTION, day="from_date", change="seats")
    went = rows.select(
        *SUBSCRIPTION, day=pl.col("to_date").dt.offset_by("1d"), change=-pl.col("seats")
    )
    return (
        pl.concat([came, went])
        .group_by(*SUBSCRIPTION, "day")
        .agg(pl.col("change").sum())
        .filter(pl.col("change") != 0)
        .sort(*SUBSCRIPTION, "day")
        .select(
            *SUBSCRIPTION,
            from_date="day",
            to_date=pl.col("day").shift(-1).over(SUBSCRIPTION).dt.offset_by("-1d"),
            seats=pl.col("change").cum_sum().over(SUBSCRIPTION),
        )
        .filter(pl.col("seats") != 0)
    )


def counted(
    target: Path, catalog: pl.DataFrame, assigned: pl.DataFrame, has_snapshot: bool
) -> list[Candidate]:
    """Return every candidate with what counts for it."""
    known = pl.scan_parquet(target).select(
        "position",
        "ChargeType",
        "Amount",
        "Quantity",
        partner_id="ResellerMpnId",
        customer_id="CustomerId",
        subscription_id="SyndicationPartnerSubscriptionNumber",
        durable_offer_id="DurableOfferId",
        from_date="ChargeStartDate",
        to_date="ChargeEndDate",
    )
    offers = catalog.lazy().filter(pl.col("counts_as_seat") | pl.col("is_purchase"))
    dynamics = known.join(
        offers.select("durable_offer_id", "counts_as_seat", "is_purchase"),
        on="durable_offer_id",
    )
    held = dynamics.group_by(SUBSCRIPTION).agg(pl.col("counts_as_seat").any())
    is_offset = pl.col("ChargeType").str.to_lowercase() == "offset a line item"
    rows = dynamics.filter(
        pl.col("Amount") != 0, ~is_offset.fill_null(value=False)
    ).with_columns(seats=pl.col("Amount").sign().cast(pl.Int64) * pl.col("Quantity"))
    owners, campaign, purchased, held_now = pl.collect_all(
        [
            owners_of(known.join(held, on=SUBSCRIPTION, how="semi")),
            timeline(rows.filter("counts_as_seat")),
            timeline(rows.filter("is_purchase")),
            held,
        ],
        engine="streaming",
    )
    first_purchases = purchased.filter(pl.col("seats") > 0).group_by("customer_id")
    return facts(
        campaign.join(owners, on=SUBSCRIPTION),
        first_purchases.agg(first_purchased_on=pl.col("from_date").min()),
        assigned.join(held_now.filter("counts_as_seat"), on=SUBSCRIPTION).join(
            owners, on=SUBSCRIPTION
        ),
        has_snapshot,
    )


def owners_of(known: pl.LazyFrame) -> pl.LazyFrame:
    """Return the one partner that each subscription belongs to."""
    started = known.filter(pl.col("from_date") <= LAST_DAY).sort(
        "from_date", "position"
    )
    every = known.sort("from_date", "position")
    last = started.group_by(SUBSCRIPTION).agg(
        pl.col("partner_id").last(), has_started=pl.lit(value=True)
    )
    first = every.group_by(SUBSCRIPTION).agg(
        first_partner_id=pl.col("partner_id").first()
    )
    return first.join(last, on=SUBSCRIPTION, how="left").select(
        *SUBSCRIPTION,
        partner_id=pl.when("has_started")
        .then("partner_id")
        .otherwise("first_partner_id"),
    )


def facts(
    campaign: pl.DataFrame,
    first_purchases: pl.DataFrame,
    assigned: pl.DataFrame,
    has_snapshot: bool,
) -> list[Candidate]:
    """Return the candidates with their beginnings and their seats."""
    pair = ["partner_id", "customer_id"]
    positive = campaign.filter(pl.col("seats") > 0)
    starts = positive.group_by(*SUBSCRIPTION, "partner_id").agg(
        pl.col("from_date").min()
    )
    first = starts.filter(
        pl.col("from_date") == pl.col("from_date").min().over("customer_id")
    )
    onboarding = first.group_by("customer_id").agg(
        onboarded_on=pl.col("from_date").first(),
        onboarders=pl.col("partner_id").n_unique(),
    )
    onboarders = first.select(*pair, is_onboarder=pl.lit(value=True)).unique()
    last_day = pl.lit(LAST_DAY).is_between("from_date", "to_date")
    billed = campaign.filter(last_day).group_by(pair).agg(billed=pl.col("seats").sum())
    licences = assigned.group_by(pair).agg(assigned=pl.col("AssignedSeats").sum())
    found = (
        positive.filter(pl.col("from_date") <= LAST_DAY, pl.col("to_date") >= FIRST_DAY)
        .select(pair)
        .unique()
        .join(onboarding, on="customer_id")
        .join(onboarders, on=pair, how="left", nulls_equal=True)
        .join(billed, on=pair, how="left", nulls_equal=True)
        .join(licences, on=pair, how="left", nulls_equal=True)
        .join(first_purchases, on="customer_id", how="left")
    )
    return [
        Candidate(
            row["partner_id"],
            row["customer_id"],
            row["onboarded_on"],
            bool(row["is_onboarder"]),
            row["onboarders"],
            row["billed"] or 0,
            (row["assigned"] or 0) if has_snapshot else None,
            row["first_purchased_on"],
        )
        for row in found.iter_rows(named=True)
    ]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
