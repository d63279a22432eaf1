"""Arms compared at every visit by generalised estimating equations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd


def gee(
    frame: pd.DataFrame, *, covariates: tuple[str, ...] = (), stratified: bool = False, correlation: Literal["independence", "exchangeable"] = "independence",
    link: Literal["logit", "log", "identity"] = "logit", correction: Literal["none", "mancl_derouen", "kauermann_carroll"] = "mancl_derouen",
    reference: Literal["t", "normal"] = "t", level: float = 0.95,
) -> list[Estimate]:
    """Risk per arm and visit, odds ratio (link log: risk ratio) and marginal risk difference of each arm against the reference at each visit, one model.

    Columns: a mean per visit, arm within visit, baseline covariates (`stratified`: the stratum too). Clusters are participants, or the frame's
    `cluster` (blank: the participant). The frame's `weight` makes the equations inverse-probability weighted, with working independence only.
    Measures `proportion` (arm), `or`, `rr` or `rd`, and `rd` by the delta method beside a ratio; term and time are the visit's; `f` (`chisq` with
    `reference: normal`), terms `arm x visit` (same difference at every visit), `all visits` (none at any) or `all arms`. `reference: t` has as
    many degrees of freedom as clusters less coefficients. Log link: Poisson variance; identity link: constant variance. A visit at which an
    arm has no one, no events or only events stays out of the model: its row says so.
    Source: Liang and Zeger, Biometrika 1986;73:13-22; Mancl and DeRouen, Biometrics 2001;57:126-34; Kauermann and Carroll, JASA 2001;96:1387-96;
    Zou and Donner, Stat Methods Med Res 2013;22:661-70 (log link); Cheung, Am J Epidemiol 2007;166:1337-44 (identity link).
    """
    from pacer_analysis.errors import NotEstimable, PlanError
    from pacer_analysis.estimators._frame import choose
    from pacer_analysis.estimators._repeated import gee_rows
    from pacer_analysis.estimators._repeated.rows_of_people import rows_of

    choose("correlation", correlation, ("independence", "exchangeable"))
    choose("link", link, gee_rows.MEASURES)
    choose("correction", correction, ("none", "mancl_derouen", "kauermann_carroll"))
    choose("reference", reference, ("t", "normal"))
    if correlation == "exchangeable" and "weight" in frame:
        raise PlanError("weighted estimating equations with an exchangeable working correlation", do="`correlation: independence`: only then are weights that differ by visit right")

    def impossible(outcomes: object) -> str:
        values = set(outcomes)  # type: ignore[call-overload]  # an array of floats
        if not values <= {0.0, 1.0}:
            raise NotEstimable("the outcome is neither 0 nor 1", do="use mixed_model for a score")
        return "no events" if values == {0.0} else "only events" if values == {1.0} else ""

    rows = rows_of(frame, covariates, stratified=stratified, weighted=True, impossible=impossible)
    model = gee_rows.fitted(rows, link=link, exchangeable=correlation == "exchangeable", correction=correction, normal=reference == "normal", level=level)
    refused = [Estimate(measure=gee_rows.MEASURES[link], scale="difference" if link == "identity" else "ratio", term=visit, time=day, method="Estimating equations on arm by visit",
                        witness="none", note=f"{reason}: the visit is not in the model") for (visit, day), reason in rows.left_out.items()]
    return [*gee_rows.visit_rows(model), *refused, *gee_rows.joint_tests(model)]
