"""Which row of one table is which row of the other: by record, event and instance, or by the key of a flat source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacer_analysis.compare.texts import texts
from pacer_analysis.read.tidy import keys_of

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from pacer_analysis.compare.folders import About


@dataclass(frozen=True, slots=True)
class Matched:
    """Positions of rows: pairs of one in each table, and those that only one has. `by_content` counts rows whose key cannot tell them apart."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    added: NDArray[np.intp]
    removed: NDArray[np.intp]
    by_content: int


def fields_of(table: pa.Table) -> list[str]:
    """The columns of a table that are fields; one that has the name of a key has an underscore behind it."""
    keys = keys_of(table.column_names)
    return [name for name in table.column_names if name not in keys]


def has_form(table: pa.Table) -> bool:
    """True if a table is that of a form, not of a flat file."""
    return "instrument" in keys_of(table.column_names)


def key_of(table: pa.Table, about: dict[str, About]) -> list[str]:
    """The columns by which a row is found."""
    if has_form(table):
        return ["record", "event", "instance"]
    return ["record", *sorted((name for name, each in about.items() if each.key and name in table.column_names), key=lambda name: about[name].key)]


def match_rows(first: pa.Table, second: pa.Table, key: list[str], about: dict[str, About]) -> Matched:
    """The rows that are one another's counterpart.

    Where several rows share a key, only rows that agree in every common field are counterparts: which of two changed, nobody can tell.
    """
    import numpy as np
    import pandas as pd

    size = first.num_rows
    both = pd.DataFrame({name: np.concatenate([texts(table.column(name), _kind(about, name)) for table in (first, second)]) for name in key})
    groups = both.groupby(key, sort=False, dropna=False).ngroup().to_numpy()
    one, two = groups[:size], groups[size:]
    count = int(groups.max(initial=-1)) + 1
    single = (np.bincount(one, minlength=count) <= 1) & (np.bincount(two, minlength=count) <= 1)
    where = np.full(count, -1, dtype=np.intp)
    where[one[single[one]]] = np.flatnonzero(single[one])
    candidates = np.flatnonzero(single[two])
    paired = where[two[candidates]] >= 0
    pairs = [(where[two[candidates[paired]]], candidates[paired])]
    crowded_one, crowded_two = np.flatnonzero(~single[one]), np.flatnonzero(~single[two])
    if len(crowded_one) and len(crowded_two):
        pairs.append(_by_content(first, second, crowded_one, crowded_two, key, about))
    left, right = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    order = np.argsort(right, kind="stable")
    left, right = left[order], right[order]
    return Matched(left, right, np.setdiff1d(np.arange(second.num_rows), right), np.setdiff1d(np.arange(size), left), len(crowded_one) + len(crowded_two))


def _by_content(first: pa.Table, second: pa.Table, one: Any, two: Any, key: list[str], about: dict[str, About]) -> tuple[Any, Any]:
    """Pairs of rows that agree in their key and every common field, each row in one pair."""
    import numpy as np

    names = [*key, *(name for name in fields_of(first) if name in second.column_names and name not in key)]
    waiting: dict[tuple[str, ...], list[int]] = {}
    columns = [texts(first.column(name).take(one), _kind(about, name)) for name in names]
    for place, row in zip(one, zip(*columns, strict=True), strict=True):
        waiting.setdefault(row, []).append(int(place))
    columns = [texts(second.column(name).take(two), _kind(about, name)) for name in names]
    found = [(waiting[row].pop(0), int(place)) for place, row in zip(two, zip(*columns, strict=True), strict=True) if waiting.get(row)]
    return np.array([left for left, _ in found], dtype=np.intp), np.array([right for _, right in found], dtype=np.intp)


def _kind(about: dict[str, About], name: str) -> str:
    return about[name].kind if name in about else ""
