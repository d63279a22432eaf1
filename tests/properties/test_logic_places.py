"""Two ways to the row that a reference means: all rows at once by sorted keys, and one row after the other by looking through the export."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pacer_analysis.logic import Reference, parse
from pacer_analysis.logic.smart import EVENTS, INSTANCES
from pacer_analysis.validate.lookup import Rows
from tests.spec.logic_tables import EVENTS as FORMS
from tests.spec.logic_tables import REPEATING, project, rows_of

UNKNOWN = "?"
FIELDS = {"weight": "visit", "again": "visit", "dose": "pills", "pill": "pills", "event": "harm", "call": "phone", "sex": "intake", "arm_b": "other"}
VALUES = {"weight": ["60", "61.5"], "again": ["0", "1"], "dose": ["1", "2"], "pill": ["red", "blue"], "event": ["rash"], "call": ["first", "again"], "sex": ["1", "2"], "arm_b": ["yes", "no"]}
Row = dict[str, str]


def arm(event: str) -> str:
    return event[-1]


@st.composite
def exports(draw) -> list[Row]:
    """Rows of up to two records in any events, with any instances, in any order, each key once."""
    rows: dict[tuple[str, ...], Row] = {}
    for _ in range(draw(st.integers(1, 12))):
        event = draw(st.sampled_from(list(FORMS)))
        own = [form for form in FORMS[event] if (event, form) in REPEATING]
        form = draw(st.sampled_from(["", *own]))
        instance = str(draw(st.integers(1, 4))) if form or (event, "") in REPEATING else ""
        row = {"id": draw(st.sampled_from("AB")), "e": event} | ({"form": form} if form else {}) | ({"n": instance} if instance else {})
        for name, its in FIELDS.items():
            if (its == form) if form else (its in FORMS[event] and its not in own):
                row[name] = draw(st.sampled_from(["", *VALUES[name]]))
        rows[row["id"], event, form, instance] = row
    return list(rows.values())


def target_event(row: Row, event: str, form: str) -> str | None:
    """The event that a reference means from a row, None if there is none."""
    if event in {"", "event-name"}:
        return row["e"]
    mine = [each for each in FORMS if arm(each) == arm(row["e"])]
    if event not in EVENTS:
        return event if event in mine else None
    having, here = [each for each in mine if form in FORMS[each]], mine.index(row["e"])
    if event == "previous-event-name":
        having = [each for each in having if mine.index(each) < here][-1:]
    elif event == "next-event-name":
        having = [each for each in having if mine.index(each) > here][:1]
    return (having[-1:] if event == "last-event-name" else having[:1] or [None])[0] if having else None


def slowly(export: list[Row], row: Row, own: str, reference: Reference) -> str:
    """The text that a reference has on a row of a form, UNKNOWN if nobody can say."""
    form = FIELDS[reference.field]
    if reference.event in {"", "event-name"} and not reference.instance and own == form:
        return row.get(reference.field, "")
    event = target_event(row, reference.event, form)
    meant = event or (reference.event if reference.event in FORMS else None)
    if meant is None:
        return ""
    if form not in FORMS[meant]:
        return UNKNOWN
    alone, whole = (meant, form) in REPEATING, (meant, "") in REPEATING
    if not alone and not whole and reference.instance not in {"", "current-instance"}:
        return UNKNOWN
    if event is None:
        return ""
    there = [each for each in export if each["id"] == row["id"] and each["e"] == event and each.get("form", "") == (form if alone else "")]
    wanted = reference.instance
    if not alone and not whole:
        return there[0].get(reference.field, "") if there else ""
    itself = row["e"] == event and (own == form and bool(row.get("form")) if alone else not row.get("form"))
    mine = int(row.get("n", "0"))
    if wanted == "":
        if not itself:
            return UNKNOWN
        number = mine
    elif wanted.isdigit():
        number = int(wanted)
    elif wanted in {"first-instance", "last-instance"}:
        numbers = [int(each["n"]) for each in there]
        number = (min if wanted == "first-instance" else max)(numbers) if numbers else 0
    elif not mine:
        return UNKNOWN
    else:
        number = mine + {"previous-instance": -1, "current-instance": 0, "next-instance": 1}[wanted]
    return next((each.get(reference.field, "") for each in there if int(each["n"]) == number), "")


def filled(row: Row, form: str) -> bool:
    """Whether a row is one of a form's table: a repeat, or a base row on which somebody opened the form."""
    if row.get("form"):
        return row["form"] == form
    return form in FORMS[row["e"]] and (row["e"], form) not in REPEATING and any(row.get(name) for name, its in FIELDS.items() if its == form)


REFERENCES = st.builds(Reference, st.sampled_from(["", "", *FORMS, *sorted(EVENTS)]), st.sampled_from(list(FIELDS)), st.just(""), st.sampled_from(["", "", "1", "2", "3", *sorted(INSTANCES)]))


def opened(row: Row) -> bool:
    """Whether a base row holds anything: of a repeating event only such instances exist."""
    return bool(row.get("form")) or any(filled(row, form) for form in FORMS[row["e"]])


@settings(max_examples=400, deadline=None)
@given(exports(), st.lists(REFERENCES, min_size=1, max_size=8))
def test_references_agree(export, references):
    kept = [row for row in export if opened(row)]
    rows = rows_of(project(), kept) if kept else None
    for table in rows.reading.tables if isinstance(rows, Rows) else ():
        mine = [row for row in kept if filled(row, table.form)]
        assert table.rows == len(mine)
        for reference in references:
            result = rows.evaluate(table, parse(str(reference)), None)
            found = [text if known else UNKNOWN for text, known in zip(result.texts, result.known, strict=True)]
            assert found == [slowly(kept, row, table.form, reference) for row in mine], f"{reference} on {table.form}"
