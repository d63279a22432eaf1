"""The same measured numbers in rows of different records."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.monitoring.findings import Finding, Said, Subject

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.monitoring.tables import Table, Tables

TITLE = "Rows that repeat another record"
METHOD = ("Pairs of rows of different records with the same measured numbers throughout (three or more), against the number expected if the numbers agreed independently "
          "(Poisson). Also listed is each combination so rare that a pair of it is expected less than once in a thousand such tables.")
FEWEST_DIFFERENT, FEWEST_NUMBERS = 10, 3
# ASSUME: repeated rows matter from three pairs on and three times as many pairs as expected, since numbers of one person are correlated; a single pair if fewer than 0.001 of its kind are expected.
THREE, BY_CHANCE = 3, 0.001
MOST_LISTED, MOST_LINES = 50, 10


@dataclass(frozen=True, slots=True)
class Combinations:
    """The rows that are compared, the combination of each as a code, and how many pairs of each row's combination are expected by chance."""

    rows: NDArray[np.intp]
    code: NDArray[np.int64]
    chance: NDArray[np.float64]
    agreement: float


def duplicate_rows(tables: Tables) -> Said:
    """How many pairs of rows of each table repeat one another, over all sites and within each, and the rarest combinations with their lines."""
    said = Said()
    for table in tables.tables:
        combined = _combined(table)
        if combined is None:
            continue
        groups = _repeated(table, combined)
        for code, name in enumerate(("", *(tables.sites if tables.has_sites else ())), start=-1):
            inside = combined.rows if code < 0 else combined.rows[table.site[combined.rows] == code]
            own = groups if code < 0 else [part for group in groups if len(part := group[table.site[group] == code]) > 1 and len(set(table.record[part])) > 1]
            if len(inside) > 1:
                said.findings.append(_counted(table, name, inside, own, combined.agreement))
        chance = dict(zip(combined.rows.tolist(), combined.chance.tolist(), strict=True))
        rare = sorted((chance[int(group[0])], int(group[0]), place) for place, group in enumerate(groups) if chance[int(group[0])] < BY_CHANCE)
        said.findings += [_listed(tables, table, groups[place], expected) for expected, _, place in rare[:MOST_LISTED]]
    return said


def _combined(table: Table) -> Combinations | None:
    """The rows with three measured numbers or more; none if the table has too few numbers or rows."""
    import numpy as np

    columns = [table.numbers(column.name) for column in table.of_kind("number")]
    columns = [values for values in columns if len(np.unique(values[~np.isnan(values)])) >= FEWEST_DIFFERENT]
    if len(columns) < FEWEST_NUMBERS:
        return None
    matrix = np.column_stack(columns)
    rows = np.flatnonzero((~np.isnan(matrix)).sum(axis=1) >= FEWEST_NUMBERS)
    if len(rows) < 2:
        return None
    code, log_share, agreement = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows)), 1.0
    for values in matrix[rows].T:
        _, own, counts = np.unique(values, return_inverse=True, return_counts=True)      # NaN, blank, is one value among the others
        log_share += np.log(counts[own] / len(rows))
        agreement *= float(np.sum((counts / len(rows)) ** 2))
        code = np.unique(code * len(counts) + own, return_inverse=True)[1]
    return Combinations(rows, code, math.comb(len(rows), 2) * np.exp(log_share), agreement)


def _repeated(table: Table, combined: Combinations) -> list[NDArray[np.intp]]:
    """The rows of each combination that more than one record has, by line."""
    import numpy as np

    several = np.flatnonzero((np.bincount(combined.code) > 1)[combined.code])
    order = several[np.argsort(combined.code[several], kind="stable")]
    starts = np.flatnonzero(np.diff(combined.code[order])) + 1
    runs = np.split(combined.rows[order], starts) if len(order) else []
    return sorted((run for run in runs if len(set(table.record[run].tolist())) > 1), key=lambda run: int(run[0]))


def _pairs(table: Table, rows: NDArray[np.intp]) -> int:
    """Pairs of rows that belong to different records."""
    import numpy as np

    _, counts = np.unique(table.record[rows], return_counts=True)
    return math.comb(len(rows), 2) - int(np.sum(counts * (counts - 1) // 2))


def _counted(table: Table, site: str, rows: NDArray[np.intp], groups: list[NDArray[np.intp]], agreement: float) -> Finding:
    """The repeating pairs among some rows against chance."""
    from scipy.special import pdtrc

    pairs, expected = sum(_pairs(table, group) for group in groups), _pairs(table, rows) * agreement
    return Finding(Subject(table.source, table.form, label="Measured numbers together"), site, len(rows), float(pairs), expected, p=float(pdtrc(pairs - 1, expected)) if pairs else 1.0,
                   lean="repeated" if pairs >= max(THREE, THREE * expected) else "", note="; ".join(_lines(table, group) for group in groups[:MOST_LINES]))


def _listed(tables: Tables, table: Table, group: NDArray[np.intp], expected: float) -> Finding:
    """One rare combination: where it stands, and at which site if it is one."""
    sites = set(table.site[group].tolist())
    code = sites.pop() if len(sites) == 1 else -1
    return Finding(Subject(table.source, table.form, label="One combination of measured numbers"), tables.sites[code] if code >= 0 else "", len(group),
                   float(_pairs(table, group)), expected, p=min(1.0, expected), lean="repeated", note=_lines(table, group))


def _lines(table: Table, group: NDArray[np.intp]) -> str:
    """Where the rows stand in the export."""
    lines = [str(line) for line in table.keys.column("line").take(group[:MOST_LINES].tolist()).to_pylist()]
    return "lines " + ", ".join(lines) + (f" and {len(group) - MOST_LINES} more" if len(group) > MOST_LINES else "")
