"""The derived sets as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.results import write_rows

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from pacer_analysis.derive.sets import Derived

INTERNAL = ("who", "at", "due_at")


def write_sets(derived: Derived, out: Path) -> None:
    """Each frame as <name>.parquet without the derivation's working columns, and facts.csv (fact, value)."""
    sets = derived.sets
    frames: dict[str, pd.DataFrame | None] = {
        "participants": sets.participants, "infants": derived.infants, "visits": sets.visits, "viral_loads": sets.viral_loads, "contacts": sets.contacts,
        "retention": derived.retention, "endpoints": derived.endpoints, "services": derived.services}
    for name, frame in frames.items():
        if frame is not None:
            frame.drop(columns=[column for column in INTERNAL if column in frame]).to_parquet(out / f"{name}.parquet", index=False)
    write_rows(out / "facts.csv", ("fact", "value"), derived.facts.items())
