"""The words for what the results call by ids: arms, contrasts, populations, visits, variables and their levels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pacer_analysis.tables.printing import POINTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pacer_analysis.plan import Analysis, Endpoint, Plan, Variable
    from pacer_analysis.results import Estimate

MEASURES = {
    "rd": "Risk difference", "rr": "Risk ratio", "or": "Odds ratio", "hr": "Hazard ratio", "shr": "Subdistribution hazard ratio",
    "survival": "Survival", "cif": "Cumulative incidence", "rmst": "Restricted mean survival time",
    "rmst_difference": "Difference in restricted mean survival time",
    "proportion": "Proportion", "mean": "Mean", "mean_difference": "Mean difference", "rate": "Rate per 100 person-years", "rate_ratio": "Rate ratio",
    "median": "Median", "chisq": "Chi-square test", "count": "Number", "sd": "Standard deviation", "minimum": "Least", "maximum": "Greatest",
    "expected": "Expected events", "events": "Events", "censored": "Censored", "p": "Exact test", "smd": "Standardised difference",
    "at_risk": "At risk", "p_adjusted": "Adjusted p", "survival_difference": "Difference in survival", "cif_difference": "Difference in cumulative incidence",
    "survival_least": "Survival, least value", "rmst_ratio": "Ratio of restricted mean survival times", "person_years": "Person-years", "completeness": "Completeness of follow-up",
    "rate_difference": "Rate difference per 100 person-years", "margin": "Margin", "noninferiority": "Test of non-inferiority", "cace": "Complier average causal effect", "f": "F test",
}


UNADJUSTED = "Secondary outcomes: intervals and p-values are not adjusted for multiplicity"


@dataclass(frozen=True, slots=True)
class Names:
    """What the readers of one report call things; in a closed report the arms are codes."""

    arms: Mapping[str, str]
    populations: Mapping[str, str]
    visits: Mapping[str, str]
    variables: Mapping[str, str]
    events: Mapping[str, str]
    endpoints: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)      # endpoint: the rule that derives it
    origins: Mapping[str, str] = field(default_factory=dict)    # endpoint: what its time is counted from
    windows: Mapping[float, str] = field(default_factory=dict)  # last day of a visit's window: the visit
    anchor: str = ""                                            # what visits are counted from
    plural: str = "people"
    plain: Mapping[str, str] = field(default_factory=dict)      # variables without their unit
    levels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    loads: frozenset[str] = frozenset()                         # variables that are a number of copies

    def arm(self, arm: str) -> str:
        """An arm's label, `All` for pooled rows."""
        return self.arms.get(arm, arm) if arm else "All"

    def place(self, arm: str) -> str:
        """The class that gives an arm its colour, line and marker: arm-1, arm-2, ...; pooled."""
        known = list(self.arms)
        return f"arm-{known.index(arm) + 1}" if arm in known else "pooled"

    def contrast(self, contrast: str) -> str:
        """`club - clinic` in the words of the arms, with a true minus sign; `club / clinic` as against."""
        for sign, word in ((" - ", " \N{MINUS SIGN} "), (" / ", " / ")):
            left, found, right = contrast.partition(sign)
            if found:
                return f"{self.arm(left)}{word}{self.arm(right)}"
        return contrast

    def term(self, term: str) -> str:
        """What a row is about: a visit, a population, a variable and its level, an event, or the id in words."""
        for known in (self.visits, self.populations, self.variables, self.events):
            if term in known:
                return known[term]
        variable, found, level = term.partition("=")
        if found and variable in self.variables:
            return f"{self.variables[variable]}: {self.level(variable, level)}"
        return words(term)

    def covariates(self, analysis: Analysis) -> str:
        """The covariates of an analysis in words, as in the middle of a sentence."""
        return ", ".join(lowered(self.plain.get(name, self.term(name))) for name in analysis.covariates)

    def level(self, variable: str, level: str) -> str:
        """The label of a level of a categorical variable, the code itself where no dictionary has one."""
        return self.levels.get(variable, {}).get(level, words(level))


def words(name: str) -> str:
    """An id as words: `lost_to_care` is Lost to care."""
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """The text as in the middle of a sentence: a small first letter unless it begins an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def measure(name: str) -> str:
    """The words for a measure."""
    return MEASURES.get(name, words(name))


def headed(name: str) -> str:
    """The words for a measure with the unit in which a column of it is printed."""
    return measure(name) + (", percentage points" if name in POINTS else "")


def with_unit(variable: Variable) -> str:
    """The label with its unit, once: `Days to delivery` needs no `, days`."""
    known = variable.unit.lower() in variable.label.lower().replace(",", " ").split()
    return variable.label + (f", {variable.unit}" if variable.unit and not known else "")


def names_for(plan: Plan, estimates: Sequence[Estimate], *, coded: bool, levels: Mapping[str, Mapping[str, str]]) -> Names:
    """The names of a report: codes in their order where the arms are coded, the plan's labels in its order otherwise."""
    seen = {row.arm for row in estimates if row.arm}
    arms = ({arm: f"Arm {arm}" for arm in sorted(seen)} if coded
            else {arm.id: arm.label for arm in plan.arms.values() if arm.id in seen})
    people = [group for group in (plan.participants, plan.infants) if group]
    variables = {variable.id: with_unit(variable) for group in people for variable in group.variables.values()}
    sites = plan.participants.site or {}
    if sites:
        variables.setdefault("site", str(sites.get("label", "Site")))
    return Names(arms=arms, populations={entry.id: entry.label for entry in plan.populations.values()},
                 visits={visit.id: visit.label for visit in plan.visits.schedule} if plan.visits else {},
                 variables=variables, events={event.id: event.label for group in people for event in group.events.values()},
                 endpoints={endpoint.id: endpoint.label for endpoint in plan.endpoints.values()}, levels=levels,
                 rules={endpoint.id: str(endpoint.derivation.get("rule", "")) for endpoint in plan.endpoints.values()},
                 origins={endpoint.id: words(origin).lower() for endpoint in plan.endpoints.values() if (origin := start_of(plan, endpoint))},
                 windows={float(visit.window[1]): visit.label for visit in plan.visits.schedule} if plan.visits else {},
                 anchor=words(plan.visits.anchor).lower() if plan.visits else "", plural=plan.participants.plural,
                 plain={variable.id: variable.label for group in people for variable in group.variables.values()},
                 loads=frozenset(variable.id for group in people for variable in group.variables.values() if variable.viral_load and variable.below is None))


def start_of(plan: Plan, endpoint: Endpoint) -> str:
    """What an endpoint's time counts from: the origin that its derivation names, else the plan's first; empty if the plan has none."""
    return str(endpoint.derivation.get("origin") or next(iter(plan.participants.origins), ""))
