"""endpoints.parquet: every endpoint of the plan that names a derivation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.check import parameters_of
from pacer_analysis.derive.endpoint_rows import COLUMNS, empty_rows
from pacer_analysis.derive.registry import DERIVATIONS

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.derive.sets import Sets


def all_endpoints(sets: Sets) -> pd.DataFrame:
    """The rows of all derived endpoints in the plan's order, each with its endpoint's id and rule."""
    import pandas as pd

    parts = []
    for endpoint in sets.plan.endpoints.values():
        if not endpoint.derivation:
            continue
        rule, parameters = parameters_of(endpoint)
        parts.append(DERIVATIONS[rule](sets, **parameters).assign(endpoint=endpoint.id, rule=rule))
    filled = [part for part in parts if len(part)]
    found = pd.concat(filled, ignore_index=True) if filled else empty_rows()
    return found[list(COLUMNS)]

