"""The REDCap export: a raw, longitudinal CSV as the server writes it, assembled column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pacer_analysis.simulate._draw import whole

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.dictionary import Project
    from pacer_analysis.simulate._draw import Texts
    from pacer_analysis.simulate._table import Table

SYSTEM = ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "redcap_data_access_group")
QUOTED = r'[,"\\\n\r\t ]'        # the server quotes a cell that holds one of these
ROWS_AT_ONCE = 100_000


def export_columns(project: Project) -> list[str]:
    """The header of a raw export of the project."""
    columns = [project.dictionary.record_id, *SYSTEM]
    for form, fields in project.dictionary.forms.items():
        columns += [column for field in fields if field.name != project.dictionary.record_id for column in field.columns]
        columns.append(f"{form}_complete")
    return columns


def write_redcap(path: Path, project: Project, tables: list[Table], record: Texts, site: Texts) -> None:
    """All tables in one file, sorted by record, event, form and instance."""
    columns = export_columns(project)
    events = [event.unique_name for event in project.events]
    forms = ["", *project.dictionary.forms]
    lines = [_lines(project, columns, table, record, site) for table in tables]
    woman, instance = (np.concatenate([getattr(table, name) for table in tables]) for name in ("woman", "instance"))
    event = np.repeat([events.index(table.event) for table in tables], [len(table.woman) for table in tables])
    form = np.repeat([forms.index(table.form) for table in tables], [len(table.woman) for table in tables])
    order = np.lexsort((instance, form, event, woman))
    joined = pa.concat_arrays(lines)
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        out.write(",".join(columns) + "\n")
        for start in range(0, len(order), ROWS_AT_ONCE):
            rows = joined.take(pa.array(order[start : start + ROWS_AT_ONCE])).to_pylist()
            out.write("\n".join(rows) + "\n")


def _lines(project: Project, columns: list[str], table: Table, record: Texts, site: Texts) -> pa.Array:
    """The CSV lines of a table: its own cells, a default where a form of the event was never opened, blank elsewhere."""
    size = len(table.woman)
    offered = [table.form] if table.form else [form for form in project.mapping[table.event] if not project.repeats(table.event, form)]
    unopened = _unopened(project, offered)
    head = {project.dictionary.record_id: record[table.woman], "redcap_event_name": np.full(size, table.event, dtype=object),
            "redcap_repeat_instrument": np.full(size, table.form, dtype=object), "redcap_repeat_instance": whole(table.instance, table.instance == 0),
            "redcap_data_access_group": site[table.woman]}
    unknown = set(table.cells) - set(unopened)
    if unknown:
        message = f"{table.event}: the export has no column {', '.join(sorted(unknown))}"
        raise KeyError(message)
    parts: list[pa.Array | pa.Scalar] = []
    fixed = ""
    for number, column in enumerate(columns):
        comma = "," if number else ""
        cells = head.get(column, table.cells.get(column))
        if cells is None:
            fixed += comma + unopened.get(column, "")
            continue
        parts += [pa.scalar(fixed + comma, pa.large_string()), _quoted(pa.array(cells, pa.large_string()))]
        fixed = ""
    return pc.binary_join_element_wise(*parts, pa.scalar(fixed, pa.large_string()), pa.scalar("", pa.large_string()))


def _unopened(project: Project, forms: list[str]) -> dict[str, str]:
    """The columns of forms, with what a form that nobody opened holds: 0 for its status and in checkboxes."""
    out: dict[str, str] = {}
    for form in forms:
        for field in project.dictionary.forms[form]:
            out |= dict.fromkeys(field.columns, "0" if field.type == "checkbox" else "")
        out[f"{form}_complete"] = "0"
    return out


def _quoted(cells: pa.Array) -> pa.Array:
    special = pc.match_substring_regex(cells, QUOTED)
    if not pc.any(special).as_py():
        return cells
    doubled = pc.binary_join_element_wise(pa.scalar('"', pa.large_string()), pc.replace_substring(cells, '"', '""'), pa.scalar('"', pa.large_string()), pa.scalar("", pa.large_string()))
    return pc.if_else(special, doubled, cells)
