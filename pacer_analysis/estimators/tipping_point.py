"""How far the missing would have to differ from the observed before the conclusion changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pacer_analysis.estimators._schema import Estimator, Variables

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from pacer_analysis.estimators._imputation.tipping import Point
    from pacer_analysis.results import Estimate


def tipping_point(
    frame: pd.DataFrame, *, of: Estimator, kind: Literal["delta", "counts", "hazard"] = "delta", grid: tuple[float, ...] = (), shift: Literal["both", "other", "reference"] = "both",
    measure: str = "", null: float | None = None, seed: int | None = None, options: dict[str, object] | None = None, auxiliary: Variables = (), models: dict[str, str] | None = None,
    m: int = 20, burn_in: int = 20, donors: int = 5, below: float | None = None, log10: bool = False, step: int = 1, horizon: float | None = None, pieces: int = 6, level: float = 0.95,
) -> list[Estimate]:
    """The comparison at every point of a fixed grid of assumptions about the missing, then the frontier (measure `tipping_point`).

    delta: outcomes imputed as by `multiple_imputation`, then moved by delta in an arm: log odds of a 0/1 outcome; the imputed number itself
    (log10 with `log10`) before `below` derives the outcome. Terms `delta_clinic=0,delta_club=-1`. The same random numbers at all points.
    counts: of the missing in each arm 0, 1 ... all have the outcome (every `step`); crude risk difference with score interval; nothing random.
    hazard: times after censoring imputed up to `horizon` from the arm's piecewise exponential hazard times phi; terms `phi_clinic=1,phi_club=2`.
    `grid` contains 0 (delta) or 1 (phi): missing at random. `shift` moves one side or both; all arms but the reference move together.
    A frontier row is the last value, either way, at which the interval still lies above, below or across `null` (0, ratios 1) as it does
    at random (counts: as among those observed). `measure` picks one of the wrapped estimator's; crude comparisons come from counts, quickly.
    Source: Yan, Lee and Li, Drug Information Journal 2009;43:105-17 (counts: Hollis 2002); Lipkovich, Ratitch and O'Kelly 2016 (hazard).
    """
    from pacer_analysis.errors import PlanError
    from pacer_analysis.estimators._frame import choose, compared_arms
    from pacer_analysis.estimators._imputation import shifted, tipping
    from pacer_analysis.estimators._imputation.pooled_rows import wrapped

    choose("kind", kind, ("delta", "counts", "hazard"))
    choose("shift", shift, ("both", "other", "reference"))
    frame = frame.reset_index(drop=True)
    reference, *others = compared_arms(frame)
    estimate = wrapped(of, options, level=level)
    if ("time" in frame and "status" in frame) != (kind == "hazard"):
        raise PlanError(f"a tipping point of kind {kind} needs {'a time to an event' if kind == 'hazard' else 'an outcome per person'}", where="option `kind`",
                        allowed="hazard for times, delta or counts for outcomes", do="correct it")
    if kind == "counts":
        if of != shifted.CRUDE or step < 1 or not set(frame["outcome"].dropna().unique()) <= {0, 1}:
            raise PlanError("counts of the missing say nothing about who they are: the crude risk difference alone can use them", where="options `of`, `step`",
                            allowed="of: risk_difference, step: 1 or more", do="correct it, or use kind: delta")
        words = "Risk difference with so many of the missing having the outcome, score interval and test (Miettinen-Nurminen)"
        mapped = shifted.all_counts(frame, reference, tuple(others), step=step, level=level, null=null or 0.0, words=words, crude=estimate)
        return [m_.row for m_ in mapped] + tipping.frontier(mapped, name="events", shift="both", null=null, words=words)
    if seed is None:
        raise PlanError("imputation needs a seed", where="option `seed`", do="write a whole number")
    neutral, name = (0.0, "delta") if kind == "delta" else (1.0, "phi")
    at_points = tipping.points(grid, shift, neutral)
    if kind == "hazard" and min(grid) <= 0:
        raise PlanError("a hazard is multiplied by a number above zero", where="option `grid`", do="correct it")
    if kind == "delta":
        rows_at, words = _deltas(frame, of, estimate, reference, tuple(others), options=options, auxiliary=auxiliary, models=models, m=m, burn_in=burn_in, donors=donors,
                                 below=below, log10=log10, seed=seed, level=level, measure=measure)
    else:
        rows_at, words = _hazards(frame, of, estimate, reference, tuple(others), options=options, m=m, seed=seed, horizon=horizon, pieces=pieces, level=level)
    at_random = rows_at(tipping.Point(neutral, neutral))
    mapped = tipping.map_of(at_points, tipping.blank_if_refused(rows_at, at_random), measure=measure, neutral=neutral, null=null, name=name, reference=reference, others=others)
    return [m_.row for m_ in mapped] + tipping.frontier(mapped, name=name, shift=shift, null=null, words=words)


def _deltas(
    frame: pd.DataFrame, of: str, estimate: Callable[[pd.DataFrame], list[Estimate]], reference: str, others: tuple[str, ...], *, options: dict[str, object] | None, auxiliary: Variables,
    models: dict[str, str] | None, m: int, burn_in: int, donors: int, below: float | None, log10: bool, seed: int, level: float, measure: str,
) -> tuple[Callable[[Point], list[Estimate]], str]:
    """The pooled rows at a point, and the words of the method."""
    from functools import cache

    from pacer_analysis.estimators._imputation import imputed as imputing
    from pacer_analysis.estimators._imputation import pooled_rows, shifted
    from pacer_analysis.estimators.multiple_imputation import _capital, _imputed, parameters

    found = _imputed(frame, of, options, auxiliary, models, m, burn_in, donors, below, log10=log10, seed=seed)
    imputing.refuse_nothing(found)
    moved = "log odds" if below is None and set(frame["outcome"].dropna().unique()) <= {0, 1} else "log10 of the value" if log10 else "value"
    words = f"{_capital(imputing.said(found))}; then delta added to the {moved} of what was imputed"
    count = parameters(frame, options)
    quick = of == shifted.CRUDE and measure in ("", *shifted.QUICK) and (below is not None or moved == "log odds")

    def pool(grouped: list[list[Estimate]]) -> list[Estimate]:
        return pooled_rows.rows(grouped, m=m, parameters=count, level=level, words=words, note=imputing.warned(found))

    def shifts(at: Point) -> dict[str, float]:
        return {reference: at.reference, **dict.fromkeys(others, at.other)}

    @cache
    def rows_at(at: Point) -> list[Estimate]:
        if not quick:
            return pool(pooled_rows.collect((imputing.completed(found, i, shifts(at)) for i in range(m)), estimate))
        rows = pool(shifted.crude_rows(found, reference, others, shifts(at)))
        if at.reference or at.other:
            return rows
        whole = pool(pooled_rows.collect((imputing.completed(found, i) for i in range(m)), estimate))
        return [shifted.with_whole_estimator(row, whole) for row in rows]

    return rows_at, words


def _hazards(
    frame: pd.DataFrame, of: str, estimate: Callable[[pd.DataFrame], list[Estimate]], reference: str, others: tuple[str, ...], *, options: dict[str, object] | None, m: int, seed: int,
    horizon: float | None, pieces: int, level: float,
) -> tuple[Callable[[Point], list[Estimate]], str]:
    """The pooled rows at a point, and the words of the method."""
    from functools import cache

    from pacer_analysis.estimators._imputation import after_censoring, crude_hazards, pooled_rows, shifted
    from pacer_analysis.estimators.multiple_imputation import parameters

    follow = after_censoring.prepare(frame, horizon=horizon, pieces=pieces, m=m, seed=seed)
    imputed = sum(len(arm.rows) for arm in follow.arms.values())
    words = (f"Times after censoring imputed to day {follow.horizon:.10g} ({imputed} people) from the arm's piecewise exponential hazard ({pieces} pieces, gamma posterior) times phi, "
             f"m = {m}, seed {seed}")

    # Arms alone, one row a person and nothing else in the frame that changes a hazard ratio: all imputations are fitted together.
    quick = of == "cox" and set(options or {}) <= {"stratified"} and not {"entry", "weight", "offset", "cluster"} & set(frame.columns)
    stratified = bool((options or {}).get("stratified"))

    def pool(grouped: list[list[Estimate]]) -> list[Estimate]:
        return pooled_rows.rows(grouped, m=m, parameters=parameters(frame, options), level=level, words=words, note="")

    @cache
    def rows_at(at: Point) -> list[Estimate]:
        factor = {reference: at.reference, **dict.fromkeys(others, at.other)}
        if quick and (at.reference != 1 or at.other != 1):
            return pool(crude_hazards.rows(follow, factor, stratified=stratified))
        whole = pool(pooled_rows.collect((after_censoring.completed(follow, i, factor) for i in range(m)), estimate))
        return [shifted.with_whole_estimator(row, whole) for row in pool(crude_hazards.rows(follow, factor, stratified=stratified))] if quick else whole

    return rows_at, words
