"""REDCap's rule E: numbers far from the others of their field, as measured and on the scale of the logarithm."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

from pacer_analysis.read.convert import VALUE
from pacer_analysis.validate.summed_up import fail_or_sum_up

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger

RULE = "outlier"
NUMBERS = frozenset({"integer", "number", "comma_number"})
FEWEST_VALUES, FEWEST_DIFFERENT = 30, 10
MIXTURE = 0.01
# The chance that a field of normal or lognormal values, however many, shows an outlier; measured below 1 in 1,000 for 30 to 100,000 values.
CHANCE = 2e-4
SMALL_SAMPLES = 10.0
# The skewness of the outer tenths of n normal values has a standard error of 1.03 / sqrt(n); beyond 3.3 of them by chance in 1 of 2,000 fields.
SKEWNESS_ERROR, PLAINLY = 1.03, 3.3
# How far a quartile and a tenth of a normal distribution lie from its middle, in standard deviations.
SPREADS = ((0.25, 0.674490), (0.10, 1.281552))


def check_outliers(ledger: Ledger, table: Tidy, field: Described, known: NDArray[np.bool_] | None) -> None:
    """A remark on each value beyond the fence of its field on both scales, or as measured where that alone fits; `known` rows are findings of the range already.

    All events of a field are judged together. Fields with few values, few different values, or one value on most rows, and
    identifiers, which are numbers by accident, are not judged.
    """
    import numpy as np

    cells = table.fields.get(field.name)
    if cells is None or field.kind not in NUMBERS or field.identifier or cells.levels.typed.dtype.kind != "f":
        return
    used = np.bincount(cells.codes, minlength=len(cells.levels.raw)) * (cells.levels.status == VALUE)
    different = np.flatnonzero(used)
    numbers, counts = cells.levels.typed[different], used[different]
    total = int(counts.sum())
    if not total:
        return
    if total < FEWEST_VALUES or len(np.unique(numbers)) < FEWEST_DIFFERENT:
        ledger.cannot(RULE, "info", table, field.name, cells.where(cells.levels.status == VALUE), "too few values, or too few different ones")
        return
    fences = _fences(numbers, counts)
    if fences is None:
        ledger.cannot(RULE, "info", table, field.name, cells.where(cells.levels.status == VALUE), "most values are the same")
        return
    low, high = fences
    far = np.zeros(len(used), dtype=bool)
    far[different] = (numbers < low) | (numbers > high)
    ledger.count(RULE, "info", evaluated=total)
    rows = cells.where(far)
    if known is not None:
        rows = rows[~known[rows]]
    message = f"The value lies far from the others of this field: of {total} values, those from {_short(low)} to {_short(high)} are usual."
    fail_or_sum_up(ledger, RULE, "info", table, rows, field, message, "compare the value with the source document", many=max(5, int(MIXTURE * total)))


def _fences(numbers: NDArray[np.float64], counts: NDArray[np.intp]) -> tuple[float, float] | None:
    """The lowest and highest value within the fence of either scale; None if the values have no spread.

    The logarithm is left out where it is plainly skewed by the middle of the values, and they themselves are not.
    """
    import numpy as np

    order = np.argsort(numbers, kind="stable")
    numbers, counts = numbers[order], counts[order]
    step = float(np.diff(np.unique(numbers)).min())
    raw = _fence(numbers, counts, step)
    if raw is None or numbers[0] < 0:
        return raw
    # With zeros, as counts have them, half a step is added before the logarithm.
    shift = 0.5 * step if numbers[0] == 0 else 0.0
    scaled, small = np.log(numbers + shift), step / (_quantile(numbers, counts, 0.5) + shift)
    logarithms = _fence(scaled, counts, small)
    if logarithms is None or (_skewed(-scaled, counts, small) and not _skewed(numbers, counts, step)):
        return max(raw[0], 0.0), raw[1]
    low, high = (float(np.exp(min(end, 700.0))) - shift for end in logarithms)
    return max(min(raw[0], low), 0.0), max(raw[1], high)


def _skewed(numbers: NDArray[np.float64], counts: NDArray[np.intp], step: float) -> bool:
    """Whether the upper tenth lies farther from the middle than the lower one, by more than chance and rounding explain."""
    if numbers[0] > numbers[-1]:
        numbers, counts = numbers[::-1], counts[::-1]
    low, middle, high = (_quantile(numbers, counts, share) for share in (0.1, 0.5, 0.9))
    return high > low and (high + low - 2 * middle - step) / (high - low) > PLAINLY * SKEWNESS_ERROR / float(counts.sum()) ** 0.5


def _fence(numbers: NDArray[np.float64], counts: NDArray[np.intp], step: float) -> tuple[float, float] | None:
    """Median and robust spread as a fence that widens with the number of values; a step more allows for rounding.

    The spread is the widest that quartiles and outer tenths suggest, on the side where a skewed field is wider its own.
    """
    total, middle = int(counts.sum()), _quantile(numbers, counts, 0.5)
    below = [middle - _quantile(numbers, counts, share) for share, _ in SPREADS]
    above = [_quantile(numbers, counts, 1 - share) - middle for share, _ in SPREADS]
    if not any((*below, *above)):
        return None
    both = max((low + high + step) / (2 * width) for low, high, (_, width) in zip(below, above, SPREADS, strict=True))
    low, high = (max(both, *((side + step / 2) / width for side, (_, width) in zip(sides, SPREADS, strict=True))) for sides in (below, above))
    reach = -NormalDist().inv_cdf(CHANCE / (2 * total)) * (1 + SMALL_SAMPLES / total)
    return middle - reach * low, middle + reach * high


def _quantile(numbers: NDArray[np.float64], counts: NDArray[np.intp], share: float) -> float:
    """A quantile of sorted values that occur `counts` times, interpolated linearly."""
    import numpy as np

    ends = np.cumsum(counts)
    place = (int(ends[-1]) - 1) * share
    below = int(place)
    first, second = (numbers[min(int(np.searchsorted(ends, at, side="right")), len(numbers) - 1)] for at in (below, below + 1))
    return float(first + (place - below) * (second - first))


def _short(value: float) -> str:
    """A number with four significant digits, never with an exponent."""
    return f"{float(f'{value:.4g}'):.10f}".rstrip("0").rstrip(".")
