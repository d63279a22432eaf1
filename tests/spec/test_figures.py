"""Geometry of the figures: nothing collides, nothing leaves its frame, curves are thinned without losing their shape."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacer_analysis.figures import axes, curves, flow, forest, scene, visits
from pacer_analysis.render import flow_chart
from pacer_analysis.results import Estimate


@given(st.lists(st.floats(0, 300), min_size=1, max_size=8))
def test_labels_never_collide_and_stay_inside(wanted):
    placed = scene.spread(wanted, 20, 0, 300)
    ordered = sorted(placed)
    assert all(later - earlier >= 20 - 1e-6 for earlier, later in itertools.pairwise(ordered))
    assert min(placed) >= -1e-6
    assert max(placed) <= 300 + 1e-6


def test_labels_that_have_room_stay_where_they_belong():
    assert scene.spread([10, 100, 200], 20, 0, 300) == [10, 100, 200]


@pytest.mark.parametrize(("low", "high", "expected"),
                         [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (-0.06, 0.13, [-0.05, 0, 0.05, 0.1]), (0, 0.05, [0, 0.01, 0.02, 0.03, 0.04, 0.05])])
def test_ticks_are_round(low, high, expected):
    assert axes.ticks(low, high, 6) == pytest.approx(expected)


def test_months_on_a_long_time_axis_and_days_on_a_short_one():
    marks, unit, name = axes.time_ticks(730)
    assert ([round(mark / unit) for mark in marks], name) == ([0, 3, 6, 9, 12, 15, 18, 21, 24], "months")
    assert axes.time_ticks(60)[2] == "days"


def many(count):
    return tuple(curves.Step(time=place * 730 / count, value=1 - 0.5 * place / count, low=0.9 - 0.5 * place / count, high=1.0, at_risk=count - place
                             + 1, events=1, censored=0) for place in range(1, count + 1))


def drawn(*entries):
    return curves.draw("k", entries, [(365.0, "Day 365")], title="T", finding="F", y_label="Y", x_label="X, {}".format, share=str,
                       whole=lambda value: str(round(value)))


def test_fifty_thousand_steps_become_one_per_pixel_column():
    curve = curves.Curve("One", "arm-1", many(50_000), 1.0)
    path = next(item for item in drawn(curve).items if item.kind == "path" and item.cls.startswith("curve"))
    assert path.d.count("V") <= curves.WIDTH
    assert path.d.endswith(f"V{scene.px(curves.TOP + curves.PLOT_HEIGHT / 2)}")  # the curve still ends at 0.5


def test_at_risk_is_counted_just_before_and_events_up_to_a_time():
    steps = (curves.Step(0, 1.0, None, None, 10, 0, 0), curves.Step(100, 0.9, None, None, 10, 1, 0), curves.Step(200, 0.8, None, None, 8, 1, 2))
    curve = curves.Curve("One", "arm-1", steps, 1.0)
    assert [curves.left_at(curve, time) for time in (0, 100, 101, 200, 300)] == [10, 10, 8, 8, 5]
    assert [curves.value_at(curve, time) for time in (50, 100, 250)] == [1.0, 0.9, 0.8]


def test_numbers_under_the_axis_include_the_horizons():
    x = axes.Scale(0, 730, 0, 300)
    assert curves.columns([0, 91, 182.5, 274, 365, 730], [183, 400], x) == [0, 91, 183, 274, 400, 730]  # 365 is 14 pixels from 400


def test_a_label_stands_where_its_curve_ends():
    short = curves.Curve("One", "arm-1", many(10)[:4], 1.0)  # ends at day 292 of 730
    label = next(item for item in drawn(short, replace(short, label="Two")).items if item.kind == "text" and item.cls == "direct arm-1")
    end = axes.Scale(0, 365.0, curves.LEFT_LEAST, curves.WIDTH - curves.LABEL_ROOM)(292)
    assert label.x == pytest.approx(end + 14, abs=0.051)        # drawn to a tenth of a pixel: half of that, and the last bit


def counted(*pairs):
    return [Estimate(term=term, estimate=float(value)) for term, value in pairs]


@pytest.mark.parametrize(("listed", "trunk"), [
    ([("screened", 522), ("eligible", 435), ("randomised", 412)], [("screened", []), ("eligible", []), ("randomised", [])]),
    ([("screened", 522), ("ineligible", 87), ("eligible", 435), ("refused", 20), ("moved", 3), ("randomised", 412)],
     [("screened", ["ineligible"]), ("eligible", ["refused", "moved"]), ("randomised", [])]),
    ([("screened", 522), ("ineligible", 300), ("randomised", 222)], [("screened", ["ineligible"]), ("randomised", [])]),
    ([("consented", 412), ("randomised", 412)], [("consented", []), ("randomised", [])]),
])
def test_who_left_stands_at_the_side_of_the_flow(listed, trunk):
    assert [(box.term, [entry.term for entry in aside]) for box, aside in flow_chart.chain(counted(*listed))] == trunk


def boxes(figure):
    return [item for item in figure.items if item.kind == "rect" and "box" in item.cls]


@pytest.mark.parametrize("arms", [1, 2, 3])
def test_flow_boxes_do_not_overlap_and_hold_their_text(arms):
    trunk = [flow.Stage(flow.Entry("Screened", "500"), (flow.Entry("Went no further", "88"),)), flow.Stage(flow.Entry("Randomised", "412"))]
    branches = [flow.Branch(flow.Entry(f"Arm {place}", "206"),
                            (flow.Entry("Viral load measured in the month 12 window", "177"), flow.Entry("Died", "2")), f"arm-{place}")
                            for place in range(arms)]
    figure = flow.draw("k", trunk, branches, title="T", finding="F", beneath="Of these")
    rects = boxes(figure)
    for place, one in enumerate(rects):
        assert one.x >= 0
        assert one.x + one.width <= figure.width
        assert one.y + one.height <= figure.height
        for other in rects[place + 1:]:
            apart = one.x + one.width <= other.x or other.x + other.width <= one.x or one.y + one.height <= other.y or other.y + other.height <= one.y
            assert apart
    for text in (item for item in figure.items if item.kind == "text" and item.anchor == "start"):
        assert any(box.x <= text.x and text.x + scene.text_width(text.text) <= box.x + box.width + 1 for box in rects)


def test_forest_marks_no_difference_and_the_primary_analysis():
    effects = [forest.Effect("Adjusted", 0.03, -0.05, 0.12, "0.03 (-0.05 to 0.12)", "p:rd", main=True),
               forest.Effect("Crude", 0.04, -0.05, 0.12, "0.04 (-0.05 to 0.12)", "c:rd")]
    figure = forest.draw("k", effects, none=0.0, title="T", finding="F", x_label="X", head="H", write=str)
    (none,) = [item for item in figure.items if item.kind == "line" and item.cls == "none"]
    intervals = [item for item in figure.items if item.kind == "line" and item.cls == "interval forest"]
    assert all(line.x1 < none.x1 < line.x2 for line in intervals)
    assert len([item for item in figure.items if item.kind == "path" and item.cls == "mark forest"]) == 1
    assert {item.estimate for item in figure.items if item.kind == "text" and item.estimate} == {"p:rd", "c:rd"}


def test_arms_at_one_visit_stand_side_by_side():
    series = [visits.Series("One", "arm-1", (visits.Point(0, 0.8, 0.7, 0.9, "80/100"), visits.Point(1, 0.7, 0.6, 0.8, "70/100"))),
              visits.Series("Two", "arm-2", (visits.Point(0, 0.8, 0.7, 0.9, "81/101"),))]
    figure = visits.draw("k", series, ["A", "B"], title="T", finding="F", y_label="Y", under="n/N", share=str)
    circles = [item.x for item in figure.items if item.kind == "circle"]
    squares = [item.x + item.width / 2 for item in figure.items if item.kind == "rect"]
    assert squares[0] - circles[0] == pytest.approx(visits.APART, abs=0.101)      # two coordinates drawn to a tenth of a pixel
