"""How a wrong campaign file or catalogue is refused."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from pipelines import paths
from pipelines.campaign import load_campaign
from pipelines.errors import CampaignError

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = yaml.safe_load(
    (Path(__file__).parent / "data" / "campaign_refusals.yaml").read_text()
)
SHIPPED = paths.CAMPAIGNS_DIR / "d365-smb-2019.yaml"
CATALOG = paths.REFERENCE_DIR / "sku_catalog.csv"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the shipped campaign, with its catalogue beside it."""
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "reference").mkdir()
    shutil.copy(CATALOG, tmp_path / "reference")
    return Path(shutil.copy(SHIPPED, tmp_path / "campaigns"))


@pytest.fixture
def refusal(copy: Path) -> Callable[..., str]:
    """Return a function that edits the campaign file and gives back the refusal."""

    def edit(*replacements: tuple[str, str]) -> str:
        text = copy.read_text()
        for old, new in replacements:
            assert text.count(old) == 1, f"{old!r} is not there exactly once"
            text = text.replace(old, new)
        copy.write_text(text)
        return message(copy)

    return edit


@pytest.fixture
def catalog_refusal(copy: Path) -> Callable[[str], str]:
    """Return a function that replaces the catalogue and gives back the refusal."""

    def write(text: str) -> str:
        (copy.parent.parent / "reference" / "sku_catalog.csv").write_text(text)
        return message(copy)

    return write


def message(campaign: str | Path) -> str:
    """Return the message with which *campaign* is refused."""
    with pytest.raises(CampaignError) as refused:
        load_campaign(campaign)
    text = str(refused.value)
    assert "no run was started" in text
    assert text.endswith(".")
    assert not text.endswith("..")
    assert "\n" not in text
    return text


# Refusals of a whole file.


