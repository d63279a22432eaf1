"""Hazard ratios of the arms alone in all imputations at once, for the many points of a map."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from pacer_analysis.estimators._frame import arm_names, counted, of_arms
from pacer_analysis.estimators._imputation.after_censoring import Follow, shifted_times
from pacer_analysis.estimators._survival.batch import cox_batch
from pacer_analysis.results import Estimate


def rows(follow: Follow, factor: Mapping[str, float], *, stratified: bool) -> list[list[Estimate]]:
    """The hazard ratio of every arm in every imputation, Efron's ties, model-based standard error: what the Cox estimator says of the arms."""
    from dataclasses import replace

    reference, *others = arm_names(follow.frame)
    arm = follow.frame["arm"].astype(str).to_numpy()
    time, status = shifted_times(follow, factor)
    strata = np.unique(follow.frame["stratum"].astype(str), return_inverse=True)[1] if stratified else None
    x = np.column_stack([(arm == other).astype(float) for other in others])
    fits = cox_batch(time, status == 1, np.broadcast_to(x, (len(time), *x.shape)), strata=strata)
    found = []
    for place, other in enumerate(others):
        pair = (arm == other) | (arm == reference)
        blank = counted(Estimate(measure="hr", scale="ratio", contrast=f"{other} / {reference}", witness="none",
                                 method=f"Cox on arm, Efron ties{', stratified by the strata of the design' if stratified else ''}, model-based SE"), of_arms(follow.frame, reference, other))
        found.append([replace(blank, estimate=math.exp(log) if good else None, se=float(se) if good else None, events=int(events), note="" if good else "no finite maximum")
                      for log, se, good, events in zip(fits.coefficients[:, place], fits.se[:, place], fits.converged & np.isfinite(fits.se[:, place]),
                                                       (status[:, pair] == 1).sum(axis=1), strict=True)])
    return found
