"""Four rows for expressions: a text with a blank, a number with a blank, two dates, a box, and fields with missing-data codes."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from pacer_analysis.logic import Reference, evaluate, parse
from pacer_analysis.logic._columns import Column, column

COLUMNS = {
    "a": np.array(["1", "", "02", "x"], dtype=object),
    "n": pd.Series([5.0, np.nan, 0.0, -2.5]),
    "d": pd.to_datetime(pd.Series(["2016-01-31", None, "2016-03-01", "2015-01-31"])),
    "e": pd.to_datetime(pd.Series(["2016-02-10 12:00", "2016-01-01", "2016-03-01", None]), format="ISO8601"),
    "t": np.array(["08:30", "", "23:15:30", "7:05"], dtype=object),
    "name": np.array(["Ada Lovelace", "", "ada  ", "Žofie"], dtype=object),
    "word": np.array(["Lovelace", "x", "", "žo"], dtype=object),
    # ticked, unticked, no box on this row, unticked
    "box___2": np.array(["1", "0", "", "0"], dtype=object),
    # a value, a blank, and two missing-data codes
    "m": column(np.array(["7", "", "UNK", "-99"], dtype=object), {"UNK", "-99"}),
}


def value(text: str, today: dt.date | None = None) -> Column:
    """The value of an expression on the four rows."""
    def look_up(reference: Reference):
        return COLUMNS.get(f"{reference.field}___{reference.code}" if reference.code else reference.field)

    return evaluate(parse(text), look_up, today=today, rows=4)


def outcomes(text: str, today: dt.date | None = None) -> str:
    """T true, F false, ? not evaluable, for each row."""
    result = value(text, today)
    return "".join("?" if not known else "T" if true else "F" for true, known in zip(result.value, result.known, strict=True))


def texts(text: str, today: dt.date | None = None) -> list[str]:
    """The value on each row as text, '?' where it is not evaluable."""
    result = value(text, today)
    return [each if known else "?" for each, known in zip(result.texts, result.known, strict=True)]
