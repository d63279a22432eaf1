"""Geometry of the figures of data quality: what lies outside is outside, names do not meet, bars have the height of their share."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacer_analysis.figures import funnel, histogram, multiples, scene, strips

LIMITS = [funnel.Limits(size, 0.1, 0.3, 0.05, 0.35) for size in (50.0, 100.0, 200.0)]


def funnelled(*sites, limits=LIMITS):
    return funnel.draw("k", sites, limits, 0.2, title="T", finding="F", x_label="X", y_label="Y", share=lambda value, places: f"{100 * value:.{places}f}%",
                       whole=lambda value: str(round(value)))


def test_site_above_the_outer_limit_is_drawn_above_its_curve():
    drawing = funnelled(funnel.Site("Out", 100, 0.4, flagged=True), funnel.Site("In", 120, 0.2, flagged=False))
    outer = [item for item in drawing.items if item.kind == "path" and item.cls == "limit outer"]
    heights = [float(outer[1].d.split("L")[1].split()[1])]
    circle = next(item for item in drawing.items if item.kind == "circle" and "flagged" in item.cls)
    assert circle.y < heights[0]
    assert [item.cls for item in drawing.items if item.kind == "text" and item.text in ("Out", "In")] == ["small strong", "small"]


def test_axis_of_tiny_shares_is_not_flat():
    limits = [funnel.Limits(size, 0.0008, 0.0017, 0.0006, 0.002) for size in (30_000.0, 60_000.0)]
    drawing = funnelled(funnel.Site("One", 36_000, 0.0021, flagged=False), limits=limits)
    ticks = [item.text for item in drawing.items if item.kind == "text" and item.text.endswith("%") and item.cls == "tick"]
    assert ticks == ["0.00%", "0.05%", "0.10%", "0.15%", "0.20%"]


def test_of_many_sites_only_those_that_stand_out_are_named():
    sites = [funnel.Site(f"Site {place}", 50 + place, 0.2, flagged=place == 3) for place in range(40)]
    assert [item.text for item in funnelled(*sites).items if item.kind == "text" and item.text.startswith("Site")] == ["Site 3"]


@given(st.lists(st.tuples(st.floats(50, 200), st.floats(0.05, 0.4)), min_size=1, max_size=4))
def test_names_of_a_few_sites_do_not_meet(places):
    drawing = funnelled(*(funnel.Site(f"Site {index}", size, share, flagged=False) for index, (size, share) in enumerate(places)))
    boxes = [(item.x, item.y - 11, item.x + scene.text_width(item.text, 12), item.y + 3) for item in drawing.items if item.kind == "text" and item.text.startswith("Site")]
    assert len(boxes) == len(places)
    assert not any(funnel.meets(one, other) for one, other in itertools.combinations(boxes, 2))


def test_far_site_is_drawn_at_the_edge_and_named():
    rows = [strips.Strip("Weight", "visit: weight", (strips.Point("North", 40.0, flagged=True), strips.Point("South", -0.5, flagged=False)))]
    drawing = strips.draw("k", rows, title="T", finding="F", x_label="X", write=str)
    circles = {item.cls: item.x for item in drawing.items if item.kind == "circle"}
    axis = next(item for item in drawing.items if item.kind == "line" and item.cls == "axis")
    assert circles["mark site flagged"] == pytest.approx(axis.x2)
    assert circles["mark site"] < (axis.x1 + axis.x2) / 2
    assert "North" in [item.text for item in drawing.items if item.kind == "text"]
    assert "South" not in [item.text for item in drawing.items if item.kind == "text"]


def test_bars_have_the_height_of_their_share():
    panel = multiples.Panel("Pressure", "n = 100", (0.4, 0.2, 0.1, 0.3), (0.25,) * 4, tuple("0246"), flagged=True)
    bars = [item for item in multiples.draw("k", [panel], title="T", finding="F").items if item.kind == "rect"]
    assert [bar.height / bars[0].height for bar in bars] == pytest.approx([1, 0.5, 0.25, 0.75], abs=0.1 / bars[0].height)      # heights to a tenth of a pixel
    assert {bar.cls for bar in bars} == {"bar flagged"}


def test_a_fifth_panel_begins_a_new_row():
    panel = multiples.Panel("Pressure", "n = 100", (0.5, 0.5), (0.5, 0.5), ("0", "5"), flagged=False)
    tops = [item.y for item in multiples.draw("k", [panel] * 5, title="T", finding="F").items if item.kind == "text" and item.text == "n = 100"]
    assert len(set(tops)) == 2
    assert tops[:4] == [tops[0]] * 4


def test_stacked_counts_reach_the_height_of_their_sum():
    drawing = histogram.draw("k", [histogram.Bin("0-7", (2, 1, 1)), histogram.Bin("8-14", (0, 0, 2))], ["Error", "Warning", "Info"], title="T", finding="F", x_label="X",
                             y_label="Y", whole=lambda value: str(round(value)))
    bars = [item for item in drawing.items if item.kind == "rect" and item.height != 11.0]
    first, second = [bar for bar in bars if bar.x == bars[0].x], [bar for bar in bars if bar.x != bars[0].x]
    assert sum(bar.height for bar in first) == pytest.approx(2 * sum(bar.height for bar in second), abs=0.05 * (len(first) + 2 * len(second)))      # heights to a tenth of a pixel
    assert [item.text for item in drawing.items if item.kind == "text" and item.cls == "small figures"] == ["4", "2"]


@given(st.text(alphabet="abc MW%,", min_size=1, max_size=80), st.floats(30, 300))
def test_shortened_text_fits(text, room):
    assert scene.text_width(scene.shortened(text, room), 12) <= room
