"""The clean tables of a cut as a derivation needs them: few columns, known participants, nothing after the cut-off."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError, PlanError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    import pandas as pd

    from pacer_analysis.plan import Plan, Source

KEYS = ("record", "event", "instance", "line", "site")


@dataclass(frozen=True)
class Clean:
    """The clean folder, the sealed folder where the restricted side gives it, the day number of the cut-off, and the facts counted while reading."""

    plan: Plan
    folder: Path
    sealed: Path | None
    cutoff: float
    facts: dict[str, int] = field(default_factory=dict)

    def closed(self, source: str, column: str = "") -> bool:
        """Whether a source, or one column of it, betrays the arm and is not at hand."""
        entry = self.plan.sources[source]
        return self.sealed is None and (entry.reveals_arm or is_sealed(entry, column))

    def count(self, fact: str, value: int | np.integer) -> None:
        """Adds to a fact that facts.csv will state."""
        self.facts[fact] = self.facts.get(fact, 0) + int(value)

    def read(self, source: str, form: str, columns: Iterable[str]) -> pd.DataFrame:
        """The named fields of one table, each under `in_frame`, with record, line and, where the table has them, event, instance and site.

        A sealed column not at hand comes back blank, a sealed source not at hand without rows. PlanError for a column that
        the table lacks; ExportError where a source that should be there has no table.
        """
        import pandas as pd

        wanted = list(dict.fromkeys(columns))
        entry = self.plan.sources[source]
        path = self._table(source, form)
        if path is None:
            return pd.DataFrame({"record": pd.Series(dtype=object), "line": pd.Series(dtype="int64"), **{in_frame(column): pd.Series(dtype=object) for column in wanted}})
        sealed = [column for column in wanted if is_sealed(entry, column) and not entry.reveals_arm]
        frame = _columns(path, [column for column in wanted if column not in sealed], f"{source}{f', form {form}' if form else ''}")
        if sealed and self.sealed is not None:
            held = _columns(self._path(source, form, self.sealed), sealed, f"{source}{f', form {form}' if form else ''} (sealed fields)")
            return frame.merge(held[["line", *map(in_frame, sealed)]], on="line", how="left", validate="m:1")
        for column in sealed:
            frame[in_frame(column)] = ""
        return frame

    def _table(self, source: str, form: str) -> Path | None:
        entry = self.plan.sources[source]
        if entry.reveals_arm and self.sealed is None:
            return None
        folder = self.sealed if entry.reveals_arm and self.sealed is not None else self.folder
        folder_of_forms = folder / source
        # An optional source, or an instrument that nobody has filled in yet.
        if not _file(folder, source, form).exists() and (entry.optional or (form and folder_of_forms.is_dir())):
            return None
        return self._path(source, form, folder)

    def _path(self, source: str, form: str, folder: Path) -> Path:
        """The table of a source, or of one form of it, in a folder; ExportError if it is not there."""
        path = _file(folder, source, form)
        if path.exists():
            return path
        raise ExportError(f"The source `{source}` has no {'clean' if folder == self.folder else 'sealed'} table.", where=f"{folder.name}/{path.relative_to(folder)}",
                          do="Run `validate` for this cut first; or mark the source `optional: true` in the plan.")


def _file(folder: Path, source: str, form: str) -> Path:
    return folder / source / f"{form}.parquet" if form else folder / f"{source}.parquet"


def is_sealed(source: Source, column: str) -> bool:
    """Whether a column is a sealed field of its source, or an option of a sealed checkbox."""
    return column in source.sealed_fields or column.partition("___")[0] in source.sealed_fields


def _columns(path: Path, wanted: list[str], what: str) -> pd.DataFrame:
    import pandas as pd
    import pyarrow.parquet as pq

    from pacer_analysis.read.tidy import field_columns, keys_of

    schema = pq.read_schema(path)
    keys = [key for key in KEYS if key in keys_of(schema.names) and key in schema.names]
    # A key that no field is called like can be asked for as well: the site, a data access group, the record id.
    present = {key: key for key in keys} | field_columns(schema)
    for column in wanted:
        if column not in present:
            near = difflib.get_close_matches(column, present, n=3)
            raise PlanError(f"There is no field `{column}` in {what}.", allowed=", ".join(near or [*present][:12]), do="Correct the field's name in the plan.")
    table = pd.read_parquet(path, columns=list(dict.fromkeys([*keys, *(present[column] for column in wanted)])))
    return pd.concat([table[keys], table[[present[column] for column in wanted]].set_axis([in_frame(column) for column in wanted], axis=1)], axis=1)


def in_frame(field: str) -> str:
    """The column of a field in the frames of a derivation: in brackets, so that no key and nothing that is derived takes its place."""
    return f"[{field}]"


def text_column(values: pd.Series) -> pd.Series:
    """Codes and text as text, '' for blank; a whole number that a source typed as one is written without a point."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(values):
        return values.map(lambda number: "" if pd.isna(number) else f"{number:.15g}").astype(object)
    return values.astype(object).where(values.notna(), "").astype(str).astype(object)


def date_column(values: pd.Series) -> pd.Series:
    """Dates as datetime64[ns], blank outside the years 1678 to 2261, which these hold; a text that is no ISO date is blank (a finding of its own)."""
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(values):
        return values.where(values.dt.year.between(1678, 2261)).astype("datetime64[ns]")
    return pd.to_datetime(values.astype(str), format="ISO8601", errors="coerce").astype("datetime64[ns]")


def number_column(values: pd.Series) -> pd.Series:
    """Numbers as float64; a text that is no number is blank (a finding of its own)."""
    import pandas as pd

    return pd.to_numeric(values, errors="coerce").astype("float64")
