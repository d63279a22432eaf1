"""Figures of a section: the rows and curves of its analyses, with their words and numbers, given to the drawing functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.figures import curves, forest, visits
from pacer_analysis.figures.axes import decimals_of, ticks
from pacer_analysis.tables import contrasts, labels, numbers, times
from pacer_analysis.tables.printing import POINTS, difference, limits, warranted
from pacer_analysis.tables.selection import arms_of, distinct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacer_analysis.figures.scene import Scene
    from pacer_analysis.plan import Analysis, Plan
    from pacer_analysis.results import CurvePoint, Estimate
    from pacer_analysis.tables.contents import Unit
    from pacer_analysis.tables.labels import Names
    from pacer_analysis.tables.selection import Results

CURVES = {"kaplan_meier": 1.0, "cumulative_incidence": 0.0}  # where each begins


@dataclass(frozen=True, slots=True)
class Figure:
    """A numbered figure with its caption."""

    number: str
    title: str
    population: str
    size: str
    scene: Scene
    notes: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What every figure of a report is drawn from."""

    plan: Plan
    results: Results
    names: Names
    points: dict[str, list[CurvePoint]]


def by_curve(points: Sequence[CurvePoint]) -> dict[str, list[CurvePoint]]:
    """The points of each curve, in the order of the file."""
    found: dict[str, list[CurvePoint]] = {}
    for point in points:
        found.setdefault(point.id, []).append(point)
    return found


def framed(drawing: Drawing, unit: Unit, scene: Scene, notes: Sequence[str]) -> Figure:
    """The figure with its number and the population that it shows."""
    analysis = unit.analyses[0]
    size = drawing.results.size(analysis.population)
    population = drawing.names.populations.get(analysis.population, analysis.population)
    return Figure(unit.number, scene.title, population, numbers.count(size) if size is not None else "", scene,
                  tuple(note for note in notes if note), f"SAP {', '.join(distinct(entry.sap for entry in unit.analyses))}")


def curves_figure(drawing: Drawing, unit: Unit, analysis: Analysis) -> Figure | None:
    """Curves by arm if there are any, else pooled; a competing cause is drawn thin."""
    rows = [row for row in drawing.results.of(analysis.id) if row.estimate is not None and row.measure in ("survival", "cif") and not row.contrast]
    prefix = f"{analysis.id}:"
    keys = [key for key in drawing.points if key.startswith(prefix)]
    if not keys:
        return None
    parts = {key: key[len(prefix):].partition(":")[::2] for key in keys}
    arms = [arm for arm in drawing.names.arms if any(part[0] == arm for part in parts.values())] or [""]
    endpoint = drawing.plan.endpoints.get(analysis.endpoint)
    derivation = endpoint.derivation if endpoint else {}
    competing = {str(name) for name in derivation.get("competing", ())}
    terms = distinct(part[1] for part in parts.values())
    main = next((term for term in terms if term not in competing), terms[0])
    drawn = []
    for term in sorted(terms, key=lambda term: term != main):
        for arm in arms:
            key = next((key for key, part in parts.items() if part == (arm, term)), None)
            if key is not None:
                whose = [drawing.names.arm(arm)] if arm or term == main else []
                label = ", ".join([drawing.names.term(term)] * (term != main) + whose)
                steps = tuple(curves.Step(point.time, point.estimate, point.low, point.high, point.at_risk, point.events, point.censored)
                              for point in drawing.points[key])
                drawn.append(curves.Curve(label, drawing.names.place(arm), steps, CURVES[analysis.estimator], minor=term != main))
    horizons = [(float(time), times.time(float(time), analysis, drawing.names)) for time in analysis.options.get("times", ())]
    is_survival = analysis.estimator == "kaplan_meier"
    scene = curves.draw(analysis.id, drawn, horizons, title=analysis.label,
                        finding=reached(drawing, analysis, [row for row in rows if row.term in (main, "") and row.arm in arms], drawn),
                        y_label="Proportion" if is_survival else "Cumulative incidence",
                        x_label=lambda unit: times.axis(analysis, drawing.names, unit), share=numbers.percent_tick, whole=numbers.count)
    notes = [("Shaded: pointwise confidence interval. Dotted verticals: the horizons of the plan. "
             "Under the axis: at risk just before, events up to and including, each time"),
             "" if curves.top_of(drawn) == 1.0 else "The vertical axis ends above the highest limit, not at 100%",
             f"Thin lines: {', '.join(drawing.names.term(term).lower() for term in terms if term != main)}" if len(terms) > 1 else ""]
    return framed(drawing, unit, scene, notes)


