"""What a plan is, as frozen data: each class mirrors one block of the YAML."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pacer_analysis.plan.look import Look
from pacer_analysis.plan.multiplicity import Multiplicity

SYNTHETIC_PREFIX = "SYN-"
"""Simulated participants say so in their id; the SYNTHETIC banner follows from the data."""


@dataclass(frozen=True)
class Arm:
    id: str
    label: str
    service: str = ""


@dataclass(frozen=True)
class Source:
    """One file of a cut: which one, who reads it, what it may hold, what in it betrays the arm.

    `labels`: values and header are labels; `deidentified`: identifiers, free text and dates may be absent, dates are shifted;
    `decimal`: the character that all numbers of the file were exported with, '' if each field has its own.
    """

    id: str
    file: str
    reader: str
    dictionary: str
    key: tuple[str, ...]
    links_to: str = ""
    record: str = ""
    reveals_arm: bool = False
    sealed_fields: tuple[str, ...] = ()
    missing_codes: dict[str, str] = field(default_factory=dict)
    optional: bool = False
    labels: bool = False
    deidentified: bool = False
    decimal: str = ""


@dataclass(frozen=True)
class Allocation:
    """Where the arm is: a file of its own, or a field of another export."""

    source: str
    id: str
    arm: str
    codes: dict[str, str] = field(default_factory=dict)
    stratum: str = ""
    block: str = ""
    sequence: str = ""
    date: str = ""


@dataclass(frozen=True)
class Blinding:
    source: str
    arm: str
    code: str


@dataclass(frozen=True)
class FieldRef:
    """One field of one source; form and event only where the source has them."""

    source: str
    form: str
    event: str
    field: str


@dataclass(frozen=True)
class Variable:
    """One column of the participants: from a field, from logic over other columns, or from a visit's viral load."""

    id: str
    label: str
    kind: str
    ref: FieldRef | None = None
    logic: str = ""
    viral_load: str = ""
    below: float | None = None
    unit: str = ""
    yes: str = ""


@dataclass(frozen=True)
class EventRule:
    """A dated fact: rows of a form or source where `when` holds, dated on or after the origin `since`, or later than the origin `after`."""

    id: str
    source: str
    form: str
    date: str
    when: str
    label: str
    once: bool = False
    since: str = ""
    after: str = ""


@dataclass(frozen=True)
class Participants:
    """The people of the trial (or their infants): one row each, and what is known of them.

    `death` is the one of `events` that is death, '' where the trial records none.
    """

    noun: str
    plural: str
    source: str
    form: str
    event: str
    id: str
    site: dict[str, Any] | None
    origins: dict[str, FieldRef]
    strata: tuple[str, ...]
    variables: dict[str, Variable]
    events: dict[str, EventRule]
    death: str = ""


@dataclass(frozen=True)
class Visit:
    id: str
    label: str
    event: str
    target: int
    window: tuple[int, int]


@dataclass(frozen=True)
class Visits:
    anchor: str
    source: str
    form: str
    date: str
    schedule: tuple[Visit, ...]

    def named(self, visit: str) -> Visit:
        """The visit of that id."""
        return next(entry for entry in self.schedule if entry.id == visit)


@dataclass(frozen=True)
class ViralLoads:
    source: str
    date: str
    result: str
    log10: str = ""
    kind_field: str = ""
    study: str = ""
    routine: str = ""
    form: str = ""


@dataclass(frozen=True)
class Contacts:
    source: str
    date: str
    due: str = ""
    supply: str = ""
    form: str = ""


@dataclass(frozen=True)
class Service:
    id: str
    source: str
    date: str
    attended: str
    exit_date: str = ""


@dataclass(frozen=True)
class Population:
    id: str
    label: str
    sap: str
    logic: str


@dataclass(frozen=True)
class RetentionRule:
    id: str
    label: str
    due: str
    grace: int


@dataclass(frozen=True)
class Endpoint:
    id: str
    label: str
    sap: str
    reveals_arm: bool
    derivation: dict[str, Any]
    estimand: dict[str, Any]


@dataclass(frozen=True)
class Analysis:
    """One entry of analyses.yaml; options and covariates go to the estimator by their names.

    `columns` gives a column of the analysis frame (cluster, entry, weight, offset, received) the variable that fills it.
    """

    id: str
    label: str
    section: str
    topic: str
    population: str
    estimator: str
    role: str
    sap: str
    by: str
    endpoint: str = ""
    outcome: str = ""
    threshold: float | None = None
    missing: str = "failure"
    composite: bool = False
    clock: str = "day"
    covariates: tuple[str, ...] = ()
    stratified: bool = False
    strata: tuple[str, ...] = ()
    reveals_arm: bool = False
    columns: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """A study: everything under analysis_plan/<study>/ after it was read and checked for form."""

    folder: Path
    id: str
    title: str
    acronym: str
    registration: str
    version: str
    sap: str
    assignment: str
    framework: str
    significance: float
    arms: dict[str, Arm]
    reference: str
    sample_size: dict[str, Any]
    dictionary: Path
    sources: dict[str, Source]
    allocation: Allocation
    blinding: Blinding | None
    participants: Participants
    infants: Participants | None
    visits: Visits | None
    viral_loads: ViralLoads | None
    contacts: Contacts | None
    services: dict[str, Service]
    populations: dict[str, Population]
    retention_rules: dict[str, RetentionRule]
    endpoints: dict[str, Endpoint]
    analyses: dict[str, Analysis]
    looks: tuple[Look, ...]
    multiplicity: Multiplicity | None = None

    def revealing(self, source: str) -> bool:
        """Whether a source betrays the arm as a whole."""
        return self.sources[source].reveals_arm

    def sealed_sources(self) -> list[Source]:
        """Sources with anything that betrays the arm, whole or in part."""
        return [source for source in self.sources.values() if source.reveals_arm or source.sealed_fields]

    def open_sources(self) -> list[Source]:
        """Sources that the open side reads, less their sealed fields."""
        return [source for source in self.sources.values() if not source.reveals_arm]


@dataclass(frozen=True)
class Cut:
    """One data cut: everything after `cutoff` is as if it had not happened yet."""

    name: str
    cutoff: datetime.date
    kind: str
    folder: Path
    locked_at: str = ""
    previous: str = ""
    series: str = ""
