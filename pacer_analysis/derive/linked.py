"""Rows of a source linked to the participants: orphans and days after the cut-off left out, and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.clean import date_column, in_frame
from pacer_analysis.derive.days import day_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from pacer_analysis.derive.clean import Clean


def _own_rows(clean: Clean, source: str, form: str) -> bool:
    """Whether a flat table has one row per participant: it is theirs, and its key is their id alone."""
    people = clean.plan.participants
    return (source, form) == (people.source, people.form) and len(clean.plan.sources[source].key) == 1


def linked_rows(clean: Clean, people: pd.Index, source: str, form: str, date: str, columns: Iterable[str], what: str, *, undated: bool = False) -> pd.DataFrame:
    """The rows of a table that belong to a participant and are dated up to the cut-off.

    Columns: who (position in `people`), record, source, line, event, instance, at (day number), date, and those asked for under `in_frame`.
    Undated rows are kept only if `undated`. `what` names the rows in the facts.
    """
    import numpy as np
    import pandas as pd

    frame = clean.read(source, form, [date, *columns])
    if "instance" in frame:
        # ASSUME: of rows that repeat a form's record, event and instance the first counts; the repetition is a finding of its own.
        repeated = frame.duplicated(["record", "event", "instance"])
        clean.count(f"{what}: repeated rows", np.count_nonzero(repeated))
        frame = frame[~repeated]
    elif _own_rows(clean, source, form):
        frame = frame.drop_duplicates("record")     # of a participant's repeated rows the first counts, here as for the variables
    who = people.get_indexer(pd.Index(frame["record"]))
    dates = date_column(frame[in_frame(date)]).dt.normalize()
    at = day_numbers(dates)
    late = at > clean.cutoff
    clean.count(f"{what}: rows of no participant", np.count_nonzero(who < 0))
    clean.count(f"{what}: rows dated after the cut-off", np.count_nonzero(late & (who >= 0)))
    if not undated:
        clean.count(f"{what}: rows without a date", np.count_nonzero(np.isnan(at) & (who >= 0)))
    keep = (who >= 0) & ~late & (np.isfinite(at) | undated)
    frame = frame.assign(who=who, at=at, source=f"{source}/{form}" if form else source)
    frame["date"] = dates
    for name, blank in (("event", ""), ("instance", 0)):
        if name not in frame:
            frame[name] = blank
    return frame[keep].reset_index(drop=True)
