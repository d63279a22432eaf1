"""Words that look like missing-data codes which nobody declared: capital words where they cannot be values, and options of checkboxes that no dictionary has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project
from pacer_analysis.dictionary.choices import NOT_IN_COLUMN_NAME
from pacer_analysis.read.convert import UNREADABLE, VALUE
from pacer_analysis.read.damage import ABSENT
from pacer_analysis.read.notes import Note, many

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pacer_analysis.dictionary import FlatDictionary
    from pacer_analysis.read.tidy import Cells, Tidy

WORD = re.compile(r"[A-Z][A-Z_]{1,11}")
STATUS = frozenset({"0", "1", "2"})
# A word that stands for a value in so many fields, or options of so many checkboxes, are no slip of the pen.
FIELDS, BOXES = 3, 2


def undeclared_codes(tables: Iterable[Tidy], dictionary: Project | FlatDictionary, notes: tuple[Note, ...], missing: Collection[str] = ()) -> tuple[Note, ...]:
    """The notes with one on such words if there are any; those on the single columns of such a code are part of it and left out. `missing` are declared."""
    declared = {NOT_IN_COLUMN_NAME.sub("_", code.lower()) for code in missing}
    fields: dict[str, dict[str, int]] = {}
    boxes: dict[str, list[str]] = {}
    for table in tables:
        for name, cells in table.fields.items():
            for word, count in _words(name, cells, dictionary):
                fields.setdefault(word, {})[name] = count
            if (code := _strange_option(name, cells, dictionary)) and code not in declared:
                boxes.setdefault(code, []).append(name)
    found = [word for word, where in fields.items() if len(where) >= FIELDS or word.lower() in boxes]
    lower = {word.lower() for word in found}
    options = [code for code, columns in boxes.items() if len(columns) >= BOXES or code in lower]
    said = [f"{word} ({sum(fields[word].values())} cells of {len(fields[word])} fields)" for word in found]
    said += [f"{code.upper()} ({len(boxes[code])} checkbox columns)" for code in options if code not in lower]
    if not said:
        return notes
    covered = tuple(f"the column {column} is no option of " for code in options for column in boxes[code])
    what = "looks like a missing-data code" if len(said) == 1 else "look like missing-data codes"
    note = Note("undeclared_code", "info", "", f"{what} that nobody declared: {many(said)}",
                'name it with --missing-codes, as in "NASK, Not asked | UNK, Unknown", or under missing_codes: of the source')
    return (*(each for each in notes if each.rule != "unknown_option" or not each.message.startswith(covered)), note) if covered else (*notes, note)


def _words(name: str, cells: Cells, dictionary: Project | FlatDictionary) -> Iterator[tuple[str, int]]:
    """The capital words in a column that cannot be its values, with their numbers of cells."""
    import numpy as np

    if cells.kind in {"text", "checkbox"}:
        return
    choices = _choices(name, dictionary)
    counts: list[int] | None = None
    for place, raw in enumerate(cells.levels.raw):
        word = str(raw).strip()
        strange = (cells.levels.status[place] == UNREADABLE and cells.kind != "choice") or (cells.kind == "choice" and cells.levels.status[place] == VALUE and bool(choices) and word not in choices)
        if strange and word != ABSENT and WORD.fullmatch(word):
            counts = np.bincount(cells.codes, minlength=len(cells.levels.raw)).tolist() if counts is None else counts
            if counts[place]:
                yield word, counts[place]


def _choices(name: str, dictionary: Project | FlatDictionary) -> frozenset[str]:
    if isinstance(dictionary, Project):
        field = dictionary.dictionary.fields.get(name)
        return STATUS if field is None else frozenset(field.choices)
    return frozenset(dictionary.fields[name].codes)


def _strange_option(name: str, cells: Cells, dictionary: Project | FlatDictionary) -> str:
    """The code of a checkbox column that is no option of its field, as far as the column's name has it; '' for any other column."""
    if cells.kind != "checkbox" or not isinstance(dictionary, Project):
        return ""
    box, _, code = name.partition("___")
    field = dictionary.dictionary.fields.get(box)
    return code if field is not None and name not in field.columns and code.isalpha() else ""
