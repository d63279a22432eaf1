"""Statistics that know nothing of a trial: a frame in, estimates out, one method per file.

The keyword signature of an estimator is the schema of the plan's `options:`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.estimators.count import count
from pacer_analysis.estimators.cox import cox
from pacer_analysis.estimators.cumulative_incidence import cumulative_incidence
from pacer_analysis.estimators.cumulative_incidence import curve as cumulative_incidence_curve
from pacer_analysis.estimators.curves import Curve
from pacer_analysis.estimators.describe import describe
from pacer_analysis.estimators.kaplan_meier import curve as kaplan_meier_curve
from pacer_analysis.estimators.kaplan_meier import kaplan_meier
from pacer_analysis.estimators.logistic import logistic
from pacer_analysis.estimators.logrank import logrank
from pacer_analysis.estimators.proportion import proportion
from pacer_analysis.estimators.risk_difference import risk_difference
from pacer_analysis.estimators.standardisation import standardisation
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CURVES", "ESTIMATORS", "Curve", "Estimate"]

ESTIMATORS: dict[str, Callable[..., list[Estimate]]] = {
    "describe": describe,
    "count": count,
    "proportion": proportion,
    "risk_difference": risk_difference,
    "logistic": logistic,
    "standardisation": standardisation,
    "kaplan_meier": kaplan_meier,
    "cumulative_incidence": cumulative_incidence,
    "logrank": logrank,
    "cox": cox,
}

CURVES: dict[str, Callable[..., list[Curve]]] = {
    "kaplan_meier": kaplan_meier_curve,
    "cumulative_incidence": cumulative_incidence_curve,
}
