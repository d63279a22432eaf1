"""infants.parquet: one row per infant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.clean import in_frame
from pacer_analysis.derive.conditions import column_named
from pacer_analysis.derive.participants import typed

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.derive.clean import Clean


def infants_of(clean: Clean, people: pd.Index) -> pd.DataFrame:
    """One row per instance of the infants' form: record (the mother), instance, every variable with its own field, source, line."""
    import numpy as np
    import pandas as pd

    plan = clean.plan.infants
    if plan is None:
        return pd.DataFrame({"record": pd.Series(dtype=object), "instance": pd.Series(dtype="int64"), "source": pd.Series(dtype=object), "line": pd.Series(dtype="int64")})
    own = {name: variable for name, variable in plan.variables.items()
           if variable.ref is not None and (variable.ref.source, variable.ref.form) == (plan.source, plan.form)}
    rows = clean.read(plan.source, plan.form, [column_named(variable.ref.field) for variable in own.values() if variable.ref is not None])
    if plan.event and "event" in rows:
        rows = rows[rows["event"] == plan.event]
    known = people.get_indexer(pd.Index(rows["record"])) >= 0
    clean.count("infants: rows of no participant", np.count_nonzero(~known))
    rows = rows[known].reset_index(drop=True)
    clean.count("infants", len(rows))
    instance = rows["instance"].fillna(0).astype("int64") if "instance" in rows else pd.Series(0, index=rows.index)
    # ASSUME: an infant's row without an instance number (a form that does not repeat) is the first infant.
    columns: dict[str, object] = {"record": rows["record"].astype(object), "instance": instance.where(instance > 0, 1).astype("int64")}
    for name, variable in own.items():
        if variable.ref is not None:
            columns[name] = typed(clean, variable, rows[in_frame(column_named(variable.ref.field))])
    columns |= {"source": f"{plan.source}/{plan.form}" if plan.form else plan.source, "line": rows["line"].astype("int64")}
    return pd.DataFrame(columns, index=rows.index)
