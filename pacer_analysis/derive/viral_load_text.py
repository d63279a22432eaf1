"""What a laboratory's result text says about the number of copies: an interval, not a guess."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

# ASSUME: a result in words that says nothing was detected is below every threshold; it is given the value 0.
UNDETECTED = frozenset({
    "ldl", "<ldl", "tnd", "nd", "not detected", "none detected", "target not detected", "hiv not detected", "hiv-1 not detected", "rna not detected",
    "undetectable", "undetected", "lower than detectable limit", "lower than detectable", "below detectable limit", "below detection limit",
    "below limit of detection", "<lod", "below lod",
})
_UNITS = re.compile(r"\s*(?:(?:rna\s*)?(?:copies|cps|cp|c)\s*(?:/|per)\s*ml)\s*$")
_GROUPED = re.compile(r"\d{1,3}(?:[ ,']\d{3})+(?:\.\d+)?")
_PLAIN = re.compile(r"\d+(?:\.\d*)?(?:e[+-]?\d{1,2})?")
_SIGNS = {"=<": "<=", "≤": "<=", "=>": ">=", "≥": ">="}


@dataclass(frozen=True, slots=True)
class Reading:
    """The interval of copies/mL that a result leaves possible; `low_open` and `high_open` say whether an end itself is excluded.

    `below_limit`: the laboratory gave an upper limit, or words, instead of a number.
    """

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False
    below_limit: bool = False

    @property
    def value(self) -> float:
        """The number for description: the result itself, or the limit it is beyond, or 0 for "not detected"."""
        return self.high if math.isfinite(self.high) else self.low

    def is_below(self, threshold: float) -> str:
        """'1' if certainly < threshold, '0' if certainly not, '' if the text cannot say."""
        if self.high < threshold or (self.high == threshold and self.high_open):
            return "1"
        return "0" if self.low >= threshold else ""

    def is_above(self, threshold: float) -> str:
        """'1' if certainly > threshold, '0' if certainly not, '' if the text cannot say."""
        if self.low > threshold or (self.low == threshold and self.low_open):
            return "1"
        return "0" if self.high <= threshold else ""


def read_result(text: str) -> Reading | None:
    """The reading of one result text; None where it is blank or cannot be read.

    Read are numbers with thousands separators (space, comma, apostrophe) or an exponent, `<20`, `< 20`, `<=20`,
    `>10000000`, each with or without copies/mL, and the words of UNDETECTED.
    """
    # ASSUME: a comma, space or apostrophe is read only as a separator of three digits; "1,5" is unreadable rather than 1.5 or 15.
    cleaned = " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").lower().split()).rstrip(".")
    if cleaned in UNDETECTED or cleaned.replace("< ", "<") in UNDETECTED:
        return Reading(0.0, 0.0, below_limit=True)
    cleaned = _UNITS.sub("", cleaned)
    for sign, plain in _SIGNS.items():
        cleaned = cleaned.replace(sign, plain)
    bound = re.match(r"[<>]=?", cleaned)
    number = _number(cleaned[bound.end():].strip() if bound else cleaned)
    if number is None:
        return None
    if bound is None:
        return Reading(number, number)
    if bound.group().startswith("<"):
        return Reading(0.0, number, high_open=bound.group() == "<", below_limit=True)
    return Reading(number, math.inf, low_open=bound.group() == ">")


def _number(text: str) -> float | None:
    if _GROUPED.fullmatch(text):
        return float(re.sub(r"[ ,']", "", text))
    return float(text) if _PLAIN.fullmatch(text) else None


def read_results(raw: pd.Series, log10: NDArray[np.float64] | None, below: Iterable[float], above: Iterable[float]) -> pd.DataFrame:
    """One row per result: value, known, below_limit, above_limit, from_log10, and `below_T`, `above_T` for each threshold.

    `raw` is text, or numbers as a source typed them. The log10 column counts only where the result is blank.
    """
    import numpy as np
    import pandas as pd

    text = raw.map(lambda number: "" if pd.isna(number) else f"{number:.17g}") if pd.api.types.is_numeric_dtype(raw) else raw.fillna("").astype(str)
    blank = (text.str.strip() == "").to_numpy()
    from_log10 = blank & np.isfinite(log10) if log10 is not None else np.zeros(len(text), dtype=bool)
    if log10 is not None and from_log10.any():
        powers = pd.Series([f"{10.0 ** exponent:.17g}" for exponent in log10[from_log10]], index=text.index[from_log10], dtype=object)
        text = text.astype(object)
        text.loc[powers.index] = powers
    codes, distinct = pd.factorize(text)
    readings = [read_result(each) for each in distinct]

    def column(values: list[object], dtype: str) -> NDArray[np.generic]:
        return np.array([*values, None], dtype=object)[:-1].astype(dtype)[codes] if values else np.array([], dtype=dtype)

    columns: dict[str, object] = {
        "value": column([r.value if r else math.nan for r in readings], "float64"),
        "known": column([r is not None for r in readings], "bool"),
        "below_limit": column([bool(r and r.below_limit) for r in readings], "bool"),
        "above_limit": column([bool(r and math.isinf(r.high)) for r in readings], "bool"),
        "from_log10": from_log10,
    }
    for threshold in below:
        columns[f"below_{threshold:g}"] = column([r.is_below(threshold) if r else "" for r in readings], "object")
    for threshold in above:
        columns[f"above_{threshold:g}"] = column([r.is_above(threshold) if r else "" for r in readings], "object")
    return pd.DataFrame(columns, index=raw.index)
