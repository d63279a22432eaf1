"""services.parquet: when each woman first attended, and left, each service: facts without an arm, on the restricted side only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.clean import date_column, in_frame
from pacer_analysis.derive.conditions import columns_of, holds
from pacer_analysis.derive.days import day_numbers
from pacer_analysis.derive.linked import linked_rows

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pacer_analysis.derive.clean import Clean


def attended_services(clean: Clean, people: pd.Index, participants: pd.DataFrame, cutoff: dt.date) -> pd.DataFrame:
    """One row per participant: record, and for each service first_<service>_day and exit_<service>_day, in days from the first origin.

    First attendance and exit on or after the origin only; NaN where there is none.
    """
    import numpy as np
    import pandas as pd

    origins = list(clean.plan.participants.origins)
    origin = day_numbers(participants[origins[0]]) if origins else np.full(len(people), np.nan)
    columns: dict[str, object] = {"record": participants["record"].to_numpy(dtype=object)}
    for service in clean.plan.services.values():
        where = f"trial.yaml, services.{service.id}"
        fields = [*columns_of(service.attended, where), *([service.exit_date] if service.exit_date else [])]
        rows = linked_rows(clean, people, service.source, "", service.date, fields, f"service {service.id}")
        attended = rows[holds(rows, service.attended, cutoff, where)]
        columns[f"first_{service.id}_day"] = _first(attended["who"].to_numpy(dtype="int64"), attended["at"].to_numpy(dtype="float64"), origin)
        # ASSUME: an exit dated after the cut-off has not happened yet.
        left = day_numbers(date_column(rows[in_frame(service.exit_date)])) if service.exit_date else np.full(len(rows), np.nan)
        left[left > clean.cutoff] = np.nan
        columns[f"exit_{service.id}_day"] = _first(rows["who"].to_numpy(dtype="int64"), left, origin)
    return pd.DataFrame(columns)


def _first(who: NDArray[np.int64], at: NDArray[np.float64], origin: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    # ASSUME: attendance before the origin is not attendance of the service a woman was allocated to.
    day = at - origin[who]
    kept = day >= 0
    first = np.full(len(origin), np.inf)
    np.minimum.at(first, who[kept], day[kept])
    return np.where(np.isinf(first), np.nan, first)
