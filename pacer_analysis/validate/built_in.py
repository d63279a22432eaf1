"""Every rule that a dictionary makes by itself, on the tables of one source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project
from pacer_analysis.validate import groups, missing_codes, options, outliers, persons, same_content, texts
from pacer_analysis.validate.answers import open_answers
from pacer_analysis.validate.branching import MANY as LISTED
from pacer_analysis.validate.branching import check_hidden, check_required, check_status
from pacer_analysis.validate.calculations import check_calculation
from pacer_analysis.validate.cells import check_cells
from pacer_analysis.validate.completeness import count_answers
from pacer_analysis.validate.described import describe, missing_codes_of
from pacer_analysis.validate.ranges import check_range

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from pacer_analysis.dictionary import FlatDictionary
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.completeness import Row
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

# The rules on cells, which a sealed field has as well as an open one.
CELLS = {"blank": "info", "required": "warning", "type": "error", "range": "warning", "outlier": "info", "choice": "error", "missing_code": "info",
         **texts.RULES}
REDCAP_CELLS = {"pattern": "warning", "hidden": "warning", "calculation": "warning", options.EXCLUSIVE: "warning"}
REDCAP_ROWS = {"complete_with_blanks": "info", options.RANKING: "error", **groups.RULES}
ROWS = {"key": "error", "duplicate_row": "error", persons.SAME: "warning", **same_content.RULES}


def severities(dictionary: FlatDictionary | Project, *, cells_only: bool = False) -> dict[str, str]:
    """The built-in rules of a source with the severity that they have at most."""
    if not isinstance(dictionary, Project):
        return CELLS if cells_only else CELLS | ROWS
    unique = {persons.UNIQUE: "error"} if dictionary.secondary_unique else {}
    return CELLS | REDCAP_CELLS if cells_only else CELLS | REDCAP_CELLS | ROWS | REDCAP_ROWS | unique


def check_source(ledger: Ledger, rows: Rows, day: dt.date | None, *, only: Collection[str] | None = None, sites: Collection[str] = ()) -> list[Row]:
    """The findings of the built-in rules on a source, or on some of its fields; returns its rows of completeness.csv.

    `day` is the last day that the export can know, None if nobody knows it; `sites` are the data access groups where the project does not list them.
    """
    complete: list[Row] = []
    for table in rows.reading.tables:
        complete += check_table(ledger, rows, table, day, only)
    if only is None:
        persons.check_unique(ledger, rows)
        persons.check_same_person(ledger, rows)
        groups.check_groups(ledger, rows, sites)
    return complete


def check_table(ledger: Ledger, rows: Rows, table: Tidy, day: dt.date | None, only: Collection[str] | None = None) -> list[Row]:
    """The findings on one form or flat table, each field looked at once."""
    import numpy as np

    reading = rows.reading
    codes = missing_codes_of(reading)
    key = () if table.form else reading.source.key
    fields = describe(reading.dictionary, table.form, codes)
    chosen = {name: field for name, field in fields.items() if (only is None or name in only) and any(column in table.fields for column in field.columns)}
    answers = open_answers(rows, table, fields.values())
    remarked = {note.field for note in reading.notes if note.rule == missing_codes.RULE}
    erases = reading.dictionary.erases_hidden if isinstance(reading.dictionary, Project) else True
    lacking = np.zeros(table.rows, dtype=np.int32)
    listed, answered = np.ones(table.rows, dtype=bool), np.zeros(table.rows, dtype=bool)
    complete: list[Row] = []
    for field in chosen.values():
        check_cells(ledger, table, field)
        texts.check_texts(ledger, table, field, key)
        if field.status:
            continue
        answer = answers.of(field)
        complete += count_answers(ledger, table, field, answer, answers.opened)
        outside = check_range(ledger, rows, table, field, day, shifted=reading.source.deidentified)
        outliers.check_outliers(ledger, table, field, outside)
        missing_codes.check_missing_codes(ledger, table, field, answer, codes, remarked)
        blank = check_required(ledger, table, field, answer, answers.opened)
        lacking += blank
        listed &= ~blank | (int(blank.sum()) <= LISTED)
        answered |= answer.filled & (not field.derived)
        check_hidden(ledger, table, field, answer, answers.opened, erases=erases)
        options.check_exclusive(ledger, table, field)
        if field.calculation:
            check_calculation(ledger, rows, table, field, answer)
    if only is None:
        same_content.check_same_content(ledger, rows, table)
        same_content.check_shared_numbers(ledger, rows, table)
    missing_codes.check_collisions(ledger, table, chosen, codes)
    options.check_ranking(ledger, table, chosen.values())
    if (status := chosen.get(f"{table.form}_complete")) is not None:
        check_status(ledger, table, status, lacking, listed, answered)
    return complete
