"""The different texts of a column, and what each of them is as a number, a date or a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

PLAIN_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?")
CLOCK = re.compile(r"([0-9]|[01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
MINUTES = re.compile(r"([0-5][0-9]):([0-5][0-9])")
EPOCH = np.datetime64(0, "s")
SHORTEST_DATE = 10
# ASSUME: a checkbox column that is blank is an unticked box, so that it equals '0', and is blank too, so that it equals ''.
BLANK_BOX_IS_UNTICKED = True
# ASSUME: to = and <> and in functions of text a missing-data code is the text that REDCap stores, so that [x] = 'UNK' is true and [x] = '' is not; to everything else it is blank.
CODE_IS_ITS_TEXT = True


@dataclass(frozen=True)
class Texts:
    """Different texts; `also` is a second text that one of them equals, None for most; `coded` marks missing-data codes.

    A box nobody answered is unticked, '0', and blank too: its second text is ''. `read` holds the numbers of the texts, `told` their
    dates in seconds since 1970, where the reader has them already; NaN where a text is none.
    """

    written: NDArray[np.object_]
    also: NDArray[np.object_] | None = None
    coded: NDArray[np.bool_] | None = None
    read: NDArray[np.float64] | None = None
    told: NDArray[np.float64] | None = None
    timed: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        """How many texts."""
        return len(self.written)

    @cached_property
    def plain(self) -> NDArray[np.float64]:
        """The plain number that each text is, else NaN: what comparisons see."""
        return self._each(plain_number) if self.read is None else self.read

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The number that each text is in a calculation; a missing-data code, -99 as well, is none."""
        return self.plain if self.coded is None else np.where(self.coded, np.nan, self.plain)

    @cached_property
    def moments(self) -> NDArray[np.float64]:
        """The date, or date and time, that each text is, in seconds since 1970, else NaN."""
        return self.told if self.told is not None else self._each(moment)

    @cached_property
    def dated(self) -> NDArray[np.bool_]:
        """True for a text in the form of a date, or of a date and time, whether the calendar has it or not."""
        return np.array([text is not None and len(text) >= SHORTEST_DATE and ISO_DATE.fullmatch(text) is not None for text in self.written], dtype=bool)

    @cached_property
    def clocks(self) -> NDArray[np.float64]:
        """The time of day that each text is, in seconds since midnight, else NaN."""
        return self._each(clock) if self.timed is None else self.timed

    @cached_property
    def blank(self) -> NDArray[np.bool_]:
        """True for '' and for what is blank too."""
        blank = np.asarray(self.written == "", dtype=bool)
        return blank if self.also is None else blank | np.asarray(self.also == "", dtype=bool)

    @cached_property
    def missing(self) -> NDArray[np.bool_]:
        """True for a missing-data code."""
        return np.zeros(len(self), dtype=bool) if self.coded is None else self.coded

    @cached_property
    def names(self) -> NDArray[np.object_]:
        """The missing-data code that each text is, '' for what is none."""
        named = self.written if CODE_IS_ITS_TEXT or self.also is None else self.also
        return np.where(self.missing, named, "")

    @cached_property
    def second(self) -> Texts | None:
        """The second texts, as texts of their own; None where no text has one."""
        return None if self.also is None else Texts(self.also)

    @cached_property
    def boxed(self) -> Texts:
        """The same of a checkbox: where it is blank the box is unticked, '0', and blank too."""
        nothing = np.asarray(self.written == "", dtype=bool) & ~self.missing
        if not BLANK_BOX_IS_UNTICKED or not nothing.any():
            return self
        also = np.full(len(self), None, dtype=object) if self.also is None else self.also.copy()
        also[nothing] = ""
        return Texts(np.where(nothing, "0", self.written), also, self.coded)

    def _each(self, reader: Callable[[str], float]) -> NDArray[np.float64]:
        return np.array([np.nan if text is None else reader(text) for text in self.written], dtype=np.float64)

    def joined(self, others: Texts) -> Texts:
        """These texts, then the others."""
        also = coded = None
        if self.also is not None or others.also is not None:
            also = np.concatenate([np.full(len(part), None, dtype=object) if part.also is None else part.also for part in (self, others)])
        if self.coded is not None or others.coded is not None:
            coded = np.concatenate([self.missing, others.missing])
        return Texts(np.concatenate([self.written, others.written]), also, coded)


def texts(written: Sequence[str], coded: Sequence[bool], read: NDArray[np.float64] | None = None, told: NDArray[np.float64] | None = None) -> Texts:
    """Texts of which some are missing-data codes: each is its own text, or a blank that equals its code too."""
    different = np.empty(len(written), dtype=object)
    different[:] = written
    if not any(coded):
        return Texts(different, read=read, told=told)
    marked = np.array(coded, dtype=bool)
    if CODE_IS_ITS_TEXT:
        # The reader has no number for a code; in comparisons -99 is one.
        return Texts(different, coded=marked, read=None if read is None else np.where(marked, np.array([plain_number(text) for text in written]), read), told=told)
    also = np.full(len(different), None, dtype=object)
    also[marked] = different[marked]
    return Texts(np.where(marked, "", different), also, marked, read, told)


def plain_number(text: str) -> float:
    """The number that a text is, else NaN."""
    if not text or text[-1] not in "0123456789." or not PLAIN_NUMBER.fullmatch(text):
        return np.nan
    number = float(text)
    return number if np.isfinite(number) else np.nan


def moment(text: str) -> float:
    """The date, or date and time, that a text is, in seconds since 1970, else NaN."""
    if len(text) < SHORTEST_DATE or not ISO_DATE.fullmatch(text):
        return np.nan
    try:
        return float((np.datetime64(text.replace(" ", "T"), "s") - EPOCH).astype(np.int64))
    except ValueError:
        return np.nan


def clock(text: str) -> float:
    """The time of day that a text is, in seconds since midnight, else NaN."""
    found = CLOCK.fullmatch(text)
    return np.nan if not found else 3600.0 * int(found[1]) + 60.0 * int(found[2]) + float(found[3] or 0)


def minutes_and_seconds(text: str) -> float:
    """The seconds of a time that is written as minutes and seconds, else NaN."""
    found = MINUTES.fullmatch(text)
    return np.nan if not found else 60.0 * int(found[1]) + float(found[2])


def number_text(value: float) -> str:
    """A number as one would type it: 5, 2.5, '' for NaN."""
    if value != value:  # noqa: PLR0124  # NaN, and nothing else, differs from itself
        return ""
    return str(int(value)) if abs(value) < 1e15 and value == int(value) else repr(float(value))


def moment_text(seconds: float) -> str:
    """A date in ISO form, with hours and minutes unless it is midnight, with seconds where there are any; '' for NaN."""
    if seconds != seconds:  # noqa: PLR0124  # NaN, and nothing else, differs from itself
        return ""
    text = str(EPOCH + np.timedelta64(int(seconds), "s")).replace("T", " ")
    return text.removesuffix(":00") if not text.endswith(" 00:00:00") else text[:10]
