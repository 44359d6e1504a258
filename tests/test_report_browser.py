"""The pages in a browser: on a phone, a tablet, a desk, and on paper."""

from __future__ import annotations

import pytest

from pipelines.quality_page import quality_html, read_quality
from tests.browser import CONTRASTS, browser, needs_chromium, opened

pytestmark = needs_chromium

WIDTHS = (360, 768, 1280)
# Enough for small text: level AA of the guidelines for web content.
LEAST_CONTRAST = 4.5
OVERFLOWING = """
() => [...document.querySelectorAll("body *:not(svg, svg *)")]
  .filter((node) => node.clientWidth && node.scrollWidth > node.clientWidth + 1)
  .filter((node) => !["inline", "contents"].includes(getComputedStyle(node).display))
  .map((node) => `${node.tagName} ${node.className}: ${node.textContent.slice(0, 40)}`)
"""
NARROWEST_LINE = """
() => Math.min(...[...document.querySelectorAll(".guid, .option")].flatMap((node) => {
  const text = document.createRange();
  text.selectNodeContents(node);
  return [...text.getClientRects()].map((line) => line.width);
}))
"""


@pytest.fixture(scope="module")
def chromium():
    """One browser for all of them."""
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def pages(sample_run, tmp_path_factory):
    """The page of the run, and the page of its checks."""
    quality = tmp_path_factory.mktemp("pages") / "quality.html"
    html = quality_html("0123abcd", read_quality(sample_run.path))
    quality.write_text(html, encoding="utf-8")
    return {"report": sample_run.path / "report.html", "quality": quality}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["report", "quality"])
def test_nothing_is_cut_and_nothing_is_fetched(chromium, pages, name, width):
    """No part is wider than its place, nothing is complained of, no network."""
    with opened(chromium, pages[name], width, "light") as seen:
        seen.page.evaluate(
            "document.querySelectorAll('details').forEach((part) => (part.open = true))"
        )
        seen.page.wait_for_function(
            "[...document.querySelectorAll('.wide')]"
            ".every((part) => part.scrollWidth <= part.clientWidth + 1)"
        )

        assert seen.page.evaluate("document.documentElement.scrollWidth") == width
        assert seen.page.evaluate(OVERFLOWING) == []
        assert seen.complaints == []
        assert seen.requests == [pages[name].as_uri()]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_of_an_id_or_an_option_is_a_lone_sign(chromium, pages, width):
    """An id breaks between its groups, a command before its options."""
    with opened(chromium, pages["report"], width, "light") as seen:
        narrowest = seen.page.evaluate(NARROWEST_LINE)

    assert narrowest > 25


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_told_from_what_is_behind_it(chromium, pages, scheme):
    """By day and by night."""
    with opened(chromium, pages["report"], 1280, scheme) as seen:
        found = seen.page.evaluate(CONTRASTS)

    assert len(found) > 4
    assert {k: v for k, v in found.items() if v < LEAST_CONTRAST} == {}


def test_tables_are_sorted_by_keyboard(chromium, pages):
    """Enter on a heading sorts, once more turns it round; numbers are numbers."""
    with opened(chromium, pages["report"], 1280, "light") as seen:
        table = seen.page.locator("table", has_text="Partners with any candidate")
        heading = table.locator("th[scope=col]", has_text="Payable")
        heading.locator("button").focus()
        seen.page.keyboard.press("Enter")
        assert heading.get_attribute("aria-sort") == "ascending"
        seen.page.keyboard.press("Enter")
        assert heading.get_attribute("aria-sort") == "descending"
        amounts = [
            float(text.replace(",", ""))
            for text in table.locator("tbody td:nth-child(4)").all_text_contents()
        ]

    assert amounts == sorted(amounts, reverse=True)
    assert amounts[0] > amounts[-1]


def test_a_customer_is_found_by_keyboard(chromium, pages):
    """What is typed leaves its rows alone, and says how many they are."""
    with opened(chromium, pages["report"], 360, "light") as seen:
        search = seen.page.get_by_label("Search customers, partners, rules")
        rows = seen.page.get_by_role("table", name="Candidates", exact=True)
        rows = rows.locator("tbody tr")
        wanted = rows.nth(7).locator("th").text_content()
        search.focus()
        seen.page.keyboard.type(wanted.upper())
        seen.page.wait_for_function(
            "[...document.querySelectorAll('[role=status]')].some((s) => s.textContent)"
        )

        assert rows.locator("visible=true").locator("th").all_text_contents() == [
            wanted
        ]
        assert seen.page.get_by_role("status").filter(has_text=f"1 of {rows.count()}")


def test_it_is_read_without_its_script(chromium, pages):
    """Sorting and searching are a help; the figures do not need them."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(pages["report"].as_uri())

    assert page.locator("table").count() > 10
    assert page.locator("input, th button").count() == 0
    assert page.get_by_text("Payable", exact=True).is_visible()
    context.close()


def test_it_is_printed_on_pages_of_paper(chromium, pages):
    """Nothing is wider than the sheet, and a sheet holds no controls."""
    with opened(chromium, pages["report"], 1280, "light") as seen:
        paper = seen.page.pdf(format="A4")
        seen.page.emulate_media(media="print")
        seen.page.set_viewport_size({"width": 688, "height": 1000})

        assert paper.startswith(b"%PDF")
        assert seen.page.evaluate("document.documentElement.scrollWidth") == 688
        assert not seen.page.locator("nav, .search").locator("visible=true").count()


def test_every_control_and_table_has_a_name(chromium, pages):
    """For those who listen: a language, one heading, captions, labels."""
    with opened(chromium, pages["report"], 1280, "light") as seen:
        page = seen.page
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.locator("h1").count() == 1
        assert page.locator("table:not(:has(caption))").count() == 0
        assert page.locator("th:not([scope])").count() == 0
        assert (
            page.locator("svg:not([aria-hidden]):not([aria-labelledby])").count() == 0
        )
        for each in page.locator("input").all():
            name = each.get_attribute("id")
            assert page.locator(f"label[for={name}]").count() == 1
