"""Table of characteristics: one block per variable, by arm and pooled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.tables import cells, contrasts, numbers, wording
from pacer_analysis.tables.model import Cell, Column, Row, Table
from pacer_analysis.tables.selection import Results, analysed, arms_of, distinct, notes_in_common

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacer_analysis.plan import Analysis
    from pacer_analysis.results import Estimate
    from pacer_analysis.tables.labels import Names

Found = dict[tuple[str, str, str], "Estimate"]
LINES = (("Mean (SD)", "mean"), ("Median (IQR)", "median"), ("Range", "minimum"))
LIMITS = "Viral load: results below a limit count as the limit, not detected as 0"


def build(results: Results, names: Names, analyses: Sequence[Analysis], number: str) -> Table | None:
    """The characteristics of a population: mean (SD), median and range, or n/N (%), and the number missing."""
    analysis = analyses[0]
    rows, remarks = notes_in_common(results.of(analysis.id))
    found: Found = {(row.arm, row.term, row.measure): row for row in rows if row.measure != "smd"}
    if not found:
        return None
    arms = arms_of(rows, names.arms)
    smd = [row for row in rows if row.measure == "smd"]
    if not any(row.arm == "" and row.measure != "smd" for row in rows):
        arms = [arm for arm in arms if arm]
    notes = cells.Notes()
    columns = []
    for arm in arms:
        size = results.size(analysis.population, arm) or analysed(rows, arm)
        columns.append(Column(names.arm(arm), size=f"N = {numbers.count(size)}" if size is not None else "", arm=names.place(arm)))
    compared = contrasts.pairs(smd)
    columns += [Column(contrasts.against(pair, names), "Standardised difference") for pair in compared] if len(compared) > 1 else [Column("Standardised difference")] * bool(smd)
    smds = [{row.term: row for row in smd if contrasts.sides(row.contrast) == pair} for pair in compared] or [{row.term: row for row in smd}] * bool(smd)
    terms = distinct(row.term for row in rows)
    variables = distinct([*(str(name) for name in analysis.options.get("variables", ())), *(term.partition("=")[0] for term in terms)])
    body: list[Row] = []
    for variable in variables:
        levels = [term for term in terms if term.partition("=")[0] == variable and "=" in term]
        if variable in terms or levels:
            body += block(variable, levels, found, arms, names, notes, smds)
    size = results.size(analysis.population) or sum(analysed(rows, arm) or 0 for arm in arms if arm or len(arms) == 1) or None
    return cells.table(key=analysis.id, number=number, title=analysis.label,
                       population=names.populations.get(analysis.population, analysis.population),
                       size=numbers.count(size) if size is not None else "", stub="", columns=columns, rows=body, notes=notes,
                       plain_notes=["IQR: interquartile range. SD: standard deviation. Percentages are of those with a value",
                                    LIMITS if any(variable in names.loads for variable in variables if variable in terms) else "",
                                    f"Compared: {contrasts.against(compared[0], names)}" if len(compared) == 1 else "", *remarks, wording.prose(analysis, smd, names)],
                       source=f"SAP {analysis.sap}")


def block(variable: str, levels: list[str], found: Found, arms: list[str], names: Names, notes: cells.Notes,
          smds: Sequence[dict[str, Estimate]]) -> list[Row]:
    """The rows of one variable; one row where it has one line and nothing is missing."""
    difference = [smd_cell(own.get(variable) or next((own[level] for level in levels if level in own), None), notes) for own in smds]
    blank = [cells.BLANK] * len(smds)
    decimals = mean_decimals(variable, found)
    lines = [(title, [measured_cell(variable, measure, arm, found, notes, decimals) for arm in arms]) for title, measure in LINES
             if any((arm, variable, measure) in found for arm in arms)]
    lines += [(names.level(variable, term.partition("=")[2]) if levels else "", [share_cell(term, arm, found, notes) for arm in arms])
              for term in levels or [variable] if any((arm, term, measure) in found for arm in arms for measure in ("proportion", "count"))]
    if not lines:
        notes_only = [noted_cell(variable, arm, found, notes) for arm in arms]
        return [Row(names.term(variable), tuple(notes_only + difference))]
    missing = missing_cells([variable, *levels], arms, found)
    if missing:
        lines.append(("Missing", missing))
    if len(lines) == 1:
        title, line = lines[0]
        return [Row(names.term(variable) + (f", {title}" if title else ""), tuple(line + difference))]
    if not lines[0][0]:
        return [Row(names.term(variable), tuple(lines[0][1] + difference)), *(Row(title, tuple(line + blank), level=1) for title, line in lines[1:])]
    head = Row(names.term(variable), tuple([cells.BLANK] * len(arms) + difference), heading=True) if smds else Row(names.term(variable),
            heading=True)
    return [head, *(Row(title, tuple(line + blank), level=1) for title, line in lines)]


def measured_cell(variable: str, measure: str, arm: str, found: Found, notes: cells.Notes, decimals: int) -> Cell:
    """Mean (SD), median (quartiles) or range of one arm."""
    row = found.get((arm, variable, measure))
    if row is None:
        return cells.NONE
    if row.estimate is None:
        return cells.noted(row, notes)
    if measure == "mean":
        sd = found.get((arm, variable, "sd"))
        parts: list[tuple[Estimate, Sequence[str]]] = [(row, (numbers.rounded(row.estimate, decimals),))]
        if sd is not None and sd.estimate is not None:
            parts.append((sd, (f"({numbers.rounded(sd.estimate, decimals)})",)))
        return cells.number(parts, notes)
    low, high = (found.get((arm, variable, name))
                 for name in (("lower_quartile", "upper_quartile") if measure == "median" else ("minimum", "maximum")))
    if measure == "minimum":
        if high is None or high.estimate is None:
            return cells.NONE
        return cells.number([(row, (numbers.quantile(row.estimate), "to")), (high, (numbers.quantile(high.estimate),))], notes)
    parts = [(row, (numbers.quantile(row.estimate),))]
    if low is not None and high is not None and low.estimate is not None and high.estimate is not None:
        parts += [(low, (f"({numbers.quantile(low.estimate)}", "to")), (high, (f"{numbers.quantile(high.estimate)})",))]
    return cells.number(parts, notes)


def mean_decimals(variable: str, found: Found) -> int:
    """The decimals of a variable's means: what the least precise column warrants, at least one."""
    means = [(row, found.get((arm, variable, "sd"))) for (arm, term, measure), row in found.items() if term == variable and measure == "mean"]
    return min((numbers.decimals_for(row.se or standard_error(sd), least=1, most=4, unknown=1) for row, sd in means), default=1)


