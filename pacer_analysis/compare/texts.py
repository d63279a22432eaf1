"""Typed values as the texts that an export would hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray


def texts(column: pa.ChunkedArray, kind: str) -> NDArray[np.object_]:
    """Every value as text: '' for a blank, whole numbers without a point, ISO dates, a time only where the field has one."""
    import numpy as np
    import pyarrow as pa

    values = column.to_pylist() if not pa.types.is_timestamp(column.type) else _moments(column)
    written = _number if pa.types.is_floating(column.type) else _moment(kind) if pa.types.is_timestamp(column.type) else str
    known: dict[Any, str] = {None: ""}
    found = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        text = known.get(value)
        if text is None:
            text = known[value] = written(value)
        found[place] = text
    return found


def _moments(column: pa.ChunkedArray) -> list[str | None]:
    import numpy as np

    moments = column.to_numpy().astype("datetime64[s]")
    return [None if np.isnat(moment) else str(moment) for moment in moments]


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _moment(kind: str) -> Any:
    def written(value: str) -> str:
        day, _, time = value.partition("T")
        if kind == "date" or (kind != "datetime" and time == "00:00:00"):
            return day
        return f"{day} {time.removesuffix(':00')}" if time.endswith(":00") else f"{day} {time}"
    return written
