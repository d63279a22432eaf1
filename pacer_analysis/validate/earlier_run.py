"""The folder of a validation without a plan that was there before: whether this export may follow it, or take its place."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project
from pacer_analysis.errors import ExportError

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from pacer_analysis.read import Reading


def refuse_other_project(folder: Path, reading: Reading, day: dt.date | None) -> None:
    """ExportError if the run in `folder` cannot be the one before: its export is of a later day, or of another project.

    Projects are told by their titles where both have one, by the record id, the source, and by the fields, of which fewer than
    half are the same.
    """
    about = _about(folder)
    if day is not None and str(about.get("cutoff", "")) > day.isoformat():
        raise ExportError(f"the export before is of {about['cutoff']}, which is after the day of this one, {day.isoformat()}", where=str(folder),
                          allowed="an export of the same day or an earlier one", do="name the folder of an earlier export with --previous, or the day of this one with --day")
    fields = {(table.source, name) for table in reading.tables for name in table.fields}
    before = {(row.get("source", ""), row.get("field", "")) for row in _rows(folder / "fields.csv")}
    title, old = title_of(reading), str(about.get("title", ""))
    what = ""
    if title and old and title != old:
        what = f"its title is {old!r}, and that of this one {title!r}"
    elif about.get("record") and about["record"] != reading.record:
        what = f"its record id is {about['record']}, and that of this one {reading.record}"
    elif before and reading.source.id not in {source for source, _ in before}:
        what = f"its source is {', '.join(sorted({source for source, _ in before}))}, and that of this one {reading.source.id}"
    elif before and fields and 2 * len(before & fields) < min(len(before), len(fields)):
        what = f"they have {len(before & fields)} fields in common, of {len(before)} and {len(fields)}"
    if what:
        raise ExportError(f"the export before is of another project: {what}", where=str(folder), allowed="the --out folder of an earlier export of this project",
                          do="name that folder with --previous, or leave --previous out")


def refuse_to_replace(out: Path, file: str, day: str = "") -> None:
    """ExportError if `out` holds the run of another export (file or day), or one that continues an earlier run: its register would be lost.

    To be asked only if no earlier run is given. The same export may be validated again.
    """
    about = _about(out)
    files = [row.get("file", "") for row in _rows(out / "inventory.csv")]
    do = f"name another folder with --out; to go on from the register in this one, add --previous {out}"
    if files and file not in files:
        raise ExportError(f"the folder holds the validation of another export, {files[0]}, whose queries would be lost", where=str(out),
                          allowed="the folder of an earlier run of the same export, or a new one", do=do)
    if day and about.get("cutoff") and about["cutoff"] != day:
        raise ExportError(f"the folder holds the validation of the export of {about['cutoff']}, whose queries would be lost; this one is of {day}", where=str(out),
                          allowed="the folder of an earlier run of the same export, or a new one", do=do)
    if about.get("previous"):
        raise ExportError(f"the register in the folder continues that of an earlier export, {about['previous']}, and would begin anew", where=str(out),
                          allowed="the same command with --previous", do="give --previous as before, or name another folder with --out")


def said_of(folder: Path) -> str:
    """An earlier run in a few words: the day of its export, and the name of its folder."""
    return f"{_about(folder).get('cutoff', '')} ({folder.resolve().name})".strip()


def title_of(reading: Reading) -> str:
    """The title of a project, '' if it has none."""
    return reading.dictionary.title if isinstance(reading.dictionary, Project) else ""


def _about(folder: Path) -> dict[str, object]:
    """What cut.json says; nothing if there is none."""
    path = folder / "cut.json"
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ExportError("cut.json of an earlier run is not as it was written", where=str(path), do="validate that export again into a new folder")
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
