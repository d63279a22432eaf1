"""REDCap's smart variables on the rows of a table, as far as an export tells them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.logic.smart import EVENTS, INSTANCES, LABELS, is_answered, is_servers
from pacer_analysis.validate.layout import LABELS_UNKNOWN, NO_UNIQUE_NAMES, NOWHERE, ORDER_UNKNOWN, Layout, events_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.logic import Reference
    from pacer_analysis.logic._columns import Column
    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.indexed import Extremes

SERVER = "only the REDCap server knows it"


@dataclass(frozen=True, slots=True)
class Found:
    """The column of a reference, None if no row can have it, and why it is not known on some rows or all."""

    column: Column | None
    reason: str = ""


def smart_value(table: Tidy, reference: Reference, layout: Layout | None, extremes: Callable[[str], Extremes]) -> Found:
    """A smart variable that stands alone, on every row of a table; `layout` is None in a flat source."""
    name = reference.field
    if is_servers(name):
        return Found(None, SERVER)
    if not is_answered(name):
        return Found(None, "REDCap has no smart variable of this name")
    if name == "record-name":
        return Found(_text(table.record.codes, table.record.levels))
    if layout is None:
        return Found(None, "a table outside REDCap has neither events nor forms nor groups")
    if name.startswith("record-dag"):
        return _group(table, layout, name)
    if name in {"form-name", "instrument-name"}:
        return _same(table, table.form)
    if name in {"form-label", "instrument-label"}:
        label = layout.project.form_labels.get(table.form, "")
        return _same(table, label) if label else Found(None, "the labels of the forms are not known")
    if name in INSTANCES or name == "new-instance":
        return _instance(table, layout, name, extremes(table.form))
    return _event(table, layout, name)


def _text(codes: NDArray[np.integer], levels: Sequence[object] | NDArray[np.object_]) -> Column:
    import numpy as np

    from pacer_analysis.logic._columns import Column, always
    from pacer_analysis.logic._texts import Texts

    texts = np.empty(len(levels), dtype=object)
    texts[:] = [str(level) for level in levels]
    return Column("text", codes, always(len(codes)), Texts(texts))


def _same(table: Tidy, text: str) -> Found:
    import numpy as np

    return Found(_text(np.zeros(table.rows, dtype=np.intp), [text]))


def _group(table: Tidy, layout: Layout, name: str) -> Found:
    """The data access group of the record. Its column is absent if whoever exported belongs to a group."""
    groups = layout.project.groups
    if groups and not any(str(level) for level in table.site.levels):
        return Found(None, "the export has no data access groups")
    if name == "record-dag-name":
        return Found(_text(table.site.codes, table.site.levels))
    if any(str(level) and str(level) not in groups for level in table.site.levels):
        return Found(None, "the labels of the data access groups are not known")
    return Found(_text(table.site.codes, [groups.get(str(level), "") for level in table.site.levels]))


def _event(table: Tidy, layout: Layout, name: str) -> Found:
    """The event or the arm of the row, or an event relative to it, by name, label or number."""
    import numpy as np

    if layout.project.classic:
        return Found(None, "a project without events has neither events nor arms")
    if not layout.known and (name == "event-number" or (name in EVENTS | LABELS and name not in {"event-name", "event-label"})):
        return Found(None, ORDER_UNKNOWN)
    if not layout.known and name == "event-label":
        return Found(None, LABELS_UNKNOWN)
    if not layout.named:
        return Found(None, NO_UNIQUE_NAMES)
    at = events_of(table, layout)
    place = at
    if name in EVENTS | LABELS and name not in {"event-name", "event-label"}:
        place = np.append(layout.relative(name), NOWHERE)[at]
    if name == "event-number":
        texts: tuple[str, ...] = tuple(str(layout.arms[: number + 1].count(arm)) for number, arm in enumerate(layout.arms))
    elif name == "arm-label":
        names = {event.unique_name: event.arm_name for event in layout.project.events}
        texts = tuple(names.get(event, "") for event in layout.names)
        if not all(texts):
            return Found(None, "the names of the arms are not known")
    else:
        texts = layout.arms if name == "arm-number" else layout.labels if name in LABELS else layout.names
    return Found(_text(np.where(place < 0, len(texts), place), [*texts, ""]))


def _instance(table: Tidy, layout: Layout, name: str, extremes: Extremes) -> Found:
    """The number of the row's instance, or of one relative to it; blank on a row that is no instance of anything."""
    import numpy as np

    from pacer_analysis.logic._columns import Column, always

    at, own = events_of(table, layout), table.instance.astype(np.float64)
    repeats = table.repeated | np.append(layout.event_repeats, False)[at]
    if name in {"first-instance", "last-instance", "new-instance"}:
        found = extremes.find(table.record.codes.astype(np.int64), at, highest=name != "first-instance").astype(np.float64)
        own = found + (name == "new-instance")
    else:
        own = own + {"previous-instance": -1, "current-instance": 0, "next-instance": 1}[name]
    # ASSUME: on a row that is no instance of a repeating form or event, the instance variables are blank.
    return Found(Column("number", np.where(repeats & (own > 0), own, np.nan), always(table.rows)))
