"""The map of a tipping-point analysis: one row per point of the grid, and the frontier at which the conclusion changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import product

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.results import Estimate


@dataclass(frozen=True, slots=True)
class Point:
    """What is assumed of the missing in the reference and in the other arms."""

    reference: float
    other: float


def points(grid: tuple[float, ...], shift: str, neutral: float) -> list[Point]:
    """The grid in ascending order; refuses one without the value that assumes nothing."""
    values = sorted({float(value) for value in grid})
    if neutral not in values:
        raise PlanError(f"the grid of a tipping point lacks {neutral:.10g}, missing at random", where="option `grid`", do=f"add {neutral:.10g}")
    if shift == "both":
        return [Point(a, b) for a, b in product(values, values)]
    return [Point(value, neutral) if shift == "reference" else Point(neutral, value) for value in values]


def conclusion(row: Estimate, null: float) -> str:
    """What the interval of a row says: above the null value, below it, or open."""
    if row.low is None or row.high is None:
        return ""
    return "above" if row.low > null else "below" if row.high < null else "open"


def labelled(name: str, reference: str, other: str, at: Point) -> str:
    """The term of a point: `delta_clinic=0,delta_club=-1`."""
    return f"{name}_{reference}={at.reference:.10g},{name}_{other}={at.other:.10g}"


def chosen(row: Estimate, measure: str) -> bool:
    """Whether a row of the wrapped estimator is mapped: the measure named, else every comparison with an interval."""
    return bool(row.contrast) and (row.measure == measure if measure else row.scale in {"difference", "ratio"})


def contrast_arms(row: Estimate) -> tuple[str, str]:
    """The arm and the reference of a contrast."""
    arm, _, reference = row.contrast.partition(" - " if " - " in row.contrast else " / ")
    return arm, reference


@dataclass(frozen=True, slots=True)
class Mapped:
    """A row of the map with its point, and the conclusion that it is compared with."""

    at: Point
    row: Estimate
    base: str


def frontier(mapped: list[Mapped], *, name: str, shift: str, null: float | None, words: str) -> list[Estimate]:
    """The last values of the grid, either way, at which each quantity's conclusion is still the base's: one pair of rows per value of the other axis."""
    found = []
    for key in dict.fromkeys((m.row.measure, m.row.contrast, m.row.subgroup, m.row.time, _visit(m.row.term)) for m in mapped):
        mine = [m for m in mapped if (m.row.measure, m.row.contrast, m.row.subgroup, m.row.time, _visit(m.row.term)) == key]
        for fixed in dict.fromkeys(_still(m.at, shift) for m in mine):
            found += _ends([m for m in mine if _still(m.at, shift) == fixed], fixed, name=name, moves_reference=shift == "reference", null=null, words=words)
    return found


def _still(at: Point, shift: str) -> float:
    return at.other if shift == "reference" else at.reference


def _visit(term: str) -> str:
    return term.rpartition(", ")[0]


def _ends(line: list[Mapped], fixed: float, *, name: str, moves_reference: bool, null: float | None, words: str) -> list[Estimate]:
    first = line[0].row
    arm, reference = contrast_arms(first)
    zero = (1.0 if first.scale == "ratio" else 0.0) if null is None else null
    place = [m.at.reference if moves_reference else m.at.other for m in line]
    holds = [conclusion(m.row, zero) == m.base and m.base != "" for m in line]
    moved, still = (reference, arm) if moves_reference else (arm, reference)
    start = f"{_visit(first.term)}, " if _visit(first.term) else ""
    kept = [value for value, held in zip(place, holds, strict=True) if held]
    rows = []
    for end, pick in (("lowest", min), ("highest", max)):
        base = Estimate(measure="tipping_point", scale="absolute", contrast=first.contrast, subgroup=first.subgroup, time=first.time, n=first.n, observed=first.observed, missing=first.missing,
                        term=f"{start}{name}_{still}={fixed:.10g}, {end} {name}_{moved} for {first.measure}", method=f"{words}; {end} value of the grid at which the conclusion stays ({line[0].base or 'none'})",
                        witness="none")
        if not kept:
            rows.append(replace(base, note="the conclusion changes at every value of the grid"))
            continue
        value = pick(kept)
        beyond = [v for v in place if (v < value if end == "lowest" else v > value)]
        neighbour = (max if end == "lowest" else min)(beyond, default=None)
        between = any(min(kept) < v < max(kept) and not held for v, held in zip(place, holds, strict=True))
        note = "holds to the end of the grid" if neighbour is None else f"changes at {neighbour:.10g}"
        rows.append(replace(base, estimate=value, note=f"{note}; not at every value between" if between else note))
    return rows


def map_of(
    at_points: list[Point], rows_at: Callable[[Point], list[Estimate]], *, measure: str, neutral: float, null: float | None, name: str, reference: str, others: Iterable[str],
) -> list[Mapped]:
    """Every comparison at every point, each with the conclusion of the neutral point."""
    wanted: dict[Point, list[Estimate]] = {}
    for at in at_points:
        wanted[at] = [row for row in rows_at(at) if chosen(row, measure)]
    neutral_rows = wanted[Point(neutral, neutral)]
    if not neutral_rows:
        raise PlanError("the wrapped estimator has no such comparison of arms", where="options `of`, `measure`", do="name the measure of a row with a contrast and an interval")
    base = {_key(row): conclusion(row, (1.0 if row.scale == "ratio" else 0.0) if null is None else null) for row in neutral_rows}
    mapped = []
    for at, rows in wanted.items():
        for row in rows:
            arm, _ = contrast_arms(row)
            if arm in others:
                term = ", ".join(part for part in (row.term, labelled(name, reference, arm, at)) if part)
                mapped.append(Mapped(at, replace(row, term=term), base.get(_key(row), "")))
    return mapped


def _key(row: Estimate) -> tuple[object, ...]:
    return row.measure, row.contrast, row.subgroup, row.term, row.time


def blank_if_refused(rows_at: Callable[[Point], list[Estimate]], neutral: list[Estimate]) -> Callable[[Point], list[Estimate]]:
    """The same, but a point that cannot be estimated gives the neutral point's rows, blank, with the reason."""
    def safely(at: Point) -> list[Estimate]:
        try:
            return rows_at(at)
        except NotEstimable as reason:
            return [replace(row, estimate=None, se=None, low=None, high=None, level=None, statistic=None, df=None, p=None, sides=None, witness="none", agreement=None, note=reason.what)
                    for row in neutral]
    return safely
