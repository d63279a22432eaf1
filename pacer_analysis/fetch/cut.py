"""The folder of a cut from REDCap's API, through PyCap: records as a raw CSV export, and a dictionary folder beside it."""

from __future__ import annotations

import csv
import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pacer_analysis.errors import ExportError
from pacer_analysis.fetch.batches import Rows, in_batches, joined, table
from pacer_analysis.fetch.server import NO_STRUCTURE, TIMEOUT, Refused, ask, checked_url, refuse_errors

BATCH = 500
SYSTEM = ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "redcap_data_access_group", "redcap_survey_identifier")


@dataclass(frozen=True)
class Fetched:
    """What was fetched: the export's file name and its size."""

    file: str
    records: int
    rows: int
    columns: int
    remarks: tuple[str, ...]


def fetch(url: str, token: str, out: Path, *, now: datetime.datetime, batch: int = BATCH, sleep: Callable[[float], None] | None = None) -> Fetched:
    """The project's records, dictionary and structure, written into `out`, an empty folder whose place the caller takes only if all went well.

    out/<Title>_DATA_<date>_<hhmm>.csv, out/dictionary/{redcap,events,instrument_event_mapping,repeating,project}.csv. Raises ExportError for what the
    server refuses. The token is in no message.
    """
    from redcap.project import Project

    address = checked_url(url)
    api = Project(_with_api(address), token, timeout=TIMEOUT, allow_redirects=False, hooks={"response": refuse_errors})
    named: dict[str, Any] = {"url": address} if sleep is None else {"url": address, "sleep": sleep}

    def text(what: str, question: Callable[[], Any]) -> str:
        try:
            return str(ask(question, what, **named))
        except Refused as refused:
            raise ExportError(f"the server refused to export {what}: {refused.said}", where=address, do=_advice(refused)) from None

    def structure(what: str, question: Callable[[], Any]) -> str:
        try:
            return str(ask(question, what, **named))
        except Refused as refused:      # a classic project has no events, and says so with an error
            if refused.status == 400 and NO_STRUCTURE.search(refused.said):
                return ""
            raise ExportError(f"the server refused to export {what}: {refused.said}", where=address, do=_advice(refused)) from None

    folder = out / "dictionary"
    folder.mkdir()
    metadata = text("the dictionary", lambda: api.export_metadata(format_type="csv"))
    header, fields = table(metadata, "field_name", "the dictionary")
    if not fields:
        raise ExportError("the project's dictionary is empty", where=address, do="check that the token is this project's")
    record = fields[0][0]
    parts = {"redcap.csv": metadata, "project.csv": text("the project's settings", lambda: api.export_project_info(format_type="csv")),
             "events.csv": structure("the events", lambda: api.export_events(format_type="csv")),
             "instrument_event_mapping.csv": structure("the event mapping", lambda: api.export_instrument_event_mappings(format_type="csv")),
             "repeating.csv": structure("the repeating instruments", lambda: api.export_repeating_instruments_events(format_type="csv"))}
    for name, content in parts.items():
        if content.strip():
            (folder / name).write_text(content if content.endswith("\n") else f"{content}\n", encoding="utf-8", newline="")

    def list_records() -> list[str]:
        answer = text("the record ids", lambda: api.export_records(format_type="csv", fields=[record], event_name="unique"))
        return list(dict.fromkeys(row[0] for row in table(answer, record, "the record ids")[1]))

    before = list_records()
    order = _expected_order(header, fields, record)
    size = max(1, batch)
    try:
        tables = list(in_batches(before, size, lambda ids: _records(api, ids, named), record))
    except Refused as refused:
        raise ExportError(f"the server refused to export the records: {refused.said}", where=address, do=_advice(refused)) from None
    remarks = () if list_records() == before else ("records were added or deleted while the export was taken; fetch again when nobody is entering data",)
    names, rows = joined(tables, order) if tables else ([record], [])
    if tables and "redcap_data_access_group" not in names:
        remarks = (*remarks, "the export has no data access groups: the project has none, or the token's owner belongs to one and sees only that group's records")
    file = f"{_title(parts['project.csv'])}_DATA_{now:%Y-%m-%d}_{now:%H%M}.csv"
    _write(out / file, names, rows)
    return Fetched(file, len(before), len(rows), len(names), remarks)


def _records(api: Any, ids: list[str], named: dict[str, Any]) -> str:
    """One batch as a raw export with survey fields and data access groups; Refused if the server cannot."""
    return ask(lambda: str(api.export_records(format_type="csv", records=ids, raw_or_label="raw", event_name="unique", export_survey_fields=True,
                                              export_data_access_groups=True)), "the records", **named)


def _with_api(address: str) -> str:
    """The address as PyCap wants it: ending in /api/."""
    if not address.endswith("/api/"):
        raise ExportError("the address of the API does not end in /api/", where="--url", allowed="https://redcap.example.org/api/", do="copy it from the project's API page")
    return address


def _advice(refused: Refused) -> str:
    return "try again with a smaller --batch" if refused.overloaded else "check the rights of the token's owner: API export, full data set"


def _expected_order(header: list[str], fields: Rows, record: str) -> list[str]:
    """The columns as an export of the whole project would order them, as far as the dictionary tells; checkbox columns follow their batch."""
    name, form = header.index("field_name"), header.index("form_name")
    order = [record, *SYSTEM]
    for number, row in enumerate(fields):
        if number == 0 or fields[number - 1][form] != row[form]:
            order.append(f"{row[form]}_timestamp")
        if row[name] != record:
            order.append(row[name])
        if number + 1 == len(fields) or fields[number + 1][form] != row[form]:
            order.append(f"{row[form]}_complete")
    return order


def _title(project: str) -> str:
    """The project's title as REDCap puts it into a file name: letters and digits, at most 20."""
    rows = list(csv.DictReader(project.splitlines()))
    words = re.findall(r"[A-Za-z0-9]+", (rows[0].get("project_title") or "") if rows else "")
    return "".join(word[:1].upper() + word[1:] for word in words)[:20] or "Project"


def _write(path: Path, header: list[str], rows: Rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
