"""What may be claimed when several hypotheses are tested: adjusted p of a family, and of a hierarchy locked before the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacer_analysis.results import Estimate


def holm(p: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p by Holm's step-down method, in the order given. Source: Holm 1979."""
    order = sorted(range(len(p)), key=lambda i: p[i])
    adjusted = [0.0] * len(p)
    worst = 0.0
    for place, i in enumerate(order):
        worst = max(worst, min(1.0, (len(p) - place) * p[i]))
        adjusted[i] = worst
    return tuple(adjusted)


def hochberg(p: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p by Hochberg's step-up method, in the order given; valid for independent or positively dependent tests. Source: Hochberg 1988."""
    order = sorted(range(len(p)), key=lambda i: -p[i])
    adjusted = [1.0] * len(p)
    best = 1.0
    for place, i in enumerate(order):
        best = min(best, (place + 1) * p[i])
        adjusted[i] = best
    return tuple(adjusted)


def fixed_sequence(p: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p of hypotheses tested one after the other at full alpha, each only if all before it were rejected: the largest p so far."""
    worst, adjusted = 0.0, []
    for value in p:
        worst = max(worst, value)
        adjusted.append(worst)
    return tuple(adjusted)


FAMILIES = {"holm": holm, "hochberg": hochberg}


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """The test of one analysis: of its row with this measure, contrast and term; what is blank is not asked for."""

    analysis: str
    measure: str = ""
    contrast: str = ""
    term: str = ""


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Steps in their locked order, each a hypothesis or a family of them, and the two-sided alpha."""

    steps: tuple[tuple[Hypothesis, ...], ...]
    alpha: float = 0.05
    family: str = "holm"


@dataclass(frozen=True, slots=True)
class Claim:
    """One hypothesis of the hierarchy: its p, its adjusted p, whether it may be claimed, and why not."""

    hypothesis: Hypothesis
    step: int
    p: float | None
    adjusted: float | None
    claimed: bool
    open: bool
    reason: str
    row: str = ""


def claims(rows: Sequence[Estimate], hierarchy: Hierarchy) -> list[Claim]:
    """What may be claimed, hypothesis by hypothesis, in the hierarchy's order.

    A step is tested only if everything before it was rejected (serial gatekeeping; `open`), a family within a step by Holm or Hochberg; the
    adjusted p is the largest so far, so that a hypothesis may be claimed exactly if its adjusted p is at most alpha. A test that is not there closes
    all steps after it. Raises PlanError for a hypothesis that names several tests, or the same test twice. Source: Westfall and Krishen 2001.
    """
    if hierarchy.family not in FAMILIES:
        raise PlanError(f"unknown family: {hierarchy.family}", allowed=", ".join(FAMILIES))
    if not 0 < hierarchy.alpha < 1 or not all(hierarchy.steps):
        raise PlanError("the hierarchy needs an alpha between 0 and 1 and no empty step")
    found: list[Claim] = []
    seen: set[str] = set()
    gate, closed_by = 0.0, ""
    for number, step in enumerate(hierarchy.steps, start=1):
        tests = [_test(rows, hypothesis) for hypothesis in step]
        for hypothesis, test in zip(step, tests, strict=True):
            key = (test.id or repr(test)) if test else repr(hypothesis)
            if key in seen:
                raise PlanError(f"the hierarchy names {hypothesis.analysis} twice", do="Name each hypothesis once.")
            seen.add(key)
        # A test without a p cannot be rejected: it counts as 1.
        adjusted = FAMILIES[hierarchy.family]([1.0 if test is None or test.p is None else test.p for test in tests])
        for hypothesis, test, own in zip(step, tests, adjusted, strict=True):
            p = None if test is None else test.p
            claimed = not closed_by and p is not None and own <= hierarchy.alpha
            reason = (f"not tested: {closed_by}" if closed_by else "no p-value for it" if p is None else "" if claimed
                      else f"adjusted p above {hierarchy.alpha:g}")
            found.append(Claim(hypothesis, number, p, None if p is None else max(gate, own), claimed, not closed_by, reason, "" if test is None else test.id))
        gate = max(gate, *adjusted)
        if not closed_by and gate > hierarchy.alpha:
            closed_by = f"step {number} was not rejected" if len(step) == 1 else f"not all of step {number} was rejected"
    return found


def _test(rows: Sequence[Estimate], hypothesis: Hypothesis) -> Estimate | None:
    """The row of a hypothesis: of its analysis, with a p, as far as measure, contrast and term are given."""
    of_it = [row for row in rows if row.analysis == hypothesis.analysis and row.p is not None
             and all(not wanted or wanted == has for wanted, has in ((hypothesis.measure, row.measure), (hypothesis.contrast, row.contrast), (hypothesis.term, row.term)))]
    if len(of_it) > 1:
        raise PlanError(f"the analysis {hypothesis.analysis} has several tests", allowed="; ".join(f"{row.measure} {row.contrast} {row.term}".strip() for row in of_it),
                        do="Say in the hierarchy which measure, contrast and term is meant.")
    return of_it[0] if of_it else None
