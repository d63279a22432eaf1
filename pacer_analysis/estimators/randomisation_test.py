"""The re-randomisation test: the statistic among those that the same randomisation could have given."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pacer_analysis.estimators._schema import Estimator
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pacer_analysis.estimators._sequential.rerandomise import Statistic


def randomisation_test(
    frame: pd.DataFrame, *, of: Estimator, seed: int, draws: int = 9999, options: dict[str, Any] | None = None, measure: str = "",
) -> list[Estimate]:
    """Two-sided p of no effect on anyone, (1 + b) / (1 + B), each arm against the reference; its statistic is that of the estimator `of`.

    Arms are permuted within `block` (within `stratum`, if there are no blocks; freely, if neither), keeping how many of a block are in each arm; b of the B
    `draws` are at least as far from 0 as what was seen. Fast for `risk_difference` (measure rd) and `logrank` (z, stratified if its options say so);
    any other estimator is run anew per draw on its row of this `measure`. Draws that the estimator refuses count as extreme.
    Measure `p`: `statistic` the observed value, `se` the Monte Carlo standard error of p; term and time are the visit's.
    Source: Rosenberger and Lachin, Randomization in Clinical Trials, 2016, chapter 6; Phipson and Smyth 2010.
    """
    from pacer_analysis.errors import NotEstimable, PlanError
    from pacer_analysis.estimators import ESTIMATORS
    from pacer_analysis.estimators._frame import by_visit, compared_arms, of_arms

    if of not in ESTIMATORS:
        raise PlanError(f"unknown estimator: {of}", allowed=", ".join(ESTIMATORS))
    if draws < 1:
        raise PlanError("`draws` should be at least 1")
    reference, *others = compared_arms(frame)
    rows = []
    for place, (visit, day, seen) in enumerate(by_visit(frame)):
        for arm in others:
            pair = of_arms(seen, reference, arm).sort_values("id", kind="stable", key=lambda column: column.astype(str)).reset_index(drop=True)
            if pair["id"].duplicated().any():
                raise NotEstimable("several rows per person: the test permutes people")
            pair = pair.assign(arm=pair["arm"].cat.set_categories([reference, arm]))
            rows.append(_tested(pair, of, options or {}, measure, draws, (seed, place, others.index(arm)), visit, day))
    return rows


def _tested(pair: pd.DataFrame, of: str, options: dict[str, Any], measure: str, draws: int, seed: tuple[int, ...], visit: str, day: float | None) -> Estimate:
    from pacer_analysis.errors import NotEstimable
    from pacer_analysis.estimators._frame import counted
    from pacer_analysis.estimators._sequential import rerandomise
    from pacer_analysis.estimators._witness import agreement

    blocks, words = _blocks(pair)
    arm = (pair["arm"].cat.codes == 1).to_numpy()
    statistic, name, witness = _statistic(pair, of, options, measure)
    observed = float(statistic(arm[None, :].astype(float))[0])
    if not math.isfinite(observed):
        raise NotEstimable("the statistic does not exist in these data")
    extreme, without = rerandomise.as_extreme(statistic, observed, rerandomise.draws(blocks, arm, draws, seed))
    p = (1 + extreme) / (1 + draws)
    first, second = pair["arm"].cat.categories
    other = None if witness is None else witness()
    row = Estimate(measure="p", scale="test", contrast=f"{second} - {first}", term=visit, time=day, statistic=observed, p=p, sides=2, se=math.sqrt(p * (1 - p) / (1 + draws)),
                   method=f"Re-randomisation test on {name}, arms permuted {words}, {draws} draws, seed {seed[0]}; se is the Monte Carlo error of p",
                   witness="none" if other is None else f"{of}: statistic", agreement=None if other is None else agreement((abs(observed), other), se=1.0),
                   note=f"{without} draws without a value count as extreme" if without else "")
    return counted(row, pair)


def _blocks(pair: pd.DataFrame) -> tuple[NDArray[np.intp], str]:
    """The block of each person, and how the arms are permuted in words."""
    import numpy as np

    from pacer_analysis.errors import NotEstimable

    names = [name for name in ("stratum", "block") if name in pair]
    if not names:
        return np.zeros(len(pair), dtype=np.intp), "among all"
    for name in names:
        if (pair[name].isna() | (pair[name].astype(str) == "")).any():
            raise NotEstimable(f"{name} unknown for some participants")
    keys = pair[names[0]].astype(str)
    for name in names[1:]:
        keys = keys + "\x1f" + pair[name].astype(str)
    codes = np.unique(keys.to_numpy(dtype=str), return_inverse=True)[1]
    return codes.astype(np.intp), "within the blocks of the randomisation" if "block" in names else "within strata"


def _statistic(pair: pd.DataFrame, of: str, options: dict[str, Any], measure: str) -> tuple[Statistic, str, Any]:
    """The statistic as a function of many draws, its name, and the estimator's own value of it (none where it is the estimator's)."""
    import numpy as np

    from pacer_analysis.errors import NotEstimable
    from pacer_analysis.estimators import ESTIMATORS
    from pacer_analysis.estimators._frame import has_outcome
    from pacer_analysis.estimators._sequential import rerandomise

    run = ESTIMATORS[of]
    plain = {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}

    def chosen(frame: pd.DataFrame, wanted: str) -> Estimate:
        found = [row for row in run(frame, **plain) if row.contrast and (not wanted or row.measure == wanted) and (row.statistic is not None or row.estimate is not None)]
        if not found:
            raise NotEstimable(f"{of} gives no contrast{' of ' + wanted if wanted else ''}")
        return found[0]

    if of == "risk_difference" and measure in {"", "rd"}:
        return rerandomise.difference(pair["outcome"].to_numpy(dtype=np.float64, na_value=np.nan)), "the risk difference", lambda: abs(chosen(pair, "rd").estimate or 0.0)
    if of == "logrank" and set(plain) <= {"stratified"}:
        known = has_outcome(pair).to_numpy()
        time = np.where(known, pair["time"].to_numpy(dtype=np.float64, na_value=np.nan), -1.0)
        event = known & (pair["status"] == 1).fillna(value=False).to_numpy(dtype=bool)
        strata = np.unique(pair["stratum"].astype(str).to_numpy(dtype=str), return_inverse=True)[1] if plain.get("stratified") else np.zeros(len(pair), dtype=np.intp)
        return rerandomise.log_rank(time, event, strata), "the log-rank z", lambda: math.sqrt(chosen(pair, "chisq").statistic or 0.0)

    def value(flags: NDArray[np.bool_]) -> float:
        import pandas as pd

        again = pair.assign(arm=pd.Categorical.from_codes(flags.astype(int), categories=pair["arm"].cat.categories))
        try:
            row = chosen(again, measure)
        except NotEstimable:
            return math.nan
        if row.statistic is not None:
            return row.statistic
        return math.log(row.estimate or math.nan) if row.scale == "ratio" else float(row.estimate or 0.0)

    return rerandomise.one_by_one(value), f"{of}{' (' + measure + ')' if measure else ''}", None
