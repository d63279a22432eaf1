"""One self-contained HTML file per report, from results only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.plan import Cut, Plan


def run(plan: Plan, cut: Cut, *, report: str, results: Path, out_file: Path) -> None:
    """The report (data_quality, open, closed or final) of a cut's results folder, written to `out_file`."""
    from pacer_analysis.render.inputs import read
    from pacer_analysis.render.page import context
    from pacer_analysis.render.templates import page

    inputs = read(plan, report, results)
    out_file.write_text(page(report, context(plan, cut, report, inputs)), encoding="utf-8", newline="\n")
