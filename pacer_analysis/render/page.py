"""What a page shows: its heading, board, sections, methods and appendix, as data for the templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacer_analysis.figures import meter
from pacer_analysis.render import drawings, gallery
from pacer_analysis.render.inputs import RESTRICTED, Inputs
from pacer_analysis.render.panel import panel
from pacer_analysis.tables import board, contents, numbers, quality
from pacer_analysis.tables.cells import unverified
from pacer_analysis.tables.headline import headline
from pacer_analysis.tables.labels import names_for
from pacer_analysis.tables.methods import methods
from pacer_analysis.tables.model import Notice, Table
from pacer_analysis.tables.selection import Results

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pacer_analysis.figures.scene import Scene
    from pacer_analysis.plan import Cut, Plan
    from pacer_analysis.render.drawings import Figure
    from pacer_analysis.tables.labels import Names

TITLES = {"data_quality": "Data quality", "open": "Open session", "closed": "Closed session", "final": "Final report"}
QUERIES_SHOWN = 2000
MASKED = "(masked)"


@dataclass(frozen=True, slots=True)
class Block:
    """A figure, a table or a notice in its place."""

    kind: str
    item: Figure | Table | Notice


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section with its blocks."""

    id: str
    number: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class TileView:
    """A tile and its small bar."""

    tile: board.Tile
    bar: Scene | None


def context(plan: Plan, cut: Cut, report: str, inputs: Inputs) -> dict[str, Any]:
    """Everything that the report's template names."""
    restricted = report in RESTRICTED
    results = Results(tuple(inputs.estimates))
    names = names_for(plan, inputs.estimates, coded=report == "closed", levels=inputs.levels)
    tiles = (quality.board(inputs.inventory, inputs.rules, inputs.queries) if report == "data_quality"
             else board.board(plan, cut, results, names, inputs.queries))
    sections = result_sections(plan, results, names, inputs, closed=report == "closed") if inputs.estimates else []
    tables = quality_tables(inputs) if report == "data_quality" else []
    findings_table = quality.by_rule_and_severity(inputs.queries, "") if report != "data_quality" else None
    closed_table = quality.by_rule(inputs.closed_rules, inputs.closed_queries, "", key="closed-rules",
                                   title="Rules that need the allocation, and their findings",
                                   source="restricted/rules_closed.csv, restricted/queries_closed.csv") if inputs.closed_rules else None
    main = headline(plan, results, names) if report == "final" else None
    rail = contents_list(report, sections, tables, headline=main is not None, findings=bool(findings_table or closed_table))
    return {
        "rail": rail, "plan": plan, "cut": cut, "report": report, "title": TITLES[report], "restricted": restricted,
        "synthetic": bool(inputs.cut.get("synthetic")), "facts": facts(plan, cut),
        "tiles": [TileView(tile, bar(tile, place)) for place, tile in enumerate(tiles)],
        "headline": main, "sections": sections, "unverified": sum(unverified(row) for row in results.estimates),
        "tables": tables, "queries": queries(inputs.queries, inputs.identifiers) if report == "data_quality" else [],
        "query_count": numbers.count(len(inputs.queries)),
        "queries_shown": numbers.count(min(QUERIES_SHOWN, len(inputs.queries))), "findings_table": findings_table, "closed_table": closed_table,
        "methods": methods(plan, results), "manifest": appendix(inputs.manifest), "command": command(plan, cut, report),
        "panel": panel(plan, names, inputs.estimates),
    }


def contents_list(report: str, sections: Sequence[SectionView], tables: Sequence[Table], *, headline: bool,
                  findings: bool) -> list[tuple[str, str, str]]:
    """The contents: anchor, number and title of each part of the page."""
    found = [("status", "", "Status at this cut")] + [("result", "", "Primary result")] * headline
    found += [(f"section-{section.id}", section.number, section.title) for section in sections]
    found += [(f"section-{table.key}", table.number, table.title) for table in tables]
    found += [("findings", "", "Data quality")] * findings
    found += [("queries", "", "The findings")] if report == "data_quality" else [("methods", "", "Methods")]
    return [*found, ("reproducibility", "", "Reproducibility")]


