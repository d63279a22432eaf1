"""The data-quality page as a data manager has it: every section, the list with and without scripts, what older results lack, one export alone."""

from __future__ import annotations

import csv
import json
import re
import shutil
from urllib.parse import parse_qs

import pytest

from pacer_analysis import render
from pacer_analysis.render.findings_list import ranked
from tests.snapshots.made_up_results import FINDING_COLUMNS, NASTY, findings, write, write_csv
from tests.snapshots.pages import Page, made

NEWER = ("completeness.csv", "fields.csv", "corrections.csv", "rules_wording.csv", "monitoring.csv", "monitoring_shapes.csv", "monitoring_measures.csv", "queries.xlsx")


@pytest.fixture(scope="module")
def page(pages):
    return pages["data_quality"]


def section(text, name):
    return re.search(rf'<section id="section-{name}".*?</section>', text, re.DOTALL)[0]


def visible(text):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", re.sub(r"<(style|script).*?</\1>", "", text, flags=re.DOTALL)))


def test_sections_stand_in_the_order_of_work(page):
    assert re.findall(r'<h2 id="title-([\w-]+)"><span class="n">(\d)</span>', page) == [
        ("open-findings", "1"), ("completeness", "2"), ("monitoring", "3"), ("corrections", "4"), ("rules", "5"), ("sources", "6")]
    assert page.index('id="section-sources"') < page.index('id="queries"') < page.index('id="reproducibility"')


def test_tables_and_figures_are_numbered_by_their_section(page):
    for kind in ("Table", "Figure"):
        numbers = re.findall(rf'<span class="n">{kind} (\d)\.(\d+)</span>', page)
        for place in {first for first, _ in numbers}:
            own = [int(second) for first, second in numbers if first == place]
            assert own == list(range(1, len(own) + 1))


def test_every_figure_has_its_numbers_behind_it(page):
    blocks = re.findall(r"<figure .*?</figure>\s*(<\w+[^>]*>)", page, re.DOTALL)
    assert len(blocks) == 6
    assert set(blocks) == {'<details class="behind">'}


def test_what_stands_out_is_said_in_words_first(page):
    text = visible(section(page, "monitoring"))
    assert "5 of 13 comparisons stand out" in text
    assert "Systolic blood pressure (mmHg) study_ vis" not in text
    assert "31.0% 10.0%" in text
    assert "lines 39, 620; lines 41, 621" in text
    assert "up to 8" in text
    assert "SYN-" not in text


def test_alternative_texts_say_what_the_figures_show(page):
    said = re.findall(r"<desc[^>]*>(.*?)</desc>", page)
    assert any(text.startswith("Means by site: Systolic blood pressure (mmHg): Philippi") for text in said)
    assert any("no site lies outside" in text for text in said)
    assert any(text.startswith("Last digits: Systolic blood pressure") for text in said)


def test_corrections_are_listed_with_their_reasons(page):
    text = visible(section(page, "corrections"))
    assert "SYN-0007" in text
    assert "305 3050 Digit left out; road-to-health booklet seen T.D. 2016-06-28" in text
    assert "(blank) &lt;20 Result came late" in text


def test_rules_have_redcaps_letters(page):
    assert re.search(r"missing_<wbr>parity</th>\s*<td[^>]*>B</td><td[^>]*>A required field is blank\.</td>", section(page, "rules"))


def test_reserved_rules_are_counted_and_not_named(page):
    assert "1 of 6 rules need data that betray the allocation" in page
    assert "club_before_randomisation" not in page.replace("<wbr>", "")


def test_nothing_restricted_is_read(folder, tmp_path, page):
    other = tmp_path / "open"
    shutil.copytree(folder, other, ignore=shutil.ignore_patterns("restricted"))
    assert made(other, tmp_path / "page.html", "data_quality") == page


def test_older_results_without_the_newer_files_still_make_a_page(folder, tmp_path):
    other = tmp_path / "older"
    shutil.copytree(folder, other)
    for name in NEWER:
        (other / "clean" / name).unlink()
    text = made(other, tmp_path / "page.html", "data_quality")
    assert re.findall(r'<h2 id="title-([\w-]+)">', text) == ["open-findings", "rules", "sources"]
    assert "What it says" not in text
    assert "queries.xlsx" not in text
    checked = Page(text)
    assert set(checked.targets) <= set(checked.ids)


