"""The status board: a few numbers with their denominators, one word each, and the rule that gives the word."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.tables import numbers
from pacer_analysis.tables.cells import unverified
from pacer_analysis.tables.selection import Results, has_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pacer_analysis.plan import Analysis, Cut, Plan
    from pacer_analysis.results import Estimate
    from pacer_analysis.tables.labels import Names

ON_TRACK, WATCH, ACT = "on track", "watch", "act"
# ASSUME: the words of the status board follow 90% and 80% of completeness, 90% and 75% of planned accrual, and 28 days of an open error; no analysis uses them.
COMPLETE_ENOUGH, COMPLETE_HARDLY = 0.90, 0.80
ACCRUAL_ENOUGH, ACCRUAL_HARDLY = 0.90, 0.75
OLD_QUERY_DAYS = 28
SAFETY_LINES = 4


@dataclass(frozen=True, slots=True)
class Tile:
    """A number of the first screen: `share` (0 to 1) and `mark` (what was expected by now) draw its small bar."""

    title: str
    value: str
    denominator: str
    word: str
    rule: str
    lines: tuple[str, ...] = ()
    share: float | None = None
    mark: float | None = None
    estimate: str = ""


def board(plan: Plan, cut: Cut, results: Results, names: Names, queries: Sequence[Mapping[str, str]]) -> list[Tile]:
    """Accrual, completeness, safety, open findings and verification, each only where the results have it."""
    tiles = [accrual(plan, cut, results), *(completeness(analysis, results, names) for analysis in plan.analyses.values()
                                            if analysis.topic == "completeness" and analysis.estimator == "proportion")][:3]
    return [tile for tile in (*tiles, safety(plan, results, names), findings(queries), verification(results)) if tile]


def verdict(share: float, enough: float, hardly: float) -> str:
    """The word for a share under its two thresholds."""
    return ON_TRACK if share >= enough else WATCH if share >= hardly else ACT


def accrual(plan: Plan, cut: Cut, results: Results) -> Tile | None:
    """Participants of the main population against the planned number and the planned line at the cut-off."""
    planned = plan.sample_size.get("n")
    counted = next((row for row in results.estimates if row.measure == "count" and not row.contrast and row.term == main_population(plan)
                    and row.estimate is not None), None)
    done = results.size(main_population(plan))
    if not planned or done is None or counted is None:
        return None
    share = done / int(planned)
    start, end = (as_date(plan.sample_size.get("recruitment", {}).get(name)) for name in ("start", "end"))
    if start is None or end is None or end <= start:
        return Tile("Randomised" if plan.assignment == "randomised" else "Enrolled", numbers.count(done), f"of {numbers.count(planned)} planned",
                    verdict(share, ACCRUAL_ENOUGH, ACCRUAL_HARDLY), "Against the planned number: on track from 90%, watch from 75%.",
                    share=min(share, 1), estimate=counted.id)
    elapsed = min(1.0, max(0.0, (cut.cutoff - start).days / (end - start).days))
    expected = elapsed * int(planned)
    word = verdict(done / expected, ACCRUAL_ENOUGH, ACCRUAL_HARDLY) if expected else ON_TRACK
    return Tile("Randomised" if plan.assignment == "randomised" else "Enrolled", numbers.count(done), f"of {numbers.count(planned)} planned", word,
                "Against the planned line at the cut-off: on track from 90%, watch from 75%.",
                (f"{numbers.count(expected)} expected by the cut-off",), min(share, 1), elapsed, counted.id)


def main_population(plan: Plan) -> str:
    """The population of the primary analysis, else of the first analysis that compares arms."""
    return next((analysis.population for analysis in plan.analyses.values() if analysis.role == "primary"),
                next((analysis.population for analysis in plan.analyses.values() if analysis.by != "pooled"), ""))


def as_date(value: object) -> datetime.date | None:
    """A date of the plan, which YAML may have left as text; None for anything else."""
    if isinstance(value, datetime.date):
        return value
    return datetime.date.fromisoformat(value) if isinstance(value, str) else None


def completeness(analysis: Analysis, results: Results, names: Names) -> Tile | None:
    """All visits together, and the visit that is worst."""
    rows = [row for row in results.of(analysis.id) if row.measure == "proportion" and not row.contrast and row.events is not None and row.n]
    pooled = [row for row in rows if not row.arm] or rows
    if not pooled:
        return None
    done, due = sum(row.events or 0 for row in pooled), sum(row.n or 0 for row in pooled)
    worst = min(pooled, key=lambda row: (row.events or 0) / (row.n or 1))
    lines = [f"Lowest: {names.term(worst.term)}" + (f", {names.arm(worst.arm)}" if worst.arm else "")
             + f", {numbers.of(worst.events or 0, worst.n or 0)} ({numbers.percent_of(worst.events or 0, worst.n or 0)})"]
    return Tile(analysis.label, numbers.percent_of(done, due), numbers.of(done, due) + (" over all visits" if len(pooled) > 1 else ""),
                verdict(done / due, COMPLETE_ENOUGH, COMPLETE_HARDLY), "On track from 90%, watch from 80%.", tuple(lines) if len(pooled) > 1 else (),
                done / due, estimate=worst.id)


def safety(plan: Plan, results: Results, names: Names) -> Tile | None:
    """The first events that the plan's safety analysis lists."""
    analysis = next((entry for entry in plan.analyses.values() if entry.role == "safety" and entry.estimator == "count"), None)
    if analysis is None:
        return None
    totals: dict[str, tuple[float, int]] = {}
    found = [row for row in results.of(analysis.id) if row.measure == "count" and row.estimate is not None and not row.contrast]
    for row in [row for row in found if not row.arm] or found:
        events, people = totals.get(row.term, (0.0, 0))
        totals[row.term] = events + (row.estimate or 0), people + (row.n or 0)
    if not totals:
        return None
    terms = [str(term) for term in analysis.options.get("of", totals) if term in totals][:SAFETY_LINES]
    (events, people), estimate = totals[terms[0]], next(row.id for row in found if row.term == terms[0])
    lines = tuple(f"{names.term(term)}: {numbers.of(*totals[term])}" for term in terms[1:])
    word = WATCH if any(totals[term][0] for term in terms) else ON_TRACK
    return Tile(names.term(terms[0]), numbers.count(events), f"of {numbers.count(people)}", word,
                "Watch as soon as there is one event: whether to act is the committee's to say.", lines, estimate=estimate)


