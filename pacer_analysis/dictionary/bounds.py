"""Whether the bound of a range can be read: a spreadsheet changes dates and times in passing."""

from __future__ import annotations

import re

DYNAMIC = frozenset({"today", "now"})
PATTERNS = {
    "date": r"\d{4}-\d{2}-\d{2}",
    "datetime": r"\d{4}-\d{2}-\d{2} \d{1,2}:\d{2}(:\d{2})?",
    "time": r"\d{1,2}:\d{2}(:\d{2})?",
    "integer": r"[-+]?\d+(\.0*)?",
    "number": r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?",
    "comma_number": r"[-+]?(\d+[.,]?\d*|[.,]\d+)([eE][-+]?\d+)?",
}


def readable_bound(kind: str, bound: str) -> bool:
    """True if a bound is a value of the field's kind, `today` or `now`, or refers to another field; blank bounds and kinds without range are fine."""
    if not bound or kind not in PATTERNS or "[" in bound or bound.strip("'\"").lower() in DYNAMIC:
        return True
    return re.fullmatch(PATTERNS[kind], bound) is not None
