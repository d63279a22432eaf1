"""Rows of a REDCap export before they are written: columns of text for one event, or for one repeating form of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pacer_analysis.simulate._draw import Flags, Ints, Texts

MISSING_CODES = ("NASK", "UNK", "NI")
REMARKS = (
    "Came with her sister, who waited outside",
    "Folder not found at the clinic;\nfound the next day",
    'Says she is "tired of tablets", counselled',
    "Late because of the taxis\nRebooked, phoned",
    "Prefers afternoons",
    "Baby unwell, seen by the nurse",
)

Cells = dict[str, Texts]


@dataclass(frozen=True)
class Table:
    """Rows of one event (`form` '') or of one repeating form: the women by position among those screened, instance 0 for none, `date` of the row."""

    event: str
    form: str
    woman: Ints
    instance: Ints
    date: Ints
    cells: Cells

    def keep(self, rows: Flags) -> Table:
        """The same table with some of its rows."""
        return Table(self.event, self.form, self.woman[rows], self.instance[rows], self.date[rows], {name: cell[rows] for name, cell in self.cells.items()})

    def until(self, cutoff: int) -> Table:
        """The rows dated no later than the cut-off."""
        return self.keep(self.date <= cutoff)


def numbered(woman: Ints) -> Ints:
    """1, 2, 3, ... within each woman; the rows are sorted by woman."""
    return np.arange(len(woman)) - np.searchsorted(woman, woman) + 1


def some_missing(rng: np.random.Generator, cells: Cells, fields: tuple[str, ...], chance: float = 0.006) -> None:
    """Missing-data codes here and there in fields that nothing depends on."""
    for name in fields:
        hit = rng.random(len(cells[name])) < chance
        cells[name] = np.where(hit & (cells[name] != ""), rng.choice(np.array(MISSING_CODES, dtype=object), len(hit)), cells[name])


def remarks(rng: np.random.Generator, size: int, chance: float) -> Texts:
    """Free text on some rows: with commas, quotes and line breaks, as people write."""
    text = np.array(REMARKS, dtype=object)[rng.integers(0, len(REMARKS), size)]
    return np.asarray(np.where(rng.random(size) < chance, text, ""), dtype=object)


def ticks(rng: np.random.Generator, field: str, chances: dict[str, float], size: int, shown: Flags | None = None) -> Cells:
    """Checkbox columns of a field, by suffix; nothing ticked where the field is not shown, and at least the first option where it is asked."""
    drawn = {suffix: rng.random(size) < chance for suffix, chance in chances.items()}
    if shown is not None:
        nothing = ~np.any(list(drawn.values()), axis=0)
        drawn = {suffix: shown & (ticked | (nothing & (number == 0))) for number, (suffix, ticked) in enumerate(drawn.items())}
    return {f"{field}___{suffix}": np.where(ticked, "1", "0").astype(object) for suffix, ticked in drawn.items()}


def clock(minute: Ints) -> Texts:
    """Times of the day, HH:MM, from minutes after midnight."""
    return np.array([f"{value // 60:02d}:{value % 60:02d}" for value in minute.tolist()], dtype=object)


def status(rng: np.random.Generator, size: int) -> Texts:
    """The status of opened forms: complete, now and then unverified."""
    return np.where(rng.random(size) < 0.97, "2", "1").astype(object)
