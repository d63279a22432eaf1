"""Central statistical monitoring of the open tables: last digits, dates, repeated rows, and each site against all; no arm is known here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pacer_analysis.dictionary import FlatDictionary, Project
    from pacer_analysis.plan import Plan

__all__ = ["run", "run_alone", "run_of_plan"]


def run(tables: Path, dictionaries: Mapping[str, FlatDictionary | Project], out: Path, *, queries: Path | None = None, site: tuple[str, str, str] | None = None) -> str:
    """monitoring.csv, monitoring_shapes.csv and monitoring_measures.csv in `out`, from the tidy tables in a folder.

    `dictionaries` has the dictionary of every source by its id; a project's tables lie as <source>/<form>.parquet or <form>.parquet, a flat source's as
    <source>.parquet, or alone in the folder. `queries` is the register of findings; `site` the source, form and field of a record's site where that is not the
    data access group. Returns a line for the log. Nothing depends on the clock, and no line of it holds a participant's value.
    """
    from pacer_analysis.monitoring.registry import MEASURES
    from pacer_analysis.monitoring.tables import load
    from pacer_analysis.monitoring.waiting import waiting
    from pacer_analysis.monitoring.written import write

    loaded = load(tables, dictionaries, waiting(queries), site)
    comparisons, flagged = write({name: measure.compute(loaded) for name, measure in MEASURES.items()}, out)
    return f"{comparisons} comparisons, {flagged} flagged"


def run_alone(out: Path, dictionary: Path) -> str:
    """The same for what `pacer validate --out` wrote of one export: its tables/, its queries, the dictionary that was named."""
    import csv

    from pacer_analysis.dictionary import load_any

    with (out / "inventory.csv").open(encoding="utf-8", newline="") as handle:
        source = next((row["source"] for row in csv.DictReader(handle)), "export")
    return run(out / "tables", {source: load_any(dictionary)}, out, queries=out / "queries.csv")


def run_of_plan(plan: Plan, clean: Path) -> str:
    """The same for the open sources of a plan, beside the tables that validation left in clean/."""
    from pacer_analysis.read import load_dictionary

    people = plan.participants
    named = people.site["field"] if people.site else ""
    in_table = bool(named) and named != "redcap_data_access_group"
    return run(clean, {source.id: load_dictionary(plan, source) for source in plan.open_sources() if source.dictionary}, clean, queries=clean / "queries.csv",
               site=(people.source, people.form, named) if in_table else None)
