"""A score compared between arms at every visit by a linear mixed model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.estimators._schema import Variable
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd


def mixed_model(frame: pd.DataFrame, *, baseline: Variable = "", covariates: tuple[str, ...] = (), stratified: bool = False, level: float = 0.95) -> list[Estimate]:
    """Mean per arm and visit, mean difference of each other arm from the reference at each visit: one model, restricted maximum likelihood.

    Columns: a mean per visit, arm within visit, `baseline` and covariates (`stratified`: the stratum too); a random intercept per participant.
    Measures `mean` (arm, at the average of the covariates), `mean_difference`, both with term and time of the visit, model-based SE and t with
    Satterthwaite's degrees of freedom; `f`, terms `arm x visit` (same difference at every visit) and `all visits` (none at any), Fai and
    Cornelius' degrees of freedom; `variance`, terms `between participants` and `within participants`. A visit at which an arm has no one stays out
    of the model: its row says so.
    Source: Laird and Ware, Biometrics 1982;38:963-74; Satterthwaite, Biometrics 1946;2:110-4; Fai and Cornelius, J Stat Comput Simul 1996;54:363-78.
    """
    from pacer_analysis.errors import PlanError
    from pacer_analysis.estimators._repeated import score_rows
    from pacer_analysis.estimators._repeated.rows_of_people import rows_of

    if "visit" not in frame:
        raise PlanError("a mixed model of one value per participant", do="use ancova")
    rows = rows_of(frame, (*([baseline] if baseline else []), *covariates), stratified=stratified, weighted=False, impossible=lambda _: "")
    model = score_rows.fitted(rows, level)
    refused = [Estimate(measure="mean_difference", scale="difference", term=visit, time=day, method="Linear mixed model on arm by visit", witness="none",
                        note=f"{reason}: the visit is not in the model") for (visit, day), reason in rows.left_out.items()]
    return [*score_rows.visit_rows(model), *refused, *score_rows.joint_tests(model), *score_rows.variances(model)]
