"""Whether the status of a form says that somebody opened it: REDCap exports 0 for a form that nobody did, or leaves it blank if asked to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.read.notes import Note

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.dictionary import Project
    from pacer_analysis.read.layout import Column
    from pacer_analysis.read.structure import Rows
    from pacer_analysis.read.tidy import Coded
    from pacer_analysis.read.wide import Wide

SHAPES = frozenset({"csv", "labels", "headerless"})
GREY = Note("structure", "info", "", "the status of a form that nobody opened is blank in this export; where it is 0, the form was saved as incomplete, and its blanks are counted", "none")


def status_says_opened(wide: Wide, rows: Rows, project: Project, columns: Mapping[str, Column]) -> bool:
    """True if the export leaves the status of forms blank that nobody opened, and has 0 for others.

    Only rows on which a form that does not repeat can exist are looked at: elsewhere every status is blank.
    """
    import numpy as np

    if wide.shape not in SHAPES:
        return False
    blank = zero = False
    for form in project.dictionary.forms:
        status = wide.columns.get(f"{form}_complete")
        if status is None:
            continue
        once = np.array([*((event, form) not in project.repeating for event in project.mapping), False], dtype=bool)
        here = rows.of(form) & ~rows.repeated & once[np.minimum(rows.event.codes, len(project.mapping))]
        zero = zero or bool((here & _among(status, {"0", "0.0"})).any())
        untouched = here & _among(status, {""})
        if not blank and untouched.any():
            for name, column in columns.items():
                if column.form == form and name in wide.columns and name != project.dictionary.record_id:
                    untouched &= _among(wide.columns[name], {"", "0", "0.0"} if column.kind == "checkbox" else {""})
            blank = bool(untouched.any())
    # ASSUME: an export in which the status of some forms without any answer is blank, and that of others 0, was asked for blanks of forms that nobody opened.
    return blank and zero


def _among(column: Coded, texts: set[str]) -> NDArray[np.bool_]:
    """The rows whose text is one of these, white space aside."""
    import numpy as np

    return np.asarray(np.array([str(level).strip() in texts for level in column.levels], dtype=bool)[column.codes])
