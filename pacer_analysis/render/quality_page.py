"""The data-quality page as data for its template, of a cut with a plan or of one export alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacer_analysis.render.findings_list import listing
from pacer_analysis.render.heads import banners, css
from pacer_analysis.render.quality_sections import sections
from pacer_analysis.render.views import TileView, bar
from pacer_analysis.tables import quality_board
from pacer_analysis.tables.quality_completeness import events_of
from pacer_analysis.tables.tiles import FIRST_CUT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pacer_analysis.render.quality_inputs import QualityInputs
    from pacer_analysis.render.views import Masthead, SectionView


def context(masthead: Masthead, inputs: QualityInputs, *, first: bool, events: Mapping[str, str], manifest: Sequence[Any] | None, command: str, capitals: str,
            beginning: str = FIRST_CUT, status: str = "Status at this cut", order: Sequence[str] = ()) -> dict[str, Any]:
    """Everything that the template names; `capitals` says what stands in capitals in the command, `beginning` that nothing has an age yet, `order` has the project's events."""
    synthetic = bool(inputs.cut.get("synthetic"))
    tiles = quality_board.board(inputs.inventory, inputs.rules, inputs.queries, first=first, beginning=beginning, last=inputs.unit)
    found = sections(inputs, events, first=first, order=order)
    return {
        "report": "data_quality", "masthead": masthead, "restricted": False, "synthetic": synthetic, "running_banners": css(banners(restricted=False, synthetic=synthetic)),
        "rail": rail(found), "tiles": [TileView(tile, bar(tile, place)) for place, tile in enumerate(tiles)], "unverified": 0, "first": first, "beginning": beginning, "status": status, "sections": found,
        "listing": listing(inputs.queries, inputs.identifiers, events, file=inputs.source("queries.csv"), workbook=inputs.source("queries.xlsx") if inputs.workbook else "",
                           order=events_of(inputs.completeness, order)),
        "manifest": manifest, "command": command, "capitals": capitals, "panel": {},
    }


def rail(found: Sequence[SectionView]) -> list[tuple[str, str, str]]:
    """The contents: anchor, number and title of each part of the page."""
    return [("status", "", "Status"), *((f"section-{section.id}", section.number, section.title) for section in found),
            ("queries", "", "The list of findings"), ("reproducibility", "", "Reproducibility")]
