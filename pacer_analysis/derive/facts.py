"""facts.csv: what the derivation met on its way, as counts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.derive.sets import Sets


def facts_of(sets: Sets, retention: pd.DataFrame, endpoints: pd.DataFrame) -> dict[str, int]:
    """Every fact counted while reading, then those of retention and of the endpoints' reasons, by name."""
    facts = {"participants": len(sets.participants), "participants with the first origin": int(sets.entered().sum()), **sets.clean.facts}
    for rule, rows in retention.groupby("rule", sort=False):
        facts[f"retention {rule}: women with an interval that has no due date"] = int(rows["not_evaluable"].sum())
        for reason, count in rows["reason"].value_counts().sort_index().items():
            facts[f"retention {rule}: {reason}"] = int(count)
    by_visit = endpoints[endpoints["visit"] != ""]
    for _, rows in by_visit.groupby(["endpoint", "visit", "threshold"], dropna=False):
        threshold = float(rows["threshold"].iloc[0])
        name = f"{rows['endpoint'].iloc[0]} {rows['visit'].iloc[0]}" + ("" if math.isnan(threshold) else f" below {threshold:g}")
        facts.update({f"{name}: {reason}": int(count) for reason, count in rows["reason"].value_counts().sort_index().items()})
    return facts
