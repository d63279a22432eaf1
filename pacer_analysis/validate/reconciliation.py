"""The same fact in two sources: rows brought together by record and date, values compared within a tolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.read.convert import NUMBER, VALUE
from pacer_analysis.validate.columns import describe_columns
from pacer_analysis.validate.record_dates import days_of, event_rows

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pacer_analysis.dictionary.reconciliations import Place, Reconciliation
    from pacer_analysis.read.tidy import Cells, Tidy
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

ABSENT, ALONE, SEVERAL, NO_VALUE = ("the source is not in the export", "the other source has no row for it", "the record has several rows, and none is named by a date",
                                    "one of the two values is blank or cannot be compared")
SHOWN = 20


def reconcile(ledger: Ledger, rows: Mapping[str, Rows], rule: Reconciliation, day: dt.date) -> None:
    """The findings of one comparison, on the rows of its left side; a pair that cannot be made or compared is not evaluable."""
    import numpy as np

    ledger.count(rule.id, rule.severity)
    left, right = (_found(rows, place, day) for place in (rule.left, rule.right))
    if left is None or right is None:
        ledger.count(rule.id, rule.severity, reason=ABSENT)
        return
    (table, chosen), (other, others) = left, right
    pairs, several = _pairs(rule, table, chosen, other, others)
    mine, theirs = pairs["left"].to_numpy(dtype=np.intp), pairs["right"].to_numpy(dtype=np.intp)
    if rule.matched:      # the two facts exclude each other: a row that has its like is the finding
        field = describe_columns(rows[rule.left.source].reading, table)[rule.left.field]
        ledger.count(rule.id, rule.severity, evaluated=int(chosen.sum()) - len(several))
        ledger.fail(rule.id, rule.severity, table, np.sort(mine), field, rule.message, rule.action)
        ledger.cannot(rule.id, rule.severity, table, rule.left.field, several, SEVERAL)
        return
    equal, known = compare(rule, table.fields[rule.left.field], mine, other.fields[rule.right.field], theirs)
    alone = np.setdiff1d(np.setdiff1d(np.flatnonzero(chosen), mine), several)
    about = describe_columns(rows[rule.left.source].reading, table)[rule.left.field]
    hidden = describe_columns(rows[rule.right.source].reading, other)[rule.right.field].identifier
    ledger.count(rule.id, rule.severity, evaluated=int(known.sum()) + (len(alone) if rule.unmatched else 0))
    differs = known & ~equal
    values = other.fields[rule.right.field].levels.raw[other.fields[rule.right.field].codes[theirs]]
    # The other value belongs into the message, unless it identifies a person; many different ones would be as many messages.
    if hidden or int(differs.sum()) > SHOWN:
        ledger.fail(rule.id, rule.severity, table, mine[differs], about, rule.message, rule.action)
    else:
        for value in dict.fromkeys(str(value) for value in values[differs]):
            ledger.fail(rule.id, rule.severity, table, mine[differs & (values == value)], about, f"{rule.message} There it is {value.strip()}.", rule.action)
    if rule.unmatched:
        ledger.fail(rule.id, rule.severity, table, alone, about, f"{rule.message} The other source has no row for it.", rule.action)
    else:
        ledger.cannot(rule.id, rule.severity, table, rule.left.field, alone, ALONE)
    ledger.cannot(rule.id, rule.severity, table, rule.left.field, several, SEVERAL)
    ledger.cannot(rule.id, rule.severity, table, rule.left.field, mine[~known], NO_VALUE)


def _found(rows: Mapping[str, Rows], place: Place, day: dt.date) -> tuple[Tidy, NDArray[np.bool_]] | None:
    """The table of one side and its rows that are compared; None if it was not read."""
    source = rows.get(place.source)
    table = None if source is None else next((each for each in source.reading.tables if each.form == place.form and place.field in each.fields), None)
    if source is None or table is None:
        return None
    chosen = event_rows(table, place.event)
    if place.when is not None:
        result = source.evaluate(table, place.when, day)
        chosen = chosen & result.known & result.value
    return table, chosen


def _pairs(rule: Reconciliation, table: Tidy, chosen: NDArray[np.bool_], other: Tidy, others: NDArray[np.bool_]) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """Rows that belong together, each in one pair at most, and the rows of the left side that several could belong to."""
    import numpy as np
    import pandas as pd

    mine, theirs = np.flatnonzero(chosen), np.flatnonzero(others)
    one = pd.DataFrame({"record": table.record.levels.astype(str)[table.record.codes[mine]], "left": mine})
    two = pd.DataFrame({"record": other.record.levels.astype(str)[other.record.codes[theirs]], "right": theirs})
    if rule.days is None:
        single = two[~two["record"].duplicated(keep=False)]
        several = one["record"].duplicated(keep=False) | one["record"].isin(set(two["record"]) - set(single["record"]))
        return one[~several].merge(single, on="record"), one.loc[several, "left"].to_numpy(dtype=np.intp)
    at, there = days_of(table, rule.left.date), days_of(other, rule.right.date)
    if at is None or there is None:
        return pd.DataFrame({"left": [], "right": []}), np.zeros(0, dtype=np.intp)
    both = one.merge(two, on="record")
    apart = np.abs((at[both["left"].to_numpy()] - there[both["right"].to_numpy()]).astype("timedelta64[D]"))
    both["apart"] = np.where(np.isnat(apart), rule.days + 1, apart.astype(np.int64))
    both = both[both["apart"] <= rule.days].sort_values(["apart", "left", "right"], kind="stable")
    made = [both.iloc[:0]]
    while len(both):    # the pairs in which each is the other's nearest, then the nearest of what is left
        nearest = both[~both["left"].duplicated() & ~both["right"].duplicated()]
        made.append(nearest)
        both = both[~both["left"].isin(nearest["left"]) & ~both["right"].isin(nearest["right"])]
    return pd.concat(made), np.zeros(0, dtype=np.intp)


def compare(rule: Reconciliation, left: Cells, mine: NDArray[np.intp], right: Cells, theirs: NDArray[np.intp]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where two values agree, and where both are values that can be compared."""
    import numpy as np

    known = (left.levels.status == VALUE)[left.codes[mine]] & (right.levels.status == VALUE)[right.codes[theirs]]
    kinds = left.levels.typed.dtype.kind + right.levels.typed.dtype.kind
    if rule.compare == "nothing":
        return np.ones(len(mine), dtype=bool), np.ones(len(mine), dtype=bool)
    if rule.compare == "exact" and kinds == "MM":
        unit = "datetime64[D]" if "date" in (left.kind, right.kind) else "datetime64[m]"
        return left.levels.typed.astype(unit)[left.codes[mine]] == right.levels.typed.astype(unit)[right.codes[theirs]], known
    if rule.compare != "exact" or "f" in kinds:
        one, two = _numbers(left)[left.codes[mine]], _numbers(right)[right.codes[theirs]]
        return _near(rule, one, two), known & ~np.isnan(one) & ~np.isnan(two)
    texts = (_texts(left)[left.codes[mine]], _texts(right)[right.codes[theirs]])
    return np.asarray(texts[0] == texts[1], dtype=bool), known


