"""One finding where hundreds would say the same: a whole column in another format, an export taken long after the cut-off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pacer_analysis.read.convert import BLANK, MISSING
from pacer_analysis.read.notes import Note

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.tidy import Cells, Tidy
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger

MANY = 50
SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})( .*)?")
FORMATS = (
    ("YYYY/MM/DD", re.compile(r"\d{4}[/.]\d{1,2}[/.]\d{1,2}")),
    ("a date with a time", re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{1,2}:\d{2}.*")),
    ("a date without a time", re.compile(r"\d{4}-\d{2}-\d{2}")),
    ("YYYYMMDD", re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])[0-3]\d")),
    ("days as a spreadsheet or a statistics program counts them", re.compile(r"\d{4,5}(\.0*)?")),
    ("a day, the name of a month and a year", re.compile(r"\d{1,2}[ -]?[A-Za-z]{3,9}[ -]?\d{2,4}")),
)
DECIMAL_CODE = re.compile(r"-?\d+\.0+")
NUMBER_FORMATS = (
    ("numbers with a decimal comma", re.compile(r"[-+]?\d+,\d+")),
    ("numbers with separated thousands", re.compile(r"[-+]?\d{1,3}([ ,.']\d{3})+([.,]\d+)?")),
    ("numbers with decimals", re.compile(r"[-+]?\d+\.\d+")),
    ("numbers with a unit or a sign", re.compile(r"[<>=~ ]*[-+]?\d+([.,]\d+)?\s*[^\d\s.,].*|[<>=~]+ ?\d+([.,]\d+)?")),
)


def fail_or_sum_up(ledger: Ledger, rule: str, severity: str, table: Tidy, rows: NDArray[np.intp], about: Described, message: str, action: str, remark: str = "",
                   *, many: int = MANY) -> None:
    """A finding for each row, or beyond `many` rows a single one on the field, which says how many and the remark.

    The rows of a single finding are remembered as such, so that an earlier query on one of them does not count as resolved.
    """
    if len(rows) <= many:
        ledger.fail(rule, severity, table, rows, about, message, action)
        return
    ledger.count(rule, severity, failed=len(rows))
    ledger.notes.append((table.source, Note(rule, severity, about.name, f"{len(rows)} rows: {message} {remark}".rstrip(), action, table.form)))
    ledger.unknown.append((ledger.prefix + rule, table, about.name, rows))


def fail_cells(ledger: Ledger, rule: str, severity: str, table: Tidy, cells: Cells, failed: NDArray[np.bool_], about: Described, message: str, action: str) -> None:
    """A finding for each cell whose text is marked, or a single one where more than fifty, and more than half of the column's values, are."""
    import numpy as np

    rows = cells.where(failed)
    values = np.bincount(cells.codes, minlength=len(cells.levels.raw))[~np.isin(cells.levels.status, (BLANK, MISSING))].sum()
    if 2 * len(rows) <= values:
        ledger.fail(rule, severity, table, rows, about, message, action)
        return
    found = likely_format(about.kind, [str(text).strip() for text in cells.levels.raw[failed]], dict(about.choices))
    fail_or_sum_up(ledger, rule, severity, table, rows, about, message, action, f"The whole column seems to hold {found}." if found else "")


def likely_format(kind: str, texts: list[str], choices: dict[str, str]) -> str:
    """What most of the texts look like, in words that repeat none of them; '' if nothing that is known."""
    if choices:
        labels = {label.lower() for label in choices.values()}
        if _most(text.lower() in labels for text in texts):
            return "labels instead of codes"
        return "codes that another program wrote as numbers with decimals" if _most(DECIMAL_CODE.fullmatch(text) for text in texts) else ""
    if kind in {"date", "datetime"}:
        parts = [match for text in texts if (match := SLASHED.fullmatch(text))]
        if 2 * len(parts) > len(texts):
            return _order({int(match[1]) for match in parts}, {int(match[2]) for match in parts})
        return next((name for name, pattern in FORMATS if _most(pattern.fullmatch(text) for text in texts)), "")
    if kind in {"integer", "number", "comma_number"}:
        return next((name for name, pattern in NUMBER_FORMATS if _most(pattern.fullmatch(text) for text in texts)), "")
    return ""


def _order(first: set[int], second: set[int]) -> str:
    """Which of two numbers is the day: the one that goes beyond 12."""
    if max(first) > 12 and max(second) > 12:
        return "dates as DD/MM/YYYY and as MM/DD/YYYY"
    if max(first) > 12:
        return "dates as DD/MM/YYYY"
    return "dates as MM/DD/YYYY" if max(second) > 12 else "dates as DD/MM/YYYY or MM/DD/YYYY"


def _most(marks: Iterable[object]) -> bool:
    listed = [bool(mark) for mark in marks]
    return 2 * sum(listed) > len(listed)
