"""Fields of the dictionary that an export lacks: said once for a form, once for what de-identification removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.read.flat import missing_column
from pacer_analysis.read.layout import TIMESTAMP, is_removed
from pacer_analysis.read.notes import Note, many

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pacer_analysis.dictionary import Project
    from pacer_analysis.read.layout import Column

LIST = 10


def absent_notes(present: Collection[str], layout: Mapping[str, Column], project: Project, keep: Collection[str], *, deidentified: bool) -> list[Note]:
    """Notes on the absent columns of fields that are kept: a warning for each, or one for a form of which many or all are absent.

    Of a de-identified export, identifiers, free text and dates are expected to be absent, and one note says so.
    """
    notes: list[Note] = []
    removed: list[str] = []
    of_form: dict[str, list[str]] = {form: [] for form in project.dictionary.forms}
    for name, column in layout.items():
        if name not in {project.dictionary.record_id, column.form + TIMESTAMP} and (column.field.name if column.field else name) in keep:
            of_form[column.form].append(name)
    for form, mine in of_form.items():
        absent = [name for name in mine if name not in present]
        expected = [name for name in absent if deidentified and (field := layout[name].field) is not None and is_removed(field)]
        removed += expected
        left = [name for name in absent if name not in set(expected)]
        if left and len(absent) == len(mine):
            notes.append(Note("missing_column", "warning", "", f"no column of the form {form} is in the export ({len(mine)} columns); its rules were not applied",
                              "none, if the export was meant to be without this form", form))
        elif len(left) > LIST:
            notes.append(Note("missing_column", "warning", "", f"{len(left)} of {len(mine)} columns of the form {form} are not in the export; their rules were not applied: {many(left)}",
                              "none, if the export was meant to be without them", form))
        else:
            notes += _one_by_one(left, mine, layout, form)
    if removed:
        notes.append(Note("missing_column", "info", "", f"{len(removed)} columns of identifiers, free text and dates are not in the export, which was declared as de-identified: "
                          f"{many(removed)}", "none"))
    return notes


def _one_by_one(absent: list[str], mine: list[str], layout: Mapping[str, Column], form: str) -> list[Note]:
    """A note for each absent column, for a checkbox of which no option is there a single one."""
    notes: list[Note] = []
    done: set[str] = set()
    for name in absent:
        field = layout[name].field
        if field is not None and field.type == "checkbox" and all(other in absent for other in mine if layout[other].field is field):
            name = field.name  # noqa: PLW2901  # the field stands for its columns
        if name not in done:
            notes.append(missing_column(name, form, identifier=field is not None and field.identifier))
            done.add(name)
    return notes
