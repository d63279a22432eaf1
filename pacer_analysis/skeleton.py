"""`pacer new`: a commented plan whose blanks only a person can fill, with the dictionary's own names as suggestions."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from pacer_analysis.dictionary import load_flat, load_project
from pacer_analysis.dictionary.structure import FILES
from pacer_analysis.errors import DictionaryError, PacerError
from pacer_analysis.plan.blocks import BLANK

READERS = {".dta": "stata", ".csv": "csv"}
BESIDE = (*(name for names in FILES.values() for name in names), "checks.yaml", "reconciliations.yaml", "data_quality_rules.csv")


@dataclass(frozen=True)
class _Suggestions:
    """What the dictionary offers for each blank."""

    redcap: bool
    record: str
    forms: tuple[str, ...]
    coded: tuple[str, ...]
    numbers: tuple[str, ...]
    dates: tuple[str, ...]
    texts: tuple[str, ...]


def write_skeleton(folder: Path, *, dictionary: Path, export: Path | None) -> str:
    """Write the five files of a plan and a copy of the dictionary into a new folder; what to do next, in words.

    Raises PacerError when the folder holds something, DictionaryError when the dictionary cannot be read.
    """
    if folder.exists() and any(folder.iterdir()):
        raise PacerError(f"The folder {folder} is not empty.", where=str(folder), do="Name a new folder; nothing is overwritten.")
    if not dictionary.is_file():
        raise DictionaryError(f"There is no dictionary {dictionary.name}.", where=str(dictionary.parent), do="Give REDCap's data dictionary, or a CSV with name,label,type,unit,min,max,codes.")
    if export is not None and not export.is_file():
        raise PacerError(f"There is no export {export.name}.", where=str(export.parent), do="Check the path, or leave --export out.")
    offers = _offers(dictionary)
    (folder / "dictionary").mkdir(parents=True)
    shutil.copyfile(dictionary, folder / "dictionary" / dictionary.name)
    for name in BESIDE:
        if (dictionary.parent / name).is_file():
            shutil.copyfile(dictionary.parent / name, folder / "dictionary" / name)
    (folder / "dictionary/blinding.csv").write_text(_BLINDING, encoding="utf-8")
    reader = "redcap" if offers.redcap else READERS.get(export.suffix.lower(), "csv") if export else "stata"
    pattern = re.sub(r"\d{4}-\d{2}-\d{2}_\d{4}", "????-??-??_????", export.name) if export else BLANK
    study = re.sub(r"[^a-z0-9-]+", "-", folder.name.lower()).strip("-") or "trial"
    for name, text in {"trial.yaml": _trial(study, dictionary.name, reader, pattern, offers), "populations.yaml": _POPULATIONS, "endpoints.yaml": _endpoints(offers),
                       "analyses.yaml": _ANALYSES, "looks.yaml": _LOOKS, "AMENDMENTS.md": _AMENDMENTS}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return f"{folder}: a plan with blanks. Replace every {BLANK}, then `pacer check {folder}` until it agrees."


def _offers(path: Path) -> _Suggestions:
    header = path.read_bytes()[:2000].decode("utf-8", errors="replace").splitlines()[0].lower() if path.stat().st_size else ""
    if "form" not in header:
        flat = load_flat(path).fields
        kinds = {name: field.type for name, field in flat.items()}
        coded = tuple(f"{name} ({', '.join(field.codes)})" for name, field in flat.items() if field.codes)
        return _Suggestions(False, next(iter(flat), ""), (), coded, _of(kinds, "integer", "number"), _of(kinds, "date", "datetime"), _of(kinds, "text"))
    dictionary = load_project(path.parent, path.name).dictionary
    fields = dictionary.fields.values()
    coded = tuple(f"{field.name} ({', '.join(field.choices)})" for field in fields if field.type in ("radio", "dropdown", "yesno", "truefalse"))
    return _Suggestions(True, dictionary.record_id, tuple(dictionary.forms), coded,
                        tuple(field.name for field in fields if field.type in ("calc", "slider") or field.validation.startswith(("integer", "number"))),
                        tuple(field.name for field in fields if field.validation.startswith("date")),
                        tuple(field.name for field in fields if field.type == "text" and not field.validation))


def _of(kinds: dict[str, str], *wanted: str) -> tuple[str, ...]:
    return tuple(name for name, kind in kinds.items() if kind in wanted)


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:40]) + (f", ... ({len(names)} in all)" if len(names) > 40 else "") or "(none in the dictionary)"


def _trial(study: str, dictionary: str, reader: str, pattern: str, offers: _Suggestions) -> str:
    form = f"""
  form: {BLANK}                       # the form that every participant has once: {_some(offers.forms)}
  event: ""                       # and its event, if the project is longitudinal: the unique name, such as baseline_arm_1""" if offers.redcap else ""
    key = offers.record
    return f"""# The trial: who was randomised to what, where the data lie, and what each column is for.
# Replace every {BLANK}. Paths are relative to this file; fields are named as the export names them; times are days.
id: {study}
title: {BLANK}                        # in words, for the first page
acronym: {study.upper()}
registration: ""                  # registry number, if there is one
version: "1.0"
sap: {BLANK}                          # which analysis plan this is, for example "SAP 1.0 of 2024-05-01"
assignment: randomised            # randomised | choice
dictionary: dictionary            # the folder beside this file

arms:                             # as many as there are; the names are yours and appear nowhere but here and in `codes`
  control: {{label: {BLANK}}}
  active: {{label: {BLANK}}}
reference: control                # what the others are compared with

sources:
  main:
    file: "{pattern}"             # a glob that matches exactly one file in the cut's folder
    reader: {reader}              # redcap | csv | stata
    dictionary: {dictionary}
    key: [{key}]                  # what makes a row unique
    reveals_arm: [{BLANK}]            # every column from which the arm can be read, also indirectly; it is sealed
  blinding:                       # the letters of the closed report: a file with the columns arm,code (one line an arm)
    file: blinding.csv
    reader: csv
    dictionary: blinding.csv
    key: [arm]
    reveals_arm: true

# The column with the arm, and which of its codes is which arm. Coded columns: {_some(offers.coded)}
allocation: {{source: main, id: {key}, arm: {BLANK}, codes: {{"0": control, "1": active}}}}
blinding: {{source: blinding, arm: arm, code: code}}

participants:
  noun: participant
  plural: participants
  source: main{form}
  id: {key}
  strata: []                      # variables (named below) that randomisation was stratified by
  variables:                      # one line per column of the baseline table or of a population
    # kind: continuous | binary (with yes: the code that means yes) | categorical | date
    # numbers: {_some(offers.numbers)}
    # dates: {_some(offers.dates)}
    # coded: {_some(offers.coded)}
    age: {{field: {BLANK}, label: Age, unit: years, kind: continuous}}
{_OPTIONAL}"""


