"""Tables with a group of columns per arm: counts, proportions, survival and cumulative incidence, with their differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.tables import cells, denominators, labels, numbers, times, wording
from pacer_analysis.tables.model import Cell, Column, Row, Table
from pacer_analysis.tables.printing import PRINT, SHARES, difference, limits, measured, warranted
from pacer_analysis.tables.selection import Results, analysed, arms_of, distinct, has_number, notes_in_common

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacer_analysis.plan import Analysis
    from pacer_analysis.results import Estimate
    from pacer_analysis.tables.labels import Names

# Counts at a time that stand beside an estimate, not in a row of their own.
BESIDE = {"at_risk": "At risk", "events": "Events"}
DAYS = ("median", "rmst")
Key = tuple[str, float | None, str]


def key_of(row: Estimate) -> Key:
    """What a row of the table is about, whatever the arm."""
    return row.term, row.time, row.measure


def build(results: Results, names: Names, analyses: Sequence[Analysis], number: str) -> Table | None:
    """The table of one analysis by arm; None if the results have no number and no note for it."""
    analysis = analyses[0]
    rows, remarks = notes_in_common(results.of(analysis.id))
    if not any(has_number(row) or row.arm for row in rows):
        return None
    own = main_rows(rows)
    beside = {(row.measure, row.arm, row.term, row.time): row for row in rows if row.measure in BESIDE and row not in own}
    contrasts = [row for row in rows if row.contrast and row.scale != "test" and not competing(row)]
    arms = arms_of(own, names.arms)
    found = {(row.arm, key_of(row)): row for row in own}
    compared = {(row.contrast, row.measure, row.term, row.time): row for row in contrasts}
    keys = ordered([key_of(row) for row in own], analysis)
    notes = cells.Notes()

    with_interval = any(row.low is not None for row in own)
    if with_interval:  # outcomes: the arms, or all together where there are no arms
        arms = [arm for arm in arms if arm] or arms
    extras = [measure for measure in BESIDE if any(key[0] == measure for key in beside)]
    with_missing = any(row.missing for row in own)
    columns: list[Column] = []
    for arm in arms:
        size = results.size(analysis.population, arm) or analysed(own, arm)
        group, place = names.arm(arm), names.place(arm)
        n = f"N = {numbers.count(size)}" if size is not None else ""
        columns.append(Column(head_of(own, analysis), group, n, place))
        columns += [Column(numbers.level(own[0].level), group, n, place)] * with_interval
        columns += [Column(BESIDE[measure], group, n, place) for measure in extras] + [Column("Missing", group, n, place)] * with_missing
    kinds = distinct(f"{row.contrast}|{row.measure}" for row in contrasts)
    for kind in kinds:
        contrast, measure = kind.split("|")
        group = f"{labels.headed(measure)}, {names.contrast(contrast)}"
        columns += [Column("Estimate", group), Column(numbers.level(own[0].level), group), Column("p", group)]

    body: list[Row] = []
    headed, before = len({key[0] for key in keys}) > 1 and len({key[1] for key in keys}) > 1 and not any(key[0] in names.visits for key in keys), None
    for key in keys:
        line: list[Cell] = []
        for arm in arms:
            row = found.get((arm, key))
            # The risk set is the same for every cause: it is counted once, without a term.
            near = [beside.get((measure, arm, key[0], key[1])) or (beside.get((measure, arm, "", key[1])) if measure == "at_risk" else None)
                    for measure in extras]
            line += arm_cells(row, near, notes, names, interval=with_interval, missing=with_missing)
        for kind in kinds:
            contrast, measure = kind.split("|")
            block = [row for row in contrasts if (row.contrast, row.measure) == (contrast, measure)]
            line += contrast_cells(compared.get((contrast, measure, key[0], key[1])), notes, warranted(block))
        if headed and key[0] != before:
            body.append(Row(names.term(key[0]) if key[0] else analysis.label, heading=True))
        before = key[0]
        body.append(Row(row_label(key, keys, names, analysis, headed=headed), tuple(line), level=int(headed)))
    size = results.size(analysis.population) or sum(analysed(own, arm) or 0 for arm in arms if arm or len(arms) == 1) or None
    return cells.table(
        key=analysis.id, number=number, title=analysis.label, population=names.populations.get(analysis.population, analysis.population),
        size=numbers.count(size) if size is not None else "", stub=stub_of(keys, names, analysis), columns=columns, rows=body, notes=notes,
        plain_notes=[wording.prose(analysis, [row for row in rows if row in own or row in contrasts or row in beside.values()], names),
                     *denominators.footnotes(analysis, own, names), times.note((key[1] for key in keys if key[0] not in names.visits), analysis, names),
                     *comparison_notes(analysis, rows, contrasts), *remarks], source=f"SAP {analysis.sap}")


def competing(row: Estimate) -> bool:
    """True for the comparison of a competing cause, which tables describe by arm and do not compare."""
    return row.estimator == "cumulative_incidence" and bool(row.contrast) and bool(row.term)


def comparison_notes(analysis: Analysis, rows: Sequence[Estimate], contrasts: Sequence[Estimate]) -> list[str]:
    """What a reader of comparisons must know: multiplicity, and what is not compared."""
    found = [labels.UNADJUSTED] if contrasts and analysis.role == "secondary" else []
    return found + (["Competing causes are described by arm and not compared"] if contrasts and any(competing(row) for row in rows) else [])


def ordered(keys: list[Key], analysis: Analysis) -> list[Key]:
    """The rows in the order of the plan's list where the analysis has one, else of the results."""
    listed = [str(term) for term in analysis.options.get("of", ())]
    once = list(dict.fromkeys(keys))
    terms = distinct(key[0] for key in once)
    rank = {term: (listed.index(term) if term in listed else len(listed), terms.index(term)) for term in terms}
    return sorted(once, key=lambda key: rank[key[0]])


