"""Tables with a group of columns per arm: counts, proportions, survival and cumulative incidence, with their differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.tables import cells, labels, numbers
from pacer_analysis.tables.model import Cell, Column, Row, Table
from pacer_analysis.tables.selection import Results, analysed, arms_of, distinct, has_number, methods_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pacer_analysis.plan import Analysis, Plan
    from pacer_analysis.results import Estimate
    from pacer_analysis.tables.labels import Names

SHARES = frozenset({"proportion", "survival", "cif"})
Key = tuple[str, float | None, str]


def counted(row: Estimate) -> tuple[str, ...]:
    """12/206 (5.8%)."""
    if row.n:
        return numbers.of(row.estimate or 0, row.n), f"({numbers.percent_of(row.estimate or 0, row.n)})"
    return (numbers.count(row.estimate or 0),)


def shared(row: Estimate) -> tuple[str, ...]:
    """168/206 (81.6%) where the events are known, else 81.6%."""
    share = numbers.percent(row.estimate or 0)
    if row.measure == "proportion" and row.events is not None and row.n:
        return numbers.of(row.events, row.n), f"({share})"
    return (share,)


def measured(row: Estimate) -> tuple[str, ...]:
    """A number with as many decimals as its standard error warrants."""
    value = row.estimate or 0.0
    if row.measure in ("median", "rmst"):
        return (numbers.quantile(value),)
    return (numbers.ratio(value),) if row.scale == "ratio" else (numbers.rounded(value, numbers.decimals_for(row.se)),)


PRINT: dict[str, Callable[[Estimate], tuple[str, ...]]] = {"count": counted, "proportion": shared, "survival": shared, "cif": shared, "at_risk": counted}


def warranted(rows: Sequence[Estimate]) -> int:
    """The decimals that a block of comparisons shares: as many as its most precise row warrants."""
    return max((numbers.interval_decimals(row.low, row.high, numbers.decimals_for(row.se, least=2)) for row in rows if row.estimate is not None and row.scale != "ratio"), default=2)


def limits(row: Estimate, decimals: int | None = None) -> tuple[str, ...]:
    """The interval of a row on the scale in which its estimate is printed."""
    if row.low is None or row.high is None:
        return ()
    if row.measure in SHARES:
        return numbers.percent_interval(row.low, row.high)
    if row.scale == "ratio":
        return numbers.ratio_interval(row.low, row.high)
    if row.measure in ("median", "rmst"):
        return numbers.quantile(row.low), "to", numbers.quantile(row.high)
    return numbers.interval(row.low, row.high, warranted([row]) if decimals is None else decimals)


def difference(row: Estimate, decimals: int | None = None) -> tuple[str, ...]:
    """The estimate of a contrast, on its own scale."""
    value = row.estimate or 0.0
    if row.scale == "ratio":
        return (numbers.ratio(value),)
    return (numbers.rounded(value, warranted([row]) if decimals is None else decimals),)


def key_of(row: Estimate) -> Key:
    return row.term, row.time, row.measure


def build(plan: Plan, results: Results, names: Names, analyses: Sequence[Analysis], number: str) -> Table | None:
    """The table of one analysis by arm; None if the results have no number and no note for it."""
    analysis = analyses[0]
    rows = results.of(analysis.id)
    if not any(has_number(row) or row.arm for row in rows):
        return None
    own = [row for row in rows if not row.contrast and row.measure not in ("at_risk", "chisq")]
    beside = {(row.arm, row.term, row.time): row for row in rows if row.measure == "at_risk"}
    beside |= {(row.arm, "", row.time): row for row in rows if row.measure == "at_risk"} if not any(key[1] for key in beside) else {}
    contrasts = [row for row in rows if row.contrast]
    arms = arms_of(own, names.arms)
    found = {(row.arm, key_of(row)): row for row in own}
    compared = {(row.contrast, row.measure, row.term, row.time): row for row in contrasts}
    keys = ordered([key_of(row) for row in own], analysis)
    notes = cells.Notes()

    with_interval = any(row.low is not None for row in own)
    if with_interval:  # outcomes: the arms, or all together where there are no arms
        arms = [arm for arm in arms if arm] or arms
    with_risk = bool(beside)
    with_missing = any(row.missing for row in own)
    columns: list[Column] = []
    for arm in arms:
        size = results.size(analysis.population, arm) or analysed(own, arm)
        group, place = names.arm(arm), names.place(arm)
        n = f"N = {numbers.count(size)}" if size is not None else ""
        columns.append(Column(head_of(own), group, n, place))
        columns += [Column(numbers.level(own[0].level), group, n, place)] * with_interval
        columns += [Column("At risk", group, n, place)] * with_risk + [Column("Missing", group, n, place)] * with_missing
    kinds = distinct(f"{row.contrast}|{row.measure}" for row in contrasts)
    for kind in kinds:
        contrast, measure = kind.split("|")
        group = f"{labels.measure(measure)}, {names.contrast(contrast)}"
        columns += [Column("Estimate", group), Column(numbers.level(own[0].level), group), Column("p", group)]

    body: list[Row] = []
    headed, before = len({key[0] for key in keys}) > 1 and len({key[1] for key in keys}) > 1 and not any(key[0] in names.visits for key in keys), ""
    for key in keys:
        line: list[Cell] = []
        for arm in arms:
            row = found.get((arm, key))
            line += arm_cells(row, beside.get((arm, key[0], key[1])) or beside.get((arm, "", key[1])), notes,
                              interval=with_interval, risk=with_risk, missing=with_missing)
        for kind in kinds:
            contrast, measure = kind.split("|")
            block = [row for row in contrasts if (row.contrast, row.measure) == (contrast, measure)]
            line += contrast_cells(compared.get((contrast, measure, key[0], key[1])), notes, warranted(block))
        if headed and key[0] != before:
            body.append(Row(names.term(key[0]), heading=True))
        before = key[0]
        body.append(Row(row_label(key, keys, names, analysis, headed=headed), tuple(line), level=int(headed)))
    size = results.size(analysis.population) or sum(analysed(own, arm) or 0 for arm in arms if arm or len(arms) == 1) or None
    return cells.table(
        key=analysis.id, number=number, title=analysis.label, population=names.populations.get(analysis.population, analysis.population),
        size=numbers.count(size) if size is not None else "", stub=stub_of(keys, names), columns=columns, rows=body, notes=notes,
        plain_notes=[*methods_of(rows), missing_note(analysis, own)], source=f"SAP {analysis.sap}; analysis {analysis.id}")


def ordered(keys: list[Key], analysis: Analysis) -> list[Key]:
    """The rows in the order of the plan's list where the analysis has one, else of the results."""
    listed = [str(term) for term in analysis.options.get("of", ())]
    once = list(dict.fromkeys(keys))
    return sorted(once, key=lambda key: listed.index(key[0]) if key[0] in listed else len(listed))


