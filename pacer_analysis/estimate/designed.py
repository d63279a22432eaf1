"""What the plan's design adds to an analysis at this cut: the looks that were, and after all analyses what may be claimed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pacer_analysis.errors import PlanError
from pacer_analysis.plan import look_options
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacer_analysis.plan import Analysis, Cut, Plan

SEQUENTIAL = ("group_sequential", "conditional_power")
"""Estimators whose design may stand in looks.yaml, for all looks at once."""
OF_THE_DESIGN = {"group_sequential": ("planned_information", "fractions", "spending", "futility", "information", "z"),
                 "conditional_power": ("planned_information", "fractions", "spending", "information")}


def designed_options(plan: Plan, analysis: Analysis, cut: Cut | None) -> dict[str, Any]:
    """The options of an analysis with what looks.yaml says of it; without a cut only the design."""
    if analysis.estimator not in SEQUENTIAL:
        return dict(analysis.options)
    taken = OF_THE_DESIGN[analysis.estimator]
    looks = [look for look in plan.looks if look.analysis == analysis.id]
    said = look_options(looks[:1] if cut is None else looks, analysis.id, looks[0].cut if cut is None and looks else cut.name if cut else "")
    found = analysis.options | {name: list(value) if isinstance(value, tuple) else value for name, value in said.items() if name in taken}
    if cut is not None and analysis.estimator == "group_sequential":
        found["final"] = cut.kind == "final"
    return found


def by_letter(plan: Plan, analysis: Analysis, options: dict[str, Any], order: dict[str, str]) -> dict[str, Any]:
    """The options as the closed report may have them: earlier z in the direction of the letters, and no direction that tells which arm is hoped for.

    `order` gives each arm of the plan its printed name, the printed reference first.
    """
    if analysis.estimator != "group_sequential" or next(iter(order.values())) == next(iter(order)):
        return options
    turned = next(iter(order)) != plan.reference
    return options | {"z": [-value if turned else value for value in options.get("z", ())], "better": "higher", "futility": "none"}


def claimed(plan: Plan, rows: Sequence[Estimate]) -> list[Estimate]:
    """One row per hypothesis of the plan's hierarchy: its adjusted p, and in the note why it may not be claimed; nothing without a hierarchy."""
    if plan.multiplicity is None:
        return []
    from pacer_analysis.estimators.multiplicity import Hierarchy, Hypothesis, claims

    steps = tuple(tuple(Hypothesis(**entry) for entry in step) for step in plan.multiplicity.steps)
    names = {row.id: row for row in rows}
    found = []
    for claim in claims(rows, Hierarchy(steps, plan.significance, plan.multiplicity.family)):
        tested = names.get(claim.row, Estimate(analysis=claim.hypothesis.analysis))
        method = f"Adjusted p of step {claim.step} of {len(steps)} of the locked hierarchy (serial gatekeeping, {plan.multiplicity.family.capitalize()} within a step), two-sided alpha {plan.significance:g}"
        found.append(replace(tested, id=f"{tested.id or claim.hypothesis.analysis}:p_adjusted", estimator="multiplicity", method=method, measure="p_adjusted", scale="test", estimate=None, se=None,
                             low=None, high=None, level=None, statistic=None, df=None, p=claim.adjusted, sides=2, witness="none", agreement=None,
                             note="" if claim.claimed else f"may not be claimed: {claim.reason}"))
    return found


def check_hierarchy(plan: Plan) -> None:
    """Raise PlanError for a hypothesis of an analysis that is not there or does not compare arms."""
    where = f"{plan.folder / 'trial.yaml'}, key `multiplicity`"
    for entry in (entry for step in (plan.multiplicity.steps if plan.multiplicity else ()) for entry in step):
        analysis = plan.analyses.get(entry["analysis"])
        if analysis is None or analysis.by == "pooled":
            raise PlanError(f"The hierarchy names `{entry['analysis']}`, which is no comparison of arms.", where=where,
                            allowed=", ".join(name for name, each in plan.analyses.items() if each.by == "arms"), do="Correct the name.")
