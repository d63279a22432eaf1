"""Random expressions over the small project's names, random tables of it, and the two together: what a property test of thousands draws from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from tests.independent.logic_project import EVENTS, FIELDS, MAPPING, MISSING_CODES, REPEATING_EVENTS, REPEATING_FORMS, columns, forms_on
from tests.independent.logic_project_rows import GIVEN, Given, completed
from tests.independent.logic_twin_parser import INSTANCES
from tests.independent.logic_twin_references import RowKey, box_column

Draw = Callable[[st.SearchStrategy[Any]], Any]

POOLS: dict[str, list[str]] = {
    "integer": ["", "", "0", "1", "2", "3", "120", "-5", "+3", "007", "1.0", "1e2", "NI", "UNK", "-99", "abc"],
    "number": ["", "", "0", "1", ".5", "1.5", "2.5", "-2.5", "-0.5", "12.345", "1e3", "99.995", "NI", "-99", "1,5", "about 3"],
    "comma": ["", "1,54", "0,5", "-1,5", "2", "1.5", "100,25", "NI", "-99", "abc"],
    "date": ["", "2020-02-29", "2020-03-01", "2021-03-15", "2019-12-31", "2020-01-20", "1985-06-30", "NI", "UNK", "2020-02-30", "2020-1-5", "soon"],
    "datetime": ["", "2020-02-29 00:00", "2020-03-01 23:59", "2021-03-15 10:20", "2020-01-20 08:15", "NI", "2020-01-20", "noon"],
    "seconds": ["", "2020-02-29 00:00:00", "2020-03-01 23:59:59", "2021-03-15 10:20:31", "UNK", "2020-03-01 23:59", "noon"],
    "time": ["", "00:00", "08:15", "12:00", "23:59", "NI", "24:00", "noon"],
    "time_hh_mm_ss": ["", "00:00:00", "08:15:30", "23:59:59", "UNK", "late"],
    "time_mm_ss": ["", "00:00", "12:35", "59:59", "NI", "61:00"],
    "text": ["", "", "a", "A", "Rob Taylor", " anna ", "0", "1", "01", "-99", "NI", "UNK", "ni", "2020-01-20", "it's", 'say "x"', "<20", "1 500", "a,b", "Zoë", "a // b # c"],
}
LITERALS = {
    "number": ("0", "1", "2", "3", "5", "10", "120", "0.5", "1.5", ".5", "2.50", "-99", "'0'", "'1'", '"1"', "'02'", "'-99'", "'1e2'", "true", "''", "'NaN'"),
    "date": ("'2020-02-29'", '"2020-01-20"', "'2020-01-20 08:15'", "'2020-01-20 08:15:30'", "'08:15'", "'today'", '"today"', "'now'", "''", "'NI'", "'soon'", "'2019-06-31'"),
    "text": ("'a'", '"A"', "'Rob'", '"it\'s"', "' '", "'X'", "'abc'", "'1'", '"NI"', "'UNK'", '""', "'2020'", "'-'", "'// no'", "'a,b'", "'PO'"),
}
UNITS = ("'y'", "'M'", "'d'", "'h'", "'m'", "'s'", '"d"', '"y"')
ONE = ("sqrt", "abs", "exponential", "log", "round", "roundup", "rounddown", "isnumber", "isinteger", "isblankormissingcode", "isblanknotmissingcode", "ismissingcode", "length", "trim",
       "upper", "lower", "year", "month", "day", "dayoftheweek")
TWO = ("round", "roundup", "rounddown", "log", "mod", "contains", "not_contain", "starts_with", "ends_with", "find", "left", "right", "age_at_date")
THREE = ("if", "if", "mid", "replace_text")
SEVERAL = ("sum", "mean", "median", "min", "max", "stdev", "concat", "concat_ws")
TEXTUAL = {"contains", "not_contain", "starts_with", "ends_with", "find", "left", "right", "mid", "replace_text", "length", "trim", "upper", "lower", "concat", "concat_ws"}
DATED = {"datediff", "age_at_date", "year", "month", "day", "dayoftheweek"}
SMART_EVENTS = ("event-name", "first-event-name", "last-event-name", "previous-event-name", "next-event-name")
SMART = ("record-name", "event-name", "arm-number", "record-dag-name", "current-instance", "previous-event-name", "first-event-name")
COMPARISONS = ("=", "=", "=", "<>", "!=", "<", "<=", ">", ">=")
AND, OR = (" and ", " AND ", " && ", "&&", "\nand "), (" or ", " OR ", " || ", "||", "\tor\n")


def _pick(draw: Draw, options: Sequence[Any]) -> Any:
    return draw(st.sampled_from(options))


def _chance(draw: Draw, one_in: int) -> bool:
    return bool(draw(st.integers(1, one_in)) == one_in)


def _want(name: str) -> str:
    """What a field usually holds: number, date or text."""
    known = FIELDS[name]
    if known.kind in {"calc", "slider", "checkbox", "radio", "dropdown", "yesno", "truefalse"} or known.validation == "integer" or "number" in known.validation:
        return "number"
    return "date" if "date" in known.validation or "time" in known.validation else "text"


def _name(draw: Draw, forms: Sequence[str], want: str) -> str:
    """A field's name, with an option where it is a checkbox, or the status of a form."""
    if _chance(draw, 15):
        return f"{_pick(draw, forms)}_complete"
    names = [name for name, known in FIELDS.items() if known.form in forms and known.kind != "descriptive"]
    fitting = [name for name in names if _want(name) == want]
    name = _pick(draw, fitting if fitting and not _chance(draw, 5) else names)
    if FIELDS[name].kind != "checkbox":
        return str(name)
    return f"{name}({_pick(draw, [*FIELDS[name].choices, *MISSING_CODES] if _chance(draw, 6) else list(FIELDS[name].choices))})"


