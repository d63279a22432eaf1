"""Cells of a tidy table as columns of the expression language."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pacer_analysis.dictionary import Project
from pacer_analysis.read.convert import BLANK, MISSING, UNREADABLE, VALUE
from pacer_analysis.validate.described import missing_codes_of
from pacer_analysis.validate.smart import Found

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.dictionary import Field
    from pacer_analysis.logic import Reference
    from pacer_analysis.logic._columns import Column
    from pacer_analysis.logic._texts import Texts
    from pacer_analysis.read import Reading
    from pacer_analysis.read.tidy import Cells, Coded, Tidy


def as_column(cells: Cells, texts: Texts | None = None) -> Column:
    """Cells as a column of the expression language: the texts as exported, missing-data codes marked as such.

    What is no value of the field's type is the text that it is. A blank box is unticked too.
    """
    import numpy as np

    from pacer_analysis.logic._columns import Column, always

    return Column("text", np.asarray(cells.codes), always(len(cells.codes)), texts_of(cells, None) if texts is None else texts)


def texts_of(cells: Cells, field: Field | None) -> Texts:
    """The different texts of a field, by what its dictionary says of them; the last is '', for rows that are not there."""
    import numpy as np

    from pacer_analysis.logic._texts import minutes_and_seconds

    texts = _texts(cells)
    if cells.kind == "checkbox":
        return texts.boxed
    if field is not None and field.validation == "time_mm_ss":      # it reads like hours and minutes
        return replace(texts, timed=np.array([minutes_and_seconds(str(text)) for text in texts.written], dtype=np.float64))
    if field is not None and texts.coded is not None and field.kind == "choice" and not field.choices.keys().isdisjoint(texts.names):
        # ASSUME: a missing-data code that is also one of a field's own choices is that choice.
        return replace(texts, coded=texts.coded & np.array([name not in field.choices for name in texts.names], dtype=bool))
    return texts


def _texts(cells: Cells) -> Texts:
    """The different texts of a field; the last is '', for rows that are not there."""
    import numpy as np

    from pacer_analysis.logic._texts import EPOCH, moment, plain_number, texts

    levels = cells.levels
    status, typed = levels.status.tolist(), levels.typed
    # Free text keeps its spaces.
    kept = typed if typed.dtype == object else levels.raw
    written = ["" if state == BLANK else str(text).strip() if state == MISSING or kept is levels.raw else str(text)
               for state, text in zip(status, np.where(levels.status == MISSING, levels.raw, kept), strict=True)]
    read = told = None
    if typed.dtype.kind == "f":
        # `1,54` and `1.54` are the same number; the language writes it with a point.
        written = [text.replace(",", ".") if state == VALUE else text for state, text in zip(status, written, strict=True)]
        read = np.append(np.asarray(typed, dtype=np.float64), np.nan)
        read[:-1][levels.status == UNREADABLE] = [plain_number(text) for state, text in zip(status, written, strict=True) if state == UNREADABLE]
    elif typed.dtype.kind == "M":
        told = np.append(np.where(np.isnat(typed), np.nan, (typed.astype("datetime64[s]") - EPOCH).astype(np.int64)), np.nan)
        told[:-1][levels.status == UNREADABLE] = [moment(text) for state, text in zip(status, written, strict=True) if state == UNREADABLE]
    return texts([*written, ""], [state == MISSING for state in (*status, BLANK)], read, told)


def at_rows(column: Column, rows: NDArray[np.signedinteger], known: NDArray[np.bool_]) -> Column:
    """The column of a table on other rows; blank where there is no row."""
    import numpy as np

    from pacer_analysis.logic._columns import Column

    texts = column.levels
    if texts is None or not len(column):
        return replace(column, data=np.zeros(len(rows), dtype=np.intp), known=known) if texts is None else \
            Column("text", np.full(len(rows), len(texts) - 1, dtype=np.intp), known, texts)
    absent = rows < 0
    return Column("text", np.where(absent, len(texts) - 1, column.data[np.where(absent, 0, rows)]), known, texts)


def never_opened(column: Column, closed: NDArray[np.bool_]) -> Column:
    """The boxes and the status of a form, 0 on the rows on which nobody opened it."""
    import numpy as np

    from pacer_analysis.logic._texts import Texts

    # ASSUME: the boxes and the status of a form that nobody opened are 0, as REDCap exports them unless it was asked for blanks.
    if column.levels is None:
        return column
    return replace(column, data=np.where(closed, len(column.levels), column.data), levels=column.levels.joined(Texts(np.array(["0"], dtype=object))))


def key_column(coded: Coded) -> Column:
    """A key column, such as the record id."""
    import numpy as np

    from pacer_analysis.logic._columns import Column, always
    from pacer_analysis.logic._texts import Texts

    return Column("text", np.asarray(coded.codes), always(len(coded.codes)), Texts(np.asarray(coded.levels, dtype=object)))


def is_no_option(reading: Reading, reference: Reference) -> bool:
    """True for a box that the project does not have: codes count in their own spelling, `OTH` is not `oth`, and a column's name is no field."""
    project = reading.dictionary
    if not isinstance(project, Project):
        return False
    field = project.dictionary.fields.get(reference.field)
    if field is None:
        return "___" in reference.field
    return bool(reference.code) and field.type == "checkbox" and reference.code not in field.choices and reference.code not in missing_codes_of(reading)


def option_beside(reading: Reading, owners: Mapping[str, Tidy], reference: Reference) -> str:
    """For the box of a missing-data code that nobody ticked, whose column REDCap did not export: a column of the same checkbox. '' for any other reference."""
    project = reading.dictionary
    field = project.dictionary.fields.get(reference.field) if isinstance(project, Project) else None
    if field is None or field.type != "checkbox" or reference.code not in missing_codes_of(reading):
        return ""
    return next((name for name in field.columns if name in owners), "")


def unticked(beside: Found) -> Found:
    """An unticked box wherever the box beside it can be."""
    from pacer_analysis.logic._columns import single

    if beside.column is None:
        return beside
    return Found(replace(single("0", "").spread(len(beside.column)), known=beside.column.known), beside.reason)


def shown_as(reading: Reading, found: Found, reference: Reference) -> Found:
    """`[field:label]`: the labels of the choices instead of their codes; other ways to show a field are REDCap's alone."""
    import numpy as np

    from pacer_analysis.logic._texts import Texts

    project, texts = reading.dictionary, None if found.column is None else found.column.levels
    field = project.dictionary.fields.get(reference.field) if isinstance(project, Project) else None
    if reference.show.lower() != "label" or reference.code or texts is None or found.column is None or field is None or not field.choices:
        return Found(None, f"only REDCap itself can show a field as {reference.show}")
    labels = np.empty(len(texts), dtype=object)
    labels[:] = [field.choices.get(text, text) for text in texts.written]
    return Found(replace(found.column, levels=Texts(labels, texts.also, texts.coded)), found.reason)
