"""The larger blocks of trial.yaml: sources, participants and visits."""

from __future__ import annotations

from collections.abc import Collection

from pacer_analysis.errors import PlanError
from pacer_analysis.plan import blocks as b
from pacer_analysis.plan.model import EventRule, FieldRef, Participants, Source, Variable, Visit, Visits
from pacer_analysis.plan.strict_yaml import Block

READERS = ("redcap", "csv", "stata", "sas", "spss")
DECIMALS = ("", ".", ",")
SOURCE = ("file", "reader", "dictionary", "key", "record", "links_to", "reveals_arm", "missing_codes", "optional", "labels", "deidentified", "decimal")
PARTICIPANTS = ("noun", "plural", "source", "form", "event", "id", "site", "origins", "strata", "variables", "events", "death")
VARIABLE = ("source", "form", "event", "field", "logic", "viral_load", "below", "label", "unit", "kind", "yes")
EVENT = ("source", "form", "date", "when", "label", "once", "since", "after")


def read_sources(trial: Block) -> dict[str, Source]:
    """The sources by id; `reveals_arm` is true for a whole file or a list of its fields."""
    found = {}
    for name, block in b.sections(trial, "sources").items():
        b.only(block, SOURCE, f"source {name}")
        marked = block.get("reveals_arm", False)
        fields = b.words(block, "reveals_arm") if isinstance(marked, list) else ()
        codes = b.section(block, "missing_codes")
        found[name] = Source(name, b.text(block, "file"), b.word(block, "reader", READERS), b.text(block, "dictionary"), b.words(block, "key"),
                             b.text(block, "links_to", ""), b.text(block, "record", ""), False if fields else b.flag(block, "reveals_arm"), fields,
                             {code: b.text(codes, code) for code in codes}, b.flag(block, "optional"), b.flag(block, "labels"), b.flag(block, "deidentified"),
                             b.word(block, "decimal", DECIMALS, ""))
    if not found:
        raise PlanError("The plan has no sources.", where=trial.where("sources"), do="Name each export file under `sources:`.")
    return found


def read_participants(trial: Block, key: str) -> Participants:
    """The people of one block (`participants`, `infants`), their variables and dated events."""
    block = b.section(trial, key, required=True)
    b.only(block, PARTICIPANTS, key)
    source, form, event = b.text(block, "source"), b.text(block, "form", ""), b.text(block, "event", "")

    def reference(entry: Block) -> FieldRef:
        own = b.text(entry, "form", form)
        return FieldRef(b.text(entry, "source", source), own, b.text(entry, "event", event if own == form else ""), b.text(entry, "field"))

    origins = {}
    for name, entry in b.sections(block, "origins").items():
        b.only(entry, ("source", "form", "event", "field"), f"origin {name}")
        origins[name] = reference(entry)
    variables = {}
    for name, entry in b.sections(block, "variables").items():
        b.only(entry, VARIABLE, f"variable {name}")
        if sum(key in entry for key in ("field", "logic", "viral_load")) != 1:
            raise PlanError(f"The variable `{name}` needs one origin.", where=block.where("variables"), allowed="one of field, logic, viral_load", do="Keep one of them.")
        variables[name] = Variable(
            name, b.text(entry, "label", name), b.word(entry, "kind", ("continuous", "binary", "categorical", "date")),
            reference(entry) if "field" in entry else None, b.text(entry, "logic", ""), b.text(entry, "viral_load", ""),
            b.number(entry, "below") if "below" in entry else None, b.text(entry, "unit", ""), b.text(entry, "yes", ""))
    events = {}
    for name, entry in b.sections(block, "events").items():
        b.only(entry, EVENT, f"event {name}")
        events[name] = EventRule(name, b.text(entry, "source", source), b.text(entry, "form", ""), b.text(entry, "date"), b.text(entry, "when", ""),
                                 b.text(entry, "label", name), b.flag(entry, "once"), b.text(entry, "since", ""), b.text(entry, "after", ""))
    site = None
    if "site" in block:
        entry = b.section(block, "site", required=True)
        b.only(entry, ("field", "label", "choices"), "site")
        choices = b.section(entry, "choices")
        site = {"field": b.text(entry, "field"), "label": b.text(entry, "label", "Site"), "choices": {code: b.text(choices, code) for code in choices}}
    return Participants(b.text(block, "noun", "participant"), b.text(block, "plural", "participants"), source, form, event, b.text(block, "id", ""),
                        site, origins, b.words(block, "strata"), variables, events, _death(block, events, key))


def _death(block: Block, events: Collection[str], key: str) -> str:
    """Which of the events is death; '' where the plan says `none`, or names no events at all."""
    named = b.text(block, "death", "death" if "death" in events else "")
    if named in ("none", *events):
        return "" if named == "none" else named
    if named:
        raise b.unknown_name("event", named, [*events, "none"], block.where("death"))
    if events and key == "participants":
        raise PlanError("The plan names events, and none of them is called `death`.", where=block.where("events"), allowed=", ".join([*events, "none"]),
                        do="Say under `participants:` which event is death, `death: NAME`, or that deaths are not recorded, `death: none`.")
    return ""


def read_visits(trial: Block) -> Visits | None:
    """The schedule; windows are whole days from the anchor, must not overlap, and hold their target."""
    if "visits" not in trial:
        return None
    block = b.section(trial, "visits", required=True)
    b.only(block, ("anchor", "source", "form", "date", "schedule"), "visits")
    entries = block.get("schedule")
    if not isinstance(entries, list) or not all(isinstance(entry, Block) for entry in entries):
        raise PlanError("`schedule` should be a list of visits.", where=block.where("schedule"), allowed="- {id: v1, label: Month 3, target: 91, window: [43, 136]}",
                        do="Write one entry per visit.")
    visits: list[Visit] = []
    for entry in entries:
        b.only(entry, ("id", "label", "event", "target", "window"), "a visit")
        window = entry.get("window")
        if not isinstance(window, list) or len(window) != 2 or not all(isinstance(day, int) for day in window) or window[0] > window[1]:
            raise PlanError("A visit's window should be two days.", where=entry.where("window"), allowed="window: [43, 136]", do="Write first and last day.")
        visit = Visit(b.text(entry, "id"), b.text(entry, "label"), b.text(entry, "event", ""), b.whole(entry, "target"), (window[0], window[1]))
        if not visit.window[0] <= visit.target <= visit.window[1]:
            raise PlanError(f"The target of visit `{visit.id}` lies outside its window.", where=entry.where("target"), allowed=f"{window[0]} to {window[1]}", do="Correct one of the two.")
        if visits and visit.window[0] <= visits[-1].window[1]:
            raise PlanError(f"The window of visit `{visit.id}` overlaps the one before.", where=entry.where("window"), allowed=f"from day {visits[-1].window[1] + 1}", do="Let windows follow each other.")
        if any(visit.id == earlier.id for earlier in visits):
            raise PlanError(f"Two visits are called `{visit.id}`.", where=entry.where("id"), allowed="each id once", do="Rename one.")
        visits.append(visit)
    participants = b.section(trial, "participants", required=True)
    return Visits(b.text(block, "anchor"), b.text(block, "source", b.text(participants, "source")), b.text(block, "form", ""), b.text(block, "date"), tuple(visits))
