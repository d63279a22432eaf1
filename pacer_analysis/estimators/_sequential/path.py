"""Rows of a sequential test: bounds and z look by look, its chances, and what may be said at its end."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pacer_analysis.errors import PlanError
from pacer_analysis.estimators._sequential.boundaries import SPENDING, Bounds, Design, bounds, drift, lower, schedule
from pacer_analysis.estimators._sequential.inference import final
from pacer_analysis.estimators._sequential.recursion import FAR, exits, exits_again
from pacer_analysis.estimators._witness import agreement
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    from pacer_analysis.estimators._sequential.looks import Look

AGAIN = "Gauss-Legendre recursion on the score"


@dataclass(frozen=True, slots=True)
class Path:
    """The looks so far (this one last) and the design they belong to; z is upwards for the direction hoped for."""

    design: Design
    times: tuple[float, ...]
    z: tuple[float, ...]
    final: bool
    planned: float
    words: str

    @property
    def stopped(self) -> int:
        """The look at which an efficacy bound was first crossed, counted from 1; 0 for none."""
        found = bounds(self.design, schedule(self.design, self.times, final=self.final))
        return next((k for k, (z, bound) in enumerate(zip(self.z, found.upper, strict=False), start=1) if abs(z) >= bound), 0)


def check(design: Design, planned: float, seen: tuple[float, ...], z: tuple[float, ...]) -> None:
    """Refuses fractions, information and z that cannot be a plan and its looks."""
    if not design.fractions or abs(design.fractions[-1] - 1) > 1e-12 or any(b <= a for a, b in zip((0.0, *design.fractions), design.fractions, strict=False)):
        raise PlanError("`fractions` should rise to 1", allowed="[0.5, 1]", do="Write the information fraction of each planned look, the last being 1.")
    if not planned > 0:
        raise PlanError("`planned_information` should be above 0", do="Write the planned number of events, or one over the planned variance.")
    if len(z) != len(seen):
        raise PlanError("the earlier looks need as many `z` as `information`", do="Write one of each per earlier look.")
    if any(b <= a for a, b in zip((0.0, *seen), seen, strict=False)):
        raise PlanError("`information` should rise from look to look", do="Correct the earlier looks.")


def look_rows(path: Path, base: Estimate) -> list[Estimate]:
    """Per look its information, efficacy and futility bound with the z seen there, the bound's nominal p and the alpha spent."""
    found = bounds(path.design, schedule(path.design, path.times, final=path.final))
    _, again = exits_again(found.times, (-FAR,) * len(found.times), found.upper, 0.0)
    rows: list[Estimate] = []
    for k, t in enumerate(found.times):
        seen = path.z[k] if k < len(path.z) else None
        spent_again = float(again[: k + 1].sum())
        here = replace(base, scale="absolute", term=f"look {k + 1}", witness=f"{AGAIN}: alpha spent", agreement=agreement((found.spent[k], spent_again), se=path.design.alpha))
        rows.append(replace(here, measure="information_fraction", estimate=t, method=f"{'Observed' if seen is not None else 'Planned'} over planned information ({path.words})",
                            witness="none", agreement=None))
        none = found.upper[k] >= FAR
        rows.append(replace(here, measure="efficacy_bound", estimate=None if none else found.upper[k], statistic=seen, method=f"Bound on |z|. {SPENDING[path.design.spending]}",
                            witness="none" if none else here.witness, agreement=None if none else here.agreement,
                            note=_verdict(found, k, seen, last=k == len(found.times) - 1, none=none)))
        if found.futility[k] > -FAR and k < len(found.times) - 1:
            met = "" if seen is None else "; at or below it" if seen <= found.futility[k] else "; above it"
            rows.append(replace(here, measure="futility_bound", estimate=found.futility[k], statistic=seen, witness="none", agreement=None,
                                method=f"Non-binding bound on z in the direction hoped for, spending beta = {1 - path.design.power:g} ({path.design.futility})", note=f"non-binding{met}"))
        if not none:
            rows.append(replace(here, measure="nominal_p", estimate=1 - _phi(found.upper[k]), method="One-sided p at the efficacy bound", witness="none", agreement=None))
        rows.append(replace(here, measure="alpha_spent", estimate=found.spent[k], method="One-sided alpha spent, each way; the last look spends what is left"))
    return rows


