"""Text as exported to a typed value, once for each different text of a column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

BLANK, VALUE, MISSING, UNREADABLE = 0, 1, 2, 3
TEXT_KINDS = frozenset({"text", "choice", "checkbox", "time"})
DATE_KINDS = frozenset({"date", "datetime"})
NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
COMMA_NUMBER = re.compile(r"[-+]?([0-9]+,?[0-9]*|,[0-9]+)([eE][-+]?[0-9]+)?")
INTEGER = re.compile(r"[-+]?[0-9]+")
PADDED = re.compile(r"\+|-?0[0-9]|-0+(\.0*)?$")       # 007, +5, -0
WHOLE = re.compile(r"[-+]?[0-9]+\.0*")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(:[0-9]{2})?")
FIRST_NS, LAST_NS = "1678", "2261"       # the whole years of datetime64[ns]
TIME = re.compile(r"([0-9]|[01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?|[0-5]?[0-9]:[0-5][0-9]")
# So many digits are the same number after they went through a double.
EXACT_DIGITS = 15
# An export whose numbers all have one decimal character, whatever the dictionary says: the reader for each kind.
FORCED = {(",", "number"): "comma_number", (",", "integer"): "comma_integer", (".", "comma_number"): "number"}


@dataclass(frozen=True, slots=True)
class Levels:
    """The different texts of a column as exported, what each is as a typed value, and whether it is one.

    `typed` is datetime64[ns] (datetime64[us] in a column with a year before 1678 or after 2261), float64 or text; `status` one of
    BLANK, VALUE, MISSING (a missing code), UNREADABLE; `exact` says that the typed value, written out, is the text as exported.
    """

    raw: NDArray[np.object_]
    typed: NDArray[Any]
    status: NDArray[np.int8]
    exact: NDArray[np.bool_]


def convert(kind: str, raw: Sequence[str] | NDArray[np.object_], missing: Collection[str], decimal: str = "", *, meant: Mapping[str, str] | None = None,
            doubtful: Collection[str] = ()) -> Levels:
    """Each text as a value of the kind; the kinds are those of `Field.kind` and `FlatField.kind`.

    `decimal` is the character that all numbers of the file were exported with, '' if each field has its own. `meant` says what some
    texts stand for that another program wrote (`1.0` for the code 1), `doubtful` which texts can mean several codes.
    """
    import numpy as np

    texts = np.empty(len(raw), dtype=object)
    texts[:] = raw
    if kind == "text":
        return _text(texts, missing)
    stripped = [text.strip() for text in texts.tolist()]
    if meant:
        stripped = [meant.get(text, text) for text in stripped]
    state = np.array([VALUE if text and text not in missing else MISSING if text else BLANK for text in stripped], dtype=np.int8)
    filled = np.flatnonzero(state == VALUE)
    values = stripped if len(filled) == len(stripped) else [stripped[place] for place in filled.tolist()]
    exact = np.zeros(len(texts), dtype=bool)
    exact[state == BLANK] = texts[state == BLANK] == ""
    if kind in DATE_KINDS:
        moments, readable = _moments(values, DATE if kind == "date" else DATETIME)
        typed: NDArray[Any] = np.full(len(texts), np.datetime64("NaT"), dtype=moments.dtype)
        typed[filled] = moments
        faithful = readable
    elif kind in TEXT_KINDS:
        # A malformed time stays the text it is.
        typed = np.full(len(texts), "", dtype=object)
        typed[filled] = values
        readable = np.array([text not in doubtful and (kind != "time" or TIME.fullmatch(text) is not None) for text in values], dtype=bool)
        faithful = readable
    else:
        typed = np.full(len(texts), np.nan)
        read = NUMBERS[FORCED.get((decimal, kind), kind)]
        found = [read(text) for text in values]
        readable = np.array([value is not None for value, _ in found], dtype=bool)
        faithful = np.array([same for _, same in found], dtype=bool)
        typed[filled] = [np.nan if value is None else value for value, _ in found]
    state[filled[~readable]] = UNREADABLE
    exact[filled] = readable & faithful & (texts[filled] == np.array([*values, None], dtype=object)[:-1])
    return Levels(texts, typed, state, exact)


def _text(texts: NDArray[np.object_], missing: Collection[str]) -> Levels:
    """Free text, whose spaces are part of it."""
    import numpy as np

    blank = np.array([not text or text.isspace() for text in texts.tolist()], dtype=bool)
    named = np.array([text.strip() in missing for text in texts.tolist()] if missing else np.zeros(len(texts)), dtype=bool) & ~blank
    state = np.where(blank, BLANK, np.where(named, MISSING, VALUE)).astype(np.int8)
    typed = texts.copy()
    typed[blank | named] = ""
    return Levels(texts, typed, state, (texts == "") | (state == VALUE))


def _moments(texts: list[str], pattern: re.Pattern[str]) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    """ISO dates, or dates with a time, as moments, and which texts are one.

    datetime64[ns] holds the years 1678 to 2261; a column with another year is datetime64[us], which holds all that a date is written with.
    """
    import numpy as np

    readable = np.array([pattern.fullmatch(text) is not None and text[:4] != "0000" for text in texts], dtype=bool)
    written = texts if readable.all() else [text for text, one in zip(texts, readable, strict=True) if one]
    unit = "ns" if all(FIRST_NS <= text[:4] <= LAST_NS for text in written) else "us"
    typed = np.full(len(texts), np.datetime64("NaT"), dtype=f"datetime64[{unit}]")
    try:
        typed[readable] = np.array(written, dtype=typed.dtype)
    except ValueError:
        typed[readable] = np.array([_moment(text) for text in written], dtype=typed.dtype)
        readable &= ~np.isnat(typed)
    return typed, readable


def _moment(text: str) -> np.datetime64:
    """One moment; NaT for a day that the calendar does not have."""
    import numpy as np

    try:
        return np.datetime64(text, "us")
    except ValueError:
        return np.datetime64("NaT", "us")


def _number(text: str) -> tuple[float | None, bool]:
    """A number; exact unless it has more digits than a float keeps, or a sign or zeros before it that a number does not keep."""
    if not NUMBER.fullmatch(text):
        return None, False
    value = float(text)
    if value in {float("inf"), float("-inf")}:
        return None, False
    if PADDED.match(text):
        return value, False
    return value, (len(text) <= EXACT_DIGITS and "e" not in text.lower()) or Decimal(text) == Decimal(repr(value))


def _integer(text: str) -> tuple[float | None, bool]:
    """A whole number; `5.0`, which another program wrote, is read as 5 and remembered."""
    if INTEGER.fullmatch(text):
        return _number(text)
    return (_number(text)[0], False) if WHOLE.fullmatch(text) else (None, False)


def _comma_integer(text: str) -> tuple[float | None, bool]:
    """A whole number of a file with decimal commas: `5,0` is 5."""
    return _integer(text.replace(",", ".", 1))


def _comma_number(text: str) -> tuple[float | None, bool]:
    """A number with a decimal comma; a decimal point is read too and remembered."""
    if COMMA_NUMBER.fullmatch(text):
        return _number(text.replace(",", "."))
    return _number(text)[0], False


NUMBERS: dict[str, Callable[[str], tuple[float | None, bool]]] = {"number": _number, "integer": _integer, "comma_number": _comma_number,
                                                                     "comma_integer": _comma_integer}
