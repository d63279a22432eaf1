"""Edge cases of column names: checkboxes, status columns, triple underscores, collisions, columns too many and too few."""

from __future__ import annotations

import pytest

from tests.edge_cases.drawn import dictionary, export, keys, material, raw, read, typed, validate

BOXES = """
id,f,,text,Id
name,f,,text,Name
why,f,,checkbox,Why,"A, Upper | -1, Minus | 1.5, Dot | 4-3, Dash | 0, Zero",,,,,,,y
note,g,,text,Note
how,g,,checkbox,How,"1, X | 2, Y",,,,,,,y
"""
BOX_ROWS = """
id,name,why___a,why____1,why___1_5,why___4_3,why___0,f_complete,note,how___1,how___2,g_complete
1,Ann,1,0,0,1,0,2,,0,0,0
2,Bo,0,0,0,0,1,2,x,0,1,2
3,Cy,0,0,0,0,0,1,y,0,0,1
"""


@pytest.mark.parametrize("spelled", ["why____1", "why___-1"])
def test_04_checkbox_names(tmp_path, spelled):
    """Lower case and _ for what is no letter; 0 is no answer, option 0 is one; a form that was never opened exports 0."""
    made = dictionary(tmp_path, BOXES)
    data = export(tmp_path, BOX_ROWS.replace("why____1", spelled))
    reading = read(made, data)
    assert typed(reading, "f", "why___a") == ["1", "0", "0"]
    assert typed(reading, "f", "why____1") == ["0", "0", "0"]
    assert typed(reading, "f", "why___4_3") == ["1", "0", "0"]
    assert typed(reading, "f", "why___0") == ["0", "1", "0"]
    assert [record for record, _, _ in keys(reading, "g")] == ["2", "3"]
    outcome = validate(tmp_path, made, data)
    assert outcome.found("rule", "record", "field") == [("required", "3", "how"), ("required", "3", "why")]
    counts = {row["field"]: (row["expected"], row["filled"], row["blank"]) for row in outcome.lines("completeness.csv")}
    assert (counts["why"], counts["how"]) == (("3", "2", "1"), ("2", "1", "1"))


def test_04_checkbox_names_of_a_script(tmp_path):
    """`why_0` is no spelling of `why___0`: a column too many, an option too few, and record 2 has no answer that could be read."""
    made = dictionary(tmp_path, BOXES)
    outcome = validate(tmp_path, made, export(tmp_path, BOX_ROWS.replace("why___0", "why_0")))
    outcome.only("unknown_column", field="why_0")
    outcome.only("missing_column", field="why___0")


def test_04_checkbox_names_real(tmp_path):
    """Three of four records have answers in the second form; of the first there is nothing but the status 0."""
    folder = material("redcap/redcapr/checkboxes-1")
    outcome = validate(tmp_path, folder / "dictionary.csv", folder / "data.csv")
    table = outcome.table("form_2")
    assert table["record"].tolist() == ["1", "2", "3"]
    assert table[["check_one___1", "check_one___4", "check_two___a", "check_two___b"]].to_numpy().tolist() == [["1", "0", "1", "0"], ["0", "0", "0", "1"], ["1", "1", "0", "0"]]
    assert len(outcome.table("form_1")) == 0
    assert {query["rule"] for query in outcome.queries} <= {"empty_record"}


KNOWN = """
id,f,,text,Id
name,f,,text,Name,,,,,,y
born,f,,text,Born,,,date_ymd,,,,,y
sex,f,,radio,Sex,"1, F | 2, M",,,,,,,y
late,g,,text,Late,,,,,,,,y
later,g,,text,Later
"""


def test_14_columns_too_many(tmp_path):
    """Survey and group columns belong to REDCap; the one column of the team is told once, with how much it holds."""
    made = dictionary(tmp_path, KNOWN)
    data = export(tmp_path, """
id,redcap_data_access_group,redcap_survey_identifier,f_timestamp,name,born,sex,team_note,f_complete,g_timestamp,late,later,g_complete
1,a,,2020-01-01 10:00:00,Ann,2000-01-01,1,seen,2,[not completed],x,,0
2,a,,,Bo,2000-01-02,2,,2,,y,,2
""")
    outcome = validate(tmp_path, made, data)
    assert outcome.only("unknown_column", "1 filled", field="team_note")["severity"] == "info"
    assert outcome.found("rule", "field") == [("unknown_column", "team_note")]


@pytest.mark.parametrize(("absent", "found"), [
    (("sex",), [("missing_column", "", "sex")]),
    (("sex", "born"), [("missing_column", "", "born"), ("missing_column", "", "sex")]),
    (("late", "later", "g_complete"), [("missing_column", "g", "")]),
])
def test_14_fields_absent(tmp_path, absent, found):
    """A partial report, or missing rights: one warning for a field, one for a form, and nobody asks for what could not be seen."""
    made = dictionary(tmp_path, KNOWN)
    header = ["id", "name", "born", "sex", "f_complete", "late", "later", "g_complete"]
    rows = [dict(zip(header, row, strict=True)) for row in (["1", "Ann", "2000-01-01", "1", "2", "x", "", "2"], ["2", "Bo", "2000-01-02", "2", "2", "x", "", "2"])]
    kept = [name for name in header if name not in absent]
    data = export(tmp_path, "".join(",".join(cells) + "\n" for cells in (kept, *([row[name] for name in kept] for row in rows))))
    outcome = validate(tmp_path, made, data)
    assert sorted((query["rule"], query["instrument"] if not query["field"] else "", query["field"]) for query in outcome.queries) == found
    assert {query["severity"] for query in outcome.queries} == {"warning"}
    for query in outcome.queries:
        assert "not in the export" in query["message"] or "in the export" in query["message"]


