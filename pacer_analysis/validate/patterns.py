"""Text fields with a form of their own: addresses, telephone numbers, codes of post and hospital, times with or without seconds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pacer_analysis.read.convert import VALUE
from pacer_analysis.validate.summed_up import fail_cells

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.tidy import Cells, Tidy
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger

NORTH_AMERICAN = r"1?[2-9][0-8]\d[2-9]\d{6}(x\d+)?"
PATTERNS: dict[str, tuple[re.Pattern[str], str]] = {
    "email": (re.compile(r"(?i)[A-Z0-9._%+'-]+@[A-Z0-9.-]+\.[A-Z]{2,}"), "an e-mail address"),
    "phone": (re.compile(NORTH_AMERICAN), "a telephone number of ten digits, as North America writes them"),
    "phone_australia": (re.compile(r"(61|0)?[2-478]\d{8}|1[38]00\d{6}|13\d{4}"), "an Australian telephone number"),
    "phone_uk": (re.compile(r"(44|0)\d{9,10}"), "a telephone number of the United Kingdom"),
    "zipcode": (re.compile(r"\d{5}(-\d{4})?"), "a zip code, 12345 or 12345-6789"),
    "postalcode_australia": (re.compile(r"\d{4}"), "an Australian postal code of four digits"),
    "postalcode_canada": (re.compile(r"(?i)[ABCEGHJ-NPRSTVXY]\d[A-Z][ -]?\d[A-Z]\d"), "a Canadian postal code, A1A 1A1"),
    "postalcode_french": (re.compile(r"\d{5}"), "a French postal code of five digits"),
    "postalcode_germany": (re.compile(r"\d{5}"), "a German postal code of five digits"),
    "ssn": (re.compile(r"\d{3}-\d{2}-\d{4}"), "a social security number, 123-45-6789"),
    "mrn_10d": (re.compile(r"\d{10}"), "a number of ten digits"),
    "mrn_generic": (re.compile(r"(?i)[a-z0-9_-]+"), "letters, digits, - and _ alone"),
    "vmrn": (re.compile(r"\d{4,9}"), "a number of four to nine digits"),
    "alpha_only": (re.compile(r"[^\W\d_]+"), "letters alone"),
    **dict.fromkeys(("datetime_ymd", "datetime_mdy", "datetime_dmy"), (re.compile(r"[^:]*:\d{2}"), "a date and time as YYYY-MM-DD HH:MM, without seconds")),
    **dict.fromkeys(("datetime_seconds_ymd", "datetime_seconds_mdy", "datetime_seconds_dmy"), (re.compile(r"[^:]*:\d{2}:\d{2}"), "a date and time as YYYY-MM-DD HH:MM:SS, with seconds")),
    "time": (re.compile(r"([01]?\d|2[0-3]):[0-5]\d"), "a time as HH:MM, without seconds"),
    "time_hh_mm_ss": (re.compile(r"\d{1,2}:\d{2}:\d{2}"), "a time as HH:MM:SS, with seconds"),
    "time_mm_ss": (re.compile(r"\d{1,2}:\d{2}"), "minutes and seconds as MM:SS"),
}
# What stands between the digits of a telephone number is not looked at.
PUNCTUATION = re.compile(r"[\s().+/-]|(?i:ext\.?)")
TELEPHONES = frozenset({"phone", "phone_australia", "phone_uk"})


def fits(validation: str, text: str) -> bool:
    """True if a text has the form of its validation type, or the type is none of those with a form."""
    if validation not in PATTERNS:
        return True
    if validation in TELEPHONES:
        text = PUNCTUATION.sub(lambda found: "x" if found[0][:1] in "eE" else "", text.strip())
    return PATTERNS[validation][0].fullmatch(text.strip()) is not None


def check_pattern(ledger: Ledger, table: Tidy, cells: Cells, field: Described, used: NDArray[np.intp]) -> None:
    """Findings on texts that do not have the form of the field's validation type; a form is tested on entry alone, hence warnings."""
    import numpy as np

    if field.validation not in PATTERNS:
        return
    value = cells.levels.status == VALUE
    wrong = value & np.array([not fits(field.validation, str(text)) for text in (cells.levels.raw if cells.kind == "datetime" else cells.levels.typed)], dtype=bool)
    ledger.count("pattern", "warning", evaluated=int(used[value].sum()))
    fail_cells(ledger, "pattern", "warning", table, cells, wrong, field, f"The value is not {PATTERNS[field.validation][1]}.", "correct the value at its source")
