"""accepted.csv: queries that people looked at and accept as they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError
from pacer_analysis.validate.handwritten import read_rows
from pacer_analysis.validate.queries import with_letter

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

COLUMNS = ("query_id", "reason", "who", "date")
RULE = "accepted"
QUERY_ID = re.compile(r"q[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One line of the list: which query, and who accepted it when and why."""

    query_id: str
    reason: str
    who: str
    date: str
    line: int

    @property
    def words(self) -> str:
        """The acceptance as it stands in the comment of its query."""
        return f"accepted by {self.who} on {self.date}: {self.reason}"


def load_accepted(path: Path | None) -> dict[str, Acceptance] | None:
    """The acceptances by query; None if there is no file, which leaves those of the previous cut in force.

    ExportError, with the line, for a file without its columns, a blank cell, a date that is none, and a query listed twice.
    """
    if path is None or not path.is_file():
        return None
    found: dict[str, Acceptance] = {}
    for line, row in read_rows(path, COLUMNS, COLUMNS):
        name = with_letter(row["query_id"].strip().lstrip("'").lower())
        if name in found:
            raise ExportError(f"a query stands twice in {path.name}", where=f"{path}, lines {found[name].line} and {line}", do="keep one of the two lines")
        found[name] = Acceptance(name, _one_line(row["reason"]), _one_line(row["who"]), row["date"].strip(), line)
    return found


def unknown_queries(name: str, prefix: str, accepted: Mapping[str, Acceptance], known: Collection[str]) -> list[dict[str, str]]:
    """A remark, as a query, for each acceptance of a query that is not in the register; `name` is that of the file."""
    return [
        {
            "record": "", "site": "", "event": "", "instrument": name, "instance": entry.query_id if QUERY_ID.fullmatch(entry.query_id) else f"line {entry.line}",
            "field": "", "label": "", "value": "", "value_label": "", "rule": prefix + RULE, "severity": "info",
            "message": "The query accepted here is not in the register.",
            "action": "copy the query_id from queries.xlsx, where it is text; a spreadsheet program may have changed it in a CSV file",
            "source": name, "line": str(entry.line),
        }
        for entry in accepted.values() if entry.query_id not in known
    ]


def _one_line(text: str) -> str:
    return " ".join(text.split())
