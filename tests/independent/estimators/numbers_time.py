"""Times to event on the data sets."""

from __future__ import annotations

from .cox import cause_specific, cox, cox_interaction
from .cumulative_incidence import cif_difference, cumulative_incidence
from .discrete_hazard import discrete_cif, discrete_hazard, visit_intervals
from .fine_gray import fine_gray
from .gray import gray
from .incidence_rate import incidence_rate
from .kaplan_meier import followup, kaplan_meier, survival_difference
from .logrank import logrank
from .proportional_hazards import proportional_hazards
from .rmst import rmst
from .samples import by_cause, missed, sample, visits

HORIZONS = {
    "actg175": [365.0, 730.0, 1000.0],
    "aids": [90.0, 180.0, 300.0],
    "lung": [100.0, 365.0, 500.0],
    "rossi": [26.0, 40.0, 52.0],
    "transplants": [0.3, 0.4, 0.6],
}
COVARIATES = {"actg175": ["cd40"], "aids": ["cd4"], "lung": ["age", "ecog"], "rossi": ["age", "prio"], "transplants": ["age"]}


def time_numbers() -> dict[str, object]:
    """Any status >= 1 is the event (transplants: any of its three causes), except where a cause is named.

    tau and the horizon of the difference: the second horizon. Clusters: lung by centre, rossi by age. Delayed entry: lung, entered
    at a third of the time, rounded down, men and women alike. actg175 has four arms: contrasts of single arms are with zdv, for ddi.
    """
    out: dict[str, object] = {}
    for name, times in HORIZONS.items():
        frame, covariates, tau = sample(name), COVARIATES[name], times[1]
        arm = "ddi" if name == "actg175" else None
        out[f"{name} kaplan-meier"] = kaplan_meier(frame, times)
        out[f"{name} followup"] = followup(frame, times)
        out[f"{name} survival difference"] = survival_difference(frame, tau, arm)
        out[f"{name} rmst"] = rmst(frame, tau, arm)
        out[f"{name} incidence rate"] = incidence_rate(frame, arm)
        out[f"{name} logrank"] = logrank(frame)
        out[f"{name} logrank rho 1"] = logrank(frame, rho=1.0)
        out[f"{name} logrank gamma 1"] = logrank(frame, gamma=1.0)
        out[f"{name} cox crude"] = cox(frame)
        for ties in ("efron", "breslow"):
            out[f"{name} cox {ties}"] = cox(frame, covariates, ties=ties)
            out[f"{name} cox {ties} robust"] = cox(frame, covariates, ties=ties, variance="robust")
            out[f"{name} proportional hazards {ties}"] = proportional_hazards(frame, covariates, ties=ties)
        if "stratum" in frame:
            out[f"{name} logrank stratified"] = logrank(frame, stratified=True)
            out[f"{name} logrank stratified rho 1"] = logrank(frame, stratified=True, rho=1.0)
            out[f"{name} cox stratified"] = cox(frame, covariates, stratified=True)
            out[f"{name} cox stratified robust"] = cox(frame, covariates, stratified=True, variance="robust")
            out[f"{name} proportional hazards stratified"] = proportional_hazards(frame, covariates, stratified=True)
            out[f"{name} cox interaction stratum"] = cox_interaction(frame, "stratum")
    lung, rossi = sample("lung"), sample("rossi")
    out["lung cox by centre"] = cox(lung.assign(cluster=lung["centre"]), COVARIATES["lung"], variance="cluster")
    out["rossi cox by age"] = cox(rossi.assign(cluster=rossi["age"]), ["prio"], variance="cluster")
    late = lung.assign(entry=lung["time"] // 3)
    for variance in ("model", "robust"):
        out[f"lung cox delayed entry {variance}"] = cox(late, COVARIATES["lung"], variance=variance)
    out["lung kaplan-meier delayed entry"] = kaplan_meier(late, HORIZONS["lung"])
    out["lung logrank delayed entry"] = logrank(late)
    return out | competing_numbers() | visit_numbers()


def competing_numbers() -> dict[str, object]:
    """aids by cause (1 AIDS, 2 death), transplants with its three causes."""
    out: dict[str, object] = {}
    for name, frame in (("aids", by_cause()), ("transplants", sample("transplants"))):
        out[f"{name} cumulative incidence"] = cumulative_incidence(frame, HORIZONS[name])
        for cause in sorted(int(s) for s in frame["status"].unique() if s > 0):
            out[f"{name} cif difference cause {cause}"] = cif_difference(frame, cause, HORIZONS[name][1])
            out[f"{name} gray cause {cause}"] = gray(frame, cause)
            if name == "aids":
                out[f"{name} gray stratified cause {cause}"] = gray(frame, cause, stratified=True)
            out[f"{name} cause-specific {cause}"] = cause_specific(frame, cause, covariates=COVARIATES[name])
            out[f"{name} fine-gray crude {cause}"] = fine_gray(frame, None, cause)
            out[f"{name} fine-gray {cause}"] = fine_gray(frame, COVARIATES[name], cause)
    return out


def visit_numbers() -> dict[str, object]:
    """actg175 at visits on days 240, 480, 720, 960: an interval per woman, all visits kept, and with some missed; covariate cd40."""
    long = visits(sample("actg175"), [240, 480, 720, 960])
    full, gaps = visit_intervals(long, ["cd40"]), visit_intervals(missed(long), ["cd40"])
    return {
        "actg175 discrete hazard": discrete_hazard(full, ["cd40"]),
        "actg175 discrete hazard crude": discrete_hazard(full),
        "actg175 discrete hazard, visits missed": discrete_hazard(gaps, ["cd40"]),
        "discrete cif 0.1 0.2 with deaths 0.05 0.05": discrete_cif([0.1, 0.2], [0.05, 0.05]),
    }
