"""Every analysis resolved: endpoint, population, estimator, covariates and options, before anything is computed."""

from __future__ import annotations

import inspect
import typing

from pacer_analysis.derive import KINDS
from pacer_analysis.errors import PlanError
from pacer_analysis.estimators import ESTIMATORS
from pacer_analysis.plan import Analysis, Plan
from pacer_analysis.plan.blocks import unknown_name

FROM_THE_PLAN = ("covariates", "stratified")
"""Keywords that an analysis gives outside its `options`."""
OUTCOMES = ("visit_done", "viral_load_done")
NEEDS_ARMS = frozenset({"risk_difference", "logistic", "standardisation", "logrank", "cox"})
NEEDS = {"proportion": "binary", "risk_difference": "binary", "logistic": "binary", "standardisation": "binary",
         "kaplan_meier": "time", "cumulative_incidence": "time", "logrank": "time", "cox": "time"}
"""The kind of outcome an estimator takes; those not listed take none."""


def check(plan: Plan) -> None:
    """Raise PlanError for the first name or option in analyses.yaml that does not exist."""
    for analysis in plan.analyses.values():
        where = f"{plan.folder / 'analyses.yaml'}, analysis {analysis.id}"
        if analysis.estimator not in ESTIMATORS:
            raise unknown_name("estimator", analysis.estimator, ESTIMATORS, f"{where}, key `estimator`")
        if analysis.population not in plan.populations:
            raise unknown_name("population", analysis.population, plan.populations, f"{where}, key `population`")
        _check_outcome(plan, analysis, where)
        for covariate in analysis.covariates:
            if covariate not in (*plan.participants.variables, "site"):
                raise unknown_name("variable", covariate, plan.participants.variables, f"{where}, key `covariates`")
        _check_options(plan, analysis, where)
    for look in plan.looks:
        if look.analysis and look.analysis not in plan.analyses:
            raise unknown_name("analysis", look.analysis, plan.analyses, f"{plan.folder / 'looks.yaml'}, cut {look.cut}")


def remarks(plan: Plan) -> list[str]:
    """What `pacer check` says without refusing: comparisons that leave out the strata of the randomisation although their estimator can take them."""
    strata = set(plan.participants.strata)
    found = []
    for analysis in plan.analyses.values():
        keywords = inspect.signature(ESTIMATORS[analysis.estimator]).parameters
        if strata and plan.assignment == "randomised" and analysis.by == "arms" and "stratified" in keywords and not analysis.stratified:
            left = sorted(strata - set(analysis.covariates))
            if left:
                found.append(f"note: analysis {analysis.id} leaves out what randomisation was stratified by ({', '.join(left)}): add `stratified: true` or these covariates.")
    return found


def _check_outcome(plan: Plan, analysis: Analysis, where: str) -> None:
    if analysis.endpoint:
        if analysis.endpoint not in plan.endpoints:
            raise unknown_name("endpoint", analysis.endpoint, plan.endpoints, f"{where}, key `endpoint`")
        if not plan.endpoints[analysis.endpoint].derivation:
            raise PlanError(f"The endpoint `{analysis.endpoint}` has no derivation yet.", where=f"{where}, key `endpoint`",
                            allowed=", ".join(name for name, endpoint in plan.endpoints.items() if endpoint.derivation), do="Give it a derivation in endpoints.yaml, or drop the analysis.")
    elif analysis.outcome:
        if analysis.outcome not in OUTCOMES:
            raise unknown_name("outcome", analysis.outcome, OUTCOMES, f"{where}, key `outcome`")
        if plan.visits is None or all(visit.window[0] <= 0 for visit in plan.visits.schedule):
            raise PlanError(f"The outcome `{analysis.outcome}` needs visits after the day of enrolment.", where=f"{where}, key `outcome`", do="Declare `visits:` in trial.yaml.")
    elif analysis.estimator in NEEDS:
        raise PlanError(f"The analysis `{analysis.id}` has neither `endpoint` nor `outcome`.", where=where, do="Name one endpoint.")
    _check_fit(plan, analysis, where)
    if analysis.by != "arms" and analysis.estimator in NEEDS_ARMS:
        raise PlanError(f"The estimator `{analysis.estimator}` compares arms; it has no pooled form.", where=f"{where}, key `by`", allowed="arms", do="Write `by: arms`.")


