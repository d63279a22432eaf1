"""The infants: births, feeding, HIV tests, deaths and adverse events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.simulate._draw import NEVER, Flags, Floats, Ints, choose, day, iso_dates, stream, where, whole
from pacer_analysis.simulate._events import adverse_event_cells
from pacer_analysis.simulate._table import Cells, Table, numbered, status
from pacer_analysis.simulate._visits import StudyVisits, in_gap

if TYPE_CHECKING:
    from pacer_analysis.simulate._retention import Care
    from pacer_analysis.simulate._women import Cohort
    from pacer_analysis.simulate.truth import Truth

BIRTH_PCR_FROM = "2015-06-01"
BIRTH, SIX_WEEKS, TEN_WEEKS, SIX_MONTHS, WEANED, EIGHTEEN_MONTHS = range(1, 7)


@dataclass(frozen=True)
class Infants:
    """One row per infant, by mother; `mother` is a position in the cohort, days are dates or NEVER."""

    mother: Ints
    number: Ints
    died: Ints
    infected: Ints
    weaned: Ints             # of the mother: the day she stops breastfeeding
    all_dead: Ints           # of the mother: the day from which no infant of hers lives


def born(truth: Truth, cohort: Cohort, visits: StudyVisits, seed: int) -> Infants:
    """The infants of every woman, twins as two."""
    rng, facts, n = stream(seed, "infants"), truth.events, cohort.n
    mother = np.repeat(np.arange(n), 1 + (rng.random(n) < facts.twins))
    size, delivery = len(mother), cohort.delivery[mother]
    died = cohort.randomised[mother] + 2 + (330 * rng.random(size) ** 2).astype(np.int64)
    died = np.where((rng.random(size) < facts.infant_death) & (died < visits.ended[mother]), died, NEVER)
    infected = np.where(rng.random(size) < facts.infant_infection, delivery + (200 * rng.random(size) ** 2).astype(np.int64), NEVER)
    weaned = np.maximum(np.exp(np.log(facts.breastfeeding_median_days) + 0.75 * rng.standard_normal(n)), cohort.randomised - cohort.delivery + 2)
    all_dead = np.zeros(n, dtype=np.int64)
    np.maximum.at(all_dead, mother, died)
    stopped = np.minimum(cohort.delivery + weaned.astype(np.int64), all_dead)
    return Infants(mother, numbered(mother), died, infected, stopped, all_dead)


def birth_forms(cohort: Cohort, infants: Infants, seed: int) -> Table:
    """One row per infant at enrolment."""
    rng, size = stream(seed, "births"), len(infants.mother)
    twin = np.bincount(infants.mother, minlength=cohort.n)[infants.mother] > 1
    weight = np.clip(rng.normal(3080, 480, size) - 750 * twin, 900, 4900)
    cells: Cells = {
        "infant_dob": iso_dates(cohort.delivery[infants.mother]), "infant_sex": choose(rng, ["1", "2"], [0.5, 0.5], size),
        "infant_weight": whole(np.rint(weight / 10) * 10), "infant_gestation": whole(np.clip(rng.normal(38.6, 1.8, size) - 2 * twin, 28, 43)),
        "infant_folder": np.array([f"1{value:08d}" for value in (np.arange(size) * 3 + 300777).tolist()], dtype=object),
        "infant_prophylaxis": choose(rng, ["1", "2", "3", "0"], [0.82, 0.1, 0.07, 0.01], size), "infants_complete": status(rng, size)}
    return Table("enrolment_arm_1", "infants", infants.mother, infants.number, cohort.randomised[infants.mother], cells)


def feeding_cells(cohort: Cohort, infants: Infants, women: Ints, at: Ints, visit: int, seed: int) -> Cells:
    """Infant feeding at a visit; not opened where no infant lives."""
    rng, size = stream(seed, f"feeding {visit}"), len(women)
    opened = infants.all_dead[women] > at
    feeds = opened & (infants.weaned[women] > at)
    age = at - cohort.delivery[women]
    exclusive = feeds & (rng.random(size) < np.where(age < 43, 0.88, np.where(age < 190, 0.45, 0.03)))
    stopped, other = opened & ~feeds, opened & ~exclusive
    fed = {code: other & (rng.random(size) < chance) for code, chance in {"1": 0.4, "2": 0.5, "3": 0.6, "4": 0.4, "_99": 0.02}.items()}
    return {
        "feed_any_bf": where(opened, where(feeds, "1", "0")), "feed_exclusive": where(feeds, where(exclusive, "1", "0")),
        **{f"feed_other___{code}": where(ticked, "1", "0") for code, ticked in fed.items()},
        "feed_stop_date": where(stopped, iso_dates(infants.weaned[women])),
        "feed_stop_reason": where(stopped, choose(rng, ["1", "2", "3", "4", "5", "-99"], [0.35, 0.2, 0.15, 0.1, 0.15, 0.05], size)),
        "infant_feeding_complete": where(opened, status(rng, size), "0")}


def test_forms(cohort: Cohort, infants: Infants, care: Care, visits: StudyVisits, seed: int) -> Table:
    """One row per HIV test: at birth from June 2015, at 6 weeks before, then at 10 weeks, 6 months, after weaning and 18 months."""
    rng, size, mother = stream(seed, "infant tests"), len(infants.mother), infants.mother
    delivery, weaned = cohort.delivery[mother], infants.weaned[mother]
    at_birth = delivery >= day(BIRTH_PCR_FROM)

    def about(days: Floats | Ints | int, spread: int) -> Ints:
        return delivery + np.asarray(days, dtype=np.int64) + rng.integers(0, spread, size)

    plan = [(BIRTH, about(0, 3), 0.92, at_birth), (SIX_WEEKS, about(42, 21), 0.88, ~at_birth), (TEN_WEEKS, about(70, 28), 0.84, at_birth),
            (SIX_MONTHS, about(180, 45), 0.66, delivery > 0), (WEANED, weaned + 42 + rng.integers(0, 45, size), 0.5, weaned - delivery > 160),
            (EIGHTEEN_MONTHS, about(540, 75), 0.68, delivery > 0)]
    due = np.repeat([code for code, *_ in plan], size)
    at = np.concatenate([dates for _, dates, _, _ in plan])
    row = np.tile(np.arange(size), len(plan))
    lost = _mother_lost(care, cohort, mother[row], infants.number[row], at, np.repeat(np.arange(len(plan)), size))
    chance = np.concatenate([np.full(size, p) for _, _, p, _ in plan]) * np.where(lost, 0.6, 1.0)
    done = np.concatenate([applies for *_, applies in plan]) & (rng.random(len(at)) < chance) & (at < infants.died[row]) & (at < visits.ended[mother[row]])
    due, at, row = due[done], at[done], row[done]
    positive = at >= infants.infected[row]
    order = np.lexsort((at, row))
    due, at, row, positive = due[order], at[order], row[order], positive[order]
    earlier: Ints = np.cumsum(positive) - positive
    start = np.searchsorted(row, row)
    kept = earlier == earlier[start]                               # after the first positive test no further one is recorded
    due, at, row, positive = due[kept], at[kept], row[kept], positive[kept]
    order = np.lexsort((row, at, mother[row]))
    due, at, row, positive = due[order], at[order], row[order], positive[order]
    rows = len(at)
    doubtful = ~positive & (rng.random(rows) < 0.003)
    cells: Cells = {
        "inf_number": whole(infants.number[row]), "inf_test_due": whole(due), "inf_test_date": iso_dates(at),
        "inf_test_type": where(due == EIGHTEEN_MONTHS, "2", "1"), "inf_test_result": where(positive, "1", where(doubtful, "2", "0")),
        "inf_test_confirm": where(positive, "1"), "inf_art_start": where(positive, iso_dates(at)),
        "inf_test_given": where(rng.random(rows) < 0.93, "1", "0"), "infant_tests_complete": status(rng, rows)}
    known = np.maximum(at, cohort.randomised[mother[row]])         # a birth test is written down at enrolment
    return Table("continuous_arm_1", "infant_tests", mother[row], numbered(mother[row]), known, cells)


def _mother_lost(care: Care, cohort: Cohort, mother: Ints, number: Ints, at: Ints, column: Ints) -> Flags:
    """Whether a mother was out of care on the day of a planned test."""
    out = np.zeros(len(at), dtype=bool)
    for infant in range(1, int(number.max(initial=0)) + 1):
        mine = number == infant
        wide = np.full((cohort.n, int(column.max(initial=0)) + 1), -NEVER, dtype=np.int64)
        wide[mother[mine], column[mine]] = at[mine]
        out[mine] = in_gap(care, wide)[mother[mine], column[mine]]
    return out


def event_forms(truth: Truth, cohort: Cohort, infants: Infants, visits: StudyVisits, cutoff: int, seed: int) -> Table:
    """One row per adverse event of an infant, deaths among them."""
    rng, mother = stream(seed, "infant events"), infants.mother
    row = np.repeat(np.arange(len(mother)), rng.poisson(truth.events.infant_events, len(mother)))
    first = cohort.randomised[mother[row]] + 1
    last = np.minimum(np.minimum(infants.died[row], visits.ended[mother[row]]), cohort.delivery[mother[row]] + 600)
    at = first + (rng.random(len(row)) * np.maximum(last - first, 0)).astype(np.int64)
    fatal = np.flatnonzero(infants.died < NEVER)
    row, at = np.concatenate([row, fatal]), np.concatenate([at, infants.died[fatal]])
    died = np.repeat([False, True], [len(row) - len(fatal), len(fatal)])
    order = np.lexsort((at, mother[row]))
    row, at, died = row[order], at[order], died[order]
    terms = ["Gastroenteritis", "Lower respiratory tract infection", "Oral thrush", "Dermatitis", "Anaemia", "Failure to thrive"]
    cells = {"aei_number": whole(infants.number[row]), **adverse_event_cells(rng, "aei", terms, at, died, at, truth.events.serious * 1.4, cutoff),
             "adverse_events_infants_complete": status(rng, len(row))}
    return Table("continuous_arm_1", "adverse_events_infants", mother[row], numbered(mother[row]), at, cells)
