"""Table of comparisons: estimates, intervals and p of every analysis of one question, and the tests beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.tables import cells, contrasts, denominators, labels, numbers, times, wording
from pacer_analysis.tables.model import Cell, Column, Row, Table
from pacer_analysis.tables.printing import SHARES, difference, limits, measured, shared, warranted
from pacer_analysis.tables.selection import Results, analysed, distinct, has_number, notes_in_common

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacer_analysis.plan import Analysis
    from pacer_analysis.results import Estimate
    from pacer_analysis.tables.labels import Names


TESTS = {"logrank": "log-rank test"}


def build(results: Results, names: Names, analyses: Sequence[Analysis], number: str) -> Table | None:
    """One row per comparison, grouped by measure, then what is known of each arm, and tests; coefficients of covariates have a table of their own."""
    by_id = {analysis.id: analysis for analysis in analyses}
    rows, remarks = said_once(results, names, analyses)
    rows = [row for row in rows if not is_coefficient(row, names) and not (row.contrast and row.term and row.estimator == "cumulative_incidence")]
    if not any(has_number(row) or row.contrast for row in rows):
        return None
    notes, first = cells.Notes(), analyses[0]
    shown = [analysis for analysis in analyses if any(row.analysis == analysis.id and has_number(row) for row in rows)]
    with_missing = any(row.missing for row in rows)
    if over_time(rows):
        compared = [row for row in rows if row.contrast and row.scale != "test"]  # the arms' own proportions stand in a table by arm
        columns, body = wide(compared, first, names, notes, missing=with_missing)
        rows = compared
    else:
        columns, body = long(rows, by_id, names, notes, missing=with_missing)
    size = results.size(first.population) or max((row.n or 0 for row in rows if row.contrast), default=0) or analysed(rows, "")
    return cells.table(
        key=first.id, number=number, title=title_of(names, analyses), population=names.populations.get(first.population, first.population),
        size=numbers.count(size) if size else "", stub="Visit" if any(row.term in names.visits for row in rows) else "", columns=columns, rows=body,
        notes=notes,
        plain_notes=[comparison(rows, names) if over_time(rows) else "", *remarks, *methods(analyses, rows, names), *adjustment(shown, names),
                     *distinct(note for analysis in analyses for note in denominators.footnotes(analysis, [row for row in rows
                               if row.analysis == analysis.id], names)),
                     labels.UNADJUSTED if any(analysis.role == "secondary" for analysis in shown) else "",
                     *distinct(times.note((row.time for row in rows if row.term not in names.visits), analysis, names) for analysis in analyses)],
        source=f"SAP {', '.join(distinct(analysis.sap for analysis in analyses))}")


def said_once(results: Results, names: Names, analyses: Sequence[Analysis]) -> tuple[list[Estimate], list[str]]:
    """The rows of the analyses, and what all rows of one say alike, under its label where there are several."""
    rows: list[Estimate] = []
    remarks = []
    for analysis in analyses:
        own, shared = notes_in_common(results.of(analysis.id))
        rows += own
        remarks += [f"{analysis.label}: {wording.remark(text, names)}" if len(analyses) > 1 else wording.remark(text, names) for text in shared]
    return rows, remarks


def is_coefficient(row: Estimate, names: Names) -> bool:
    """True for the coefficient of a covariate: it belongs to the adjustment and is no effect."""
    return (not row.contrast and not row.arm and bool(row.term) and row.term not in names.visits and row.time is None and row.scale != "test"
            and row.measure not in SHARES)


def methods(analyses: Sequence[Analysis], rows: Sequence[Estimate], names: Names) -> list[str]:
    """The methods of each analysis, under its label where there are several."""
    said = [(analysis.label, wording.prose(analysis, [row for row in rows if row.analysis == analysis.id], names, listed=False))
            for analysis in analyses]
    return [f"{label}: {text}" if len(analyses) > 1 else text for label, text in said if text]


def over_time(rows: Sequence[Estimate]) -> bool:
    """True for the comparisons of one analysis at several visits or times, and nothing else."""
    return len({row.analysis for row in rows}) == 1 and len({(row.term, row.time) for row in rows if row.contrast and row.scale != "test"}) > 1


def wide(rows: Sequence[Estimate], analysis: Analysis, names: Names, notes: cells.Notes, *, missing: bool) -> tuple[list[Column], list[Row]]:
    """One row per visit or time, a group of columns per measure, the numbers behind them once; a block of rows per contrast where there are several."""
    kinds, pairs = distinct(row.measure for row in rows), contrasts.pairs(rows)
    blocks = {kind: [row for row in rows if row.measure == kind] for kind in kinds}
    columns = [Column("Analysed"), Column("Events")] + [Column("Missing")] * missing
    for kind in kinds:
        group = labels.headed(kind)
        columns += [Column(f"Estimate ({numbers.level(blocks[kind][0].level)})", group)]
        columns += [Column("p", group)] * any(row.p is not None for row in blocks[kind])
    body: list[Row] = []
    before = None
    for pair, term, time in sorted(dict.fromkeys((contrasts.sides(row.contrast), row.term, row.time) for row in rows), key=lambda key: pairs.index(key[0])):
        if len(pairs) > 1 and pair != before:
            body.append(Row(contrasts.against(pair, names), heading=True))
        before = pair
        own = {kind: next((row for row in blocks[kind] if (contrasts.sides(row.contrast), row.term, row.time) == (pair, term, time)), None) for kind in kinds}
        behind = next(row for row in own.values() if row is not None)
        entries = [whole(behind, behind.n), whole(behind, behind.events)] + [whole(behind, behind.missing)] * missing
        for kind, row in own.items():
            shown = (cells.NONE, cells.NONE) if row is None else joined(row, notes, names, warranted(blocks[kind]))
            entries += shown if any(entry.p is not None for entry in blocks[kind]) else shown[:1]
        parts = ([names.term(term)] if term else []) + ([times.time(time, analysis, names)] if time is not None and term not in names.visits else [])
        body.append(Row(", ".join(parts), tuple(entries), level=int(len(pairs) > 1)))
    return columns, body


def comparison(rows: Sequence[Estimate], names: Names) -> str:
    """What is compared with what, where the heads of the columns have no room for it."""
    found = contrasts.pairs(rows)
    return f"Compared: {contrasts.against(found[0], names)}" if len(found) == 1 else ""


def joined(row: Estimate, notes: cells.Notes, names: Names, decimals: int) -> tuple[Cell, Cell]:
    """Estimate with its interval in one cell, and p."""
    if cells.not_due(row, names.visits):
        return cells.waiting(row), cells.NONE
    if row.estimate is None:
        return cells.noted(row, notes), cells.NONE
    low, to, high = limits(row, decimals) or ("", "", "")
    shown = cells.number([(row, (*difference(row, decimals), f"({low}", to, f"{high})") if low else difference(row, decimals))], notes)
    return shown, cells.number([(row, (numbers.p_value(row.p),))], cells.Notes()) if row.p is not None else cells.NONE


def long(rows: Sequence[Estimate], by_id: dict[str, Analysis], names: Names, notes: cells.Notes, *, missing: bool) -> tuple[list[Column], list[Row]]:
    """One row per comparison, in blocks of one measure."""
    body: list[Row] = []
    for heading, group in groups(rows, names):
        body.append(Row(heading, heading=True))
        body += [Row(label(row, rows, by_id, names), line(row, notes, warranted(group), missing=missing), level=1) for row in group]
    level = next((row.level for row in rows if row.level is not None), None)
    return [Column("Estimate"), Column(numbers.level(level)), Column("p"), Column("Analysed"), Column("Events")] + [Column("Missing")] * missing, body


def title_of(names: Names, analyses: Sequence[Analysis]) -> str:
    """The analysis' label; for several analyses of one endpoint, the endpoint's."""
    endpoint = names.endpoints.get(analyses[0].endpoint)
    return f"{endpoint}: comparison of the arms" if len(analyses) > 1 and endpoint else f"{analyses[0].label}: comparison of the arms"


def groups(rows: Sequence[Estimate], names: Names) -> list[tuple[str, list[Estimate]]]:
    """The rows in blocks: a measure of a contrast, a measure by arm in the order of the arms, tests."""
    blocks: dict[str, list[Estimate]] = {}
    for row in rows:
        if row.scale == "test" or row.measure == "chisq":
            blocks.setdefault("4Tests", []).append(row)
        elif not row.measure:
            blocks.setdefault("5Without a number here", []).append(row)
        elif row.contrast and (not row.term or row.term in names.visits or row.time is not None):
            blocks.setdefault(f"1{labels.headed(row.measure)}, {names.contrast(row.contrast)}", []).append(row)
        else:
            blocks.setdefault(f"2{labels.measure(row.measure)} by arm", []).append(row)
    places = {analysis: place for place, analysis in enumerate(distinct(row.analysis for row in rows))}
    order = {arm: place for place, arm in enumerate(names.arms)}
    for block in blocks.values():
        block.sort(key=lambda row: (places[row.analysis], order.get(row.arm, len(order))))
    return [(heading[1:], blocks[heading]) for heading in sorted(blocks, key=lambda heading: heading[0])]


def label(row: Estimate, rows: Sequence[Estimate], by_id: dict[str, Analysis], names: Names) -> str:
    """What distinguishes a row in its block: visit or time, arm, term, and the analysis where there are several."""
    parts = [names.arm(row.arm)] if row.arm else []
    parts += [labels.lowered(names.term(row.term)) if row.scale == "test" else names.term(row.term)] if row.term else [TESTS.get(row.estimator, labels.measure(row.measure).lower())] if row.scale == "test" else []
    parts += [times.time(row.time, by_id[row.analysis], names)] if row.time is not None and row.term not in names.visits else []
    parts += [row.subgroup] if row.subgroup else []
    if row.scale == "test" and len(contrasts.pairs(rows)) > 1:
        parts += [contrasts.against(contrasts.sides(row.contrast), names) if row.contrast else "all arms"]
    if len({entry.analysis for entry in rows}) > 1 or not parts:
        parts = [by_id[row.analysis].label, *parts]
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def line(row: Estimate, notes: cells.Notes, decimals: int, *, missing: bool) -> tuple[Cell, ...]:
    """Estimate, interval, p, analysed, events and missing of one row."""
    extra = [whole(row, row.n), whole(row, row.events)] + ([whole(row, row.missing)] if missing else [])
    if not has_number(row):
        return (cells.noted(row, notes), cells.NONE, cells.NONE, *extra)
    p = cells.number([(row, (numbers.p_value(row.p),))], cells.Notes()) if row.p is not None else cells.NONE
    if row.scale == "test" or row.measure == "chisq":
        said = cells.number([(row, (test(row),))], notes) if row.statistic is not None or row.estimate is not None else cells.NONE
        return said, cells.NONE, p, *extra
    if row.estimate is None:
        return cells.noted(row, notes), cells.NONE, p, *extra
    texts = difference(row, decimals) if row.contrast or row.scale == "ratio" else shared(row)[-1:] if row.measure in SHARES else measured(row)
    texts = tuple(text.strip("()") for text in texts)
    return (cells.number([(row, texts)], notes), cells.number([(row, limits(row, decimals))], cells.Notes()) if limits(row) else cells.NONE, p,
            *extra)


def test(row: Estimate) -> str:
    """A test statistic with its degrees of freedom."""
    value = row.statistic if row.statistic is not None else row.estimate or 0.0
    degrees = f" (df {numbers.degrees(row.df)})" if row.df is not None else ""
    name = "\N{GREEK SMALL LETTER CHI}\N{SUPERSCRIPT TWO} " if row.measure == "chisq" else ""
    return f"{name}{numbers.statistic(value)}{degrees}"


def whole(row: Estimate, value: int | None) -> Cell:
    """A count behind an estimate, a dash where there is none."""
    return cells.NONE if value is None else cells.number([(row, (numbers.count(value),))], cells.Notes())


def adjustment(analyses: Sequence[Analysis], names: Names) -> list[str]:
    """What the comparisons are adjusted for, or that they are not."""
    lists = distinct(names.covariates(analysis) for analysis in analyses)
    if not any(lists):
        strata = any(analysis.stratified or analysis.estimator == "stratified_risk_difference" for analysis in analyses)
        return ["Unadjusted" + (", stratified as randomised" if strata else "")]
    return [f"Adjusted for: {listed}" for listed in lists if listed]
