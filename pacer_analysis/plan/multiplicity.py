"""The locked order of the confirmatory tests, as trial.yaml writes it."""

from __future__ import annotations

from dataclasses import dataclass

from pacer_analysis.errors import PlanError
from pacer_analysis.plan import blocks as b
from pacer_analysis.plan.strict_yaml import Block


@dataclass(frozen=True)
class Multiplicity:
    """The locked order of the confirmatory tests: steps, each one or several of {analysis, measure, contrast, term}, and the method within a step."""

    family: str
    steps: tuple[tuple[dict[str, str], ...], ...]


def read_multiplicity(trial: Block) -> Multiplicity | None:
    """The hierarchy; a step is the name of an analysis, a block that says which of its tests, or a list of these."""
    if "multiplicity" not in trial:
        return None
    block = b.section(trial, "multiplicity", required=True)
    b.only(block, ("family", "steps"), "multiplicity")
    steps = block.get("steps")
    if not isinstance(steps, list) or not steps or [] in steps:
        raise PlanError("`steps` should be a list of analyses.", where=block.where("steps"), allowed="[primary, [retention_hazard, {analysis: viraemia, measure: hr}]]", do="Write the steps in their order.")
    return Multiplicity(b.word(block, "family", ("holm", "hochberg"), "holm"), tuple(tuple(_hypothesis(entry, block) for entry in (step if isinstance(step, list) else [step])) for step in steps))


def _hypothesis(entry: object, block: Block) -> dict[str, str]:
    if isinstance(entry, Block):
        b.only(entry, ("analysis", "measure", "contrast", "term"), "a step of the hierarchy")
        return {"analysis": b.text(entry, "analysis")} | {key: b.text(entry, key) for key in ("measure", "contrast", "term") if key in entry}
    if not isinstance(entry, str):
        raise PlanError("A step should name an analysis.", where=block.where("steps"), allowed="primary, or {analysis: primary, measure: rd}", do="Correct it.")
    return {"analysis": entry}
