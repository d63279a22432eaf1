"""A frame with its blanks imputed m times, and each of the completed frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from pacer_analysis.errors import NotEstimable, PlanError
from pacer_analysis.estimators._imputation import chains as chained
from pacer_analysis.estimators._imputation.streams import streams
from pacer_analysis.estimators._imputation.variables import MODELS
from pacer_analysis.estimators._imputation.wide import Wide, label_of, widen

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Settings:
    """How to impute: what the plan's options say."""

    auxiliary: tuple[str, ...]
    covariates: tuple[str, ...]
    models: Mapping[str, str]
    m: int
    burn_in: int
    seed: int
    donors: int
    below: float | None
    log10: bool


@dataclass(frozen=True, slots=True)
class Imputed:
    """The frame, its people, and the chains of each group."""

    frame: pd.DataFrame
    wide: Wide
    chains: dict[str, chained.Chains]
    settings: Settings

    @property
    def blanks(self) -> int:
        """How many outcomes were imputed."""
        return int(self.wide.wanted.sum())


def impute(frame: pd.DataFrame, settings: Settings) -> Imputed:
    """The imputations of a frame; refuses what has no one to learn from."""
    if settings.m < 2:
        raise PlanError("multiple imputation needs at least two imputations", where="option `m`", do="write 2 or more")
    if settings.burn_in < 1 or settings.donors < 1:
        raise PlanError("burn_in and donors are at least 1", where="options `burn_in`, `donors`", do="write 1 or more")
    target = _target(frame, settings)
    wide = widen(frame, auxiliary=settings.auxiliary, covariates=settings.covariates, models=settings.models, log10=settings.log10, target=target)
    found = {}
    for number, (arm, people) in enumerate(wide.groups):
        variables = [v.of(people) for v in wide.variables]
        where = f" in arm {arm}" if arm else ""
        found[arm] = chained.impute(variables, streams(settings.seed, settings.m, number), rounds=settings.burn_in, donors=settings.donors, where=where)
    return Imputed(frame, wide, found, settings)


def _target(frame: pd.DataFrame, settings: Settings) -> str:
    if settings.below is not None:
        if "value" not in frame or "outcome" not in frame:
            raise PlanError("the option `below` re-derives the outcome from the column `value`, which the frame does not have", where="option `below`",
                            do="name the measurement that the outcome is derived from, or remove the option")
        return "value"
    return "outcome" if "outcome" in frame else ""


def completed(imputed: Imputed, i: int, shift: Mapping[str, float] | None = None) -> pd.DataFrame:
    """The frame of imputation i; `shift` moves what was imputed in an arm: log odds of a yes, else the number itself (logarithm where taken)."""
    wide, settings = imputed.wide, imputed.settings
    frame = imputed.frame.copy(deep=False)
    if wide.target:
        table = filled(imputed, i, shift)
        outcome = imputed.frame["outcome"].to_numpy(dtype=float, na_value=np.nan).copy()
        found = table[wide.person, wide.visit]
        if settings.below is not None:
            limit = np.log10(settings.below) if settings.log10 else settings.below
            found = (found < limit).astype(float)
        elif settings.log10:
            found = 10.0**found
        outcome[wide.wanted] = found[wide.wanted]
        frame["outcome"] = outcome
    for name in wide.covariates:
        v = next((v for v in wide.variables if v.name == name), None)
        if v is None or not v.blank.any():
            continue
        values = v.given.copy()
        for arm, people in wide.groups:
            blank = people[v.blank[people]]
            if len(blank):
                values[blank] = imputed.chains[arm].drawn[name][i]
        frame[name] = _named(v.levels, values[wide.person], imputed.frame[name])
    return frame


def _named(levels: tuple[object, ...], values: Array, like: pd.Series[float]) -> Array | NDArray[np.object_] | pd.Categorical:
    """Categories by their names again, in the order of the column they come from; numbers as they are."""
    if not levels or levels == (0, 1):
        return values
    names = np.array(levels, dtype=object)[values.astype(int)]
    return pd.Categorical(names, dtype=like.dtype) if isinstance(like.dtype, pd.CategoricalDtype) else names


