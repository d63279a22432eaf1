"""Figures of central monitoring: a funnel per share, sites by field, last digits and weekdays, each with the table behind it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pacer_analysis.figures import funnel, multiples, strips
from pacer_analysis.render.drawings import Figure
from pacer_analysis.render.views import Block
from pacer_analysis.tables import numbers
from pacer_analysis.tables import quality_monitoring as words
from pacer_analysis.tables.labels import words as named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pacer_analysis.figures.scene import Scene
    from pacer_analysis.render.quality_inputs import QualityInputs
    from pacer_analysis.tables.model import Table

MOST_ROWS, MOST_PANELS = 10, 12
DIGITS, WEEKDAYS = tuple(str(digit) for digit in range(10)), ("M", "T", "W", "T", "F", "S", "S")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FUNNELS = {"site_queries": ("Records of the site", "Share of records with an open finding"), "site_missing": ("Cells asked of every row", "Share of cells left blank")}
STRIPS = ("site_mean", "site_variance", "site_missing")


def title_of(inputs: QualityInputs, measure: str) -> str:
    """The title of a measure."""
    return next((line["title"] for line in inputs.measures if line["measure"] == measure), named(measure))


def pair(number: str, scene: Scene, notes: Sequence[str], table: Table, inputs: QualityInputs) -> list[Block]:
    """A figure and, folded away behind it, its numbers."""
    return [Block("figure", Figure(number, scene.title, "", "", scene, tuple(note for note in notes if note), inputs.source("monitoring.csv"))), Block("behind", table)]


def funnel_blocks(inputs: QualityInputs, measure: str, number: str) -> list[Block]:
    """The funnel of one share over the sites; nothing where there are no sites."""
    lines = [line for line in words.of(inputs.monitoring, measure) if line.get("site") and not line.get("field")]
    limits = [funnel.Limits(*(float(shape[name]) for name in ("x", "low95", "high95", "low998", "high998")))
              for shape in words.of(inputs.shapes, measure) if not shape.get("field") and shape.get("low95")]
    if not lines or not limits:
        return []
    sites = [funnel.Site(words.site_of(line), float(line["n"]), float(line["value"]), bool(line.get("flag"))) for line in lines]
    far = [site for site in sites if site.flagged]
    target = float(lines[0]["expected"])
    title = f"{title_of(inputs, measure)}, by site"
    said = "; ".join(f"{site.label} {numbers.percent(site.share)}" for site in far) or "no site lies outside"
    size, share = FUNNELS[measure]
    scene = funnel.draw(measure, sites, limits, target, title=title, finding=f"{title}: {said}. All sites {numbers.percent(target)}.", x_label=size, y_label=share,
                        share=numbers.percent_at, whole=numbers.count)
    table = words.by_site(lines, "", f"{title}: the numbers", f"{measure}-numbers", size=size, source=inputs.source("monitoring.csv"))
    return pair(number, scene, [("Dashed: all sites together. Solid and dotted curves: where chance alone keeps 95% and 99.8% of sites of that size. A site that stands out is filled; "
                                "outside the curves and open, it differs by too little to matter")], table, inputs)


def strip_blocks(inputs: QualityInputs, measure: str, number: str) -> list[Block]:
    """Sites by field in standard errors, the fields that differ most on top; nothing where there are no sites."""
    own: dict[tuple[str, str], list[Mapping[str, str]]] = defaultdict(list)
    for line in words.of(inputs.monitoring, measure):
        if line.get("site") and line.get("field") and line.get("statistic"):
            own[line.get("form") or line["source"], line["field"]].append(line)
    if not own:
        return []
    fields = sorted(own, key=lambda key: (-max(abs(float(line["statistic"])) for line in own[key]), key))[:MOST_ROWS]
    drawn = [strips.Strip(own[key][0].get("label") or key[1], words.field_of(own[key][0]), tuple(strips.Point(words.site_of(line), float(line["statistic"]), bool(line.get("flag"))) for line in own[key]))
             for key in fields]
    far = [f"{strip.label}: {', '.join(point.site for point in strip.points if point.flagged)}" for strip in drawn if any(point.flagged for point in strip.points)]
    title = f"{title_of(inputs, measure)}, per field" if measure == "site_missing" else title_of(inputs, measure)
    scene = strips.draw(f"{measure}-fields", drawn, title=title, finding=f"{title}: {'; '.join(far) or 'no site stands out in any field'}.",
                        x_label="Standard errors from all sites (z)", write=lambda value: numbers.tick(value, 0))
    sites = sorted({line["site"] for lines in own.values() for line in lines})
    table = words.by_field([line for key in fields for line in own[key]], [(own[key][0].get("form", ""), key[1]) for key in fields], sites, "", f"{title}: the numbers",
                           f"{measure}-fields-numbers", source=inputs.source("monitoring.csv"))
    more = f"The {numbers.count(len(fields))} fields of {numbers.count(len(own))} in which sites differ most" if len(own) > len(fields) else ""
    return pair(number, scene, [more, "A point is a site; filled and named if it stands out. Beyond six standard errors it is drawn at the edge"], table, inputs)


def multiples_blocks(inputs: QualityInputs, measure: str, number: str) -> list[Block]:
    """The distributions of last digits or weekdays over all sites, what stands out first; nothing where no field qualifies."""
    shapes: dict[tuple[str, str], list[Mapping[str, str]]] = defaultdict(list)
    for shape in words.of(inputs.shapes, measure):
        if not shape.get("site"):
            shapes[shape.get("form") or shape["source"], shape["field"]].append(shape)
    known = {(line.get("form") or line["source"], line["field"]): line for line in words.of(inputs.monitoring, measure) if not line.get("site")}
    at_site = {(line.get("form") or line["source"], line["field"]) for line in words.of(inputs.monitoring, measure) if line.get("flag")}
    keys = sorted((key for key in shapes if key in known), key=lambda key: (key not in at_site, -float(known[key]["n"]), key))
    if not keys:
        return []
    heads = DIGITS if measure == "digit_preference" else WEEKDAYS
    panels = [panel(known[key], shapes[key], heads, flagged=bool(known[key].get("flag"))) for key in keys[:MOST_PANELS]]
    far = [f"{known[key].get('label') or key[1]}" for key in keys if known[key].get("flag")]
    title = title_of(inputs, measure)
    scene = multiples.draw(measure, panels, title=f"{title}, by field", finding=f"{title}: {'; '.join(far) + ' stand out' if far else 'no field stands out over all sites'}.")
    table = words.distribution([(panel_label(known[key]), {round(float(shape["x"])): round(float(shape["count"] or 0)) for shape in shapes[key]}) for key in keys], range(len(heads)),
                               DIGITS if measure == "digit_preference" else DAYS, "", f"{title}: the numbers", f"{measure}-numbers", source=inputs.source("monitoring_shapes.csv"))
    more = f"{numbers.count(len(panels))} of {numbers.count(len(keys))} fields: what stands out first, then those with the most values" if len(keys) > len(panels) else ""
    expected = "Line: equal shares" if measure == "digit_preference" else "Line: one seventh each. A clinic has its days: sites are compared with each other, not with the line"
    return pair(number, scene, [more, expected], table, inputs)


def panel_label(line: Mapping[str, str]) -> str:
    """A field with its form, as several forms may have a date of visit."""
    place = line.get("form") or line.get("source") or ""
    return f"{line.get('label') or line['field']} ({place}: {line['field']})" if place else line.get("label") or line["field"]


def panel(line: Mapping[str, str], shapes: Sequence[Mapping[str, str]], heads: Sequence[str], *, flagged: bool) -> multiples.Panel:
    """One field's panel; classes that a step of recording does not allow are absent."""
    size = sum(float(shape["count"] or 0) for shape in shapes) or 1.0
    place = line.get("form") or line.get("source") or ""
    under = f"{place}, n = {numbers.count(size)}" if place else f"n = {numbers.count(size)}"
    return multiples.Panel(line.get("label") or line["field"], under, tuple(float(shape["count"] or 0) / size for shape in shapes), tuple(float(shape["expected"] or 0) / size for shape in shapes),
                           tuple(heads[round(float(shape["x"]))] for shape in shapes), flagged)
