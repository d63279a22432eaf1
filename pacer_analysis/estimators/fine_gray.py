"""Subdistribution hazard ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

WRITTEN_OUT = 2e8  # rows times failure times times censoring times up to which the witness writes the weights out


def fine_gray(
    frame: pd.DataFrame, *, covariates: tuple[str, ...] = (), censoring: Literal["pooled", "arm"] = "pooled", level: float = 0.95,
) -> list[Estimate]:
    """Subdistribution hazard ratio of each arm against the reference and of each covariate for status 1, statuses above 1 competing.

    Breslow ties and Fine and Gray's own variance, which counts the estimation of the censoring weights; Wald intervals and tests on the log
    scale. `censoring`: one Kaplan-Meier curve of censoring, or one an arm. A frame with `cluster` sums the influence by cluster. Measures
    `shr` (term blank for an arm, else the covariate's column) and, with more than two arms, `chisq` of all arms, term `wald`.
    Source: Fine and Gray, JASA 1999;94:496-509.
    """
    import math
    from dataclasses import replace

    import numpy as np

    from pacer_analysis.errors import NotEstimable
    from pacer_analysis.estimators._frame import choose
    from pacer_analysis.estimators._normal import chi_square, quantile, two_sided
    from pacer_analysis.estimators._survival import model, residuals, subdistribution, weight_matrix
    from pacer_analysis.estimators._witness import agreement

    for column in ("entry", "weight", "offset"):
        if column in frame:
            raise NotEstimable(f"Fine and Gray's model with `{column}` is not among what is computed here", do="cause_specific, beside the cumulative incidences")
    choose("censoring", censoring, ("pooled", "arm"))
    rows = model.rows_of(frame, covariates, stratified=False)
    status = rows.frame["status"][rows.analysed].to_numpy(dtype=float)
    competing = (status > 0) & ~rows.event
    arms = [str(name) for name in rows.frame["arm"].cat.categories] if rows.design.arms else []
    group = rows.frame["arm"][rows.analysed].cat.codes.to_numpy().astype(np.intp) if censoring == "arm" and arms else np.zeros(len(status), dtype=np.intp)
    data = subdistribution.arrange(rows.time, rows.event, competing, rows.design.matrix, group)
    beta, terms = subdistribution.fit(data, rows.design.names)
    influence = subdistribution.influence(data, beta, terms.information, rows.design.names)
    covariance = residuals.sandwich(influence, rows.clusters)
    if (np.diag(covariance) < 1e-8 / np.diag(terms.information)).any():
        raise NotEstimable("too few people or clusters for the variance")
    other, other_se, witness = None, None, "none"
    if len(status) * len(data.days) * max(len(np.unique(rows.time[status == 0])), 1) <= WRITTEN_OUT:
        other, other_se = weight_matrix.solution(rows.time, np.where(rows.event, 1, np.where(competing, 2, 0)), rows.design.matrix, group)
        witness = "weights written out as a matrix: estimate" + ("" if rows.clustered else ", se, p")
    of = "arm" if arms else ""
    method = (f"Fine-Gray on {', '.join((*([of] if of else []), *covariates))}, Breslow ties, censoring weights {'by arm' if censoring == 'arm' and arms else 'of all together'}, "
              f"robust SE with the weights' part{' by cluster' if rows.clustered else ''}")
    found = []
    for place, name in enumerate(rows.design.names):
        log, se = float(beta[place]), math.sqrt(covariance[place, place])
        is_arm = place < len(rows.design.arms)
        row = Estimate(measure="shr", scale="ratio", method=f"{method}; Wald interval and test", contrast=f"{name} / {arms[0]}" if is_arm else "", term="" if is_arm else name,
                       estimate=math.exp(log), se=se, low=math.exp(log - quantile(level) * se), high=math.exp(log + quantile(level) * se), level=level, statistic=log / se,
                       p=two_sided(log / se), sides=2, witness=witness, note=rows.note)
        if other is not None and other_se is not None:
            theirs, their_se = float(other[place]), float(other_se[place])
            row = replace(row, agreement=agreement((log, theirs), se=se) if rows.clustered
                          else agreement((log, theirs), (se, their_se), se=se, p=(two_sided(log / se), two_sided(theirs / their_se))))
        found.append(model.counted_people(row, rows.frame, rows.analysed, *((arms[0], name) if is_arm else ())))
    df = len(rows.design.arms)
    if df > 1 and np.linalg.matrix_rank(covariance[:df, :df], hermitian=True) == df:
        statistic = float(beta[:df] @ np.linalg.solve(covariance[:df, :df], beta[:df]))
        found.append(model.counted_people(Estimate(measure="chisq", scale="test", term="wald", method=f"{method}; wald test of all arms", statistic=statistic, df=float(df),
                                                   p=chi_square(statistic, df), sides=2, witness="none", note=rows.note), rows.frame, rows.analysed))
    return found
