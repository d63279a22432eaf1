"""The different values of a statistical file's column as text and as typed values."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from pacer_analysis.read.convert import BLANK, DATE_KINDS, MISSING, TEXT_KINDS, TIME, UNREADABLE, VALUE, Levels, convert
from pacer_analysis.read.statisticaldates import EXACT_UNITS, clock_texts, moment_texts, moments
from pacer_analysis.read.statisticalnumbers import number_text

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.statisticalfile import Values, Variable

# datetime64[ns] holds the years 1678 to 2261.
EARLIEST, LATEST = "1678-01-01", "2262-01-01"
MINUTES = re.compile(r"(^| )[0-9]{2}:[0-9]{2}$")


def shown(values: Values, kind: str, unit: str, codes: Collection[str] = (), *, clock: bool = False) -> list[str]:
    """Each level as text: `1` for 1.0, an ISO date for a date, HH:MM for a time of day, `.a` for an extended missing value, '' for blank.

    A number under a date format that is no date (out of range, a fraction of a day, a business day) stays the number; a number
    among `codes` is spelled as there, `02` for 2. With `clock` a date always has a time of day.
    """
    import numpy as np

    texts = [str(text) for text in values.texts]
    at = np.flatnonzero(~np.isnan(values.numbers))
    numbers = values.numbers[at]
    if not unit or unit == "b":
        dates = [""] * len(at)
    elif unit == "t" or (kind == "time" and unit in {"c", "C"}):
        dates = clock_texts(numbers, unit)
    else:
        dates = moment_texts(moments(numbers, unit), clock=clock)
    for place, number, date in zip(at.tolist(), numbers.tolist(), dates, strict=True):
        text = date or number_text(number)
        texts[place] = _spelled(text, codes) if codes and text not in codes else text
    return texts


def user_missing(values: Values, variable: Variable) -> NDArray[np.bool_]:
    """The levels that SPSS was told to take for missing."""
    import numpy as np

    marked = np.zeros(len(values.texts), dtype=bool)
    for low, high in variable.user_missing:
        if isinstance(low, str):
            marked |= np.isnan(values.numbers) & np.array([text != "" and text.rstrip() == low.rstrip() for text in values.texts], dtype=bool)
        else:
            with np.errstate(invalid="ignore"):
                marked |= (values.numbers >= float(low)) & (values.numbers <= float(high))  # type: ignore[arg-type]  # numbers if no texts
    return marked


def declared_missing(values: Values, variable: Variable) -> NDArray[np.bool_]:
    """The levels that the file itself declares missing with a reason: `.a` to `.z`, and SPSS's user-missing values."""
    # ASSUME: a value that a Stata, SAS or SPSS file itself declares missing is missing, even if the dictionary has it among the codes.
    return values.tagged | user_missing(values, variable)


def typed_levels(values: Values, variable: Variable, kind: str, unit: str, missing: Collection[str], codes: Collection[str] = ()) -> Levels:
    """Each level as a value of the kind, as `convert` gives it for text; `missing` are the missing-data codes of the source."""
    import numpy as np

    without = declared_missing(values, variable)
    number = ~np.isnan(values.numbers)
    if not number.any() and not values.tagged.any():
        levels = convert(kind, [str(text) for text in values.texts], missing)
        return _without(levels, kind, without) if without.any() else levels
    raw = np.array(shown(values, kind, unit, codes), dtype=object)
    without |= np.array([text in missing for text in raw], dtype=bool)
    status = np.where(number, VALUE, BLANK).astype(np.int8)
    exact = np.ones(len(raw), dtype=bool)
    typed: NDArray[np.generic]
    if kind in TEXT_KINDS:
        typed = raw.copy()
        if kind == "time":
            status[number & np.array([TIME.fullmatch(text) is None for text in raw], dtype=bool)] = UNREADABLE
    elif kind in DATE_KINDS:
        typed, readable = _dates(values.numbers, unit, kind)
        status[number & ~readable] = UNREADABLE
        exact = readable & (unit in EXACT_UNITS)
    else:
        whole = values.numbers == np.floor(values.numbers)
        status[(number & ~whole & (kind == "integer")) | np.isinf(values.numbers)] = UNREADABLE
        typed = np.where(status == VALUE, values.numbers, np.nan)
    exact[status == UNREADABLE] = False
    exact[status == BLANK] = True
    return _without(Levels(raw, typed, status, exact), kind, without)


def _without(levels: Levels, kind: str, without: NDArray[np.bool_]) -> Levels:
    """The levels, some of them missing with a reason."""
    import numpy as np

    nothing: object = np.datetime64("NaT") if kind in DATE_KINDS else "" if kind in TEXT_KINDS else np.nan
    levels.status[without] = MISSING
    levels.exact[without] = False
    levels.typed[without] = nothing
    return levels


def _dates(numbers: NDArray[np.float64], unit: str, kind: str) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    """The moments in nanoseconds and which numbers are one; a date must be a whole day."""
    import numpy as np

    made = moments(numbers, unit) if unit not in {"", "b", "t"} else np.full(len(numbers), np.datetime64("NaT"), dtype="datetime64[ms]")
    with np.errstate(invalid="ignore"):
        readable = ~np.isnat(made) & (made >= np.datetime64(EARLIEST)) & (made < np.datetime64(LATEST))
    if kind == "date":
        readable &= made == made.astype("datetime64[D]")
    typed = np.where(readable, made, np.datetime64("NaT")).astype("datetime64[ns]")
    return typed, readable


def raw_texts(values: Values, kind: str, unit: str, validation: str, codes: Collection[str]) -> list[str]:
    """Each level as a raw CSV export of REDCap writes it: codes as the dictionary spells them, ISO dates, a time of day always with a datetime."""
    texts = shown(values, kind, unit, codes, clock=kind == "datetime")
    if kind == "comma_number":
        return [text if math.isnan(number) else text.replace(".", ",") for text, number in zip(texts, values.numbers.tolist(), strict=True)]
    if validation.startswith("datetime_seconds") or validation == "time_hh_mm_ss":
        return [f"{text}:00" if MINUTES.search(text) else text for text in texts]
    return texts


def _spelled(text: str, codes: Collection[str]) -> str:
    """The one code that is the same number, as `02` is 2; the text itself if there is none or more than one."""
    same = [code for code in codes if _number(code) is not None and _number(code) == _number(text)]
    return same[0] if len(same) == 1 else text


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