def head_of(rows: Sequence[Estimate], analysis: Analysis) -> str:
    """The head of the column of estimates."""
    if all(row.measure in ("count", "proportion") for row in rows) and any(row.events is not None or row.measure == "count" for row in rows):
        return "n/N (%)"
    kinds = {row.measure for row in rows if row.measure != "median"}
    return named(kinds.pop(), analysis) if len(kinds) == 1 and kinds & SHARES else "Estimate"


def named(measure: str, analysis: Analysis) -> str:
    """A measure in words; of a curve that falls, what the analysis says is kept, without its parenthesis."""
    if measure == "survival":
        return analysis.label.partition(" (")[0]
    return labels.measure(measure) + (", days" if measure in DAYS else "")


def main_rows(rows: Sequence[Estimate]) -> list[Estimate]:
    """The rows that a table by arm is about: one measure per thing counted, and no test."""
    own = [row for row in rows if not row.contrast and row.scale != "test" and row.measure not in ("chisq", "smd")]
    counts = {(row.arm, row.term, row.time) for row in own if row.measure == "count"}
    own = [row for row in own if row.measure != "proportion" or (row.arm, row.term, row.time) not in counts]
    if any(row.measure in ("survival", "cif") for row in own):
        own = [row for row in own if row.measure in ("survival", "cif", "median", "rmst")]
    return own


def arm_cells(row: Estimate | None, near: Sequence[Estimate | None], notes: cells.Notes, names: Names, *, interval: bool, missing: bool) -> list[Cell]:
    """The cells of one arm in one row; a note stands in the first of them, never a blank."""
    extra = interval + len(near) + missing
    if row is None:
        return [cells.NONE] * (1 + extra)
    if cells.not_due(row, names.visits):
        return [cells.waiting(row)] + [cells.NONE] * extra
    if row.estimate is None:
        return [cells.noted(row, notes)] + [cells.NONE] * extra
    line = [cells.number([(row, PRINT.get(row.measure, measured)(row))], notes)]
    if interval:
        line.append(cells.number([(row, limits(row))], cells.Notes()) if limits(row) else cells.NONE)
    line += [cells.number([(entry, (numbers.count(entry.estimate),))], notes) if entry and entry.estimate is not None else cells.NONE
             for entry in near]
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
    parts += [times.time(key[1], analysis, names)] if key[1] is not None and key[0] not in names.visits else []
    parts += [names.term(key[0])] if key[0] in names.visits and not parts else []
    parts += [named(key[2], analysis)] if len({entry[2] for entry in keys}) > 1 and (not parts or key[2] != keys[0][2]) else []
    return ", ".join(parts) or analysis.label


def stub_of(keys: Sequence[Key], names: Names, analysis: Analysis) -> str:
    """The head of the first column."""
    if any(key[0] in names.visits for key in keys):
        return "Visit"
    return times.head(analysis, names) if any(key[1] is not None for key in keys) else ""
