"""Rules on rows: each key once, each record known to the source it links to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.read.notes import Note
from pacer_analysis.validate.described import Described

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read import Reading
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.ledger import Ledger


MEANT = 10
NAME_IT = "name the columns that make a row unique with --key, as in --key id,visit"


def drop_repeated_rows(ledger: Ledger, table: Tidy, reported: set[int]) -> Tidy:
    """A REDCap form without the later of two rows of the same record, event and instance, which become findings.

    A row holds several forms: it is a finding on the first of them; `reported` gathers the lines of those known.
    """
    import numpy as np
    import pandas as pd

    again = pd.DataFrame({"record": table.record.codes, "event": table.event.codes, "instance": table.instance}).duplicated(keep="first").to_numpy()
    ledger.count("duplicate_row", "error", evaluated=table.rows)
    rows = np.array([row for row in np.flatnonzero(again) if int(table.line[row]) not in reported], dtype=np.intp)
    reported.update(int(line) for line in table.line[again])
    ledger.fail("duplicate_row", "error", table, rows, Described(""),
                "The record, event and instance occur a second time in the export; the first row is used.", "export again; REDCap itself cannot hold both")
    return table.take(~again) if again.any() else table


def check_key(ledger: Ledger, reading: Reading, table: Tidy, *, participants: bool, told: bool = True) -> Tidy:
    """A flat table without rows that repeat another in every field; these, and other rows with the same key, become findings.

    Of the participants' own rows with one id the first is used, of any other source's all. Where nobody has `told` what makes a
    row unique, and it is not the record id, one note asks for it.
    """
    import numpy as np
    import pandas as pd

    key = [name for name in reading.source.key if name in table.fields]
    if len(key) < len(reading.source.key):
        ledger.count("key", "error", evaluated=table.rows)
        ledger.cannot("key", "error", table, "", np.arange(table.rows), "a field of the key is not read on this side")
        return table
    same_key = pd.DataFrame({name: _identity(table, name) for name in key}).duplicated(keep="first").to_numpy()
    rows = np.flatnonzero(same_key)
    copies = np.zeros(table.rows, dtype=bool)
    if len(rows):
        copies = pd.DataFrame({name: cells.codes for name, cells in table.fields.items()}).duplicated(keep="first").to_numpy()
    if not told and _is_long(table, same_key & ~copies):
        ledger.cannot("key", "error", table, "", np.arange(table.rows), f"the file has several rows per {key[-1]}; {NAME_IT}")
        ledger.note(reading.source.id, Note("key", "warning", key[-1], f"The file has several rows per {key[-1]}; whether a row is there twice was not checked.", NAME_IT))
        same_key &= copies
    else:
        ledger.count("key", "error", evaluated=table.rows)
    ledger.fail(
        "key",
        "error",
        table,
        np.flatnonzero(same_key & ~copies),
        Described(key[-1]),
        f"An earlier row has the same {', '.join(key)}; {'only the first is used' if participants and len(key) == 1 else 'both are used'}.",
        "correct or delete one of the rows",
    )
    ledger.count("duplicate_row", "error", evaluated=table.rows)
    ledger.fail(
        "duplicate_row",
        "error",
        table,
        np.flatnonzero(copies),
        Described(""),
        "The row repeats an earlier one in every field; it is left out.",
        "delete one of the rows",
    )
    return table.take(~copies) if copies.any() else table


def _is_long(table: Tidy, again: NDArray[np.bool_]) -> bool:
    """True if so many record ids have several rows that this is what the file is meant to be, and no slip."""
    import numpy as np

    # ASSUME: a flat file of which at least a tenth of the ids have further rows has several rows per id by intention.
    return 0 < len(np.unique(table.record.codes)) <= MEANT * len(np.unique(table.record.codes[again]))


def _identity(table: Tidy, name: str) -> NDArray[np.int64]:
    """A number for each different value of a field, the same for two texts that mean the same."""
    import pandas as pd

    cells = table.fields[name]
    numbers = pd.factorize(pd.Series(cells.levels.typed).astype(str).where(cells.levels.status == 1, pd.Series(cells.levels.raw)))[0]
    return numbers.astype("int64")[cells.codes]


def check_linkage(ledger: Ledger, table: Tidy, about: Described, known: NDArray[np.object_], to: str) -> None:
    """Records that the source linked to does not have."""
    import numpy as np
    import pandas as pd

    there = np.isin(table.record.levels.astype(str), known.astype(str)) if len(table.record.levels) else np.zeros(0, dtype=bool)
    rows = np.flatnonzero(~there[table.record.codes]) if len(table.record.levels) else np.zeros(0, dtype=np.intp)
    # One finding for each record, on its first row.
    first = rows[~pd.Series(table.record.codes[rows]).duplicated().to_numpy()]
    ledger.count("linkage", "error", evaluated=len(np.unique(table.record.codes)))
    ledger.fail("linkage", "error", table, first, about, f"The record is not in the source {to}.", "correct the record id, or enter the participant")