def facts(plan: Plan, cut: Cut) -> list[tuple[str, str]]:
    """The line under the title: what this report is of."""
    found = [("Data cut", cut.name), ("Data to", cut.cutoff.isoformat()), ("Kind", f"{cut.kind} cut"), ("Locked", cut.locked_at),
             ("Meeting series", cut.series), ("Previous cut", cut.previous), ("Plan", f"version {plan.version}"), ("SAP", plan.sap)]
    return [(name, value) for name, value in found if value]


def bar(tile: board.Tile, place: int) -> Scene | None:
    """The small bar of a tile that has a share."""
    return meter.draw(f"tile-{place}", tile.share, tile.mark,
                      finding=f"{tile.title}: {tile.value} {tile.denominator}") if tile.share is not None else None


def result_sections(plan: Plan, results: Results, names: Names, inputs: Inputs, *, closed: bool) -> list[SectionView]:
    """The sections that have something to show, each table after its figure."""
    drawing = drawings.Drawing(plan, results, names, drawings.by_curve(inputs.curves))
    found = []
    for section in contents.sections(plan, results, closed=closed):
        drawn = gallery.figures(drawing, section)
        blocks: list[Block] = []
        for unit in section.units:
            item = contents.block(results, names, unit)
            if unit.number in drawn:
                blocks.append(Block("figure", drawn[unit.number]))
            if isinstance(item, Notice) and blocks and isinstance(blocks[-1].item, Notice) and blocks[-1].item.text == item.text:
                blocks[-1] = Block("notice", Notice((*blocks[-1].item.entries, *item.entries), item.text))
            elif item is not None:
                blocks.append(Block("notice" if isinstance(item, Notice) else "table", item))
        if blocks:
            found.append(SectionView(section.id, str(section.number), section.title, tuple(blocks)))
    return found


def quality_tables(inputs: Inputs) -> list[Table]:
    """The tables of the data-quality report that have rows."""
    made = [quality.inventory(inputs.inventory, "1"), quality.by_rule_and_severity(inputs.queries, "2"),
            quality.crossed(inputs.queries, "site", "3", "Open findings by site", "Site"),
            quality.crossed(inputs.queries, "instrument", "4", "Open findings by form", "Form"), quality.heat(inputs.queries, "5"),
            quality.by_rule(inputs.rules, inputs.queries, "6")]
    return [table for table in made if table is not None]


def queries(lines: Sequence[Mapping[str, str]], identifiers: frozenset[str]) -> list[dict[str, str]]:
    """The open findings first, the most severe and oldest at the top; values of identifying fields masked; no more than QUERIES_SHOWN."""
    order = {name: place for place, name in enumerate(quality.SEVERITIES)}
    ranked = sorted(lines, key=lambda line: (not board.is_open(line), order.get(line.get("severity", ""), len(order)),
                                             -quality.whole(line.get("age_days")), line.get("rule", ""), line.get("record", ""),
                                             line.get("query_id", "")))
    return [{**line, "value": MASKED if line.get("field") in identifiers and line.get("value") else line.get("value", ""),
             "value_label": "" if line.get("field") in identifiers else line.get("value_label", "")} for line in ranked[:QUERIES_SHOWN]]


def command(plan: Plan, cut: Cut, report: str) -> str:
    """The command that recomputes the report."""
    return f"pacer run analysis_plan/{plan.id} --cut {cut.name} {report}"


def appendix(manifest: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The manifest in groups: single facts first, then inputs, versions and outputs."""
    single = [(str(key), str(value)) for key, value in manifest.items() if not isinstance(value, dict | list)]
    groups = [(str(key), [(str(name), str(value)) for name, value in content.items()]) for key, content in manifest.items()
              if isinstance(content, dict) and content]
    return ([("this report", single)] if single else []) + groups
