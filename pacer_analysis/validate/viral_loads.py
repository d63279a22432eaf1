"""Viral loads: results that nobody can read, and a log10 that is not that of the result."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pacer_analysis.read.convert import BLANK, VALUE
from pacer_analysis.validate.summed_up import fail_cells

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.plan import ViralLoads
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger

# Whether a text is a result at all; what it means for a threshold is said where endpoints are derived.
NUMBER = r"(\d{1,3}([ ,']\d{3})+(\.\d+)?|\d+(\.\d*)?(e[+-]?\d{1,2})?)"
RESULT = re.compile(rf"(([<>]=?|=[<>]|≤|≥) ?)?{NUMBER}( ?(rna )?(copies|cps|cp|c) ?(/|per) ?ml)?")
WORDS = frozenset({
    "ldl", "<ldl", "< ldl", "tnd", "nd", "not detected", "none detected", "target not detected", "hiv not detected", "hiv-1 not detected", "rna not detected",
    "undetectable", "undetected", "lower than detectable limit", "lower than detectable", "below detectable limit", "below detection limit",
    "below limit of detection", "<lod", "< lod", "below lod",
})
RULES = {"viral_load": "error", "viral_load_log10": "warning", "viral_load_without_date": "warning"}
# log10 of a rounded result: two decimals, and one unit of the smallest results that are reported.
LOG10_TOLERANCE = 0.02


def readable(text: str) -> bool:
    """True if a text states a viral load: a number, a bound, or words for nothing detected."""
    plain = " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").lower().split()).rstrip(".")
    return plain in WORDS or RESULT.fullmatch(plain) is not None


def check_viral_loads(ledger: Ledger, table: Tidy, fields: dict[str, Described], names: ViralLoads) -> None:
    """Findings on the results of a table and on their logarithms."""
    import numpy as np

    cells = table.fields.get(names.result)
    if cells is None or cells.levels.typed.dtype != object:
        return
    value = cells.levels.status == VALUE
    unreadable = value & ~np.array([readable(str(text)) for text in cells.levels.typed], dtype=bool)
    ledger.count("viral_load", "error", evaluated=int(value[cells.codes].sum()))
    fail_cells(
        ledger,
        "viral_load",
        "error",
        table,
        cells,
        unreadable,
        fields[names.result],
        "The viral load cannot be read: neither a number, nor a limit such as <20, nor words for not detected.",
        "correct the result from the laboratory's report",
    )
    _undated(ledger, table, fields, names, value)
    log10 = table.fields.get(names.log10)
    if log10 is None or log10.levels.typed.dtype.kind != "f":
        return
    numbers = np.array([float(text) if re.fullmatch(r"\d+(\.\d*)?", str(text)) and float(text) > 0 else np.nan for text in cells.levels.typed])[cells.codes]
    both = np.isfinite(numbers) & np.isfinite(log10.typed)
    apart = np.abs(np.log10(np.where(both, numbers, 1.0)) - np.where(both, log10.typed, 0.0)) > LOG10_TOLERANCE
    ledger.count("viral_load_log10", "warning", evaluated=int(both.sum()))
    ledger.fail(
        "viral_load_log10",
        "warning",
        table,
        np.flatnonzero(both & apart),
        fields[names.log10],
        "The log10 is not that of the viral load.",
        "correct one of the two from the laboratory's report",
    )


def _undated(ledger: Ledger, table: Tidy, fields: dict[str, Described], names: ViralLoads, value: NDArray[np.bool_]) -> None:
    """A result without a date belongs to no visit; where the date is required, its blank is a finding already."""
    import numpy as np

    dates, results = table.fields.get(names.date), table.fields[names.result]
    if dates is None or fields[names.date].required:
        return
    filled = value[results.codes]
    ledger.count("viral_load_without_date", "warning", evaluated=int(filled.sum()))
    ledger.fail("viral_load_without_date", "warning", table, np.flatnonzero(filled & (dates.status == BLANK)), fields[names.date],
                "The viral load has no date and cannot be used.", "enter the date of the sample from the laboratory's report")
