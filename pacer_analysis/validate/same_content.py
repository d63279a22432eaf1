"""The same twice under two keys: instances or rows with one content, and one number in two records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.read.convert import VALUE
from pacer_analysis.validate.answers import filled_rows
from pacer_analysis.validate.columns import key_beyond_record
from pacer_analysis.validate.described import Described, describe

if TYPE_CHECKING:
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

SAME, SHARED = "same_content", "shared_number"
RULES = {SAME: "warning", SHARED: "warning"}
DATES = frozenset({"date", "datetime"})
FEWEST = 2
# A key field tells rows apart by itself if nearly all of its values are of one record each.
OWN_SHARE, ENOUGH = 0.95, 20
MULTIPLIER = 0x9E3779B97F4A7C15


def check_same_content(ledger: Ledger, rows: Rows, table: Tidy) -> None:
    """A finding on each instance of a form, or row of a flat source, with the content of an earlier one of the same record.

    Compared are all fields that people fill in; at least two must be filled, a date among them. Rows of a flat source are
    compared if no date tells them apart: that somebody came twice and was given the same is no finding.
    """
    import numpy as np
    import pandas as pd

    key = key_beyond_record(rows.reading)
    fields = describe(rows.reading.dictionary, table.form)
    if not table.form and (not key or any(name not in fields or fields[name].kind in DATES for name in key)):
        return
    compared = [field for name, field in fields.items() if not field.status and not field.derived and name not in (*key, rows.reading.record)]
    at = np.flatnonzero(table.repeated | (table.instance > 0)) if table.form else np.arange(table.rows)
    if not len(at) or not any(field.kind in DATES for field in compared):
        return
    ledger.count(SAME, RULES[SAME], evaluated=len(at))
    columns = [name for field in compared for name in field.columns if name in table.fields]
    sums = np.zeros(len(at), dtype=np.uint64)
    for name in columns:      # equal sums are a hint; the content decides
        sums = sums * np.uint64(MULTIPLIER) + table.fields[name].codes[at].astype(np.uint64) + np.uint64(1)
    keys = {"record": table.record.codes[at], "event": table.event.codes[at]}
    hint = pd.DataFrame(keys | {"sum": sums}).duplicated(keep=False).to_numpy()
    if not hint.any():
        return
    at = at[hint]
    some = table.take(at)
    content = pd.DataFrame({"record": some.record.codes, "event": some.event.codes, **{name: some.fields[name].codes for name in columns}})
    filled = [(field.kind in DATES, filled_rows(some, field)) for field in compared]
    enough = np.sum([each for _, each in filled], axis=0) >= FEWEST
    dated = np.any([each for is_date, each in filled if is_date], axis=0)
    again = content.duplicated(keep="first").to_numpy()
    what = "instance of the form" if table.form else "row"
    ledger.fail(SAME, RULES[SAME], table, at[again & enough & dated], Described(""), f"An earlier {what} in the record has the same content: it may have been entered twice.",
                "delete one of the two, if they are the same")


def check_shared_numbers(ledger: Ledger, rows: Rows, table: Tidy) -> None:
    """A finding on each row whose number, a text of the key that nearly always belongs to one record, is in another record as well."""
    import numpy as np
    import pandas as pd

    if table.form:
        return
    fields = describe(rows.reading.dictionary, table.form)
    for name in key_beyond_record(rows.reading):
        if name not in table.fields or fields[name].kind != "text":
            continue
        cells = table.fields[name]
        at = np.flatnonzero(cells.status == VALUE)
        pairs = pd.DataFrame({"value": cells.codes[at], "record": table.record.codes[at]})
        records = pairs.drop_duplicates()["value"].value_counts()
        # ASSUME: a key text is a number of its own if at least 95% of 20 or more different values belong to one record each.
        if len(records) < ENOUGH or float((records == 1).mean()) < OWN_SHARE:
            continue
        ledger.count(SHARED, RULES[SHARED], evaluated=len(at))
        shared = pairs["value"].map(records).to_numpy() > 1
        ledger.fail(SHARED, RULES[SHARED], table, at[shared], fields[name], "Another record has a row with the same number, which elsewhere belongs to one record.",
                    "find out whose it is, and correct the number or the record id")
