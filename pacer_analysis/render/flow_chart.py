"""The flow diagram of a report, from the counts of its section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.figures import flow
from pacer_analysis.render.drawings import Drawing, Figure, finding
from pacer_analysis.tables import numbers
from pacer_analysis.tables.selection import arms_of, distinct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacer_analysis.plan import Analysis
    from pacer_analysis.results import Estimate
    from pacer_analysis.tables.contents import Section


def flow_figure(drawing: Drawing, section: Section) -> Figure | None:
    """The flow diagram from the counts of the section: pooled analyses form the trunk, the others the columns."""
    trunk: list[flow.Stage] = []
    branches: list[flow.Branch] = []
    entries = [analysis for unit in section.units for analysis in unit.analyses if analysis.estimator == "count"]
    for analysis in entries:
        rows = [row for row in drawing.results.of(analysis.id) if row.measure == "count" and row.estimate is not None]
        if analysis.by == "pooled":
            trunk += stages(drawing, analysis, [row for row in rows if not row.arm])
        else:
            arms = [arm for arm in arms_of(rows, drawing.names.arms) if arm] or [""]
            branches += [branch(drawing, analysis, arm, [row for row in rows if row.arm == arm], trunk) for arm in arms
                         if any(row.arm == arm for row in rows)]
    if not trunk and not branches:
        return None
    said = [f"{stage.box.label} {stage.box.number}" for stage in trunk]
    said += [f"{entry.head.label} {entry.head.number}" for entry in branches if len(branches) > 1]
    scene = flow.draw(section.id, trunk, branches, title="Flow of participants", finding=finding("Flow", "", said), beneath="Of these")
    return Figure(section.units[0].number, "Flow of participants", drawing.names.populations.get(entries[0].population, entries[0].population),
                  trunk[0].box.number if trunk else "", scene, (),
                  f"SAP {', '.join(distinct(analysis.sap for analysis in entries))}")


def listed(analysis: Analysis, rows: Sequence[Estimate]) -> list[Estimate]:
    """The rows in the order in which the plan lists their populations."""
    order = [str(term) for term in analysis.options.get("of", ())]
    return sorted(rows, key=lambda row: order.index(row.term) if row.term in order else len(order))


def stages(drawing: Drawing, analysis: Analysis, rows: Sequence[Estimate]) -> list[flow.Stage]:
    """Boxes of the trunk, with those who went no further between a box and the next."""
    found = []
    trunk = chain(listed(analysis, rows))
    for place, (row, aside) in enumerate(trunk):
        lost = (row.estimate or 0) - (trunk[place + 1][0].estimate or 0) if place + 1 < len(trunk) else 0
        left = tuple(flow.Entry(drawing.names.term(entry.term), numbers.count(entry.estimate or 0), entry.id) for entry in aside)
        accounted = sum(entry.estimate or 0 for entry in aside)
        if lost > 0 and accounted != lost:
            left = (flow.Entry("Went no further", numbers.count(lost)), *left)
        found.append(flow.Stage(flow.Entry(drawing.names.term(row.term), numbers.count(row.estimate or 0), row.id), left))
    return found


def chain(rows: Sequence[Estimate]) -> list[tuple[Estimate, list[Estimate]]]:
    """The boxes of the trunk, each with the populations listed after it that left there: fewer than the next box, or just those who are not in it."""
    found: list[tuple[Estimate, list[Estimate]]] = []
    rest = list(rows)
    while rest:
        box, rest = rest[0], rest[1:]
        aside = 0
        for end in range(1, len(rest)):
            listed_here, following = [row.estimate or 0 for row in rest[:end]], rest[end].estimate or 0
            exact = sum(listed_here) == (box.estimate or 0) - following and following not in listed_here
            if exact or all(count < following for count in listed_here):
                aside = end
        found.append((box, rest[:aside]))
        rest = rest[aside:]
    return found


def branch(drawing: Drawing, analysis: Analysis, arm: str, rows: Sequence[Estimate], trunk: Sequence[flow.Stage]) -> flow.Branch:
    """One column: the arm and its population, then the other counts."""
    ordered = listed(analysis, rows)
    first, rest = ordered[0], ordered[1:]
    head = flow.Entry(drawing.names.arm(arm), numbers.count(first.estimate or 0), first.id)
    if not trunk and not arm:
        rest = ordered
    return flow.Branch(head, tuple(flow.Entry(drawing.names.term(row.term), numbers.count(row.estimate or 0), row.id) for row in rest),
                       drawing.names.place(arm))