def _check_fit(plan: Plan, analysis: Analysis, where: str) -> None:
    """Refuse an estimator on the wrong kind of endpoint, a curve that would ignore competing events, and thresholds that would be stacked."""
    derivation = plan.endpoints[analysis.endpoint].derivation if analysis.endpoint else {}
    kind = KINDS.get(str(derivation.get("rule")), "") if analysis.endpoint else "binary" if analysis.outcome else ""
    needed = NEEDS.get(analysis.estimator, kind)
    if kind and needed != kind:
        raise PlanError(f"The estimator `{analysis.estimator}` takes a {needed} outcome; this one is {kind}.", where=f"{where}, key `estimator`",
                        allowed=", ".join(name for name, takes in NEEDS.items() if takes == kind), do="Name one of these.")
    if analysis.estimator == "kaplan_meier" and derivation.get("competing") and not analysis.composite:
        raise PlanError(f"The endpoint `{analysis.endpoint}` has competing events, which a Kaplan-Meier curve would censor.", where=where,
                        allowed="composite: true (any of the events), or the estimator cumulative_incidence", do="Choose one.")
    thresholds = derivation.get("below") if isinstance(derivation.get("below"), list) else []
    if thresholds and analysis.threshold not in thresholds:
        raise PlanError(f"The endpoint `{analysis.endpoint}` is derived at several thresholds; `threshold` must name one of them.", where=f"{where}, key `threshold`",
                        allowed=", ".join(map(str, thresholds)), do="Add it." if analysis.threshold is None else "Correct it, or add it to the endpoint's `below`.")
    if analysis.threshold is not None and not thresholds:
        raise PlanError(f"The endpoint `{analysis.endpoint}` has no thresholds to choose from.", where=f"{where}, key `threshold`", do="Remove the key.")


def _check_options(plan: Plan, analysis: Analysis, where: str) -> None:
    function = ESTIMATORS[analysis.estimator]
    keywords = {name: parameter for name, parameter in inspect.signature(function).parameters.items() if parameter.kind is inspect.Parameter.KEYWORD_ONLY}
    options = [name for name in keywords if name not in FROM_THE_PLAN]
    for given, name in ((analysis.covariates, "covariates"), (analysis.stratified, "stratified")):
        if given and name not in keywords:
            raise PlanError(f"The estimator `{analysis.estimator}` takes no `{name}`.", where=f"{where}, key `{name}`", do="Remove the key.")
    for name, value in analysis.options.items():
        if name not in options:
            raise unknown_name(f"option of {analysis.estimator}:", name, options, f"{where}, key `options`")
        _check_kind(function.__globals__, keywords[name], value, f"{where}, option `{name}`")
    for name in options:
        if keywords[name].default is inspect.Parameter.empty and name not in analysis.options:
            raise PlanError(f"The option `{name}` of {analysis.estimator} is missing.", where=f"{where}, key `options`", do=f"Add `{name}:`.")
    named = {"count": ("of", "population", [*plan.populations]), "describe": ("variables", "variable", [*plan.participants.variables, "site"])}
    if analysis.estimator in named:
        key, what, known = named[analysis.estimator]
        for name in analysis.options.get(key, ()):
            if name not in known:
                raise unknown_name(what, name, known, f"{where}, option `{key}`")


def _check_kind(names: dict[str, object], parameter: inspect.Parameter, value: object, where: str) -> None:
    """Refuse a value that is not of the kind that the estimator's signature says."""
    annotation = parameter.annotation
    kind = eval(annotation, dict(names)) if isinstance(annotation, str) else annotation  # noqa: S307  # the package's own annotations, never the user's text
    allowed = typing.get_args(kind) if typing.get_origin(kind) is typing.Literal else ()
    if allowed:
        if value not in allowed:
            raise unknown_name("value", value, [str(item) for item in allowed], where)
        return
    expected = {float: (int, float), int: (int,), bool: (bool,), str: (str,)}.get(kind, (list, tuple) if "tuple" in str(kind) or "Sequence" in str(kind) else ())
    if expected and (not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected)):
        raise PlanError(f"The value `{value}` is of the wrong kind.", where=where, allowed=str(annotation), do="Correct the value.")
