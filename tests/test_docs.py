"""What the pages say is there, is there; what they quote is what users see."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
import tomllib
from decimal import Decimal

import click
import pytest

from pipelines import __version__
from pipelines.cli import main
from pipelines.errors import CashbackError
from pipelines.feeds import FEEDS
from pipelines.paths import PROJECT_DIR
from pipelines.summary import run_summary, summary_text

DOCS = PROJECT_DIR / "docs"
README = PROJECT_DIR / "README.md"
PAGES = sorted(
    {
        *PROJECT_DIR.glob("*.md"),
        *DOCS.rglob("*.md"),
        *PROJECT_DIR.glob("[!.]*/**/README.md"),
    }
)
RUNBOOKS = sorted(DOCS.glob("runbooks/*.md"))
TOPS = "benchmarks|dags|data|docs|expectations|locks|pipelines|sql|tests"
# What a home holds is nowhere in the project.
MADE_LATER = re.compile(r"^data/(home|bench)\b")
MAKEFILE = (PROJECT_DIR / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))
# Folders that are made on this machine, and belong to nobody else.
OWN_FOLDERS = {"dist", "__pycache__"}
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


def code_in(page):
    """Return what a page shows as code: blocks line by line, and spans.

    What a user sees is no command to give.
    """
    text = page.read_text(encoding="utf-8")
    text = re.sub(r"^```\w+\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    blocks = re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    text = re.sub(r"^```\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`]+)`", text)
    return [line.strip() for line in "\n".join([*blocks, *spans]).splitlines()]


def table_under(heading):
    """Return the first cells of a table of the README, by its first heading."""
    text = README.read_text(encoding="utf-8")
    (rows,) = re.findall(rf"^\| {heading} \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.M)
    return [row.split("|")[1].strip().strip("`") for row in rows.splitlines()]


def options_of(command):
    """Return the options that a command takes, its help among them."""
    return {
        name
        for parameter in command.params
        for name in parameter.opts
        if name.startswith("-")
    } | {"-h", "--help"}


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


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_command_that_is_named_exists(page):
    """With each of its options."""
    for line in code_in(page):
        words = line.split()
        if words[:1] != ["cashback"] or len(words) == 1:
            continue
        names = [word for word in words[1:] if not word.startswith("-")]
        command = main
        if names and names[0] != "COMMAND":
            assert names[0] in main.commands, line
            command = main.commands[names[0]]
            if isinstance(command, click.Group) and len(names) > 1:
                assert names[1] in command.commands, line
                command = command.commands[names[1]]
        allowed = options_of(command) | options_of(main)
        used = re.findall(r"(?<!\S)--?[a-z][\w-]*", line)
        assert set(used) <= allowed, line


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_make_target_that_is_named_exists(page):
    """A typed target that is not there is the worst of welcomes."""
    for line in code_in(page):
        words = line.partition("#")[0].split()
        if words[:1] == ["make"]:
            targets = {word for word in words[1:] if "=" not in word}
            assert targets <= TARGETS, line


def test_the_makefile_shows_all_of_its_targets():
    """What can be made is in ``make help``."""
    (phony,) = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)

    assert len(TARGETS) > 8
    assert set(phony.split()) == TARGETS


def test_the_readme_prints_what_the_sample_run_prints(sample_run, sample_home):
    """To the letter, but for the name of the run and the place of the clone."""
    text = README.read_text(encoding="utf-8")
    shown = re.findall(r"^```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[0]
    summary = run_summary(sample_run) | {"is_new": True}

    printed = summary_text(summary).replace(str(sample_home), "data/home")

    assert printed.replace(summary["run_id"], "<run_id>") == shown.rstrip("\n")
    held = Decimal(summary["earned"]) - Decimal(summary["payable"])
    assert f"The {held:,} USD between earned and payable" in text


def test_the_readme_looks_into_a_table(sample_run, sample_home):
    """The line can be pasted, and shows rows."""
    block = next(line for line in code_in(README) if line.startswith(".venv/bin/py"))
    python, option, script = shlex.split(block)
    script = script.replace("data/home", str(sample_home))

    shown = subprocess.run(  # noqa: S603 - a line of our own page
        [sys.executable, option, script], check=True, capture_output=True, text=True
    ).stdout

    assert python == ".venv/bin/python"
    assert sample_run.path.is_relative_to(sample_home)
    assert "14 on 2019-06-30" in shown


def test_the_readme_lists_every_command_with_its_options():
    """One that is missing is one that nobody finds."""
    listed = table_under("command")
    text = README.read_text(encoding="utf-8")

    assert {line.split()[1] for line in listed} == set(main.commands)
    for command in main.commands.values():
        for parameter in command.params:
            name = parameter.opts[-1]
            word = name if isinstance(parameter, click.Option) else name.upper()
            assert f"`{word}" in text or f" {word}" in text, word


def test_the_readme_lists_every_exit_code():
    """Those of the errors, and those of success and of a mistyped command."""
    known = {error.exit_code for error in all_errors(CashbackError)}

    assert set(map(int, table_under("exit code"))) == known | {0, 2}


def all_errors(error):
    """Yield an error with all that derive from it."""
    yield error
    for derived in error.__subclasses__():
        yield from all_errors(derived)


def test_the_readme_lists_every_setting():
    """A variable that is read is a variable that is known."""
    read = {
        text
        for texts in SOURCES.values()
        for text in texts
        if re.fullmatch(r"CASHBACK_[A-Z_]+", text)
    }

    assert set(table_under("setting")) == read


def test_the_readme_maps_every_folder():
    """No more and no less than what a clone holds."""
    folders = {
        entry.name
        for entry in os.scandir(PROJECT_DIR)
        if entry.is_dir() and not entry.name.startswith(".")
    }

    assert {name.strip("/") for name in table_under("folder")} == {
        name for name in folders - OWN_FOLDERS if not name.endswith(".egg-info")
    }


def test_there_is_one_version():
    """The command says the one that is installed."""
    project = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text("utf-8"))

    assert project["project"]["version"] == __version__
    assert f"## {__version__}" in (PROJECT_DIR / "CHANGELOG.md").read_text("utf-8")


def test_every_dependency_has_its_reason():
    """Each direct one of pyproject.toml, and none that is gone."""
    project = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text("utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    text = (DOCS / "dependencies.md").read_text(encoding="utf-8")
    for others in (
        *PROJECT_DIR.glob("*/peers/requirements.in"),
        PROJECT_DIR / "pipelines" / "spark" / "requirements.in",
    ):
        wanted += re.findall(r"^[\w-]+", others.read_text("utf-8"), re.MULTILINE)
    listed = re.findall(r"^\| ([\w.-]+) \|", text, re.MULTILINE)

    assert {re.match(r"[\w.-]+", name)[0].lower() for name in wanted} == {
        name.lower() for name in listed if name != "package"
    }


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
