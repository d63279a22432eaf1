"""An estimator on multiply imputed data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.estimators._schema import Estimator, Variables, variables_named
from pacer_analysis.estimators.curves import Curve
from pacer_analysis.results import CurvePoint, Estimate

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.estimators._imputation.imputed import Imputed

DRAWN = 10
"""How many chains a convergence plot shows."""


def multiple_imputation(
    frame: pd.DataFrame, *, of: Estimator, seed: int, options: dict[str, object] | None = None, auxiliary: Variables = (), models: dict[str, str] | None = None,
    m: int = 50, burn_in: int = 20, donors: int = 5, below: float | None = None, log10: bool = False, level: float = 0.95,
) -> list[Estimate]:
    """The rows of the estimator `of`, pooled over m imputations by Rubin's rules.

    Blanks of `outcome`, of the wrapped estimator's covariates and of the auxiliary variables are imputed within each arm by chained
    equations, from each other and the stratum; visits predict each other. 0/1: logistic; numbers: predictive mean matching (`donors`);
    ordered categories: proportional odds; others: nested logistic; `models` names another per column (`linear`, `pmm`, `logistic`,
    `ordinal`, `nominal`). With `below`, the column `value` is imputed (its logarithm with `log10`) and a blank outcome becomes
    value < below. Rows with `imputable` false stay blank (after death). In a time-to-event frame the covariates are imputed, with
    status and cumulative hazard among the predictors.
    Every row has the t reference's `df`; its note gives m, the fraction of missing information and Monte Carlo errors. Ratios are pooled
    as logarithms, chi-square statistics by D2 (measure `f`); what has no standard error is left out.
    Source: van Buuren and Groothuis-Oudshoorn 2011; White, Royston and Wood 2011; Rubin 1987; Barnard and Rubin 1999.
    """
    from pacer_analysis.estimators._frame import join_notes
    from pacer_analysis.estimators._imputation import imputed as imputing
    from pacer_analysis.estimators._imputation import pooled_rows

    estimate = pooled_rows.wrapped(of, options, level=level)
    found = _imputed(frame, of, options, auxiliary, models, m, burn_in, donors, below, log10=log10, seed=seed)
    grouped = pooled_rows.collect((imputing.completed(found, i) for i in range(m)), estimate)
    nothing = "" if any(v.blank.any() for v in found.wide.variables) else "nothing was missing: no value was imputed"
    return pooled_rows.rows(grouped, m=m, parameters=parameters(frame, options), level=level, words=_capital(imputing.said(found)),
                            note=join_notes(nothing, imputing.warned(found)))


def trace(
    frame: pd.DataFrame, *, of: Estimator, seed: int, options: dict[str, object] | None = None, auxiliary: Variables = (), models: dict[str, str] | None = None,
    m: int = 50, burn_in: int = 20, donors: int = 5, below: float | None = None, log10: bool = False,
) -> list[Curve]:
    """The convergence of the chains: per arm and variable the mean of the imputed values by round, in the first ten imputations.

    `time` is the round, `estimate` the mean, `low` and `high` one standard deviation either side, `at_risk` the number of blanks.
    """
    found = _imputed(frame, of, options, auxiliary, models, m, burn_in, donors, below, log10=log10, seed=seed)
    curves = []
    for arm, chain in found.chains.items():
        for number, name in enumerate(chain.order):
            for i in range(min(DRAWN, m)):
                points = tuple(CurvePoint("", float(turn + 1), float(mean), float(mean - sd), float(mean + sd), chain.drawn[name].shape[1], 0, 0)
                               for turn, (mean, sd) in enumerate(chain.trace[:, number, i]))
                curves.append(Curve(arm, f"{name}, imputation {i + 1}", points))
    return curves


def parameters(frame: pd.DataFrame, options: dict[str, object] | None) -> int:
    """How many coefficients the wrapped estimator has besides its arms."""
    given = options or {}
    named = given.get("covariates", ())
    strata = max(frame["stratum"].nunique() - 1, 0) if given.get("stratified") and "stratum" in frame else 0
    return (len(named) if isinstance(named, list | tuple) else 0) + strata


def _imputed(
    frame: pd.DataFrame, of: str, options: dict[str, object] | None, auxiliary: Variables, models: dict[str, str] | None, m: int, burn_in: int, donors: int, below: float | None, *,
    log10: bool, seed: int,
) -> Imputed:
    """The imputations; the columns that the wrapped estimator's options name (covariates, a baseline) are imputed and predict."""
    from pacer_analysis.estimators import ESTIMATORS
    from pacer_analysis.estimators._imputation.imputed import Settings, impute

    given = options or {}
    listed = given.get("covariates", ())
    named = (*(listed if isinstance(listed, list | tuple) else ()), *variables_named(ESTIMATORS[of], given, ESTIMATORS))
    covariates = tuple(dict.fromkeys(str(name) for name in named))
    return impute(frame, Settings(tuple(auxiliary), covariates, models or {}, m, burn_in, seed, donors, below, log10))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
