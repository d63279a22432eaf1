"""A difference or ratio against a margin that was fixed beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pacer_analysis.estimators._schema import Estimator
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd


def noninferiority(
    frame: pd.DataFrame, *, of: Estimator, margin: float, better: Literal["higher", "lower"], measure: str = "", options: dict[str, Any] | None = None,
    level: float = 0.95,
) -> list[Estimate]:
    """The rows of the estimator `of`, the margin, and per comparison the verdict of its interval with a one-sided p.

    `margin` is on the scale of the measure, on the worse side of no effect: -0.1 for a risk difference of an outcome whose `higher` risk
    is `better`, 1.25 for a hazard ratio of one where `lower` is. `measure` (rd, rr, or, hr, mean_difference ...): by default the first
    contrast that `of` gives; `options` are those of `of`. Rows added: measure `margin`, and `noninferiority` per contrast, its note
    `non-inferior`, `inferior` or `inconclusive` as the interval (level 0.95: one-sided 0.025) lies wholly inside the margin, wholly
    beyond it, or neither, then `superior` where it also excludes no effect; p one-sided, the score test at the margin where the
    interval is Miettinen and Nurminen's, Student's t where the row has degrees of freedom, else Wald's.
    Source: Piaggio et al., JAMA 2012;308:2594-604 (CONSORT extension).
    """
    from dataclasses import replace

    from pacer_analysis.errors import NotEstimable, PlanError
    from pacer_analysis.estimators import ESTIMATORS
    from pacer_analysis.estimators._binary.margin import judged
    from pacer_analysis.estimators._frame import choose

    choose("better", better, ("higher", "lower"))
    choose("of", of, ESTIMATORS)
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in (options or {}).items()}
    rows = ESTIMATORS[of](frame, **given, **({} if "level" in given else {"level": level}))
    contrasts = [row for row in rows if row.contrast and row.scale in {"difference", "ratio"}]
    if not contrasts:
        raise PlanError(f"the estimator `{of}` compares no arms", do="wrap one that gives a difference or a ratio")
    chosen = measure or contrasts[0].measure
    tested = [row for row in contrasts if row.measure == chosen]
    if not tested:
        raise PlanError(f"the estimator `{of}` gives no {chosen}", allowed=", ".join(dict.fromkeys(row.measure for row in contrasts)))
    scale = tested[0].scale
    null = 0.0 if scale == "difference" else 1.0
    if (scale == "ratio" and margin <= 0) or margin == null or (margin < null) != (better == "higher"):
        raise PlanError(f"the margin of a {scale} should lie {'below' if better == 'higher' else 'above'} {null:g} where {better} is better", do="correct `margin`, or `better`")
    line = Estimate(measure="margin", scale=scale, estimate=float(margin), method=f"Margin of {chosen}, {better} is better, as planned", witness="none")
    verdicts = []
    for row in tested:
        try:
            verdicts.append(judged(row, rows, margin=float(margin), higher=better == "higher"))
        except NotEstimable as reason:
            blank = Estimate(measure="noninferiority", scale="test", contrast=row.contrast, term=row.term, time=row.time, witness="none", note=reason.what)
            verdicts.append(replace(blank, method=f"Non-inferiority of {chosen} against the margin", n=row.n, observed=row.observed, events=row.events, missing=row.missing))
    return [*rows, line, *verdicts]
