"""reconciliations.yaml: the same fact in two sources, and how far the two may differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacer_analysis.dictionary.checks import logic_of, severity_of
from pacer_analysis.dictionary.yamllist import entries, known_keys
from pacer_analysis.errors import DictionaryError

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.logic import Expression

REQUIRED = ("id", "severity", "left", "right", "message")
OPTIONAL = ("match", "compare", "unmatched", "matched", "action")
SIDE_REQUIRED, SIDE_OPTIONAL = ("source", "field"), ("form", "event", "date", "when")
TOLERANCES = ("absolute", "relative", "log10")
EXACT, NOTHING = "exact", "nothing"
UNMATCHED = ("ignore", "finding")


@dataclass(frozen=True, slots=True)
class Place:
    """Where one of the two values stands: the rows of a source, or of a form and event of it, on which `when` is true."""

    source: str
    form: str
    event: str
    field: str
    date: str
    when: Expression | None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One comparison, made for each row of `left`; its findings are on that row.

    Rows belong together by record, with `days` also by the nearest `date` no further away than that. `compare` is exact, or
    absolute, relative or log10 with a `tolerance`, or nothing. `unmatched` says whether a row of `left` without its like is a finding.
    With `matched` the two exclude each other: a row of `left` with its like is the finding, and nothing is compared.
    """

    id: str
    severity: str
    left: Place
    right: Place
    days: int | None
    compare: str
    tolerance: float
    unmatched: bool
    message: str
    action: str
    matched: bool = False


def load_reconciliations(path: Path) -> tuple[Reconciliation, ...]:
    """The comparisons of a file in its order, none if there is no file; DictionaryError names the one that cannot be read."""
    return tuple(_reconciliation(entry, where) for where, entry in entries(path, "reconciliations"))


def _reconciliation(entry: dict[str, Any], where: str) -> Reconciliation:
    known_keys(entry, where, REQUIRED, OPTIONAL)
    left, right = (_place(entry[side], f"{where}, {side}") for side in ("left", "right"))
    days = _days(entry.get("match"), where)
    if days is not None and not (left.date and right.date):
        raise DictionaryError("rows are to be matched by date, but a side names none", where=where, allowed="date: under left and under right", do="name the two fields")
    compare, tolerance = _comparison(entry.get("compare", EXACT), where)
    unmatched, matched = (entry.get(name, UNMATCHED[0]) for name in ("unmatched", "matched"))
    for name, said in (("unmatched", unmatched), ("matched", matched)):
        if said not in UNMATCHED:
            raise DictionaryError(f"`{name}` is {said!r}", where=where, allowed=", ".join(UNMATCHED), do="choose one of them")
    if matched == UNMATCHED[1] and (unmatched == UNMATCHED[1] or "compare" in entry):
        raise DictionaryError("`matched: finding` compares nothing, and cannot stand beside `compare` or `unmatched: finding`", where=where, do="leave one of them out")
    if compare == NOTHING and unmatched != UNMATCHED[1]:
        raise DictionaryError("`compare: nothing` leaves only rows without their like to be found", where=where, allowed="unmatched: finding", do="add it, or say how the values are compared")
    return Reconciliation(str(entry["id"]), severity_of(entry, where), left, right, days, compare, tolerance, unmatched == UNMATCHED[1], str(entry["message"]).strip(),
                          str(entry.get("action") or "").strip(), matched == UNMATCHED[1])


def _place(entry: Any, where: str) -> Place:
    if not isinstance(entry, dict):
        raise DictionaryError("a side is not a mapping", where=where, allowed=", ".join((*SIDE_REQUIRED, *SIDE_OPTIONAL)), do="correct it in this file")
    known_keys(entry, where, SIDE_REQUIRED, SIDE_OPTIONAL)
    text = {key: str(entry.get(key) or "").strip() for key in (*SIDE_REQUIRED, *SIDE_OPTIONAL)}
    return Place(text["source"], text["form"], text["event"], text["field"], text["date"], logic_of(text["when"], where) if text["when"] else None)


def _days(entry: Any, where: str) -> int | None:
    """How many days apart two rows may be; None if the record alone matches them."""
    if entry in (None, "record"):
        return None
    days = entry.get("days") if isinstance(entry, dict) and set(entry) == {"days"} else None
    if not isinstance(days, int) or isinstance(days, bool) or days < 0:
        raise DictionaryError("it cannot be read how rows are matched", where=where, allowed="match: {days: 14}; left out, the record alone", do="give a whole number of days")
    return days


def _comparison(entry: Any, where: str) -> tuple[str, float]:
    if entry in (EXACT, NOTHING):
        return str(entry), 0.0
    kind, tolerance = next(iter(entry.items())) if isinstance(entry, dict) and len(entry) == 1 else ("", 0)
    if kind not in TOLERANCES or not isinstance(tolerance, int | float) or isinstance(tolerance, bool) or not tolerance >= 0:
        raise DictionaryError("it cannot be read how values are compared", where=where, allowed="compare: exact, nothing, {absolute: 1}, {relative: 0.05} or {log10: 0.5}",
                              do="choose one of them")
    return str(kind), float(tolerance)