def head_of(rows: Sequence[Estimate]) -> str:
    if all(row.measure in ("count", "proportion") for row in rows) and any(row.events is not None or row.measure == "count" for row in rows):
        return "n/N (%)"
    kinds = {row.measure for row in rows if row.measure != "median"}
    return labels.measure(kinds.pop()) if len(kinds) == 1 and kinds & SHARES else "Estimate"


def arm_cells(row: Estimate | None, risk_row: Estimate | None, notes: cells.Notes, *, interval: bool, risk: bool, missing: bool) -> list[Cell]:
    """The cells of one arm in one row; a note stands in the first of them, never a blank."""
    extra = interval + risk + missing
    if row is None:
        return [cells.NONE] * (1 + extra)
    if row.estimate is None:
        return [cells.noted(row, notes)] + [cells.NONE] * extra
    line = [cells.number([(row, PRINT.get(row.measure, measured)(row))], notes)]
    if interval:
        line.append(cells.number([(row, limits(row))], cells.Notes()) if limits(row) else cells.NONE)
    if risk:
        line.append(cells.number([(risk_row, (numbers.count(risk_row.estimate),))], notes) if risk_row and risk_row.estimate is not None else cells.NONE)
    if missing:
        line.append(cells.number([(row, (numbers.count(row.missing),))], cells.Notes()) if row.missing is not None else cells.NONE)
    return line


def contrast_cells(row: Estimate | None, notes: cells.Notes, decimals: int) -> list[Cell]:
    """Estimate, interval and p of a contrast in one row."""
    if row is None:
        return [cells.NONE] * 3
    if row.estimate is None:
        return [cells.noted(row, notes), cells.NONE, cells.NONE]
    return [cells.number([(row, difference(row, decimals))], notes),
            cells.number([(row, limits(row, decimals))], cells.Notes()) if limits(row) else cells.NONE,
            cells.number([(row, (numbers.p_value(row.p),))], cells.Notes()) if row.p is not None else cells.NONE]


def row_label(key: Key, keys: Sequence[Key], names: Names, analysis: Analysis, *, headed: bool) -> str:
    """What distinguishes this row from the others: its term, time and measure; the analysis itself if nothing does."""
    parts = [names.term(key[0])] if key[0] and not headed and (len({entry[0] for entry in keys}) > 1 or key[1] is None) else []
    parts += [numbers.day(key[1])] if key[1] is not None and key[0] not in names.visits else []
    parts += [names.term(key[0])] if key[0] in names.visits and not parts else []
    parts += [labels.measure(key[2])] if len({entry[2] for entry in keys}) > 1 and (not parts or key[2] != keys[0][2]) else []
    return ", ".join(parts) or analysis.label


def stub_of(keys: Sequence[Key], names: Names) -> str:
    if any(key[0] in names.visits for key in keys):
        return "Visit"
    return "Time" if any(key[1] is not None for key in keys) else ""


def missing_note(analysis: Analysis, rows: Sequence[Estimate]) -> str:
    """What happened to those without data, where there are any."""
    if not any(row.missing for row in rows):
        return ""
    if not analysis.endpoint:
        return "Missing: without a value, not in the denominator where N of the row is smaller"
    return {"failure": "Missing: those without data at the time; counted as not having the outcome",
            "available": "Missing: those without data at the time; left out of the denominator"}.get(analysis.missing, "Missing: those without data")
