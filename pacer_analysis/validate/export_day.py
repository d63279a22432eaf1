"""The day of an export that no cut dates: from the name that REDCap gives the file, from its first lines, else from the dates in it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project
from pacer_analysis.read.convert import VALUE

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.dictionary import Field, FlatField
    from pacer_analysis.read import Reading

CREATED = re.compile(rb'\bCreationDateTime\s*=\s*["\'](\d{4}-\d{2}-\d{2})')      # of a project XML
HEAD = 4096
# The day in a file's name: as REDCap writes it, with hyphens, without; of several of a kind the last.
NAMED = (re.compile(r"(?<!\d)((?:19|20)\d{2}-\d{2}-\d{2})_\d{4}(?!\d)"), re.compile(r"(?<!\d)((?:19|20)\d{2}-\d{2}-\d{2})(?!\d)"), re.compile(r"(?<!\d)((?:19|20)\d{6})(?!\d)"))
# ASSUME: dates under a name or label with one of these words are plans, and none of them is the day of an export if other dates are there.
PLANNED = re.compile(r"(?<![a-z])(next|planned|scheduled|appointment|due|expected)(?![a-z])")
# ASSUME: so are the dates of a field of which nearly all (95 of 100) lie after nearly all (99 of 100) of the dates of at least three other fields.
AFTER, OTHERS = 0.95, 3
MOST_COMPARED = 50      # fields with dates beyond which each is not held against all others: that takes the square of their number
# ASSUME: the day of an export that says none is the last date in it that is no more than a year after nearly all of its dates (99 of 100).
NEARLY_ALL, A_YEAR = 0.99, 366
UNKNOWN = "unknown; give --day"
EARLIEST, LATEST = "1678-01-01", "2261-12-31"      # dates centuries away say nothing of it


def day_of(path: Path, reading: Reading) -> tuple[dt.date | None, str]:
    """The last day that an export can know, and where that was found; None if nothing says it: when a file was copied says nothing."""
    with path.open("rb") as handle:
        created = [found.decode() for found in CREATED.findall(handle.read(HEAD))]
    for found, where in (*((text, "from the name of the file") for pattern in NAMED for text in reversed(pattern.findall(path.name))), *((text, "as the file says") for text in created)):
        try:
            return dt.date.fromisoformat(found), where
        except ValueError:
            continue
    latest = _latest(reading)
    if latest is not None:
        return latest, "the last plausible date in the data"
    return None, UNKNOWN


def _latest(reading: Reading) -> dt.date | None:
    """The last date in the data, leaving out calculated and planned dates, and those far after all others."""
    import numpy as np

    entered = {name: dates for name, dates in _dates(reading).items() if not _calculated(_field(reading, name))}
    unplanned = {name: dates for name, dates in entered.items() if not _planned(_field(reading, name))}
    compared = len(unplanned) <= MOST_COMPARED
    dates = {name: mine for name, mine in unplanned.items() if not compared or not _in_the_future(mine, [each for other, each in unplanned.items() if other != name])} or unplanned or entered
    if not dates:
        return None
    every = np.sort(np.concatenate(list(dates.values())))
    usual = every[int(NEARLY_ALL * (len(every) - 1))]      # rounded down, so that one mistyped year is not itself what is usual
    found: dt.date = np.datetime64(int(every[every <= usual + A_YEAR].max()), "D").astype(dt.date)
    return found


def _dates(reading: Reading) -> dict[str, NDArray[np.int64]]:
    """The days in every field that has any and identifies nobody, one for each cell: the day of the export is printed, and no date of birth is."""
    return {name: dates for name, dates in _filled(reading) if not getattr(_field(reading, name), "identifier", False)}


def _filled(reading: Reading) -> Iterator[tuple[str, NDArray[np.int64]]]:
    import numpy as np

    for table in reading.tables:
        for name, cells in table.fields.items():
            if cells.levels.typed.dtype.kind == "M":
                days = cells.levels.typed.astype("datetime64[D]")
                near = (days >= np.datetime64(EARLIEST)) & (days <= np.datetime64(LATEST))
                used = np.bincount(cells.codes, minlength=len(cells.levels.raw)) * ((cells.levels.status == VALUE) & near)
                if used.any():
                    yield name, np.repeat(days[used > 0].astype(np.int64), used[used > 0])


def _field(reading: Reading, name: str) -> Field | FlatField | None:
    known = reading.dictionary
    return known.dictionary.fields.get(name) if isinstance(known, Project) else known.fields.get(name)


def _calculated(field: Field | FlatField | None) -> bool:
    """True if nobody enters the field: a calculation, @CALCDATE or @CALCTEXT."""
    return getattr(field, "type", "") == "calc" or any(tag.name in {"CALCDATE", "CALCTEXT"} for tag in getattr(field, "tags", ()))


def _planned(field: Field | FlatField | None) -> bool:
    """True if the name or the label of a field says that its dates are plans."""
    return field is not None and PLANNED.search(f"{field.name.replace('_', ' ')} {field.label}".lower()) is not None


def _in_the_future(mine: NDArray[np.int64], others: list[NDArray[np.int64]]) -> bool:
    """True if nearly all dates of a field are after nearly all of the others."""
    import numpy as np

    if len(others) < OTHERS:
        return False
    every = np.sort(np.concatenate(others))
    return float((mine > every[int(np.ceil(NEARLY_ALL * len(every))) - 1]).mean()) >= AFTER
