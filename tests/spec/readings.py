"""Sources as a reader leaves them, drawn as text: what the register, the corrections and the comparison are tested on."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from pacer_analysis.dictionary import load_flat, load_project
from pacer_analysis.plan import Source
from pacer_analysis.read import Reading
from pacer_analysis.read.convert import convert
from pacer_analysis.read.tidy import Cells, Coded, Tidy
from pacer_analysis.validate.columns import describe_columns, describe_known
from pacer_analysis.validate.ledger import Ledger
from tests.spec.drawing import cells as drawn_cells
from tests.spec.test_dictionary import API

# name, form, type, label, choices, validation, min, max, identifier, branching, required
FIELDS = [
    ("id", "intake", "text", "ID", "", "", "", "", "", "", ""),
    ("sex", "intake", "radio", "Sex", "1, F | 2, M", "", "", "", "", "", "y"),
    ("born", "intake", "text", "Born", "", "date_dmy", "", "", "y", "", ""),
    ("ill", "intake", "checkbox", "Ill", "1, Cough | 2, Other", "", "", "", "", "", ""),
    ("weight", "visit", "text", "Weight", "", "number", "30", "180", "", "", ""),
    ("note", "visit", "notes", "Remarks", "", "", "", "", "", "", ""),
    ("dose", "pills", "text", "Dose", "", "integer", "1", "9", "", "", ""),
]
FLAT = """name,label,type,unit,min,max,codes,required,identifier
id,Participant,text,,,,,,
sampled,Date of the sample,date,,,,,,
tube,Tube,text,,,,,,y
result,Copies,number,c/mL,0,100000,,,
kind,Kind,coded,,,,"1, Study | 2, Routine",,
"""
PERSON = ("record", "event", "instance", "line", "site")


def write_redcap(folder: Path, fields=FIELDS) -> Path:
    """A dictionary with a base form, a form of a later event and a repeating form."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "redcap.csv").open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(API.split(","))
        for name, form, kind, label, choices, validation, low, high, identifier, branching, required in fields:
            writer.writerow((name, form, "", kind, label, choices, "", validation, low, high, identifier, branching, required, "", "", "", "", ""))
    (folder / "events.csv").write_text("event_name,arm_num,unique_event_name\nStart,1,start_arm_1\nLater,1,later_arm_1\n")
    forms = sorted({field[1] for field in fields} & {"visit", "pills"})
    (folder / "instrument_event_mapping.csv").write_text("arm_num,unique_event_name,form\n1,start_arm_1,intake\n" + "".join(f"1,later_arm_1,{form}\n" for form in forms))
    (folder / "repeating.csv").write_text("event_name,form_name,custom_form_label\n" + ("later_arm_1,pills,\n" if "pills" in forms else ""))
    return folder


def redcap(folder: Path, tables: dict[str, str], fields=FIELDS, **more) -> Reading:
    """A REDCap source with the drawn forms; `record`, `event`, `instance`, `line` and `site` are its keys where drawn."""
    project = load_project(write_redcap(folder, fields), "redcap.csv")
    return _reading(Source("redcap", "data.csv", "redcap", "redcap.csv", ("id",), **more), project, "id", tables)


def flat(folder: Path, drawn: str, key: tuple[str, ...] = ("id", "sampled", "tube"), dictionary: str = FLAT, **more) -> Reading:
    """A flat source `lab` with the drawn rows."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lab.csv").write_text(dictionary)
    return _reading(Source("lab", "lab.dta", "stata", "lab.csv", key, **more), load_flat(folder / "lab.csv"), "id", {"": drawn})


def _reading(source: Source, dictionary, record: str, tables: dict[str, str]) -> Reading:
    reading = Reading(source, dictionary, record, source.file, (), (), 0, 0)
    made = tuple(_table(reading, form, drawn) for form, drawn in tables.items())
    return Reading(source, dictionary, record, source.file, made, (), sum(table.rows for table in made), 0)


def _table(reading: Reading, form: str, drawn: str) -> Tidy:
    header, rows = drawn_cells(drawn)
    column = {name: [row[place].replace("\\n", "\n") for row in rows] for place, name in enumerate(header)}
    count = len(rows)
    bare = Tidy(reading.source.id, form, *[coded([""] * count)] * 2, np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64), coded([""] * count), np.zeros(count, dtype=bool), {})
    kinds = {name: about.kind for name, about in describe_columns(reading, bare).items()}
    fields = {}
    for name in header:
        if name in PERSON and (form or name not in kinds):
            continue
        codes = coded(column[name])
        fields[name] = Cells(name, kinds[name], codes.codes, convert(kinds[name], list(codes.levels), set(reading.source.missing_codes)))
    instance = np.array([int(text or 0) for text in column.get("instance", [""] * count)], dtype=np.int64)
    line = np.array(column.get("line", range(2, count + 2)), dtype=np.int64)
    record = coded(column.get("record", column.get("id", [])))
    event = coded(column["event"] if form else [""] * count)
    return Tidy(reading.source.id, form, record, event, instance, line, coded(column.get("site", [""] * count)), instance > 0, fields)


def coded(texts: list[str]) -> Coded:
    """Texts as codes into their levels, in order of appearance."""
    levels = list(dict.fromkeys(texts))
    return Coded(np.array([levels.index(text) for text in texts], dtype=np.int32), np.array(levels, dtype=object))


def find(ledger: Ledger, reading: Reading, form: str, rule: str, field: str, *records: str, severity: str = "error", message: str = "It is wrong.", evaluated: int = 9) -> None:
    """The rule evaluated on a field of a table, and failed on the rows of the records named."""
    table = next(each for each in reading.tables if each.form == form)
    rows = np.flatnonzero(np.isin(table.record.texts.astype(str), records))
    ledger.count(rule, severity, evaluated=evaluated)
    ledger.fail(rule, severity, table, rows, describe_known(reading, table)[field], message, "look")
