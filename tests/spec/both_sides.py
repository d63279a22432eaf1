"""Drawn files of a cut, and what both sides of its validation write: `False` is the open side, `True` the sealed one."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from pacer_analysis import validate
from pacer_analysis.plan import Cut, Plan
from tests.spec.drawing import cells

FLAT_HEADER = "name,label,type,unit,min,max,codes,required,identifier\n"
QUERIES = {False: "clean/queries.csv", True: "queries_closed.csv"}
RULES = {False: "clean/rules.csv", True: "rules_closed.csv"}


def write_dictionaries(folder: Path, fields: Mapping[str, str]) -> None:
    """The dictionaries of flat sources, `<source>_fields.csv`, of lines without their header."""
    for name, lines in fields.items():
        (folder / f"{name}_fields.csv").write_text(FLAT_HEADER + lines, encoding="utf-8")


def write_drawn(path: Path, drawn: str) -> None:
    """A drawn table as a CSV file."""
    header, rows = cells(drawn)
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([header, *rows])


def validate_both(plan: Plan, exports: Path, folder: Path, cutoff: str = "2016-12-31", locked: str = "") -> None:
    """Both sides of a cut, each in a folder of `folder` named after it."""
    cut = Cut("drawn", dt.date.fromisoformat(cutoff), "final", exports, locked)
    for sealed in (False, True):
        (folder / f"{sealed}").mkdir()
        validate.run(plan, cut, exports=exports, out=folder / f"{sealed}", sealed=sealed, previous=None)


def queries_of(folder: Path, *, sealed: bool) -> list[dict[str, str]]:
    """The queries of one side."""
    return _rows(folder / f"{sealed}" / QUERIES[sealed])


def counts_of(folder: Path, rule: str, *, sealed: bool) -> tuple[int, ...]:
    """Evaluated, failed and not evaluable of one rule on one side; nothing if the side does not have it."""
    return next((tuple(int(row[name]) for name in ("evaluated", "failed", "not_evaluable")) for row in _rows(folder / f"{sealed}" / RULES[sealed]) if row["rule"] == rule), ())


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
