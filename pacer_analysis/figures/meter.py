"""The small bar of a tile: how much of the whole, and where it should be by now."""

from __future__ import annotations

from pacer_analysis.figures.scene import Item, Line, Rect, Scene, px

WIDTH, HEIGHT, THICK = 160.0, 12.0, 4.0


def draw(key: str, share: float, mark: float | None, *, finding: str) -> Scene:
    """A track, the part of it that is reached, and a tick at the expected part."""
    top = (HEIGHT - THICK) / 2
    items: list[Item] = [Rect(0, top, WIDTH, THICK, "track"), Rect(0, top, px(WIDTH * min(1.0, max(0.0, share))), THICK, "reached")]
    if mark is not None:
        at = px(min(WIDTH - 1, max(1, WIDTH * mark)))
        items.append(Line(at, 0, at, HEIGHT, "expected"))
    return Scene(key, WIDTH, HEIGHT, "", finding, tuple(items))
