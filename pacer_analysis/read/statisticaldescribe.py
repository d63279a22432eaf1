"""What is in a Stata, SAS or SPSS file, without a dictionary: what `pacer inspect` shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pacer_analysis.read.statistical import load_columns, open_statistical
from pacer_analysis.read.statisticallevels import declared_missing, shown

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.read.notes import Note


@dataclass(frozen=True, slots=True)
class DescribedColumn:
    """One column: its name, label, storage and display format, how many values have a label, how many rows are filled.

    `missing` has the values that the file declares missing (`.a`, or SPSS's user-missing ones) with their numbers of rows,
    `labels` the text of each labelled value.
    """

    name: str
    label: str
    storage: str
    display: str
    label_set: str
    labels: dict[str, str]
    filled: int
    missing: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DescribedFile:
    """A file: `format` in words (with release and byte order), the encoding of its text, its rows and columns, and what was noticed on reading it."""

    path: Path
    system: str
    format: str
    encoding: str
    rows: int
    columns: tuple[DescribedColumn, ...]
    spare_labels: tuple[str, ...]
    notes: tuple[Note, ...]


def describe_statistical(path: Path) -> DescribedFile:
    """The description of a whole file, read and checked as for an analysis; ExportError if it cannot be read."""
    import numpy as np

    file = open_statistical(path)
    values, notes, encoding = load_columns(file, list(file.variables))
    columns: list[DescribedColumn] = []
    rows = 0
    for variable in file.variables:
        content = values.pop(variable.name)
        rows = len(content.codes)
        counts = np.bincount(content.codes, minlength=len(content.texts))
        marked = declared_missing(content, variable)
        blank = np.isnan(content.numbers) & np.array([not str(text).strip() for text in content.texts], dtype=bool)
        texts = shown(content, "number", "")
        missing = {texts[place]: int(counts[place]) for place in np.flatnonzero(marked & (counts > 0)).tolist()}
        columns.append(DescribedColumn(variable.name, variable.label, variable.storage, variable.display, variable.label_set, variable.labels,
                                       int(counts[~blank & ~marked].sum()), dict(sorted(missing.items()))))
    return DescribedFile(path, file.system, file.summary, file.encoding if encoding in {"ASCII", file.encoding} else encoding, rows, tuple(columns), file.spare_labels, tuple(notes))
