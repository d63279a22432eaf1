"""A second author's derivation of PACER's endpoints, written from plan, dictionary and exports alone.

Plain pandas, one woman after another where that is clearer. It shares no line with the pipeline and was written without sight of it or of its results.
Run as a script: `python second_author.py [FOLDER OF EXPORTS]`.
"""

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import statsmodels.api as sm
import yaml
from lifelines import CoxPHFitter
from scipy.optimize import brentq
from scipy.stats import norm

from tests.independent.estimators.standardisation import ye_covariance

STATA_EPOCH = pd.Timestamp("1960-01-01")
WINDOWS = {"v0": (0, 42), "v1": (43, 136), "v2": (137, 273), "v3": (274, 456), "v4": (457, 639), "v5": (640, 822)}  # days postpartum, both ends included
FOLLOWED = ("v1", "v2", "v3", "v4", "v5")
RULES = {"ltfu_sched90": ("scheduled", 90), "ltfu_late60": ("scheduled", 59), "ltfu_last90": ("contact", 90), "ltfu_last180": ("contact", 180)}
HORIZON, PRIMARY_DAY, Z = 730, 365, norm.ppf(0.975)
COVARIATES = ("age", "vl50", "art_weeks", "newly_diagnosed", "parity")  # and the area
FAR = pd.Timestamp("2200-01-01")  # "never"


def dates(column: pd.Series) -> pd.Series:
    # DEFECT: a text date that is no ISO date (missing code, junk) becomes missing; nothing is guessed.
    return pd.to_datetime(column.str.strip(), format="%Y-%m-%d", errors="coerce")


def read_redcap(folder: Path) -> pd.DataFrame:
    (path,) = folder.glob("PACER*_DATA_????-??-??_????.csv")
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    frame["record_id"] = frame["record_id"].str.strip()
    # DEFECT: rows repeated under one key (record, event, instrument, instance): the first stands.
    frame = frame.drop_duplicates(["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"])
    return frame[frame["redcap_repeat_instrument"] == ""].set_index("record_id")


def read_stata(path: Path, date_columns: list[str], key: list[str]) -> pd.DataFrame:
    frame, _ = pyreadstat.read_dta(str(path), disable_datetime_conversion=True)
    frame["record_id"] = frame["record_id"].str.strip()
    # CHOICE: under a repeated key (the plan's `key`) with conflicting content the first row stands: the repeat is the entry in doubt.
    frame = frame.drop_duplicates(key).copy()
    for column in date_columns:  # td days since 1960, whatever the display format; DEFECT: years no trial date can have become missing
        day = pd.to_numeric(frame[column], errors="coerce")
        frame[column] = STATA_EPOCH + pd.to_timedelta(day.where(day.between(18000, 30000)), unit="D")
    return frame