def _endpoints(offers: _Suggestions) -> str:
    return f"""# What is measured. `derivation` names a rule and its parameters:
#   recorded_time:     {{time: FIELD in days, event: FIELD, code: "1"}}      the export already holds days and an event flag
#   recorded_outcome:  {{field: FIELD, success: "1", date: FIELD}}          ... or a yes-or-no outcome; date (optional): later than the cut-off is not yet known
#   loss_to_follow_up:    {{retention: RULE, origin: randomisation, competing: [death], censor: [transfer_out], horizon: 730}}
#   suppression_by_visit: {{below: [50, 1000], visits: [m6, m12]}}            its analyses name one `threshold`
#   viral_load_above:     {{above: 1000, visits: [m6, m12], origin: randomisation, competing: [death]}}
#   success_at_visit:     {{in_care: RULE, day: 365, origin: randomisation, visit: m12, below: 50,
#                          death: death, transferred: none, unproven: none}}     alive, in care and suppressed; events of trial.yaml or none
# The last four need the blocks contacts, visits and viral_loads of trial.yaml. RULE is one of:
# retention_rules:
#   late90: {{label: No contact within 90 days of the scheduled one, due: scheduled, grace: 90}}
#   last180: {{label: No contact for more than 180 days, due: contact, grace: 180}}
# numbers: {_some(offers.numbers)}
# coded: {_some(offers.coded)}
endpoints:
  primary_event:
    label: {BLANK}                    # in words
    sap: ""                       # the section of the analysis plan
    derivation: {{rule: recorded_time, time: {BLANK}, event: {BLANK}, code: "1"}}   # code: the one that IS the event
    estimand:
      population: All participants randomised
      treatment: {BLANK}
      variable: {BLANK}
      intercurrent_events: []
      summary: Hazard ratio
"""


