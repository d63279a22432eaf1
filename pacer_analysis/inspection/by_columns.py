"""An export without a dictionary: what kind of file it is, and what each column seems to hold. Only the names and numbers of things are shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError
from pacer_analysis.inspection.screen import listed, noticed, table
from pacer_analysis.read.csvfile import read_columns
from pacer_analysis.read.files import headers
from pacer_analysis.read.kinds import kind_of
from pacer_analysis.read.wide import EVENT, GROUP, INSTRUMENT, SYSTEM

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.read.tidy import Coded

DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "pipe", "^": "caret"}
KINDS = (("whole numbers", re.compile(r"[-+]?\d+")), ("numbers", re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")), ("numbers with a comma", re.compile(r"[-+]?\d+,\d+|[-+]?\d+")),
         ("dates", re.compile(r"\d{4}-\d{2}-\d{2}")), ("dates with a time", re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?")), ("times", re.compile(r"\d{1,2}:\d{2}(:\d{2})?")))
FEW = 20
MOST_COLUMNS = 40
STATUS, MOSTLY = frozenset({"", "0", "1", "2"}), 0.9
DO = "name the dictionary with --dictionary: the project's data dictionary (CSV) or its XML"


def lines_without(export: Path, encoding: str) -> list[str]:
    """The lines of the screen; an ODM file describes itself."""
    kind = kind_of(export)
    if kind == "odm":
        from pacer_analysis.inspection.by_dictionary import lines_of
        from pacer_analysis.read.export import Options

        return lines_of(export, export, Options())
    return _text(export, encoding) if kind == "text" else _statistical(export)


def _statistical(export: Path) -> list[str]:
    """A Stata, SAS or SPSS file by its own description."""
    from pacer_analysis.read.statisticaldescribe import describe_statistical

    found = describe_statistical(export)
    lines = [f"{export.name}: {found.format}, text in {found.encoding}, {found.rows:,} rows, {len(found.columns):,} columns", ""]
    lines += table(("column", "filled", "storage", "display", "labelled values", "missing", "label"),
                   [(each.name, each.filled, each.storage, each.display, len(each.labels), ", ".join(f"{code} {count:,}" for code, count in each.missing.items()), each.label[:50])
                    for each in found.columns], most=MOST_COLUMNS)
    return [*lines, *listed("Label sets that no column uses", found.spare_labels), *noticed([note.message for note in found.notes])]


def _text(export: Path, encoding: str) -> list[str]:
    """A text table by its header and by what its cells look like."""
    found = [head for head in headers(export, encoding) if len(head.names) > 1] or headers(export, encoding)
    if not found:
        raise ExportError("no table is in the file", where=str(export), allowed="a CSV file with a header", do="export again")
    head = max(found, key=lambda each: (len(each.names), each.delimiter == ","))
    again = sorted({name for name in head.names if head.names.count(name) > 1})
    lines = [f"{export.name}: text, {DELIMITERS[head.delimiter]} between cells, {len(head.names):,} columns"]
    if again:
        return [*lines, *listed("Names that occur more than once, as in a label export", again), DO + "; for a label export add --labels"]
    content = read_columns(export, head, range(len(head.names)), encoding)
    columns = {name: content.take(place) for place, name in enumerate(head.names)}
    lines[0] += f", {content.rows:,} rows, {content.encoding}"
    if {"field_name", "form_name"} <= set(head.names) or "Variable / Field Name" in head.names:
        lines.append("It is a REDCap data dictionary, not an export: give it with --dictionary beside its export")
    lines += _redcap(columns)
    lines += ["", *table(("column", "filled", "different", "seems to hold"), [(name, *_looks(column)) for name, column in columns.items() if name not in SYSTEM], most=MOST_COLUMNS)]
    return [*lines, "", f"What the columns mean is not in the file: {DO}."]


def _redcap(columns: dict[str, Coded]) -> list[str]:
    """What a REDCap export says of itself: record id, forms by their status columns, events, repeats, groups."""
    forms = [name.removesuffix("_complete") for name, column in columns.items() if name.endswith("_complete") and _is_status(column)]
    if not forms and EVENT not in columns:
        return []
    record, ids = next(iter(columns.items()))
    lines = [f"It looks like a REDCap export: record id {record}, {len({str(level) for level in ids.levels} - {''}):,} records", *listed("Forms by their status columns", forms)]
    for name, title in ((EVENT, "Events"), (INSTRUMENT, "Repeating forms"), (GROUP, "Data access groups")):
        if name in columns:
            lines += listed(title, sorted({str(level) for level in columns[name].levels} - {""}))
    return [*lines, *listed("Checkbox columns", (name for name in columns if "___" in name), most=8)]


def _is_status(column: Coded) -> bool:
    """True if nearly all cells can be the status of a form; an odd one does not hide the form."""
    import numpy as np

    fitting = np.array([str(level).strip() in STATUS for level in column.levels], dtype=bool)
    return not len(column.codes) or float(fitting[column.codes].mean()) >= MOSTLY


def _looks(column: Coded) -> tuple[int, int, str]:
    """How many cells are filled, how many different texts there are, and the kind that all of them look like."""
    import numpy as np

    texts = [str(level).strip() for level in column.levels]
    used = np.bincount(column.codes, minlength=len(texts))
    filled = int(sum(count for text, count in zip(texts, used.tolist(), strict=True) if text))
    different = {text for text in texts if text}
    kind = next((name for name, pattern in KINDS if different and all(pattern.fullmatch(text) for text in different)), "text" if different else "nothing")
    return filled, len(different), kind + (f", {len(different)} different" if 0 < len(different) <= FEW and kind in {"whole numbers", "text"} else "")
