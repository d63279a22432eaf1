"""Edge cases of rows: structural blanks, forms never opened, arms, events and what repeats."""

from __future__ import annotations

import csv

import pytest

from tests.edge_cases.drawn import dictionary, export, keys, material, raw, read, typed, validate

TRIAL = """
id,demog,,text,Id
sex,demog,,radio,Sex,"1, F | 2, M",,,,,,,y
weight,exam,,text,Weight,,,number,,,,,y
what,ae,,text,What,,,,,,,,y
grade,ae,,text,Grade,,,integer
"""
EVENTS = {"events": "Baseline,1,baseline_arm_1\nVisit,1,visit_arm_1", "mapping": "1,baseline_arm_1,demog\n1,visit_arm_1,exam\n1,visit_arm_1,ae",
          "repeating": "visit_arm_1,ae,"}


def test_02_structural_blanks(tmp_path):
    """Of 30-odd blank cells two are missing values: what of the second repeat, and the sex of record 2, whose form was opened."""
    made = dictionary(tmp_path, TRIAL, **EVENTS)
    data = export(tmp_path, """
id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,sex,demog_complete,weight,exam_complete,what,grade,ae_complete
1,baseline_arm_1,,,1,2,,,,,
1,visit_arm_1,,,,,60,2,,,
1,visit_arm_1,ae,1,,,,,Cough,2,2
1,visit_arm_1,ae,2,,,,,,3,1
2,baseline_arm_1,,,,1,,,,,
2,visit_arm_1,,,,,,0,,,
3,visit_arm_1,ae,1,,,,,Rash,1,2
""")
    reading = read(made, data)
    assert keys(reading, "demog") == [("1", "baseline_arm_1", 0), ("2", "baseline_arm_1", 0)]
    assert keys(reading, "exam") == [("1", "visit_arm_1", 0)]
    assert keys(reading, "ae") == [("1", "visit_arm_1", 1), ("1", "visit_arm_1", 2), ("3", "visit_arm_1", 1)]
    assert (raw(reading, "ae", "what"), typed(reading, "ae", "grade")) == (["Cough", "", "Rash"], [2.0, 3.0, 1.0])
    outcome = validate(tmp_path, made, data)
    assert outcome.found("record", "event", "instrument", "instance", "field", rule="required") == [
        ("1", "visit_arm_1", "ae", "2", "what"), ("2", "baseline_arm_1", "demog", "", "sex")]
    outcome.only("required", field="what")
    outcome.only("instances", "no base row")        # record 3
    assert {query["rule"] for query in outcome.queries} == {"required", "instances"}
    counts = {row["field"]: (row["expected"], row["filled"], row["blank"]) for row in outcome.lines("completeness.csv")}
    assert counts == {"sex": ("2", "1", "1"), "weight": ("1", "1", "0"), "what": ("3", "2", "1"), "grade": ("3", "3", "0")}


def test_05_form_status(tmp_path):
    """Where some are blank, which says that nobody opened them, 0 is incomplete whatever is filled; a missing-data code 2 is no status."""
    made = dictionary(tmp_path, """
id,f,,text,Id
a,f,,text,A,,,,,,,,y
b,g,,text,B,,,,,,,,y
box,g,,checkbox,Box,"1, X"
""", missing_codes='"2, Refused"')
    data = export(tmp_path, """
id,a,f_complete,b,box___1,g_complete
1,x,2,,0,0
2,x,0,y,0,0
3,x,2,,0,1
4,x,2,,,
5,x,1,,0,2
6,x,1,,1,0
""")
    reading = read(made, data)
    assert [record for record, _, _ in keys(reading, "f")] == ["1", "2", "3", "4", "5", "6"]
    assert [record for record, _, _ in keys(reading, "g")] == ["1", "2", "3", "5", "6"]       # of record 4 it is blank: nobody opened it, so 0 is a form that was saved
    assert typed(reading, "f", "f_complete") == ["2", "0", "2", "2", "1", "1"]
    assert raw(reading, "g", "g_complete") == typed(reading, "g", "g_complete") == ["0", "0", "1", "2", "0"]
    outcome = validate(tmp_path, made, data)
    assert outcome.found("rule", "record", "field") == [("complete_with_blanks", "5", "g_complete"), ("required", "1", "b"), ("required", "3", "b"), ("required", "5", "b"),
                                                        ("required", "6", "b"), ("structure", "", "")]
    (tmp_path / "zeros").mkdir()
    zeros = validate(tmp_path / "zeros", made, export(tmp_path, data.read_text().replace("4,x,2,,,", "4,x,2,,0,0"), "zeros.csv"))      # without a blank one, 0 may be either
    assert zeros.found("rule", "record", "field") == [("complete_with_blanks", "5", "g_complete"), ("required", "3", "b"), ("required", "5", "b"), ("required", "6", "b")]


