"""The dictionary of data/README.md: every column that is there, and no other."""

from __future__ import annotations

import json
import re

import pyarrow.parquet as pq
import pytest

from pipelines.feeds import FEEDS
from pipelines.outputs import TABLES, schema
from pipelines.paths import PROJECT_DIR

TEXT = (PROJECT_DIR / "data" / "README.md").read_text(encoding="utf-8")
PLACE_COLUMNS = ["source_file", "source_row", "delivered_on", "invoice_number"]
# What a word of the dictionary's column "type" is in Parquet.
TYPES = {
    "text": {"string"},
    "date": {"date32[day]"},
    "whole": {"int32", "int64"},
    "money": {"decimal128(18, 2)"},
    "price": {"decimal128(18, 6)"},
    "yes/no": {"bool"},
    "list": {"list<element: string>", "list<item: string>"},
}


def described(title):
    """Return the columns of a section with their types, in order."""
    rows = re.findall(
        r"^\| `(\w+)` \| ([\w/]+) \| \S", section(title), flags=re.MULTILINE
    )
    assert len(dict(rows)) == len(rows), f"a column of {title} is there twice"
    return dict(rows)


def section(title):
    """Return the text under one heading."""
    (text,) = re.findall(
        rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", TEXT, flags=re.MULTILINE | re.DOTALL
    )
    return text


def assert_describes(title, found, more=()):
    """Names and order are the same, and each type is what its word says."""
    words = described(title)

    assert [*words, *more] == found.names
    for name, word in words.items():
        assert str(found.field(name).type) in TYPES[word], name


def assert_says_so(path):
    """Each column of a file means something, and the file itself says what."""
    said = json.loads(pq.read_metadata(path).metadata[b"columns"])

    assert list(said) == pq.read_schema(path).names
    assert all(said.values())


def typed_files(home, folder, feed):
    """Return the typed files of a feed; there are some."""
    files = sorted((home / folder / feed).glob("*/*.parquet"))
    assert files
    return files


def test_every_table_is_described_and_none_is_invented():
    """A heading for each table and each kind of typed file."""
    headings = re.findall(r"^## (\S+)$", TEXT, flags=re.MULTILINE)
    validated = [f"validated/{feed}" for feed in FEEDS]
    documents = ["data_quality.json", "manifest.json", "report.html"]
    batch = ["payout.csv", "payouts/manifest.json", "approval.json"]
    typed = ["validated", *validated, "quarantine"]

    assert headings == [*TABLES, *documents, *batch, *typed]


@pytest.mark.parametrize("table", TABLES)
def test_a_published_table_is_described(table, sample_run):
    """As it is declared, and as it lies in the run's folder."""
    assert_describes(table, schema(table))
    assert_describes(table, pq.read_schema(sample_run.path / f"{table}.parquet"))
    assert_says_so(sample_run.path / f"{table}.parquet")


@pytest.mark.parametrize("feed", FEEDS)
def test_typed_rows_are_described(feed, sample_run, sample_home):
    """Of every feed, with where each row came from behind its columns."""
    assert sample_run.path.is_relative_to(sample_home)

    assert list(described("validated")) == PLACE_COLUMNS
    for path in typed_files(sample_home, "validated", feed):
        found = pq.read_schema(path)
        assert_describes(f"validated/{feed}", found, more=PLACE_COLUMNS)
        assert_says_so(path)


@pytest.mark.parametrize("feed", FEEDS)
def test_faulty_rows_are_described(feed, sample_run, sample_home):
    """The quarantine looks the same, whatever the feed."""
    assert sample_run.path.is_relative_to(sample_home)

    for path in typed_files(sample_home, "quarantine", feed):
        assert_describes("quarantine", pq.read_schema(path))
        assert_says_so(path)


@pytest.mark.parametrize("name", ["data_quality.json", "manifest.json"])
def test_every_key_of_a_document_is_described(name, sample_run):
    """Keys that belong together may share a line."""
    rows = re.findall(r"^\| (`.*?`) \| \S", section(name), flags=re.MULTILINE)
    keys = [key for row in rows for key in re.findall(r"`(\w+)`", row)]
    document = json.loads((sample_run.path / name).read_text(encoding="utf-8"))

    assert sorted(keys) == sorted(document)


def test_a_run_has_no_other_files(sample_run):
    """Whatever lies in its folder has a heading."""
    found = {path.name.removesuffix(".parquet") for path in sample_run.path.iterdir()}
    headings = set(re.findall(r"^## (\S+)$", TEXT, flags=re.MULTILINE))

    assert found <= headings
