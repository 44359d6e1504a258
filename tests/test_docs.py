"""What the pages say is there, is there; what they quote is what users see."""

from __future__ import annotations

import ast
import re

import pytest

from pipelines.feeds import FEEDS
from pipelines.paths import PROJECT_DIR

DOCS = PROJECT_DIR / "docs"
PAGES = sorted([*PROJECT_DIR.glob("*.md"), *DOCS.rglob("*.md")])
RUNBOOKS = sorted(DOCS.glob("runbooks/*.md"))
TOPS = "dags|data|docs|expectations|locks|pipelines|sql|tests"
# What a home holds is nowhere in the project.
MADE_LATER = re.compile(r"^data/(home|bench)\b")
# How a refusal says that it is one.
REFUSED = re.compile("nothing was published|no run was started")


def page_name(path):
    """Return a page as the project knows it."""
    return path.relative_to(PROJECT_DIR).as_posix()


def strings_of(path):
    """Return the texts of a Python file; what is filled in later is ``...``."""
    strings, parts = [], set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            parts.update(map(id, node.values))
            strings.append(
                "".join(
                    part.value if isinstance(part, ast.Constant) else "..."
                    for part in node.values
                )
            )
        elif isinstance(getattr(node, "value", None), str) and id(node) not in parts:
            strings.append(node.value)
    return strings


SOURCES = {
    path: strings_of(path) for path in sorted(PROJECT_DIR.glob("pipelines/**/*.py"))
}
MESSAGES = "\n".join(text for texts in SOURCES.values() for text in texts)


def fixed_parts(message):
    """Return what of a message is the same every time."""
    parts = message.removeprefix("cashback: ").split("...")
    return [part.strip(" .") for part in parts if len(part.strip(" .,;:()")) > 5]


def quoted(page):
    """Return the messages that a runbook shows under "What you see"."""
    seen = page.read_text(encoding="utf-8").partition("## What you see")[2]
    seen = seen.partition("## What it means")[0]
    blocks = re.findall(r"^```\n(.*?)^```", seen, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def anchors(page):
    """Return the places of a page that a link may lead to."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for title in titles
    }


def test_there_is_something_to_check():
    """A folder that was renamed is no pass."""
    assert len(PAGES) > 15
    assert len(RUNBOOKS) > 12
    assert len(SOURCES) > 35
    assert len(MESSAGES) > 10_000


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_link_leads_somewhere(page):
    """To a file that is there, and to a heading that it has."""
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))

    for link in links:
        if not re.match(r"[a-z]+:", link):
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize(
    "path",
    [*PAGES, *SOURCES, *PROJECT_DIR.glob("pipelines/templates/*")],
    ids=page_name,
)
def test_every_path_that_is_named_exists(path):
    """In pages, and in what the code says to its users and readers."""
    text = path.read_text(encoding="utf-8")
    text = "\n".join(SOURCES[path]) if path in SOURCES else text
    named = re.findall(rf"(?<![\w/.<-])(?:{TOPS})/[\w./*<>-]*", text)

    for name in named:
        is_pattern = re.search(r"[<>*]", name)
        if not is_pattern and not MADE_LATER.match(name):
            assert (PROJECT_DIR / name.rstrip(".")).exists(), name


@pytest.mark.parametrize("page", RUNBOOKS, ids=page_name)
def test_a_runbook_is_listed_and_says_what_to_do(page):
    """Found by what one sees, in the same three steps every time."""
    text = page.read_text(encoding="utf-8")

    if page.stem == "README":
        listed = set(re.findall(r"\]\(([\w-]+)\.md\)", text))
        assert listed == {other.stem for other in RUNBOOKS} - {"README"}
    else:
        steps = re.findall(r"^## (What .+)$", text, re.MULTILINE)
        assert steps == ["What you see", "What it means", "What to do"]
        assert quoted(page)


@pytest.mark.parametrize("page", RUNBOOKS, ids=page_name)
def test_a_runbook_quotes_messages_as_they_are(page):
    """Who looks for the words of a message finds them."""
    for message in quoted(page):
        parts = fixed_parts(message)
        assert parts, message
        for part in parts:
            assert part in MESSAGES, part


def test_every_refusal_has_a_runbook():
    """Nobody is left alone with a sentence."""
    pages = "\n".join(line for page in RUNBOOKS for line in quoted(page))
    refusals = [
        text
        for texts in SOURCES.values()
        for text in texts
        if REFUSED.search(text) and "\n" not in text.strip()
    ]

    assert len(refusals) > 15
    for refusal in refusals:
        assert all(part in pages for part in fixed_parts(refusal)), refusal


def test_the_page_of_the_feeds_describes_every_feed_and_column():
    """A column that is read is a column that is promised."""
    text = (DOCS / "feeds.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.M | re.S))

    assert set(FEEDS) <= set(sections)
    for feed in FEEDS.values():
        assert set(feed.headers) <= set(re.findall(r"`(\w+)`", sections[feed.name]))
