"""Bank account numbers are where they were received, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from pipelines.second_reading.layouts import LAYOUTS
from tests.reference.sound import REACHABLE
from tests.scenes import ANY_SHARE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenes import Scene

SECRET_NUMBERS = ("DE89370400440532013000", "98765432198", "021000021")


def test_account_numbers_are_in_the_landing_alone(scene: Scene):
    """Sound, wrong, ragged or shifted by a cell: not one byte of them elsewhere."""
    iban, number, routing = SECRET_NUMBERS
    spaced = " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
    own = {"AccountNumber": number, "RoutingNumber": routing, "Iban": ""}
    columns = LAYOUTS["bank_accounts"].columns
    path = scene.rows(
        "bank_accounts",
        REACHABLE | {"Iban": spaced},
        REACHABLE | own,
        REACHABLE | own | {"ChangedOn": "soon"},
        REACHABLE | {"Iban": iban, "MpnId": ""},
        REACHABLE | {"Iban": iban[:-1] + "1", "AccountNumber": number},
    )
    with path.open("a") as file:
        file.write(f"{iban}\n{number},{routing}\n")
        file.write(",".join([iban] * (len(columns) + 1)) + "\n")

    run = scene.run(max_quarantine_share=ANY_SHARE)

    rows = run.manifest["rows"]["bank_accounts"]
    assert (rows["read"], rows["quarantined"]) == (8, 5)
    needles = [*SECRET_NUMBERS, spaced, iban[:-1], number[:-1]]
    places = [place for place in scene.home.rglob("*") if place.is_file()]
    landed = scene.home / "landing" / "bank_accounts"
    assert any(iban.encode() in p.read_bytes() for p in places if landed in p.parents)
    for place in places:
        if landed not in place.parents:
            content = _all_text(place)
            assert not [needle for needle in needles if needle in content], place


def test_a_refused_accounts_file_does_not_show_its_content(scene: Scene):
    """A message is read by more people than the file."""
    iban = SECRET_NUMBERS[0]
    header = ",".join(LAYOUTS["bank_accounts"].columns)
    for day, content in enumerate(
        [f"{iban}\n", f'{header}\n{iban},"{iban}', f'{header}\n{iban}\xff"{iban}'], 1
    ):
        on = f"2019-08-0{day + 4}"
        path = scene.deliver("bank_accounts", content.encode("latin-1"), on=on)

        assert iban not in scene.refusal()
        assert path.exists()


def _all_text(path: Path) -> str:
    """Return every byte of a file as text, of a Parquet file unpacked too."""
    text = path.read_bytes().decode("latin-1")
    if path.suffix == ".parquet":
        file = pq.ParquetFile(path)
        text += str(file.read().to_pylist()) + str(file.metadata.to_dict())
    return text
