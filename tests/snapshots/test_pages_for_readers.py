"""What a member of a monitoring board asked of the pages: origins of time, heads of printed pages, first cuts, sealed facts, coefficients, causes."""

from __future__ import annotations

import re
from dataclasses import replace

from pacer_analysis import render
from pacer_analysis.results import read_estimates, write_estimates
from tests.snapshots.made_up_results import cut, plan, write
from tests.snapshots.pages import FOLDERS, REPORTS, Page, made


def test_no_id_of_the_plan_stands_in_visible_text(pages):
    for report in ("open", "closed", "final"):
        body = re.sub(r"<(style|script).*?</\1>", "", pages[report], flags=re.DOTALL)
        body = re.sub(r'<section id="(reproducibility|findings)".*?</section>', "", body, flags=re.DOTALL)
        seen = re.sub(r"<[^>]*>", " ", body)
        ids = [name for name in (*plan().analyses, *plan().participants.variables, *plan().populations) if "_" in name]
        assert [name for name in ids if re.search(rf"\b{name}\b", seen)] == []
        assert "seed None" not in seen


def test_visits_clock_is_named_by_its_anchor_and_its_visits(pages):
    section = re.search(r'<section id="section-viraemia".*?</section>', pages["final"], re.DOTALL)[0]
    assert "Months since delivery, by the last day of each visit&#39;s window" in section
    assert "Through Month 12" in section
    assert "since randomisation" not in re.sub(r"time from randomisation", "", section)
    assert "Months since randomisation" in re.search(r'<section id="section-retention".*?</section>', pages["final"], re.DOTALL)[0]


def test_every_printed_page_says_what_it_is(pages):
    for report, title in (("data_quality", "Data quality"), ("open", "Open session"), ("closed", "Closed session"), ("final", "Final report")):
        head = re.search(r'@top-left \{ content: "([^"]*)"', pages[report])[1]
        assert head.replace("\\b7 ", "|") == f"PACER | {title} | cut 2016-06 | data to 2016-06-30"
        banner = re.search(r'@top-right \{ content: "([^"]*)"', pages[report])[1]
        assert banner.replace("\\b7 ", "|") == ("CONFIDENTIAL | SYNTHETIC DATA" if report in ("closed", "final") else "SYNTHETIC DATA")


def test_nothing_ends_a_string_of_the_style_sheet():
    from pacer_analysis.render.heads import css

    assert css('A"B</style>\\') == "A\\22 B\\3c \\2f style\\3e \\5c "


def test_boxes_become_stops_by_script_only(pages):
    for report in REPORTS:
        assert 'class="scroll" role' not in pages[report]
        page = Page(pages[report])
        assert set(re.findall(r'data-named="([^"]+)"', pages[report])) <= set(page.ids)


def test_first_cut_has_no_age_and_nothing_new(folder, tmp_path):
    path = tmp_path / "first.html"
    render.run(plan(), replace(cut("final"), previous=""), report="data_quality", results=folder, out_file=path)
    text = path.read_text(encoding="utf-8")
    assert "First cut" in text
    assert not re.search("Oldest|since the last cut|Age, days|of these new", text)
    assert "Oldest" in made(folder, tmp_path / "later.html", "data_quality")


def test_open_page_says_what_rests_on_a_sealed_field(folder, tmp_path):
    other = write(tmp_path / "blank", kind="final")
    assert "no next visit was scheduled" not in made(other, tmp_path / "a.html", "open")
    (other / "sets").mkdir()
    (other / "sets/facts.csv").write_text("fact,value\ncontacts: without a due date,165\n", encoding="utf-8")
    text = made(other, tmp_path / "b.html", "open")
    shown = re.findall(r'<section id="section-(\w+)"(?:(?!</section>).)*?In 165 dispensings', text, re.DOTALL)
    assert shown == ["primary", "retention"]
    assert "In 165 dispensings" not in made(other, tmp_path / "c.html", "closed")


def test_closed_board_puts_arm_against_arm_and_counts_sealed_findings(pages):
    board = re.search(r'<section id="status".*?</section>', pages["closed"], re.DOTALL)[0]
    assert "2 v 2" in board  # 0.9% of 206
    assert "of 206 and 206, Arm A v Arm B" in board
    assert "need the allocation" in board
    assert "The lowest visit due of the worse arm" in board
    assert " v " not in re.search(r'<section id="status".*?</section>', pages["open"], re.DOTALL)[0]


def test_coefficients_stand_last_and_have_no_p_value(pages):
    section = re.search(r'<section id="section-primary".*?</section>', pages["final"], re.DOTALL)[0]
    assert re.findall(r'id="table-([\w-]+)"', section)[-1] == "primary_odds-coefficients"
    table = section[section.index('id="table-primary_odds-coefficients"'):]
    assert ">p</th>" not in table
    assert "Parity" in table
    assert "Parity" not in re.sub(r"<p>.*?</p>", "", section[:section.index('id="table-primary_odds-coefficients"')])


def test_competing_causes_are_described_and_not_compared(folder, tmp_path):
    known = read_estimates(folder / FOLDERS["final"] / "estimates.csv")
    compared = next(row for row in known if row.analysis == "retention" and row.measure == "rd")
    death = replace(compared, id="retention:death:rd", term="death", estimate=0.4321)
    other = write(tmp_path / "causes", kind="final")
    write_estimates(other / FOLDERS["final"] / "estimates.csv", [*known, death])
    text = made(other, tmp_path / "final.html", "final")
    assert "retention:death:rd" not in Page(text).estimates


def test_nothing_stands_where_the_plan_says_nothing(folder, tmp_path):
    text = made(folder, tmp_path / "bare.html", "open", trial=replace(plan(), registration="", sample_size={}))
    assert re.search(r'<p class="kicker">PACER</p>', text)
    assert "&middot; &middot;" not in text
    tile = re.search(r'<li class="tile">.*?</li>', text, re.DOTALL)[0]
    assert "Randomised" in tile
    assert 'class="rule"' not in tile
    assert "planned" not in tile


def test_command_names_folders_of_the_reader(pages):
    assert "pacer run PLAN --cut 2016-06 --exports EXPORTS --results RESULTS closed" in pages["closed"]


def test_closed_page_says_which_arm_the_comparisons_are_against(pages):
    assert "<dt>Comparisons</dt><dd>against Arm A</dd>" in pages["closed"]
    assert "<dt>Comparisons</dt>" not in pages["final"] + pages["open"]


def test_methods_hold_the_derivation_of_every_endpoint_shown(pages):
    section = re.search(r'<section id="methods".*?</section>', pages["final"], re.DOTALL)[0]
    assert section.count("<dt>Derivation</dt>") == section.count('<div class="estimand">') > 1
    assert "back in care on that day counts as in care" in section
    assert "not classifiable below 20" in section
