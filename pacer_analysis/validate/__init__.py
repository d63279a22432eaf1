"""Validation: tidy tables and findings from the exports of a cut, each rule with what passed, failed and could not be evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.plan import Cut, Plan

__all__ = ["run"]


def run(plan: Plan, cut: Cut, *, exports: Path, out: Path, sealed: bool, previous: Path | None) -> str:
    """Tidy tables, inventory, rules and queries of one side of the blinding, written into `out`.

    `exports` is the cut's folder. With `sealed` false: out/clean/, from open sources less their sealed fields. With `sealed`
    true: out/sealed/, rules_closed.csv and queries_closed.csv. `previous` is the queries file of the previous cut.
    Returns a line for the log. Raises ExportError for a file that is not what the plan says, DictionaryError for a dictionary that contradicts itself.
    """
    from pacer_analysis.validate.sides import run_open, run_sealed

    (run_sealed if sealed else run_open)(plan, cut, exports, out, previous)
    rows = sum(int(row["rows"]) for row in _table(out / ("sealed" if sealed else "clean") / "inventory.csv"))
    findings = [row["severity"] for row in _table(out / "queries_closed.csv" if sealed else out / "clean/queries.csv") if row["status"] not in {"resolved", "accepted"}]
    return f"{rows} rows, {findings.count('error')} errors, {findings.count('warning')} warnings, {findings.count('info')} for information"


def _table(path: Path) -> list[dict[str, str]]:
    import csv

    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
