"""One row per estimate: numbers, a method and a note, never a formatted string."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with its uncertainty, its denominators and how it was made.

    An estimator fills what it knows (measure, scale, arm or contrast, subgroup level, term, time and the
    numbers); `estimate.py` fills id, analysis, sap, role, audience, endpoint, population and estimator.
    A ratio has estimate, low and high on the ratio scale and se on the log scale; every other measure
    has se on its own scale. Times in days, rates per 100 person-years.
    """

    id: str = ""
    analysis: str = ""
    sap: str = ""
    role: str = ""
    audience: str = ""
    endpoint: str = ""
    population: str = ""
    estimator: str = ""
    method: str = ""
    measure: str = ""
    scale: str = ""
    arm: str = ""
    contrast: str = ""
    subgroup: str = ""
    term: str = ""
    time: float | None = None
    estimate: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    statistic: float | None = None
    df: float | None = None
    p: float | None = None
    sides: int | None = None
    n: int | None = None
    observed: int | None = None
    events: int | None = None
    missing: int | None = None
    witness: str = ""
    agreement: float | None = None
    note: str = ""


NOT_VERIFIED = "not verified:"
"""How the note of a row begins whose two implementations differ without a known reason."""

COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Estimate))
WHOLE = frozenset({"sides", "n", "observed", "events", "missing"})
REAL = frozenset({"time", "estimate", "se", "low", "high", "level", "statistic", "df", "p", "agreement"})


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One step of a curve: the estimate just after `time`, and who was at risk just before it."""

    id: str
    time: float
    estimate: float
    low: float | None
    high: float | None
    at_risk: int
    events: int
    censored: int


CURVE_COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(CurvePoint))


def as_text(value: object) -> str:
    """The cell of a results file: 10 significant digits for a real number, empty for nothing."""
    if value is None:
        return ""
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return format(value, ".10g")
    return str(value)


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """The rows as UTF-8 CSV with Unix line ends; the caller names a path that does not matter if half written."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([as_text(cell) for cell in row] for row in rows)


def write_estimates(path: Path, estimates: Iterable[Estimate]) -> None:
    """estimates.csv as design section 5 names its columns."""
    write_rows(path, COLUMNS, (astuple(estimate) for estimate in estimates))


def write_curves(path: Path, points: Iterable[CurvePoint]) -> None:
    """curves.csv: every step of every curve."""
    write_rows(path, CURVE_COLUMNS, (astuple(point) for point in points))


def _cell(name: str, text: str) -> object:
    if name in WHOLE:
        return int(text) if text else None
    if name in REAL:
        return float(text) if text else None
    return text


def read_estimates(path: Path) -> list[Estimate]:
    """The estimates of one audience, in the order of the file."""
    with path.open(encoding="utf-8", newline="") as handle:
        return [Estimate(**{name: _cell(name, text) for name, text in row.items()})  # type: ignore[arg-type]  # typed by column name
                for row in csv.DictReader(handle)]


def read_curves(path: Path) -> list[CurvePoint]:
    """The curve points of one audience, in the order of the file."""
    def number(text: str) -> float | None:
        return float(text) if text else None

    with path.open(encoding="utf-8", newline="") as handle:
        return [CurvePoint(row["id"], float(row["time"]), float(row["estimate"]), number(row["low"]), number(row["high"]),
                           int(row["at_risk"]), int(row["events"]), int(row["censored"]))
                for row in csv.DictReader(handle)]
