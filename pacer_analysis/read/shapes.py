"""How a REDCap export was written, told from its content, and the reader for each way."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError
from pacer_analysis.read.eav import is_eav, read_eav
from pacer_analysis.read.files import Head, headers, nothing_known
from pacer_analysis.read.headerless import MARK, find_script, read_headerless
from pacer_analysis.read.kinds import kind_of
from pacer_analysis.read.labelled import codes_for_labels, refuse_labels
from pacer_analysis.read.labels import read_labels, resemblance
from pacer_analysis.read.layout import PASSED_OVER, columns_of, layout
from pacer_analysis.read.notes import Note
from pacer_analysis.read.rawcsv import is_kept, read_raw, unknown_columns, wide_of
from pacer_analysis.read.ticks import fill_unticked, filled, split_combined
from pacer_analysis.read.wide import SYSTEM, Wide

if TYPE_CHECKING:
    from collections.abc import Collection

    from pacer_analysis.dictionary import Project

LABELS = "labels"


def read_wide(path: Path, project: Project, keep: Collection[str], missing: dict[str, str], *, labels: bool = False, script: Path | None = None,
              encoding: str = "") -> Wide:
    """Any export of a REDCap project as the columns of a raw one, with codes as values, those of the fields to keep.

    ExportError says what a file is that cannot be read, and what to do.
    """
    kind = kind_of(path)
    if kind == "odm":
        from pacer_analysis.read.odm import read_odm

        wide = _with_unknown(_kept(read_odm(path, project, keep), project, keep), project)
    elif kind != "text":
        from pacer_analysis.read.statistical import read_statistical

        wide = _with_unknown(read_statistical(path, project, keep), project)
    else:
        wide = _text(path, project, keep, missing, labels=labels, script=script, encoding=encoding)
    boxes = [name for name in wide.columns if name in project.dictionary.fields and project.dictionary.fields[name].type == "checkbox"]
    if boxes:
        known = columns_of(wide.columns, project)
        wide.notes.extend(split_combined(wide.columns, boxes, project, known, missing, labels=labels))
        fill_unticked(wide.columns, boxes, known)
    # Columns of 0 and 1 that were made here say nothing of the file.
    known = {name: column for name, column in columns_of(wide.columns, project).items()
             if column.kind != "checkbox" or (wide.shape != "eav" and column.field is not None and column.field.name not in boxes)}
    if labels:
        blank_boxes = [column.field.name for name, column in known.items() if column.kind == "checkbox" and column.field and _only_ticks(wide, name)]
        wide.notes.extend(codes_for_labels(path, wide, known, project, missing))
        fill_unticked(wide.columns, blank_boxes, known)
    else:
        refuse_labels(path, wide.columns, known, missing)
    return wide


def _text(path: Path, project: Project, keep: Collection[str], missing: dict[str, str], *, labels: bool, script: Path | None, encoding: str) -> Wide:
    """A text export by its first row: raw, EAV, labels, or without a header."""
    heads = headers(path, encoding)
    eav = next((head for head in heads if is_eav(head.names)), None)
    if eav:
        return read_eav(path, eav, project, missing, keep, encoding, labels=labels)
    names = {*layout(project), *SYSTEM}
    raw, known = max(((head, sum(name in names for name in head.names)) for head in heads), key=lambda entry: entry[1], default=(Head((), ","), 0))
    if project.dictionary.record_id in raw.names and 2 * known >= len(raw.names):
        return read_raw(path, raw, project, missing, keep, encoding)
    labelled, alike = max(((head, resemblance(head.names, project, missing)) for head in heads), key=lambda entry: entry[1], default=(raw, 0))
    if not known and (script or MARK in path.name or find_script(path)):
        return read_headerless(path, script, project, missing, keep, encoding)
    lowered, anyhow = max(((head, sum(name.lower() in names for name in head.names)) for head in heads), key=lambda entry: entry[1], default=(raw, 0))
    if alike > max(known, 0 if known or labels else anyhow):     # `Name` may be a label, or a name in capitals
        return _label_export(path, labelled, project, missing, keep, encoding, declared=labels)
    head = raw if known else lowered
    if not known and not anyhow:
        raise nothing_known(path)
    return read_raw(path, head, project, missing, keep, encoding)


def _label_export(path: Path, head: Head, project: Project, missing: dict[str, str], keep: Collection[str], encoding: str, *, declared: bool) -> Wide:
    """A label export, if it was declared as one."""
    if not declared:
        raise ExportError("this is a label export: its header has labels instead of variable names", where=f"{path}, line 1",
                          allowed="a raw export; a label export only if declared (`labels: true` of the source, --labels), which lays it beside the dictionary by place",
                          do="export raw data")
    wide = wide_of(path, LABELS, head, read_labels(path, head.names, project, missing), project, keep, encoding)
    wide.notes.append(Note("labels", "info", "", "the header has labels; the columns were told by their place in the dictionary, and labels were turned back into codes",
                           "export raw data, which says more"))
    return wide


def _kept(wide: Wide, project: Project, keep: Collection[str]) -> Wide:
    """The columns without those of fields that are not to be kept."""
    for name, column in columns_of(wide.columns, project).items():
        if name in wide.columns and not is_kept(column, name, project, keep):
            del wide.columns[name]
    return wide


def _with_unknown(wide: Wide, project: Project) -> Wide:
    """The columns, with a note on those that no dictionary knows."""
    known = columns_of(wide.header, project).keys() | set(SYSTEM) | set(PASSED_OVER)
    wide.notes.extend(unknown_columns({name: None for name in wide.header if name not in known}))
    return wide


def _only_ticks(wide: Wide, name: str) -> bool:
    """True if a column has blanks where another export has 0: its options stand for themselves."""
    if name not in wide.columns:
        return False
    used = {str(level).strip() for level in wide.columns[name].levels}
    return bool(filled(wide.columns[name]).any()) and not used & {"0", "Unchecked"}
