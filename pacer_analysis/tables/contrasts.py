"""What is compared with what: the two sides of each contrast, and how several are told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pacer_analysis.results import Estimate
    from pacer_analysis.tables.labels import Names

Pair = tuple[str, str]


def sides(contrast: str) -> Pair:
    """The arm compared and the arm that it is compared with, of `club - clinic` and of `club / clinic` alike."""
    left, _, right = contrast.replace(" / ", " - ").partition(" - ")
    return left, right


def pairs(rows: Iterable[Estimate]) -> list[Pair]:
    """The comparisons that the rows hold, each once, in order of first appearance."""
    return list(dict.fromkeys(sides(row.contrast) for row in rows if row.contrast))


def against(pair: Pair, names: Names) -> str:
    """`Adherence Club against Adult ART clinic`."""
    return f"{names.arm(pair[0])} against {names.arm(pair[1])}" if pair[1] else pair[0]


def reference(rows: Iterable[Estimate], names: Names) -> str:
    """The arm that all comparisons are against; empty without any, or where it is not one and the same."""
    found = {right for _, right in pairs(rows)}
    return names.arm(found.pop()) if len(found) == 1 else ""
