"""What a page shows: its heading, board, sections, methods and appendix, as data for the templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacer_analysis.render import drawings, gallery
from pacer_analysis.render.heads import CAPITALS, appendix, banners, command, css, masthead
from pacer_analysis.render.inputs import RESTRICTED, Inputs
from pacer_analysis.render.panel import panel
from pacer_analysis.render.views import Block, SectionView, TileView, bar
from pacer_analysis.tables import board, contents, contrasts, numbers, quality
from pacer_analysis.tables.cells import unverified
from pacer_analysis.tables.headline import headline
from pacer_analysis.tables.labels import names_for
from pacer_analysis.tables.methods import methods
from pacer_analysis.tables.model import Notice
from pacer_analysis.tables.selection import Results

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pacer_analysis.plan import Cut, Plan
    from pacer_analysis.tables.contents import Section
    from pacer_analysis.tables.labels import Names

TITLES = {"data_quality": "Data quality", "open": "Open session", "closed": "Closed session", "final": "Final report"}
NO_DUE_DATE = "contacts: without a due date"


def context(plan: Plan, cut: Cut, report: str, inputs: Inputs) -> dict[str, Any]:
    """Everything that the report's template names."""
    restricted = report in RESTRICTED
    results = Results(tuple(inputs.estimates))
    names = names_for(plan, inputs.estimates, coded=report == "closed", levels=inputs.levels)
    first = not cut.previous
    tiles = board.board(plan, cut, results, names, inputs.queries, inputs.closed_queries, by_arm=report == "closed")
    sections = result_sections(plan, results, names, inputs, closed=report == "closed") if inputs.estimates else []
    findings_table = quality.by_rule_and_severity(inputs.queries, "", first=first)
    closed_table = quality.by_rule(inputs.closed_rules, inputs.closed_queries, "", key="closed-rules",
                                   title="Rules that need the allocation, and their findings",
                                   source="restricted/rules_closed.csv, restricted/queries_closed.csv") if inputs.closed_rules else None
    main = headline(plan, results, names) if report == "final" else None
    against = contrasts.reference(results.estimates, names) if report == "closed" else ""
    rail = contents_list(sections, headline=main is not None, findings=bool(findings_table or closed_table))
    return {
        "rail": rail, "plan": plan, "cut": cut, "report": report, "masthead": masthead(plan, cut, TITLES[report], against), "restricted": restricted,
        "synthetic": bool(inputs.cut.get("synthetic")), "against": against, "first": first, "status": "Status at this cut",
        "running_banners": css(banners(restricted=restricted, synthetic=bool(inputs.cut.get("synthetic")))),
        "tiles": [TileView(tile, bar(tile, place)) for place, tile in enumerate(tiles)],
        "headline": main, "sections": sections, "unverified": sum(unverified(row) for row in results.estimates),
        "findings_table": findings_table, "closed_table": closed_table,
        "methods": methods(plan, results, names), "manifest": appendix(inputs.manifest), "command": command(cut, report), "capitals": CAPITALS,
        "panel": panel(plan, names, inputs.estimates),
    }


def contents_list(sections: Sequence[SectionView], *, headline: bool, findings: bool) -> list[tuple[str, str, str]]:
    """The contents: anchor, number and title of each part of the page."""
    found = [("status", "", "Status at this cut")] + [("result", "", "Primary result")] * headline
    found += [(f"section-{section.id}", section.number, section.title) for section in sections]
    found += [("findings", "", "Data quality")] * findings
    return [*found, ("methods", "", "Methods"), ("reproducibility", "", "Reproducibility")]


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