ARMS = """
id,base,,text,Id
sex,base,,radio,Sex,"1, F | 2, M"
weeks,visit,,text,Weeks pregnant,,,integer,,,,[start_arm_1][sex] = '1',y
"""
ARM_EVENTS = {"events": "Start,1,start_arm_1\nDeadline to opt out of study,2,deadline_to_opt_ou_arm_2\nVisit,1,visit_arm_1\nVisit,2,visit_arm_2",
              "mapping": "1,start_arm_1,base\n2,deadline_to_opt_ou_arm_2,base\n1,visit_arm_1,visit\n2,visit_arm_2,visit"}


@pytest.mark.parametrize("named", ["deadline_to_opt_ou_arm_2", "Deadline to opt out of study"])
def test_20_arms_and_event_names(tmp_path, named):
    """One record in two arms is no duplicate, and is said; an event is known by its cut name and by its label; an event of another arm is blank, not unknown."""
    made = dictionary(tmp_path, ARMS, **ARM_EVENTS)
    data = export(tmp_path, f"""
id,redcap_event_name,sex,base_complete,weeks,visit_complete
1,start_arm_1,1,2,,
1,{named},2,2,,
1,visit_arm_1,,,,1
2,{named},1,2,,
2,visit_arm_2,,,8,2
3,{named},1,2,,
3,visit_arm_2,,,,1
""")
    reading = read(made, data)
    second = "deadline_to_opt_ou_arm_2"
    assert keys(reading, "base") == [("1", "start_arm_1", 0), ("1", second, 0), ("2", second, 0), ("3", second, 0)]
    assert typed(reading, "base", "sex") == ["1", "2", "1", "1"]
    outcome = validate(tmp_path, made, data)
    # record 1 is asked; records 2 and 3 have no row in the first arm, so that its sex is blank and the weeks are hidden
    assert outcome.found("rule", "record", "event", "field") == [("arms", "1", "", ""), ("hidden", "2", "visit_arm_2", "weeks"), ("required", "1", "visit_arm_1", "weeks")]
    assert outcome.rules["required"]["not_evaluable"] == outcome.rules["hidden"]["not_evaluable"] == "0"


def test_20_events_that_are_none(tmp_path):
    """A row of an event that the project does not have is not read, and each says so; a label that two events share is none."""
    made = dictionary(tmp_path, ARMS, **ARM_EVENTS)
    data = export(tmp_path, "id,redcap_event_name,sex,base_complete,weeks,visit_complete\n1,start_arm_1,1,2,,\n2,start_arm_9,1,2,,\n3,Visit,,,8,2\n")
    outcome = validate(tmp_path, made, data)
    for record in ("2", "3"):
        assert outcome.only("structure", "event not read", record=record)["severity"] == "error"
    assert outcome.table("base")["record"].tolist() == ["1"]
    assert {query["rule"] for query in outcome.queries} == {"structure"}


MIXED = """
id,base,,text,Id
sex,base,,radio,Sex,"1, F | 2, M"
weight,exam,,text,Weight,,,number,,,,,y
pill,pills,,text,Pills,,,integer
"""
MIXED_EVENTS = {"events": "Start,1,start_arm_1\nVisit,1,visit_arm_1", "mapping": "1,start_arm_1,base\n1,start_arm_1,pills\n1,visit_arm_1,exam\n1,visit_arm_1,pills",
                "repeating": "start_arm_1,pills,\nvisit_arm_1,,"}
MIXED_ROWS = """
id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,sex,base_complete,weight,exam_complete,pill,pills_complete
1,start_arm_1,,,1,2,,,,
1,start_arm_1,pills,2,,,,,30,2
1,start_arm_1,pills,5,,,,,28,2
1,visit_arm_1,,1,,,60,2,3,2
1,visit_arm_1,,2,,,61,2,,0
2,start_arm_1,,,2,2,,,,
2,visit_arm_1,,3,,,70,2,4,2
"""


@pytest.mark.parametrize("said", ["all", "no repeats", "nothing"])
def test_21_repeating_forms_and_events(tmp_path, said):
    """Pills repeat alone at the start and with the whole visit; instances begin at 2 and have gaps; without the set-up the rows tell it, and that is said."""
    beside = {name: rows for name, rows in MIXED_EVENTS.items() if said == "all" or (said == "no repeats" and name != "repeating")}
    made = dictionary(tmp_path, MIXED, **beside)
    data = export(tmp_path, MIXED_ROWS)
    reading = read(made, data)
    assert keys(reading, "base") == [("1", "start_arm_1", 0), ("2", "start_arm_1", 0)]
    assert keys(reading, "pills") == [("1", "start_arm_1", 2), ("1", "start_arm_1", 5), ("1", "visit_arm_1", 1), ("2", "visit_arm_1", 3)]
    assert typed(reading, "pills", "pill") == [30.0, 28.0, 3.0, 4.0]
    assert keys(reading, "exam") == [("1", "visit_arm_1", 1), ("1", "visit_arm_1", 2), ("2", "visit_arm_1", 3)]
    assert typed(reading, "exam", "weight") == [60.0, 61.0, 70.0]
    outcome = validate(tmp_path, made, data)
    assert "instances" in outcome.rules
    structure = [query for query in outcome.queries if query["rule"] == "structure"]
    assert bool(structure) == (said != "all")
    assert all(query["severity"] != "error" and "repeating.csv" in query["message"] + query["action"] for query in structure)
    assert len({query["message"] for query in structure}) == len(structure)
    assert {query["rule"] for query in outcome.queries} <= {"structure", "instances"}


