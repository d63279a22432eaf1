"""The primary result in one sentence that says no more than its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.tables import contrasts, labels, numbers
from pacer_analysis.tables.printing import POINTS, difference, limits, warranted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacer_analysis.plan import Analysis, Plan
    from pacer_analysis.results import Estimate
    from pacer_analysis.tables.labels import Names
    from pacer_analysis.tables.selection import Results

PREFERRED = ("rd", "survival_difference", "rmst_difference", "mean_difference", "hr", "rr", "or")
BESIDE = ("rr", "hr", "or")


SEVERAL = "Intervals and p-values of the comparisons are not adjusted for one another."


@dataclass(frozen=True, slots=True)
class Statement:
    """One comparison in parts: what was compared, the numbers with their estimates' ids, and what the interval allows to be said."""

    opening: str
    numbers: tuple[tuple[str, str], ...]
    reading: str
    analysed: str


@dataclass(frozen=True, slots=True)
class Headline:
    """One statement per comparison, the caution that the design asks for, and the adjustment."""

    statements: tuple[Statement, ...]
    design: str
    adjusted: str


def headline(plan: Plan, results: Results, names: Names) -> Headline | None:
    """The headline of the analysis whose role is primary; none if the results have no number for its comparison."""
    primary = next((analysis for analysis in plan.analyses.values() if analysis.role == "primary"), None)
    if primary is None:
        return None
    rows = [row for row in results.of(primary.id) if row.contrast and row.estimate is not None and row.measure in PREFERRED]
    if not rows:
        return None
    found = contrasts.pairs(rows)
    said = [statement(plan, primary, [row for row in rows if contrasts.sides(row.contrast) == pair], results, names) for pair in found]
    return Headline(tuple(said), " ".join(part for part in (design(plan), SEVERAL if len(found) > 1 else "") if part), adjusted(primary, names))


def statement(plan: Plan, primary: Analysis, rows: Sequence[Estimate], results: Results, names: Names) -> Statement:
    """The sentence about one comparison of the primary analysis."""
    main = min(rows, key=lambda row: PREFERRED.index(row.measure))
    beside = next((row for row in rows if row.measure in BESIDE and row.measure != main.measure), None)
    left, right = contrasts.sides(main.contrast)
    endpoint = plan.endpoints.get(primary.endpoint)
    what = ("Adjusted " if primary.covariates else "Unadjusted ") + ("effect" if plan.assignment == "randomised" else "association")
    opening = f"{endpoint.label if endpoint else primary.label}. {what} of {names.arm(left)} against {names.arm(right)}:"
    own = {row.arm: row for row in results.of(primary.id) if row.measure == "proportion" and row.arm and row.estimate is not None and not row.term}
    said = [(f"{names.arm(arm)} {numbers.percent(own[arm].estimate or 0)}", own[arm].id) if arm in own
            else by_arm_text(plan, primary.endpoint, arm, results, names) for arm in (left, right)]
    block = [row for row in results.estimates if (row.measure, row.contrast, row.endpoint) == (main.measure, main.contrast, main.endpoint)
             and not row.term and row.time == main.time]
    texts = [entry for entry in said if entry] + [(effect_text(main, warranted(block)), main.id)]
    texts += [(effect_text(beside), beside.id)] if beside else []
    n = max((row.n or 0 for row in rows), default=0)
    return Statement(opening, tuple(texts), reading(main, names.arm(left), names.arm(right)), f"{numbers.count(n)} analysed." if n else "")


def adjusted(primary: Analysis, names: Names) -> str:
    """What the comparisons are adjusted for."""
    said = [f"Adjusted for {names.covariates(primary)}."] if primary.covariates else []
    return " ".join([*said, "Stratified as randomised."] if primary.stratified else said)


def by_arm_text(plan: Plan, endpoint: str, arm: str, results: Results, names: Names) -> tuple[str, str] | None:
    """The crude proportion of one arm, from an analysis of the same endpoint that describes it by arm; said to be unadjusted."""
    for analysis in plan.analyses.values():
        if analysis.endpoint == endpoint and analysis.section == "primary" and analysis.estimator == "proportion":
            row = next((row for row in results.of(analysis.id) if row.arm == arm and row.events is not None and row.n), None)
            if row is not None:
                return f"{names.arm(arm)} {numbers.of(row.events or 0, row.n or 0)} ({numbers.percent_of(row.events or 0, row.n or 0)}, unadjusted)", row.id
    return None


def effect_text(row: Estimate, decimals: int | None = None) -> str:
    """Risk difference 20.8 percentage points (95% CI 11.9 to 29.7; p <0.001)."""
    inside = [f"{numbers.level(row.level)} {' '.join(limits(row, decimals))}"] if limits(row) else []
    inside += [numbers.p_equals(row.p)] if row.p is not None else []
    unit = " percentage points" if row.measure in POINTS else ""
    return f"{labels.measure(row.measure).lower()} {difference(row, decimals)[0]}{unit}" + (f" ({'; '.join(inside)})" if inside else "")


def reading(row: Estimate, left: str, right: str) -> str:
    """What the interval says, without a claim of benefit: higher, lower, or compatible with no difference."""
    none = 1.0 if row.scale == "ratio" else 0.0
    if row.low is None or row.high is None:
        return "Without an interval this number supports no conclusion."
    if row.low <= none <= row.high:
        return ("The interval includes no difference: the data are compatible with either arm doing better, "
                f"and do not show that {left} and {right} are equal.")
    return f"The interval excludes no difference: the estimate is {'higher' if row.low > none else 'lower'} with {left} than with {right}."


def design(plan: Plan) -> str:
    """The caution that the design asks for."""
    if plan.assignment == "randomised":
        return ""
    return "Participants chose their service: this is an adjusted association, to be read with its confounding, and nothing here is caused by the choice."


