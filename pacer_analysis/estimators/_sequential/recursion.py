"""Probabilities of leaving a sequential test by its upper or lower bound, look by look.

Z_k is normal with mean drift * sqrt(t_k) and variance 1, with the covariance of independent increments; the density of those who went on
is carried from look to look by Simpson's rule on a grid dense where it matters. Source: Armitage, McPherson and Rowe 1969; Jennison and
Turnbull, Group Sequential Methods, 2000, section 19.2. A second way (`exits_again`) integrates the score by Gauss-Legendre panels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from pacer_analysis.errors import NotEstimable

Array = NDArray[np.float64]

FINEST = 640  # a grid of 12 * 640 points
SMALLEST_STEP = 1e-4
FAR = 40.0  # a bound beyond this is none


@dataclass(frozen=True, slots=True)
class State:
    """Those who went on from the last look: its information, grid, and density times the weight of each point."""

    t: float
    z: Array
    mass: Array


def fineness(times: tuple[float, ...]) -> int:
    """How fine a grid the smallest increment of information asks for; refuses looks with no information between them."""
    steps = [after - before for before, after in zip((0.0, *times), times, strict=False)]
    if min(steps) <= SMALLEST_STEP * times[-1]:
        raise NotEstimable("two looks with (almost) no information between them")
    narrowest = min(math.sqrt(step / after) for step, after in zip(steps, times, strict=True))
    return min(max(64, math.ceil(12 / narrowest)), FINEST)


def grid(mean: float, low: float, high: float, r: int) -> tuple[Array, Array]:
    """Points and Simpson weights on the part of the line between the bounds where a normal density with this mean has its mass."""
    i = np.arange(1, 6 * r)
    outer = np.minimum(i, 6 * r - i)
    tail = 3 + 4 * np.log(r / np.minimum(outer, r))
    x = mean + np.where(i < r, -tail, np.where(i > 5 * r, tail, -3 + 3 * (i - r) / (2 * r)))
    low, high = max(low, float(x[0])), min(high, float(x[-1]))
    if not low < high:
        return np.array([mean]), np.array([0.0])
    x = np.concatenate([[low], x[(x > low) & (x < high)], [high]])
    half = np.diff(x) / 6
    points, weights = np.empty(2 * len(x) - 1), np.zeros(2 * len(x) - 1)
    points[::2], points[1::2] = x, (x[:-1] + x[1:]) / 2
    weights[1::2] = 4 * half
    weights[:-1:2] += half
    weights[2::2] += half
    return points, weights


def beyond(state: State | None, t: float, drift: float, bound: float) -> float:
    """The probability of coming to the look at information t and being above the bound there."""
    if state is None:
        return float(ndtr(drift * math.sqrt(t) - bound))
    step = t - state.t
    return float(state.mass @ ndtr((state.z * math.sqrt(state.t) + drift * step - bound * math.sqrt(t)) / math.sqrt(step)))


def below(state: State | None, t: float, drift: float, bound: float) -> float:
    """The probability of coming to the look at information t and being below the bound there."""
    if state is None:
        return float(ndtr(bound - drift * math.sqrt(t)))
    step = t - state.t
    return float(state.mass @ ndtr((bound * math.sqrt(t) - state.z * math.sqrt(state.t) - drift * step) / math.sqrt(step)))


def go_on(state: State | None, t: float, drift: float, low: float, high: float, r: int) -> State:
    """Those who come to the look at information t and are between its bounds."""
    points, weights = grid(drift * math.sqrt(t), low, high, r)
    if state is None:
        density = np.exp(-0.5 * (points - drift * math.sqrt(t)) ** 2) / math.sqrt(2 * math.pi)
    else:
        step = t - state.t
        gap = (points[:, None] * math.sqrt(t) - state.z[None, :] * math.sqrt(state.t) - drift * step) / math.sqrt(step)
        density = np.exp(-0.5 * gap**2) @ state.mass * math.sqrt(t / step / (2 * math.pi))
    return State(t, points, density * weights)


def exits(times: tuple[float, ...], low: tuple[float, ...], high: tuple[float, ...], drift: float) -> tuple[Array, Array]:
    """Per look the probabilities of leaving below the lower and above the upper bound, for a drift at information 1."""
    r = fineness(times)
    state: State | None = None
    lower, upper = np.zeros(len(times)), np.zeros(len(times))
    for k, t in enumerate(times):
        lower[k], upper[k] = below(state, t, drift, low[k]), beyond(state, t, drift, high[k])
        if k < len(times) - 1:
            state = go_on(state, t, drift, low[k], high[k], r)
    return lower, upper


def exits_again(times: tuple[float, ...], low: tuple[float, ...], high: tuple[float, ...], drift: float) -> tuple[Array, Array]:
    """The same on the scale of the score Z * sqrt(t), by Gauss-Legendre panels narrower than the increments."""
    nodes, gauss = np.polynomial.legendre.leggauss(16)
    steps = np.diff((0.0, *times))
    points, mass = np.zeros(1), np.ones(1)
    lower, upper = np.zeros(len(times)), np.zeros(len(times))
    for k, (t, step) in enumerate(zip(times, steps, strict=True)):
        root = math.sqrt(t)
        centre = points + drift * step
        lower[k] = mass @ ndtr((low[k] * root - centre) / math.sqrt(step))
        upper[k] = mass @ ndtr((centre - high[k] * root) / math.sqrt(step))
        if k == len(times) - 1:
            break
        start, end = max(low[k] * root, drift * t - 9 * root), min(high[k] * root, drift * t + 9 * root)
        panels = max(1, math.ceil((end - start) / (2 * math.sqrt(min(step, steps[k + 1])))))
        edges = np.linspace(start, end, panels + 1)
        width = (edges[1] - edges[0]) / 2
        scores = ((edges[:-1] + edges[1:]) / 2)[:, None] + width * nodes[None, :]
        new = scores.ravel()
        density = np.exp(-0.5 * ((new[:, None] - centre[None, :]) / math.sqrt(step)) ** 2) @ mass / math.sqrt(2 * math.pi * step)
        points, mass = new, density * np.tile(gauss * width, panels)
    return lower, upper
