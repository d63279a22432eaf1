"""Preference for certain last digits of measured numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pacer_analysis.monitoring.digits import last_digits
from pacer_analysis.monitoring.findings import Finding, Said, Shape, about

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.monitoring.tables import Tables

TITLE = "Last digits"
METHOD = ("Pearson's chi-square of the last recorded digits against equal shares, where the range is wide enough for them to be equal: at least 100 values, quartiles ten steps "
          "apart, no pile at either end; values at a limit are left out. Recorded decimals and steps (tens, fives) are taken from the data. Benford's law is "
          "about first digits over several orders of magnitude and is not used for bounded measurements.")
FEWEST_PER_DIGIT = 5
# ASSUME: a preference for last digits matters from an effect size w (Cohen) of 0.15 on; a digit at 15% instead of 10% and the others even gives 0.17.
MATTERS = 0.15


def digit_preference(tables: Tables) -> Said:
    """The last digit that stands out most, for every measured number with enough values, over all sites and at each."""
    import numpy as np

    said = Said()
    for table in tables.tables:
        for column in (column for column in table.of_kind("number") if column.read):
            digits = last_digits(table.numbers(column.name))
            if digits is None:
                continue
            site = table.site[digits.rows]
            for code, name in enumerate(("", *(tables.sites if tables.has_sites else ())), start=-1):
                own = digits.digit if code < 0 else digits.digit[site == code]
                if len(own) < FEWEST_PER_DIGIT * len(digits.classes):
                    continue
                counts = np.bincount(own, minlength=10)[list(digits.classes)]
                said.findings.append(Finding(about(table, column), site=name, **_tested(counts, digits.classes, digits.step, digits.left_out)))
                if code < 0:
                    said.shapes += [Shape(about(table, column), "", float(digit), int(count), len(own) / len(counts))
                                    for digit, count in zip(digits.classes, counts, strict=True)]
    return said


def _tested(counts: NDArray[np.int64], classes: tuple[int, ...], step: float, left_out: int) -> dict[str, Any]:
    import numpy as np
    from scipy.special import chdtrc

    size, due = int(counts.sum()), float(counts.sum()) / len(counts)
    statistic = float(np.sum((counts - due) ** 2)) / due
    most = int(np.argmax(counts))
    note = f"{classes[most]} is the commonest last digit; recorded in steps of {step:g}"
    note += f"; {left_out} value{'s' if left_out > 1 else ''} at a limit left out" if left_out else ""
    return {"n": size, "value": float(counts[most]) / size, "expected": 1 / len(counts), "statistic": statistic, "p": float(chdtrc(len(counts) - 1, statistic)),
            "lean": "uneven" if math.sqrt(statistic / size) >= MATTERS else "", "note": note}
