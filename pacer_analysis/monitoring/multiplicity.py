"""Which of many comparisons are beyond chance: a false-discovery rate over all comparisons of a measure, and the outer funnel limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacer_analysis.monitoring.findings import Finding

# ASSUME: central monitoring flags a comparison whose false-discovery rate (Benjamini and Hochberg, over all comparisons of its measure) is at most 1%, whose own p is at most 0.002 (the 99.8% limit of a funnel plot) and whose size matters (stated per measure).
FALSE_DISCOVERY, OUTER_LIMIT = 0.01, 0.002
RULE = ("A comparison is flagged if its false-discovery rate over all comparisons of its measure (Benjamini and Hochberg, Journal of the Royal Statistical Society B "
        "1995;57:289-300) is at most 1%, its own p at most 0.002 (the 99.8% limit), and its size matters.")


def adjusted(p_values: Sequence[float]) -> list[float]:
    """The p-values adjusted to control the false-discovery rate.

    Benjamini and Hochberg, Journal of the Royal Statistical Society B 1995;57:289-300.
    """
    order = sorted(range(len(p_values)), key=lambda place: -p_values[place])
    found = [0.0] * len(p_values)
    least = 1.0
    for rank, place in zip(range(len(p_values), 0, -1), order, strict=True):
        least = min(least, p_values[place] * len(p_values) / rank)
        found[place] = least
    return found


def flags(findings: Sequence[Finding]) -> list[str]:
    """The flag of each finding of one measure: its lean if it is beyond chance, else nothing."""
    tested = [place for place, finding in enumerate(findings) if finding.p is not None]
    false_discovery = dict(zip(tested, adjusted([findings[place].p or 0.0 for place in tested]), strict=True))
    return [finding.lean if finding.p is not None and finding.p <= OUTER_LIMIT and false_discovery[place] <= FALSE_DISCOVERY else ""
            for place, finding in enumerate(findings)]
