"""Which figure stands before which table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.render.drawings import CURVES, Drawing, Figure, curves_figure, forest_figure, visits_figure
from pacer_analysis.render.flow_chart import flow_figure
from pacer_analysis.tables import coefficients

if TYPE_CHECKING:
    from pacer_analysis.tables.contents import Section, Unit


def figures(drawing: Drawing, section: Section) -> dict[str, Figure]:
    """The figures of a section by the number of the table that they stand before."""
    found: dict[str, Figure] = {}
    if section.id == "flow":
        chart = flow_figure(drawing, section)
        if chart:
            found[section.units[0].number] = chart
        return found
    for unit in section.units:
        figure = unit_figure(drawing, unit)
        if figure:
            found[unit.number] = figure
    return found


def unit_figure(drawing: Drawing, unit: Unit) -> Figure | None:
    """The figure of one table: curves, proportions over visits, or the primary effect under every analysis of it."""
    analysis = unit.analyses[0]
    if analysis.estimator in CURVES:
        return curves_figure(drawing, unit, analysis)
    if analysis.estimator == "proportion":
        return visits_figure(drawing, unit, analysis)
    if unit.build is not coefficients.build and any(entry.role == "primary" for entry in unit.analyses):
        return forest_figure(drawing, unit)
    return None
