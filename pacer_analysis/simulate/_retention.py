"""ART care of each woman, dispensing by dispensing: who stops, who returns, who moves, who attends which service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.simulate._draw import NEVER, Flags, Ints, choose, first_time, stream, working_day

if TYPE_CHECKING:
    from pacer_analysis.simulate._clubs import ClubList
    from pacer_analysis.simulate._women import Cohort
    from pacer_analysis.simulate.truth import Truth

CLINIC, CLUB, ELSEWHERE = 0, 1, 2
IN_PERSON, FRIEND, LATE, MISSED = 1, 2, 3, 4
OBSTETRIC_UNIT, IN_PROVINCE, OTHER_PROVINCE = 8, 21, 22
GRACE = 90
REGISTER = ("woman", "club", "session", "date", "attendance", "pickup", "refill", "exit", "reason")


@dataclass(frozen=True)
class Fate:
    """What becomes of each woman apart from stopping: days or NEVER. A transfer is moved to her last day in care."""

    death: Ints
    transfer: Ints
    proven: Flags
    withdrawal: Ints
    silent: Ints


class Log:
    """Rows gathered step by step."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self.parts: dict[str, list[Ints]] = {name: [np.zeros(0, dtype=np.int64)] for name in columns}

    def add(self, **columns: Ints) -> None:
        """One more block of rows."""
        for name, values in columns.items():
            self.parts[name].append(np.array(values))

    def rows(self) -> dict[str, Ints]:
        """All rows, by woman in order of time."""
        joined = {name: np.concatenate(parts) for name, parts in self.parts.items()}
        order = np.argsort(joined["woman"], kind="stable")
        return {name: values[order] for name, values in joined.items()}


@dataclass(frozen=True)
class Care:
    """`dispensings` and `register` are columns of rows; `losses` are the true gaps (woman, lost: first day late, back: day or NEVER)."""

    fate: Fate
    dispensings: dict[str, Ints]
    register: dict[str, Ints]
    losses: dict[str, Ints]
    never_attends: Flags
    leaves: Ints
    clinic: Ints


def draw_fate(truth: Truth, cohort: Cohort, seed: int) -> Fate:
    """Deaths, transfers, withdrawals and silent transfers, at most one per woman, all before the window of the last visit opens."""
    rng, facts, n = stream(seed, "fate"), truth.retention, cohort.n
    first, last = cohort.randomised + 5, cohort.delivery + truth.timeline.windows[-1][0] - 1
    odds = [facts.death, facts.transfer_proven, facts.transfer_unproven, facts.withdrawal, facts.silent_transfer]
    kind = np.searchsorted(np.cumsum(odds), rng.random(n), side="right")
    at = first + (rng.random(n) * (last - first)).astype(np.int64)
    death, proven, unproven, withdrawal, silent = (np.where(kind == number, at, NEVER) for number in range(5))
    return Fate(death, np.minimum(proven, unproven), kind == 1, withdrawal, silent)


def follow(truth: Truth, cohort: Cohort, club: Flags, clubs: ClubList, seed: int) -> Care:
    """Every dispensing from randomisation until a woman's records end."""
    walk = _Walk(truth, cohort, club, clubs, seed)
    women = np.arange(cohort.n)
    walk.refer(women)
    while len(women):
        women = walk.step(women)
    fate = Fate(walk.fate.death, walk.transferred, walk.fate.proven, walk.fate.withdrawal, walk.fate.silent)
    return Care(fate, walk.dispensings.rows(), walk.register.rows(), walk.losses.rows(), walk.never, walk.leaves, walk.clinic)