def reached(drawing: Drawing, analysis: Analysis, rows: Sequence[Estimate], drawn: Sequence[curves.Curve]) -> str:
    """The alternative text of curves: their heights at the last horizon that can be estimated, else where they end."""
    last = max((row.time for row in rows if row.time is not None), default=None)
    if last is not None:
        said = [f"{drawing.names.arm(row.arm)} {numbers.percent(row.estimate or 0)}" for row in rows if row.time == last]
        return finding(analysis.label, labels.lowered(times.time(last, analysis, drawing.names)), said)
    ends = [f"{curve.label} {numbers.percent(curve.steps[-1].value)} on {labels.lowered(numbers.day(curve.steps[-1].time))}" for curve in drawn
            if curve.steps and not curve.minor]
    return finding(analysis.label, "at the end of the data", ends)


def finding(label: str, when: str, said: Sequence[str]) -> str:
    """The alternative text: what is shown and what it shows."""
    return f"{label}{', ' + when if when and said else ''}{': ' + '; '.join(said) if said else ''}."


def visits_figure(drawing: Drawing, unit: Unit, analysis: Analysis) -> Figure | None:
    """Proportions at two or more visits, by arm if there are arms."""
    rows = [row for row in drawing.results.of(analysis.id) if row.measure == "proportion" and row.term in drawing.names.visits and not row.contrast
            and row.estimate is not None]
    shown = [visit for visit in drawing.names.visits if any(row.term == visit for row in rows)]
    if len(shown) < 2:
        return None
    arms = [arm for arm in arms_of(rows, drawing.names.arms) if arm] or [""]
    available = any(row.observed is not None and row.n is not None and row.observed != row.n for row in rows)
    series = [visits.Series(drawing.names.arm(arm), drawing.names.place(arm),
                            tuple(visits.Point(shown.index(row.term), row.estimate or 0, row.low, row.high, beneath(row)) for row in rows
                                  if row.arm == arm)) for arm in arms]
    last = [row for arm in arms for row in rows if row.arm == arm and row.term == shown[-1]]
    said = [f"{drawing.names.arm(row.arm)} {numbers.of(row.events or 0, row.n or 0)} ({numbers.percent(row.estimate or 0)})" for row in last]
    scene = visits.draw(analysis.id, series, [drawing.names.visits[visit] for visit in shown], title=analysis.label,
                        finding=finding(analysis.label, f"at {drawing.names.visits[shown[-1]]}", said),
                        y_label="Proportion", under="With data" if available else "n/N", share=numbers.percent_tick)
    return framed(drawing, unit, scene, ["Bars: confidence intervals. Under the axis: "
                                         + ("those with data, of those counted" if available else "those with the outcome, of those counted")])


def beneath(row: Estimate) -> str:
    """The number behind a point: with data of those counted where these differ, else events of those counted."""
    if row.n is None:
        return ""
    if row.observed is not None and row.observed != row.n:
        return numbers.of(row.observed, row.n)
    return numbers.of(row.events, row.n) if row.events is not None else numbers.count(row.n)


def forest_figure(drawing: Drawing, unit: Unit) -> Figure | None:
    """The measure of the primary analysis under every analysis that has it."""
    order = {analysis.id: analysis for analysis in unit.analyses}
    rows = [row for row in drawing.results.of(*order) if row.contrast and row.scale != "test" and not row.term and row.estimate is not None
            and row.low is not None and row.high is not None]
    measure = next((row.measure for row in rows if row.role == "primary"), None)
    pairs = contrasts.pairs(row for row in rows if row.measure == measure)
    rows = sorted((row for row in rows if row.measure == measure), key=lambda row: pairs.index(contrasts.sides(row.contrast)))
    if not rows:
        return None
    several, other = len(pairs) > 1, contrasts.reference(rows, drawing.names)
    ratio, shared = rows[0].scale == "ratio", warranted(rows)
    per = 100 if rows[0].measure in POINTS else 1
    effects = [forest.Effect(order[row.analysis].label, per * (row.estimate or 0), per * (row.low or 0), per * (row.high or 0),
                             f"{difference(row, shared)[0]} ({' '.join(limits(row, shared))})", row.id, main=row.role == "primary",
                             group=contrasts.against(contrasts.sides(row.contrast), drawing.names) if several else "") for row in rows]
    places = decimals_of(ticks(min(effect.low for effect in effects), max(effect.high for effect in effects), 6))
    words = labels.measure(rows[0].measure)
    scene = forest.draw(unit.analyses[0].id, effects, none=1.0 if ratio else 0.0, title=f"{words} under every analysis of the primary outcome",
                        finding=finding(words, "", [f"{effect.group + ', ' if several else ''}{effect.label} {effect.printed}" for effect in effects]),
                        x_label=labels.headed(rows[0].measure) + (f" against {other}" if several and other else "" if several else f", {drawing.names.contrast(rows[0].contrast)}"),
                        head=f"{labels.headed(rows[0].measure)} ({numbers.level(rows[0].level)})", write=lambda value: numbers.tick(value, places))
    return framed(drawing, unit, scene, ["Diamond: the primary analysis. Vertical line: no difference"])
