"""Checkboxes that an export writes otherwise than as a column of 0 and 1 per option."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.dictionary import checkbox_column
from pacer_analysis.read.labels import comparable
from pacer_analysis.read.layout import Column, option_columns
from pacer_analysis.read.notes import Note, many
from pacer_analysis.read.tidy import Coded

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.dictionary import Field, Project

# ASSUME: `combineCheckboxOptions` separates the ticked codes by commas (a code of REDCap cannot hold one).
SEPARATOR = ","


def split_combined(columns: dict[str, Coded], boxes: Collection[str], project: Project, layout: dict[str, Column], missing: Collection[str], *,
                   labels: bool) -> list[Note]:
    """Replaces, in place, a checkbox field in one column of all ticked codes (or labels) by a column for each option; notes on codes that are none."""
    import numpy as np

    notes: list[Note] = []
    for name in boxes:
        field, whole = project.dictionary.fields[name], columns.pop(name)
        codes_by_label = {comparable(label): code for code, label in field.choices.items()} if labels else {}
        ticked = [{codes_by_label.get(comparable(text), text) for part in str(level).split(SEPARATOR) if (text := " ".join(part.split()))} for level in whole.levels]
        options = options_with_missing(field, missing)
        further = further_options(field, sorted(set().union(*ticked) - options.keys()), options)
        for code, column in (options | further).items():
            marked = np.array([code in codes for codes in ticked], dtype=bool)
            if code in field.choices or marked.any():
                columns[column] = ticked_column(marked[whole.codes])
                layout.setdefault(column, Column(field.form, "checkbox", field))
        strange = np.array([not codes <= options.keys() for codes in ticked], dtype=bool)
        count = int(strange[whole.codes].sum()) if len(strange) else 0
        if count:
            notes.append(no_option(field, f"{count} cells of {name} name an option", further, "update the dictionary, or export again without combining checkboxes"))
    return notes


def further_options(field: Field, codes: Collection[str], options: Mapping[str, str]) -> dict[str, str]:
    """A column for each code that is no option, named as REDCap names that of an option that was deleted; none is another's column."""
    taken = {*options.values(), *field.columns}
    found: dict[str, str] = {}
    for code in codes:
        column = name = checkbox_column(field.name, code)
        number = 1
        while column in taken:
            number += 1
            column = f"{name}__{number}"
        taken.add(column)
        found[code] = column
    return found


def no_option(field: Field, what: str, further: Mapping[str, str], action: str) -> Note:
    """The finding on ticked options that the dictionary lacks, each of which became a column."""
    return Note("choice", "error", field.name, f"{what} that the dictionary lacks; it was read as {many(list(further.values()))}", action, field.form)


def options_with_missing(field: Field, missing: Collection[str]) -> dict[str, str]:
    """The column of each option of a checkbox, and of each missing-data code that is no option."""
    options = option_columns(field)
    return options | {code: column for code in missing if code not in options and (column := checkbox_column(field.name, code)) not in options.values()}


def ticked_column(ticked: NDArray[np.bool_]) -> Coded:
    """One option's column: 1 where ticked, blank elsewhere."""
    import numpy as np

    return Coded(ticked.astype(np.int16), np.array(["", "1"], dtype=object))


def fill_unticked(columns: dict[str, Coded], boxes: Collection[str], layout: Mapping[str, Column]) -> None:
    """Writes, in place, 0 into the blank option columns of these checkbox fields on the rows on which their form was opened.

    A form was opened where any of its columns is filled: a form that was not has no row, whatever its checkboxes hold.
    """
    import numpy as np

    of_form: dict[str, list[str]] = {}
    for name, column in layout.items():
        if name in columns:
            of_form.setdefault(column.form, []).append(name)
    for names in of_form.values():
        options = [name for name in names if (field := layout[name].field) is not None and layout[name].kind == "checkbox" and field.name in boxes]
        if not options:
            continue
        opened = np.any([filled(columns[name]) for name in names], axis=0)
        for name in options:
            box = columns[name]
            codes = np.where(opened & ~filled(box), len(box.levels), box.codes).astype(np.int16)
            columns[name] = Coded(codes, np.append(box.levels, "0"))


def filled(column: Coded) -> NDArray[np.bool_]:
    """The rows on which a column holds something."""
    import numpy as np

    marked = np.array([bool(str(level).strip()) for level in column.levels], dtype=bool)
    return np.asarray(marked[column.codes] if len(marked) else np.zeros(len(column.codes), dtype=bool))
