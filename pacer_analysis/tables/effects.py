"""Table of comparisons: estimates, intervals and p of every analysis of one question, and the tests beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.tables import cells, labels, numbers
from pacer_analysis.tables.by_arm import SHARES, difference, limits, measured, shared, warranted
from pacer_analysis.tables.model import Cell, Column, Row, Table
from pacer_analysis.tables.selection import Results, analysed, distinct, has_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pacer_analysis.plan import Analysis, Plan
    from pacer_analysis.results import Estimate
    from pacer_analysis.tables.labels import Names


def build(plan: Plan, results: Results, names: Names, analyses: Sequence[Analysis], number: str) -> Table | None:
    """One row per comparison, grouped by measure, then proportions by arm, covariates of models, and tests."""
    by_id = {analysis.id: analysis for analysis in analyses}
    rows = results.of(*by_id)
    if not any(has_number(row) or row.contrast for row in rows):
        return None
    notes = cells.Notes()
    with_missing = any(row.missing for row in rows)
    body: list[Row] = []
    for heading, group in groups(rows, names):
        body.append(Row(heading, heading=True))
        body += [Row(label(row, rows, by_id, names), line(row, notes, warranted(group), missing=with_missing), level=1) for row in group]
    first = analyses[0]
    size = results.size(first.population) or max((row.n or 0 for row in rows if row.contrast), default=0) or analysed(rows, "")
    level = next((row.level for row in rows if row.level is not None), None)
    columns = [Column("Estimate"), Column(numbers.level(level)), Column("p"), Column("Analysed"), Column("Events")] + [Column("Missing")] * with_missing
    return cells.table(
        key=first.id, number=number, title=title_of(plan, analyses), population=names.populations.get(first.population, first.population),
        size=numbers.count(size) if size else "", stub="", columns=columns, rows=body, notes=notes,
        plain_notes=[*(f"{by_id[row.analysis].label}: {row.method}" if len(analyses) > 1 else row.method for row in rows if row.method), covariates(analyses, plan)],
        source=f"SAP {', '.join(distinct(analysis.sap for analysis in analyses))}; analyses {', '.join(by_id)}")


def title_of(plan: Plan, analyses: Sequence[Analysis]) -> str:
    """The analysis' label; for several analyses of one endpoint, the endpoint's."""
    endpoint = plan.endpoints.get(analyses[0].endpoint)
    return f"{endpoint.label}: comparison of the arms" if len(analyses) > 1 and endpoint else f"{analyses[0].label}: comparison of the arms"


def groups(rows: Sequence[Estimate], names: Names) -> list[tuple[str, list[Estimate]]]:
    """The rows in blocks: a measure of a contrast, a measure by arm, covariates, tests."""
    blocks: dict[str, list[Estimate]] = {}
    for row in rows:
        if row.contrast and (not row.term or row.term in names.visits or row.time is not None):
            blocks.setdefault(f"1{labels.measure(row.measure)}, {names.contrast(row.contrast)}", []).append(row)
        elif row.measure == "chisq" or row.scale == "test":
            blocks.setdefault("4Tests", []).append(row)
        elif row.arm or row.measure in SHARES:
            blocks.setdefault(f"2{labels.measure(row.measure)} by arm", []).append(row)
        else:
            blocks.setdefault(f"3{labels.measure(row.measure)} of the covariates in the model (adjustment only, not effects)", []).append(row)
    return [(heading[1:], blocks[heading]) for heading in sorted(blocks, key=lambda heading: heading[0])]


def label(row: Estimate, rows: Sequence[Estimate], by_id: dict[str, Analysis], names: Names) -> str:
    """What distinguishes a row in its block: visit or time, arm, term, and the analysis where there are several."""
    parts = [names.arm(row.arm)] if row.arm else []
    parts += [names.term(row.term)] if row.term else []
    parts += [numbers.day(row.time)] if row.time is not None and row.term not in names.visits else []
    parts += [row.subgroup] if row.subgroup else []
    if len({entry.analysis for entry in rows}) > 1 or not parts:
        parts = [by_id[row.analysis].label, *parts]
    return ", ".join(parts)


def line(row: Estimate, notes: cells.Notes, decimals: int, *, missing: bool) -> tuple[Cell, ...]:
    """Estimate, interval, p, analysed, events and missing of one row."""
    extra = [whole(row, row.n), whole(row, row.events)] + ([whole(row, row.missing)] if missing else [])
    if not has_number(row):
        return (cells.noted(row, notes), cells.NONE, cells.NONE, *extra)
    p = cells.number([(row, (numbers.p_value(row.p),))], cells.Notes()) if row.p is not None else cells.NONE
    if row.scale == "test" or row.measure == "chisq":
        return cells.number([(row, (test(row),))], notes), cells.NONE, p, *extra
    if row.estimate is None:
        return cells.noted(row, notes), cells.NONE, p, *extra
    texts = difference(row, decimals) if row.contrast or row.scale == "ratio" else shared(row)[-1:] if row.measure in SHARES else measured(row)
    texts = tuple(text.strip("()") for text in texts)
    return (cells.number([(row, texts)], notes), cells.number([(row, limits(row, decimals))], cells.Notes()) if limits(row) else cells.NONE, p, *extra)


def test(row: Estimate) -> str:
    """A test statistic with its degrees of freedom."""
    value = row.statistic if row.statistic is not None else row.estimate or 0.0
    degrees = f" (df {numbers.degrees(row.df)})" if row.df is not None else ""
    return f"\N{GREEK SMALL LETTER CHI}\N{SUPERSCRIPT TWO} {numbers.statistic(value)}{degrees}" if row.measure == "chisq" else numbers.statistic(value) + degrees


def whole(row: Estimate, value: int | None) -> Cell:
    return cells.NONE if value is None else cells.number([(row, (numbers.count(value),))], cells.Notes())


def covariates(analyses: Sequence[Analysis], plan: Plan) -> str:
    """The covariates that the plan names, where it names any."""
    variables = plan.participants.variables
    used = distinct(name for analysis in analyses for name in analysis.covariates)
    return "Adjusted for: " + "; ".join(variables[name].label if name in variables else labels.words(name) for name in used) if used else ""
