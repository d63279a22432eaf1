"""A column of values of one kind, with what is blank and what could not be evaluated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pacer_analysis.logic._texts import EPOCH, Texts, moment_text, number_text, texts

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

NOT_A_TIME = np.datetime64("NaT", "ns")
# datetime64[ns] holds the years 1678 to 2261.
LATEST = 9.2e9


@dataclass(frozen=True)
class Column:
    """Values of one kind on n rows, or one value that holds for every row.

    `data`: codes into `levels` if kind is text (dates are ISO text), float64 if number, bool if truth. Where `known` is false the
    data mean nothing. `mixed` is set where a number was chosen from texts and numbers: which rows are texts, and both.
    """

    kind: str
    data: NDArray[Any]
    known: NDArray[np.bool_]
    levels: Texts | None = None
    mixed: tuple[NDArray[np.bool_], Column, Column] | None = None

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.data)

    @property
    def numbers(self) -> NDArray[np.float64]:
        """The values that are plain numbers; NaN for blanks, dates and other text."""
        if self.levels is not None:
            return np.asarray(self.levels.numbers[self.data])
        return np.asarray(self.data, dtype=np.float64)

    @property
    def moments(self) -> NDArray[np.float64]:
        """The values that are dates or dates with a time, in seconds since 1970; NaN for everything else."""
        return np.full(len(self), np.nan) if self.levels is None else np.asarray(self.levels.moments[self.data])

    @property
    def dates(self) -> NDArray[np.datetime64]:
        """The values that are dates, as datetime64[ns]; NaT for everything else."""
        seconds = self.moments
        held = np.abs(seconds) < LATEST
        return np.where(held, EPOCH + np.where(held, seconds, 0).astype("timedelta64[s]"), np.datetime64("NaT")).astype("datetime64[ns]")

    @property
    def texts(self) -> NDArray[np.object_]:
        """The values as text: whole numbers without a point, dates in ISO form, '' for blanks."""
        column = self.coded()
        return np.asarray(column.levels.written[column.data]) if column.levels is not None else np.array([], dtype=object)

    @property
    def blank(self) -> NDArray[np.bool_]:
        """True where there is no value; a missing-data code is one."""
        if self.levels is not None:
            return np.asarray(self.levels.blank[self.data])
        return np.zeros(len(self), dtype=bool) if self.kind == "truth" else np.asarray(np.isnan(self.data))

    @property
    def value(self) -> NDArray[np.bool_]:
        """True where a condition is true: neither blank nor a missing-data code nor the number 0, and known."""
        if self.levels is not None:
            return np.asarray((~self.levels.blank & ~self.levels.missing & ~(self.levels.plain == 0))[self.data] & self.known, dtype=bool)
        true = self.data if self.kind == "truth" else ~np.isnan(self.data) & (self.data != 0)
        return np.asarray(true & self.known, dtype=bool)

    def coded(self) -> Column:
        """The same values as text."""
        if self.levels is not None:
            return self
        if self.mixed is not None:
            return chosen_text(*self.mixed, self.known)
        places, different = pd.factorize(self.numbers, use_na_sentinel=False)
        return Column("text", places, self.known, Texts(np.array([number_text(number) for number in different], dtype=object), read=different))

    def spread(self, rows: int) -> Column:
        """The column on `rows` rows, if it is one value for every row."""
        if len(self) == rows and len(self.known) == rows:
            return self
        if self.mixed is not None:
            return self.coded().spread(rows)
        return Column(self.kind, np.broadcast_to(self.data, (rows,)).copy(), np.broadcast_to(self.known, (rows,)).copy(), self.levels)


# What a lookup may return; None where the reference cannot be resolved.
Source = Column | pd.Series | np.ndarray | None


def always(rows: int) -> NDArray[np.bool_]:
    """True on every row, in no memory."""
    return np.broadcast_to(np.True_, (rows,))


def column(values: Source, missing: Collection[str] = ()) -> Column:
    """A column of what a lookup returned, unknown everywhere if it is None; texts that are missing-data codes are marked as such."""
    if isinstance(values, Column):
        return values
    if values is None:
        return Column("text", np.zeros(1, dtype=np.intp), np.zeros(1, dtype=bool), Texts(np.array([""], dtype=object)))
    if isinstance(values, pd.Series) and isinstance(values.dtype, pd.CategoricalDtype):
        return _text(values.cat.codes.to_numpy().astype(np.intp), [str(category) for category in values.cat.categories], missing)
    array: NDArray[Any] = values.to_numpy() if isinstance(values, pd.Series) else np.asarray(values)
    if array.dtype.kind == "M":
        places, different = pd.factorize(array.astype("datetime64[s]"))
        seconds = (different - EPOCH).astype(np.int64).astype(np.float64)
        return _text(places, [moment_text(each) for each in seconds], (), np.append(seconds, np.nan))
    if array.dtype.kind == "b":
        return Column("truth", array, always(len(array)))
    if array.dtype.kind in "iuf":
        return Column("number", array.astype(np.float64), always(len(array)))
    places, different = pd.factorize(array.astype(object), use_na_sentinel=True)
    return _text(places, [str(text) for text in different], missing)


def _text(places: NDArray[Any], different: list[str], missing: Collection[str], told: NDArray[np.float64] | None = None) -> Column:
    """A text column of places into texts, -1 being blank."""
    made = texts([*different, ""], [text in missing for text in (*different, "")], told=told)
    return Column("text", np.where(places < 0, len(different), places), always(len(places)), made)


def with_codes(values: Column, codes: Collection[str]) -> Column:
    """The column with every text that is one of the missing-data codes marked as such."""
    values = values.coded()
    if values.levels is None:
        return values
    marked = values.levels.missing | np.array([text in codes for text in values.levels.written], dtype=bool)
    return replace(values, levels=replace(values.levels, coded=marked)) if marked.any() else values


def single(value: float | str | bool, also: str | None = None) -> Column:
    """One value for every row."""
    if isinstance(value, bool):
        return Column("truth", np.array([value]), always(1))
    text = value if isinstance(value, str) else number_text(value)
    read = None if isinstance(value, str) else np.array([value], dtype=np.float64)
    return Column("text", np.zeros(1, dtype=np.intp), always(1), Texts(np.array([text], dtype=object), None if also is None else np.array([also], dtype=object), read=read))


def chosen_text(first: NDArray[np.bool_], one: Column, other: Column, known: NDArray[np.bool_]) -> Column:
    """One column where `first` is true, the other elsewhere, as text."""
    one, other = one.coded(), other.coded()
    if one.levels is None or other.levels is None:
        return one
    return Column("text", np.where(first, one.data, len(one.levels) + other.data.astype(np.intp)), known, one.levels.joined(other.levels))
