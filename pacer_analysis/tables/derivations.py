"""How each endpoint is derived, in words: the rule of the plan with every parameter, and how laboratory results are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacer_analysis.tables import labels, numbers

if TYPE_CHECKING:
    from pacer_analysis.plan import Endpoint, Plan
    from pacer_analysis.tables.labels import Names

DUE = {"scheduled": "the scheduled visit", "contact": "the last contact"}
BACK_IN_CARE = "Someone lost earlier who is back in care on that day counts as in care."
READING = "Viral loads: a result in words (LDL, not detected) is below every threshold; <50 is below 50 and not classifiable below 20."
# What a rule takes where the plan does not say; {death} is the plan's event of death.
USUAL: dict[str, dict[str, str]] = {
    "success_at_visit": {"death": "{death}", "transferred": "transfer_out", "unproven": "transfer_unproven"},
    "suppression_by_visit": {"death": "{death}"},
}
EVENTS = {"competing": "competing events", "censor": "censored at", "death": "death", "transferred": "transfer that counts as in care",
          "unproven": "transfer that counts as failure"}


def reading(plan: Plan) -> str:
    """How results in words or below a limit are read; empty for a trial without viral loads."""
    return READING if plan.viral_loads else ""


def derivation(plan: Plan, endpoint: Endpoint, names: Names) -> str:
    """The rule of an endpoint with all its parameters; empty for an endpoint that the plan does not derive."""
    rule = str(endpoint.derivation.get("rule", ""))
    if not rule:
        return ""
    usual = {name: value.format(death=plan.participants.death) for name, value in USUAL.get(rule, {}).items()}
    given = {**{name: value for name, value in usual.items() if value}, **{name: value for name, value in endpoint.derivation.items() if name != "rule"}}
    clauses = [timed(plan, given, names.origins.get(endpoint.id, "")), *(clause(plan, name, given[name], names) for name in ordered(given))]
    said = "; ".join(part for part in clauses if part)
    return f"Derived by {labels.words(rule).lower()}: {said}." + (f" {BACK_IN_CARE}" if rule == "success_at_visit" else "")


def ordered(given: dict[str, Any]) -> list[str]:
    """The parameters that `timed` leaves: those of the plan's entry in its order, the usual events last."""
    left = [name for name in given if name not in ("in_care", "retention", "day", "origin")]
    return [name for name in left if name not in EVENTS] + [name for name in EVENTS if name in left]


def timed(plan: Plan, given: dict[str, Any], start: str) -> str:
    """Under which retention rule and from which origin: `in care by ... , on day 365 from delivery`."""
    said = [f"{word} by {retained(plan, str(given[name]))}" for name, word in (("in_care", "in care"), ("retention", "lost")) if name in given]
    origin = labels.words(str(given["origin"])).lower() if "origin" in given else start if "time" in given else ""
    if "day" in given:
        said.append(f"on day {given['day']}" + (f" from {origin}" if origin else ""))
    elif origin or "time" in given:
        said.append(f"counted from {origin}" if origin else "time as recorded in the export")
    return ", ".join(said)


def retained(plan: Plan, name: str) -> str:
    """A retention rule by its label, what a contact is late against, and the grace."""
    rule = plan.retention_rules.get(name)
    return f'"{rule.label}" (due: {DUE.get(rule.due, rule.due)}, grace {rule.grace} days)' if rule else labels.words(name)


def clause(plan: Plan, name: str, value: Any, names: Names) -> str:
    """One parameter in words."""
    if name in ("visit", "visits"):
        return visits(plan, value if isinstance(value, list) else [value])
    if name in ("below", "above"):
        return f"viral load {name} {listed([numbers.quantile(entry) for entry in (value if isinstance(value, list) else [value])])}"
    if name in EVENTS:
        return f"{EVENTS[name]}: {events(value, names)}"
    if name == "horizon":
        return f"followed through day {value}"
    return f"{labels.words(name).lower()}: {', '.join(map(str, value)) if isinstance(value, list) else value}"


def visits(plan: Plan, wanted: list[str]) -> str:
    """The visits with their windows."""
    found = [entry for entry in plan.visits.schedule if entry.id in wanted] if plan.visits else []
    windows = ", ".join(f"{entry.label} (window {entry.window[0]} to {entry.window[1]})" for entry in found)
    anchor = f", in days from {labels.words(plan.visits.anchor).lower()}" if plan.visits else ""
    return f"visit{'s' if len(found) > 1 else ''} {windows}{anchor}"


def events(value: object, names: Names) -> str:
    """Events by their labels; with their codes where the plan gives them."""
    if isinstance(value, dict):
        return "; ".join(f"{labels.words(str(name))} (code {code})" for name, code in value.items())
    if value == "none":
        return "none recorded"
    return ", ".join(f'"{names.events.get(str(name), labels.words(str(name)))}"' for name in (value if isinstance(value, list) else [value]))


def listed(parts: list[str]) -> str:
    """`50, 400 and 1000`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
