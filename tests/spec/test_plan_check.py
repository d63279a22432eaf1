"""What `pacer check` says of the rules beside the dictionaries, and of conditions that a row cannot answer."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pacer_analysis.derive.conditions import columns_of
from pacer_analysis.errors import DictionaryError, PlanError
from pacer_analysis.plan import load
from pacer_analysis.plan.check import check
from tests.conftest import PLAN, REPOSITORY


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The plan of this repository with its dictionaries, to be spoiled."""
    shutil.copytree(PLAN, tmp_path / "analysis_plan/pacer")
    shutil.copytree(REPOSITORY / "data_dictionary/pacer", tmp_path / "data_dictionary/pacer")
    return tmp_path


@pytest.mark.parametrize(("file", "old", "new", "said"), [
    ("reconciliations.yaml", "field: vis_date\n", "field: vis_dat\n", "`vis_dat`"),
    ("reconciliations.yaml", "date: sample_date\n", "date: sample_day\n", "`sample_day`"),
    ("reconciliations.yaml", "source: laboratory\n", "source: labratory\n", "`labratory`"),
    ("reconciliations.yaml", "form: study_visit\n", "form: study_visits\n", "`study_visits`"),
    ("reconciliations.yaml", "match: {days: 14}", "match: {day: 14}", "how rows are matched"),
    ("checks.yaml", "source: redcap", "source: recap", "`recap`"),
])
def test_a_fault_in_the_rules_beside_the_dictionary_is_said_by_check(copied, file, old, new, said):
    path = copied / "data_dictionary/pacer" / file
    text = path.read_text()
    assert old in text
    check(load(copied / "analysis_plan/pacer"))
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DictionaryError) as caught:
        check(load(copied / "analysis_plan/pacer"))
    assert said in caught.value.what
    assert f"{file}, rule" in caught.value.where


@pytest.mark.parametrize(("logic", "said"), [
    ("[attendance:label] = 'Absent'", "asks for what a field shows, [attendance:label]"), ("[later][attendance] = '1'", "another event or instance"),
    ("[attendance][2] = '1'", "another event or instance"),
])
def test_a_condition_that_a_row_cannot_answer_is_refused(copied, logic, said):
    with pytest.raises(PlanError, match="The expression") as caught:
        columns_of(logic, "trial.yaml, service club")
    assert said in caught.value.what
    path = copied / "analysis_plan/pacer/trial.yaml"
    text = path.read_text()
    assert "[attendance] <> '4'" in text
    path.write_text(text.replace("[attendance] <> '4'", logic, 1))
    with pytest.raises(PlanError) as caught:
        check(load(copied / "analysis_plan/pacer"))
    assert said in caught.value.what


def test_a_condition_on_the_row_itself_names_its_columns():
    assert columns_of("[a] = '1' and [b(2)] = '1' and [a:value] <> ''", "here") == ["a", "b___2"]      # the value is what is stored
