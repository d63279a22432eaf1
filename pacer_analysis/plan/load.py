"""A plan folder read into a `Plan`: form is checked here, names in `check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pacer_analysis.errors import PlanError
from pacer_analysis.plan import blocks as b
from pacer_analysis.plan.load_looks import read_looks
from pacer_analysis.plan.load_trial import read_participants, read_sources, read_visits
from pacer_analysis.plan.model import (
    Allocation,
    Analysis,
    Arm,
    Blinding,
    Contacts,
    Endpoint,
    Plan,
    Population,
    RetentionRule,
    Service,
    ViralLoads,
)
from pacer_analysis.plan.multiplicity import read_multiplicity
from pacer_analysis.plan.strict_yaml import Block, read_yaml
from pacer_analysis.provenance.study import NAME

FILES = ("trial.yaml", "populations.yaml", "endpoints.yaml", "analyses.yaml", "looks.yaml")
TRIAL = ("id", "title", "acronym", "registration", "version", "sap", "assignment", "framework", "significance", "multiplicity", "dictionary", "arms", "reference",
         "sample_size", "sources", "allocation", "blinding", "participants", "infants", "visits", "viral_loads", "contacts", "services")
ROLES = ("primary", "secondary", "sensitivity", "subgroup", "safety", "descriptive", "post_hoc")
TOPICS = ("flow", "baseline", "completeness", "safety", "retention", "suppression")
ANALYSIS = ("label", "section", "topic", "endpoint", "population", "estimator", "role", "sap", "by", "outcome", "threshold", "missing", "composite",
            "clock", "covariates", "stratified", "strata", "reveals_arm", "columns", "options")
FRAME_COLUMNS = ("cluster", "entry", "weight", "offset", "received")


def load(folder: Path | str) -> Plan:
    """The plan in a folder.

    Raises PlanError with file, line and key for a missing file, a repeated or unknown key, a blank, or a value of the wrong kind.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise PlanError(f"There is no plan folder {folder}.", allowed="a folder with " + ", ".join(FILES),
                        do="Check the path, or make a plan with `pacer new DIR --dictionary FILE`.")
    trial = read_yaml(folder / "trial.yaml")
    b.only(trial, TRIAL, "trial.yaml")
    study = b.text(trial, "id")
    if not NAME.fullmatch(study):
        raise PlanError(f"The study's id `{study}` cannot be a folder name.", where=trial.where("id"), allowed="lower-case letters, digits and -", do="Rename it.")
    arms = {name: Arm(name, b.text(block, "label"), b.text(block, "service", "")) for name, block in b.sections(trial, "arms").items()}
    if len(arms) < 2:
        raise PlanError("A trial needs at least two arms.", where=trial.where("arms"), do="Name each arm under `arms:`.")
    for block in b.sections(trial, "arms").values():
        b.only(block, ("label", "service"), "an arm")
    rules, endpoints = _endpoints(folder)
    visits = read_visits(trial)
    return Plan(
        folder=folder, id=study, title=b.text(trial, "title"), acronym=b.text(trial, "acronym", study), registration=b.text(trial, "registration", ""),
        version=b.text(trial, "version"), sap=b.text(trial, "sap"), assignment=b.word(trial, "assignment", ("randomised", "choice")),
        framework=b.word(trial, "framework", ("superiority", "non-inferiority"), "superiority"), significance=b.number(trial, "significance", 0.05),
        arms=arms, reference=b.word(trial, "reference", arms), sample_size=_plain(b.section(trial, "sample_size")),
        dictionary=folder / b.text(trial, "dictionary"), sources=read_sources(trial), allocation=_allocation(trial), blinding=_blinding(trial),
        participants=read_participants(trial, "participants"), infants=read_participants(trial, "infants") if "infants" in trial else None,
        visits=visits, viral_loads=_viral_loads(trial), contacts=_contacts(trial), services=_services(trial), populations=_populations(folder),
        retention_rules=rules, endpoints=endpoints, analyses=_analyses(folder), looks=read_looks(folder), multiplicity=read_multiplicity(trial),
    )


def _plain(block: Block) -> dict[str, Any]:
    return {key: _plain(value) if isinstance(value, Block) else value for key, value in block.items()}


def _allocation(trial: Block) -> Allocation:
    block = b.section(trial, "allocation", required=True)
    b.only(block, ("source", "id", "arm", "codes", "stratum", "block", "sequence", "date"), "allocation")
    codes = b.section(block, "codes")
    return Allocation(b.text(block, "source"), b.text(block, "id"), b.text(block, "arm"), {key: b.text(codes, key) for key in codes},
                      b.text(block, "stratum", ""), b.text(block, "block", ""), b.text(block, "sequence", ""), b.text(block, "date", ""))


def _blinding(trial: Block) -> Blinding | None:
    if "blinding" not in trial:
        return None
    block = b.section(trial, "blinding", required=True)
    b.only(block, ("source", "arm", "code"), "blinding")
    return Blinding(b.text(block, "source"), b.text(block, "arm"), b.text(block, "code"))


