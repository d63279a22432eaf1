"""The day of an export that no cut dates: from the name that REDCap gives the file, from its first lines, else from the dates in it."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from pacer_analysis.read.convert import VALUE

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read import Reading

CREATED = re.compile(rb'\bCreationDateTime\s*=\s*["\'](\d{4}-\d{2}-\d{2})')      # of a project XML
HEAD = 4096
NAMED = re.compile(r"(\d{4}-\d{2}-\d{2})_\d{4}(?!\d)")
# ASSUME: the day of an export that says none is the last date in it that is no more than a year after nearly all of its dates (99 of 100).
NEARLY_ALL, A_YEAR = 0.99, 366


def day_of(path: Path, reading: Reading) -> tuple[dt.date, str]:
    """The last day that an export can know, and where that was found."""
    with path.open("rb") as handle:
        created = [found.decode() for found in CREATED.findall(handle.read(HEAD))]
    for found, where in (*((text, "from the name of the file") for text in NAMED.findall(path.name)), *((text, "as the file says") for text in created)):
        try:
            return dt.date.fromisoformat(found), where
        except ValueError:
            continue
    latest = _latest(reading)
    if latest is not None:
        return latest, "the last plausible date in the data"
    return dt.datetime.fromtimestamp(path.stat().st_mtime, tz=dt.UTC).date(), "the date of the file, since it has no other"


def _latest(reading: Reading) -> dt.date | None:
    """The last date in the data, leaving out those far after all others."""
    import numpy as np

    days: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)]
    counts: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)]
    for table in reading.tables:
        for cells in table.fields.values():
            if cells.levels.typed.dtype.kind == "M":
                used = np.bincount(cells.codes, minlength=len(cells.levels.raw)) * (cells.levels.status == VALUE)
                days.append(cells.levels.typed[used > 0].astype("datetime64[D]").astype(np.int64))
                counts.append(used[used > 0].astype(np.int64))
    every, weight = np.concatenate(days), np.concatenate(counts)
    if not len(every):
        return None
    order = np.argsort(every, kind="stable")
    every, total = every[order], np.cumsum(weight[order])
    usual = every[int(np.searchsorted(total, NEARLY_ALL * total[-1]))]
    found: dt.date = np.datetime64(int(every[every <= usual + A_YEAR].max()), "D").astype(dt.date)
    return found