def filled(imputed: Imputed, i: int, shift: Mapping[str, float] | None = None) -> Array:
    """People by visits: the imputed column of imputation i, its blanks filled."""
    wide = imputed.wide
    by_name = {v.name: v for v in wide.variables}
    table = np.full((int(wide.person.max()) + 1, len(wide.visits)), np.nan)
    for place in range(len(wide.visits)):
        name = label_of(wide, place)
        if name in wide.unlearnt:
            continue
        v = by_name[name]
        table[:, place] = v.given
        for arm, people in wide.groups:
            blank = people[v.blank[people]]
            if not len(blank):
                continue
            delta = (shift or {}).get(arm, 0.0)
            chain = imputed.chains[arm]
            if not delta:
                table[blank, place] = chain.drawn[name][i]
            elif name in chain.decided:
                eta, u = chain.decided[name]
                table[blank, place] = u[i] < expit(eta[i] + delta)
            else:
                table[blank, place] = chain.drawn[name][i] + delta
    return table


def said(imputed: Imputed) -> str:
    """How the imputations were made, in words."""
    wide, settings = imputed.wide, imputed.settings
    names = [v for v in wide.variables if v.blank.any()]
    models = dict.fromkeys(MODELS[v.model] + (f" with {settings.donors} donors" if v.model == "pmm" else "") for v in names)
    within = "within arm" if len(wide.groups) > 1 else "over everyone"
    helped = [name for name in dict.fromkeys(v.name for v in wide.variables) if not wide.target or name not in {label_of(wide, k) for k in range(len(wide.visits))}]
    parts = [f"multiple imputation by chained equations {within}" if len(names) > 1 else f"multiple imputation {within}",
             f"m = {settings.m}", f"{settings.burn_in} rounds" if len(names) > 1 else "", f"seed {settings.seed}", " and ".join(models),
             f"predictors: {', '.join(helped)}" if helped else "", "all visits predict each other" if len(wide.visits) > 1 else "",
             f"of {'log10 ' if settings.log10 else ''}value, the outcome then derived as value < {settings.below:.10g}" if settings.below is not None else ""]
    return ", ".join(part for part in parts if part)


def warned(imputed: Imputed) -> str:
    """What the notes of all rows say: outcomes and predictors that were left out, and whether the chains have forgotten their start."""
    dropped = dict.fromkeys(name for chain in imputed.chains.values() for name in chain.dropped)
    found = [r for chain in imputed.chains.values() if (r := r_hat(chain.trace[..., 0])) is not None]
    rounds = imputed.settings.burn_in
    return "; ".join(part for part in (
        f"not imputed: {', '.join(imputed.wide.unlearnt)} (known for no one in an arm)" if imputed.wide.unlearnt else "",
        f"largest R-hat of the chains' means {max(found):.3f} (rounds {rounds // 2 + 1} to {rounds})" if found else "",
        f"not used as predictors where constant or collinear: {', '.join(dropped)}" if dropped else "") if part)


def r_hat(means: Array) -> float | None:
    """The largest potential scale reduction of (rounds, variables, chains) over the second half (Gelman and Rubin 1992); nothing for fewer than four rounds of it."""
    late = means[len(means) // 2:]
    if len(late) < 4:
        return None
    within, between = late.var(axis=0, ddof=1).mean(axis=1), late.mean(axis=0).var(axis=1, ddof=1)
    moving = within > 0
    return float(np.sqrt((len(late) - 1) / len(late) + between[moving] / within[moving]).max()) if moving.any() else None


def refuse_nothing(imputed: Imputed) -> None:
    """Refuses a frame whose outcomes are all known: there is nothing to shift."""
    if not imputed.blanks:
        raise NotEstimable("no outcome is missing")
