"""The forms of the study visits: the visit itself, adherence, EPDS, AUDIT, stigma and disclosure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.simulate._draw import NEVER, Flags, Floats, Ints, choose, decimals, iso_dates, stream, where, whole
from pacer_analysis.simulate._table import Cells, clock, remarks, some_missing, status, ticks

if TYPE_CHECKING:
    from pacer_analysis.simulate._visits import StudyVisits
    from pacer_analysis.simulate._women import Cohort

EVENTS = ("enrolment_arm_1", "month_3_arm_1", "month_6_arm_1", "month_12_arm_1", "month_18_arm_1", "month_24_arm_1")


@dataclass(frozen=True)
class Traits:
    """What each woman brings to every visit: distress, drinking and stigma behind her scores, and her weight in kg."""

    distress: Floats
    drinks: Flags
    stigma: Floats
    weight: Floats


def traits(cohort: Cohort, seed: int) -> Traits:
    """One draw per woman."""
    rng = stream(seed, "moods")
    distress = 0.4 * cohort.frailty + 0.9 * rng.standard_normal(cohort.n)
    drinks, stigma = rng.random(cohort.n) < 0.34, 0.4 * distress + rng.standard_normal(cohort.n)
    return Traits(distress, drinks, stigma, stream(seed, "weights").normal(71, 14.5, cohort.n))


def visit_forms(visits: StudyVisits, own: Traits, visit: int, forms: tuple[str, ...], seed: int) -> tuple[Ints, Cells]:
    """The women seen at a visit (positions in the cohort), and the cells of the forms that this visit has."""
    women = np.flatnonzero(visits.date[:, visit] < NEVER)
    rng, at = stream(seed, f"visit {visit}"), visits.date[women, visit]
    care = visits.in_care[women, visit]
    cells = _study_visit(rng, at, care, visits.blood[women, visit], visit, own.weight[women])
    writers = {"adherence": lambda: _adherence(rng, care), "epds": lambda: _epds(rng, at, own.distress[women]),
               "audit": lambda: _audit(rng, at, own.drinks[women]), "stigma_disclosure": lambda: _stigma(rng, at, own.stigma[women], visit)}
    for form in forms:
        if form in writers:
            cells |= writers[form]()
    return women, cells


def _study_visit(rng: np.random.Generator, at: Ints, care: Flags, blood: Flags, visit: int, own_weight: Floats) -> Cells:
    size = len(at)
    on_art = (rng.random(size) < np.where(care, 0.985, 0.35)) | (visit == 0)
    pregnant = (rng.random(size) < 0.05) & (visit > 1)
    weight = np.clip(own_weight + rng.normal(0, 4, size), 38, 150)
    dtg = (at > 17897) & (rng.random(size) < 0.08)                # first dolutegravir in 2019
    cells: Cells = {
        "vis_date": iso_dates(at), "vis_time": clock(rng.integers(7 * 60 + 30, 16 * 60, size)), "vis_place": choose(rng, ["1", "2", "3"], [0.93, 0.05, 0.02], size),
        "vis_on_art": where(on_art, "1", "0"),
        **ticks(rng, "vis_stop_reason", {"2": 0.3, "1": 0.15, "3": 0.2, "4": 0.2, "5": 0.35, "_99": 0.05}, size, ~on_art),
        "vis_regimen": where(on_art, where(dtg, "4", choose(rng, ["1", "2", "3"], [0.94, 0.04, 0.02], size))),
        "vis_vl_taken": where(blood, "1", "0"), "vis_vl_reason": where(~blood, choose(rng, ["1", "2", "3", "-99"], [0.3, 0.3, 0.35, 0.05], size)),
        "vis_weight": decimals(weight, 1), "vis_systolic": whole(systolic := np.clip(rng.normal(117, 13, size), 82, 190)),
        "vis_diastolic": whole(np.minimum(np.clip(rng.normal(75, 9, size), 48, 120), systolic - 12)), "vis_pregnant": where(pregnant, "1", "0"),
        "vis_lmp": where(pregnant, iso_dates(at - rng.integers(35, 120, size))), "vis_admitted": where((rng.random(size) < 0.025) & (visit > 0), "1", "0"),
        "vis_moved": where(rng.random(size) < 0.12, "1", "0"), "vis_health": whole(np.clip(rng.normal(80, 14, size), 5, 100)),
        "vis_notes": remarks(rng, size, 0.06), "study_visit_complete": status(rng, size)}
    some_missing(rng, cells, ("vis_time", "vis_weight", "vis_systolic", "vis_moved", "vis_health"))
    return cells


def _adherence(rng: np.random.Generator, care: Flags) -> Cells:
    size = len(care)
    missed = np.minimum(np.where(rng.random(size) < np.where(care, 0.5, 0.1), 0, rng.geometric(np.where(care, 0.35, 0.08))), 30)
    ease = np.where(missed == 0, 0.8, np.where(missed < 4, 0.55, 0.25))
    job, often = (1 + rng.binomial(5, np.clip(ease + shift, 0.05, 0.98)) for shift in (0.0, 0.08))
    score = ((30 - missed) * 100 / 30 + (job - 1) * 20 + (often - 1) * 20) / 3
    return {"adh_missed": whole(missed), "adh_job": whole(job), "adh_often": whole(often), "adh_score": decimals(np.round(score, 6), 1),
            **ticks(rng, "adh_reasons", {"1": 0.4, "2": 0.3, "3": 0.15, "4": 0.15, "5": 0.1, "_99": 0.05}, size, missed > 0),
            "adherence_complete": status(rng, size)}


def _epds(rng: np.random.Generator, at: Ints, distress: Floats) -> Cells:
    size = len(at)
    now = distress + 0.5 * rng.standard_normal(size)
    items = [rng.binomial(3, 1 / (1 + np.exp(2.1 - 1.05 * now - shift))) for shift in rng.normal(0, 0.3, 9)]
    items.append(rng.binomial(3, 1 / (1 + np.exp(5.2 - 1.3 * now))))
    return {"epds_date": iso_dates(at), **{f"epds_{number}": whole(item) for number, item in enumerate(items, start=1)}, "epds_total": whole(np.sum(items, axis=0)),
            "epds_referred": where(items[9] > 0, where(rng.random(size) < 0.95, "1", "0")), "epds_complete": status(rng, size)}


def _audit(rng: np.random.Generator, at: Ints, drinks: Flags) -> Cells:
    size = len(at)
    now = drinks & (rng.random(size) < 0.8)
    first = np.where(now, 1 + rng.binomial(3, 0.35, size), 0)
    middle = [np.where(now, rng.binomial(4, chance, size), NEVER) for chance in (0.3, 0.25, 0.12, 0.1, 0.04, 0.15, 0.1)]
    last = [2 * np.where(now, rng.binomial(2, chance, size), rng.binomial(2, 0.005, size)) for chance in (0.1, 0.12)]
    items = [first, *middle, *last]
    total = np.sum([np.where(item == NEVER, 0, item) for item in items], axis=0)
    return {"audit_date": iso_dates(at), **{f"audit_{number}": whole(item) for number, item in enumerate(items, start=1)}, "audit_total": whole(total),
            "audit_complete": status(rng, size)}


def _stigma(rng: np.random.Generator, at: Ints, stigma: Floats, visit: int) -> Cells:
    size = len(at)
    opened = (rng.random(size) >= 0.03) | (visit == 0)             # a form that was never opened holds nothing, and its boxes say 0
    items = [1 + rng.binomial(3, 1 / (1 + np.exp(0.9 - 0.8 * stigma))) for _ in range(6)]
    told = ticks(rng, "dis_to", {"1": 0.68, "2": 0.45, "3": 0.35, "4": 0.2, "5": 0.05, "_99": 0.03}, size)
    nobody = np.all([ticked == "0" for ticked in told.values()], axis=0)
    partner = told["dis_to___1"] == "1"
    cells: Cells = {
        "sti_date": iso_dates(at), **{f"sti_{number}": whole(item) for number, item in enumerate(items, start=1)}, "sti_total": whole(np.sum(items, axis=0)),
        "dis_to___0": where(nobody, "1", "0"), **told, "dis_partner_date": where(partner, iso_dates(at - rng.integers(1, 900, size))),
        "dis_partner_tested": where(partner, where(rng.random(size) < 0.6, "1", "0")), "ipv_any": choose(rng, ["0", "1", "9"], [0.8, 0.16, 0.04], size),
        "stigma_disclosure_complete": status(rng, size)}
    some_missing(rng, cells, ("dis_partner_date",))
    return {name: where(opened, cell, "0" if "___" in name or name.endswith("_complete") else "") for name, cell in cells.items()}