def _reference(draw: Draw, forms: Sequence[str], want: str) -> str:
    kind = draw(st.integers(1, 15))
    if kind <= 9:
        return f"[{_name(draw, forms, want)}]"
    if kind == 10:
        return f"[{_pick(draw, SMART)}]"
    if kind == 11:
        return f"[{_name(draw, forms, want)}][{_pick(draw, [*INSTANCES, '1', '2', '3'])}]"
    if kind == 12:
        return f"[{_pick(draw, SMART_EVENTS)}][{_name(draw, forms, want)}]"
    event = _pick(draw, list(EVENTS))
    held = MAPPING[event] if not _chance(draw, 8) else sorted({known.form for known in FIELDS.values()})
    name = _name(draw, held, want)
    repeats = event in REPEATING_EVENTS or any(FIELDS[name.split("(")[0]].form == form for form in REPEATING_FORMS.get(event, []) if name.split("(")[0] in FIELDS)
    instance = f"[{_pick(draw, [*INSTANCES, '1', '2', '3', '7'])}]" if repeats != _chance(draw, 10) else ""
    return f"[{event}][{name}]{instance}"


def _gap(draw: Draw) -> str:
    return str(_pick(draw, ["", "", "", " ", " ", " ", "  ", "\n", "\t", " /* so */ ", " // why\n"]))


def _value(draw: Draw, forms: Sequence[str], depth: int, want: str = "number") -> str:
    if depth <= 0 or _chance(draw, 3) or (want == "date" and not _chance(draw, 5)):
        return str(_pick(draw, LITERALS[want])) if _chance(draw, 3) else _reference(draw, forms, want)
    kind = draw(st.integers(1, 10))
    if want == "number" and kind <= 4:
        left, right = _value(draw, forms, depth - 1), _value(draw, forms, depth - 1)
        sign, gap = _pick(draw, "+-*/"), _gap(draw)
        if kind == 4:
            return f"({left})^({_pick(draw, ['2', '0.5', '-1', '3', right])})"
        return f"({left}){gap}{sign} ({right})" if _chance(draw, 3) else f"{left}{gap}{sign} {right}"
    if want == "number" and kind == 5:
        return f"-{_value(draw, forms, depth - 1)}" if _chance(draw, 2) else f"({_condition(draw, forms, depth - 1)})"
    return _call(draw, forms, depth)


def _call(draw: Draw, forms: Sequence[str], depth: int) -> str:
    def more(count: int, want: str = "number") -> list[str]:
        return [_value(draw, forms, depth - 1, want) for _ in range(count)]

    kind = draw(st.integers(1, 11))
    if kind <= 3:
        options = _pick(draw, [[], [], ["true"], ["false"], ["'dmy'"], ['"mdy"', "true"], ["'ymd'", "false"]])
        name, arguments = "datediff", [*more(2, "date"), _pick(draw, UNITS), *options]
    elif kind == 4:
        name, arguments = "hasmissingcode", [*more(1, _pick(draw, list(LITERALS))), _pick(draw, ["'NI'", "'NI,UNK'", "'-99, NI'", "'X'"])]
    elif kind <= 7:
        name, count = _pick(draw, [(name, 1) for name in ONE] + [(name, 2) for name in TWO])
        arguments = more(count, "date" if name in DATED else "text" if name in TEXTUAL else "number")
        if name in {"round", "roundup", "rounddown", "left", "right", "log"} and count == 2:
            arguments[1] = _pick(draw, ["0", "1", "2", "3", "-1", "10", arguments[1]])
    elif kind <= 9:
        name = _pick(draw, THREE)
        want = _pick(draw, list(LITERALS))
        arguments = [_condition(draw, forms, depth - 1), *more(2, want)] if name == "if" else more(3, "text")
        if name == "mid":
            arguments[1:] = [_pick(draw, ["1", "2", "3", "6", arguments[1]]), _pick(draw, ["1", "2", "9", arguments[2]])]
    else:
        name = _pick(draw, SEVERAL)
        arguments = more(draw(st.integers(2, 4)), "text" if name in TEXTUAL else "number")
    shown = str(name).upper() if _chance(draw, 10) else name
    return f"{shown}({_pick(draw, [',', ', ', ' , ']).join(arguments)})"