class _Walk:
    """The women's next appointments, moved on one dispensing at a time."""

    def __init__(self, truth: Truth, cohort: Cohort, club: Flags, clubs: ClubList, seed: int) -> None:
        self.rng, self.facts, self.club_facts, self.cohort, self.clubs = stream(seed, "care"), truth.retention, truth.clubs, cohort, clubs
        self.fate, n = draw_fate(truth, cohort, seed), cohort.n
        facts = self.facts
        self.multiplier = np.exp(facts.frailty_sd * cohort.frailty + np.log(facts.per_ten_years_younger) * (28 - cohort.age) / 10
                                 + np.log(facts.newly_diagnosed) * cohort.newly_diagnosed + np.log(facts.club_hazard_ratio) * club + clubs.loss_effect)
        self.stop = (cohort.randomised + first_time(self.rng, facts.hazard, self.multiplier)).astype(np.int64)
        kind = self.rng.random(n)
        self.never = club & (kind < truth.clubs.never_attend)
        leaves = club & ~self.never & (kind < truth.clubs.never_attend + truth.clubs.attend_and_leave)
        self.leaves = np.where(leaves, cohort.randomised + self.rng.integers(40, 300, n), NEVER)
        self.end = cohort.delivery + truth.timeline.routine_records_until
        self.clinic = np.where(self.rng.random(n) < 0.08, 4, cohort.site + 1)
        self.mode = np.where(club, CLUB, CLINIC)
        self.session, self.before = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
        self.last, self.scheduled, self.due = (cohort.randomised.copy() for _ in range(3))
        self.transferred = np.full(n, NEVER, dtype=np.int64)
        self.dispensings, self.register, self.losses = Log(("woman", "date", "facility", "service", "next", "supply")), Log(REGISTER), Log(("woman", "lost", "back"))

    def refer(self, women: Ints) -> None:
        """The bridging supply at randomisation, and the first appointment at the allocated service."""
        club = self.mode == CLUB
        at = self.cohort.randomised
        supply = np.full(len(women), 28, dtype=np.int64)
        following = at + 28
        supply[club], following[club] = self._to_club(women[club], at[club])
        self._dispense(women, at, np.full(len(women), OBSTETRIC_UNIT), np.full(len(women), 3), following, supply, blank=0.0)
        absent = women[self.never]
        for later in (0, 1):
            meeting = self.clubs.sessions[self.clubs.club[absent], self.session[absent] + later]
            seen = (meeting < self.fate.death[absent]) & (meeting < self.fate.transfer[absent])
            exits = np.where(later == 1, meeting + 6, NEVER)
            self._register(absent[seen], later, MISSED, exits[seen], 1)
        self.mode[absent] = CLINIC

    def step(self, women: Ints) -> Ints:
        """The women who are dispensed to once more."""
        gone = women[(self.fate.silent[women] <= self.due[women]) & (self.mode[women] != ELSEWHERE)]
        self._miss_for_good(gone[self.mode[gone] == CLUB])
        self.mode[gone] = ELSEWHERE
        status, arrival = self._arrive(women)
        stops, due = self.stop[women] <= self.due[women], self.due[women]
        moves = self.fate.transfer[women] <= np.where(stops, due, arrival)
        self.transferred[women[moves]] = np.clip(self.fate.transfer[women], self.last[women], due)[moves]
        back = self._lose(women[stops & ~moves])
        stays = ~stops & ~moves & (arrival < self.fate.death[women]) & (arrival <= self.end[women])
        for mode in (CLINIC, ELSEWHERE):
            at = stays & (self.mode[women] == mode)
            self._at_clinic(women[at], arrival[at])
        at = stays & (self.mode[women] == CLUB)
        self._at_club(women[at], arrival[at], status[at])
        return np.sort(np.concatenate([women[stays], back]))

    def _arrive(self, women: Ints) -> tuple[Ints, Ints]:
        """How each woman would keep her appointment (clubs), and when."""
        size, facts = len(women), self.club_facts
        late = choose(self.rng, [0, 1, 2, 3], [0.75, 0.17, 0.06, 0.02], size)
        days = np.array([-3, 1, 15, 46])[late] + (self.rng.random(size) * np.array([7, 14, 31, 33])[late]).astype(np.int64)
        arrival = np.maximum(working_day(self.scheduled[women] + days), self.last[women] + 4)
        status = choose(self.rng, [IN_PERSON, FRIEND, LATE, MISSED], [facts.in_person, facts.friend, facts.late, 1 - facts.in_person - facts.friend - facts.late], size)
        days = np.where(status == LATE, self.rng.integers(1, 6, size), np.where(status == MISSED, self.rng.integers(6, 46, size), 0))
        club = self.mode[women] == CLUB
        return np.where(club, status, 0), np.where(club, self.scheduled[women] + days, arrival)

    def _lose(self, women: Ints) -> Ints:
        """Losses written down; the women who come back, already dispensed to."""
        women = women[self.fate.death[women] > self.due[women] + GRACE]
        self._miss_for_good(women[self.mode[women] == CLUB])
        gap = GRACE + 1 + self.rng.exponential(self.facts.gap_after_loss, len(women)).astype(np.int64)
        back = working_day(self.due[women] + gap)
        returns = (self.rng.random(len(women)) < self.facts.returns) & (back < self.fate.death[women]) & (back <= self.end[women])
        self.losses.add(woman=women, lost=self.due[women] + 1, back=np.where(returns, back, NEVER))
        women, back = women[returns], back[returns]
        self.mode[women] = np.where(self.mode[women] == CLUB, CLINIC, self.mode[women])
        again = self.rng.exponential(size=len(women)) / (self.multiplier[women] * 1.5 * self.facts.hazard[1][1])
        self.stop[women] = back + 1 + again.astype(np.int64)
        self._at_clinic(women, back)
        return women

    def _at_clinic(self, women: Ints, arrival: Ints) -> None:
        supply = np.where(self.rng.random(len(women)) < 0.5, 28, 56)
        away = np.where(women % 3 == 0, OTHER_PROVINCE, IN_PROVINCE)
        facility = np.where(self.mode[women] == ELSEWHERE, away, self.clinic[women])
        self._dispense(women, arrival, facility, np.ones(len(women), dtype=np.int64), arrival + supply, supply)

    def _at_club(self, women: Ints, arrival: Ints, status: Ints) -> None:
        """A club session kept, kept late or by a friend, or missed and made good at the clinic; and who leaves the club."""
        enforced = self.rng.random(len(women))
        meeting, missed = self.scheduled[women], status == MISSED
        twice = ((status == LATE) | (status == FRIEND)) & (status == self.before[women]) & (enforced < self.club_facts.exclusion_enforced)
        own = (self.leaves[women] <= meeting) & ~missed
        dropped = missed & (enforced >= self.club_facts.back_after_missing)
        reason = np.where(own, choose(self.rng, [4, 5, 6, 8], [0.2, 0.3, 0.15, 0.35], len(women)), np.where(dropped, 1, np.where(status == LATE, 2, 3)))
        leaves = own | dropped | twice
        self._register(women, 0, status, np.where(leaves, np.where(missed, meeting + 6, arrival), NEVER), np.where(leaves, reason, NEVER), arrival)
        self.before[women] = status
        club = self.clubs.club[women]
        supply = self.clubs.refill[club, self.session[women]]
        following = self.clubs.sessions[club, self.session[women] + 1]
        self.session[women] += 1
        again = missed & ~leaves
        supply[again], following[again] = self._to_club(women[again], arrival[again])
        supply[leaves] = 28
        following[leaves] = arrival[leaves] + 28
        self.mode[women[leaves]] = CLINIC
        self._dispense(women, arrival, self.clinic[women], np.where(missed, 1, 2), following, supply)

    def _to_club(self, women: Ints, at: Ints) -> tuple[Ints, Ints]:
        """The supply that lasts until a session at least three weeks away, and that session's date."""
        meetings = self.clubs.sessions[self.clubs.club[women]]
        self.session[women] = (meetings < (at + 21)[:, None]).sum(axis=1)
        following = meetings[np.arange(len(women)), self.session[women]]
        return np.array([28, 56, 84, 112, 140])[np.searchsorted([28, 56, 84, 112], following - at)], following

    def _miss_for_good(self, women: Ints) -> None:
        self._register(women, 0, MISSED, self.scheduled[women] + 6, 1)

    def _register(self, women: Ints, later: int, status: Ints | int, exits: Ints, reason: Ints | int, pickup: Ints | None = None) -> None:
        """One line of the club register per woman."""
        size, club, session = len(women), self.clubs.club[women], self.session[women] + later
        attendance = np.broadcast_to(np.asarray(status, dtype=np.int64), size)
        came = attendance != MISSED
        taken = self.scheduled[women] if pickup is None else pickup
        self.register.add(woman=women, club=club, session=session, date=self.clubs.sessions[club, session], attendance=attendance,
                          pickup=np.where(came, taken, NEVER), refill=np.where(came, self.clubs.refill[club, session], NEVER),
                          exit=exits, reason=np.where(exits == NEVER, NEVER, np.broadcast_to(np.asarray(reason, dtype=np.int64), size)))

    def _dispense(self, women: Ints, at: Ints, facility: Ints, service: Ints, following: Ints, supply: Ints, blank: float | None = None) -> None:
        unknown = self.rng.random(len(women)) < (self.facts.next_date_blank if blank is None else blank)
        self.dispensings.add(woman=women, date=at, facility=facility, service=service, next=np.where(unknown, NEVER, following), supply=supply)
        self.last[women], self.scheduled[women] = at, following
        self.due[women] = np.where(unknown, at + supply, following)
