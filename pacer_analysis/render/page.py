"""What a page shows: its heading, board, sections, methods and appendix, as data for the templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacer_analysis.figures import meter
from pacer_analysis.render import drawings, gallery
from pacer_analysis.render.heads import appendix, banners, command, css, facts, running_head
from pacer_analysis.render.inputs import RESTRICTED, Inputs
from pacer_analysis.render.panel import panel
from pacer_analysis.tables import board, contents, contrasts, numbers, quality, quality_board
from pacer_analysis.tables.cells import unverified
from pacer_analysis.tables.headline import headline
from pacer_analysis.tables.labels import names_for
from pacer_analysis.tables.methods import methods
from pacer_analysis.tables.model import Notice, Table
from pacer_analysis.tables.selection import Results
from pacer_analysis.tables.tiles import Tile, is_open

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pacer_analysis.figures.scene import Scene
    from pacer_analysis.plan import Cut, Plan
    from pacer_analysis.render.drawings import Figure
    from pacer_analysis.tables.contents import Section
    from pacer_analysis.tables.labels import Names

TITLES = {"data_quality": "Data quality", "open": "Open session", "closed": "Closed session", "final": "Final report"}
QUERIES_SHOWN = 2000
MASKED = "(masked)"
NO_DUE_DATE = "contacts: without a due date"


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
    note: str = ""


@dataclass(frozen=True, slots=True)
class TileView:
    """A tile and its small bar."""

    tile: Tile
    bar: Scene | None


def context(plan: Plan, cut: Cut, report: str, inputs: Inputs) -> dict[str, Any]:
    """Everything that the report's template names."""
    restricted = report in RESTRICTED
    results = Results(tuple(inputs.estimates))
    names = names_for(plan, inputs.estimates, coded=report == "closed", levels=inputs.levels)
    first = not cut.previous
    tiles = (quality_board.board(inputs.inventory, inputs.rules, inputs.queries, first=first) if report == "data_quality"
             else board.board(plan, cut, results, names, inputs.queries, inputs.closed_queries, by_arm=report == "closed"))
    sections = result_sections(plan, results, names, inputs, closed=report == "closed") if inputs.estimates else []
    tables = quality_tables(inputs, first=first) if report == "data_quality" else []
    findings_table = quality.by_rule_and_severity(inputs.queries, "", first=first) if report != "data_quality" else None
    closed_table = quality.by_rule(inputs.closed_rules, inputs.closed_queries, "", key="closed-rules",
                                   title="Rules that need the allocation, and their findings",
                                   source="restricted/rules_closed.csv, restricted/queries_closed.csv") if inputs.closed_rules else None
    main = headline(plan, results, names) if report == "final" else None
    against = contrasts.reference(results.estimates, names) if report == "closed" else ""
    rail = contents_list(report, sections, tables, headline=main is not None, findings=bool(findings_table or closed_table))
    return {
        "rail": rail, "plan": plan, "cut": cut, "report": report, "title": TITLES[report], "restricted": restricted,
        "synthetic": bool(inputs.cut.get("synthetic")), "facts": facts(plan, cut, against), "against": against, "first": first,
        "running_head": running_head(plan, cut, TITLES[report]),
        "running_banners": css(banners(restricted=restricted, synthetic=bool(inputs.cut.get("synthetic")))),
        "tiles": [TileView(tile, bar(tile, place)) for place, tile in enumerate(tiles)],
        "headline": main, "sections": sections, "unverified": sum(unverified(row) for row in results.estimates),
        "tables": tables, "queries": queries(plan, inputs.queries, inputs.identifiers) if report == "data_quality" else [],
        "query_count": numbers.count(len(inputs.queries)),
        "queries_shown": numbers.count(min(QUERIES_SHOWN, len(inputs.queries))), "findings_table": findings_table, "closed_table": closed_table,
        "methods": methods(plan, results, names), "manifest": appendix(inputs.manifest), "command": command(cut, report),
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


def bar(tile: Tile, place: int) -> Scene | None:
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
            found.append(SectionView(section.id, str(section.number), section.title, tuple(blocks),
                                     unseen(plan, section, inputs.facts) if any(block.kind != "notice" for block in blocks) else ""))
    return found


def unseen(plan: Plan, section: Section, known: Mapping[str, int]) -> str:
    """What an open section on retention must say of contacts whose due date rests on a field that only the closed side sees."""
    contacts = plan.contacts
    blank = known.get(NO_DUE_DATE, 0)
    if not contacts or not blank or contacts.supply not in plan.sources[contacts.source].sealed_fields:
        return ""
    endpoints = [plan.endpoints[analysis.endpoint] for unit in section.units for analysis in unit.analyses if analysis.endpoint in plan.endpoints]
    if not any(endpoint.derivation.get("retention") or endpoint.derivation.get("in_care") for endpoint in endpoints):
        return ""
    return (f"In {numbers.count(blank)} dispensings no next visit was scheduled; the due date then rests on the days supplied, which the open side "
            f"does not see. Closed and final reports use it, so totals may differ by a few {plan.participants.plural}.")


def quality_tables(inputs: Inputs, *, first: bool) -> list[Table]:
    """The tables of the data-quality report that have rows."""
    made = [quality.inventory(inputs.inventory, "1"), quality.by_rule_and_severity(inputs.queries, "2", first=first),
            quality.crossed(inputs.queries, "site", "3", "Open findings by site", "Site", first=first),
            quality.crossed(inputs.queries, "instrument", "4", "Open findings by form", "Form", first=first), quality.heat(inputs.queries, "5"),
            quality.by_rule(inputs.rules, inputs.queries, "6")]
    return [table for table in made if table is not None]


def queries(plan: Plan, lines: Sequence[Mapping[str, str]], identifiers: frozenset[str]) -> list[dict[str, str]]:
    """The open findings first, the most severe and oldest at the top; values of identifying fields masked; no more than QUERIES_SHOWN."""
    order = {name: place for place, name in enumerate(quality.SEVERITIES)}
    ranked = sorted(lines, key=lambda line: (not is_open(line), order.get(line.get("severity", ""), len(order)),
                                             -quality.whole(line.get("age_days")), line.get("rule", ""), line.get("record", ""),
                                             line.get("query_id", "")))
    events = {visit.event: visit.label for visit in plan.visits.schedule} if plan.visits else {}
    return [{**line, "event": events.get(line.get("event", ""), line.get("event", "")), "value": MASKED if line.get("field") in identifiers and line.get("value") else line.get("value", ""),
             "value_label": "" if line.get("field") in identifiers else line.get("value_label", "")} for line in ranked[:QUERIES_SHOWN]]