def standard_error(sd: Estimate | None) -> float | None:
    """The standard error of a mean from the standard deviation's row."""
    return sd.estimate / sd.n**0.5 if sd is not None and sd.estimate is not None and sd.n else None


def share_cell(term: str, arm: str, found: Found, notes: cells.Notes) -> Cell:
    """n/N (%) from the count and its n, else from the proportion and its events."""
    row = found.get((arm, term, "count")) or found.get((arm, term, "proportion"))
    if row is None:
        return cells.NONE
    if row.estimate is None:
        return cells.noted(row, notes)
    part = row.estimate if row.measure == "count" else row.events
    if part is None or not row.n:
        return cells.number([(row, (numbers.percent(row.estimate) if row.measure == "proportion" else numbers.count(row.estimate),))], notes)
    return cells.number([(row, (numbers.of(part, row.n), f"({numbers.percent_of(part, row.n)})"))], notes)


def smd_cell(row: Estimate | None, notes: cells.Notes) -> Cell:
    """The standardised difference of one variable."""
    if row is None:
        return cells.NONE
    return cells.noted(row, notes) if row.estimate is None else cells.number([(row, (numbers.standardised(row.estimate),))], notes)


def noted_cell(variable: str, arm: str, found: Found, notes: cells.Notes) -> Cell:
    """The note of a variable without any number in this arm, else a dash."""
    row = next((row for (place, term, _), row in found.items() if place == arm and term == variable), None)
    return cells.noted(row, notes) if row is not None and row.estimate is None else cells.NONE


def missing_cells(terms: list[str], arms: list[str], found: Found) -> list[Cell]:
    """The number without a value in each arm; none if nobody is missing."""
    line: list[Cell] = []
    some = False
    for arm in arms:
        row = next((row for (place, term, _), row in found.items() if place == arm and term in terms and row.missing is not None), None)
        some = some or bool(row and row.missing)
        line.append(cells.number([(row, (numbers.count(row.missing or 0),))], cells.Notes()) if row else cells.NONE)
    return line if some else []
