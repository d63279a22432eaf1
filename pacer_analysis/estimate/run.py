"""All analyses of one audience: computed, named, gated, and written beside their manifest."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimate.audience import withheld
from pacer_analysis.estimate.designed import by_letter, claimed, designed_options
from pacer_analysis.estimate.frame import build_frame
from pacer_analysis.estimate.named import named, verified
from pacer_analysis.estimate.sets import Sets, allocated, codes, refuse_strangers
from pacer_analysis.provenance import write_manifest
from pacer_analysis.results import CurvePoint, Estimate, write_curves, write_estimates

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.plan import Analysis, Cut, Plan

Computed = tuple[list[Estimate], list[CurvePoint]]


def run_open(plan: Plan, cut: Cut, *, results: Path, out: Path) -> str:
    """Write open/: pooled estimates only; nothing here has an arm."""
    sets = Sets(results / "sets")
    found: list[Computed] = []
    for analysis in plan.analyses.values():
        if analysis.by != "arms" and not _reveals(plan, analysis):
            reason = withheld(plan, cut, analysis, "open", reveals=False)
            found.append(([named(analysis, "open", Estimate(note=reason))], []) if reason else compute(plan, analysis, "open", build_frame(plan, cut.cutoff, analysis, sets), analysis.options))
    inputs = [path for folder in ("clean", "sets") for path in (results / folder).rglob("*") if path.is_file()]
    return write(plan, cut, found, out / "open", results=results, inputs=inputs, restricted=False)


def run_restricted(plan: Plan, cut: Cut, *, results: Path, out: Path) -> str:
    """Write closed/ with arms by letter and, of a final cut, final/ with arms by name."""
    sets = Sets(results / "restricted/sets")
    table = allocated(plan, results / "restricted/sealed")
    refuse_strangers(plan, table, sets.participants)
    letters = codes(plan, results / "restricted/sealed")
    frames = {name: build_frame(plan, cut.cutoff, analysis, sets) for name, analysis in plan.analyses.items()}
    inputs = [path for folder in ("clean", "restricted/sealed", "restricted/sets") for path in (results / folder).rglob("*") if path.is_file()]
    said = []
    # The closed report's reference is the first letter: were it the control arm, the order of a contrast would name the arms.
    orders = {"closed": {arm: letters[arm] for arm in sorted(plan.arms, key=lambda arm: letters[arm])}}
    if cut.kind == "final":
        orders["final"] = {arm: arm for arm in (plan.reference, *(arm for arm in plan.arms if arm != plan.reference))}
    for audience, order in orders.items():
        found: list[Computed] = []
        for name, analysis in plan.analyses.items():
            reason = withheld(plan, cut, analysis, audience, reveals=_reveals(plan, analysis))
            if reason:
                found.append(([named(analysis, audience, Estimate(note=reason))], []))
                continue
            options = by_letter(plan, analysis, designed_options(plan, analysis, cut), order)
            if analysis.by != "arms":
                found.append(compute(plan, analysis, audience, frames[name], options))
            if analysis.by != "pooled":
                found.append(compute(plan, analysis, audience, with_arms(frames[name], table, order), options))
        if cut.kind == "final":
            found.append((claimed(plan, [row for rows, _ in found for row in rows]), []))
        said.append(write(plan, cut, found, out / audience, results=results, inputs=inputs, restricted=True))
    return "; ".join(said)


def with_arms(frame: pd.DataFrame, table: pd.DataFrame, order: dict[str, str]) -> pd.DataFrame:
    """The frame with each person's arm, as randomised, stratum, block and sequence; who has no allocation is left out and counted in `attrs`."""
    import pandas as pd

    arms = frame["id"].map(table["arm"]).map(order)
    joined = frame.assign(arm=pd.Categorical(arms, categories=list(order.values())))
    for name in ("stratum", "block", "sequence"):
        if (table[name] != "").any():
            joined[name] = frame["id"].map(table[name])
    kept = joined[joined["arm"].notna()].reset_index(drop=True)
    kept.attrs = dict(frame.attrs) | {"unallocated": int(joined.loc[joined["arm"].isna(), "id"].nunique())}
    return kept


def compute(plan: Plan, analysis: Analysis, audience: str, frame: pd.DataFrame, given: Mapping[str, Any]) -> Computed:
    """Estimates and curve points of one analysis with its options; what cannot be estimated is a row with its reason."""
    from pacer_analysis.estimators import CURVES, ESTIMATORS

    options = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    if analysis.covariates:
        options["covariates"] = analysis.covariates
    if analysis.stratified:
        options["stratified"] = True
    said = [f"{frame.attrs['unallocated']} without one allocation are left out"] if frame.attrs.get("unallocated") else []
    said += [f"{frame.attrs['undated']} censored at a contact that left no due date"] if frame.attrs.get("undated") else []
    causes = {str(place): name for place, name in enumerate(plan.endpoints[analysis.endpoint].derivation.get("competing") or (), start=2)} if analysis.endpoint else {}
    try:
        rows = [verified(named(analysis, audience, replace(row, term=causes.get(row.term, row.term)))) for row in ESTIMATORS[analysis.estimator](frame, **options)]
    except NotEstimable as reason:
        return [named(analysis, audience, Estimate(note=f"not estimable: {reason.what}"))], []
    points: list[CurvePoint] = []
    if analysis.estimator in CURVES:
        drawn = CURVES[analysis.estimator]
        taken = inspect.signature(drawn).parameters
        for curve in drawn(frame, **{name: value for name, value in options.items() if name in taken}):
            points += [replace(point, id=f"{analysis.id}:{curve.arm}:{causes.get(curve.term, curve.term)}") for point in curve.points]
    if said:
        rows = [replace(row, note="; ".join(part for part in (row.note, *said) if part)) for row in rows]
    return rows, points


def write(plan: Plan, cut: Cut, found: list[Computed], folder: Path, *, results: Path, inputs: list[Path], restricted: bool) -> str:
    """estimates.csv, curves.csv and manifest.json; what was written in words."""
    folder.mkdir()
    estimates = [row for rows, _ in found for row in rows]
    _refuse_repeated(estimates)
    write_estimates(folder / "estimates.csv", estimates)
    write_curves(folder / "curves.csv", _points(found))
    # Who reads the closed report must not be able to try the few possible blinding files against a digest.
    unlisted = {plan.blinding.source} if plan.blinding and folder.name == "closed" else set()
    outputs = {path.relative_to(results).as_posix(): path for path in inputs if path.name != "cut.json" and path.stem not in unlisted}
    outputs |= {f"{'restricted/' if restricted else ''}{folder.name}/{name}": folder / name for name in ("estimates.csv", "curves.csv")}
    write_manifest(folder / "manifest.json", plan=plan.folder, cut=cut.name, exports=cut.folder, restricted=restricted, outputs=outputs, unlisted=unlisted)
    return f"{folder.name}: {len(estimates)} estimates, {sum(1 for row in estimates if row.note)} notes"


def _points(found: list[Computed]) -> Iterator[CurvePoint]:
    for _, points in found:
        yield from points


def _reveals(plan: Plan, analysis: Analysis) -> bool:
    return analysis.reveals_arm or (analysis.endpoint != "" and plan.endpoints[analysis.endpoint].reveals_arm)


def _refuse_repeated(estimates: list[Estimate]) -> None:
    seen: set[str] = set()
    for row in estimates:
        if row.id in seen:
            raise AssertionError(f"two estimates share the id {row.id}")
        seen.add(row.id)
