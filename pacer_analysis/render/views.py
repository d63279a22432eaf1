"""What the templates lay out: sections of blocks, tiles with their bars, and the head of a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.figures import meter

if TYPE_CHECKING:
    from pacer_analysis.figures.scene import Scene
    from pacer_analysis.render.drawings import Figure
    from pacer_analysis.tables.model import Notice, Table
    from pacer_analysis.tables.tiles import Tile


@dataclass(frozen=True, slots=True)
class Block:
    """A figure, a table or a notice in its place; `behind` is a table folded away behind a figure."""

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


@dataclass(frozen=True, slots=True)
class Masthead:
    """Whose report it is: a short name and a registration above the title, a sentence and facts under it, and what stands at the foot and in the window's title."""

    name: str
    registration: str
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    window: str
    foot: tuple[str, ...]
    running: str


def bar(tile: Tile, place: int) -> Scene | None:
    """The small bar of a tile that has a share."""
    return meter.draw(f"tile-{place}", tile.share, tile.mark,
                      finding=f"{tile.title}: {tile.value} {tile.denominator}") if tile.share is not None else None
