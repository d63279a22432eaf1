"""One self-contained HTML file per report, from results only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from pacer_analysis.plan import Cut, Plan

__all__ = ["run", "run_alone"]


def run(plan: Plan, cut: Cut, *, report: str, results: Path, out_file: Path) -> None:
    """The report (data_quality, open, closed or final) of a cut's results folder, written to `out_file`."""
    from pacer_analysis.render.page import TITLES, context
    from pacer_analysis.render.templates import page

    if report == "data_quality":
        filled = _quality(plan, cut, results, TITLES[report])
    else:
        from pacer_analysis.render.inputs import read

        filled = context(plan, cut, report, read(plan, report, results))
    out_file.write_text(page(report, filled), encoding="utf-8", newline="\n")


def run_alone(folder: Path, out_file: Path, *, identifiers: Collection[str] = ()) -> None:
    """The data-quality page of what `pacer validate --out` wrote, without a plan: the project's title, the day of the export, its sites if it has any.

    Values of `identifiers`, and of the fields that fields.csv marks, are masked.
    """
    from pacer_analysis.render.heads import masthead_alone
    from pacer_analysis.render.quality_inputs import read_quality
    from pacer_analysis.render.quality_page import context
    from pacer_analysis.render.templates import page
    from pacer_analysis.tables.quality_history import is_first
    from pacer_analysis.tables.tiles import FIRST_EXPORT

    inputs = read_quality(folder, folder, "", frozenset(identifiers))
    study, day = str(inputs.cut.get("study") or "Export"), str(inputs.cut.get("cutoff") or "")
    said = str(inputs.cut.get("day") or "")
    before = str(inputs.cut.get("previous") or "")
    known = [("Data to", f"{day} ({said})" if said and day else day or (said and f"day of the export {said}")), ("Previous export", before), ("File", ", ".join(line.get("file", "") for line in inputs.inventory))]
    filled = context(masthead_alone(study, day, [(name, text) for name, text in known if text]), inputs, first=not before and is_first(inputs.queries), events={}, manifest=None,
                     command="pacer validate --export EXPORT --dictionary DICTIONARY --out FOLDER", capitals="in capitals stand your export, its dictionary and the folder to make",
                     beginning=FIRST_EXPORT, status="Status of this export")
    out_file.write_text(page("data_quality", filled), encoding="utf-8", newline="\n")


def _quality(plan: Plan, cut: Cut, results: Path, title: str) -> dict[str, object]:
    """The data-quality page of a cut, from its open side alone."""
    from pacer_analysis.render.heads import CAPITALS, appendix, command, masthead
    from pacer_analysis.render.inputs import AUDIENCES, coded, event_order, manifest
    from pacer_analysis.render.quality_inputs import read_quality
    from pacer_analysis.render.quality_page import context

    inputs = read_quality(results / "clean", results, "clean/", coded(plan)[1])
    events = {visit.event: visit.label for visit in plan.visits.schedule if visit.event} if plan.visits else {}
    return context(masthead(plan, cut, title), inputs, first=not cut.previous, events=events, manifest=appendix(manifest(results / AUDIENCES["open"])),
                   command=command(cut, "data_quality"), capitals=CAPITALS, order=event_order(plan))
