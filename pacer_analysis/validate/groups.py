"""Data access groups: records in none, in one that the project does not have, in two, or with the id of another's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project
from pacer_analysis.validate.described import Described

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

UNASSIGNED, UNKNOWN, DIFFERS, PREFIX = "group_unassigned", "group_unknown", "group_differs", "group_prefix"
RULES = {UNASSIGNED: "warning", UNKNOWN: "warning", DIFFERS: "warning", PREFIX: "warning"}
ABOUT = Described("redcap_data_access_group", label="Data access group")
GUESSED = "the names of the groups were made from their labels"
NUMBERED = re.compile(r"(\d+)-\d+")
# An id begins with the number of the group that made it: believed where nearly all records of a number are in one group.
MOST, FEWEST = 0.8, 3


def check_groups(ledger: Ledger, rows: Rows, known: Collection[str] = ()) -> None:
    """Findings on the groups of a project's records, each on the record's first row, or the one that differs; none if the export has no groups.

    `known` are the groups where the project itself does not say them: the sites of a plan.
    """
    import numpy as np
    import pandas as pd

    project, tables = rows.reading.dictionary, rows.reading.tables
    if not isinstance(project, Project) or not tables:
        return
    parts = [pd.DataFrame({"record": _text(table.record.codes, table.record.levels), "site": _text(table.site.codes, table.site.levels), "table": place,
                           "event": table.event.codes, "instance": table.instance, "row": np.arange(table.rows), "line": table.line}) for place, table in enumerate(tables) if table.rows]
    if not parts:
        return
    every = pd.concat(parts, ignore_index=True)
    if not (every["site"] != "").any():
        return
    every = every.sort_values(["line", "table"], kind="stable")
    first = every.drop_duplicates("record").reset_index(drop=True)
    count = len(first)
    sites = every[every["site"] != ""].groupby("record", sort=False)["site"]
    own = first["record"].map(sites.first()).fillna("")
    _report(ledger, rows, first, UNASSIGNED, count, (own == "").to_numpy(), "The record is in no data access group, although others are.",
            "assign the record to its group")
    _differing(ledger, rows, every)
    groups = {*project.groups, *project.groups.values()} or set(known)
    if groups and not project.groups and rows.reading.source.labels:
        ledger.count(UNKNOWN, RULES[UNKNOWN], not_evaluable=count, reason=GUESSED)
    elif groups:
        _report(ledger, rows, first, UNKNOWN, count, (~own.isin(groups | {""})).to_numpy(),
                "The data access group is none of the project's.", "compare the groups of the project with the dictionary folder")
    _prefixes(ledger, rows, first, own)


def _differing(ledger: Ledger, rows: Rows, every: pd.DataFrame) -> None:
    """The rows of a record that are in another group than most of its rows; where as many are in each, than the first."""
    lines = every[every["site"] != ""].drop_duplicates(["record", "event", "instance", "line"])      # a row of the export is in the tables of all its forms
    ledger.count(DIFFERS, RULES[DIFFERS], evaluated=len(lines))
    lines = lines[lines.groupby("record", sort=False)["site"].transform("nunique") > 1]
    for _, mine in lines.groupby("record", sort=False):
        numbers = mine["site"].value_counts(sort=False)       # in the order of the rows
        usual = str(numbers.idxmax())
        for site, odd in mine[mine["site"] != usual].groupby("site", sort=False):
            for place, at in odd.groupby("table"):
                ledger.fail(DIFFERS, RULES[DIFFERS], rows.reading.tables[int(str(place))], at["row"].to_numpy(dtype="intp"), ABOUT,
                            f"The row is in the data access group {site}, other rows of the record are in {usual}.", "export again; in REDCap a record is in one group")


def _prefixes(ledger: Ledger, rows: Rows, first: pd.DataFrame, own: pd.Series[str]) -> None:
    """Records whose id begins with the number of another group."""
    import pandas as pd

    prefix = first["record"].map(lambda record: found[1] if (found := NUMBERED.fullmatch(record)) else "")
    known = (prefix != "") & (own != "")
    if 2 * int(known.sum()) <= len(first):
        return
    table = pd.crosstab(prefix[known], own[known])
    usual = {str(number): str(table.columns[int(row.to_numpy().argmax())]) for number, row in table.iterrows() if row.max() >= FEWEST and row.max() >= MOST * row.sum()}
    expected = prefix.map(usual).fillna("")
    # A number that stands for the same group as another says nothing.
    wrong = known & (expected != "") & (expected != own) & (own.isin(set(usual.values())))
    _report(ledger, rows, first, PREFIX, int((known & (expected != "")).sum()), wrong.to_numpy(), "The record's id begins with the number of another data access group.",
            "look whether the record was moved, or assigned to the wrong group")


def _text(codes: NDArray[np.int32], levels: NDArray[np.object_]) -> NDArray[np.object_]:
    import numpy as np

    return np.array([str(level) for level in levels], dtype=object)[codes]


def _report(ledger: Ledger, rows: Rows, first: pd.DataFrame, rule: str, evaluated: int, wrong: NDArray[np.bool_], message: str, action: str) -> None:
    """The records marked, each on the table and row where it comes first."""
    ledger.count(rule, RULES[rule], evaluated=evaluated)
    marked = first[wrong]
    for place in sorted(set(marked["table"])):
        at = marked[marked["table"] == place]["row"].to_numpy(dtype="intp")
        ledger.fail(rule, RULES[rule], rows.reading.tables[place], at, ABOUT, message, action)
