"""Adjusted p values: Holm, Hochberg, fixed sequence."""

from __future__ import annotations


def holm(p_values: list[float]) -> list[float]:
    """Step down: the running maximum of (m - rank + 1) p, at most 1."""
    m, order = len(p_values), sorted(range(len(p_values)), key=lambda i: p_values[i])
    out, worst = [0.0] * m, 0.0
    for rank, i in enumerate(order):
        worst = max(worst, min(1.0, (m - rank) * p_values[i]))
        out[i] = worst
    return out


def hochberg(p_values: list[float]) -> list[float]:
    """Step up: the running minimum of (m - rank + 1) p from the largest down."""
    m, order = len(p_values), sorted(range(len(p_values)), key=lambda i: p_values[i], reverse=True)
    out, best = [0.0] * m, 1.0
    for rank, i in enumerate(order):
        best = min(best, (rank + 1) * p_values[i])
        out[i] = best
    return out


def fixed_sequence(p_values: list[float]) -> list[float]:
    """In the plan's order: the running maximum; what follows a p above the level may not be claimed."""
    out: list[float] = []
    for p in p_values:
        out.append(max([p, *out]))
    return out
