"""Texts that are not what they look like: formulas that a spreadsheet program would run, and characters that nobody sees."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pacer_analysis.read.convert import VALUE, convert
from pacer_analysis.read.damage import INVISIBLE
from pacer_analysis.validate.summed_up import fail_cells

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.tidy import Cells, Tidy
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger

FORMULA_RULE, INVISIBLE_RULE = "formula", "invisible"
RULES = {FORMULA_RULE: "warning", INVISIBLE_RULE: "warning"}
LEADING = re.compile(r"\0\s*[=@+-]")
NAMES = "SUM|AVERAGE|COUNT|MIN|MAX|IF|ROUND|CONCAT|CONCATENATE|HYPERLINK|WEBSERVICE|INDIRECT|VLOOKUP|CHAR|IMPORTDATA|IMPORTXML|IMAGE|NOW|TODAY|CALL|EXEC|REGISTER|CMD"
CELL = r"('[^']+'!|[A-Za-z_]\w*!)?\$?[A-Z]{1,3}\$?[1-9][0-9]*(:\$?[A-Z]{1,3}\$?[1-9][0-9]*)?"
NUMBER = r"[0-9]+([.,][0-9]+)?%?"
OPERATOR, CALLED = r"\s*(<>|<=|>=|[-+*/^&<>=])\s*[-+]?\s*", r"[A-Z_][A-Z0-9_.]*\(.*"
# ASSUME: a text that begins with = is a formula if a function with its bracket follows, or cells and numbers joined by operators and nothing else, but not a number alone;
# ASSUME: a text that begins with @, + or - is a formula only if a function's name or a call of another program follows.
FORMULA = re.compile(rf"=\s*[-+]?\s*(?!{NUMBER}\s*$)(({CELL}|{NUMBER})({OPERATOR}({CELL}|{NUMBER}|\"[^\"]*\"))*({OPERATOR}{CALLED})?|{CALLED})"
                     rf"|[@+-]({NAMES})\s*\(.*|[=@+-].*\|.*![A-Z]+[0-9]+.*", re.IGNORECASE | re.DOTALL)


def check_texts(ledger: Ledger, table: Tidy, field: Described, key: Collection[str]) -> None:
    """Findings on free text that is a formula, and on values that were read in spite of an invisible character."""
    for name in field.columns:
        cells = table.fields.get(name)
        if cells is None:
            continue
        if field.kind == "text" and not field.validation and field.type in {"", "text", "notes"} and not field.choices:
            _formulas(ledger, table, cells, field)
        if field.kind != "text" or field.validation or name in key:
            _invisible(ledger, table, cells, field)


def _formulas(ledger: Ledger, table: Tidy, cells: Cells, field: Described) -> None:
    import numpy as np

    ledger.count(FORMULA_RULE, RULES[FORMULA_RULE], evaluated=table.rows)
    raw = cells.levels.raw.tolist()
    if LEADING.search("\0".join(["", *raw])):
        marked = np.array([FORMULA.fullmatch(text.strip()) is not None for text in raw], dtype=bool)
        fail_cells(ledger, FORMULA_RULE, RULES[FORMULA_RULE], table, cells, marked, field, "The text is a formula, which a spreadsheet program would run.",
                   "look who wrote it; write the text without the sign before it")


def _invisible(ledger: Ledger, table: Tidy, cells: Cells, field: Described) -> None:
    """Values read without a character that stands beside them; in a key the character is part of the value. What is no code is a finding already."""
    import numpy as np

    ledger.count(INVISIBLE_RULE, RULES[INVISIBLE_RULE], evaluated=table.rows)
    marked = _with_invisible(cells)
    if marked is not None:
        if field.choices:
            codes = dict(field.choices)
            marked &= np.array([text in codes for text in cells.levels.typed], dtype=bool)
        fail_cells(ledger, INVISIBLE_RULE, RULES[INVISIBLE_RULE], table, cells, marked & (cells.levels.status == VALUE), field,
                   "An invisible character (a no-break space, a zero-width or control character) stands beside the value.", "type the value again")


def readable_without(cells: Cells, failed: NDArray[np.bool_], codes: Collection[str] = ()) -> NDArray[np.bool_]:
    """The texts, of those that are no value, that would be one without their invisible characters; with `codes`, one of these."""
    import numpy as np

    marked = _with_invisible(cells)
    found = np.zeros(len(failed), dtype=bool)
    if marked is None or not (marked & failed).any():
        return found
    places = np.flatnonzero(marked & failed)
    clean = [INVISIBLE.sub("", text).strip() for text in cells.levels.raw[places]]
    found[places] = [text in codes for text in clean] if codes else convert(cells.kind, clean, ()).status == VALUE
    return found


def _with_invisible(cells: Cells) -> NDArray[np.bool_] | None:
    """The texts that hold an invisible character, None if none does."""
    import numpy as np

    raw = cells.levels.raw.tolist()
    if not INVISIBLE.search("\0".join(raw)):
        return None
    return np.array([INVISIBLE.search(text) is not None for text in raw], dtype=bool)
