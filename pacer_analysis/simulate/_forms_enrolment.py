"""The forms of screening and enrolment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.simulate._draw import NEVER, Ints, Texts, choose, decimals, iso_dates, stream, where, whole
from pacer_analysis.simulate._table import Cells, Table, clock, remarks, some_missing, status, ticks
from pacer_analysis.simulate._women import AGE_YEAR, Cohort, Screened

if TYPE_CHECKING:
    from pacer_analysis.simulate._allocation import Allocated


def screening(women: Screened, seed: int) -> Table:
    """One row per woman screened."""
    rng, n = stream(seed, "screening"), len(women.record)
    reason = women.failure
    eligible, consents = (reason == 0) | (reason == 6), reason == 0
    number = np.arange(n)
    language = choose(rng, ["1", "2", "3", "4", "-99"], [0.86, 0.05, 0.03, 0.04, 0.02], n)
    decline = where(reason == 6, choose(rng, ["1", "2", "3", "4", "-99"], [0.35, 0.25, 0.15, 0.15, 0.1], n))
    cells: Cells = {
        "scr_date": iso_dates(women.screened), "scr_time": clock(rng.integers(7 * 60 + 30, 15 * 60, n)),
        "scr_staff": choose(rng, ["NM", "TD", "ZK", "PS"], [0.3, 0.3, 0.2, 0.2], n),
        "scr_name": "Synthetic Woman " + whole(number + 1001), "scr_phone": np.array([f"000{value:07d}" for value in (number + 1001).tolist()], dtype=object),
        "scr_folder": np.array([f"0{value:08d}" for value in (number * 7 + 500123).tolist()], dtype=object), "scr_dob": iso_dates(women.born),
        "scr_language": language, "scr_language_other": where(language == "-99", choose(rng, ["Shona", "French", "Xitsonga"], [0.5, 0.3, 0.2], n)),
        "scr_pregnancy_art": where(reason != 2, "1", "0"), "scr_breastfeeding": where(reason != 3, "1", "0"), "scr_vl_below400": where(reason != 4, "1", "0"),
        "scr_leaving": where(reason == 5, "1", "0"), "scr_eligible": where(eligible, "1", "0"),
        "scr_ineligible_other": np.full(n, "", dtype=object), "scr_ineligible____99": np.full(n, "0", dtype=object),
        "scr_consent": where(eligible, where(consents, "1", "0")), "scr_consent_date": where(consents, iso_dates(women.screened)), "scr_decline": decline,
        "scr_notes": remarks(rng, n, 0.05), "screening_complete": np.full(n, "2", dtype=object)}
    for code in range(1, 6):
        cells[f"scr_ineligible___{code}"] = where(reason == code, "1", "0")
    some_missing(rng, cells, ("scr_time", "scr_phone", "scr_language"))
    cells["scr_language_other"] = where(cells["scr_language"] == "-99", cells["scr_language_other"])
    return Table("screening_arm_1", "", number, np.zeros(n, dtype=np.int64), women.screened, cells)


def enrolment(cohort: Cohort, allocated: Allocated, clinic: Ints, seed: int) -> Cells:
    """Delivery and randomisation."""
    rng, n = stream(seed, "enrolment"), cohort.n
    return {
        "enr_delivery_date": iso_dates(cohort.delivery), "enr_delivery_place": choose(rng, ["1", "2", "3", "4"], [0.62, 0.24, 0.11, 0.03], n),
        "enr_delivery_mode": choose(rng, ["1", "2", "3"], [0.73, 0.1, 0.17], n), "enr_rand_date": iso_dates(cohort.randomised),
        "enr_rand_time": clock(allocated.minute), "enr_days_pp": whole(cohort.randomised - cohort.delivery), "enr_clinic": whole(clinic),
        "enr_mch_art": where(cohort.from_parent, "1", "0"), "enr_mch_id": where(cohort.from_parent, parent_number(cohort)),
        "enr_notes": remarks(rng, n, 0.08), "enrolment_complete": status(rng, n)}


def parent_number(cohort: Cohort) -> Texts:
    """The number of each woman in the parent study."""
    return np.array([f"M{value:04d}" for value in (np.cumsum(cohort.from_parent) % 10000).tolist()], dtype=object)


def baseline(cohort: Cohort, seed: int) -> Cells:
    """The baseline interview, on the day of randomisation."""
    rng, n = stream(seed, "baseline"), cohort.n
    year = cohort.randomised.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    weight, height = np.clip(rng.normal(72, 15, n), 40, 150), np.clip(np.rint(rng.normal(158, 6.5, n)), 136, 190)
    weight = np.round(weight, 1)
    height = np.where(rng.random(n) < 0.02, np.nan, height)
    with np.errstate(invalid="ignore"):
        bmi = weight * 10000 / (height * height)
    cells: Cells = {
        "bas_date": iso_dates(cohort.randomised), "bas_age": whole(np.floor((cohort.randomised - cohort.born) / AGE_YEAR)),
        "bas_education": choose(rng, ["1", "2", "3", "4"], [0.06, 0.62, 0.26, 0.06], n), "bas_partner": where(rng.random(n) < 0.42, "1", "0"),
        "bas_employed": where(rng.random(n) < 0.36, "1", "0"), "bas_housing": choose(rng, ["1", "2", "3", "-99"], [0.45, 0.4, 0.13, 0.02], n),
        **ticks(rng, "bas_assets", {"1": 0.9, "2": 0.6, "3": 0.55, "4": 0.7, "5": 0.8}, n),
        "bas_gravidity": whole(cohort.parity + rng.poisson(0.25, n)), "bas_parity": whole(cohort.parity),
        "bas_intended": choose(rng, ["1", "2", "3", "9"], [0.35, 0.4, 0.2, 0.05], n), **_contraception(rng, n),
        "bas_newly_diagnosed": where(cohort.newly_diagnosed, "1", "0"),
        "bas_diagnosis_year": where(~cohort.newly_diagnosed, whole(np.maximum(1996, year - rng.integers(1, 9, n)))), "bas_art_start": iso_dates(cohort.art_start),
        "bas_art_weeks": decimals((cohort.randomised - cohort.art_start) / 7, 1), "bas_regimen": choose(rng, ["1", "2", "3"], [0.95, 0.04, 0.01], n),
        "bas_cd4": whole(np.clip(rng.gamma(3.2, 120, n), 12, 1600), rng.random(n) < 0.06), "bas_weight": decimals(weight, 1), "bas_height": whole(np.where(np.isnan(height), NEVER, height)),
        "bas_bmi": decimals(bmi, 1), "bas_hb": decimals(np.clip(rng.normal(11.6, 1.4, n), 6.5, 16), 1), "bas_tb": where(rng.random(n) < 0.02, "1", "0"),
        "bas_health": whole(np.clip(rng.normal(78, 15, n), 5, 100)), "baseline_complete": status(rng, n)}
    some_missing(rng, cells, ("bas_intended", "bas_cd4", "bas_hb", "bas_health"))
    return cells


def _contraception(rng: np.random.Generator, n: int) -> Cells:
    cells = ticks(rng, "bas_contraception", {"1": 0.55, "2": 0.15, "3": 0.03, "4": 0.05, "5": 0.4, "_99": 0.01}, n)
    none = np.all([ticked == "0" for ticked in cells.values()], axis=0)
    return {**cells, "bas_contraception___0": where(none, "1", "0"), "bas_contraception_other": where(cells["bas_contraception____99"] == "1", "Sterilised")}
