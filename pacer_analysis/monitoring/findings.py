"""What a measure says: one line per field and site, and the shapes that a figure is drawn from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pacer_analysis.monitoring.columns import Column
    from pacer_analysis.monitoring.tables import Table

COLUMNS = ("measure", "source", "form", "field", "label", "site", "n", "value", "expected", "low", "high", "statistic", "p", "flag", "note")
SHAPE_COLUMNS = ("measure", "source", "form", "field", "site", "x", "count", "expected", "low95", "high95", "low998", "high998")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a comparison is about: a field of a form or of a flat source, or something else that the label names."""

    source: str = ""
    form: str = ""
    field: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison: `low` and `high` are its 99.8% limits where it has any; `lean` is the word of its flag should it be beyond chance."""

    subject: Subject
    site: str = ""
    n: int = 0
    value: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    statistic: float | None = None
    p: float | None = None
    lean: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """A point of a distribution (x is a digit or a day, with its count and what was expected) or of a funnel (x is the size, with the limits)."""

    subject: Subject
    site: str = ""
    x: float = 0.0
    count: int | None = None
    expected: float | None = None
    low95: float | None = None
    high95: float | None = None
    low998: float | None = None
    high998: float | None = None


@dataclass(slots=True)
class Said:
    """All that a measure has to say."""

    findings: list[Finding] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)


def about(table: Table, column: Column) -> Subject:
    """The field that a comparison is about."""
    return Subject(table.source, table.form, column.name, column.label)
