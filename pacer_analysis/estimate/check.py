"""Every analysis resolved: endpoint, population, estimator, covariates and options, before anything is computed."""

from __future__ import annotations

import inspect
import typing
from typing import Any

from pacer_analysis.derive import KINDS
from pacer_analysis.errors import PlanError
from pacer_analysis.estimate.designed import check_hierarchy, designed_options
from pacer_analysis.estimators import ESTIMATORS, NAMES_ESTIMATOR, keyword_types, variables_named
from pacer_analysis.plan import Analysis, Plan
from pacer_analysis.plan.blocks import unknown_name

ONE_CURVE = frozenset({"kaplan_meier", "rmst", "survival_difference"})
"""Estimators that would censor competing events."""
OF_RANDOMISATION = frozenset({"cace", "randomisation_test"})
OUTCOMES = ("visit_done", "viral_load_done")
NEEDS_ARMS = frozenset({"survival_difference", "gray", "group_sequential", "conditional_power", "randomisation_test", "propensity", "balance", "e_value", "risk_difference", "stratified_risk_difference", "risk_ratio", "noninferiority", "cace", "subgroups", "ancova", "gee", "mixed_model", "partially_nested", "logistic", "standardisation", "logrank", "cox", "proportional_hazards", "cause_specific", "fine_gray", "best_worst", "tipping_point", "ipcw"})
NEEDS = {"proportion": "binary", "risk_difference": "binary", "logistic": "binary", "standardisation": "binary",
         "stratified_risk_difference": "binary", "risk_ratio": "binary", "cace": "binary", "ancova": "number",
         "gee": "binary", "mixed_model": "number",
         "kaplan_meier": "time", "cumulative_incidence": "time", "logrank": "time", "cox": "time",
         "proportional_hazards": "time", "cause_specific": "time", "fine_gray": "time", "landmark": "time",
         "followup": "time", "survival_difference": "time", "rmst": "time", "gray": "time", "turnbull": "time", "discrete_hazard": "time", "incidence_rate": "time", "best_worst": "binary", "ipcw": "time"}
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
        for column, name in analysis.columns.items():
            if name not in (*plan.participants.variables, "site"):
                raise unknown_name("variable", name, plan.participants.variables, f"{where}, key `columns`, {column}")
        _check_options(plan, analysis.estimator, designed_options(plan, analysis, None), where, given={"covariates": bool(analysis.covariates), "stratified": analysis.stratified})
        if plan.assignment == "choice" and analysis.estimator in OF_RANDOMISATION:
            raise PlanError(f"The estimator `{analysis.estimator}` rests on randomisation; in this study the participants chose.", where=f"{where}, key `estimator`",
                            allowed="propensity, with balance and e_value", do="Name one of these, or correct `assignment` in trial.yaml.")
    check_hierarchy(plan)
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
        known = (*OUTCOMES, *(name for name, variable in plan.participants.variables.items() if variable.kind in ("binary", "continuous")))
        if analysis.outcome not in known:
            raise unknown_name("outcome", analysis.outcome, known, f"{where}, key `outcome`")
        if analysis.outcome in OUTCOMES and (plan.visits is None or all(visit.window[0] <= 0 for visit in plan.visits.schedule)):
            raise PlanError(f"The outcome `{analysis.outcome}` needs visits after the day of enrolment.", where=f"{where}, key `outcome`", do="Declare `visits:` in trial.yaml.")
    elif analysis.estimator in NEEDS:
        raise PlanError(f"The analysis `{analysis.id}` has neither `endpoint` nor `outcome`.", where=where, do="Name one endpoint.")
    _check_fit(plan, analysis, where)
    if analysis.by != "arms" and analysis.estimator in NEEDS_ARMS:
        raise PlanError(f"The estimator `{analysis.estimator}` compares arms; it has no pooled form.", where=f"{where}, key `by`", allowed="arms", do="Write `by: arms`.")


