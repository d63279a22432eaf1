"""A validation without a plan after an earlier one: what may follow, what may be replaced, records that are gone; and the day that a file or its data say."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from pathlib import Path

import pytest

from pacer_analysis.cli import run_command
from pacer_analysis.cli.alone import options_of
from pacer_analysis.errors import ExportError, PacerError
from pacer_analysis.read import Options
from pacer_analysis.read.tidy import write
from pacer_analysis.validate.alone import run
from pacer_analysis.validate.earlier_run import refuse_to_replace
from pacer_analysis.validate.lost_records import lost_records
from tests.spec.drawn_project import export, field, project
from tests.spec.readings import flat, redcap
from tests.spec.test_validate_alone import rows_of

FIELDS = [field("id", "intake"), field("came", "intake", validation="date_ymd"), field("weight", "intake", validation="number")]
THREE = [{"id": name, "came": "2019-05-01", "weight": "60"} for name in "abc"]


def validated(folder: Path, rows=THREE, *, day="2019-06-30", out="out", previous: Path | None = None, fields=FIELDS, title="A study", name="") -> Path:
    made = project(folder / f"dictionary_{out}", fields, settings={"project_title": title})
    file = export(folder / (name or f"S_DATA_{day}_1229.csv"), made, rows)
    (folder / out).mkdir()
    run(file, folder / f"dictionary_{out}/redcap.csv", folder / out, options=Options(), day=None, corrections=None, accepted=None, previous=previous and previous / "queries.csv")
    return folder / out


@pytest.mark.parametrize(("name", "day"), [
    ("S_DATA_2019-06-30_1229.csv", "2019-06-30"), ("S_DATA_2019-06-30_1229 (1).csv", "2019-06-30"), ("export 2019-06-30.csv", "2019-06-30"), ("S_2019-06-30-1229.csv", "2019-06-30"),
    ("S_20190630.csv", "2019-06-30"), ("2018-01-01_DATA_2019-06-30_1229.csv", "2019-06-30"), ("S_120190630.csv", "2019-05-01"), ("S_20191330.csv", "2019-05-01"), ("S_30190630.csv", "2019-05-01"),
])
def test_the_day_in_the_name_of_a_file(tmp_path, name, day):
    assert json.loads((validated(tmp_path, name=name) / "cut.json").read_text())["cutoff"] == day


@pytest.mark.parametrize("more", [{"tags": "@CALCDATE([came], 91, 'd')"}, {"label": "Next appointment"}])
def test_calculated_and_planned_dates_are_no_day_of_an_export(tmp_path, more):
    fields = [*FIELDS, field("again", "intake", validation="date_ymd", **more)]
    out = validated(tmp_path, [row | {"again": "2019-07-31"} for row in THREE], fields=fields, name="x.csv")
    cut = json.loads((out / "cut.json").read_text())
    assert (cut["cutoff"], cut["day"]) == ("2019-05-01", "the last plausible date in the data")


def test_dates_of_a_field_after_nearly_all_of_three_others_are_plans(tmp_path):
    fields = [*FIELDS, *(field(name, "intake", validation="date_ymd") for name in ("seen", "left", "until"))]
    rows = [row | {"seen": "2019-05-02", "left": "2019-05-03", "until": "2019-12-31"} for row in THREE]
    assert json.loads((validated(tmp_path, rows, fields=fields, name="x.csv") / "cut.json").read_text())["cutoff"] == "2019-05-03"


def test_the_export_before_is_named_by_day_and_folder(tmp_path):
    first = validated(tmp_path, out="may", day="2019-05-31")
    assert json.loads((first / "cut.json").read_text())["previous"] == ""
    assert json.loads((validated(tmp_path, previous=first) / "cut.json").read_text())["previous"] == "2019-05-31 (may)"


def test_records_that_are_gone_are_counted_once_and_stay_open(tmp_path):
    first = validated(tmp_path, out="may", day="2019-05-31")
    second = validated(tmp_path, THREE[:1], out="june", day="2019-06-30", previous=first)
    lost = [query for query in rows_of(second / "queries.csv") if query["rule"] == "records_lost"]
    assert [(query["severity"], query["record"], query["message"]) for query in lost] == [("error", "", "2 of the 3 records of the export before are no longer in this one")]
    third = validated(tmp_path, THREE[:1], out="july", day="2019-07-31", previous=second)
    assert [(query["status"], query["first_seen"]) for query in rows_of(third / "queries.csv") if query["rule"] == "records_lost"] == [("open", "2019-06-30")]
    assert "records_lost" not in {query["rule"] for query in rows_of(validated(tmp_path, [*THREE, {"id": "d", "weight": "1"}], out="more", previous=first) / "queries.csv")}


def test_records_that_are_gone_from_the_tables_of_a_plan(tmp_path):
    """A REDCap source has a folder of tables, a flat one a file; a source that was not there before has lost nothing."""
    before = redcap(tmp_path / "one", {"intake": "record | event | sex\na | start_arm_1 | 1\nb | start_arm_1 | 2", "visit": "record | event | weight\nc | later_arm_1 | 60"})
    for table in before.tables:
        write(table, tmp_path / f"clean/redcap/{table.form}.parquet")
    now = [redcap(tmp_path / "two", {"intake": "record | event | sex\na | start_arm_1 | 1\nd | start_arm_1 | 2"}), flat(tmp_path / "lab", "id | sampled | tube | result | kind\na | 2019-01-01 | 1 | 5 | 1")]
    assert [(source, note.message) for source, note in lost_records(tmp_path / "clean", now)] == [("redcap", "2 of the 3 records of the export before are no longer in this one")]
    write(flat(tmp_path / "lab", "id | sampled | tube | result | kind\nb | 2019-01-01 | 1 | 5 | 1").tables[0], tmp_path / "clean/lab.parquet")
    assert [source for source, _ in lost_records(tmp_path / "clean", now)] == ["redcap", "lab"]


@pytest.mark.parametrize(("changed", "what"), [
    ({"day": "2019-05-30"}, "the export before is of 2019-05-31, which is after the day of this one, 2019-05-30"), ({"title": "B study"}, "of another project: its title is 'A study'"),
    ({"title": "", "fields": [field("pid", "intake"), *FIELDS[1:]], "rows": [{"pid": "a", "weight": "1"}]}, "its record id is id, and that of this one pid"),
    ({"title": "", "fields": [field("id", "other"), field("x", "other"), field("y", "other")], "rows": [{"id": "a", "x": "1"}]}, "they have 0 fields in common, of 3 and 3"),
])
def test_what_cannot_be_the_export_before_is_refused(tmp_path, changed, what):
    first = validated(tmp_path, out="may", day="2019-05-31")
    with pytest.raises(ExportError, match=what):
        validated(tmp_path, previous=first, **changed)


def test_the_register_of_another_export_is_not_replaced(tmp_path):
    first = validated(tmp_path, out="may", day="2019-05-31")
    refuse_to_replace(tmp_path / "nowhere", "x.csv", "2019-05-31")
    refuse_to_replace(first, "S_DATA_2019-05-31_1229.csv", "2019-05-31")
    with pytest.raises(ExportError, match=r"validation of another export, S_DATA_2019-05-31_1229.csv(.|\n)*--out(.|\n)*--previous"):
        refuse_to_replace(first, "S_DATA_2019-06-30_1229.csv")
    with pytest.raises(ExportError, match=r"the export of 2019-05-31, .* this one is of 2019-06-01"):
        refuse_to_replace(first, "S_DATA_2019-05-31_1229.csv", "2019-06-01")
    second = validated(tmp_path, out="june", previous=first)
    with pytest.raises(ExportError, match=r"continues that of an earlier export, 2019-05-31 \(may\)"):
        refuse_to_replace(second, "S_DATA_2019-06-30_1229.csv", "2019-06-30")


@pytest.mark.parametrize(("text", "codes"), [("NASK|UNK", ["NASK", "UNK"]), ("NI, No information | UNK, Unknown", ["NI", "UNK"]), ("-99, Not done", ["-99"]), ("UNK, UNKNOWN", ["UNK"]),
                                             ("NASK,UNK,REF", None), ("NASK, UNK, REF", None), ("NASK; UNK", None), ("NASK;UNK", None), ("NASK,UNK", None), ("-99, -98", None), ("NASK UNK", None)])
def test_missing_codes_on_the_command_line(text, codes):
    given = argparse.Namespace(missing_codes=text, labels=False, deidentified=False, decimal="", script=None, encoding="", key=())
    if codes:
        assert list(options_of(given).missing_codes) == codes
        return
    with pytest.raises(PacerError, match=r'"NI\|UNK"'):
        options_of(given)


@pytest.mark.parametrize(("line", "words"), [
    (["--export", "e.csv", "--dictionary", "d.csv", "--out", "o", "--day", "2.5.2024"], ["--day", "YYYY-MM-DD", "do:"]),
    (["--export", "e.csv", "--dictionary", "d.csv", "--out", "o", "--day", "2024-02-30"], ["--day", "YYYY-MM-DD", "do:"]),
    (["--export", "e.csv", "--dictionary", "d.csv", "--out", "o", "--decimal", ";"], ["--decimal", "a comma or a point", "do:"]),
    (["--export", "e.csv"], ["--dictionary and --out are missing", "allowed:", "do:"]), (["plan"], ["--cut is missing", "do:"]),
    (["plan", "--cut", "c", "--export", "e.csv"], ["a plan was given together with --export", "do:"]), ([], ["neither a plan nor an export", "do:"]),
])
def test_a_wrong_command_line_says_what_is_missing(capsys, monkeypatch, line, words):
    monkeypatch.delenv("PACER_ERROR_FILE", raising=False)
    try:
        code = run_command(["validate", *line])
    except SystemExit as stop:
        code = stop.code
    said = capsys.readouterr().err
    assert code == 2
    assert [word for word in words if word not in said] == []


def test_the_day_of_the_command_line_is_a_date():
    from pacer_analysis.cli import parser

    assert parser().parse_args(["validate", "--day", "2024-05-02", "--decimal", ","]).day == dt.date(2024, 5, 2)


def test_a_date_of_birth_is_never_the_day_of_an_export_and_one_typo_is_not_usual(tmp_path):
    """Identifiers are not printed as the day; of 60 dates one in the year 2203 is a typo."""
    from pacer_analysis.dictionary import load_any
    from pacer_analysis.read.export import read_export
    from pacer_analysis.validate.export_day import day_of

    (tmp_path / "d.csv").write_text("name,label,type,unit,min,max,codes,required,identifier\nid,Id,text,,,,,,\nborn,Born,date,,,,,,y\nseen,Seen,date,,,,,,\n")
    rows = [f"{number},1977-07-23,2023-03-{1 + number % 28:02d}" for number in range(59)]
    (tmp_path / "x.csv").write_text("id,born,seen\n" + "\n".join([*rows, "60,1977-07-23,2203-05-01"]) + "\n")
    day, _ = day_of(tmp_path / "x.csv", read_export(tmp_path / "x.csv", load_any(tmp_path / "d.csv")))
    assert day.isoformat() == "2023-03-28"