def _viral_loads(trial: Block) -> ViralLoads | None:
    if "viral_loads" not in trial:
        return None
    block = b.section(trial, "viral_loads", required=True)
    b.only(block, ("source", "form", "date", "result", "log10", "kind"), "viral_loads")
    kind = b.section(block, "kind")
    b.only(kind, ("field", "study", "routine"), "viral_loads: kind")
    return ViralLoads(b.text(block, "source"), b.text(block, "date"), b.text(block, "result"), b.text(block, "log10", ""), b.text(kind, "field", ""),
                      b.text(kind, "study", ""), b.text(kind, "routine", ""), b.text(block, "form", ""))


def _contacts(trial: Block) -> Contacts | None:
    if "contacts" not in trial:
        return None
    block = b.section(trial, "contacts", required=True)
    b.only(block, ("source", "form", "date", "due", "supply"), "contacts")
    return Contacts(b.text(block, "source"), b.text(block, "date"), b.text(block, "due", ""), b.text(block, "supply", ""), b.text(block, "form", ""))


def _services(trial: Block) -> dict[str, Service]:
    for block in b.sections(trial, "services").values():
        b.only(block, ("source", "date", "attended", "exit_date"), "a service")
    return {name: Service(name, b.text(block, "source"), b.text(block, "date"), b.text(block, "attended", ""), b.text(block, "exit_date", ""))
            for name, block in b.sections(trial, "services").items()}


def _populations(folder: Path) -> dict[str, Population]:
    top = read_yaml(folder / "populations.yaml")
    found = {}
    for name in top:
        block = b.section(top, name, required=True)
        b.only(block, ("label", "sap", "logic"), f"population {name}")
        found[name] = Population(name, b.text(block, "label"), b.text(block, "sap", ""), b.text(block, "logic", ""))
    return found


def _endpoints(folder: Path) -> tuple[dict[str, RetentionRule], dict[str, Endpoint]]:
    top = read_yaml(folder / "endpoints.yaml")
    b.only(top, ("retention_rules", "endpoints"), "endpoints.yaml")
    rules, endpoints = {}, {}
    for name, block in b.sections(top, "retention_rules").items():
        b.only(block, ("label", "due", "grace"), f"retention rule {name}")
        rules[name] = RetentionRule(name, b.text(block, "label"), b.word(block, "due", ("scheduled", "contact")), b.whole(block, "grace"))
    for name, block in b.sections(top, "endpoints").items():
        b.only(block, ("label", "sap", "reveals_arm", "derivation", "estimand"), f"endpoint {name}")
        endpoints[name] = Endpoint(name, b.text(block, "label"), b.text(block, "sap", ""), b.flag(block, "reveals_arm"),
                                   _plain(b.section(block, "derivation")), _estimand(b.section(block, "estimand"), name))
    return rules, endpoints


def _estimand(block: Block, endpoint: str) -> dict[str, Any]:
    """The five attributes of ICH E9(R1), as text; a comma inside unquoted text would have made a key of its own."""
    b.only(block, ("population", "treatment", "variable", "intercurrent_events", "summary"), f"the estimand of {endpoint}")
    events = block.get("intercurrent_events") or []
    if not isinstance(events, list) or not all(isinstance(event, Block) for event in events):
        raise PlanError("`intercurrent_events` should be a list.", where=block.where("intercurrent_events"), allowed='[{event: "Death", strategy: composite}]', do="Write one entry per event.")
    for event in events:
        b.only(event, ("event", "strategy"), "an intercurrent event (quote text that holds a comma)")
    return {**{key: b.text(block, key, "") for key in ("population", "treatment", "variable", "summary")},
            "intercurrent_events": [{key: b.text(event, key) for key in ("event", "strategy")} for event in events]}


def _analyses(folder: Path) -> dict[str, Analysis]:
    top = read_yaml(folder / "analyses.yaml")
    found = {}
    for name in top:
        block = b.section(top, name, required=True)
        b.only(block, ANALYSIS, f"analysis {name}")
        found[name] = Analysis(
            id=name, label=b.text(block, "label"), section=b.text(block, "section"), topic=b.word(block, "topic", TOPICS),
            population=b.text(block, "population"), estimator=b.text(block, "estimator"), role=b.word(block, "role", ROLES), sap=b.text(block, "sap", ""),
            by=b.word(block, "by", ("arms", "pooled", "both")), endpoint=b.text(block, "endpoint", ""), outcome=b.text(block, "outcome", ""),
            threshold=b.number(block, "threshold") if "threshold" in block else None, missing=b.word(block, "missing", ("failure", "available"), "failure"),
            composite=b.flag(block, "composite"), clock=b.word(block, "clock", ("day", "visit"), "day"), covariates=b.words(block, "covariates"),
            stratified=b.flag(block, "stratified"), strata=b.words(block, "strata"), reveals_arm=b.flag(block, "reveals_arm"),
            columns=_columns(block), options=_plain(b.section(block, "options")))
    return found


def _columns(analysis: Block) -> dict[str, str]:
    block = b.section(analysis, "columns")
    b.only(block, FRAME_COLUMNS, "columns")
    return {name: b.text(block, name) for name in block}
