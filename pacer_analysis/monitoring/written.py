"""What monitoring leaves behind: the comparisons, the shapes of their figures, and the methods."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING

from pacer_analysis.monitoring.findings import COLUMNS, SHAPE_COLUMNS, Said
from pacer_analysis.monitoring.multiplicity import RULE, flags
from pacer_analysis.monitoring.registry import MEASURES
from pacer_analysis.results import write_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

METHOD_COLUMNS = ("measure", "title", "method", "comparisons", "flagged")
FILES = ("monitoring.csv", "monitoring_shapes.csv", "monitoring_measures.csv")


def write(said: Mapping[str, Said], out: Path) -> tuple[int, int]:
    """The three files in `out`; returns how many comparisons were made and how many are flagged."""
    rows: list[tuple[object, ...]] = []
    shapes: list[tuple[object, ...]] = []
    methods: list[tuple[str, str, str, int, int]] = []
    for name, each in said.items():
        marked = flags(each.findings)
        tested = sum(finding.p is not None for finding in each.findings)
        rows += [(name, *astuple(finding.subject), finding.site, finding.n, finding.value, finding.expected, finding.low, finding.high, finding.statistic, finding.p, flag,
                  finding.note) for finding, flag in zip(each.findings, marked, strict=True)]
        shapes += [(name, *astuple(shape.subject)[:3], shape.site, shape.x, shape.count, shape.expected, shape.low95, shape.high95, shape.low998, shape.high998)
                   for shape in each.shapes]
        methods.append((name, MEASURES[name].title, MEASURES[name].method, tested, sum(map(bool, marked))))
    compared, flagged = sum(row[3] for row in methods), sum(row[4] for row in methods)
    methods.append(("flag", "What is flagged", RULE, compared, flagged))
    for file, header, content in ((FILES[0], COLUMNS, rows), (FILES[1], SHAPE_COLUMNS, shapes), (FILES[2], METHOD_COLUMNS, methods)):
        write_rows(out / file, header, content)
    return compared, flagged
