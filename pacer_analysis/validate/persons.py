"""The same person under two record ids: a field that must be unique, and identifiers that coincide."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project
from pacer_analysis.read.convert import VALUE
from pacer_analysis.validate.described import Described, describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.tidy import Codes, Tidy
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

UNIQUE, SAME = "secondary_unique", "same_person"
BIRTH = re.compile(r"\bdob\b|_dob|dob_|birth|\bborn\b|naissance|nacimiento|nascimento|geburt", re.IGNORECASE)
TEXTS = frozenset({"text", "integer"})
# An identifier that more records share is a place or a family name, and tells no one apart.
SHARED = 3
NOT_A_WORD = re.compile(r"[\W_]+")


def check_unique(ledger: Ledger, rows: Rows) -> None:
    """A finding on each value of the project's secondary unique field that a second record has."""
    import numpy as np

    project = rows.reading.dictionary
    if not isinstance(project, Project) or not project.secondary_unique:
        return
    name = project.secondary_unique
    for table in (table for table in rows.reading.tables if name in table.fields):
        value = _keys(table, name)
        filled = value >= 0
        ledger.count(UNIQUE, "error", evaluated=int(filled.sum()))
        found = np.flatnonzero(filled & _shared(value, table.record.codes))
        ledger.fail(UNIQUE, "error", table, found, describe(project, table.form)[name], "Another record has the same value in this field, which must be unique.",
                    "correct the value, or merge the two records")


def check_same_person(ledger: Ledger, rows: Rows) -> None:
    """A finding on each record that shares its date of birth and another identifier with a record of a different id.

    Looked at are the identifiers of each form that does not repeat; a record that has the form in several events is not
    compared with itself. Where no identifier is a date of birth, two others must coincide. Values are not shown.
    """
    import numpy as np

    for table, births, others in _candidates(rows):
        where: list[NDArray[np.bool_]] = []
        if births:
            base = _keys(table, births[0].name)
            pairs = [(base, _keys(table, field.name)) for field in others]
        else:
            keys = [_keys(table, field.name) for field in others]
            pairs = [(keys[first], keys[second]) for first in range(len(keys)) for second in range(first)]
        judged = np.zeros(table.rows, dtype=bool)
        for one, other in pairs:
            both = (one >= 0) & (other >= 0)
            judged |= both
            telling = both & _rare(other, table.record.codes) & (True if births else _rare(one, table.record.codes))
            combined = np.where(telling, one * (int(other.max(initial=0)) + 1) + other, -1)
            where.append(telling & _shared(combined, table.record.codes))
        same = np.any(where, axis=0) if where else judged
        about = births[0] if births else others[0]
        words = "date of birth and another identifier are" if births else "identifiers are"
        found = np.flatnonzero(same & judged)
        first = found[np.sort(np.unique(table.record.codes[found], return_index=True)[1])]      # one finding for each record
        ledger.count(SAME, "warning", evaluated=int(judged.sum()))
        ledger.fail(SAME, "warning", table, first, about, f"The {words} those of a record with another id: it may be the same person.",
                    "compare the two records with the source documents")


def _candidates(rows: Rows) -> Iterator[tuple[Tidy, list[Described], list[Described]]]:
    """The forms whose identifiers can be compared, with their dates of birth and their other identifiers."""
    project = rows.reading.dictionary
    for table in rows.reading.tables:
        if isinstance(project, Project) and any(project.repeats(event, table.form) or project.event_repeats(event) for event in project.events_of(table.form)):
            continue
        fields = [field for field in describe(project, table.form).values() if field.identifier and field.name in table.fields and field.name != rows.reading.record]
        births = [field for field in fields if field.kind in {"date", "datetime"} and BIRTH.search(f"{field.name} {field.label}")]
        others = [field for field in fields if field.kind in TEXTS and field.type not in {"notes", "file", "calc"}]
        if table.rows and ((births and others) or len(others) > 1):
            yield table, births, others


def _keys(table: Tidy, name: str) -> NDArray[np.int64]:
    """A number for each different value of a field, -1 for a blank; capitals, spaces and punctuation make no difference."""
    import numpy as np
    import pandas as pd

    levels = table.fields[name].levels
    texts = [NOT_A_WORD.sub("", str(text)).casefold() if state == VALUE else "" for text, state in zip(levels.raw, levels.status, strict=True)]
    codes: NDArray[np.int64] = pd.factorize(np.array(texts, dtype=object))[0].astype(np.int64)
    codes[np.array([text == "" for text in texts], dtype=bool)] = -1
    return np.asarray(codes[table.fields[name].codes])


def _shared(value: NDArray[np.int64], record: Codes) -> NDArray[np.bool_]:
    """The rows whose value occurs in more than one record."""
    return _records_of(value, record) > 1


def _rare(value: NDArray[np.int64], record: Codes) -> NDArray[np.bool_]:
    """The rows whose value no more than a few records have."""
    return _records_of(value, record) <= SHARED


def _records_of(value: NDArray[np.int64], record: Codes) -> NDArray[np.int64]:
    """In how many records each row's value occurs."""
    import numpy as np
    import pandas as pd

    pairs = pd.DataFrame({"value": value, "record": record}).drop_duplicates()
    counts = pairs["value"].value_counts()
    return np.asarray(pd.Series(value).map(counts).fillna(0), dtype=np.int64)
