"""What a derivation yields: frames with one subject each, never an arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from pacer_analysis.derive.clean import Clean
    from pacer_analysis.plan import Plan


@dataclass(frozen=True)
class Sets:
    """The derived frames that an endpoint's rule may look at.

    Every frame but `participants` has a column `who`: the position of the record in `participants`. `events` is long:
    who, name, date, at, source, line, one row per dated fact, the first of each woman and name first. `at` and `due_at`
    are day numbers of `date` and `due`.
    """

    plan: Plan
    cutoff: dt.date
    clean: Clean
    participants: pd.DataFrame
    events: pd.DataFrame
    visits: pd.DataFrame
    viral_loads: pd.DataFrame
    contacts: pd.DataFrame

    def entered(self) -> pd.Series:
        """Whether a participant has the plan's first time origin (was randomised); all have where the plan names no origin."""
        import pandas as pd

        origins = list(self.plan.participants.origins)
        if not origins:
            return pd.Series(True, index=self.participants.index)
        return self.participants[origins[0]].notna()


@dataclass(frozen=True)
class Derived:
    """Everything a derivation writes; `services` on the restricted side only."""

    sets: Sets
    infants: pd.DataFrame
    retention: pd.DataFrame
    endpoints: pd.DataFrame
    services: pd.DataFrame | None
    facts: dict[str, int]