def _check_fit(plan: Plan, analysis: Analysis, where: str) -> None:
    """Refuse an estimator on the wrong kind of endpoint, a curve that would ignore competing events, and thresholds that would be stacked."""
    derivation = plan.endpoints[analysis.endpoint].derivation if analysis.endpoint else {}
    kind = KINDS.get(str(derivation.get("rule")), "") if analysis.endpoint else _kind_of_outcome(plan, analysis.outcome)
    needed = NEEDS.get(analysis.estimator) or NEEDS.get(str(analysis.options.get("of")), kind)
    if kind and needed != kind:
        raise PlanError(f"The estimator `{analysis.estimator}` takes a {needed} outcome; this one is {kind}.", where=f"{where}, key `estimator`",
                        allowed=", ".join(name for name, takes in NEEDS.items() if takes == kind), do="Name one of these.")
    one_curve = analysis.estimator in ONE_CURVE and analysis.options.get("of", "survival") == "survival"
    if one_curve and derivation.get("competing") and not analysis.composite:
        raise PlanError(f"The endpoint `{analysis.endpoint}` has competing events, which a Kaplan-Meier curve would censor.", where=where,
                        allowed="composite: true (any of the events), or the estimator cumulative_incidence", do="Choose one.")
    thresholds = derivation.get("below") if isinstance(derivation.get("below"), list) else []
    if thresholds and analysis.threshold not in thresholds:
        raise PlanError(f"The endpoint `{analysis.endpoint}` is derived at several thresholds; `threshold` must name one of them.", where=f"{where}, key `threshold`",
                        allowed=", ".join(map(str, thresholds)), do="Add it." if analysis.threshold is None else "Correct it, or add it to the endpoint's `below`.")
    if analysis.threshold is not None and not thresholds:
        raise PlanError(f"The endpoint `{analysis.endpoint}` has no thresholds to choose from.", where=f"{where}, key `threshold`", do="Remove the key.")


def _kind_of_outcome(plan: Plan, outcome: str) -> str:
    variable = plan.participants.variables.get(outcome)
    return "number" if variable is not None and variable.kind == "continuous" else "binary" if outcome else ""


def _check_options(plan: Plan, estimator: str, options: dict[str, Any], where: str, *, given: dict[str, bool]) -> None:
    """Refuse an option that the estimator's signature does not have, lacks, or has of another kind; a wrapped estimator's likewise."""
    function = ESTIMATORS[estimator]
    keywords = {name: parameter for name, parameter in inspect.signature(function).parameters.items() if parameter.kind is inspect.Parameter.KEYWORD_ONLY}
    kinds = dict(keyword_types(function))
    for name, is_given in given.items():
        if is_given and name not in keywords:
            raise PlanError(f"The estimator `{estimator}` takes no `{name}`.", where=f"{where}, key `{name}`", do="Remove the key.")
    known = [name for name in keywords if name not in given]
    for name, value in options.items():
        if name not in known:
            raise unknown_name(f"option of {estimator}:", name, known, f"{where}, key `options`")
        _check_kind(kinds[name], value, f"{where}, option `{name}`")
        if NAMES_ESTIMATOR in typing.get_args(kinds[name])[1:]:
            _check_wrapped(plan, str(value), options, where)
    for name in known:
        if keywords[name].default is inspect.Parameter.empty and name not in options:
            raise PlanError(f"The option `{name}` of {estimator} is missing.", where=f"{where}, key `options`", do=f"Add `{name}:`.")
    named = {"count": ("of", "population", [*plan.populations]), "describe": ("variables", "variable", [*plan.participants.variables, "site"])}
    key, what, allowed = named.get(estimator, ("", "variable", [*plan.participants.variables, "site"]))
    for name in options.get(key, ()) if key else variables_named(function, options, ESTIMATORS):
        if name not in allowed:
            raise unknown_name(what, name, allowed, f"{where}, option `{key}`" if key else f"{where}, key `options`")


def _check_wrapped(plan: Plan, estimator: str, options: dict[str, Any], where: str) -> None:
    if estimator not in ESTIMATORS:
        raise unknown_name("estimator", estimator, ESTIMATORS, f"{where}, option `of`")
    inner = options.get("options") or {}
    if not isinstance(inner, dict):
        raise PlanError("The options of the wrapped estimator should be names and values.", where=f"{where}, option `options`", allowed="{name: value}", do="Correct it.")
    # A wrapped estimator has its covariates and strata among its options: here they are options like any other.
    _check_options(plan, estimator, inner, f"{where}, options of {estimator}", given={})


def _check_kind(kind: object, value: object, where: str) -> None:
    """Refuse a value that is not of the kind that the estimator's signature says."""
    marked = typing.get_origin(kind) is typing.Annotated
    plain: Any = typing.get_args(kind)[0] if marked else kind
    allowed = typing.get_args(plain) if typing.get_origin(plain) is typing.Literal else ()
    if allowed:
        if value not in allowed:
            raise unknown_name("value", value, [str(item) for item in allowed], where)
        return
    text = str(plain)
    listed = (list, tuple) if text.startswith(("tuple", "collections.abc.Sequence", "typing.Sequence")) else ()
    expected = {float: (int, float), int: (int,), bool: (bool,), str: (str,)}.get(plain, listed)
    if expected and (not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected)):
        raise PlanError(f"The value `{value}` is of the wrong kind.", where=where, allowed=getattr(plain, "__name__", text) if plain in (float, int, bool, str) else text, do="Correct the value.")