def _condition(draw: Draw, forms: Sequence[str], depth: int) -> str:
    kind = draw(st.integers(1, 10)) if depth > 0 else draw(st.integers(1, 5))
    want = _pick(draw, ["number", "number", "date", "text"])
    if kind <= 5:
        return f"{_value(draw, forms, depth - 1, want)}{_gap(draw)}{_pick(draw, COMPARISONS)}{_gap(draw)}{_value(draw, forms, depth - 1, want)}"
    if kind == 6:
        return f"not({_condition(draw, forms, depth - 1)})"
    if kind == 7:
        return _value(draw, forms, depth - 1, want)
    sign = _pick(draw, AND if kind == 8 or _chance(draw, 2) else OR)
    sides = [_condition(draw, forms, depth - 1), _condition(draw, forms, depth - 1)]
    return f"({sides[0]}){sign}({sides[1]})" if _chance(draw, 2) else sign.join(sides)


@st.composite
def expressions(draw: Draw, forms: Sequence[str] = (), depth: int = 3) -> str:
    """An expression that the language accepts; names come mostly from the given forms."""
    near = list(forms) or sorted({known.form for known in FIELDS.values()})
    return _condition(draw, near, depth) if _chance(draw, 2) else _value(draw, near, depth, _pick(draw, list(LITERALS)))


def _pool(column: str) -> list[str]:
    known = FIELDS.get(column)
    if known is None:
        return ["0", "1", "2", "2"]
    if known.kind == "slider":
        return POOLS["integer"]
    if known.choices:
        return ["", *known.choices, *known.choices, "NI", "7"]
    validation = known.validation
    if validation in POOLS:
        return POOLS[validation]
    return POOLS["seconds" if "seconds" in validation else "datetime" if "datetime" in validation else "date" if "date" in validation else "comma" if "comma" in validation
                 else "number" if known.kind == "calc" or "number" in validation else "text"]


def _given(draw: Draw, record: str, event: str, form: str, instance: int) -> Given:
    values: dict[str, str] = {}
    names = [column for name in forms_on(event, form) for column in columns(name)]
    for column in names:
        if "___" in column:
            values[column] = _pick(draw, ["0", "0", "1"])
        elif not _chance(draw, 4) or column.endswith("_complete"):
            values[column] = _pick(draw, _pool(column))
    boxes = sorted({column.split("___", maxsplit=1)[0] for column in names if "___" in column})
    for name in boxes:
        if _chance(draw, 6):  # of unknown status: all boxes blank
            values |= {column: "" for column in names if column.startswith(f"{name}___")}
        elif _chance(draw, 6):
            values[box_column(name, "NI")] = "1"
    return record, event, form, instance, values


@st.composite
def tables(draw: Draw, records: Sequence[str] = ("1", "007")) -> dict[RowKey, dict[str, str]]:
    """A few rows of one or two records, sparse in events and instances."""
    possible = [(event, form, instance) for _, event, form, instance, _ in GIVEN]
    given: list[Given] = []
    for record in records[:draw(st.integers(1, len(records)))]:
        chosen = draw(st.lists(st.sampled_from(sorted(set(possible))), min_size=1, max_size=7, unique=True))
        given += [_given(draw, record, event, form, instance) for event, form, instance in chosen]
    return completed(given, {"1": "daga"})


@st.composite
def cases(draw: Draw, depth: int = 3) -> tuple[str, dict[RowKey, dict[str, str]], RowKey]:
    """An expression, a table and one of its rows, near which most of the expression's names lie."""
    rows = draw(tables())
    key = draw(st.sampled_from(list(rows)))
    return draw(expressions(forms=forms_on(key[1], key[2]), depth=depth)), rows, key
