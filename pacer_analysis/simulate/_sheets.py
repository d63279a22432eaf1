"""The tables beside REDCap: laboratory, dispensing, clubs, Mentor Mothers, the parent study, the allocation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.simulate._allocation import ARMS, Allocated
from pacer_analysis.simulate._draw import NEVER, Ints, choose, iso_dates, stream, whole
from pacer_analysis.simulate._flat_files import Sheet
from pacer_analysis.simulate._forms_enrolment import parent_number
from pacer_analysis.simulate._retention import MISSED, Care
from pacer_analysis.simulate._table import clock

if TYPE_CHECKING:
    from pacer_analysis.simulate._clubs import ClubList
    from pacer_analysis.simulate._draw import Texts
    from pacer_analysis.simulate._viral_loads import Samples
    from pacer_analysis.simulate._women import Cohort

REDCAP_DATE = "%dM_d,_CY"        # the format that REDCap's own Stata program sets


def laboratory(cohort: Cohort, samples: Samples) -> Sheet:
    """One row per sample; numbers run by date."""
    order = np.lexsort((samples.kind, samples.woman, samples.date))
    number = np.zeros(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    return Sheet({"record_id": cohort.record[samples.woman], "lab_number": _numbers("L", number + 100001), "sample_date": samples.date, "vl_type": samples.kind,
                  "result": samples.text, "log10_result": samples.log10, "assay_limit": samples.limit, "facility": samples.facility}, {}, {})


def art_visits(cohort: Cohort, care: Care) -> Sheet:
    """One row per dispensing."""
    rows = care.dispensings
    return Sheet({"record_id": cohort.record[rows["woman"]], "visit_date": rows["date"], "facility": rows["facility"], "service": rows["service"],
                  "next_date": rows["next"], "days_supplied": rows["supply"]}, {"next_date": REDCAP_DATE}, {})


def clubs(cohort: Cohort, list_of_clubs: ClubList, care: Care, cutoff: int, seed: int) -> Sheet:
    """One row per woman and session of her club, as the register has it at the cut-off."""
    rng, rows = stream(seed, "register"), care.register
    size, came = len(rows["woman"]), rows["attendance"] != MISSED
    present = rows["attendance"] == 1
    positive = present & (rng.random(size) < 0.06)
    referred = positive & (rng.random(size) < 0.8)
    weight = np.round(np.clip(rng.normal(71, 15, size), 38, 150), 1)
    weighed = present & (rng.random(size) < 0.93)
    left = rows["exit"] <= cutoff
    return Sheet({
        "record_id": cohort.record[rows["woman"]], "club_id": list_of_clubs.name[rows["club"]], "session_number": rows["session"] + 1, "session_date": rows["date"],
        "attendance": rows["attendance"], "pickup_date": rows["pickup"], "refill_days": rows["refill"], "symptom_screen": np.where(present, positive, NEVER),
        "referred": np.where(came, referred, NEVER), "referral_reason": np.where(referred, choose(rng, [1, 2, 3, 4], [0.25, 0.5, 0.1, 0.15], size), NEVER),
        "weight": np.where(weighed, weight, np.nan), "exit_date": np.where(left, rows["exit"], NEVER), "exit_reason": np.where(left, rows["reason"], NEVER)},
        {"pickup_date": REDCAP_DATE}, {"weight": present & ~weighed}).keep((rows["pickup"] <= cutoff) | ~came)


def mentor_mothers(cohort: Cohort, rows: dict[str, Ints]) -> Sheet:
    """One row per contact."""
    return Sheet({"record_id": cohort.record[rows["woman"]], "contact_date": rows["date"], "mode": rows["mode"], "topic": rows["topic"], "minutes": rows["minutes"]}, {}, {})


def mch_art(cohort: Cohort, seed: int) -> Sheet:
    """One row per woman who comes from the parent study."""
    rng, at = stream(seed, "parent study"), np.flatnonzero(cohort.from_parent)
    size = len(at)
    gestation = np.clip(rng.normal(21, 7, size), 6, 38).astype(np.int64)
    consent = np.maximum(cohort.art_start[at] - rng.integers(0, 8, size), 16072)
    return Sheet({
        "record_id": cohort.record[at], "mch_id": parent_number(cohort)[at], "mch_consent_date": consent, "mch_gestation": gestation,
        "mch_cd4": np.where(rng.random(size) < 0.05, NEVER, np.clip(rng.gamma(3.2, 120, size), 12, 1600).astype(np.int64)),
        "mch_log10_vl": np.round(np.clip(rng.normal(3.9, 0.9, size), 1.6, 6.5), 2), "mch_end_date": cohort.randomised[at],
        "mch_end_reason": np.full(size, 2, dtype=np.int64)}, {}, {})


def allocation(cohort: Cohort, allocated: Allocated) -> Sheet:
    """One row per woman randomised, in order of allocation."""
    order = allocated.order
    at = iso_dates(cohort.randomised) + " " + clock(allocated.minute)
    return Sheet({"id": cohort.record[order], "arm": np.array(ARMS, dtype=object)[allocated.club[order]], "stratum": allocated.stratum[order],
                  "block": whole(allocated.block[order]), "sequence": whole(allocated.sequence[order]), "allocated_at": at[order]}, {}, {})


def _numbers(letter: str, values: Ints) -> Texts:
    return np.array([f"{letter}{value:07d}" for value in values.tolist()], dtype=object)
