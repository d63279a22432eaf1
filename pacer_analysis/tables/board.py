"""The status board: a few numbers with their denominators, one word each, and the rule that gives the word."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from pacer_analysis.tables import numbers
from pacer_analysis.tables.cells import unverified
from pacer_analysis.tables.selection import Results, has_number
from pacer_analysis.tables.tiles import (
    ACCRUAL_ENOUGH,
    ACCRUAL_HARDLY,
    ACT,
    COMPLETE_ENOUGH,
    COMPLETE_HARDLY,
    ON_TRACK,
    WATCH,
    Tile,
    findings,
    verdict,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pacer_analysis.plan import Analysis, Cut, Plan
    from pacer_analysis.results import Estimate
    from pacer_analysis.tables.labels import Names

    Lines = Sequence[Mapping[str, str]]

SAFETY_LINES = 5


def board(plan: Plan, cut: Cut, results: Results, names: Names, queries: Lines, sealed: Lines = (), *, by_arm: bool = False) -> list[Tile]:
    """Accrual, completeness, safety, open findings and verification, each only where the results have it; `by_arm` for those who see the arms."""
    tiles = [accrual(plan, cut, results), *(completeness(analysis, results, names, by_arm=by_arm) for analysis in plan.analyses.values()
                                            if analysis.topic == "completeness" and analysis.estimator == "proportion")][:3]
    return [tile for tile in (*tiles, safety(plan, results, names, by_arm=by_arm), findings(queries, sealed, first=not cut.previous), verification(results)) if tile]


def accrual(plan: Plan, cut: Cut, results: Results) -> Tile | None:
    """Participants of the main population against the planned number and the planned line at the cut-off."""
    title, planned = "Randomised" if plan.assignment == "randomised" else "Enrolled", plan.sample_size.get("n")
    counted = next((row for row in results.estimates if row.measure == "count" and not row.contrast and row.term == main_population(plan)
                    and row.estimate is not None), None)
    done = results.size(main_population(plan))
    if done is None or counted is None:
        return None
    if not planned:
        return Tile(title, numbers.count(done), "", "", "", estimate=counted.id)
    share = done / int(planned)
    start, end = (as_date(plan.sample_size.get("recruitment", {}).get(name)) for name in ("start", "end"))
    if start is None or end is None or end <= start:
        return Tile(title, numbers.count(done), f"of {numbers.count(planned)} planned",
                    verdict(share, ACCRUAL_ENOUGH, ACCRUAL_HARDLY), "Against the planned number: on track from 90%, watch from 75%.",
                    share=min(share, 1), estimate=counted.id)
    elapsed = min(1.0, max(0.0, (cut.cutoff - start).days / (end - start).days))
    expected = elapsed * int(planned)
    word = verdict(done / expected, ACCRUAL_ENOUGH, ACCRUAL_HARDLY) if expected else ON_TRACK
    return Tile(title, numbers.count(done), f"of {numbers.count(planned)} planned", word,
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


def completeness(analysis: Analysis, results: Results, names: Names, *, by_arm: bool) -> Tile | None:
    """The visit with the lowest share among those due, of the worse arm where the arms may be told apart."""
    rows = [row for row in results.of(analysis.id) if row.measure == "proportion" and not row.contrast and row.events is not None and row.n]
    shown = ([row for row in rows if row.arm] if by_arm else [row for row in rows if not row.arm]) or rows
    if not shown:
        return None
    worst = min(shown, key=lambda row: ((row.events or 0) / (row.n or 1), row.arm))
    share = (worst.events or 0) / (worst.n or 1)
    where = ", ".join([names.term(worst.term)] * bool(worst.term) + [names.arm(worst.arm)] * bool(worst.arm))
    others = [row for row in shown if row.term == worst.term and row.arm != worst.arm]
    lines = [f"{names.arm(row.arm)} then: {numbers.of(row.events or 0, row.n or 0)} ({numbers.percent_of(row.events or 0, row.n or 0)})" for row in others]
    pooled = [row for row in rows if not row.arm] or shown
    if len({row.term for row in pooled}) > 1:
        done, due = sum(row.events or 0 for row in pooled), sum(row.n or 0 for row in pooled)
        lines.append(f"All visits due: {numbers.of(done, due)} ({numbers.percent_of(done, due)})")
    return Tile(analysis.label, numbers.percent(share), f"{numbers.of(worst.events or 0, worst.n or 0)}" + (f" at {where}" if where else ""),
                verdict(share, COMPLETE_ENOUGH, COMPLETE_HARDLY),
                f"The lowest visit due{' of the worse arm' if by_arm and worst.arm else ''}: on track from 90%, watch from 80%.", tuple(lines), share,
                estimate=worst.id)


def safety(plan: Plan, results: Results, names: Names, *, by_arm: bool) -> Tile | None:
    """The first events that the plan's safety analysis lists: all together, or arm against arm in the order of their letters."""
    analysis = next((entry for entry in plan.analyses.values() if entry.role == "safety" and entry.estimator == "count"), None)
    if analysis is None:
        return None
    found = {(row.term, row.arm): row for row in results.of(analysis.id) if row.measure == "count" and row.estimate is not None and not row.contrast}
    known = [arm for arm in names.arms if any(place == arm for _, place in found)]
    arms = known if known and (by_arm or not any(not place for _, place in found)) else [""]
    terms = [str(term) for term in analysis.options.get("of", ()) if all((str(term), arm) in found for arm in arms)][:SAFETY_LINES]
    if not terms:
        return None
    events = {term: [found[term, arm] for arm in arms] for term in terms}
    first = events[terms[0]]
    against = f", {' v '.join(names.arm(arm) for arm in arms)}" if len(arms) > 1 else ""
    lines = tuple(f"{names.term(term)}: {' v '.join(numbers.of(row.estimate or 0, row.n or 0) for row in events[term])}" for term in terms[1:])
    name = names.term(terms[0])
    return Tile(name, " v ".join(numbers.count(row.estimate or 0) for row in first),
                f"of {' and '.join(numbers.count(row.n or 0) for row in first)}{against}", WATCH if any(row.estimate for row in first) else ON_TRACK,
                "Watch from the first: whether to act is the committee's to say.", lines, estimate=first[0].id)


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
