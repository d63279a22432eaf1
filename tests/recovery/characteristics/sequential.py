"""Interim looks, power and size, re-randomisation, several hypotheses."""

from __future__ import annotations

import math
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from pacer_analysis.estimators import ESTIMATORS
from pacer_analysis.estimators.multiplicity import Hierarchy, Hypothesis, claims, fixed_sequence, hochberg, holm
from pacer_analysis.results import Estimate
from tests.recovery.characteristics import binary, clocks
from tests.recovery.characteristics.lines import ALTERNATIVE, NULL, Quantity
from tests.recovery.characteristics.study import (
    ALWAYS,
    IMPUTED,
    SIZE,
    Seen,
    Study,
    both,
    conservative,
    flag,
    nearly,
    row_of,
    seen,
    test_only,
    value_only,
)
from tests.recovery.characteristics.trials import N, arms, bernoulli

WALD = {"interval": "wald"}
P0, P1 = binary.RISKS[ALTERNATIVE]
HALF = N // 2
# The information that 412 women give under the alternative, and the power with which it tells the risks apart.
INFORMATION = 1 / (P0 * (1 - P0) / HALF + P1 * (1 - P1) / HALF)
POWER = float(ndtr((P1 - P0) * math.sqrt(INFORMATION) + ndtri(0.025)))
LOOKS: dict[str, Any] = {"of": "risk_difference", "options": WALD, "measure": "rd", "planned_information": INFORMATION, "information_from": "variance", "power": POWER}


def _two_looks(data: pd.DataFrame, _: int, spending: str) -> dict[str, Seen]:
    """Half of the women, then all of them if the bound was not crossed."""
    run = partial(ESTIMATORS["group_sequential"], **LOOKS, fractions=(0.5, 1.0), spending=spending)
    rows = run(data.iloc[:HALF])
    first = row_of(rows, "efficacy_bound", term="look 1")
    if not first.note.startswith("crossed"):
        at = (row_of(rows, "information_fraction", term="look 1").estimate or 0.0) * INFORMATION
        rows = run(data, information=(at,), z=(first.statistic or 0.0,), final=True)
    crossed = any(row.note.startswith("crossed") for row in rows if row.measure == "efficacy_bound" and row.statistic is not None)
    last = row_of(rows, "rd", term="adjusted for the looks")
    return {"any bound crossed": flag(crossed), "rd adjusted for the looks": seen(last), "adjusted p": test_only(last),
            "estimate above the truth": value_only(last.estimate)}


def _above(found: dict[str, Seen], truth: float) -> dict[str, Seen]:
    return found | {"estimate above the truth": flag(found["estimate above the truth"][0] > truth)}


def looked_at(rng: np.random.Generator, truth: str) -> tuple[pd.DataFrame, float]:
    clinic, club = binary.RISKS[truth]
    return binary.binomial(rng, truth), club - clinic


def _sequential(spending: str) -> Any:
    return lambda data, seed: _above(_two_looks(data[0], seed, spending), data[1])


MEDIAN = "rd adjusted for the looks"
SEQUENTIAL = {"any bound crossed": SIZE, MEDIAN: Quantity(binary.CRUDE["rd"].truth, unbiased=False), "adjusted p": SIZE,
              "estimate above the truth": Quantity(unbiased=False, expected=both(0.5))}


def _conditional(data: pd.DataFrame, _: int, term: str) -> dict[str, Seen]:
    """Conditional power at half of the women, less what became of the trial."""
    rows = ESTIMATORS["conditional_power"](data.iloc[:HALF], **LOOKS)
    z = row_of(ESTIMATORS["risk_difference"](data, **WALD), "rd").statistic or 0.0
    return {"conditional power less rejection": value_only((row_of(rows, "conditional_power", term=term).estimate or 0.0) - (z >= -ndtri(0.025)))}


@cache
def planned(formula: str) -> tuple[int, float]:
    """Women per arm, or events in all, and the power said to go with them."""
    empty = pd.DataFrame({"id": ["SYN-0"]})
    if formula in {"plain", "continuity"}:
        options: dict[str, Any] = {"reference": P0, "other": P1, "formula": formula}
        n = int(row_of(ESTIMATORS["sample_size"](empty, **options), "sample_size", term="reference arm").estimate or 0)
        trial = pd.DataFrame({"id": [f"SYN-{k}" for k in range(2 * n)], "arm": arms((np.arange(2 * n) % 2).astype(float)), "outcome": 1.0, "observed": True})
        return n, float(row_of(ESTIMATORS["sample_size"](trial, **options), "power").estimate or 0.0)
    options = {"outcome": "time", "hazard_ratio": math.exp(clocks.LOG_HAZARD[ALTERNATIVE]), "formula": formula}
    n = int(row_of(ESTIMATORS["sample_size"](empty, **options), "events_needed").estimate or 0)
    trial = pd.DataFrame({"id": [f"SYN-{k}" for k in range(n)], "arm": arms((np.arange(n) % 2).astype(float)), "time": 1.0, "status": 1})
    return n, float(row_of(ESTIMATORS["sample_size"](trial, **options), "power").estimate or 0.0)


def of_size(rng: np.random.Generator, truth: str, formula: str) -> pd.DataFrame:
    n = planned(formula)[0]
    arm = (np.arange(2 * n) % 2).astype(float)
    y = bernoulli(rng, np.where(arm == 1, *binary.RISKS[truth][::-1]))
    return pd.DataFrame({"id": np.arange(2 * n).astype(str), "arm": arms(arm), "outcome": y, "observed": True})