def _verdict(found: Bounds, k: int, seen: float | None, *, last: bool, none: bool) -> str:
    if seen is None:
        return "still ahead"
    if none:
        return "nothing left to spend at this look"
    if abs(seen) >= found.upper[k]:
        return "crossed, in the direction hoped for" if seen > 0 else "crossed, against the direction hoped for"
    return "not crossed at the final look" if last else "not crossed: the trial may go on"


def _phi(z: float) -> float:
    from scipy.special import ndtr

    return float(ndtr(z))


def chance_rows(path: Path, base: Estimate) -> list[Estimate]:
    """Per look the probability of stopping there, and the expected information, under no effect and under the effect of the plan."""
    found = bounds(path.design, schedule(path.design, path.times, final=path.final))
    rows: list[Estimate] = []
    for name, value in (("no effect", 0.0), (f"power {path.design.power:g}", drift(path.design))):
        down, up = exits(found.times, lower(found), found.upper, value)
        down2, up2 = exits_again(found.times, lower(found), found.upper, value)
        stops, stops2 = down + up, down2 + up2
        stops[-1], stops2[-1] = 1 - stops[:-1].sum(), 1 - stops2[:-1].sum()
        for k in range(len(found.times)):
            rows.append(replace(base, measure="stopping_probability", scale="absolute", term=f"look {k + 1} under {name}", estimate=float(stops[k]),
                                method=f"Probability of stopping at this look under {name}", witness=f"{AGAIN}: estimate", agreement=agreement((float(stops[k]), float(stops2[k])), se=1.0)))
            rows.append(replace(base, measure="efficacy_probability", scale="absolute", term=f"look {k + 1} under {name}", estimate=float(up[k]),
                                method=f"Probability of crossing the efficacy bound first at this look, in the direction hoped for, under {name}",
                                witness=f"{AGAIN}: estimate", agreement=agreement((float(up[k]), float(up2[k])), se=1.0)))
        expected, expected2 = (path.planned * sum(s * t for s, t in zip(chances, found.times, strict=True)) for chances in (stops, stops2))
        rows.append(replace(base, measure="expected_information", scale="absolute", term=name, estimate=float(expected),
                            method=f"Expected information at the end under {name} ({path.words})", witness=f"{AGAIN}: estimate", agreement=agreement((float(expected), float(expected2)))))
    return rows


def final_row(path: Path, at: Look, sign: float, level: float, base: Estimate) -> Estimate | None:
    """The adjusted p, estimate and interval once the trial is at its end; nothing before."""
    stopped = path.stopped
    if not stopped and not path.final:
        return None
    k = stopped or len(path.times)
    times, upper = path.times[:k], bounds(path.design, schedule(path.design, path.times, final=path.final)).upper
    z = sign * path.z[k - 1]
    ours, theirs = final(times, upper, z, level), final(times, upper, z, level, exits_again)
    method = ("After looks: stagewise ordering; p twice the one-sided, median-unbiased estimate (se: unadjusted)" if at.per_z is not None else "After looks: stagewise ordering; p twice the one-sided")
    later = f"the bound was crossed at look {k}; what came in since is not in this row" if k < len(path.times) else ""
    row = replace(base, measure=at.row.measure, scale=at.row.scale, term="adjusted for the looks", statistic=z, p=ours.p, sides=2, method=f"{method}. {at.row.method}", note=later,
                  n=at.row.n, observed=at.row.observed, events=at.row.events, missing=at.row.missing)
    if at.per_z is None:
        return replace(row, measure="p", scale="test", witness=f"{AGAIN}: p", agreement=agreement(p=(ours.p, theirs.p)))
    unit = at.per_z * math.sqrt(path.times[-1] / times[-1])  # the effect that makes one unit of z at the look that stopped
    numbers, again = ([unit * value for value in (found.median, found.low, found.high)] for found in (ours, theirs))
    back = math.exp if row.scale == "ratio" else float
    return replace(row, estimate=back(numbers[0]), low=back(numbers[1]), high=back(numbers[2]), se=abs(unit), level=level,
                   witness=f"{AGAIN}: estimate, low, high, p",
                   agreement=agreement(*zip(numbers, again, strict=True), se=abs(unit), p=(ours.p, theirs.p)))