def test_21_repeat_columns_absent(tmp_path):
    """A batch without repeats has no repeat columns: the repeating form is empty, and nobody asks for it."""
    made = dictionary(tmp_path, MIXED, **MIXED_EVENTS)
    data = export(tmp_path, "id,redcap_event_name,sex,base_complete,weight,exam_complete,pill,pills_complete\n1,start_arm_1,1,2,,,,\n2,start_arm_1,2,2,,,,\n")
    reading = read(made, data)
    assert keys(reading, "base") == [("1", "start_arm_1", 0), ("2", "start_arm_1", 0)]
    assert keys(reading, "pills") == keys(reading, "exam") == []
    assert validate(tmp_path, made, data).found("rule", "message") == []


def test_21_repeating_forms_real(tmp_path):
    """Records 1 and 2 with three and one measurements, of forms that no file beside the dictionary says to repeat."""
    folder = material("redcap/redcapr/repeating-instruments")
    outcome = validate(tmp_path, folder / "dictionary.csv", folder / "data.csv")
    bp = outcome.table("bp")
    assert list(zip(bp["record"], bp["instance"], bp["bp_systolic"], strict=True)) == [("1", 1, 110.0), ("1", 2, 111.0), ("1", 3, 112.0), ("2", 1, 114.0)]
    assert outcome.table("demographics")["record"].tolist() == ["1", "2"]
    outcome.only("structure", "bp repeating.csv")
    assert {query["rule"] for query in outcome.queries} <= {"structure", "instances"}


GROUPS = "id,f,,text,Id\nname,f,,text,Name\n"


def test_29_groups_and_prefixed_ids(tmp_path):
    """The group is the site of every finding, ids are text, and the one record in no group is told."""
    made = dictionary(tmp_path, GROUPS + "age,f,,text,Age,,,integer\n")
    data = export(tmp_path, """
id,redcap_data_access_group,name,age,f_complete
331-1,uf_test,Ann,x,2
331-2,uf_test,Bo,30,2
332-1,dagb,Cy,30,2
332-2,dagb,Di,30,2
5,,Ed,30,2
""")
    outcome = validate(tmp_path, made, data)
    table = outcome.table("f")
    assert (table["record"].tolist(), table["site"].tolist()) == (["331-1", "331-2", "332-1", "332-2", "5"], ["uf_test", "uf_test", "dagb", "dagb", ""])
    outcome.only("group_unassigned", record="5")
    assert outcome.only("type", record="331-1")["site"] == "uf_test"
    assert outcome.found("rule", "record") == [("group_unassigned", "5"), ("type", "331-1")]


@pytest.mark.parametrize(("header", "cell"), [("", ""), (",redcap_data_access_group", ",")], ids=["no column", "nobody assigned"])
def test_29_groups_absent(tmp_path, header, cell):
    """The column is silently missing if the exporter is in a group himself, and blank in a project without groups."""
    made = dictionary(tmp_path, GROUPS)
    data = export(tmp_path, f"id{header},name,f_complete\n331-1{cell},Ann,2\n332-1{cell},Bo,2\n")
    outcome = validate(tmp_path, made, data)
    assert (outcome.table("f")["record"].tolist(), outcome.table("f")["site"].tolist()) == (["331-1", "332-1"], ["", ""])
    assert outcome.found("rule") == []


def test_29_id_of_another_group(tmp_path):
    made = dictionary(tmp_path, GROUPS)
    rows = [*((f"331-{number}", "a") for number in range(1, 10)), *((f"332-{number}", "b") for number in range(1, 10)), ("331-10", "b")]
    data = export(tmp_path, "id,redcap_data_access_group,name,f_complete\n" + "".join(f"{record},{group},x,2\n" for record, group in rows))
    outcome = validate(tmp_path, made, data)
    outcome.only("group_prefix", record="331-10")
    assert outcome.found("rule", "record") == [("group_prefix", "331-10")]


def test_29_groups_real(tmp_path):
    folder = material("redcap/redcapr/dag")
    outcome = validate(tmp_path, folder / "dictionary.csv", folder / "data.csv")
    with (folder / "data.csv").open(encoding="utf-8-sig", newline="") as handle:
        groups = {row["record_id"]: row["redcap_data_access_group"] for row in csv.DictReader(handle)}
    table = outcome.table("demographics")
    assert dict(zip(table["record"], table["site"], strict=True)) == groups == {"331-1": "daga", "331-2": "daga", "332-3": "dagb"}
    assert outcome.found("rule") == []