def women(folder: Path, cutoff: pd.Timestamp) -> pd.DataFrame:
    """One row per woman randomised: origins, arm, stratum, covariates and the dated end of participation."""
    redcap = read_redcap(folder)
    enrolment = redcap[redcap["redcap_event_name"] == "enrolment_arm_1"]
    out = pd.DataFrame({"randomised": dates(enrolment["enr_rand_date"]), "delivered": dates(enrolment["enr_delivery_date"])})
    out = out[out["randomised"].le(cutoff)]  # the plan's population: a date of randomisation, on or before the cutoff
    # CHOICE: the recorded randomisation date is the origin even where the allocation log has another day (one such case was seen); days count dates, not hours.
    # CHOICE: a missing or impossible delivery date (after randomisation) leaves every day postpartum undefined; none exists, so stop rather than impute.
    assert (out["delivered"] <= out["randomised"]).all(), "a woman was randomised without a usable date of delivery"
    for name in ("age", "art_weeks", "parity"):  # DEFECT: missing codes and junk text become missing
        out[name] = pd.to_numeric(enrolment[f"bas_{name}"], errors="coerce")
    out["parity"] = out["parity"].where(out["parity"].between(1, 12))  # the dictionary's range
    out["newly_diagnosed"] = enrolment["bas_newly_diagnosed"].map({"1": 1.0, "0": 0.0})
    log = pd.read_csv(folder / "allocation.csv", dtype=str, keep_default_na=False)
    log["id"] = log["id"].str.strip()
    # CHOICE: a woman twice in the log keeps the arm of the row of the day she was randomised, else of the earliest: as first allocated.
    log["other_day"] = dates(log["allocated_at"].str[:10]) != log["id"].map(out["randomised"])
    log = log.sort_values(["other_day", "allocated_at"], kind="stable").drop_duplicates("id").set_index("id")
    out["arm"], out["stratum"] = log["arm"], log["stratum"]
    end = redcap[redcap["redcap_event_name"] == "continuous_arm_1"].assign(date=lambda rows: dates(rows["eos_date"]))
    end = end[end["date"].le(cutoff) & (end["date"] >= out["randomised"].reindex(end.index))]  # DEFECT: an end before randomisation or past the cutoff is not used
    for name, code in {"died": "2", "proven": "3", "unproven": "4"}.items():
        out[name] = end.loc[end["eos_reason"] == code, "date"].reindex(out.index).fillna(FAR)
    # CHOICE: withdrawal, completion and "lost to the study" (5, 1, 6) end no follow-up: methods and E5's `censor` name only death and transfers, and refills go on.
    return out


