"""Rows of one arm's cumulative incidences and of their differences, checked against the product integral."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.estimators import _survival_steps
from pacer_analysis.estimators._frame import counted
from pacer_analysis.estimators._kaplan_meier_rows import AT_RISK, AT_RISK_LATE, late_entries
from pacer_analysis.estimators._nonparametric.followed import followed
from pacer_analysis.estimators._normal import log_log, quantile, two_sided
from pacer_analysis.estimators._witness import agreement, library
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

METHOD = "Aalen-Johansen, delta-method SE, log-log interval"
WITNESS = "product integral of transition matrices: estimate, se"


@dataclass(frozen=True, slots=True)
class ArmRows:
    """The rows of an arm, and the second computation's estimate and se by term and day."""

    rows: list[Estimate]
    again: dict[tuple[str, float], tuple[float, float]]


def rows(people: pd.DataFrame, arm: str, terms: dict[int, str], times: tuple[float, ...], level: float) -> ArmRows:
    """Incidence and events of each cause, and people at risk, at each time."""
    those = followed(people)
    if not len(those):
        return ArmRows([replace(counted(Estimate(arm=arm, scale="absolute", measure="cif", method=METHOD, term=term, time=float(day)), people, cause=code),
                                witness="none", note="no one followed") for day in times for code, term in terms.items()], {})
    codes = list(terms)
    days = sorted({float(day) for day in times})
    integrals = _survival_steps.product_integral(those, codes, np.array(days))
    again = {(term, day): (float(value[k]), float(se[k])) for day, (value, se) in zip(days, integrals, strict=True) for k, term in enumerate(terms.values())}
    all_steps = {code: _survival_steps.aalen_johansen(those, code) for code in codes}
    late = late_entries(those, all_steps[codes[0]])
    found = []
    for day in (float(day) for day in times):
        for code, term in terms.items():
            steps = all_steps[code]
            row = counted(Estimate(arm=arm, scale="absolute", term=term, time=day), people, cause=code)
            cif = replace(row, measure="cif", method=METHOD)
            if day > steps.ends():
                found.append(replace(cif, witness="none", note="beyond the last follow-up"))
            else:
                found.append(_incidence(replace(cif, note=late), steps, *again[term, day], level))
            events = int(steps.events[: steps.until(day)].sum())
            found.append(replace(row, measure="events", method="Events through this day", estimate=float(events), witness=f"{library('numpy')}: estimate",
                                 agreement=agreement((float(events), float(np.count_nonzero((those.time <= day) & (those.status == code)))))))
        at_risk, again_at_risk = those.at_risk_on(day), np.count_nonzero(those.time >= day)
        again_at_risk -= 0 if those.entry is None else np.count_nonzero((those.entry >= day) & (those.entry > 0))
        found.append(replace(counted(Estimate(arm=arm, scale="absolute", time=day), people), measure="at_risk",
                             method=AT_RISK if those.entry is None else AT_RISK_LATE, estimate=float(at_risk), witness=f"{library('numpy')}: estimate",
                             agreement=agreement((float(at_risk), float(again_at_risk)))))
    return ArmRows(found, again)


def _incidence(row: Estimate, steps: _survival_steps.Steps, theirs: float, theirs_se: float, level: float) -> Estimate:
    last = steps.until(float(row.time or 0)) - 1
    value, se = (float(steps.estimate[last]), float(steps.se[last])) if last >= 0 else (0.0, 0.0)
    agreed = agreement((value, float(theirs)), (se, float(theirs_se)), se=se)
    filled = replace(row, estimate=value, se=se, witness=WITNESS, agreement=agreed)
    limits = log_log(value, se, level)
    if limits is None:
        return replace(filled, note=f"{'no event' if value == 0 else 'everyone has had the event'} by then: the interval is not defined{'; ' * bool(row.note)}{row.note}")
    return replace(filled, low=limits[0], high=limits[1], level=level)


def differences(one: ArmRows, reference: ArmRows, level: float) -> list[Estimate]:
    """Difference of the incidences of two arms at each time and for each cause; blank with a note where either is blank or neither varies."""
    pairs = zip((row for row in one.rows if row.measure == "cif"), (row for row in reference.rows if row.measure == "cif"), strict=True)
    return [_difference(ours, theirs, one, reference, level) for ours, theirs in pairs]


def _difference(ours: Estimate, theirs: Estimate, one: ArmRows, reference: ArmRows, level: float) -> Estimate:
    def both(name: str) -> int:
        return int(getattr(ours, name)) + int(getattr(theirs, name))

    row = Estimate(measure="rd", scale="difference", method="Difference of Aalen-Johansen incidences, delta-method SE, Wald interval and test",
                   contrast=f"{ours.arm} - {theirs.arm}", term=ours.term, time=ours.time, n=both("n"), observed=both("observed"),
                   events=both("events"), missing=both("missing"))
    if ours.estimate is None or theirs.estimate is None:
        blank = ours if ours.estimate is None else theirs
        return replace(row, witness="none", note=f"{blank.note} in arm {blank.arm}")
    value, se = ours.estimate - theirs.estimate, math.hypot(ours.se or 0, theirs.se or 0)
    key = (ours.term, float(ours.time or 0))
    again, again_se = one.again[key][0] - reference.again[key][0], math.hypot(one.again[key][1], reference.again[key][1])
    filled = replace(row, estimate=value, witness=WITNESS, agreement=agreement((value, again), (se, again_se), se=se))
    if not se:
        return replace(filled, note="no variation in either arm: no interval")
    width = quantile(level) * se
    return replace(filled, se=se, low=value - width, high=value + width, level=level, statistic=value / se, p=two_sided(value / se), sides=2)
