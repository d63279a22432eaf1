"""Statistics that know nothing of a trial: a frame in, estimates out, one method per file.

The keyword signature of an estimator is the schema of the plan's `options:`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.estimators._schema import NAMES_ESTIMATOR, keyword_types, variables_named
from pacer_analysis.estimators.ancova import ancova
from pacer_analysis.estimators.balance import balance
from pacer_analysis.estimators.best_worst import best_worst
from pacer_analysis.estimators.cace import cace
from pacer_analysis.estimators.cause_specific import cause_specific
from pacer_analysis.estimators.conditional_power import conditional_power
from pacer_analysis.estimators.count import count
from pacer_analysis.estimators.cox import cox
from pacer_analysis.estimators.cumulative_incidence import cumulative_incidence
from pacer_analysis.estimators.cumulative_incidence import curve as cumulative_incidence_curve
from pacer_analysis.estimators.curves import Curve
from pacer_analysis.estimators.describe import describe
from pacer_analysis.estimators.discrete_hazard import discrete_hazard
from pacer_analysis.estimators.e_value import e_value
from pacer_analysis.estimators.fine_gray import fine_gray
from pacer_analysis.estimators.followup import followup
from pacer_analysis.estimators.gee import gee
from pacer_analysis.estimators.gray import gray
from pacer_analysis.estimators.group_sequential import group_sequential
from pacer_analysis.estimators.incidence_rate import incidence_rate
from pacer_analysis.estimators.ipcw import ipcw
from pacer_analysis.estimators.kaplan_meier import curve as kaplan_meier_curve
from pacer_analysis.estimators.kaplan_meier import kaplan_meier
from pacer_analysis.estimators.landmark import landmark
from pacer_analysis.estimators.logistic import logistic
from pacer_analysis.estimators.logrank import logrank
from pacer_analysis.estimators.mixed_model import mixed_model
from pacer_analysis.estimators.multiple_imputation import multiple_imputation
from pacer_analysis.estimators.multiple_imputation import trace as multiple_imputation_trace
from pacer_analysis.estimators.noninferiority import noninferiority
from pacer_analysis.estimators.partially_nested import partially_nested
from pacer_analysis.estimators.propensity import propensity
from pacer_analysis.estimators.proportion import proportion
from pacer_analysis.estimators.proportional_hazards import proportional_hazards
from pacer_analysis.estimators.randomisation_test import randomisation_test
from pacer_analysis.estimators.risk_difference import risk_difference
from pacer_analysis.estimators.risk_ratio import risk_ratio
from pacer_analysis.estimators.rmst import rmst
from pacer_analysis.estimators.sample_size import sample_size
from pacer_analysis.estimators.standardisation import standardisation
from pacer_analysis.estimators.stratified_risk_difference import stratified_risk_difference
from pacer_analysis.estimators.subgroups import subgroups
from pacer_analysis.estimators.survival_difference import curve as survival_difference_curve
from pacer_analysis.estimators.survival_difference import survival_difference
from pacer_analysis.estimators.tipping_point import tipping_point
from pacer_analysis.estimators.turnbull import turnbull
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CURVES", "ESTIMATORS", "NAMES_ESTIMATOR", "Curve", "Estimate", "keyword_types", "variables_named"]

ESTIMATORS: dict[str, Callable[..., list[Estimate]]] = {
    "describe": describe,
    "count": count,
    "proportion": proportion,
    "risk_difference": risk_difference,
    "stratified_risk_difference": stratified_risk_difference,
    "risk_ratio": risk_ratio,
    "logistic": logistic,
    "standardisation": standardisation,
    "noninferiority": noninferiority,
    "cace": cace,
    "subgroups": subgroups,
    "ancova": ancova,
    "gee": gee,
    "mixed_model": mixed_model,
    "partially_nested": partially_nested,
    "kaplan_meier": kaplan_meier,
    "cumulative_incidence": cumulative_incidence,
    "logrank": logrank,
    "cox": cox,
    "proportional_hazards": proportional_hazards,
    "cause_specific": cause_specific,
    "fine_gray": fine_gray,
    "landmark": landmark,
    "conditional_power": conditional_power,
    "group_sequential": group_sequential,
    "randomisation_test": randomisation_test,
    "sample_size": sample_size,
    "multiple_imputation": multiple_imputation,
    "balance": balance,
    "propensity": propensity,
    "e_value": e_value,
    "best_worst": best_worst,
    "tipping_point": tipping_point,
    "followup": followup,
    "survival_difference": survival_difference,
    "rmst": rmst,
    "gray": gray,
    "turnbull": turnbull,
    "discrete_hazard": discrete_hazard,
    "incidence_rate": incidence_rate,
    "ipcw": ipcw,
}

CURVES: dict[str, Callable[..., list[Curve]]] = {
    "kaplan_meier": kaplan_meier_curve,
    "cumulative_incidence": cumulative_incidence_curve,
    "multiple_imputation": multiple_imputation_trace,
    "survival_difference": survival_difference_curve,
}
