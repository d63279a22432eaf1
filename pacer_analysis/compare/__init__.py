"""Two cuts, or two validations of one project, held side by side: what was added, changed and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.compare.folders import check_comparable, open_results

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["compare"]


def compare(first: Path, second: Path, out: Path | None) -> str:
    """What differs between two folders of results, in lines for a screen that show no participant.

    Each is the results folder of a cut, or what a validation without a plan wrote. With `out`, an existing folder, the counts
    are written to summary.csv and every difference to changes.csv. What is restricted is never read. Raises ExportError for a
    folder that holds no results, and for two of different kinds.
    """
    from pacer_analysis.compare.changes import compare_tables
    from pacer_analysis.compare.registers import compare_registers
    from pacer_analysis.compare.said import say
    from pacer_analysis.compare.written import write_changes, write_summary

    before, after = open_results(first), open_results(second)
    check_comparable(before, after)
    found, queries = compare_tables(before, after), compare_registers(before, after)
    if out is not None:
        write_summary(out / "summary.csv", found, queries)
        write_changes(out / "changes.csv", found)
    return say(before, after, found, queries)
