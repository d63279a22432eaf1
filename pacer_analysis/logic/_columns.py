"""A column of values of one kind, with what is blank and what could not be evaluated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLAIN_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?")
NOT_A_TIME = np.datetime64("NaT", "ns")


@dataclass(frozen=True)
class Column:
    """Values of one kind on n rows, or one value that holds for every row.

    `data`: codes into `levels` if kind is text, float64 if number, datetime64[ns] if date, bool if truth. Where `known`
    is false the data mean nothing.
    """

    kind: str
    data: NDArray[Any]
    known: NDArray[np.bool_]
    levels: NDArray[np.object_] | None = None

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.data)

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The values that are plain numbers; NaN for blanks, dates and other text."""
        if self.kind == "number":
            return np.asarray(self.data, dtype=np.float64)
        if self.kind == "truth":
            return self.data.astype(np.float64)
        if self.levels is None:
            return np.full(len(self), np.nan)
        return np.asarray(np.array([plain_number(level) for level in self.levels], dtype=np.float64)[self.data])

    @cached_property
    def dates(self) -> NDArray[np.datetime64]:
        """The values that are dates or ISO text of one; NaT for everything else."""
        if self.kind == "date":
            return np.asarray(self.data)
        if self.levels is None:
            return np.full(len(self), NOT_A_TIME)
        return np.asarray(np.array([iso_date(level) for level in self.levels], dtype="datetime64[ns]")[self.data])

    @cached_property
    def texts(self) -> NDArray[np.object_]:
        """The values as text: whole numbers without a point, dates in ISO form, '' for blanks."""
        if self.levels is not None:
            return np.asarray(self.levels[self.data])
        if self.kind == "date":
            midnight = bool((self.data[~np.isnat(self.data)].astype("datetime64[D]") == self.data[~np.isnat(self.data)]).all())
            texts = pd.Series(self.data).dt.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M")
            return texts.where(texts.notna(), "").to_numpy(dtype=object)
        return np.array([number_text(value) for value in self.numbers], dtype=object)

    @cached_property
    def blank(self) -> NDArray[np.bool_]:
        """True where there is no value."""
        if self.levels is not None:
            return np.asarray(np.asarray(self.levels == "", dtype=bool)[self.data])
        if self.kind == "date":
            return np.asarray(np.isnat(self.data))
        return np.asarray(np.isnan(self.numbers))

    @cached_property
    def value(self) -> NDArray[np.bool_]:
        """True where a condition is true: neither blank nor the number 0, and known."""
        if self.kind == "truth":
            return np.asarray(self.data & self.known, dtype=bool)
        return np.asarray(~self.blank & ~(self.numbers == 0) & self.known, dtype=bool)

    def by_level(self) -> Column:
        """Each different text once."""
        levels = self.levels if self.levels is not None else np.array([], dtype=object)
        return Column("text", np.arange(len(levels)), np.ones(len(levels), dtype=bool), levels)

    def spread(self, rows: int) -> Column:
        """The column on `rows` rows, if it is one value for every row."""
        if len(self) == rows:
            return self
        return Column(self.kind, np.broadcast_to(self.data, (rows,)).copy(), np.broadcast_to(self.known, (rows,)).copy(), self.levels)


# What a lookup may return; None where the reference cannot be resolved.
Source = Column | pd.Series | np.ndarray | None


def plain_number(text: str) -> float:
    """The number that a text is, else NaN."""
    return float(text) if PLAIN_NUMBER.fullmatch(text) else np.nan


def iso_date(text: str) -> np.datetime64:
    """The date or date and time that a text is, else NaT."""
    if not ISO_DATE.fullmatch(text):
        return NOT_A_TIME
    try:
        return np.datetime64(text.replace(" ", "T"), "ns")
    except ValueError:
        return NOT_A_TIME


def number_text(value: float) -> str:
    """A number as one would type it: 5, 2.5, '' for NaN."""
    if np.isnan(value):
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def column(values: Source) -> Column:
    """A column of what a lookup returned; unknown everywhere if it is None."""
    if isinstance(values, Column):
        return values
    if values is None:
        return Column("text", np.zeros(1, dtype=np.intp), np.zeros(1, dtype=bool), np.array([""], dtype=object))
    if isinstance(values, pd.Series) and isinstance(values.dtype, pd.CategoricalDtype):
        levels = np.append(values.cat.categories.to_numpy(dtype=object), "")
        codes = values.cat.codes.to_numpy().astype(np.intp)
        return Column("text", np.where(codes < 0, len(levels) - 1, codes), np.ones(len(codes), dtype=bool), levels)
    array: NDArray[Any] = values.to_numpy() if isinstance(values, pd.Series) else np.asarray(values)
    known = np.ones(len(array), dtype=bool)
    if array.dtype.kind == "M":
        return Column("date", array.astype("datetime64[ns]"), known)
    if array.dtype.kind == "b":
        return Column("truth", array, known)
    if array.dtype.kind in "iuf":
        return Column("number", array.astype(np.float64), known)
    codes, levels = pd.factorize(array.astype(object), use_na_sentinel=True)
    levels = np.append(np.array([str(level) for level in levels], dtype=object), "")
    return Column("text", np.where(codes < 0, len(levels) - 1, codes), known, levels)


def single(value: float | str | bool) -> Column:
    """One value for every row."""
    known = np.ones(1, dtype=bool)
    if isinstance(value, bool):
        return Column("truth", np.array([value]), known)
    if isinstance(value, str):
        return Column("text", np.zeros(1, dtype=np.intp), known, np.array([value], dtype=object))
    return Column("number", np.array([value], dtype=np.float64), known)