def test_an_unknown_campaign_is_answered_with_the_known_ones() -> None:
    """The ids are the file names in data/campaigns."""
    text = message("d365-smb-2020")

    assert "'d365-smb-2020'" in text
    assert "name one of d365-smb-2019" in text


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A path is taken as it is given."""
    missing = tmp_path / "missing.yaml"

    assert f"{missing}: cannot be read (No such file" in message(missing)
    assert "cannot be read (Is a directory)" in message(tmp_path)
    assert "cannot be read" in message("\0.yaml")


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"\x80\x81\x00\xff", "is not UTF-8 text"),
        (b"\x00\x01\x02", "is not YAML"),
        (b"PK\x03\x04", "is not YAML"),
        (b"[" * 5000, "is not YAML"),
        (b"", "is empty"),
        (b"# only words\n", "is empty"),
        (b"- a\n- b\n", "is not a set of keys and values"),
        (b"a: 1\n---\nb: 2\n", "is not YAML"),
        (b"a: 1\nb: [1\n", "is not YAML"),
    ],
)
def test_a_file_that_is_no_campaign_at_all_is_refused(
    tmp_path: Path, content: bytes, wrong: str
) -> None:
    """Binary, empty, a list, several documents, an open bracket."""
    path = tmp_path / "campaign.yaml"
    path.write_bytes(content)

    assert f"campaign file {path}" in message(path)
    assert wrong in message(path)


def test_a_mistake_of_yaml_is_named_by_its_line(refusal: Callable[..., str]) -> None:
    """Line 10 opens a bracket that nothing closes."""
    text = refusal(("{value: Giacom, clause", "{value: Giacom: clause"))

    assert re.search(r"line \d+: is not YAML \(.*\)", text)


def test_a_key_that_stands_twice_is_refused_with_both_lines(
    refusal: Callable[..., str],
) -> None:
    """YAML readers keep the last one without a word."""
    text = refusal(("window:\n", "window:\n  last_day: {value: 2019-07-31}\n"))

    assert re.search(r"line \d+, window\.last_day: stands here and on line \d+", text)


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("&a [*a]", "uses an alias"),
        ("!!python/name:os.system x", "has the tag"),
        ("{? [a, b] : 1}", "has a key that is no word"),
    ],
)
def test_what_reads_in_two_ways_is_refused(
    refusal: Callable[..., str], value: str, wrong: str
) -> None:
    """Aliases, tags and keys that are no words have no use here."""
    text = refusal(("{value: Giacom, clause", f"{{value: {value}, clause"))

    assert wrong in text
    assert "provider" in text


# Refusals of one value.


def test_there_are_cases_of_refusal() -> None:
    """An empty list of cases would be no proof."""
    assert len(CASES) > 50


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_wrong_campaign_file_is_refused_in_one_clear_sentence(
    refusal: Callable[..., str], copy: Path, case: dict[str, str]
) -> None:
    """The file, the line, the dotted key, what is wrong, and what to do."""
    text = refusal((case["old"], case["new"]))

    assert text.startswith(f"campaign file {copy}, ")
    assert case["wrong"] in text
    assert f"no run was started: {case['remedy']}" in text


def test_a_refusal_names_the_line(refusal: Callable[..., str], copy: Path) -> None:
    """The line of the value that is wrong, counted as an editor counts."""
    text = refusal(("minimum: {value: 15", "minimum: {value: none"))

    lines = copy.read_text().splitlines()
    found = re.search(r", line (\d+), seats\.minimum: ", text)
    assert found
    assert lines[int(found[1]) - 1].startswith("  minimum: {value: none")


def test_two_rules_that_changed_places_are_refused(
    refusal: Callable[..., str],
) -> None:
    """The message names the first one that stands in a wrong place."""
    text = refusal(
        ("id: active_mpn", "id: between"),
        ("id: in_compliance", "id: active_mpn"),
        ("id: between", "id: in_compliance"),
    )

    assert "rules[9]: 'in_compliance' stands where 'active_mpn' belongs" in text
    assert "list the rules in the order new_to_dynamics, " in text


def test_a_day_to_pay_before_the_last_day_is_refused(
    refusal: Callable[..., str],
) -> None:
    """A campaign that ends on a Saturday cannot pay by Sunday."""
    text = refusal(
        ("last_day: {value: 2019-06-30", "last_day: {value: 2019-06-29"),
        ("{value: 90,", "{value: 1,"),
    )

    assert "payment.within_days: the last day to pay, 2019-06-28, is before" in text


# Refusals of the catalogue.

HEADER = CATALOG.read_text().splitlines()[0]
OFFER = "1a90ee13-2cb4-4785-bb0f-542813f00a37,An offer,sales,Licenses,false,true,true,"


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        pytest.param([], "its columns are nothing", id="empty"),
        pytest.param(
            [HEADER.replace("family", "families"), OFFER],
            "its columns are 'durable_offer_id, offer_name, families",
            id="another column",
        ),
        pytest.param(
            [HEADER.replace("why_not", "family"), OFFER],
            "its columns are",
            id="a column twice",
        ),
        pytest.param([HEADER], "holds no offer", id="no offer"),
        pytest.param(
            [HEADER, OFFER, OFFER.upper().replace("SALES", "sales")],
            "rows 1 and 2 have one durable_offer_id",
            id="an offer twice, in another case",
        ),
        pytest.param(
            [HEADER, OFFER.replace("1a90ee13", "1a90ee1")],
            "row 1, durable_offer_id: '1a90ee1-2cb4-4785-bb0f-542813f00a37' is no GUID",
            id="no GUID",
        ),
        pytest.param(
            [HEADER, OFFER.replace("false,true", "no,true")],
            "row 1, is_trial: 'no' is not true or false",
            id="a flag that is neither",
        ),
        pytest.param(
            [HEADER, OFFER.replace("true,true", "true,")],
            "row 1, counts_as_seat: nothing is not true or false",
            id="a blank flag",
        ),
        pytest.param(
            [HEADER, OFFER.replace("sales", " ")],
            "row 1, family: is blank",
            id="a blank family",
        ),
        pytest.param(
            [HEADER, OFFER + ",more"],
            "row 1 has 9 fields, not 8",
            id="a long row",
        ),
        pytest.param(
            [HEADER, OFFER.replace("An offer", '"An offer')],
            "is not CSV",
            id="an open quote",
        ),
    ],
)
def test_a_wrong_catalogue_is_refused(
    catalog_refusal: Callable[[str], str], rows: list[str], wrong: str
) -> None:
    """A catalogue decides money, so nothing in it is guessed."""
    text = catalog_refusal("\n".join(rows))

    assert text.startswith("SKU catalogue ")
    assert wrong in text


def test_a_binary_catalogue_is_refused(copy: Path) -> None:
    """A spreadsheet saved under the name of a CSV file."""
    path = copy.parent.parent / "reference" / "sku_catalog.csv"
    path.write_bytes(b"\xd0\xcf\x11\xe0")

    assert "is not UTF-8 text" in message(copy)