def until_events(rng: np.random.Generator, truth: str, formula: str) -> pd.DataFrame:
    """Twice as many women as events; all follow-up ends with the last event that is needed."""
    n = planned(formula)[0]
    arm = (np.arange(2 * n) % 2).astype(float)
    day = rng.exponential(size=2 * n) / np.exp(clocks.LOG_HAZARD[truth] * arm)
    end = np.sort(day)[n - 1]
    return pd.DataFrame({"id": np.arange(2 * n).astype(str), "arm": arms(arm), "time": np.minimum(day, end), "status": (day <= end).astype(int)})


def _difference_found(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    return {"rejection": test_only(row_of(ESTIMATORS["risk_difference"](data), "rd"))}


def _log_rank_found(data: pd.DataFrame, _: int) -> dict[str, Seen]:
    return {"rejection": test_only(row_of(ESTIMATORS["logrank"](data), "chisq"))}


def _power(formula: str) -> Quantity:
    return Quantity(unbiased=False, expected={ALTERNATIVE: planned(formula)[1]})


def blocked(rng: np.random.Generator, truth: str) -> pd.DataFrame:
    """Stratified blocks, a prognosis, and the list's blocks in the frame."""
    who = binary.people(rng)
    return binary.with_outcome(who, binary.outcomes(rng, who, truth), block=who.block.astype(str))


def _rerandomised(data: pd.DataFrame, seed: int, of: str, **options: Any) -> dict[str, Seen]:
    return {"test": test_only(row_of(ESTIMATORS["randomisation_test"](data, of=of, seed=seed, draws=999, **options), "p"))}


def three_tests(rng: np.random.Generator, truth: str) -> tuple[list[float], list[bool]]:
    """Two-sided p of three statistics correlated 0.5, and which hypotheses are true: under the alternative the first is not."""
    z = math.sqrt(0.5) * (rng.standard_normal() + rng.standard_normal(3))
    z[0] += {NULL: 0.0, ALTERNATIVE: 2.8}[truth]
    return [float(2 * ndtr(-abs(value))) for value in z], [truth == NULL, True, True]


def _families(data: tuple[list[float], list[bool]], _: int) -> dict[str, Seen]:
    p, true = data
    found = {name: flag(any(a <= 0.05 for a, t in zip(adjust(p), true, strict=True) if t)) for name, adjust in (("Holm", holm), ("Hochberg", hochberg), ("fixed sequence", fixed_sequence))}
    rows = [Estimate(id=name, analysis=name, measure="rd", p=value) for name, value in zip("abc", p, strict=True)]
    said = claims(rows, Hierarchy(((Hypothesis("a"),), (Hypothesis("b"), Hypothesis("c")))))
    return found | {"hierarchy": flag(any(claim.claimed for claim, t in zip(said, true, strict=True) if t))}


FAMILY = conservative(ALWAYS, "three hypotheses correlated 0.5, or one of them false: the family-wise error is at most 0.05 (Holm 1979; Hochberg 1988; Sarkar 1998)")
ASYMPTOTIC = "the formula is asymptotic and takes the variance, or the share of the arms at risk, as constant (Schoenfeld 1981; Freedman 1982)"
DECIDED = {"conditional power less rejection": Quantity(both(0.0))}

STUDIES = (
    Study("group_sequential", "two looks, O'Brien-Fleming", looked_at, _sequential("obrien_fleming"), SEQUENTIAL),
    Study("group_sequential", "two looks, Pocock", looked_at, _sequential("pocock"), SEQUENTIAL, replicates=IMPUTED, truths=(NULL,)),
    Study("conditional_power", "design", binary.binomial, partial(_conditional, term="design"), DECIDED, truths=(ALTERNATIVE,)),
    Study("conditional_power", "null", binary.binomial, partial(_conditional, term="null"), DECIDED, truths=(NULL,)),
    Study("sample_size", "two proportions, power 0.8", partial(of_size, formula="plain"), _difference_found, {"rejection": nearly(_power("plain"), "test", 0.01, ASYMPTOTIC)}, truths=(ALTERNATIVE,)),
    Study("sample_size", "log-rank, Schoenfeld, power 0.8", partial(until_events, formula="schoenfeld"), _log_rank_found,
          {"rejection": nearly(_power("schoenfeld"), "test", 0.02, ASYMPTOTIC)}, truths=(ALTERNATIVE,)),
    Study("sample_size", "log-rank, Freedman, power 0.8", partial(until_events, formula="freedman"), _log_rank_found,
          {"rejection": nearly(_power("freedman"), "test", 0.03, ASYMPTOTIC)}, truths=(ALTERNATIVE,)),
    Study("randomisation_test", "of risk_difference, blocks in strata", blocked, partial(_rerandomised, of="risk_difference"), {"test": SIZE}, replicates=IMPUTED),
    Study("randomisation_test", "of logrank, strata", partial(clocks.in_strata, covariates=False), partial(_rerandomised, of="logrank", options={"stratified": True}), {"test": SIZE}, replicates=IMPUTED),
    Study("multiplicity", "family-wise error of three", three_tests, _families, dict.fromkeys(("Holm", "Hochberg", "fixed sequence", "hierarchy"), FAMILY)),
)
