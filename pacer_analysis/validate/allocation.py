"""The allocation against the participants: known, once, to an arm of the plan, in order, and as randomised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacer_analysis.read.convert import BLANK, UNREADABLE
from pacer_analysis.validate.described import Described, describe
from pacer_analysis.validate.summed_up import fail_cells

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pacer_analysis.plan import Cut, Plan
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

RULES = (
    "allocation_twice",
    "allocation_arm",
    "allocation_unknown",
    "allocation_not_randomised",
    "allocation_missing",
    "allocation_date",
    "allocation_order",
    "allocation_sequence",
)


def check_allocation(ledger: Ledger, plan: Plan, cut: Cut, listed: Rows, people: Rows) -> None:
    """Findings on the allocation; `listed` holds its source, `people` the participants' source.

    Codes of arms are the plan's arm ids, or its `codes`. A participant randomised after the cut-off needs no allocation yet. Where the
    arm is a field among others, not a list of its own, the rows on which it is filled are the list.
    """
    names = plan.allocation
    table = next((each for each in listed.reading.tables if names.arm in each.fields), None)
    if table is None:
        for rule in RULES:
            ledger.count(rule, "error", reason="the arm is not in the export")
        return
    if not listed.reading.source.reveals_arm:
        table = table.take(table.fields[names.arm].status != BLANK)
    # A REDCap form does not describe the record id.
    fields = {names.id: Described(names.id), **describe(listed.reading.dictionary, table.form)}
    _arms(ledger, plan, table, fields)
    _twice(ledger, table, fields[names.id])
    _against_randomisation(ledger, plan, cut, table, people, fields)
    _order(ledger, plan, table, fields)


def _report(ledger: Ledger, rule: str, table: Tidy, judged: NDArray[np.bool_], failed: NDArray[np.bool_], about: Described, message: str, action: str) -> None:
    import numpy as np

    ledger.count(rule, "error", evaluated=int(judged.sum()))
    ledger.fail(rule, "error", table, np.flatnonzero(judged & failed), about, message, action)


def _arms(ledger: Ledger, plan: Plan, table: Tidy, fields: dict[str, Described]) -> None:
    """An arm that the plan does not have."""
    import numpy as np

    cells = table.fields[plan.allocation.arm]
    arms = [plan.allocation.codes.get(str(text), str(text)) for text in cells.levels.typed]
    strange = np.array([arm not in plan.arms for arm in arms], dtype=bool)
    ledger.count("allocation_arm", "error", evaluated=table.rows)
    fail_cells(ledger, "allocation_arm", "error", table, cells, strange, fields[plan.allocation.arm], "The arm is none of the plan's.", "correct the allocation list")


def _twice(ledger: Ledger, table: Tidy, about: Described) -> None:
    """A participant allocated a second time."""
    import numpy as np
    import pandas as pd

    again = pd.Series(table.record.codes).duplicated().to_numpy()
    _report(
        ledger,
        "allocation_twice",
        table,
        np.ones(table.rows, dtype=bool),
        again,
        about,
        "The participant is allocated more than once.",
        "find out which allocation was used first",
    )


def _against_randomisation(ledger: Ledger, plan: Plan, cut: Cut, table: Tidy, people: Rows, fields: dict[str, Described]) -> None:
    """Allocated and randomised must be the same participants, on the same day."""
    import numpy as np
    import pandas as pd

    origin = next(iter(plan.participants.origins.values()), None)
    place = None if origin is None else next((each for each in people.reading.tables if each.form == origin.form and origin.field in each.fields), None)
    if origin is None or place is None:
        for rule in ("allocation_unknown", "allocation_not_randomised", "allocation_missing", "allocation_date"):
            ledger.cannot(rule, "error", table, plan.allocation.id, np.arange(table.rows), "the date of randomisation is not in the export")
        return
    everyone = people.reading.tables[0].record.levels
    known = pd.Index(everyone).get_indexer(pd.Index(table.record.levels))[table.record.codes]
    dates: NDArray[Any] = np.full(len(everyone) + 1, np.datetime64("NaT", "us"))
    here = np.ones(place.rows, dtype=bool)
    if origin.event:
        here = np.array([level == origin.event for level in place.event.levels], dtype=bool)[place.event.codes]
    unread = np.zeros(len(everyone) + 1, dtype=bool)        # a date that cannot be read is a finding of its own
    dates[place.record.codes[here]] = place.fields[origin.field].typed[here]
    unread[place.record.codes[here]] = place.fields[origin.field].status[here] == UNREADABLE
    randomised = dates[known]       # -1, an unknown record, is the last entry, which has no date
    every, about = np.ones(table.rows, dtype=bool), fields[plan.allocation.id]
    _report(
        ledger,
        "allocation_unknown",
        table,
        every,
        known < 0,
        about,
        "The participant allocated is not in the participants' export.",
        "correct the id in the allocation list",
    )
    _report(
        ledger,
        "allocation_not_randomised",
        table,
        (known >= 0) & ~unread[known],
        np.isnat(randomised),
        about,
        "The participant is allocated but has no date of randomisation.",
        "enter the date, or explain the allocation",
    )
    if plan.allocation.date and plan.allocation.date in table.fields:
        allocated = table.fields[plan.allocation.date].typed
        both = ~np.isnat(allocated) & ~np.isnat(randomised)
        _report(ledger, "allocation_date", table, both, allocated.astype("datetime64[D]") != randomised.astype("datetime64[D]"), fields[plan.allocation.date],
                "The day of allocation is not the day of randomisation.", "correct one of the two")
    last = np.datetime64(cut.cutoff, "us") + np.timedelta64(1, "D")
    due = here & ~np.isnat(place.fields[origin.field].typed) & (place.fields[origin.field].typed < last)
    allocated_people = np.zeros(len(everyone) + 1, dtype=bool)
    allocated_people[known[known >= 0]] = True
    _report(ledger, "allocation_missing", place, due, ~allocated_people[place.record.codes], describe(people.reading.dictionary, place.form)[origin.field],
            "The participant is randomised but not in the allocation list.", "complete the allocation list, or correct the date of randomisation")


def _order(ledger: Ledger, plan: Plan, table: Tidy, fields: dict[str, Described]) -> None:
    """Within a stratum, places of the sequence must be used in order of time, none left out and none twice."""
    import numpy as np
    import pandas as pd

    names = plan.allocation
    if not (names.sequence and names.sequence in table.fields and names.date and names.date in table.fields):
        for rule in ("allocation_order", "allocation_sequence"):
            ledger.cannot(rule, "error", table, names.sequence or names.id, np.arange(table.rows), "the plan names no sequence or no date of allocation")
        return
    frame = pd.DataFrame({"sequence": table.fields[names.sequence].typed, "date": table.fields[names.date].typed})
    frame["stratum"] = table.fields[names.stratum].typed if names.stratum in table.fields else ""
    judged = frame.notna().all(axis=1)
    ordered: pd.DataFrame = frame[judged].sort_values(["stratum", "sequence"], kind="stable")
    latest = ordered.groupby("stratum", sort=False)["date"].cummax().groupby(ordered["stratum"], sort=False).shift()
    early = (ordered["date"] < latest).reindex(frame.index, fill_value=False).to_numpy(dtype=bool)
    _report(
        ledger,
        "allocation_order",
        table,
        judged.to_numpy(),
        early,
        fields[names.sequence],
        "A later place of the sequence was used before an earlier one of the same stratum.",
        "explain the order; tell the trial statistician",
    )
    _sequence(ledger, table, frame, fields[names.sequence])


def _sequence(ledger: Ledger, table: Tidy, frame: pd.DataFrame, about: Described) -> None:
    """Within a stratum, places of the sequence must follow each other by one.

    A participant listed twice is a finding already. A place used twice leaves out the next one: the row behind it stands where
    it should, and only the repetition is a finding.
    """
    import numpy as np

    judged = frame["sequence"].notna() & frame["stratum"].notna()
    ordered = frame.assign(record=table.record.codes)[judged].sort_values(["stratum", "sequence", "date"], kind="stable").drop_duplicates(["stratum", "sequence", "record"])
    strata = ordered["stratum"]
    step = ordered.groupby(strata, sort=False)["sequence"].diff()
    used = ordered.groupby(["stratum", "sequence"], sort=False).cumcount()
    before = used.groupby(strata, sort=False).shift(fill_value=0)
    wrong = np.where(step.isna(), ordered["sequence"] != 1, (step < 1) | (step > 1 + before))
    gap = np.zeros(table.rows, dtype=bool)
    gap[ordered.index.to_numpy()[wrong]] = True
    _report(
        ledger,
        "allocation_sequence",
        table,
        judged.to_numpy(),
        gap,
        about,
        "The place of the sequence does not follow the one before it in its stratum.",
        "find the place left out or used twice",
    )
