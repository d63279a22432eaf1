"""Text as exported to a typed value, once for each different text of a column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    import numpy as np
    from numpy.typing import NDArray

BLANK, VALUE, MISSING, UNREADABLE = 0, 1, 2, 3
TEXT_KINDS = frozenset({"text", "choice", "checkbox", "time"})
DATE_KINDS = frozenset({"date", "datetime"})
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
COMMA_NUMBER = re.compile(r"[-+]?(\d+,?\d*|,\d+)([eE][-+]?\d+)?")
INTEGER = re.compile(r"[-+]?\d+")
WHOLE = re.compile(r"[-+]?\d+\.0*")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
DATETIME = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?")
TIME = re.compile(r"([0-9]|[01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?|[0-5]?[0-9]:[0-5][0-9]")


@dataclass(frozen=True, slots=True)
class Levels:
    """The different texts of a column as exported, what each is as a typed value, and whether it is one.

    `typed` is datetime64[ns], float64 or text; `status` one of BLANK, VALUE, MISSING (a missing code), UNREADABLE;
    `exact` says that the typed value, written out, is the text as exported.
    """

    raw: NDArray[np.object_]
    typed: NDArray[Any]
    status: NDArray[np.int8]
    exact: NDArray[np.bool_]


def convert(kind: str, raw: Sequence[str], missing: Collection[str]) -> Levels:
    """Each text as a value of the kind; the kinds are those of `Field.kind` and `FlatField.kind`."""
    import numpy as np

    reader = READERS[kind]
    nothing: object = np.datetime64("NaT", "ns") if kind in DATE_KINDS else "" if kind in TEXT_KINDS else np.nan
    values: list[object] = []
    status: list[int] = []
    exact: list[bool] = []
    for text in raw:
        stripped = text.strip()
        written = text if kind == "text" else stripped      # the spaces of free text are part of it
        value, faithful = (None, False) if not stripped or stripped in missing else reader(written)
        state = BLANK if not stripped else MISSING if stripped in missing else UNREADABLE if value is None else VALUE
        if state == UNREADABLE and kind in TEXT_KINDS:
            value = stripped        # a malformed time stays the text it is
        values.append(nothing if value is None else value)
        status.append(state)
        exact.append(not text if state == BLANK else state == VALUE and faithful and written == text)
    kept: type | str = "datetime64[ns]" if kind in DATE_KINDS else object if kind in TEXT_KINDS else np.float64
    return Levels(np.array(raw, dtype=object), np.array(values, dtype=kept), np.array(status, dtype=np.int8), np.array(exact, dtype=bool))


def _text(text: str) -> tuple[object | None, bool]:
    return text, True


def _time(text: str) -> tuple[object | None, bool]:
    return (text, True) if TIME.fullmatch(text) else (None, False)


def _number(text: str) -> tuple[object | None, bool]:
    """A number; exact unless it has more digits than a float keeps."""
    if not NUMBER.fullmatch(text):
        return None, False
    value = float(text)
    if value in {float("inf"), float("-inf")}:
        return None, False
    return value, Decimal(text) == Decimal(repr(value))


def _integer(text: str) -> tuple[object | None, bool]:
    """A whole number; `5.0`, which another program wrote, is read as 5 and remembered."""
    if INTEGER.fullmatch(text):
        return _number(text)
    return (float(text), False) if WHOLE.fullmatch(text) else (None, False)


def _comma_number(text: str) -> tuple[object | None, bool]:
    """A number with a decimal comma; a decimal point is read too and remembered."""
    if COMMA_NUMBER.fullmatch(text):
        return _number(text.replace(",", "."))
    return _number(text)[0], False


def _moment(pattern: re.Pattern[str]) -> Callable[[str], tuple[object | None, bool]]:
    """A reader of ISO dates, or of dates with a time."""
    def read(text: str) -> tuple[object | None, bool]:
        import numpy as np

        # datetime64[ns] holds the years 1678 to 2261.
        if not pattern.fullmatch(text) or not "1678" <= text[:4] <= "2261":
            return None, False
        try:
            return np.datetime64(text.replace(" ", "T"), "ns"), True
        except ValueError:
            return None, False
    return read


READERS: dict[str, Callable[[str], tuple[object | None, bool]]] = {
    "text": _text, "choice": _text, "checkbox": _text, "time": _time, "number": _number, "integer": _integer, "comma_number": _comma_number,
    "date": _moment(DATE), "datetime": _moment(DATETIME),
}
