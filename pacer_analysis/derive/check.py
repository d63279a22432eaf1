"""Every derivation of the plan resolved against its rule's signature and the plan's names, before any data are read."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from pacer_analysis.derive import named
from pacer_analysis.derive.coded import field_named, refuse_wrong_code
from pacer_analysis.derive.registry import DERIVATIONS
from pacer_analysis.errors import PlanError

if TYPE_CHECKING:
    from pacer_analysis.plan import Endpoint, Plan

NUMBERS, TEXTS = (int, float), (str,)
TYPES: dict[str, tuple[str, tuple[type, ...], bool]] = {
    # a parameter's annotation: what the message calls it, the type of the value or of its items, whether it is a list
    "str": ("text", TEXTS, False), "int": ("a whole number", (int,), False), "float": ("a number", NUMBERS, False), "str | None": ("text", TEXTS, False), "int | None": ("a whole number", (int,), False),
    "list[str]": ("a list of names", TEXTS, True), "list[str] | None": ("a list of names", TEXTS, True), "list[float]": ("a list of numbers", NUMBERS, True),
    "dict[str, str] | None": ("a mapping of names to codes", (dict,), False),
}


def check(plan: Plan) -> None:
    """Raises PlanError for the first derivation that names a rule, a parameter or a thing of the plan that does not exist."""
    for endpoint in plan.endpoints.values():
        if not endpoint.derivation:
            continue
        rule, parameters = parameters_of(endpoint)
        where = f"{plan.folder / 'endpoints.yaml'}, endpoint {endpoint.id}, derivation"
        _check_names(plan, parameters, where)
        _check_fields(plan, rule, parameters)
        usual = {name: each.default for name, each in inspect.signature(DERIVATIONS[rule]).parameters.items()}
        for name in (name for name in ("death", "transferred", "unproven") if name in usual):
            named.event_meant(plan, parameters.get(name), plan.participants.death if name == "death" else usual[name], name, where)
        if {"in_care", "retention"} & parameters.keys():
            named.contacts_named(plan, where)
        if {"below", "above"} & parameters.keys():
            named.viral_loads_named(plan, where)


def _check_names(plan: Plan, parameters: dict[str, Any], where: str) -> None:
    for name in ("in_care", "retention"):
        if name in parameters:
            named.retention_named(plan, parameters[name], where)
    if "origin" in parameters:
        named.origin_named(plan, parameters["origin"], where)
    if "visit" in parameters or "visits" in parameters:
        named.visits_named(plan, parameters.get("visits", [parameters.get("visit")]), where)
    if not isinstance(parameters.get("competing"), dict):
        for event in [*parameters.get("competing", []), *parameters.get("censor", [])]:
            named.event_named(plan, event, where)


def _check_fields(plan: Plan, rule: str, parameters: dict[str, Any]) -> None:
    if rule == "recorded_time":
        field_named(plan, parameters["time"])
        for code in [parameters["code"], *parameters.get("competing", {}).values()]:
            refuse_wrong_code(plan, parameters["event"], code, is_event=code == parameters["code"])
    if rule == "recorded_outcome":
        refuse_wrong_code(plan, parameters["field"], parameters["success"], is_event=False)
        if "date" in parameters:
            field_named(plan, parameters["date"])


def parameters_of(endpoint: Endpoint) -> tuple[str, dict[str, Any]]:
    """The rule of an endpoint's derivation and its parameters; PlanError where the rule's signature does not allow them."""
    parameters = dict(endpoint.derivation)
    rule = parameters.pop("rule", "")
    where = f"endpoints.yaml, endpoint {endpoint.id}, derivation"
    if not isinstance(rule, str) or rule not in DERIVATIONS:
        raise PlanError(f"There is no rule `{rule}`.", where=where, allowed=", ".join(DERIVATIONS), do="Name one of these rules.")
    keywords = {name: each for name, each in inspect.signature(DERIVATIONS[rule]).parameters.items() if each.kind is inspect.Parameter.KEYWORD_ONLY}
    unknown = [name for name in parameters if name not in keywords]
    missing = [name for name, each in keywords.items() if each.default is inspect.Parameter.empty and name not in parameters]
    if unknown or missing:
        raise PlanError(f"The rule `{rule}` {'does not know' if unknown else 'needs'} {', '.join(f'`{name}`' for name in unknown or missing)}.",
                        where=where, allowed=", ".join(keywords), do="Correct the derivation's parameters.")
    for name, value in parameters.items():
        called, types, listed = TYPES[str(keywords[name].annotation)]
        items = value if listed and isinstance(value, list) else [value]
        if listed != isinstance(value, list) or not all(isinstance(item, types) and not isinstance(item, bool) for item in items):
            raise PlanError(f"The parameter `{name}` of `{rule}` should be {called}, not `{value}`.", where=where, allowed=called, do="Correct the value; quote a code.")
    return rule, parameters
