"""The query register as a workbook: to filter and sort in any spreadsheet program, the same bytes every time, never a formula."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from pacer_analysis.validate.queries import COLUMNS, Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

WIDTHS = {"query_id": 18, "record": 14, "site": 14, "event": 18, "instrument": 18, "instance": 14, "field": 18, "label": 32, "value": 18, "value_label": 18, "rule": 18,
          "severity": 10, "message": 56, "action": 40, "first_seen": 12, "last_seen": 12, "age_days": 10, "status": 11, "resolved_on": 12, "comment": 40, "source": 14, "line": 8}
WRAPPED = frozenset({"label", "value", "value_label", "message", "action", "comment"})
DAYS = frozenset({"first_seen", "last_seen", "resolved_on"})
COUNTS = frozenset({"age_days", "line"})
SEVERITIES = ("error", "warning", "info")
COLOURS = {"error": ("#F8D0CE", "#7A1410"), "warning": ("#FCE8B2", "#6B4700"), "info": ("#DCE9F7", "#1B4272")}
STATUSES = ("new", "open", "reopened", "accepted", "resolved")
OPEN = frozenset({"new", "open", "reopened"})
ROWS_OF_A_SHEET = 1_048_575      # below the header
LONGEST = 32_000                 # a cell holds 32,767 units of UTF-16
NOT_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
CREATED = dt.datetime(2000, 1, 1)       # noqa: DTZ001  # a fixed day in place of the clock: the workbook must not differ between runs


def write_workbook(path: Path, queries: Sequence[Query], *, most: int = ROWS_OF_A_SHEET) -> None:
    """A sheet `Queries` with every column of the register, and a sheet `Summary` by site and by rule.

    A sheet holds `most` rows below its header; what goes beyond is left out, and both sheets say how many rows that is.
    """
    import xlsxwriter

    options = {"constant_memory": True, "tmpdir": str(path.parent), "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), options)
    book.set_properties({"title": "Queries", "created": CREATED})
    shown = queries if len(queries) <= most else queries[: most - 1]
    note = "" if shown is queries else f"{len(queries) - len(shown)} of {len(queries)} queries do not fit on this sheet; all of them are in {path.with_suffix('.csv').name}."
    _list(book, shown, note)
    _summary(book, queries, note)
    book.close()


def _list(book: Any, queries: Sequence[Query], note: str) -> None:
    """The sheet of findings: header frozen, every column with a filter, the severity in colour."""
    sheet = book.add_worksheet("Queries")
    top = {"valign": "top"}
    plain, wrapped = book.add_format(top), book.add_format(top | {"text_wrap": True})
    day, number = book.add_format(top | {"num_format": "yyyy-mm-dd"}), book.add_format(top | {"num_format": "0"})
    severity = {name: book.add_format(top | {"bg_color": back, "font_color": ink}) for name, (back, ink) in COLOURS.items()}
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{ROWS_OF_A_SHEET + 1}"})
    sheet.freeze_panes(1, 2)
    for place, name in enumerate(COLUMNS):
        sheet.set_column(place, place, WIDTHS[name])
    _header(book, sheet, 0, COLUMNS)
    sheet.autofilter(0, 0, max(1, len(queries)), len(COLUMNS) - 1)
    for row, query in enumerate(queries, 1):
        for place, name in enumerate(COLUMNS):
            text = query[name]
            if not text:
                continue
            if name == "severity":
                sheet.write_string(row, place, text, severity.get(text, plain))
            elif name in COUNTS and text.isascii() and text.isdigit():
                sheet.write_number(row, place, int(text), number)
            elif name in DAYS and (date := _day(text)):
                sheet.write_datetime(row, place, date, day)
            else:
                sheet.write_string(row, place, _fitting(text), wrapped if name in WRAPPED else plain)
    if note:
        sheet.write_string(len(queries) + 1, 0, note, book.add_format({"bold": True}))


def _summary(book: Any, queries: Sequence[Query], note: str) -> None:
    """The sheet of counts: open queries by site and severity, and every status by rule."""
    sheet = book.add_worksheet("Summary")
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 8, 12)
    title, row = book.add_format({"bold": True, "font_size": 13}), 0
    if note:
        sheet.write_string(row, 0, note, book.add_format({"bold": True}))
        row += 2
    sheet.write_string(row, 0, "Open queries by site and severity", title)
    _header(book, sheet, row + 1, ("site", *SEVERITIES, "all", "oldest, days"))
    pending = [query for query in queries if query["status"] in OPEN]
    counts = Counter((query["site"], query["severity"]) for query in pending)
    oldest: dict[str, int] = {}
    for query in pending:
        oldest[query["site"]] = max(oldest.get(query["site"], 0), int(query["age_days"] or 0))
    lines: list[tuple[str | int, ...]] = [
        (site or "(no site)", *(counts[site, name] for name in SEVERITIES), sum(counts[site, name] for name in SEVERITIES), oldest[site]) for site in sorted(oldest)
    ]
    lines.append(("all sites", *(sum(query["severity"] == name for query in pending) for name in SEVERITIES), len(pending), max(oldest.values(), default=0)))
    row = _lines(sheet, row + 2, lines) + 1
    sheet.write_string(row, 0, "Queries by rule and status", title)
    _header(book, sheet, row + 1, ("rule", "severity", *STATUSES, "all"))
    rules = sorted({(SEVERITIES.index(query["severity"]) if query["severity"] in SEVERITIES else len(SEVERITIES), query["severity"], query["rule"]) for query in queries})
    states = Counter((query["severity"], query["rule"], query["status"]) for query in queries)
    _lines(sheet, row + 2, [(rule, severity, *(states[severity, rule, status] for status in STATUSES), sum(states[severity, rule, status] for status in STATUSES))
                            for _, severity, rule in rules])


def _header(book: Any, sheet: Any, row: int, names: Sequence[str]) -> None:
    style = book.add_format({"bold": True, "bg_color": "#E8E8E8", "bottom": 1, "valign": "top"})
    for place, name in enumerate(names):
        sheet.write_string(row, place, name, style)


def _lines(sheet: Any, row: int, lines: Iterable[tuple[str | int, ...]]) -> int:
    """Lines of texts and numbers from a row on; returns the row below them."""
    for line in lines:
        for place, cell in enumerate(line):
            if isinstance(cell, str):
                sheet.write_string(row, place, _fitting(cell))
            else:
                sheet.write_number(row, place, cell)
        row += 1
    return row


def _day(text: str) -> dt.date | None:
    """The day, None for a text that is none or that a workbook cannot hold as a date."""
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year >= 1900 else None


def _fitting(text: str) -> str:
    """The text as a cell can hold it; what is too long says so."""
    text = NOT_XML.sub("\ufffd", text)
    if len(text) <= LONGEST // 2 or len(text.encode("utf-16-le")) // 2 <= LONGEST:
        return text
    return f"{text[: LONGEST // 2]} [cut here: {len(text)} characters; whole in the CSV file]"
