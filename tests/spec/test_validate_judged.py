"""What is wrong in a cell is a finding on that cell: rules that look at it are not evaluable there, and find nothing elsewhere because of it."""

from __future__ import annotations

import csv
import datetime as dt

from pacer_analysis.read.export import Options
from pacer_analysis.validate.alone import run

HEADER = ("field_name,form_name,section_header,field_type,field_label,select_choices_or_calculations,field_note,text_validation_type_or_show_slider_number,text_validation_min,"
          "text_validation_max,identifier,branching_logic,required_field,custom_alignment,question_number,matrix_group_name,matrix_ranking,field_annotation\n")
FIELDS = [("id", "text", "", "", ""), ("began", "text", "", "date_dmy", ""), ("ended", "text", "", "date_dmy", ""), ("days", "calc", "datediff([began], [ended], 'd')", "", ""),
          ("ill", "radio", "1, Yes | 2, No", "", ""), ("drug", "text", "", "", "[ill] = '1'")]
RULES = "rule_name,rule_logic,real_time_execution\nEnds before it begins,[ended] < [began],n\n"
EXPORT = """id,began,ended,days,ill,drug,visit_complete
1,2015-01-01,2015-01-03,2,1,aspirin,2
2,2015-02-30,2015-01-03,2,1,aspirin,2
3,08/07/2023,05/08/2023,28,1,aspirin,2
4,2015-01-05,2015-01-03,2,Yes,aspirin,2
5,2015-01-01,2015-01-03,3,2,aspirin,2
"""


def test_an_unreadable_cell_is_one_finding(tmp_path):
    folder = tmp_path / "dictionary"
    folder.mkdir()
    lines = [f'{name},visit,,{kind},{name},"{content}",,{validation},,,,"{branching}",,,,,,\n' for name, kind, content, validation, branching in FIELDS]
    (folder / "redcap.csv").write_text(HEADER + "".join(lines))
    (folder / "data_quality_rules.csv").write_text(RULES)
    (tmp_path / "export.csv").write_text(EXPORT)
    out = tmp_path / "out"
    out.mkdir()
    run(tmp_path / "export.csv", folder, out, options=Options(), day=dt.date(2024, 1, 1), corrections=None, accepted=None, previous=None)
    with (out / "queries.csv").open(newline="") as handle:
        found = {(query["record"], query["rule"].partition("_")[0], query["field"]) for query in csv.DictReader(handle) if query["rule"] != "damage"}
    assert found == {("2", "type", "began"), ("3", "type", "began"), ("3", "type", "ended"), ("4", "choice", "ill"), ("4", "custom", "ended"), ("5", "calculation", "days"),
                     ("5", "hidden", "drug")}
    with (out / "rules.csv").open(newline="") as handle:
        rules = {row["rule"]: row for row in csv.DictReader(handle)}
    assert int(rules["calculation"]["not_evaluable"]) == 2
    assert "a value that it needs cannot be read" in rules["calculation"]["reason"]
    assert int(rules["hidden"]["not_evaluable"]) == 1
