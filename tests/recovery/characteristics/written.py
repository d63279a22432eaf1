"""The table as Markdown and as CSV."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from tests.recovery.characteristics.lines import Line

NAMES = tuple(field.name for field in fields(Line))
DIGITS = {"value": 6, "bias": 5, "bias_error": 5, "se_ratio": 3, "coverage": 4, "rejected": 4}
HEADER = ("estimator", "option", "quantity", "truth", "replicates", "true value", "bias (Monte Carlo SE)", "coverage", "type I / power", "verdict")


def text(line: Line, name: str) -> str:
    """One cell; blank for what there is not."""
    value = getattr(line, name)
    if name in DIGITS:
        return "" if math.isnan(value) else f"{value:.{DIGITS[name]}f}".replace("-0." + "0" * DIGITS[name], "0." + "0" * DIGITS[name])
    return str(value)


def row(line: Line) -> str:
    """One line in Markdown."""
    bias = f"{text(line, 'bias')} ({text(line, 'bias_error')})" if text(line, "bias") else ""
    rejected = f"{line.kind} {text(line, 'rejected')}" if line.kind else ""
    verdict = f"{line.verdict}: {line.reason}" if line.reason else line.verdict
    replicates = f"{line.replicates} ({line.refused} refused)" if line.refused else str(line.replicates)
    cells = (line.estimator, line.option, line.quantity, line.truth, replicates, text(line, "value"), bias, text(line, "coverage"), rejected, verdict)
    return "| " + " | ".join(cells) + " |"


def printed(lines: Sequence[Line]) -> str:
    """A Markdown table and its count; ratios on the log scale."""
    counts = {verdict: sum(line.verdict == verdict for line in lines) for verdict in ("within", "exception", "FAILS")}
    said = f"{len(lines)} lines: {counts['within']} within three Monte Carlo SE, {counts['exception']} named exceptions, {counts['FAILS']} fail."
    return "\n".join(["| " + " | ".join(HEADER) + " |", "|" + "---|" * len(HEADER), *map(row, lines), "", said])


def write(path: Path, lines: Sequence[Line]) -> None:
    """The lines as CSV."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(NAMES)
        writer.writerows([text(line, name) for name in NAMES] for line in lines)


def read(path: Path) -> list[Line]:
    """The lines of a file, none if it is not there."""
    if not path.exists():
        return []
    kinds: dict[str, Any] = {"replicates": int, "refused": int} | dict.fromkeys(DIGITS, lambda cell: float(cell) if cell else math.nan)
    with path.open(encoding="utf-8", newline="") as handle:
        return [Line(**{name: kinds.get(name, str)(cell) for name, cell in row.items()}) for row in csv.DictReader(handle)]


def merged(old: Sequence[Line], new: Sequence[Line]) -> list[Line]:
    """The new lines, and the old ones of other estimators."""
    fresh = {line.estimator for line in new}
    return [*(line for line in old if line.estimator not in fresh), *new]


def ordered(lines: Sequence[Line], estimators: Sequence[str]) -> list[Line]:
    """The lines of an estimator together, estimators in this order."""
    place = {name: number for number, name in reversed(list(enumerate(estimators)))}
    return sorted(lines, key=lambda line: place[line.estimator])
