"""The only place where a number becomes text: one rounding rule, half up on the number's 10 significant digits."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

MINUS = "\N{MINUS SIGN}"
GROUPED_FROM = 10_000
MOST_DECIMALS = 6
# Particle Data Group, Review of Particle Physics, introduction 5.3: if the three leading digits of the error
# lie between 100 and 354, two digits of the error are kept, between 355 and 949 one, above that one of 1000.
TWO_DIGITS_UP_TO = 354
ONE_DIGIT_UP_TO = 949


def rounded(value: float, decimals: int) -> str:
    """The value with this many decimals, half up, a true minus sign and a comma from 10,000 on."""
    exact = Decimal(format(value, ".10g")).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = format(abs(exact), ",f" if abs(exact) >= GROUPED_FROM else "f")
    return MINUS + text if exact < 0 else text


def is_zero(text: str) -> bool:
    """True if the printed number has no digit but zero."""
    return not any(digit in text for digit in "123456789")


def decimals_for(se: float | None, *, least: int = 0, most: int = MOST_DECIMALS, unknown: int = 2) -> int:
    """Decimals that the standard error warrants: one or two of its own digits, by the Particle Data Group's rule."""
    if se is None or not math.isfinite(se) or se <= 0:
        return max(least, unknown)
    exponent = math.floor(math.log10(se))
    leading = int(Decimal(format(se / 10.0 ** (exponent - 2), ".10g")).to_integral_value(rounding=ROUND_HALF_UP))
    if leading > ONE_DIGIT_UP_TO:
        exponent, digits = exponent + 1, 2
    else:
        digits = 2 if leading <= TWO_DIGITS_UP_TO else 1
    return min(most, max(least, digits - 1 - exponent))


def count(value: float) -> str:
    """A whole number."""
    return rounded(value, 0)


def of(part: float, total: float) -> str:
    """`part/total`, the form in which a percentage shows its denominator."""
    return f"{count(part)}/{count(total)}"


def percent(share: float) -> str:
    """A proportion as a percentage with one decimal; never 0.0% or 100.0% for what is not exactly none or all."""
    text = rounded(100 * share, 1)
    if share > 0 and is_zero(text):
        return "<0.1%"
    if share < 1 and text == "100.0":
        return ">99.9%"
    return f"{text}%"


def points(share: float, decimals: int) -> str:
    """A difference of two proportions in percentage points."""
    return rounded(100 * share, decimals)


def percent_of(part: float, total: float) -> str:
    """`part` of `total` as a percentage; a dash of zero cases is the caller's to explain."""
    return percent(part / total) if total else f"{count(part)} of 0"


def percent_interval(low: float, high: float) -> tuple[str, str, str]:
    """The two limits of a proportion in percent, in three pieces that align: 9.3, to, 16.1."""
    return rounded(100 * low, 1), "to", rounded(100 * high, 1)


def percent_tick(share: float) -> str:
    """A proportion on an axis: whole percent, a decimal only where the ticks need one."""
    whole = 100 * share
    return f"{rounded(whole, 0 if abs(whole - round(whole)) < 1e-9 else 1)}%"


def percent_at(share: float, decimals: int) -> str:
    """A proportion on an axis with as many decimals of its percentage as tell the ticks apart."""
    return f"{rounded(100 * share, decimals)}%"


def ratio(value: float) -> str:
    """A ratio with two decimals; never 0.00."""
    text = rounded(value, 2)
    return "<0.01" if value > 0 and is_zero(text) else text


def interval(low: float, high: float, decimals: int) -> tuple[str, str, str]:
    """Two limits on the scale of the estimate, in three pieces that align."""
    return rounded(low, decimals), "to", rounded(high, decimals)


def interval_decimals(low: float | None, high: float | None, decimals: int) -> int:
    """As many decimals as keep a limit that is not zero from printing as zero (it decides what the reader concludes)."""
    for more in range(decimals, min(decimals + 2, MOST_DECIMALS)):
        if all(limit in (None, 0) or not is_zero(rounded(limit or 0.0, more)) for limit in (low, high)):
            return more
    return min(decimals + 2, MOST_DECIMALS)


def ratio_interval(low: float, high: float) -> tuple[str, str, str]:
    """Two limits of a ratio."""
    return ratio(low), "to", ratio(high)


def p_value(p: float) -> str:
    """Three decimals; <0.001 for what would print as 0.000, >0.999 for what is not exactly one."""
    text = rounded(p, 3)
    if is_zero(text):
        return "<0.001"
    return ">0.999" if text == "1.000" and p < 1 else text


def p_equals(p: float) -> str:
    """A p-value in a sentence: p = 0.031, p <0.001."""
    text = p_value(p)
    return f"p {text}" if text[0] in "<>" else f"p = {text}"


def statistic(value: float) -> str:
    """A test statistic with two decimals."""
    return rounded(value, 2)


def quantile(value: float) -> str:
    """A quantile of measured values: whole where it is whole, else one decimal."""
    return rounded(value, 0 if float(value).is_integer() else 1)


def degrees(value: float) -> str:
    """Degrees of freedom: whole where they are whole, else one decimal."""
    return quantile(value)


def standardised(value: float) -> str:
    """A standardised mean difference with two decimals."""
    return rounded(value, 2)


def agreement(value: float) -> str:
    """How far two implementations differ, one digit and a power of ten; 0 where they are equal."""
    return "0" if value == 0 else format(value, ".0e").replace("e-0", "e-")


def level(value: float | None) -> str:
    """The confidence level in the head of a column."""
    share = 0.95 if value is None else value
    return f"{quantile(100 * share)}% CI"


def day(value: float) -> str:
    """A time in days as a row's name."""
    return f"Day {quantile(value)}"


def tick(value: float, decimals: int) -> str:
    """A number on an axis."""
    return rounded(value, decimals)
