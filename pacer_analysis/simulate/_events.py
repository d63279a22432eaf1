"""What happens to the women besides care: adverse events, social harms, deviations, end of study, contacts with Mentor Mothers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.simulate._draw import NEVER, Flags, Ints, choose, iso_dates, stream, where, whole
from pacer_analysis.simulate._table import Cells, Table, numbered, remarks, status

if TYPE_CHECKING:
    from pacer_analysis.simulate._visits import StudyVisits
    from pacer_analysis.simulate._women import Cohort
    from pacer_analysis.simulate.truth import Truth

CONTINUOUS = "continuous_arm_1"


def adverse_event_cells(rng: np.random.Generator, prefix: str, terms: list[str], at: Ints, died: Flags, death: Ints, serious: float, cutoff: int) -> Cells:
    """The cells that the two adverse event forms share; what ends after the cut-off is still going on."""
    size = len(at)
    grave = died | (rng.random(size) < serious)
    grade = np.where(died, 5, np.where(grave, 3 + (rng.random(size) < 0.2), choose(rng, [1, 2, 3], [0.55, 0.38, 0.07], size)))
    end = np.where(died, death, at + 1 + rng.exponential(12, size).astype(np.int64))
    outcome = np.where(died, 4, choose(rng, [1, 2, 3, 5], [0.88, 0.04, 0.05, 0.03], size))
    outcome = np.where((outcome < 3) & (end > cutoff), 3, outcome)
    ended = np.isin(outcome, (1, 2, 4))
    life, admitted, other = grave & (grade == 4), grave & (~died | (rng.random(size) < 0.5)), grave & (rng.random(size) < 0.05)
    reported = at + rng.integers(1, 6, size)
    flags = {"1": died, "2": life, "3": admitted, "4": grave & (rng.random(size) < 0.01), "5": np.zeros(size, dtype=bool), "6": other}
    return {
        f"{prefix}_term": where(died, "Death", np.array(terms, dtype=object)[rng.integers(0, len(terms), size)]), f"{prefix}_onset": iso_dates(at),
        f"{prefix}_grade": whole(grade), f"{prefix}_serious": where(grave, "1", "0"),
        **{f"{prefix}_criterion___{code}": where(ticked, "1", "0") for code, ticked in flags.items()},
        f"{prefix}_related": whole(choose(rng, [1, 2, 3, 4], [0.8, 0.13, 0.06, 0.01], size)),
        f"{prefix}_expected": where(grave, whole(choose(rng, [1, 2], [0.6, 0.4], size))), f"{prefix}_outcome": whole(outcome),
        f"{prefix}_end": where(ended, iso_dates(end)), f"{prefix}_reported": where(grave & (reported <= cutoff), iso_dates(reported)),
        f"{prefix}_narrative": where(grave, where(died, "Died; the family was visited", remarks(rng, size, 0.8)))}


def adverse_events(truth: Truth, cohort: Cohort, visits: StudyVisits, cutoff: int, seed: int) -> Table:
    """One row per adverse event of a woman, deaths among them."""
    rng, n = stream(seed, "adverse events"), cohort.n
    woman = np.repeat(np.arange(n), rng.poisson(truth.events.adverse_events, n))
    first = cohort.randomised[woman]
    at = first + (rng.random(len(woman)) * np.maximum(visits.ended[woman] - first, 0)).astype(np.int64)
    dead = np.flatnonzero(visits.reason == 2)
    onset = np.maximum(cohort.randomised[dead], visits.ended[dead] - rng.integers(0, 10, len(dead)))
    woman, at = np.concatenate([woman, dead]), np.concatenate([at, onset])
    died = np.repeat([False, True], [len(woman) - len(dead), len(dead)])
    order = np.lexsort((at, woman))
    woman, at, died = woman[order], at[order], died[order]
    terms = ["Upper respiratory tract infection", "Headache", "Mastitis", "Urinary tract infection", "Wound sepsis", "Anaemia", "Pneumonia", "Rash", "Hypertension"]
    cells = {**adverse_event_cells(rng, "aew", terms, at, died, visits.ended[woman], truth.events.serious, cutoff), "adverse_events_women_complete": status(rng, len(woman))}
    fits = died | (cells["aew_end"] == "") | (cells["aew_end"] <= iso_dates(visits.ended[woman])) | (visits.reason[woman] != 2)
    table = Table(CONTINUOUS, "adverse_events_women", woman, np.zeros(len(woman), dtype=np.int64), at, cells).keep(fits)
    return Table(table.event, table.form, table.woman, numbered(table.woman), table.date, table.cells)


def _scattered(rng: np.random.Generator, cohort: Cohort, visits: StudyVisits, rate: float) -> tuple[Ints, Ints]:
    """Women and days of events that come at a constant rate between randomisation and the end of participation."""
    woman = np.repeat(np.arange(cohort.n), rng.poisson(rate, cohort.n))
    first = cohort.randomised[woman]
    at = first + (rng.random(len(woman)) * np.maximum(visits.ended[woman] - first, 0)).astype(np.int64)
    order = np.lexsort((at, woman))
    return woman[order], at[order]


def social_harms(truth: Truth, cohort: Cohort, visits: StudyVisits, seed: int) -> Table:
    """One row per social harm."""
    rng = stream(seed, "social harms")
    woman, at = _scattered(rng, cohort, visits, truth.events.social_harms)
    size = len(woman)
    kind = choose(rng, ["1", "2", "3", "4", "-99"], [0.4, 0.3, 0.1, 0.15, 0.05], size)
    cells: Cells = {"soc_date": iso_dates(at), "soc_type": kind, "soc_other": where(kind == "-99", "Gossip in the queue"),
                    "soc_study_related": where(rng.random(size) < 0.3, "1", "0"), "soc_action": where(rng.random(size) < 0.8, "Counselled, referred to the social worker"),
                    "social_harms_complete": status(rng, size)}
    return Table(CONTINUOUS, "social_harms", woman, numbered(woman), at, cells)


def deviations(truth: Truth, cohort: Cohort, visits: StudyVisits, seed: int) -> Table:
    """One row per protocol deviation."""
    rng = stream(seed, "deviations")
    woman, at = _scattered(rng, cohort, visits, truth.events.deviations)
    size = len(woman)
    kind = choose(rng, ["1", "2", "3", "4", "5", "-99"], [0.45, 0.3, 0.05, 0.03, 0.12, 0.05], size)
    detail = np.array(["Visit done late,\nwoman had travelled", "Form missed, done by telephone", 'Tube labelled "test"; relabelled', "Wrong version of the form"], dtype=object)
    cells: Cells = {"dev_date": iso_dates(at), "dev_type": kind, "dev_major": where(rng.random(size) < 0.1, "1", "0"),
                    "dev_detail": detail[rng.integers(0, len(detail), size)], "deviations_complete": status(rng, size)}
    return Table(CONTINUOUS, "deviations", woman, numbered(woman), at, cells)


def end_of_study(cohort: Cohort, visits: StudyVisits, seed: int) -> Table:
    """One row per woman: when and how her participation ended."""
    rng, n, reason = stream(seed, "end of study"), cohort.n, visits.reason
    moved = (reason == 3) | (reason == 4)
    cells: Cells = {
        "eos_date": iso_dates(visits.ended), "eos_reason": whole(reason),
        "eos_death_cause": where(reason == 2, choose(rng, ["1", "2", "3", "4", "9", "-99"], [0.3, 0.25, 0.1, 0.15, 0.15, 0.05], n)),
        "eos_proof": where(reason == 3, choose(rng, ["1", "2", "3"], [0.5, 0.2, 0.3], n)),
        "eos_transfer_to": where(moved, choose(rng, ["Eastern Cape", "Khayelitsha", "Gauteng", "Delft"], [0.5, 0.25, 0.1, 0.15], n)),
        "eos_notes": remarks(rng, n, 0.04), "end_of_study_complete": status(rng, n)}
    return Table(CONTINUOUS, "", np.arange(n), np.zeros(n, dtype=np.int64), visits.ended, cells)


def mentor_contacts(truth: Truth, cohort: Cohort, visits: StudyVisits, seed: int) -> dict[str, Ints]:
    """Contacts with Mentor Mothers, most of them in the first half year: one row per woman, day and mode."""
    rng, n = stream(seed, "mentor mothers"), cohort.n
    woman = np.repeat(np.arange(n), np.where(rng.random(n) < truth.events.mentor_any, 1 + rng.poisson(truth.events.mentor_mean - 1, n), 0))
    size = len(woman)
    at = np.minimum(cohort.randomised[woman] + rng.exponential(90, size).astype(np.int64), visits.ended[woman])
    mode = choose(rng, [1, 2, 3, 4, 5], [0.5, 0.25, 0.03, 0.15, 0.07], size)
    minutes = np.where(rng.random(size) < 0.05, NEVER, 5 * np.clip(rng.poisson(5, size), 1, 20))
    _, once = np.unique(np.stack([woman, at, mode], axis=1), axis=0, return_index=True)
    return {"woman": woman[once], "date": at[once], "mode": mode[once], "topic": choose(rng, [1, 2, 3, 4, 5, 6], [0.3, 0.2, 0.2, 0.1, 0.1, 0.1], size)[once], "minutes": minutes[once]}
