"""What a finding on a calculation says of its two values, unless they identify somebody or could betray the arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacer_analysis.logic import Expression
    from pacer_analysis.read import Reading
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

STORED = "; stored "
DIGITS = 10
LONGEST = 80


def may_be_shown(ledger: Ledger, rows: Rows, field: Described, expressions: Iterable[Expression]) -> bool:
    """True on the open side, for a field that identifies nobody and is not made of one that does: a result may repeat what it is made of."""
    if ledger.prefix or field.identifier:
        return False
    secret = _identifying(rows.reading) | (_identifying(rows.linked.reading) if rows.linked else frozenset())
    return not any(reference.field in secret for expression in expressions for reference in expression.references)


def said_of(stored: str, recomputed: str) -> str:
    """The two values as the end of a message."""
    return f"{STORED}{_cut(stored)}, recomputed {_cut(recomputed)}"


def without_values(message: str) -> str:
    """A message as it is without values: the field has become an identifier since."""
    kept, found, _ = message.partition(STORED)
    return f"{kept}." if found else message


def number_in_words(value: float) -> str:
    """A number with ten significant digits at most, '' for none."""
    import numpy as np

    return "" if np.isnan(value) else np.format_float_positional(value, precision=DIGITS, fractional=False, trim="-")


def _cut(text: str) -> str:
    """A value on one line, cut where it is very long."""
    line = " ".join(text.split()) or "blank"
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def _identifying(reading: Reading) -> frozenset[str]:
    """The fields of a source that its dictionary marks as identifiers."""
    fields = reading.dictionary.dictionary.fields if isinstance(reading.dictionary, Project) else reading.dictionary.fields
    return frozenset(name for name, field in fields.items() if field.identifier)
