"""What a planted defect is: its kind, where a finding must name it, and when a finding does."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.independent.planted_cut import MISSING_CODES, SEALED_FIELDS, SEALED_SOURCES, STATA_SOURCES, TEXT_SOURCES, Change, Cut, Row, forms, open_cut, save

FORMS = forms()
NOTHING = frozenset({None, "", *MISSING_CODES})
ALL_SOURCES = (*TEXT_SOURCES, *STATA_SOURCES)


@dataclass(frozen=True)
class Place:
    """Where a finding stands; what is blank may be anything."""

    source: str
    record: str
    event: str = ""
    instrument: str = ""
    instance: str = ""
    field: str = ""


@dataclass(frozen=True)
class Planted:
    """One defect: a finding must stand at its place, or at one of `instead`; findings at `also` are its consequences, allowed but not asked for."""

    kind: str
    source: str
    record: str
    event: str = ""
    instrument: str = ""
    instance: str = ""
    field: str = ""
    detail: str = ""
    instead: tuple[Place, ...] = ()
    also: tuple[Place, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def place(self) -> Place:
        return Place(self.source, self.record, self.event, self.instrument, self.instance, self.field)

    @property
    def sealed(self) -> bool:
        """Whether its finding betrays the allocation, and so belongs to the closed list."""
        return self.source in SEALED_SOURCES or self.field in SEALED_FIELDS.get(self.source, ())

    def found_by(self, finding: Mapping[str, Any]) -> bool:
        """Whether one line of queries.csv reports this defect."""
        return any(stands_at(place, finding) for place in (self.place, *self.instead))

    def explains(self, finding: Mapping[str, Any]) -> bool:
        """Whether one line of queries.csv is this defect or a consequence of it."""
        return self.found_by(finding) or any(stands_at(place, finding) for place in self.also)


@dataclass(frozen=True)
class Kind:
    """`find` yields the rows that one defect would touch, `damage` does it; no record gets two defects."""

    name: str
    description: str
    severity: str
    find: Callable[[Cut], Iterable[tuple[Row, ...]]] = field(repr=False)
    damage: Callable[[Cut, tuple[Row, ...], random.Random], Planted] = field(repr=False)
    needs: str = ""

    def candidates(self, cut: Cut) -> list[tuple[Row, ...]]:
        return list(self.find(cut))

    def plant_into(self, cut: Cut, candidates: list[tuple[Row, ...]], chance: random.Random, times: int) -> list[Planted]:
        """The defects planted into an open cut; LookupError if it holds too few women for them."""
        planted: list[Planted] = []
        left = list(candidates)
        while left and len(planted) < times:
            drawn = chance.randrange(len(left))
            left[drawn], left[-1] = left[-1], left[drawn]
            rows = left.pop()
            records = {row.record for row in rows}
            if records & cut.used:
                continue
            cut.used |= records
            cut.changes.clear()
            defect = self.damage(cut, rows, chance)
            cut.used |= {row.record for row in rows}  # a row renamed by the damage is not drawn again under its new name
            changes = tuple(cut.changes)
            for change in changes:
                cut.tables[change.source].touched = True
            told = "; ".join(f"{one.source} {one.field or 'row'}: {one.before!r} -> {one.after!r}" for one in changes[:4])
            planted.append(replace(defect, kind=self.name, detail=f"{told} and {len(changes) - 4} more" if len(changes) > 4 else told, changes=changes))
        if len(planted) < times:
            raise LookupError(f"{self.name}: room for {len(planted)} of {times}")
        return planted

    def plant(self, folder: Path, chance: random.Random, times: int) -> list[Planted]:
        """Plants this kind alone into the raw files of a folder."""
        cut = open_cut(folder)
        planted = self.plant_into(cut, self.candidates(cut), chance, times)
        save(cut)
        return planted


def plain(value: Any) -> Any:
    """A cell of queries.csv as text, however it was read: blank for missing, 2 for 2.0."""
    return "" if str(value) in {"None", "nan", "<NA>"} else str(value).removesuffix(".0")


def stands_at(place: Place, finding: Mapping[str, Any]) -> bool:
    """Whether a finding lies at a place: a box counts for its question, and a finding may leave event, instrument and instance blank."""
    source, record, event, instrument, instance, name = (plain(finding.get(key)) for key in ("source", "record", "event", "instrument", "instance", "field"))
    return (
        (source, record) == (place.source, place.record)
        and (place.event in {"", event} or event == "")
        and (place.instrument in {"", instrument} or instrument == "")
        and (place.instance in {"", instance} or instance in {"", "0"})
        and (place.field in {"", name} or name.partition("___")[0] == place.field.partition("___")[0])
    )


def usable(value: Any) -> bool:
    return value not in NOTHING


def here(row: Row, name: str = "", *, form: str = "", instead: Iterable[Place] = (), also: Iterable[Place] = ()) -> Planted:
    """The defect of a row as it now stands, at one field or at any."""
    if row.table.source != "redcap":
        return Planted("", row.table.source, row.record, field=name, instead=tuple(instead), also=tuple(also))
    instrument = row["redcap_repeat_instrument"] or form or FORMS.get(name.partition("___")[0], "")
    return Planted("", "redcap", row.record, row["redcap_event_name"], instrument, row["redcap_repeat_instance"], name, instead=tuple(instead), also=tuple(also))


def everywhere(*records: str) -> tuple[Place, ...]:
    """Any finding on these records in any source."""
    return tuple(Place(source, record) for record in records for source in ALL_SOURCES)


def cell(
    name: str, description: str, severity: str, events: str, column: str, new: Callable[[Any, random.Random], Any],
    *, form: str = "", when: Callable[[Row], bool] = lambda _: True, blank: bool = False, also: Callable[[Row], Iterable[Place]] = lambda _: (),
) -> Kind:
    """A kind that writes one other value into one filled (or one blank) cell of REDCap, on the base rows of some events or on the instances of a form."""

    def find(cut: Cut) -> Iterable[tuple[Row, ...]]:
        i = cut.tables["redcap"].columns[column]
        for event in events.split():
            for row in cut.at(f"{event}_arm_1", form):
                if (row.cells[i] == "" if blank else row.cells[i] not in NOTHING) and when(row):
                    yield (row,)

    def damage(_: Cut, rows: tuple[Row, ...], chance: random.Random) -> Planted:
        (row,) = rows
        row[column] = new(row[column], chance)
        return here(row, column, also=also(row))

    return Kind(name, description, severity, find, damage)


def flat_cell(
    name: str, description: str, severity: str, source: str, column: str, new: Callable[[Any, random.Random], Any],
    *, when: Callable[[Row], bool] = lambda _: True, at: str | None = None, also: Callable[[Row], Iterable[Place]] = lambda _: (),
) -> Kind:
    """The same for a linked source; `at` is the field of the finding where it is another (blank: any)."""

    def find(cut: Cut) -> Iterable[tuple[Row, ...]]:
        i = cut.tables[source].columns[column]
        return ((row,) for row in cut.rows(source) if row.cells[i] not in NOTHING and when(row))

    def damage(_: Cut, rows: tuple[Row, ...], chance: random.Random) -> Planted:
        (row,) = rows
        row[column] = new(row[column], chance)
        return here(row, column if at is None else at, also=also(row))

    return Kind(name, description, severity, find, damage)
