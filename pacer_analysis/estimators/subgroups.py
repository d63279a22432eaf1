"""The effect of the arm within the levels of a variable, and whether it differs between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacer_analysis.estimators._schema import Estimator, Variables
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd


def subgroups(
    frame: pd.DataFrame, *, variables: Variables, of: Estimator, measure: str = "", smallest: int = 10, options: dict[str, Any] | None = None, level: float = 0.95,
) -> list[Estimate]:
    """The comparison of the estimator `of` within each level of each variable, and one test per variable of whether it differs between levels.

    `measure`: by default the first contrast that `of` gives; `options` are those of `of`, its covariates included (a variable is left
    out of them within its own levels). A row per level and contrast has `subgroup` `variable=level`, an interval and never a p. A level
    with fewer than `smallest` analysed in some arm is not estimated, and says so. The test has the variable as `subgroup`: for `logistic`
    and `cox` measure `chisq`, term `interaction` (likelihood ratio of arm x level, covariates and strata as in the model), for the others,
    for clustered or weighted data, term `heterogeneity` (Cochran's Q per contrast), over the levels that are estimated. One visit at a time.
    Source: Wang et al., NEJM 2007;357:2189-94; Cochran, Biometrics 1954;10:101-29.
    """
    from pacer_analysis.errors import NotEstimable, PlanError
    from pacer_analysis.estimators import ESTIMATORS
    from pacer_analysis.estimators._binary import levels
    from pacer_analysis.estimators._frame import by_visit, choose, compared_arms

    choose("of", of, ESTIMATORS)
    compared_arms(frame)
    if len(by_visit(frame)) > 1:
        raise PlanError("subgroups of several visits at once", do="analyse one visit, or an endpoint with one row per participant")
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in (options or {}).items()}
    wrapped = levels.Wrapped(of, ESTIMATORS[of], given, measure, smallest, level)
    rows: list[Estimate] = []
    for variable in variables:
        if variable not in frame:
            raise PlanError(f"no such variable: {variable}")
        try:
            rows += levels.of_variable(frame, variable, wrapped)
        except NotEstimable as reason:
            rows.append(Estimate(measure="chisq", scale="test", term="interaction", subgroup=variable, method=f"Subgroups by {variable}", witness="none", note=reason.what))
    return rows
