"""Viral loads: the episodes of viraemia that nobody sees, and the study and routine samples that see some of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.simulate._draw import NEVER, Flags, Floats, Ints, Texts, choose, first_time, stream, where, whole
from pacer_analysis.simulate._retention import OBSTETRIC_UNIT, Care
from pacer_analysis.simulate._visits import StudyVisits, in_turn

if TYPE_CHECKING:
    from pacer_analysis.simulate._clubs import ClubList
    from pacer_analysis.simulate._women import Cohort
    from pacer_analysis.simulate.truth import Truth

EPISODES = 5
STUDY, ROUTINE, STUDY_CLINIC = 1, 2, 7


@dataclass(frozen=True)
class Samples:
    """One row per sample: `load` is the value as recorded (copies/mL; below the assay's limit: 0; NaN where `<400`)."""

    woman: Ints
    date: Ints
    kind: Ints
    load: Floats
    text: Texts
    log10: Floats
    limit: Ints
    facility: Ints


@dataclass(frozen=True)
class Episodes:
    """Times of viraemia over 1000: one row per woman, one column per episode, from `start` to before `stop`."""

    start: Ints
    stop: Ints

    def cover(self, woman: Ints, at: Ints) -> Flags:
        """Whether each woman is viraemic on a day."""
        return np.asarray(((self.start[woman] <= at[:, None]) & (at[:, None] < self.stop[woman])).any(axis=1), dtype=bool)


def viraemia(truth: Truth, cohort: Cohort, club: Ints, clubs: ClubList, care: Care, seed: int) -> Episodes:
    """Episodes that begin in care, and those that follow when care stops."""
    rng, facts, n = stream(seed, "viraemia"), truth.viral_load, cohort.n
    multiplier = np.exp(facts.frailty_sd * cohort.frailty + np.log(facts.club_hazard_ratio) * club + clubs.rebound_effect)
    at = cohort.randomised.astype(float)
    starts, stops = [], []
    for _ in range(EPISODES):
        at = at + first_time(rng, facts.hazard, multiplier)
        starts.append(at)
        at = at + facts.episode_days[0] + rng.exponential(facts.episode_days[1], n)
        stops.append(at)
    for woman, lost, back in in_turn(care.losses):
        begins, ends = np.full(n, float(NEVER)), np.full(n, float(NEVER))
        hit = rng.random(len(woman)) < facts.viraemic_when_lost
        begins[woman] = np.where(hit, lost + rng.integers(7, 45, len(woman)), NEVER)
        ends[woman] = np.where(back == NEVER, NEVER, back + facts.resuppressed_after_return)
        starts.append(begins)
        stops.append(ends)
    return Episodes(np.stack(starts, axis=1).astype(np.int64), np.stack(stops, axis=1).astype(np.int64))


def measure(truth: Truth, cohort: Cohort, club: Ints, care: Care, visits: StudyVisits, episodes: Episodes, seed: int) -> Samples:
    """All samples of all women: at study visits, and about once a year at a dispensing."""
    rng, facts = stream(seed, "samples"), truth.viral_load
    taken = visits.blood.copy()
    taken[:, 1:] &= rng.random(taken[:, 1:].shape) >= truth.visits.specimen_lost
    woman, visit = np.nonzero(taken)
    date = np.where(visit == 0, cohort.screened[woman], visits.date[woman, visit])
    other, other_date, other_facility = _routine(rng, truth, cohort, care)
    kind = np.repeat([STUDY, ROUTINE], [len(woman), len(other)])
    facility = np.concatenate([np.full(len(woman), STUDY_CLINIC), other_facility])
    enrolment = np.concatenate([visit == 0, np.zeros(len(other), dtype=bool)])
    woman, date = np.concatenate([woman, other]), np.concatenate([date, other_date])

    load = _load(rng, truth, club[woman], episodes.cover(woman, date), enrolment, cohort.below50[woman])
    limit = choose(rng, [20, 40], [0.7, 0.3], len(woman))
    load = np.where(load < limit, 0.0, np.round(load))
    lowest = choose(rng, ["<", "LDL", "TND"], [0.6, 0.25, 0.15], len(woman))
    text = where(load == 0, np.where(lowest == "<", "<" + whole(limit), lowest), whole(load))
    log10 = np.where(load > 0, np.round(np.log10(np.maximum(load, 1)), 2), np.nan)
    coarse = ~enrolment & (load < 400) & (rng.random(len(woman)) < facts.censored_at_400)
    only = ~enrolment & (load > 0) & (rng.random(len(woman)) < facts.log10_only)
    text[coarse], log10[coarse], limit[coarse] = "<400", np.nan, 400
    only &= ~coarse
    text[only] = ""
    load = np.where(coarse, np.nan, np.where(only, 10.0**np.nan_to_num(log10), load))
    order = np.lexsort((kind, date, woman))
    return Samples(woman[order], date[order], kind[order], load[order], text[order], log10[order], limit[order], facility[order])


def _load(rng: np.random.Generator, truth: Truth, club: Ints, viraemic: Flags, enrolment: Flags, below50: Flags) -> Floats:
    """Copies/mL: over 1000 in an episode, now and then between 50 and 1000, else below 50."""
    facts, size = truth.viral_load, len(club)
    mean, sd = facts.log10_mean_sd
    high = 10 ** np.clip(rng.normal(mean, sd, size), 3.02, 6.6)
    low, middle = 5 + 44 * rng.random(size) ** 2, 10 ** (1.7 + 1.3 * rng.random(size))
    minor = rng.random(size) < np.array(facts.minor)[club]
    later = np.where(viraemic, high, np.where(minor, np.clip(middle, 51, 999), low))
    return np.where(enrolment, np.where(below50, low, 10 ** (1.71 + 0.88 * rng.random(size))), later)


def _routine(rng: np.random.Generator, truth: Truth, cohort: Cohort, care: Care) -> tuple[Ints, Ints, Ints]:
    """Routine samples at the first dispensing from 120, 365 and 730 days after randomisation on, if that comes within 150 days."""
    rows = care.dispensings
    span = 10**5
    key = rows["woman"] * span + (rows["date"] - cohort.randomised[rows["woman"]])
    found = []
    for due in (120, 365, 730):
        women = np.flatnonzero(rng.random(cohort.n) < truth.viral_load.routine_done)
        at = np.minimum(np.searchsorted(key, women * span + due), len(key) - 1)
        near = (rows["woman"][at] == women) & (key[at] - women * span < due + 150)
        found.append(at[near])
    at = np.concatenate(found)
    at = at[rows["facility"][at] != OBSTETRIC_UNIT]
    return rows["woman"][at], rows["date"][at], rows["facility"][at]
