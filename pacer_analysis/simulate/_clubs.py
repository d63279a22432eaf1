"""The Adherence Clubs: which woman is assigned to which, when each meets, and the supply it hands out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.simulate._draw import Floats, Ints, Texts, day, stream, working_day
from pacer_analysis.simulate._women import SITES, Cohort

if TYPE_CHECKING:
    from pacer_analysis.simulate._allocation import Allocated
    from pacer_analysis.simulate.truth import Truth

SESSIONS = 36


@dataclass(frozen=True)
class ClubList:
    """`club` is each woman's club or -1; `sessions` and `refill` have one row per club, one column per session."""

    club: Ints
    name: Texts
    sessions: Ints
    refill: Ints
    loss_effect: Floats      # of a woman's club, log hazard; 0 outside
    rebound_effect: Floats


def form_clubs(truth: Truth, cohort: Cohort, allocated: Allocated, seed: int) -> ClubList:
    """Clubs filled in order of randomisation within each site."""
    rng, facts = stream(seed, "clubs"), truth.clubs
    club = np.full(cohort.n, -1, dtype=np.int64)
    names: list[str] = []
    for site, label in enumerate(SITES):
        women = allocated.order[(cohort.site[allocated.order] == site) & (allocated.club[allocated.order] == 1)]
        sizes = rng.integers(facts.size[0], facts.size[1] + 1, len(women) // facts.size[0] + 1)
        numbers = np.repeat(np.arange(len(sizes)), sizes)[: len(women)]
        club[women] = numbers + len(names)
        names += [f"{label[:3].upper()}-{number + 1:02d}" for number in range(numbers.max() + 1 if len(women) else 0)]
    sessions, refill = _meetings(rng, truth, len(names))
    loss, rebound = (sd * rng.standard_normal(len(names) + 1) for sd in (truth.retention.club_sd, truth.viral_load.club_sd))
    loss[-1] = rebound[-1] = 0.0                 # position -1: women without a club
    return ClubList(club, np.array(names, dtype=object), sessions, refill, loss[club], rebound[club])


def _meetings(rng: np.random.Generator, truth: Truth, clubs: int) -> tuple[Ints, Ints]:
    """Dates of the sessions and days of supply until the next: 56 or 84, and 112 at the last session of a year."""
    start = day(truth.timeline.recruitment_start)
    interval = np.where(rng.random(clubs) < truth.clubs.every_56_days, 56, 84)
    at = working_day(start + rng.integers(7, 56, clubs))
    dates, supplies = [], []
    for _ in range(SESSIONS):
        year_end = _year(at) != _year(at + interval)
        supply = np.where(year_end, 112, interval)
        dates.append(at)
        supplies.append(supply)
        at = at + supply
    return np.stack(dates, axis=1) if clubs else np.zeros((0, SESSIONS), dtype=np.int64), np.stack(supplies, axis=1)


def _year(days: Ints) -> Ints:
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