@pytest.mark.parametrize(("declared", "found"), [(True, [("missing_column", "info", "")]), (False, [("missing_column", "warning", "born"), ("missing_column", "warning", "name")])])
def test_14_fields_absent_from_a_deidentified_export(tmp_path, declared, found):
    made = dictionary(tmp_path, 'id,f,,text,Id\nname,f,,text,Name,,,,,,y,,y\nborn,f,,text,Born,,,date_ymd,,,,,y\nsex,f,,radio,Sex,"1, F | 2, M"\n')
    data = export(tmp_path, "id,sex,f_complete\n1,1,2\n2,2,2\n")
    outcome = validate(tmp_path, made, data, deidentified=declared)
    assert outcome.found("rule", "severity", "field") == found
    assert outcome.table("f")["sex"].tolist() == ["1", "2"]


def test_33_user_fields_that_look_like_system_columns(tmp_path):
    """A radio ending in _complete is no status, a text with ___ is no box; the status is the form's name and _complete."""
    made = dictionary(tmp_path, """
id,moca,,text,Id
moca4_complete,moca,,radio,Finished?,"0, No | 1, Yes | 7, Cannot",,,,,,,y
pain___score,moca,,text,Pain,,,integer
late_complete,moca,,text,Late
cb,moca,,checkbox,Box,"1, A"
cb___x,moca,,text,No box
""")
    data = export(tmp_path, """
id,moca4_complete,pain___score,late_complete,cb___1,cb___x,moca_complete
1,7,12,free text,1,also free,2
2,0,x,,0,,0
3,8,,2,0,,1
4,,4,,0,,1
""")
    reading = read(made, data)
    assert typed(reading, "moca", "moca4_complete") == ["7", "0", "8", ""]
    assert typed(reading, "moca", "moca_complete") == ["2", "0", "1", "1"]
    assert (raw(reading, "moca", "pain___score"), typed(reading, "moca", "pain___score")) == (["12", "x", "", "4"], [12.0, None, None, 4.0])
    assert typed(reading, "moca", "late_complete") == ["free text", "", "2", ""]
    assert (typed(reading, "moca", "cb___1"), typed(reading, "moca", "cb___x")) == (["1", "0", "0", "0"], ["also free", "", "", ""])
    outcome = validate(tmp_path, made, data)
    assert outcome.found("rule", "record", "field") == [("choice", "3", "moca4_complete"), ("required", "4", "moca4_complete"), ("type", "2", "pain___score")]


def test_35_codes_that_collide(tmp_path):
    """A and a, 1.1 and 1_1 have the same column: nothing is merged, each pair is told, and so is a code that is there twice."""
    made = dictionary(tmp_path, """
id,f,,text,Id
drug,f,,checkbox,Drug,"A, Aspirin | a, Aspirin low | 1.1, x | 1_1, y"
dup,f,,radio,Dup,"1, One | 1, Uno | 2, Two"
""")
    data = export(tmp_path, "id,drug___a,drug___a,drug___1_1,drug___1_1,dup,f_complete\n1,1,0,0,1,2,2\n2,0,1,1,0,1,2\n")
    reading = read(made, data)
    columns = [name for name in reading.tables[0].fields if name.startswith("drug")]
    assert [raw(reading, "f", name) for name in columns] == [["1", "0"], ["0", "1"], ["0", "1"], ["1", "0"]]
    outcome = validate(tmp_path, made, data)
    for column in ("drug___a", "drug___1_1"):
        told = [query for query in outcome.queries if query["rule"] == "collision" and f"column {column};" in query["message"]]
        assert len(told) == 1
    outcome.only("dictionary", "1 twice", field="dup")
    assert {query["rule"] for query in outcome.queries} == {"collision", "dictionary"}
    assert {query["field"] for query in outcome.queries} == {"drug", "dup"}


def test_35_codes_that_collide_in_one_column(tmp_path):
    """A file with one column for both: it is read once, and that it stands for two options is said."""
    made = dictionary(tmp_path, 'id,f,,text,Id\ndrug,f,,checkbox,Drug,"A, Aspirin | a, Aspirin low | b, None"\n')
    data = export(tmp_path, "id,drug___a,drug___b,f_complete\n1,1,0,2\n2,0,1,2\n")
    assert raw(read(made, data), "f", "drug___a") == ["1", "0"]
    outcome = validate(tmp_path, made, data)
    outcome.only("dictionary", "A a column", field="drug")
    assert "unknown_column" not in outcome.rules
