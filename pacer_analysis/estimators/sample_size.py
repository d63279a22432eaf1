"""How many participants or events the trial needs, and the power of those it has."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd


def sample_size(
    frame: pd.DataFrame, *, outcome: Literal["proportions", "time"] = "proportions", reference: float = 0.0, other: float = 0.0, hazard_ratio: float = 0.0,
    formula: Literal["plain", "continuity", "schoenfeld", "freedman"] = "plain", alpha: float = 0.025, power: float = 0.8, ratio: float = 1.0, margin: float = 0.0,
    event_probability: float = 0.0, loss: float = 0.0, cluster_size: float = 1.0, icc: float = 0.0, clustered: Literal["both", "arm"] = "both",
) -> list[Estimate]:
    """People per arm (two proportions, `reference` and `other`) or events and people (a log-rank test of `hazard_ratio`), then the power of this frame.

    `alpha` is one-sided, `ratio` people in the other arm per person in the reference. `margin`: non-inferiority, the difference (`other` - `reference`) or the
    hazard ratio under the null; 0 for superiority. `event_probability` turns events into people, `loss` is the share whose outcome is never known, the
    design effect is 1 + (`cluster_size` - 1) `icc`, of both arms or of the other arm only. Measures `sample_size` (terms `reference arm`, `other arm`, `total`;
    rounded up per arm), `events_needed`, `power` (of the people with known outcome, or of the events, in the frame).
    Source: Farrington and Manning 1990; Casagrande, Pike and Smith 1978; Schoenfeld 1981; Freedman 1982; Moerbeek and Wong 2008.
    """
    from pacer_analysis.errors import PlanError
    from pacer_analysis.estimators._frame import choose

    choose("outcome", outcome, ("proportions", "time"))
    choose("clustered", clustered, ("both", "arm"))
    choose("formula", formula, ("plain", "continuity") if outcome == "proportions" else ("plain", "schoenfeld", "freedman"))
    if not (0 < alpha < 0.5 and 0 < power < 1 and ratio > 0 and 0 <= loss < 1 and cluster_size >= 1 and 0 <= icc <= 1 and 0 <= event_probability <= 1):
        raise PlanError("`alpha`, `power`, `ratio`, `loss`, `cluster_size`, `icc` or `event_probability` is out of range")
    effect = 1 + (cluster_size - 1) * icc
    if outcome == "time":
        if hazard_ratio <= 0 or margin < 0 or hazard_ratio == (margin or 1.0):
            raise PlanError("`hazard_ratio` should be above 0 and differ from the null")
        if formula == "freedman" and margin:
            raise PlanError("Freedman's formula has no margin", do="Use `formula: schoenfeld`.")
        if effect > 1 and clustered == "arm":
            raise PlanError("a design effect of one arm is known for proportions only", do="Use `clustered: both`.")
        return _of_events(frame, hazard_ratio, margin or 1.0, "freedman" if formula == "freedman" else "schoenfeld", alpha, power, ratio, event_probability, loss, effect)
    if not (0 < reference < 1 and 0 < other < 1) or other - reference == margin or abs(margin) >= 1 or (formula == "continuity" and margin):
        raise PlanError("`reference` and `other` should be proportions that differ by something else than `margin`; the continuity correction has no margin")
    return _of_people(frame, reference, other, margin, alpha, power, ratio, loss, effect, clustered, continuity=formula == "continuity")


def _of_people(frame: pd.DataFrame, reference: float, other: float, margin: float, alpha: float, power: float, ratio: float, loss: float, effect: float, clustered: str,
               *, continuity: bool) -> list[Estimate]:
    from pacer_analysis.estimators._sequential.sample_sizes import Proportions, people, power_of_people
    from pacer_analysis.estimators._witness import agreement

    both, arm = (effect, 1.0) if clustered == "both" else (1.0, effect)
    about = Proportions(other, reference, ratio, margin, arm)
    exact = people(about, alpha, power, continuity=continuity)
    method = (f"Two proportions, {reference:g} and {other:g}{f', margin {margin:g}' if margin else ''}, one-sided alpha {alpha:g}, power {power:g}; null variance restricted"
              f"{', continuity correction' if continuity else ''}{_inflated(loss, effect, clustered)}")
    again = power_of_people(about, alpha, exact, continuity=continuity, again=True)
    sizes = [math.ceil(share * exact * both / (1 - loss) - 1e-9) for share in (1.0, ratio)]
    rows = [Estimate(measure="sample_size", scale="absolute", term=term, estimate=float(size), method=method, note=f"{exact:.6g} in the reference arm before rounding and inflation",
                     witness="power at that size, restricted proportions by root finding: estimate", agreement=agreement((again, power), se=1.0))
            for term, size in (("reference arm", sizes[0]), ("other arm", sizes[1]), ("total", sum(sizes)))]
    known, _ = _here(frame)
    n0, n1 = known if len(known) == 2 else (known[0] / (1 + ratio), known[0] * ratio / (1 + ratio))
    if min(n0, n1) == 0:
        return [*rows, Estimate(measure="power", scale="absolute", method=method, witness="none", note="no one with the outcome known in an arm")]
    here = Proportions(other, reference, n1 / n0, margin, arm)
    ours, theirs = (power_of_people(here, alpha, n0 / both, continuity=continuity, again=second) for second in (False, True))
    return [*rows, Estimate(measure="power", scale="absolute", estimate=ours, n=round(n0 + n1), method=f"Power of those with a known outcome. {method}",
                            witness="restricted proportions by root finding: estimate", agreement=agreement((ours, theirs), se=1.0))]


def _of_events(frame: pd.DataFrame, hazard_ratio: float, margin: float, formula: str, alpha: float, power: float, ratio: float, event_probability: float, loss: float,
               effect: float) -> list[Estimate]:
    from pacer_analysis.estimators._sequential.sample_sizes import events, per_root_event, power_of_events
    from pacer_analysis.estimators._witness import agreement

    unit = per_root_event(hazard_ratio, margin, ratio, formula)
    exact = events(unit, alpha, power)
    words = f"{formula.capitalize()}: log-rank test, hazard ratio {hazard_ratio:g}{f', margin {margin:g}' if margin != 1 else ''}, one-sided alpha {alpha:g}, power {power:g}"
    needed = exact * effect
    method = f"{words}{_inflated(0.0, effect, 'both')}"
    rows = [Estimate(measure="events_needed", scale="absolute", estimate=float(math.ceil(needed - 1e-9)), method=method, note=f"{exact:.6g} before rounding and inflation",
                     witness="power at that number: estimate", agreement=agreement((power_of_events(unit, alpha, exact), power), se=1.0))]
    if event_probability:
        whole = needed / event_probability / (1 - loss)
        sizes = [math.ceil(whole * share / (1 + ratio) - 1e-9) for share in (1.0, ratio)]
        rows += [Estimate(measure="sample_size", scale="absolute", term=term, estimate=float(size), witness="none",
                          method=f"{words}; events in {event_probability:g} of the people{_inflated(loss, effect, 'both')}")
                 for term, size in (("reference arm", sizes[0]), ("other arm", sizes[1]), ("total", sum(sizes)))]
    _, seen = _here(frame)
    if not seen:
        return [*rows, Estimate(measure="power", scale="absolute", method=words, witness="none", note="no events in the frame")]
    return [*rows, Estimate(measure="power", scale="absolute", estimate=power_of_events(unit, alpha, seen / effect), events=seen, method=f"Power of the events in the frame. {method}", witness="none")]


def _inflated(loss: float, effect: float, clustered: str) -> str:
    said = f"; divided by 1 - {loss:g} for loss" if loss else ""
    return said + (f"; design effect {effect:g}{' of the other arm' if clustered == 'arm' else ''}" if effect > 1 else "")


def _here(frame: pd.DataFrame) -> tuple[list[int], int]:
    """People with a known outcome per arm (the first two), or in all, and events of cause 1."""
    from pacer_analysis.estimators._frame import arm_names, has_outcome, of_arms

    known = has_outcome(frame) if {"outcome", "time"} & set(frame) else frame["id"].notna()
    events = int((frame.loc[known, "status"] == 1).sum()) if "status" in frame else 0
    return [int(known[of_arms(frame, arm).index].sum()) for arm in arm_names(frame)[:2]], events
