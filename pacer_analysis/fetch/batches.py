"""All records of a project in batches, put together by column name: two batches need not have the same columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence

from pacer_analysis.errors import ExportError
from pacer_analysis.fetch.server import Refused

Rows = list[list[str]]


def table(text: str, first: str, what: str) -> tuple[list[str], Rows]:
    """The header and rows of a CSV body that must begin with the column `first`; nothing at all is an empty project."""
    try:
        rows = [row for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True) if row]
    except csv.Error:
        raise ExportError(f"the server's answer about {what} is not a CSV table", where=what, do="try again, with a smaller --batch") from None
    if not rows:
        return [first], []
    if rows[0][0] != first:
        raise ExportError(f"the server's answer about {what} does not begin with the column {first}", where=what, do="try again; ask the server's administrators")
    ragged = next((number for number, row in enumerate(rows, start=1) if len(row) != len(rows[0])), 0)
    if ragged:
        raise ExportError(f"the server's answer about {what} breaks off", where=f"{what}, row {ragged}", do="try again, with a smaller --batch")
    return rows[0], rows[1:]


def in_batches(records: Sequence[str], size: int, ask: Callable[[list[str]], str], first: str) -> Iterator[tuple[list[str], Rows]]:
    """The tables of all batches; a batch that is too much for the server is halved."""
    waiting = [list(records[start:start + size]) for start in range(0, len(records), size)]
    while waiting:
        batch = waiting.pop(0)
        try:
            header, rows = table(ask(batch), first, "the records")
        except Refused as refused:
            if not refused.overloaded or len(batch) == 1:
                raise
            half = len(batch) // 2
            waiting[:0] = [batch[:half], batch[half:]]
            continue
        absent = set(batch) - {row[0] for row in rows}
        strange = {row[0] for row in rows} - set(batch)
        if absent or strange:
            raise ExportError(f"a batch of {len(batch)} records came back with {len(absent)} of them missing and {len(strange)} others", where="the records",
                              do="try again when nobody is renaming or deleting records")
        yield header, rows


def joined(tables: Sequence[tuple[list[str], Rows]], order: Sequence[str]) -> tuple[list[str], Rows]:
    """One table with the columns of all, those of `order` first and in that order; a column that a batch lacks is blank there."""
    seen = dict.fromkeys(name for header, _ in tables for name in header)
    place = {name: number for number, name in enumerate(order)}
    # A checkbox's columns stand where its field does, in the order of their batch.
    header = sorted(seen, key=lambda name: place.get(name, place.get(name.partition("___")[0], len(place))))
    rows: Rows = []
    for names, content in tables:
        if names == header:
            rows += content
            continue
        where = {name: number for number, name in enumerate(names)}
        rows += [[row[where[name]] if name in where else "" for name in header] for row in content]
    return header, rows
