"""The stated truth of the synthetic trial: every rate, hazard and probability that generates it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Timeline:
    """Calendar of the trial; days count from delivery unless said otherwise."""

    recruitment_start: str = "2015-02-10"
    recruitment_days: int = 595
    final_cutoff: str = "2019-06-30"
    windows: tuple[tuple[int, int], ...] = ((0, 42), (43, 136), (137, 273), (274, 456), (457, 639), (640, 822))
    targets: tuple[int, ...] = (10, 91, 183, 365, 548, 731)
    # ASSUME: routine dispensing records are extracted to 100 days after the last visit's window has closed.
    routine_records_until: int = 922


@dataclass(frozen=True)
class Women:
    """Who is screened and randomised."""

    not_eligible: float = 0.16
    declining: float = 0.05
    delivery_to_randomisation: tuple[float, float] = (10.0, 0.89)   # median days, SD of the logarithm; at most 42
    below50: float = 0.88
    age: tuple[float, float] = (28.0, 5.4)
    newly_diagnosed: float = 0.55
    from_parent_study: float = 0.30
    sites: tuple[float, float, float] = (0.45, 0.30, 0.25)


@dataclass(frozen=True)
class Retention:
    """Stopping ART care: hazard per day since randomisation in the clinic arm, and what multiplies it."""

    hazard: tuple[tuple[int, float], ...] = ((0, 0.00105), (90, 0.00050), (365, 0.00038))
    club_hazard_ratio: float = 0.68
    frailty_sd: float = 0.45
    club_sd: float = 0.30
    per_ten_years_younger: float = 1.30
    newly_diagnosed: float = 1.20
    returns: float = 0.52
    gap_after_loss: float = 45.0                                    # mean days beyond the 90 that make a loss
    next_date_blank: float = 0.03
    death: float = 0.010
    transfer_proven: float = 0.030
    transfer_unproven: float = 0.020
    withdrawal: float = 0.020
    silent_transfer: float = 0.040


@dataclass(frozen=True)
class Clubs:
    """Adherence Clubs: who attends, and how."""

    size: tuple[int, int] = (25, 30)
    never_attend: float = 0.15
    attend_and_leave: float = 0.11
    every_56_days: float = 0.60                                     # the others meet every 84 days
    in_person: float = 0.80
    friend: float = 0.09
    late: float = 0.06                                              # within 5 days; the rest miss the session
    back_after_missing: float = 0.5
    exclusion_enforced: float = 0.5


@dataclass(frozen=True)
class ViralLoad:
    """Viraemia: hazard per day in care of the clinic arm, and what follows from stopping care."""

    hazard: tuple[tuple[int, float], ...] = ((0, 0.00050), (365, 0.00088))
    club_hazard_ratio: float = 0.58
    frailty_sd: float = 0.60
    club_sd: float = 0.25
    episode_days: tuple[float, float] = (30.0, 75.0)               # shortest, mean beyond it
    viraemic_when_lost: float = 0.85
    resuppressed_after_return: int = 40
    log10_mean_sd: tuple[float, float] = (4.3, 0.7)
    minor: tuple[float, float] = (0.020, 0.008)                     # 50 to 1000 copies/mL at a visit: clinic, club
    censored_at_400: float = 0.003
    log10_only: float = 0.02
    routine_done: float = 0.7


@dataclass(frozen=True)
class Visits:
    """Study visits: probability of a visit, and of a measured viral load at it, by arm (clinic, club)."""

    in_care: tuple[float, float] = (0.975, 0.985)
    out_of_care: tuple[float, float] = (0.55, 0.63)
    blood_in_care: tuple[float, float] = (0.990, 0.995)
    blood_out_of_care: tuple[float, float] = (0.92, 0.95)
    out_of_window: float = 0.015
    specimen_lost: float = 0.005
    spread_days: float = 11.0


@dataclass(frozen=True)
class Events:
    """Safety, per woman or infant over the follow-up unless said otherwise."""

    adverse_events: float = 0.55
    serious: float = 0.16                                           # of adverse events
    twins: float = 0.015
    infant_death: float = 0.010
    infant_infection: float = 0.005
    infant_events: float = 0.20
    social_harms: float = 0.025
    deviations: float = 0.12
    mentor_any: float = 0.62
    mentor_mean: float = 4.0
    breastfeeding_median_days: float = 165.0


@dataclass(frozen=True)
class Truth:
    """All that generates a synthetic trial, apart from its size and seed."""

    timeline: Timeline = field(default_factory=Timeline)
    women: Women = field(default_factory=Women)
    retention: Retention = field(default_factory=Retention)
    clubs: Clubs = field(default_factory=Clubs)
    viral_load: ViralLoad = field(default_factory=ViralLoad)
    visits: Visits = field(default_factory=Visits)
    events: Events = field(default_factory=Events)
