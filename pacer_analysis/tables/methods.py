"""The methods section, written from the plan: endpoints with their estimands, method sentences, and what is declared but not shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.tables import derivations, wording
from pacer_analysis.tables.selection import Results, distinct, has_number

if TYPE_CHECKING:
    from pacer_analysis.plan import Endpoint, Plan
    from pacer_analysis.tables.labels import Names

ATTRIBUTES = (("population", "Population"), ("treatment", "Treatment"), ("variable", "Variable"), ("summary", "Summary measure"))


@dataclass(frozen=True, slots=True)
class Estimand:
    """One endpoint with the attributes of its estimand in the words of the plan."""

    id: str
    label: str
    sap: str
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Methods:
    """What the methods section says."""

    endpoints: tuple[Estimand, ...]
    prose: tuple[tuple[str, str], ...]
    absent: tuple[tuple[str, str], ...]
    reading: str = ""


def methods(plan: Plan, results: Results, names: Names) -> Methods:
    """Endpoints with results, the methods of each analysis in prose, and the endpoints without results and why."""
    shown = {row.endpoint for row in results.estimates if row.endpoint and has_number(row)}
    named = {row.endpoint: row.note for row in results.estimates if row.endpoint and not has_number(row) and row.note}
    absent = [(endpoint, reason(endpoint, plan, named.get(endpoint.id, ""))) for endpoint in plan.endpoints.values() if endpoint.id not in shown]
    return Methods(
        endpoints=tuple(estimand(plan, endpoint, names) for endpoint in plan.endpoints.values() if endpoint.id in shown),
        prose=prose(plan, results, names),
        absent=tuple((f"{endpoint.id}. {endpoint.label}", why) for endpoint, why in absent), reading=derivations.reading(plan))


def prose(plan: Plan, results: Results, names: Names) -> tuple[tuple[str, str], ...]:
    """The labels of the analyses that were computed alike, and how."""
    alike: dict[str, list[str]] = {}
    for analysis in plan.analyses.values():
        text = wording.prose(analysis, [row for row in results.of(analysis.id) if has_number(row)], names)
        if text:
            alike.setdefault(text, []).append(analysis.label)
    return tuple(("; ".join(distinct(labels)), text) for text, labels in alike.items())


def reason(endpoint: Endpoint, plan: Plan, note: str) -> str:
    """Why an endpoint of the plan has no number in this report."""
    if note:
        return note
    if not any(analysis.endpoint == endpoint.id for analysis in plan.analyses.values()):
        return "declared; the plan has no analysis of it yet"
    return "no result in this report"


def estimand(plan: Plan, endpoint: Endpoint, names: Names) -> Estimand:
    """The attributes of ICH E9(R1) in the plan's words, and how the variable is derived."""
    attributes = [(title, str(endpoint.estimand[name])) for name, title in ATTRIBUTES if endpoint.estimand.get(name)]
    events = [f"{entry.get('event', '')}: {entry.get('strategy', '')}" for entry in endpoint.estimand.get("intercurrent_events") or ()]
    if events:
        attributes.insert(max(len(attributes) - 1, 0), ("Intercurrent events", "; ".join(events)))
    attributes.append(("Derivation", derivations.derivation(plan, endpoint, names)))
    return Estimand(endpoint.id, endpoint.label, endpoint.sap, tuple((name, text) for name, text in attributes if text))