def contacts(folder: Path, trial: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Every dispensing in any facility with the day the next is due: the restricted derivation, which may use days_supplied."""
    visits = read_stata(folder / "art_visits.dta", ["visit_date", "next_date"], ["record_id", "visit_date", "facility"])
    visits = visits[visits["record_id"].isin(trial.index)]  # DEFECT: unknown records
    died = visits["record_id"].map(trial["died"])
    # CHOICE: the recorded date of death is believed; a dispensing after it belongs to someone else. Past the cutoff or before 2015 (the dictionary's minimum): not used.
    visits = visits[visits["visit_date"].between(pd.Timestamp("2015-01-01"), cutoff) & (visits["visit_date"] <= died)]
    supply = visits["days_supplied"].where(visits["days_supplied"].between(7, 180))  # the dictionary's range
    gap = (visits["next_date"] - visits["visit_date"]).dt.days
    # CHOICE: a scheduled date not after its own visit, or more than a year ahead, counts as not recorded: supply decides; without supply, the trial's median supply.
    due = gap.where(gap.between(1, 365)).fillna(supply).fillna(supply.median())
    visits = visits.assign(scheduled=visits["visit_date"] + pd.to_timedelta(due, unit="D"), contact=visits["visit_date"])
    # CHOICE: two facilities on one day are one contact, with the later due date.
    return visits.groupby(["record_id", "visit_date"], as_index=False)[["scheduled", "contact"]].max().sort_values(["record_id", "visit_date"])


def bounds(result: str, log10: float, limit: float) -> tuple[float, float]:
    """The lowest and the highest value a reported viral load can be; NaN when it is no measurement."""
    text = re.sub(r"[\s,]", "", result).upper()
    if match := re.fullmatch(r"([<>]?)(\d+(?:\.\d+)?)", text):
        value = float(match[2])
        return {"": (value, value), "<": (0.0, np.nextafter(value, 0)), ">": (np.nextafter(value, np.inf), np.inf)}[match[1]]
    if text in {"TND", "LDL"}:  # CHOICE: LDL is below this assay's limit (20, 40: suppressed at all, as trial.md says; at a limit of 400 it is undecided at 50)
        return 0.0, 0.0 if text == "TND" else np.nextafter(limit, 0)
    if 0 <= log10 <= 7.5:  # CHOICE: a blank or unreadable result with a log10 value is measured: 10 to that power
        return 10**log10, 10**log10
    return np.nan, np.nan  # blank, "haemolysed", missing codes


def viral_loads(folder: Path, trial: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Study samples in a visit's window, by the day of the sample postpartum (not by the event the visit was filed under)."""
    lab = read_stata(folder / "laboratory.dta", ["sample_date"], ["record_id", "lab_number"])
    lab = lab[lab["record_id"].isin(trial.index) & (lab["vl_type"] == 1) & lab["sample_date"].le(cutoff)]  # study only; unknown records and future dates out
    lab = lab[lab["sample_date"] <= lab["record_id"].map(trial["died"])]  # DEFECT: a sample after death is not hers
    lab["day"] = (lab["sample_date"] - lab["record_id"].map(trial["delivered"])).dt.days
    lab["time"] = (lab["sample_date"] - lab["record_id"].map(trial["randomised"])).dt.days
    lab["visit"] = lab["day"].map(lambda day: next((v for v, (first, last) in WINDOWS.items() if first <= day <= last), None))
    lab[["low", "high"]] = [bounds(*row) for row in lab[["result", "log10_result", "assay_limit"]].itertuples(index=False)]
    return lab.dropna(subset=["visit"]).sort_values(["record_id", "sample_date", "lab_number"])[["record_id", "visit", "sample_date", "day", "time", "low", "high"]]


def suppression(loads: pd.DataFrame, trial: pd.DataFrame, cutoff: pd.Timestamp, visits: tuple[str, ...] = FOLLOWED) -> pd.DataFrame:
    """E7: woman x visit x threshold; 1, 0 or missing with the reason."""
    samples, rows = dict(iter(loads.groupby(["record_id", "visit"]))), []
    for woman, who in trial.iterrows():
        for visit in visits:
            found = samples.get((woman, visit))
            # CHOICE: of several samples in a window the last that is a measurement decides (trial.md: the last in the window).
            measured = loads[:0] if found is None else found.dropna(subset=["low"])
            closes = who["delivered"] + pd.Timedelta(days=WINDOWS[visit][1])
            for threshold in (50, 400, 1000):
                if len(measured):
                    # CHOICE: a measured value counts at E7 whether or not she is lost to ART care; "<400" at 50 is missing (indeterminate), never suppressed.
                    low, high = measured[["low", "high"]].iloc[-1]
                    value = 1.0 if high < threshold else 0.0 if low >= threshold else np.nan
                    reason = "indeterminate" if np.isnan(value) else "measured"
                else:
                    value, reason = np.nan, "unusable sample" if found is not None else "died" if who["died"] <= closes else "not yet closed" if closes > cutoff else "no sample"
                rows.append((woman, visit, threshold, value, reason))
    return pd.DataFrame(rows, columns=["record_id", "visit", "threshold", "value", "reason"])


def retention(seen: pd.DataFrame, who: pd.Series, rule: str, cutoff: pd.Timestamp) -> tuple[int, int]:
    """Time from randomisation and status (0 censored, 1 lost, 2 dead) under one retention rule."""
    kind, grace_days = RULES[rule]
    start, grace = who["randomised"], pd.Timedelta(days=grace_days)
    stop, stop_status = min((who["died"], 2), (who["proven"], 0), (who["unproven"], 0))
    dated = [pair for pair in seen[["visit_date", kind]].itertuples(index=False) if pair[0] <= stop]
    before = [pair for pair in dated if pair[0] <= start]
    # CHOICE: the chain starts with the last contact on or before randomisation; without one, randomisation itself stands in, due that day.
    chain = [before[-1] if before else (start, start)] + [pair for pair in dated if pair[0] > start]
    # CHOICE: a due date is kept by a contact before or on it too (the half-open (due, due + grace] alone would call a punctual woman lost).
    following = [pair[0] for pair in chain[1:]] + [FAR]
    due = next(due for (_, due), after in zip(chain, following, strict=True) if after > due + grace)
    # CHOICE: a transfer within the grace censors, as death within it is a death: the loss is not established before due + grace has passed.
    lost = stop > due + grace
    end, status = (max(due, start) + pd.Timedelta(days=1), 1) if lost else (stop, stop_status)  # the event day is the first day late
    last = max(min(cutoff - grace, start + pd.Timedelta(days=HORIZON)), start)  # CHOICE: randomised within the grace of an interim cutoff: censored at time 0
    if end > last:  # an event on the last day counts
        end, status = last, 0
    return (end - start).days, status


def success(seen: pd.DataFrame, who: pd.Series, load: pd.Series, cutoff: pd.Timestamp) -> tuple[float, str]:
    """E1: alive, in ART care at day 365 postpartum and below 50 at V3; for a failure its first reason."""
    day, grace = who["delivered"] + pd.Timedelta(days=PRIMARY_DAY), pd.Timedelta(days=90)
    # CHOICE: at an interim cut E1 is missing until her V3 window has closed, for failures known earlier too: else failures come first.
    if who["delivered"] + pd.Timedelta(days=WINDOWS["v3"][1]) > cutoff:
        return np.nan, "not yet assessable"
    if who["died"] <= day:  # CHOICE: dead on day 365 is not alive at day 365
        return 0.0, "died"
    if who["unproven"] <= day:
        return 0.0, "transfer without proof"
    # CHOICE: the live due date is that of her last contact by day 365 (so lost and back is in care; an early visit replaces the date it anticipates);
    # due on day 365 itself is among the dates <= 365, though her first day late would be day 366.
    past = seen[seen["visit_date"] <= day]
    due = past["scheduled"].iloc[-1] if len(past) else who["randomised"]
    later = min(seen.loc[seen["visit_date"] > day, "visit_date"].tolist(), default=FAR)
    # CHOICE: death or a proven transfer within the grace after day 365 is no loss; an unproven transfer there is no contact, so the date stays missed.
    # CHOICE: proof of ART elsewhere by day 365 is care, even had she been late before (proven <= day is proven <= due + grace, or she was lost and is back).
    if not (due > day or min(later, who["died"], who["proven"]) <= due + grace or who["proven"] <= day):
        return 0.0, "lost"
    if np.isnan(load["value"]):
        return 0.0, load["reason"]
    return (1.0, "success") if load["value"] == 1 else (0.0, "50 or more")


def viraemia(loads: pd.DataFrame, who: pd.Series) -> tuple[int, int, int]:
    """E2: day-clock time, visit-clock time (day postpartum the window closes) and status."""
    used = loads[loads["visit"].isin(FOLLOWED) & (loads["time"] > 0)].dropna(subset=["low"])
    above = used[used["low"] > 1000]  # any sample in a window, the first above: not only the one that E7 takes
    if len(above):
        return above["time"].iloc[0], WINDOWS[above["visit"].iloc[0]][1], 1
    death = (who["died"] - who["delivered"]).days
    # CHOICE: death up to day 822 competes on its own date even after missed visits; on the visit clock it falls on the close of the window it lies in.
    if death <= WINDOWS["v5"][1]:
        return (who["died"] - who["randomised"]).days, next(last for first, last in WINDOWS.values() if first <= death <= last), 2
    # CHOICE: censored at the last study value; a woman without any after V0 at time 0 (close of V0, 42, on the visit clock): she never enters a risk set with an event.
    return (used["time"].iloc[-1], WINDOWS[used["visit"].iloc[-1]][1], 0) if len(used) else (0, WINDOWS["v0"][1], 0)


def derive(folder: Path) -> dict[str, pd.DataFrame]:
    """E1, E2, E5 (and the other retention rules), E7 and the frames they come from, for every randomised woman."""
    cutoff = pd.Timestamp(yaml.safe_load((folder / "cut.yaml").read_text(encoding="utf-8"))["cutoff"])
    trial = women(folder, cutoff)
    seen, loads = contacts(folder, trial, cutoff), viral_loads(folder, trial, cutoff)
    e7 = suppression(loads, trial, cutoff)
    # CHOICE: the covariate is the V0 value measured by the day of randomisation, as the plan's variable says, not the stratum of the log.
    at_v0 = suppression(loads[loads["time"] <= 0], trial, cutoff, ("v0",))
    trial["vl50"] = at_v0[at_v0["threshold"] == 50].set_index("record_id")["value"]
    at_v3, e1, e2, kept = e7[(e7["visit"] == "v3") & (e7["threshold"] == 50)].set_index("record_id"), [], [], []
    for woman, who in trial.iterrows():
        hers = seen[seen["record_id"] == woman]
        e1.append((woman, *success(hers, who, at_v3.loc[woman], cutoff)))
        e2.append((woman, *viraemia(loads[loads["record_id"] == woman], who)))
        kept.extend((woman, rule, *retention(hers, who, rule, cutoff)) for rule in RULES)
    rules = pd.DataFrame(kept, columns=["record_id", "rule", "time", "status"])
    return {
        "women": trial, "contacts": seen, "viral_loads": loads, "E7": e7, "retention": rules,
        "E1": pd.DataFrame(e1, columns=["record_id", "value", "reason"]), "E2": pd.DataFrame(e2, columns=["record_id", "time", "visit_time", "status"]),
        "E5": rules[rules["rule"] == "ltfu_sched90"].drop(columns="rule").reset_index(drop=True),
    }  # fmt: skip


def miettinen_nurminen(x1: float, n1: float, x0: float, n0: float) -> tuple[float, float]:
    """The score interval of p1 - p0, with the factor N / (N - 1); the constrained estimate by its own score equation."""
    def score(delta: float) -> float:
        def slope(p: float) -> float:
            return x1 / (p + delta) - (n1 - x1) / (1 - p - delta) + x0 / p - (n0 - x0) / (1 - p)
        p0 = brentq(slope, max(0, -delta) + 1e-12, min(1, 1 - delta) - 1e-12, xtol=1e-15)
        variance = (p0 + delta) * (1 - p0 - delta) / n1 + p0 * (1 - p0) / n0
        return (x1 / n1 - x0 / n0 - delta) / np.sqrt(variance * (n1 + n0) / (n1 + n0 - 1))
    return brentq(lambda d: score(d) - Z, -1 + 1e-9, x1 / n1 - x0 / n0, xtol=1e-13), brentq(lambda d: score(d) + Z, x1 / n1 - x0 / n0, 1 - 1e-9, xtol=1e-13)


def aalen_johansen(time: pd.Series, status: pd.Series, horizon: float) -> float:
    """The cumulative incidence of status 1 through the horizon, with status 2 competing."""
    surviving, incidence = 1.0, 0.0
    for t in sorted(time[(status > 0) & (time <= horizon)].unique()):
        at_risk, here = (time >= t).sum(), status[time == t]
        incidence += surviving * (here == 1).sum() / at_risk
        surviving *= 1 - (here > 0).sum() / at_risk
    return incidence


def hazard_ratio(frame: pd.DataFrame) -> dict[str, float]:
    """Cox, Efron ties, stratified by the stratum of the allocation; any other status is censored: cause-specific."""
    data = frame[["time", "stratum"]].assign(event=frame["status"] == 1, club=(frame["arm"] == "club").astype(float))
    fit = CoxPHFitter().fit(data, "time", "event", strata=["stratum"], fit_options={"precision": 1e-12})
    beta, se = fit.params_["club"], fit.standard_errors_["club"]
    return {"hr": np.exp(beta), "se": se, "low": np.exp(beta - Z * se), "high": np.exp(beta + Z * se), "p": 2 * norm.sf(abs(beta / se))}


def standardised(frame: pd.DataFrame) -> dict[str, float]:
    """The marginal risks by g-computation over the adjusted logistic model; the variance of Ye et al. 2023 under permuted blocks within the strata."""
    covariates = frame[list(COVARIATES)].astype(float)  # missing: pooled over the arms, the mode of a binary covariate, the mean of a continuous one
    covariates = covariates.fillna({name: x.mode()[0] if name in {"vl50", "newly_diagnosed"} else x.mean() for name, x in covariates.items()})
    areas = pd.get_dummies(frame["stratum"].str.split(":").str[0], drop_first=True, dtype=float)  # randomisation was stratified by area and vl50
    design = sm.add_constant(pd.concat([(frame["arm"] == "club").astype(float).rename("club"), covariates, areas], axis=1), has_constant="add")
    fit = sm.Logit(frame["value"], design).fit(disp=0, tol=1e-12, maxiter=100)
    rows = [design.assign(club=club) for club in (0.0, 1.0)]
    p0, p1 = (fit.predict(x).to_numpy() for x in rows)
    rd = (p1 - p0).mean()
    variance = ye_covariance(frame.rename(columns={"value": "outcome"}), {"clinic": p0, "club": p1}, stratified=True)
    se = float(np.sqrt(np.array([-1, 1]) @ variance @ np.array([-1, 1])))
    return {"clinic": p0.mean(), "club": p1.mean(), "rd": rd, "se": se, "low": rd - Z * se, "high": rd + Z * se, "rr": p1.mean() / p0.mean()}


def estimate(derived: dict[str, pd.DataFrame], folder: Path) -> dict[str, float]:
    """The estimates by arm as allocated, the club against the clinic; the arms were joined in `derive`, so that nothing more is read from the folder."""
    trial = derived["women"].dropna(subset=["arm"])  # a woman who is not in the log has no arm: left out here, kept in derive
    joined = {name: derived[name].join(trial, on="record_id", how="inner") for name in ("E1", "E2", "E5", "E7", "retention")}
    e1 = joined["E1"].dropna(subset=["value"])
    counts = e1.groupby("arm")["value"].agg(["sum", "count"])
    x1, n1, x0, n0 = *counts.loc["club"], *counts.loc["clinic"]
    out: dict[str, float] = {"E1.clinic.events": x0, "E1.clinic.n": n0, "E1.club.events": x1, "E1.club.n": n1, "E1.rd": x1 / n1 - x0 / n0}
    out["E1.rd.low"], out["E1.rd.high"] = miettinen_nurminen(x1, n1, x0, n0)
    ratio, se = (x1 / n1) / (x0 / n0), np.sqrt(1 / x1 - 1 / n1 + 1 / x0 - 1 / n0)
    out |= {"E1.rr": ratio, "E1.rr.low": ratio * np.exp(-Z * se), "E1.rr.high": ratio * np.exp(Z * se)}
    out |= {f"E1.adjusted.{k}": v for k, v in standardised(e1).items()}
    for endpoint in ("E5", "E2"):
        out |= {f"{endpoint}.cox.{k}": v for k, v in hazard_ratio(joined[endpoint]).items()}
    for (rule, arm), rows in joined["retention"].groupby(["rule", "arm"]):
        name = "E5" if rule == "ltfu_sched90" else rule
        out |= {f"{name}.{arm}.{what}": (rows["status"] == code).sum() for what, code in (("lost", 1), ("died", 2))}
        out |= {f"{name}.{arm}.cif.{t}": aalen_johansen(rows["time"], rows["status"], t) for t in (183, 365, 730)}
    for arm, rows in joined["E2"].groupby("arm"):
        out |= {f"E2.{arm}.{what}": (rows["status"] == code).sum() for what, code in (("events", 1), ("died", 2))}
        out |= {f"E2.{arm}.cif.{t}": aalen_johansen(rows["visit_time"], rows["status"], t) for t in (456, 822)}
    for (arm, visit), rows in joined["E7"].query("threshold == 50 and reason != 'not yet closed'").groupby(["arm", "visit"]):
        out |= {f"E7.{arm}.{visit}.events": rows["value"].sum(), f"E7.{arm}.{visit}.n": len(rows), f"E7.{arm}.{visit}.available": rows["value"].count()}
    return {key: float(value) for key, value in out.items()}


if __name__ == "__main__":
    exports = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "exports/pacer/synthetic"
    found = derive(exports)
    print(len(found["women"]), "women;", *(f"{key} {value:.6g}\n" for key, value in estimate(found, exports).items()))
    print(pd.crosstab(found["E1"]["reason"], found["E1"]["record_id"].map(found["women"]["arm"])))
    print(found["retention"].groupby(["rule", "status"])["time"].agg(["count", "median"]))
    print(found["E7"].groupby(["threshold", "visit", "reason"])["value"].agg(["size", "sum"]).to_string())
