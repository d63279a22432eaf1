"""Conditional and predictive power, each by its formula and by numerical integration of the final z."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from pacer_analysis.estimators._witness import agreement

if TYPE_CHECKING:
    from pacer_analysis.results import Estimate

ASSUMED = {"trend": "the effect seen so far", "design": "the effect of the plan", "null": "no effect"}


def conditional(z: float, t: float, bound: float, drift: float) -> float:
    """The probability that the final z passes the bound, given z at information t and a drift from here on."""
    return float(ndtr((z * math.sqrt(t) + drift * (1 - t) - bound) / math.sqrt(1 - t)))


def predictive(z: float, t: float, bound: float) -> float:
    """Its mean over the posterior of the drift from a flat prior."""
    return float(ndtr((z - bound * math.sqrt(t)) / math.sqrt(1 - t)))


def integrated(mean: float, variance: float, bound: float) -> float:
    """The normal density with this mean and variance above the bound, by Gauss-Legendre panels."""
    nodes, weights = np.polynomial.legendre.leggauss(32)
    edges = np.linspace(bound, max(bound, mean) + 12 * math.sqrt(variance), 41)
    half = np.diff(edges) / 2
    x = (edges[:-1] + half)[:, None] + half[:, None] * nodes
    return float((half[:, None] * weights * np.exp(-((x - mean) ** 2) / (2 * variance))).sum() / math.sqrt(2 * math.pi * variance))


def powers(z: float, t: float, bound: float, drift: float, base: Estimate) -> list[Estimate]:
    """Conditional power under three assumptions, then predictive power; the statistic is z now."""
    said = f"final bound {bound:.6g}, information fraction {t:.6g}; one-sided, in the direction hoped for"
    here = replace(base, scale="absolute", statistic=z, witness="numerical integration of the final z: estimate")
    rows = []
    for term, value in (("trend", z / math.sqrt(t)), ("design", drift), ("null", 0.0)):
        ours, theirs = conditional(z, t, bound, value), integrated(z * math.sqrt(t) + value * (1 - t), 1 - t, bound)
        rows.append(replace(here, measure="conditional_power", term=term, estimate=ours, method=f"Conditional power under {ASSUMED[term]}; {said}", agreement=agreement((ours, theirs), se=1.0)))
    ours, theirs = predictive(z, t, bound), integrated(z / math.sqrt(t), (1 - t) / t, bound)
    return [*rows, replace(here, measure="predictive_power", estimate=ours, method=f"Predictive power, flat prior; {said}", agreement=agreement((ours, theirs), se=1.0))]
