"""Why a reference finds no column, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project

if TYPE_CHECKING:
    from pacer_analysis.logic import Reference
    from pacer_analysis.read import Reading


def why_not(reading: Reading, reference: Reference) -> str:
    """Why the tables of a source have no column for a reference: the dictionary does not know it, or the export lacks it."""
    project = reading.dictionary
    if not isinstance(project, Project):
        if reference.event:
            return "the source is not linked to one that has events"
        if reference.field not in project.fields:
            return f"the source has no field {reference.field}"
        return f"the field {reference.field} is not in this export"
    field = project.dictionary.fields.get(reference.field)
    if field is None:
        if reference.field.removesuffix("_complete") in project.dictionary.forms and not reference.code:
            return f"the field {reference.field} is not in this export"
        return f"the project has no field {reference.field}"
    if field.type == "descriptive":
        return f"the field {field.name} is a descriptive text, which holds no value"
    if field.type == "checkbox" and not reference.code:
        return f"the field {field.name} is a checkbox and is referred to without a code"
    if field.type != "checkbox" and reference.code:
        return f"the field {field.name} is no checkbox and is referred to with a code"
    if reference.code and reference.code not in field.choices:
        return f"the field {field.name} has no code {reference.code}"
    return f"the field {field.name} is not in this export"
