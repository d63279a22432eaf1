"""Rows of a comparison with clubs in one arm: proportions, the contrast with its Satterthwaite degrees of freedom, the intraclass correlation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, stdtr, stdtrit

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._frame import arm_names, counted, has_outcome, join_notes, of_arms
from pacer_analysis.estimators._repeated import club_models, clubs, intraclass
from pacer_analysis.estimators._repeated.rows_of_people import codes, named_clusters, plain
from pacer_analysis.estimators._witness import agreement, library
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
Index = NDArray[np.intp]
FEW = 5  # clubs below which a note says that the variance between them is hardly known
NOTHING = 1e-10  # a standard error below this: rounding
MEASURES = {"risk_difference": ("rd", "difference"), "logistic": ("or", "ratio"), "cox": ("hr", "ratio")}


@dataclass(frozen=True, slots=True)
class Units:
    """Who is analysed together: per row its unit, per unit whether it is a club, and its arm."""

    unit: Index
    club: NDArray[np.bool_]
    arm: Index

    def sizes(self, arm: int) -> Index:
        """Analysed rows per club of an arm."""
        return np.asarray(np.bincount(self.unit, minlength=len(self.club))[self.club & (self.arm == arm)], dtype=np.intp)


def units_of(people: pd.DataFrame) -> Units:
    """Clubs, and everyone in none; refuses a club that people of two arms were assigned to, and people none of whom has one."""
    named = named_clusters(people)
    if (named == "").all():
        raise NotEstimable("no one with the outcome known is in a cluster", do="use an estimator without clusters")
    key = ("in " + named).mask(named == "", "alone " + people["id"].astype(str))
    unit = codes(key)
    arm = np.asarray(people["arm"].cat.codes, dtype=np.intp)
    first = np.full(int(unit.max()) + 1, -1, dtype=np.intp)
    first[unit] = arm
    if (first[unit] != arm).any():
        raise NotEstimable("a cluster has people of two arms: the clusters are not nested in the arms", do="`cluster` should be the club assigned at allocation, blank for the others")
    club = np.zeros(len(first), dtype=bool)
    club[unit] = (named != "").to_numpy()
    return Units(unit, club, first)


def in_words(units: Units, arms: Sequence[str]) -> str:
    """The clubs of each arm: `club: 8 clubs of 20 to 29, 3 people in none`."""
    parts = []
    for place, name in enumerate(arms):
        sizes, alone = units.sizes(place), int((~units.club & (units.arm == place)).sum())
        if len(sizes):
            parts.append(f"{name}: {len(sizes)} clubs of {sizes.min()} to {sizes.max()}{f', {alone} people in none' if alone else ''}")
    return "; ".join(parts) or "no clubs in these arms"


def contrasts(frame: pd.DataFrame, of: str, covariates: tuple[str, ...], *, stratified: bool, corrected: bool, level: float) -> list[Estimate]:
    """Each other arm against the reference, in pairs; the only pair of two arms is refused, one of several says why it is not estimable."""
    measure, scale = MEASURES[of]
    reference, *others = arm_names(frame)
    found = []
    for name in others:
        pair = of_arms(frame, reference, name)
        pair = pair.assign(arm=pair["arm"].cat.set_categories([reference, name]))
        blank = Estimate(measure=measure, scale=scale, contrast=f"{name} {'-' if scale == 'difference' else '/'} {reference}")
        try:
            row = _pair(pair, of, covariates, blank, stratified=stratified, corrected=corrected, level=level)
        except NotEstimable as reason:
            if len(others) == 1:
                raise
            row = replace(blank, method="Clubs in one arm", witness="none", note=reason.what)
        found.append(_counted(row, pair, of))
    return found


def _pair(frame: pd.DataFrame, of: str, covariates: tuple[str, ...], blank: Estimate, *, stratified: bool, corrected: bool, level: float) -> Estimate:
    arms = arm_names(frame)
    known = frame[has_outcome(frame)]
    reasons = [_impossible(known, units_of(known), name, place, binary=of != "cox") for place, name in enumerate(arms)]
    if any(reasons):
        return replace(blank, method="Clubs in one arm", witness="none", note=reasons[0] or reasons[1])
    fitted = {"risk_difference": club_models.least_squares, "logistic": club_models.logistic, "cox": club_models.cox}[of](frame, covariates, stratified=stratified)
    people = frame[fitted.analysed]
    units = units_of(people)
    crude = of == "risk_difference" and not covariates and not stratified
    in_both = all(len(units.sizes(place)) for place in (0, 1))
    if crude:
        value, se, df = clubs.difference(_arm(people, units, 1), _arm(people, units, 0), corrected=corrected)
    else:
        value = fitted.ours.coefficients[0]
        se, df = clubs.combined(clubs.parts_of(fitted.ours.influence[:, 0], units.unit, units.club, units.arm), corrected=corrected)
    theirs = None
    if fitted.theirs is not None:
        theirs = (float(fitted.theirs.coefficients[0]), *clubs.one_by_one(fitted.theirs.influence[:, 0], units.unit, units.club, units.arm, corrected=corrected))
    few = "; ".join(f"{len(units.sizes(place))} clubs only in arm {name}: the variance between clubs is hardly known" for place, name in enumerate(arms) if 0 < len(units.sizes(place)) < FEW)
    method = (f"{'Difference in proportions' if crude else fitted.words}; clubs as clusters ({in_words(units, arms)}), everyone else one by one; variance between clubs times "
              f"K / (K - 1), t with Satterthwaite's df{', corrected for what is estimated' if corrected and not in_both else ''}")
    row = replace(blank, method=method, level=level, note=join_notes(few, fitted.note), witness=f"{fitted.witness}, clubs one by one: estimate, se, p")
    return _wald(row, (float(value), float(se), float(df)), theirs)


def _impossible(people: pd.DataFrame, units: Units, name: str, place: int, *, binary: bool) -> str:
    """Why nothing can be said of an arm."""
    if len(units.sizes(place)) == 1:
        return f"one club only in arm {name}: the variance between clubs cannot be seen"
    outcomes = plain(people.loc[people["arm"] == name, "outcome"]) if binary else np.array([])
    return f"{'only' if outcomes.max() else 'no'} events in arm {name}" if len(outcomes) and outcomes.min() == outcomes.max() else ""


def _arm(people: pd.DataFrame, units: Units, place: int) -> clubs.Arm:
    outcome = plain(people["outcome"])
    events, size = np.bincount(units.unit, weights=outcome), np.bincount(units.unit).astype(float)
    club, alone = units.club & (units.arm == place), ~units.club & (units.arm == place)
    return clubs.arm(events[club], size[club], float(events[alone].sum()), float(size[alone].sum()))


def _wald(blank: Estimate, ours: tuple[float, ...], theirs: tuple[float, ...] | None) -> Estimate:
    value, se, df = ours
    assert blank.level is not None  # set by the caller
    if not se > NOTHING:
        return replace(blank, level=None, witness="none", note=join_notes(blank.note, "no variation within the arms"))
    width = float(stdtrit(df, 0.5 + blank.level / 2)) * se
    shown = [float(np.exp(number)) if blank.scale == "ratio" else number for number in (value, value - width, value + width)]
    row = replace(blank, estimate=shown[0], se=se, low=shown[1], high=shown[2], statistic=value / se, df=df, p=float(2 * stdtr(df, -abs(value / se))), sides=2)
    if theirs is None:
        return replace(row, witness="none")
    again = float(2 * stdtr(theirs[2], -abs(theirs[0] / theirs[1])))
    return replace(row, agreement=agreement((value, theirs[0]), (se, theirs[1]), se=se, p=(float(2 * stdtr(df, -abs(value / se))), again)))


def proportions(frame: pd.DataFrame, level: float) -> list[Estimate]:
    """Proportion per arm, its interval on the logit scale."""
    people = frame[has_outcome(frame)]
    units = units_of(people)
    found = []
    for place, name in enumerate(arm_names(frame)):
        blank = Estimate(measure="proportion", scale="absolute", arm=name, witness="none")
        reason = _impossible(people, units, name, place, binary=True)
        inside = people["arm"] == name
        if reason or not inside.any():
            found.append(counted(replace(blank, method="Proportion", note=reason or f"no one with the outcome known in arm {name}"), of_arms(frame, name)))
            continue
        arm = _arm(people, units, place)
        p, (se, df) = float(arm.proportion), (float(number) for number in clubs.combined(arm.parts, corrected=False))
        apart = units_of(people[inside]) if len(units.sizes(place)) else None
        outcome = plain(people.loc[inside, "outcome"])
        influence = (outcome - outcome.mean()) / len(outcome)
        again = math.sqrt(math.fsum(influence**2)) if apart is None else clubs.one_by_one(influence, apart.unit, apart.club, np.zeros(len(apart.club), dtype=np.intp), corrected=False)[0]
        if se < NOTHING:
            found.append(counted(replace(blank, method="Proportion", estimate=p, note=f"clubs of arm {name} do not differ at all: no variance between them can be seen"), of_arms(frame, name)))
            continue
        width = float(stdtrit(df, 0.5 + level / 2)) * se / (p * (1 - p))
        row = replace(blank, method=f"Proportion; {_words(units, place)}; t interval on the logit scale", estimate=p, se=se,
                      low=float(expit(logit(p) - width)), high=float(expit(logit(p) + width)), level=level, df=df, witness="clubs one by one: estimate, se",
                      agreement=agreement((p, float(outcome.mean())), (se, again), se=se))
        found.append(counted(row, of_arms(frame, name)))
    return found


def _words(units: Units, place: int) -> str:
    sizes = units.sizes(place)
    return f"variance between {len(sizes)} clubs times K / (K - 1)" if len(sizes) else "binomial variance"


def correlations(frame: pd.DataFrame, level: float, *, interval: str) -> list[Estimate]:
    """The intraclass correlation in each arm that has clubs."""
    people = frame[has_outcome(frame)]
    units = units_of(people)
    found = []
    words = {"searle": "Searle's F interval", "smith": "Smith's large-sample interval"}[interval]
    for place, name in enumerate(arm_names(frame)):
        club = units.club & (units.arm == place)
        if not club.any():
            continue
        inside = club[units.unit]
        outcome, unit = plain(people["outcome"])[inside], units.unit[inside]
        blank = Estimate(measure="icc", scale="absolute", arm=name, witness="none",
                         method=f"Intraclass correlation by analysis of variance over {int(club.sum())} clubs; se Smith's; {words}, not cut off at 0")
        size = np.bincount(unit, minlength=len(club))[club].astype(float)
        try:
            ours = intraclass.from_totals(np.bincount(unit, weights=outcome, minlength=len(club))[club], size, level, interval=interval)
        except NotEstimable as reason:
            found.append(counted(replace(blank, note=reason.what), of_arms(frame, name)))
            continue
        theirs = intraclass.from_people([outcome[unit == place] for place in np.flatnonzero(club)], level, interval=interval)
        row = replace(blank, estimate=ours.estimate, se=ours.se, low=ours.low, high=ours.high, level=level, note="below 0: clubs differ less than chance has it" if ours.estimate < 0 else "",
                      witness=f"{library('scipy')}'s analysis of variance: estimate, se, low, high",
                      agreement=agreement((ours.estimate, theirs.estimate), (ours.se, theirs.se), (ours.low, theirs.low), (ours.high, theirs.high), se=ours.se))
        found.append(counted(row, of_arms(frame, name)))
    return found


def _counted(row: Estimate, pair: pd.DataFrame, of: str) -> Estimate:
    if of != "cox":
        return counted(row, pair)
    from pacer_analysis.estimators._survival.model import analysed_rows, counted_people

    return counted_people(row, pair, analysed_rows(pair)[0])
