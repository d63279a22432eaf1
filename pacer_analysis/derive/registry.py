"""Which rule derives an endpoint. A function's keyword signature is the schema of the plan's `derivation:`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.rules.loss_to_follow_up import loss_to_follow_up
from pacer_analysis.derive.rules.recorded_outcome import recorded_outcome
from pacer_analysis.derive.rules.recorded_time import recorded_time
from pacer_analysis.derive.rules.success_at_visit import success_at_visit
from pacer_analysis.derive.rules.suppression_by_visit import suppression_by_visit
from pacer_analysis.derive.rules.viral_load_above import viral_load_above

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

KINDS = {"success_at_visit": "binary", "suppression_by_visit": "binary", "recorded_outcome": "binary", "viral_load_above": "time", "loss_to_follow_up": "time", "recorded_time": "time"}
"""The kind of outcome a rule derives."""

DERIVATIONS: dict[str, Callable[..., pd.DataFrame]] = {
    "success_at_visit": success_at_visit,
    "viral_load_above": viral_load_above,
    "loss_to_follow_up": loss_to_follow_up,
    "suppression_by_visit": suppression_by_visit,
    "recorded_time": recorded_time,
    "recorded_outcome": recorded_outcome,
}