def test_no_correction_is_said(folder, tmp_path):
    other = tmp_path / "none"
    shutil.copytree(folder, other)
    path = other / "clean/corrections.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert "No value was corrected" in section(made(other, tmp_path / "page.html", "data_quality"), "corrections")


# ---- the list

def test_without_scripts_every_row_is_there_and_no_control(page):
    body = re.search(r'<table class="list".*?</table>', page, re.DOTALL)[0]
    assert body.count('<tr id="q-') == 260
    assert "hidden" not in body.replace('class="hidden"', "")
    assert "<button" not in body
    assert re.search(r'<form class="filter" id="list-filter" hidden></form>', page)
    assert "clean/queries.xlsx" in page


def test_counts_lead_to_what_the_script_can_narrow(page):
    known = set(re.search(r"return \[([^\]]+)\]\.every", page)[1].replace('"', "").split(", ")) | {"status", "age", "text", "sort", "order"}
    links = [parse_qs(text.replace("&amp;", "&")) for text in re.findall(r'data-list="([^"]+)"', page)]
    assert len(links) > 20
    assert set().union(*links) <= known
    heads = set(re.findall(r'<th scope="col" class="(\w+)">', re.search(r'<table class="list".*?</thead>', page, re.DOTALL)[0]))
    assert {link["sort"][0] for link in links} <= heads


def test_identifying_values_are_masked(folder, tmp_path):
    other = tmp_path / "phone"
    shutil.copytree(folder, other)
    rows = [{**row, "field": "scr_phone", "value": "0215550100", "value_label": "home"} for row in findings(3)]
    write_csv(other / "clean/queries.csv", FINDING_COLUMNS, rows)
    text = made(other, tmp_path / "page.html", "data_quality")
    assert text.count("<td><span>(masked)</span></td>") == 3
    assert "0215550100" not in text
    assert ">home<" not in text


def test_long_messages_shorten_the_list_and_the_page_says_so(folder, tmp_path):
    other = tmp_path / "long"
    shutil.copytree(folder, other)
    rows = [{**row, "message": "The value is none of the codes. " * 40} for row in findings(5000)]
    write_csv(other / "clean/queries.csv", FINDING_COLUMNS, rows)
    text = made(other, tmp_path / "page.html", "data_quality")
    assert len(text.encode()) < 3_000_000
    listed = text.count('<tr id="q-')
    assert 1000 < listed < 5000
    assert f"{listed} of 5000 findings are listed" in text


def test_long_value_is_cut_off(folder, tmp_path):
    other = tmp_path / "huge"
    shutil.copytree(folder, other)
    rows = findings(3)
    rows[1]["value"] = "x" * 200_000
    write_csv(other / "clean/queries.csv", FINDING_COLUMNS, rows)
    text = made(other, tmp_path / "page.html", "data_quality")
    assert "x" * 400 + "\N{HORIZONTAL ELLIPSIS}" in text
    assert "x" * 401 not in text


def test_no_findings_at_all(folder, tmp_path):
    other = tmp_path / "clean"
    shutil.copytree(folder, other)
    write_csv(other / "clean/queries.csv", FINDING_COLUMNS, [])
    text = made(other, tmp_path / "page.html", "data_quality")
    assert "No finding: every check that could be evaluated passed." in text
    assert 'id="query-list"' not in text.replace('getElementById("query-list")', "")


# ---- one export alone

@pytest.fixture
def alone(folder, tmp_path):
    """What `pacer validate --out` writes of one export."""
    out = tmp_path / "out"
    shutil.copytree(folder / "clean", out)
    (out / "cut.json").write_text(json.dumps({"study": "Weights & measures", "cut": "", "cutoff": "2022-07-03", "day": "from the name of the file", "synthetic": False}))
    rows = [{**row, "status": "new", "age_days": "0", "site": ""} for row in findings(20)]
    write_csv(out / "queries.csv", FINDING_COLUMNS, rows)
    return out


def test_page_of_one_export(alone):
    render.run_alone(alone, alone / "data_quality.html")
    text = (alone / "data_quality.html").read_text(encoding="utf-8")
    checked = Page(text)
    assert set(checked.targets) <= set(checked.ids)
    assert checked.outside == []
    assert "<title>Weights &amp; measures: data quality, 2022-07-03</title>" in text
    assert "2022-07-03 (from the name of the file)" in text
    assert "No earlier export was named" in text
    assert "pacer validate --export EXPORT" in text
    assert 'id="table-by-site"' not in text
    for word in ("clean/", "First cut", "this cut", "SYNTHETIC", "closed session", "Age, days", "plan version", "manifest"):
        assert word not in visible(text).replace("betray the allocation and are reserved for the closed session", "").replace("Rules reserved for the closed session", ""), word
    render.run_alone(alone, alone / "again.html")
    assert (alone / "again.html").read_text(encoding="utf-8") == text


