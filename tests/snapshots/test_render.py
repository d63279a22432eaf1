"""The four pages on made-up results: well formed, escaped, bound to their estimates, blind where they must be, and the same every time."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from pacer_analysis.results import CurvePoint, read_estimates, write_curves
from tests.snapshots.made_up_results import NASTY, plan, write
from tests.snapshots.pages import FOLDERS, REPORTS, Page, made


@pytest.fixture(scope="module")
def interim(tmp_path_factory):
    return write(tmp_path_factory.mktemp("results") / "interim", kind="interim")


@pytest.mark.parametrize("report", REPORTS)
def test_page_is_well_formed_and_points_only_into_itself(pages, report):
    page = Page(pages[report])
    assert len(page.ids) == len(set(page.ids))
    assert set(page.targets) <= set(page.ids)
    assert page.outside == []
    assert page.figures == ["img"] * len(page.figures)
    assert page.scripts == 2
    assert not re.search(r"https?://|@import|url\(", pages[report])


@pytest.mark.parametrize("report", REPORTS[1:])
def test_every_number_of_a_results_table_is_bound_to_an_estimate_that_exists(pages, folder, report):
    page = Page(pages[report])
    known = {row.id for row in read_estimates(folder / FOLDERS[report] / "estimates.csv")}
    assert len(page.estimates) > 50
    assert set(page.estimates) <= known
    quality_tables = pages[report].count('id="table-by-severity"') + pages[report].count('id="table-closed-rules"')
    loose = [text for text in page.loose if not text.strip().isdigit()] if quality_tables else page.loose
    assert loose == []


@pytest.mark.parametrize("report", REPORTS[1:])
def test_panel_knows_every_number_on_the_page(pages, report):
    facts = json.loads(re.search(r'<script type="application/json" id="estimates">(.*?)</script>', pages[report], re.DOTALL)[1])
    assert set(Page(pages[report]).estimates) <= set(facts)


@pytest.mark.parametrize("report", REPORTS)
def test_same_bytes_every_time(pages, folder, tmp_path, report):
    assert made(folder, tmp_path / "again.html", report) == pages[report]


def test_free_text_is_escaped(pages):
    assert "<script>alert" not in pages["data_quality"]
    assert "onerror=1>" not in pages["data_quality"]
    assert NASTY.split("<img")[0].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;").replace("'",
            "&#39;") in pages["data_quality"]


@pytest.mark.parametrize("report", ["data_quality", "open"])
def test_open_pages_show_nothing_by_arm(pages, report):
    """The labels of the arms stand in the description of the design and nowhere else; no code, class or estimate has an arm."""
    text = pages[report]
    body = re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    body = re.sub(r'<section id="methods".*?</section>', "", body, flags=re.DOTALL)
    body = body.replace(plan().title, "")
    labels = [arm.label for arm in plan().arms.values()]
    assert not any(label in body for label in labels)
    assert not re.search(r'class="[^"]*arm-\d', body)
    assert not re.search(r"\bArm [A-Z]\b", body)
    assert not any(f":{arm}:" in estimate for arm in (*plan().arms, "A", "B") for estimate in Page(text).estimates)


def test_open_page_has_no_record(pages):
    assert "SYN-0" not in pages["open"]


def test_closed_page_knows_arms_by_code_only(pages):
    text = re.sub(r'<section id="methods".*?</section>', "", pages["closed"], flags=re.DOTALL)
    assert "Arm A" in text
    assert not any(f"{arm.label}<" in text for arm in plan().arms.values())


def test_closed_page_begins_with_completeness_and_safety_under_the_numbers_of_the_open_page(pages):
    def order(text):
        return re.findall(r'<h2 id="title-(\w+)"><span class="n">(\d+)</span>', text)

    assert [name for name, _ in order(pages["closed"])][:2] == ["completeness", "safety"]
    assert dict(order(pages["closed"])) == dict(order(pages["final"]))
    assert dict(order(pages["open"])).items() <= dict(order(pages["closed"])).items()


def test_interim_closed_page_says_what_is_withheld(interim, tmp_path):
    text = made(interim, tmp_path / "closed.html", "closed", "interim")
    assert "Withheld: no look is planned at this cut." in text
    assert "Risk ratio" not in text
    assert 'id="table-safety"' in text


@pytest.mark.parametrize(("report", "shown"), [("data_quality", False), ("open", False), ("closed", True), ("final", True)])
def test_banners(pages, report, shown):
    assert ("CONFIDENTIAL" in pages[report]) is shown
    assert "SYNTHETIC DATA" in pages[report]


def test_synthetic_banner_is_decided_by_the_data(folder, tmp_path):
    facts = json.loads((folder / "clean/cut.json").read_text())
    other = write(tmp_path / "real", kind="final")
    (other / "clean/cut.json").write_text(json.dumps(facts | {"synthetic": False}))
    assert "SYNTHETIC DATA" not in made(other, tmp_path / "open.html", "open")


def test_headline_stands_in_the_final_page_only(pages):
    assert [report for report in REPORTS if 'id="result"' in pages[report]] == ["final"]
    headline = re.search(r'<section id="result".*?</section>', pages["final"], re.DOTALL)[0]
    assert "risk difference 8.2 percentage points (95% CI 0.1 to 16.3; p = 0.048)" in headline
    assert "Adjusted for referral area, viral load below 50 at enrolment, age, time on ART at enrolment" in headline
    assert "Adherence Club 76.5%" in headline  # 0.85 * 0.9, the standardised proportion, not the crude one


def test_choice_of_service_is_never_called_an_effect(folder, tmp_path):
    text = made(folder, tmp_path / "choice.html", "final", trial=replace(plan(), assignment="choice"))
    headline = re.search(r'<section id="result".*?</section>', text, re.DOTALL)[0]
    assert "djusted association of" in headline
    assert "ffect" not in headline
    assert "CONSORT" not in text


def test_sections_without_results_are_left_out_and_unknown_ones_are_titled_from_their_id(folder, tmp_path):
    trial = plan()
    kept = {name: replace(analysis, section="growth_of_children") if name == "deviations" else analysis for name, analysis in trial.analyses.items()
            if analysis.section in ("safety", "deviations")}
    text = made(folder, tmp_path / "other.html", "final", trial=replace(trial, analyses=kept))
    assert re.findall(r'<h2 id="title-\w+"><span class="n">\d+</span> ([^<]+)</h2>', text) == ["Safety", "Adherence to the protocol",
                                                                                               "Growth of children"]
    assert 'href="#section-suppression"' not in text


def test_estimator_without_a_table_of_its_own_gets_a_general_one(folder, tmp_path):
    trial = plan()
    analyses = trial.analyses | {"retention_hazard": replace(trial.analyses["retention_hazard"], estimator="something_new")}
    text = made(folder, tmp_path / "new.html", "final", trial=replace(trial, analyses=analyses))
    assert 'id="table-retention_hazard"' in text


def test_large_trial_stays_under_ten_megabytes(tmp_path):
    results = write(tmp_path / "large", queries=5000, kind="final")
    points = [CurvePoint(f"retention_curve:{arm}:", float(place) * 800 / 50_000, 1 - 0.3 * place / 50_000, 0.69 - 0.3 * place / 50_000, 1.0,
                         50_001 - place, 1, 0)
              for arm in ("club", "clinic") for place in range(1, 50_001)]
    write_curves(results / "restricted/final/curves.csv", points)
    for report in REPORTS:
        text = made(results, tmp_path / f"{report}.html", report)
        assert len(text.encode()) < 10_000_000
    listed = (tmp_path / "data_quality.html").read_text(encoding="utf-8")
    assert listed.count('<tr id="q-') == 5000
    assert "All 5000 findings are listed" in listed
    assert len(listed.encode()) < 3_000_000
