"""What stands around a report: the line under its title, the head of its printed pages, its command and its manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacer_analysis.render.views import Masthead

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pacer_analysis.plan import Cut, Plan

NO_SEED = "no random numbers used"
CAPITALS = "in capitals stand your folders with the plan, the exports and the results"


def masthead(plan: Plan, cut: Cut, title: str, against: str = "") -> Masthead:
    """The head of a report of a cut; `against` names the arm that coded comparisons are against."""
    name = plan.acronym or plan.id
    foot = (name, plan.registration, title, f"cut {cut.name}", f"data to {cut.cutoff.isoformat()}", f"plan version {plan.version}")
    return Masthead(name, plan.registration, title, plan.title, tuple(facts(plan, cut, against)), f"{name} {title.lower()}, cut {cut.name}",
                    tuple(part for part in foot if part), running_head(plan, cut, title))


def masthead_alone(study: str, day: str, known: Sequence[tuple[str, str]]) -> Masthead:
    """The head of the page of one export without a plan."""
    title = "Data quality"
    return Masthead(study, "", title, "Validation of one export by its dictionary", tuple(known), f"{study}: data quality, {day}" if day else f"{study}: data quality",
                    tuple(part for part in (study, title, f"data to {day}" if day else "") if part), css(" \N{MIDDLE DOT} ".join(part for part in (study, title, day) if part)))


def facts(plan: Plan, cut: Cut, against: str = "") -> list[tuple[str, str]]:
    """The line under the title: what this report is of; `against` names the arm that coded comparisons are against."""
    found = [("Data cut", cut.name), ("Data to", cut.cutoff.isoformat()), ("Kind", f"{cut.kind} cut"), ("Locked", cut.locked_at),
             ("Meeting series", cut.series), ("Previous cut", cut.previous), ("Plan", f"version {plan.version}"), ("SAP", plan.sap), ("Comparisons", f"against {against}" if against else "")]
    return [(name, value) for name, value in found if value]


def running_head(plan: Plan, cut: Cut, title: str) -> str:
    """What stands at the top of every printed page, as the inside of a CSS string."""
    return css(f"{plan.acronym or plan.id} \N{MIDDLE DOT} {title} \N{MIDDLE DOT} cut {cut.name} \N{MIDDLE DOT} data to {cut.cutoff.isoformat()}")


def css(text: str) -> str:
    """The text with everything that a style sheet or a page could take for its own written as an escape."""
    return "".join(letter if letter.isalnum() or letter in " .,:-" else f"\\{ord(letter):x} " for letter in text)


def banners(*, restricted: bool, synthetic: bool) -> str:
    """The standing of a document in a line; empty if there is nothing to say."""
    return " \N{MIDDLE DOT} ".join(["CONFIDENTIAL"] * restricted + ["SYNTHETIC DATA"] * synthetic)


def command(cut: Cut, report: str) -> str:
    """The command that recomputes the report; in capitals the folders of whoever gives it."""
    return f"pacer run PLAN --cut {cut.name} --exports EXPORTS --results RESULTS {report}"


def appendix(manifest: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The manifest in groups: single facts first, then inputs, versions and outputs."""
    single = [(str(key), NO_SEED if key == "seed" and value is None else str(value)) for key, value in manifest.items()
              if not isinstance(value, dict | list)]
    groups = [(str(key), [(str(name), str(value)) for name, value in content.items()]) for key, content in manifest.items()
              if isinstance(content, dict) and content]
    return ([("this report", single)] if single else []) + groups
