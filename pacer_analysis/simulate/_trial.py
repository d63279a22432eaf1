"""A whole synthetic trial in memory, from screening to the last dispensing."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from pacer_analysis.simulate import _allocation, _clubs, _infants, _retention, _viral_loads, _visits, _women

if TYPE_CHECKING:
    from pacer_analysis.simulate.truth import Truth


@dataclasses.dataclass(frozen=True)
class Trial:
    """A whole synthetic trial before it is cut."""

    truth: Truth
    screened: _women.Screened
    cohort: _women.Cohort
    allocated: _allocation.Allocated
    clubs: _clubs.ClubList
    care: _retention.Care
    visits: _visits.StudyVisits
    samples: _viral_loads.Samples
    infants: _infants.Infants


def simulate(truth: Truth, n: int, seed: int) -> Trial:
    """A trial of `n` women randomised."""
    screened = _women.screen(truth, n, seed)
    cohort = _women.enrol(truth, screened, seed)
    allocated = _allocation.allocate(cohort, seed)
    clubs = _clubs.form_clubs(truth, cohort, allocated, seed)
    care = _retention.follow(truth, cohort, allocated.club == 1, clubs, seed)
    visits = _visits.hold_visits(truth, cohort, allocated.club, care, seed)
    episodes = _viral_loads.viraemia(truth, cohort, allocated.club, clubs, care, seed)
    samples = _viral_loads.measure(truth, cohort, allocated.club, care, visits, episodes, seed)
    return Trial(truth, screened, cohort, allocated, clubs, care, visits, samples, _infants.born(truth, cohort, visits, seed))
