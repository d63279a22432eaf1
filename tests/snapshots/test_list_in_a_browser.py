"""The list of findings in a real browser: narrowed by its address, sorted, and downloaded."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from html import unescape

import pytest

from tests.snapshots.made_up_results import FINDING_COLUMNS, findings, write_csv
from tests.snapshots.pages import made

BROWSER = next((found for name in ("chromium", "chromium-browser", "google-chrome", "chrome") if (found := shutil.which(name))), None)
pytestmark = [pytest.mark.slow, pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")]
# Takes the place of the download: what it would hold stands in the page.
CAUGHT = """<script>URL.createObjectURL = function (blob) { blob.text().then(function (text) {
  var place = document.createElement("pre"); place.id = "caught"; place.textContent = JSON.stringify(text); document.body.append(place); }); return "#"; };
window.addEventListener("load", function () { document.querySelectorAll("#list-filter button")[0].click(); });</script></body>"""


@pytest.fixture(scope="module")
def page(folder, tmp_path_factory):
    """The page with cells that a spreadsheet program would take for formulas."""
    other = tmp_path_factory.mktemp("browser") / "results"
    shutil.copytree(folder, other)
    rows = findings(600)
    for row, value in zip(rows[10:], ("=1+1", "+SUM(A1)", "-12.5", "@here", ' "quoted", twice'), strict=False):
        row |= {"site": "philippi", "status": "open", "severity": "error", "age_days": "99", "value": value, "comment": "the record is no longer in the export"}
    write_csv(other / "clean/queries.csv", FINDING_COLUMNS, rows)
    path = other / "page.html"
    path.write_text(made(other, path, "data_quality").replace("</body>", CAUGHT), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def opened(page, tmp_path_factory):
    """A function that gives the page's document after its scripts ran at an address."""
    def dump(address):
        profile = tmp_path_factory.mktemp("profile")
        done = subprocess.run([BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", f"--user-data-dir={profile}", "--virtual-time-budget=4000",
                               "--dump-dom", f"file://{page}{address}"], capture_output=True, text=True, timeout=120, check=False)
        if "<html" not in done.stdout:
            pytest.skip(f"the browser does not start here: {done.stderr.strip().splitlines()[-1:]}")
        return done.stdout

    return dump


def shown(text):
    """The rows that are not hidden, as the texts of their cells."""
    rows = re.findall(r'<tr id="q-[^"]*"([^>]*)>(.*?)</tr>', re.search(r'<table class="list".*?</table>', text, re.DOTALL)[0], re.DOTALL)
    return [[unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)] for facts, row in rows if "hidden" not in facts]


def head(text):
    """The head of the list."""
    return re.search(r'<table class="list".*?</thead>', text, re.DOTALL)[0]


def caught(text):
    """What the download holds."""
    content = json.loads(unescape(re.search(r'<pre id="caught">(.*?)</pre>', text, re.DOTALL)[1]))
    return list(csv.DictReader(content.removeprefix("\ufeff").splitlines(keepends=True)))


def test_oldest_open_findings_of_a_site(opened):
    text = opened("#list&site=philippi&status=unresolved&sort=age&order=down")
    rows = shown(text)
    assert {row[4] for row in rows} == {"philippi"}
    assert not {row[1] for row in rows} & {"resolved", "accepted"}
    ages = [int(row[2]) for row in rows]
    assert ages == sorted(ages, reverse=True)
    assert ages[0] == 99
    assert 'class="age" aria-sort="descending"' in head(text)
    assert head(text).count("aria-sort=") == 1
    assert f"{len(rows)} of 600 findings match" in text
    lines = caught(text)
    assert [(line["record"], line["age_days"]) for line in lines] == [(row[3], row[2]) for row in rows]
    assert {line["value"] for line in lines if line["age_days"] == "99"} == {"'=1+1", "'+SUM(A1)", "-12.5", "'@here", ' "quoted", twice'}
    assert {line["comment"] for line in lines if line["age_days"] == "99"} == {"the record is no longer in the export"}
    assert all(re.fullmatch(r"q\d{6}", line["query_id"]) for line in lines)


def test_all_filters_together(opened):
    rows = shown(opened("#list&severity=error&form=study_visit&rule=date_in_future&age=30&text=SYN-0%20month&sort=record&order=up"))
    assert rows
    for row in rows:
        assert row[0] == "error"
        assert int(row[2]) >= 30
        assert row[3].startswith("SYN-0")
        assert row[5].startswith("study_visit")
        assert row[7].endswith("date_in_future")
    assert [row[3] for row in rows] == sorted(row[3] for row in rows)


def test_comments_are_searched(opened):
    assert {row[2] for row in shown(opened("#list&text=longer%20export"))} == {"99"}


def test_page_opens_with_everything_and_the_first_rows_on_the_screen(opened):
    text = opened("")
    assert len(shown(text)) == 600
    assert text.count('class="later"') == 400
    assert "All 600 findings match; the first 200 are on the screen" in text
    assert "Show 200 more" in text
    assert 'href="#list&amp;site=' in text
    order = [row[0] for row in shown(text) if row[1] not in ("resolved", "accepted")]
    assert order == sorted(order, key=["error", "warning", "info"].index)


def test_address_that_means_nothing_shows_nothing_wrong(opened):
    text = opened("#list&site=nowhere&sort=nothing&%E0%A4%A")
    assert "0 of 600 findings match" in text
    assert "aria-sort" not in head(text)
