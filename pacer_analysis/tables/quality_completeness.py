"""Completeness: what was asked and answered, by form and event, and the fields that are blank most often."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.tables import cells, numbers
from pacer_analysis.tables.model import Cell, Column, Row, Table
from pacer_analysis.tables.quality import Lines, shade, table, whole
from pacer_analysis.tables.quality_events import POOLED, in_order, is_pooled, pooled, titles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOST_LISTED = 40
ASKED = ("Asked: shown by branching logic, on a form that was opened. A missing-data code is an answer. "
         "What branching logic could not tell is counted apart and not as asked")
CALCULATED = "Calculated fields are left out: they are blank where what they need is"
LEFT_OUT = f"{CALCULATED}. So is free text, most of which is blank for good reasons"


@dataclass(slots=True)
class Count:
    """Cells that were asked, what stands in them, and those that nobody could tell."""

    asked: int = 0
    blank: int = 0
    code: int = 0
    unknown: int = 0
    hidden: int = 0

    def add(self, line: Mapping[str, str]) -> None:
        """Adds a line of completeness.csv."""
        self.asked += whole(line.get("expected"))
        self.blank += whole(line.get("blank"))
        self.code += whole(line.get("missing_code"))
        self.unknown += whole(line.get("not_evaluable"))
        self.hidden += whole(line.get("hidden"))


def is_required(line: Mapping[str, str]) -> bool:
    """True for a field that the dictionary requires."""
    return (line.get("required") or "").lower() in ("y", "yes", "1", "true")


def is_calculated(line: Mapping[str, str]) -> bool:
    """True for a field that nobody enters."""
    return line.get("kind") == "calculated"


def place_of(line: Mapping[str, str]) -> str:
    """The form, or the source that has none."""
    return line.get("form") or line.get("source") or ""


def to_be_entered(lines: Lines, texts: Iterable[tuple[str, str]]) -> list[Mapping[str, str]]:
    """The lines of fields that somebody is asked to fill in: none that is calculated, and of free text the required ones."""
    free = frozenset(texts)
    return [line for line in lines if not is_calculated(line) and (is_required(line) or (place_of(line), line.get("field", "")) not in free)]


def by_form(lines: Lines, number: str, *, source: str) -> Table | None:
    """Cells asked, blank and coded by form, the required ones apart; the form with the most blanks first."""
    every: dict[str, Count] = defaultdict(Count)
    required: dict[str, Count] = defaultdict(Count)
    for line in lines:
        every[place_of(line)].add(line)
        if is_required(line):
            required[place_of(line)].add(line)
    names = [name for name, count in every.items() if count.asked]
    if not names:
        return None
    columns = [Column("Cells asked"), Column("Blank"), Column("Blank, %"), Column("Missing-data code"), Column("Required cells"), Column("Required, blank"),
               Column("Not evaluable")]
    rows = [Row(name, (cells.tally(every[name].asked), cells.tally(every[name].blank), share(every[name]), cells.tally(every[name].code),
                       cells.tally(required[name].asked), cells.tally(required[name].blank), cells.tally(every[name].unknown)))
            for name in sorted(names, key=lambda name: (-every[name].blank / every[name].asked, name))]
    return table("completeness", number, "Completeness by form", "Form", columns, rows, source, [ASKED, LEFT_OUT])


def share(count: Count, *, shaded: bool = False) -> Cell:
    """The share of blanks in percent, a dash where nothing was asked."""
    if not count.asked:
        return cells.NONE
    value = count.blank / count.asked
    return cells.figures(numbers.percent(value).removesuffix("%"), shade=shade(min(count.blank, -(-count.asked // 4)), -(-count.asked // 4)) if shaded else 0)


def events_of(lines: Lines, order: Sequence[str] = ()) -> list[str]:
    """The events, arms pooled, in the order of the project; without it, in one that agrees with the events of every form."""
    own: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        if line.get("event"):
            own[place_of(line)].append(line["event"])
    return in_order([order, *own.values()])


def by_event(lines: Lines, number: str, events: Mapping[str, str], *, source: str, order: Sequence[str] = ()) -> Table | None:
    """Blank cells in percent of those asked, form by event, arms pooled; none if there is one event. `order` has the project's events."""
    count: dict[tuple[str, str], Count] = defaultdict(Count)
    for line in lines:
        count[place_of(line), pooled(line.get("event", ""))].add(line)
    known = {event for (_, event), each in count.items() if each.asked and event}
    named = [event for event in events_of(lines, order) if event in known]
    if len(named) < 2:
        return None
    forms = [form for form in dict.fromkeys(place_of(line) for line in lines) if any(count[form, event].asked for event in named)]
    rows = [Row(form, tuple(share(count[form, event], shaded=True) for event in named)) for form in forms]
    full = list(dict.fromkeys(line["event"] for line in lines if line.get("event")))
    called = titles(full, events)
    return table("completeness-events", number, "Blank cells by form and event, % of those asked", "Form", [Column(called[event]) for event in named], rows, source,
                 [POOLED if is_pooled(full) else "", LEFT_OUT, "The darker the cell, the more blanks; the darkest from a quarter on"])


def worst(lines: Lines, number: str, *, required: bool, source: str) -> Table | None:
    """The fields with blanks, those with the largest share first; required ones or the others."""
    count: dict[tuple[str, str], Count] = defaultdict(Count)
    labels: dict[tuple[str, str], str] = {}
    for line in lines:
        if is_required(line) == required and not is_calculated(line):
            key = (place_of(line), line.get("field", ""))
            count[key].add(line)
            labels[key] = line.get("label", "")
    ranked = sorted((key for key, each in count.items() if each.blank), key=lambda key: (-count[key].blank / count[key].asked, -count[key].blank, key))
    if not ranked:
        return None
    columns = [Column("Form", text=True), Column("Label", text=True), Column("Asked"), Column("Blank"), Column("Blank, %"), Column("Missing-data code"), Column("Hidden")]
    rows = [Row(name, (cells.plain(form), cells.plain(labels[form, name] or "\N{EN DASH}"), cells.tally(count[form, name].asked), cells.tally(count[form, name].blank),
                       share(count[form, name]), cells.tally(count[form, name].code), cells.tally(count[form, name].hidden))) for form, name in ranked[:MOST_LISTED]]
    more = f"The {numbers.count(MOST_LISTED)} worst of {numbers.count(len(ranked))}; all stand in {source}" if len(ranked) > MOST_LISTED else ""
    anchor, title = ("required-blanks", "Required fields with blanks") if required else ("other-blanks", "Other fields with blanks")
    return table(anchor, number, title, "Field", columns, rows, source, [more, CALCULATED if required else LEFT_OUT])
