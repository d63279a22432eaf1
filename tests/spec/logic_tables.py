"""A small longitudinal project, and its tables made from rows as a raw export has them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np

from pacer_analysis.dictionary import Event, Field, Project, RedcapDictionary
from pacer_analysis.logic import parse
from pacer_analysis.plan import Source
from pacer_analysis.read import Reading
from pacer_analysis.read.convert import convert
from pacer_analysis.read.tidy import Cells, Coded, Tidy
from pacer_analysis.validate.lookup import Rows

MISSING = {"UNK": "Unknown", "-99": "Not done"}


def field(name: str, form: str, kind: str = "text", choices: dict[str, str] | None = None, validation: str = "", **other: str) -> Field:
    """One row of the dictionary."""
    return Field(name=name, form=form, section="", type=kind, label=name, choices=choices or {}, calculation=other.get("calculation", ""), note="", validation=validation,
                 minimum=other.get("minimum", ""), maximum="", identifier=False, branching=other.get("branching", ""), required=False, matrix_group="",
                 annotation=other.get("annotation", ""), line=1)


SEX = {"1": "Male", "2": "Female"}
ILL = {"1": "Fever", "-99": "Unsure", "OTH": "Other", "RXCUI-2393": "Coded"}
FIELDS = (
    field("id", "intake"), field("sex", "intake", "radio", SEX), field("born", "intake", validation="date_ymd"), field("ill", "intake", "checkbox", ILL),
    field("lap", "intake", validation="time_mm_ss"), field("lang", "intake", "radio", {"EN": "English", "UNK": "Unknown to us"}), field("when", "intake", validation="datetime_ymd"),
    field("weight", "visit", validation="number"), field("seen", "visit", validation="date_ymd"), field("again", "visit", "yesno", {"1": "Yes", "0": "No"}),
    field("dose", "pills", validation="number"), field("pill", "pills"),
    field("event", "harm"), field("grade", "harm", "radio", {"01": "Mild", "02": "Severe"}),
    field("call", "phone"), field("minutes", "phone", validation="integer"),
    field("arm_b", "other"),
)
# Two arms; the visits of arm 1 come three times, the second without the form visit; pills and harm repeat at the first visit, the event phone_arm_1 repeats as a whole.
EVENTS = {
    "start_arm_1": ("intake",), "week1_arm_1": ("visit", "pills", "harm"), "week2_arm_1": ("intake",), "week3_arm_1": ("visit", "pills"),
    "phone_arm_1": ("phone", "visit"), "start_arm_2": ("other", "visit"),
}
REPEATING = {("week1_arm_1", "pills"): "", ("week1_arm_1", "harm"): "", ("phone_arm_1", ""): ""}


def project(fields: tuple[Field, ...] = FIELDS, *, classic: bool = False) -> Project:
    """The project, or its forms without events."""
    forms: dict[str, tuple[Field, ...]] = {}
    for each in fields:
        forms[each.form] = (*forms.get(each.form, ()), each)
    dictionary = RedcapDictionary({each.name: each for each in fields}, forms, "id", Path("dictionary.csv"))
    if classic:
        return Project(dictionary, (), {"": tuple(forms)}, {("", "pills"): ""})
    events = tuple(Event(name, name.split("_")[0].capitalize(), name[-1], None, None, None, f"Arm {name[-1]}") for name in EVENTS)
    return Project(dictionary, events, dict(EVENTS), dict(REPEATING), missing_codes=dict(MISSING), groups={"north": "The North", "south": "The South"})


def coded(texts: list[str]) -> Coded:
    levels = list(dict.fromkeys(texts))
    return Coded(np.array([levels.index(text) for text in texts], dtype=np.int32), np.array(levels, dtype=object))


def tables(where: Project, rows: list[dict[str, str]]) -> tuple[Tidy, ...]:
    """One table per form: the rows on which the form stands, with the keys `id`, `e`, `form` of a repeat, `n`, `group`."""
    made = []
    events, records = list(where.mapping), sorted({row["id"] for row in rows})
    for form, fields in where.dictionary.forms.items():
        def stands(row: dict[str, str], form: str = form) -> bool:
            event = row.get("e", "")
            return row["form"] == form if row.get("form") else form in where.mapping[event] and not where.repeats(event, form)

        kept = [(line, row) for line, row in enumerate(rows, start=2) if stands(row)]
        # A form that nobody opened has no row in its table.
        columns = {name: each.kind for each in fields if each.name != "id" for name in each.columns} | {f"{form}_complete": "choice"}
        kept = [(line, row) for line, row in kept if row.get("form") or any(
            row.get(name, "") not in ({"", "0"} if kind == "checkbox" or name == f"{form}_complete" else {""}) for name, kind in columns.items())]
        cells = {}
        for name, kind in columns.items():
            texts = coded([row.get(name, "") for _, row in kept])
            cells[name] = Cells(name, kind, texts.codes, convert(kind, list(texts.levels), MISSING))
        made.append(Tidy(
            "redcap", form, Coded(np.array([records.index(row["id"]) for _, row in kept], dtype=np.int32), np.array(records, dtype=object)),
            Coded(np.array([events.index(row.get("e", "")) for _, row in kept], dtype=np.int32), np.array([*events, ""], dtype=object)),
            np.array([int(row.get("n", "0")) for _, row in kept], dtype=np.int64), np.array([line for line, _ in kept], dtype=np.int64),
            coded([row.get("group", "") for _, row in kept]), np.array([bool(row.get("form")) for _, row in kept], dtype=bool), cells))
    return tuple(made)


def rows_of(where: Project, rows: list[dict[str, str]]) -> Rows:
    """The tables as references are resolved in them."""
    source = Source("redcap", "data.csv", "redcap", "redcap.csv", ("id",))
    return Rows(Reading(source, where, "id", "data.csv", tables(where, rows), (), len(rows), 0))


def texts(rows: Rows, form: str, expression: str, today: dt.date | None = None) -> list[str]:
    """The value of an expression on every row of a form, as text; '?' where it is not evaluable."""
    table = next(each for each in rows.reading.tables if each.form == form)
    result = rows.evaluate(table, parse(expression), today)
    return [text if known else "?" for text, known in zip(result.texts, result.known, strict=True)]


def reason(rows: Rows, form: str, expression: str, today: dt.date | None = None) -> str:
    """Why an expression is not evaluable on some rows of a form."""
    table = next(each for each in rows.reading.tables if each.form == form)
    return rows.reason(table, parse(expression), today)
