"""The table of characteristics: each variable by arm, and how far apart the arms are in units of its spread."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.results import Estimate


def describe(frame: pd.DataFrame, *, variables: tuple[str, ...]) -> list[Estimate]:
    """Summary of each variable per arm, and its standardised difference from the reference; no test, by design.

    `frame.attrs["kinds"]` maps a variable to continuous, binary or categorical. Continuous: measures `mean` (se: SD over root n),
    `sd`, `median`, `lower_quartile`, `upper_quartile`, `minimum`, `maximum`. Binary (0, 1): `proportion`. Categorical: `proportion`
    per level, term `variable=level`; a blank text is missing. `events` is the count behind a proportion.
    Source: quantiles of Hyndman and Fan 1996, type 7; standardised differences (`smd`) of Yang and Dalton 2012.
    """
    from pacer_analysis.errors import PlanError
    from pacer_analysis.estimators._binary import characteristics

    kinds: dict[str, str] = frame.attrs.get("kinds", {})
    rows: list[Estimate] = []
    for variable in variables:
        if variable not in frame or kinds.get(variable) not in characteristics.SUMMARIES:
            raise PlanError(f"cannot describe {variable}: {kinds.get(variable, 'no such variable')}", allowed=", ".join(characteristics.SUMMARIES))
        rows += characteristics.SUMMARIES[kinds[variable]](frame, variable)
    return rows
