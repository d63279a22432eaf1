"""The test that hazards are proportional."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd


def proportional_hazards(
    frame: pd.DataFrame, *, covariates: tuple[str, ...] = (), stratified: bool = False, transform: Literal["km", "rank", "identity", "log"] = "km",
    ties: Literal["efron", "breslow"] = "efron",
) -> list[Estimate]:
    """Grambsch-Therneau score test that the log hazard ratio of each term of a Cox model does not change with time, and of all together.

    `transform`: the time scale along which a change is looked for; km is 1 - S(t-) of all rows. Measure `chisq`: the arms' test has a blank
    term (and the contrast, when there are two arms), a covariate's its name (all its columns together), the joint one `global`.
    A test that describes: no analysis is chosen by it. Source: Grambsch and Therneau, Biometrika 1994;81:515-26.
    """
    from pacer_analysis.errors import NotEstimable
    from pacer_analysis.estimators._normal import chi_square
    from pacer_analysis.estimators._survival import model, proportional
    from pacer_analysis.estimators._survival.cox_rows import WALKED, as_walked
    from pacer_analysis.estimators._witness import agreement

    rows = model.rows_of(frame, covariates, stratified=stratified, ties=ties)
    if transform == "log" and (rows.time[rows.event] <= 0).any():
        raise NotEstimable("events at time 0 have no logarithm", do="another `transform`")
    fit = model.fitted(rows)
    g = proportional.time_scale(rows.time, rows.event, rows.entry, transform)
    terms = model.terms_of(rows.design, covariates)
    ours = proportional.chi_squares(*proportional.score_and_information(fit, g), terms, rows.design.names)
    walked = int(rows.event.sum()) <= WALKED
    theirs = proportional.regressed(as_walked(rows), fit.coefficients, g, terms) if walked else {}
    arms = [str(name) for name in rows.frame["arm"].cat.categories] if rows.design.arms else []
    found = []
    for term, statistic in ours.items():
        df = len(terms[term])
        p = chi_square(statistic, df)
        row = Estimate(measure="chisq", scale="test", term=term, contrast=f"{arms[1]} - {arms[0]}" if not term and len(arms) == 2 else "",
                       method=f"Score test of constant coefficients against a change with {_SCALE[transform]} (Grambsch-Therneau); {', '.join(rows.words)}",
                       statistic=statistic, df=float(df), p=p, sides=2, note=rows.note, witness="regression of the residuals of each event time on its scale: statistic, p" if walked else "none",
                       agreement=agreement((statistic, theirs[term]), se=1.0, p=(p, chi_square(theirs[term], df))) if walked else None)
        found.append(model.counted_people(row, rows.frame, rows.analysed))
    return found


_SCALE = {"km": "1 - S(t-) of all", "rank": "the rank of time", "identity": "time", "log": "log time"}