def test_page_of_an_export_after_another_has_ages(alone):
    with (alone / "queries.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    rows[0] |= {"status": "open", "age_days": "31"}
    write_csv(alone / "queries.csv", FINDING_COLUMNS, rows)
    render.run_alone(alone, alone / "data_quality.html", identifiers=["vis_date"])
    text = (alone / "data_quality.html").read_text(encoding="utf-8")
    assert "Age, days" in text
    assert "Findings since the last export" in text
    assert text.count("<td><span>(masked)</span></td>") == 20
    assert NASTY not in text


def test_previous_export_is_named_and_ends_the_first(alone):
    facts = json.loads((alone / "cut.json").read_text(encoding="utf-8"))
    (alone / "cut.json").write_text(json.dumps({**facts, "previous": "2022-06-01 (june)"}), encoding="utf-8")
    render.run_alone(alone, alone / "data_quality.html")
    text = (alone / "data_quality.html").read_text(encoding="utf-8")
    assert "<dt>Previous export</dt><dd>2022-06-01 (june)</dd>" in text
    assert "No earlier export was named" not in text
    assert "Age, days" in text


def test_comments_stand_under_the_message_and_accepted_ones_are_counted_apart(folder, tmp_path):
    other = tmp_path / "accepted"
    shutil.copytree(folder, other)
    rows = [{**row, "status": status, "comment": comment} for row, status, comment in zip(
        findings(4), ("accepted", "resolved", "open", "open"), ("accepted by JS on 2016-06-29: <seen> in source", "", "the record is no longer in the export", ""), strict=True)]
    write_csv(other / "clean/queries.csv", FINDING_COLUMNS, rows)
    text = made(other, tmp_path / "page.html", "data_quality")
    assert re.search(r'<tr id="q-q000000" data-done>.*?<em>accepted by JS on 2016-06-29: &lt;seen&gt; in source</em>', text)
    assert re.search(r'<tr id="q-q000002">.*?<em>the record is no longer in the export</em>', text)
    assert text.count("<em>") == 2
    assert "2 of 4 findings are open, 1 resolved and 1 accepted as they are" in text
    tiles = visible(re.search(r'<ul class="board">.*?</ul>', text, re.DOTALL)[0])
    assert "Resolved 1 of 4 ever raised" in tiles
    assert "Accepted as they are 1 of 4 ever raised" in tiles


def test_earlier_values_of_an_identifier_are_not_in_its_comment(folder, tmp_path):
    other = tmp_path / "earlier"
    shutil.copytree(folder, other)
    rows = [{**row, "field": "scr_phone", "comment": "was resolved on 2016-01-31; value until 2016-01-31: 0215550100"} for row in findings(1)]
    write_csv(other / "clean/queries.csv", FINDING_COLUMNS, rows)
    text = made(other, tmp_path / "page.html", "data_quality")
    assert "<em>was resolved on 2016-01-31</em>" in text
    assert "0215550100" not in text


def test_findings_of_a_row_stand_together_in_the_order_of_the_data():
    base = {"severity": "error", "status": "open", "age_days": "9", "site": "a", "record": "R-2", "event": "month_3_arm_1", "instrument": "f", "instance": "1", "line": "8", "field": "x"}
    wanted = [{"severity": "error", "age_days": "10", "site": "z"}, {}, {"field": "y"}, {"line": "10"}, {"instance": "2"}, {"instrument": "g"}, {"event": "closeout_arm_1"}, {"record": "R-10"},
              {"site": "b", "record": "R-1"}, {"severity": "warning", "age_days": "99"}, {"status": "accepted", "age_days": "99"}]
    lines = [{**base, **facts, "query_id": str(-place)} for place, facts in enumerate(wanted)]
    assert [line["query_id"] for line in ranked(lines[::-1], ["month_3", "closeout"])] == [line["query_id"] for line in lines]


def test_first_page_of_a_folder_is_made_up_like_the_others(tmp_path):
    assert (write(tmp_path / "results") / "clean/monitoring.csv").is_file()
