"""One cut from beginning to end: simulate the women, cut at the date, plant defects, write the files."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.dictionary import load_flat, load_project
from pacer_analysis.simulate import _allocation, _events, _forms_enrolment, _forms_visit, _infants, _sheets, _women
from pacer_analysis.simulate._defect_kinds import KINDS
from pacer_analysis.simulate._defects import Context, Planted, plant
from pacer_analysis.simulate._draw import NEVER, day, iso_dates
from pacer_analysis.simulate._flat_files import Sheet, write_csv, write_stata
from pacer_analysis.simulate._redcap_csv import write_redcap
from pacer_analysis.simulate._table import Table
from pacer_analysis.simulate._trial import Trial, simulate
from pacer_analysis.simulate._truth_files import write_truth
from pacer_analysis.simulate.truth import Truth

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from pacer_analysis.dictionary import Project
    from pacer_analysis.plan import Plan

ROW_DATES = {"laboratory": "sample_date", "art_visits": "visit_date", "clubs": "session_date", "mentor_mothers": "contact_date", "mch_art": "mch_end_date"}


def write(plan: Plan, *, n: int, seed: int, out: Path, interim: dt.date | None, defects: bool) -> None:
    """The exports of one cut and, beside them, what is true."""
    truth = Truth()
    cutoff = day(interim.isoformat() if interim else truth.timeline.final_cutoff)
    trial = simulate(truth, n, seed)
    redcap = plan.sources[plan.participants.source]
    project = load_project(plan.dictionary, str(redcap.dictionary))
    tables = redcap_tables(trial, project, cutoff, seed)
    sheets = flat_sheets(trial, cutoff, seed)
    planted: list[Planted] = []
    if defects:
        tables, sheets, planted = plant(KINDS, tables, sheets, _context(trial, cutoff), n, seed)
    site = np.array(_women.SITES, dtype=object)[trial.screened.site]
    exported = iso_dates(np.array([cutoff + 1]))[0]
    write_redcap(out / f"PACER_DATA_{exported}_0915.csv", project, tables, trial.screened.record, site)
    for name, sheet in sheets.items():
        source = plan.sources[name]
        dictionary = load_flat(plan.dictionary / str(source.dictionary))
        if source.reader == "stata":
            write_stata(out / source.file, dictionary, sheet, f"PACER {name}")
        else:
            write_csv(out / source.file, dictionary, sheet)
    cut = {"name": out.name, "cutoff": interim.isoformat() if interim else truth.timeline.final_cutoff, "kind": "interim" if interim else "final",
           "locked_at": iso_dates(np.array([cutoff + 8]))[0], "previous": None, "series": "synthetic"}
    (out / "cut.yaml").write_text("".join(f"{key}: {'null' if value is None else value}\n" for key, value in cut.items()), encoding="utf-8")
    write_truth(out / "truth", trial, planted, n=n, seed=seed)


def _context(trial: Trial, cutoff: int) -> Context:
    """What planted errors refer to."""
    cohort, died = trial.cohort, np.where(trial.visits.reason == 2, trial.visits.ended, NEVER)
    return Context(cutoff, trial.screened.record, dict(zip(cohort.record.tolist(), cohort.randomised.tolist(), strict=True)),
                   {record: day for record, day in zip(cohort.record.tolist(), died.tolist(), strict=True) if day <= cutoff})


def redcap_tables(trial: Trial, project: Project, cutoff: int, seed: int) -> list[Table]:
    """The rows of the REDCap export up to the cut-off."""
    cohort, visits, infants = trial.cohort, trial.visits, trial.infants
    tables = [_infants.birth_forms(cohort, infants, seed)]
    traits = _forms_visit.traits(cohort, seed)
    for visit, event in enumerate(_forms_visit.EVENTS):
        forms = project.mapping[event]
        women, cells = _forms_visit.visit_forms(visits, traits, visit, forms, seed)
        at = visits.date[women, visit]
        if "infant_feeding" in forms:
            cells |= _infants.feeding_cells(cohort, infants, women, at, visit, seed)
        if visit == 0:
            cells |= _forms_enrolment.enrolment(cohort, trial.allocated, trial.care.clinic, seed) | _forms_enrolment.baseline(cohort, seed)
        tables.append(Table(event, "", women, np.zeros(len(women), dtype=np.int64), at, cells))
    tables += [_infants.test_forms(cohort, infants, trial.care, visits, seed), _events.adverse_events(trial.truth, cohort, visits, cutoff, seed),
               _infants.event_forms(trial.truth, cohort, infants, visits, cutoff, seed), _events.social_harms(trial.truth, cohort, visits, seed),
               _events.deviations(trial.truth, cohort, visits, seed), _events.end_of_study(cohort, visits, seed)]
    placed = [dataclasses.replace(table, woman=trial.screened.cohort[table.woman]) for table in tables]
    return [table.until(cutoff) for table in [_forms_enrolment.screening(trial.screened, seed), *placed]]


def flat_sheets(trial: Trial, cutoff: int, seed: int) -> dict[str, Sheet]:
    """The tables beside REDCap up to the cut-off."""
    cohort = trial.cohort
    sheets = {"laboratory": _sheets.laboratory(cohort, trial.samples), "art_visits": _sheets.art_visits(cohort, trial.care),
              "clubs": _sheets.clubs(cohort, trial.clubs, trial.care, cutoff, seed),
              "mentor_mothers": _sheets.mentor_mothers(cohort, _events.mentor_contacts(trial.truth, cohort, trial.visits, seed)),
              "mch_art": _sheets.mch_art(cohort, seed)}
    randomised = cohort.record[cohort.randomised <= cutoff]
    sheets = {name: sheet.keep(sheet.columns[ROW_DATES[name]] <= cutoff) for name, sheet in sheets.items()}
    letters = _allocation.blinding(seed)
    sheets["allocation"] = _sheets.allocation(cohort, trial.allocated)
    sheets["allocation"] = sheets["allocation"].keep(np.isin(sheets["allocation"].columns["id"].astype(str), randomised.astype(str)))
    sheets["blinding"] = Sheet({"arm": np.array(list(letters), dtype=object), "code": np.array(list(letters.values()), dtype=object)}, {}, {})
    return sheets