def findings(queries: Sequence[Mapping[str, str]]) -> Tile:
    """Open findings of the data checks by severity, and the age of the oldest error."""
    open_ones = [query for query in queries if is_open(query)]
    of_kind = {severity: [query for query in open_ones if query.get("severity") == severity] for severity in ("error", "warning", "info")}
    ages = [int(float(query.get("age_days") or 0)) for query in of_kind["error"]]
    word = ACT if any(age > OLD_QUERY_DAYS for age in ages) else WATCH if ages else ON_TRACK
    errors, warnings, remarks = (numbers.count(len(of_kind[severity])) for severity in ("error", "warning", "info"))
    lines: tuple[str, ...] = (f"{errors} errors, {warnings} warnings, {remarks} for information",)
    lines += (f"Oldest error: {numbers.count(max(ages))} days",) if ages else ()
    return Tile("Open findings in the data", numbers.count(len(open_ones)), f"of {numbers.count(len(queries))} ever raised", word,
                f"Watch with any open error; act when one is older than {OLD_QUERY_DAYS} days.", lines)


def is_open(query: Mapping[str, str]) -> bool:
    """True unless the finding is said to be resolved or accepted."""
    return query.get("status", "") not in ("resolved", "closed", "accepted")


def verification(results: Results) -> Tile | None:
    """How many numbers were computed twice, and the largest difference between the two."""
    rows = [row for row in results.estimates if has_number(row)]
    if not rows:
        return None
    twice = [row for row in rows if witnessed(row)]
    worst = max((row.agreement for row in twice if row.agreement is not None), default=None)
    differing = [row for row in twice if unverified(row)]
    word = ACT if differing else WATCH if any(row.role == "primary" and not witnessed(row) for row in rows) else ON_TRACK
    lines: tuple[str, ...] = (f"Largest difference {numbers.agreement(worst)}",) if worst is not None else ()
    lines += (f"{numbers.count(len(differing))} not verified",) if differing else ()
    return Tile("Computed twice, independently", numbers.count(len(twice)), f"of {numbers.count(len(rows))} estimates", word,
                "Act if two implementations differ and nothing accounts for it; watch if a primary estimate has no second.", lines,
                len(twice) / len(rows))


def witnessed(row: Estimate) -> bool:
    """True if a second implementation computed something of this row."""
    return bool(row.witness) and row.witness != "none"