_OPTIONAL = """
# What follows is optional: take the # away from what your trial has. PACER's plan (analysis_plan/pacer) shows all of it in use.
#
#  (inside participants:)
#  site: {field: redcap_data_access_group, label: Site, choices: {north: North, south: South}}
#  origins:                        # dates that time is counted from; the first is the origin of survival analyses
#    randomisation: {form: randomisation, event: baseline_arm_1, field: rand_date}
#  death: death                    # which of the events below is death; none if there is none
#  events:                         # dated facts; each gives populations <name>_date and <name>_n. since: on or after an origin; after: later
#    death: {form: end_of_study, date: eos_date, when: "[eos_reason] = '2'", label: Death, once: true}
#    serious_event: {form: adverse_events, date: ae_onset, when: "[ae_serious] = '1'", label: Serious adverse event, since: randomisation}
#
# visits:                           # windows in days from an origin, both ends included, one after the other
#   anchor: randomisation
#   form: visit
#   date: visit_date
#   schedule:
#     - {id: m6, label: Month 6, event: month_6_arm_1, target: 183, window: [92, 273]}
#     - {id: m12, label: Month 12, event: month_12_arm_1, target: 365, window: [274, 456]}
#
# viral_loads:                      # a source of results, or a form: 123, <20, LDL, TND, >10000000 are understood
#   source: main
#   form: visit
#   date: vl_date
#   result: vl_result
#   log10: vl_log10                 # optional: used only where the result is blank
#   kind: {field: vl_type, study: "1", routine: "2"}      # optional: without it every result is a study result
#
# contacts:                         # what counts as being in care: dispensings, visits, in any facility
#   source: main
#   form: dispensing
#   date: disp_date
#   due: next_date                  # the scheduled next contact
#   supply: days_supplied           # optional, for a blank schedule; seal it if refills differ by arm
#
# services:                         # what attending an arm's service means (arms name theirs with `service:`)
#   club: {source: register, date: session_date, attended: "[attendance] <> '4'", exit_date: exit_date}
"""
_POPULATIONS = """# Who is analysed. `logic` is REDCap's expression language over the participants' variables; blank is everybody who has entered (has the first origin, if there is one).
randomised: {label: All participants randomised, sap: "", logic: ""}
"""
_ANALYSES = """# What is computed. section: where in the report (flow, baseline, completeness, primary, suppression, retention, safety ...).
# topic: flow, baseline, completeness, safety, retention, suppression: what an interim closed report may show.
# by: arms (compared; closed and final), pooled (one number), both. role: primary, secondary, sensitivity, subgroup, safety, descriptive, post_hoc.
# missing: failure (a missing outcome counts as not achieved; the default) | available. threshold: which of an endpoint's `below`.
# composite: true counts competing events as events. clock: visit counts time by visit windows. stratified: true uses the strata.
# covariates: [age]: a missing one is replaced by the pooled mean, or the mode, and the row says how many.
# outcome: visit_done | viral_load_done instead of an endpoint: completeness by visit.
# Estimators: describe, count, proportion, risk_difference, logistic, standardisation, kaplan_meier, cumulative_incidence, logrank, cox.
flow:
  {label: Participants randomised, section: flow, topic: flow, population: randomised, estimator: count, role: descriptive, sap: "", by: both, options: {of: [randomised]}}
baseline:
  {label: Characteristics at entry, section: baseline, topic: baseline, population: randomised, estimator: describe, role: descriptive, sap: "", by: both, options: {variables: [age]}}
primary:
  {label: Primary endpoint (Cox model), section: primary, topic: retention, endpoint: primary_event, population: randomised, estimator: cox, role: primary, sap: "", by: arms}
primary_curve:
  {label: Free of the event, section: retention, topic: retention, endpoint: primary_event, population: randomised, estimator: kaplan_meier, role: secondary, sap: "", by: both, options: {times: [180, 365]}}
primary_logrank:
  {label: Primary endpoint (log-rank test), section: primary, topic: retention, endpoint: primary_event, population: randomised, estimator: logrank, role: sensitivity, sap: "", by: arms}
"""
_LOOKS = "# Interim looks at retention or suppression: `none`, or a list such as - {cut: interim-1, analysis: primary}\nlooks: none\n"
_BLINDING = "name,label,type,unit,min,max,codes,required,identifier\narm,Arm,text,,,,,y,\ncode,Letter,text,,,,,y,\n"
_AMENDMENTS = "# Amendments\n\n| version | date | what changed | why | before unblinding |\n|---|---|---|---|---|\n"
