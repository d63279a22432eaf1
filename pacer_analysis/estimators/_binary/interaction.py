"""The likelihood ratio test of arm by level in a logistic or Cox model, twice."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from pacer_analysis.estimators._binary.logistic_arms import prepare
from pacer_analysis.estimators._frame import arm_names, counted
from pacer_analysis.estimators._logistic_model import fit, fit_again
from pacer_analysis.estimators._normal import chi_square
from pacer_analysis.estimators._survival import cox_rows, libraries, model, walk
from pacer_analysis.estimators._witness import agreement, library
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd


def likelihood_ratio(frame: pd.DataFrame, variable: str, names: pd.Series[str], of: str, options: dict[str, Any]) -> Estimate:
    """The model with arm, level and covariates against the same with their products; `names` are the levels of the rows."""
    levels = list(dict.fromkeys(sorted(names)))
    arms = arm_names(frame)
    stratified = bool(options.get("stratified"))
    # A variable that the strata settle is in the model already.
    nested = stratified and frame.assign(level_=names).groupby(frame["stratum"].astype(str))["level_"].nunique().max() <= 1
    main = {f"{variable}={level}": (names == level).astype(float) for level in levels[1:]}
    products = {f"{arm} x {variable}={level}": ((frame["arm"] == arm) & (names == level)).astype(float) for arm in arms[1:] for level in levels[1:]}
    added = products if nested else main | products
    covariates = (*(name for name in options.get("covariates", ()) if name != variable), *([] if nested else main))
    wide = frame.assign(**added)
    wide.attrs = frame.attrs
    df = len(products)
    if of == "logistic":
        design, y, words = prepare(wide, covariates, stratified=stratified)
        crossed = np.column_stack([wide.loc[wide["outcome"].notna(), name].to_numpy() for name in products])
        whole, columns = np.column_stack([design.matrix, crossed]), (*design.names, *products)
        statistic = 2 * (fit(whole, y, columns).loglik - fit(design.matrix, y, design.names).loglik)
        again = 2 * (fit_again(whole, y).loglik - fit_again(design.matrix, y).loglik)
        witness, note = f"{library('scipy')} on the same likelihood", design.imputed
        base = counted(Estimate(), frame)
    else:
        rows = model.rows_of(wide, (*covariates, *products), stratified=stratified, ties=options.get("ties", "efron"))
        less = slice(0, len(rows.design.names) - df)
        statistic = 2 * (model.fitted(rows).terms.loglik - model.fitted(rows, less).terms.loglik)
        fits = [libraries.fit(rows.time, rows.event, rows.design.matrix[:, part], rows.strata) for part in (slice(None), less)] if rows.plain else []
        logliks, witness = [found.loglik for found in fits if found is not None], library("lifelines")
        if len(logliks) < 2:
            walked = cox_rows.as_walked(rows)
            logliks, witness = [walk.solution(dataclasses.replace(walked, x=walked.x[:, part]))[2] for part in (slice(None), less)], "walk over event times"
        one, other = logliks
        again, words, note = 2 * (one - other), rows.words[0], rows.note
        base = model.counted_people(Estimate(), rows.frame, rows.analysed)
    return Estimate(measure="chisq", scale="test", term="interaction", method=f"{words.replace(', '.join(products), '').rstrip(', ')}; likelihood ratio test of arm x {variable}",
                    contrast=f"{arms[1]} - {arms[0]}" if len(arms) == 2 else "", statistic=statistic, df=float(df), p=chi_square(statistic, df), sides=2,
                    witness=f"{witness}: statistic, p", note=note, agreement=agreement((statistic, again), se=1.0, p=(chi_square(statistic, df), chi_square(again, df))),
                    n=base.n, observed=base.observed, events=base.events, missing=base.missing)