def _near(rule: Reconciliation, one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where two numbers are no further apart than the tolerance; what has no logarithm agrees with its equal alone."""
    import numpy as np

    with np.errstate(all="ignore"):
        if rule.compare == "log10":
            apart, allowed = np.abs(np.log10(one) - np.log10(two)), np.full(len(one), rule.tolerance)
        else:
            apart = np.abs(one - two)
            allowed = rule.tolerance * np.maximum(np.abs(one), np.abs(two)) if rule.compare == "relative" else np.full(len(one), rule.tolerance)
        return np.asarray((one == two) | (apart <= allowed + 1e-12 * np.maximum(np.abs(one), np.abs(two))), dtype=bool)


def _numbers(cells: Cells) -> NDArray[np.float64]:
    """Each different value as a number, NaN where it is none: `<20` is a bound and cannot be compared."""
    import numpy as np

    if cells.levels.typed.dtype.kind == "f":
        return np.asarray(cells.levels.typed, dtype=np.float64)
    return np.array([float(text) if NUMBER.fullmatch(text := str(raw).strip().replace(" ", "")) else np.nan for raw in cells.levels.raw], dtype=np.float64)


def _texts(cells: Cells) -> NDArray[np.object_]:
    import numpy as np

    return np.array([" ".join(str(text).split()).casefold() for text in cells.levels.raw], dtype=object)
