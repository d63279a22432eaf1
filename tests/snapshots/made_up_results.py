"""Results that no trial gave: plausible numbers for every analysis of a plan, written as the earlier steps would write them."""

from __future__ import annotations

import csv
import datetime
import json
import math
import random
from pathlib import Path

from pacer_analysis.plan import Cut, Plan, load
from pacer_analysis.results import CurvePoint, Estimate, write_curves, write_estimates
from tests.snapshots.made_up_quality import write_quality

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"club": 206, "clinic": 206, "A": 206, "B": 206, "": 412}
PEOPLE = {"screened": 538, "eligible": 431, "consented": 419, "randomised": 412}
RATE = {"club": 0.15, "clinic": 0.22, "A": 0.22, "B": 0.15, "": 0.185}
LOSS = ("", "death")
FINDING_COLUMNS = ["query_id", "record", "site", "event", "instrument", "instance", "field", "label", "value", "value_label", "rule", "severity",
                   "message", "action", "first_seen", "last_seen", "age_days", "status", "resolved_on", "comment", "source", "line"]
NASTY = '<script>alert("x")</script> & \'"><img src=x onerror=1>'


def plan() -> Plan:
    return load(ROOT / "analysis_plan" / "pacer")


def cut(kind: str = "interim") -> Cut:
    return Cut(name="2016-06", cutoff=datetime.date(2016, 6, 30), kind=kind, folder=Path("exports"), locked_at="2016-07-04", previous="2015-12",
               series="dsmb-1")


def interval(share: float, n: int) -> tuple[float, float, float]:
    se = math.sqrt(max(share * (1 - share), 0.002) / n)
    return se, max(0.0, share - 1.96 * se), min(1.0, share + 1.96 * se)


class Maker:
    """Rows of one audience: `arms` with the reference last, pooled rows always."""

    def __init__(self, trial: Plan, audience: str, arms: tuple[str, ...], seed: int = 11) -> None:
        self.trial, self.audience, self.arms, self.dice = trial, audience, arms, random.Random(seed)
        self.rows: list[Estimate] = []
        self.points: list[CurvePoint] = []

    def add(self, analysis: str, measure: str, **facts: object) -> None:
        plan = self.trial.analyses[analysis]
        arm, contrast, term, time = (facts.get(name, "") for name in ("arm", "contrast", "term", "time"))
        at = f"@{time:g}" if isinstance(time, float) else ""
        key = f"{analysis}:{contrast or arm}:{term}{at}:{measure}"
        facts.setdefault("scale", "absolute")
        facts["events"] = int(facts["events"]) if facts.get("events") is not None else None
        facts.setdefault("witness", "statsmodels 0.15.0: estimate, se" if facts.get("estimate") is not None and measure != "count" else "none")
        facts.setdefault("agreement", 3.2e-13 if facts["witness"] != "none" else None)
        self.rows.append(Estimate(id=key, analysis=analysis, sap=plan.sap, role=plan.role, audience=self.audience, endpoint=plan.endpoint,
                                  population=plan.population,
                                  estimator=plan.estimator, measure=measure, **facts))  # type: ignore[arg-type]  # typed by column name

    def places(self, analysis: str) -> list[str]:
        by = self.trial.analyses[analysis].by
        return ([] if by == "pooled" else list(self.arms)) + ([""] if by != "arms" else [])

    def count(self, analysis: str) -> None:
        rare = {"with_death": 0.009, "with_infant_death": 0.005, "with_infant_hiv": 0.0}
        for term in self.trial.analyses[analysis].options["of"]:
            share = rare.get(term, 0.02 + 0.2 * self.dice.random())
            for arm in self.places(analysis):
                size = SIZES[arm] if self.trial.analyses[analysis].population == "randomised" else PEOPLE["screened"]
                value = PEOPLE[term] if term in PEOPLE and not arm else size if term == "randomised" else round(size * (0.86
                        if term.endswith("_v3") else share))
                self.add(analysis, "count", arm=arm, term=term, estimate=float(value), n=size, observed=size, missing=0, method="Number of people")
                self.add(analysis, "proportion", arm=arm, term=term, estimate=value / size, n=size, observed=size, events=value, missing=0,
                         method="Number of people over those with the fact known")

    def describe(self, analysis: str) -> None:
        for name in self.trial.analyses[analysis].options["variables"]:
            variable = self.trial.participants.variables.get(name)
            levels = {"education": ("1", "2", "3"), "site": ("gugulethu", "nyanga", "philippi")}.get(name)
            for arm in self.places(analysis):
                n = SIZES[arm]
                method = "Moments; quantiles of type 7"
                missing = 4 if name == "epds0" else 0
                if levels:
                    cut_at = sorted(self.dice.randint(1, n - 1) for _ in levels[1:])
                    for level, low, high in zip(levels, [0, *cut_at], [*cut_at, n], strict=True):
                        self.add(analysis, "proportion", arm=arm, term=f"{name}={level}", estimate=(high - low) / n, events=high - low, n=n,
                                 observed=n, missing=0, method="Counts of levels")
                elif variable is not None and variable.kind == "binary":
                    self.add(analysis, "proportion", arm=arm, term=name, estimate=round(n * 0.6) / n, events=round(n * 0.6), n=n, observed=n,
                             missing=0, method="Counts of levels")
                else:
                    mean = {"age": 28.614, "parity": 2.1, "art_weeks": 22.31, "vl0": 61.3}.get(name, 11.2) + self.dice.random() / 3
                    for measure, value in (("mean", mean), ("sd", mean / 5), ("median", float(round(mean))),
                                           ("lower_quartile", float(round(mean * 0.8))), ("upper_quartile", mean * 1.25), ("minimum", 1.0),
                                           ("maximum", mean * 3)):
                        self.add(analysis, measure, arm=arm, term=name, estimate=value, se=mean / 5 / math.sqrt(n) if measure == "mean" else None,
                                 n=n - missing, observed=n - missing, missing=missing, method=method)
            if len(self.arms) == 2:
                self.add(analysis, "smd", scale="difference", term=name, contrast=self.contrast("-"), estimate=round(self.dice.gauss(0, 0.07), 6),
                         method="Difference in means over the pooled standard deviation")

    def proportion(self, analysis: str) -> None:
        entry = self.trial.analyses[analysis]
        assert self.trial.visits is not None
        visits = [visit for visit in self.trial.visits.schedule if visit.id != "v0"] if entry.outcome or entry.endpoint == "E7" else [None]
        for place, visit in enumerate(visits):
            for arm in self.places(analysis):
                size = SIZES[arm]
                observed = round(size * (0.95 - 0.04 * place))
                n = observed if entry.missing == "available" else size
                share = (1 - RATE[arm]) * (0.98 - 0.02 * place)
                events = round(n * share)
                se, low, high = interval(events / n, n)
                self.add(analysis, "proportion", arm=arm, term=visit.id if visit else "", time=float(visit.target) if visit else None,
                         estimate=events / n, se=se, low=low, high=high, level=0.95,
                         n=n, observed=observed, events=events, missing=size - observed, method="Wilson interval")

    def contrast(self, sign: str) -> str:
        return f"{self.arms[0]} {sign} {self.arms[1]}"

    def difference(self, analysis: str, term: str, time: float | None, size: float, method: str) -> None:
        se = 0.0413
        self.add(analysis, "rd", scale="difference", contrast=self.contrast("-"), term=term, time=time, estimate=size, se=se, low=size - 1.96 * se,
                 high=size + 1.96 * se, level=0.95,
                 p=math.erfc(abs(size / se) / math.sqrt(2)), sides=2, n=412, observed=371, events=302, missing=41, method=method)
        for measure, factor in (("rr", 1.3), ("or", 4.5)):
            log = size * factor
            self.add(analysis, measure, scale="ratio", contrast=self.contrast("/"), term=term, time=time, estimate=math.exp(log), se=se * factor,
                     low=math.exp(log - 1.96 * se * factor),
                     high=math.exp(log + 1.96 * se * factor), level=0.95, n=412, observed=371, events=302, missing=41, method=method)

    def risk_difference(self, analysis: str) -> None:
        assert self.trial.visits is not None
        method = "Difference of proportions, Miettinen-Nurminen score interval"
        if self.trial.analyses[analysis].endpoint == "E7":
            for visit in self.trial.visits.schedule[1:]:
                self.difference(analysis, visit.id, float(visit.target), 0.05 + 0.02 * self.dice.random(), method)
        else:
            self.difference(analysis, "", None, 0.0728, method)
            self.add(analysis, "p", scale="test", contrast=self.contrast("-"), p=0.091, sides=2, n=412, events=302, missing=41,
                     method="Fisher's exact test")

    def standardisation(self, analysis: str) -> None:
        for arm in self.arms:
            share = (1 - RATE[arm]) * 0.9
            se, low, high = interval(share, 206)
            self.add(analysis, "proportion", arm=arm, estimate=share, se=se, low=low, high=high, level=0.95, n=206,
                     method="Marginal proportion under each arm, logistic model")
        self.difference(analysis, "", None, 0.0817, "Standardisation over a logistic model, delta method")

    def stratified_risk_difference(self, analysis: str) -> None:
        self.difference(analysis, "", None, 0.0741, "Mantel-Haenszel over the strata, Sato's SE")
        self.add(analysis, "chisq", scale="test", contrast=self.contrast("-"), term="homogeneity", statistic=3.12, df=5.0, p=0.681, sides=2, n=412, events=302, missing=41,
                 method="Breslow and Day's chi-square")

    def proportional_hazards(self, analysis: str) -> None:
        self.add(analysis, "chisq", scale="test", contrast=self.contrast("-"), statistic=0.41, df=1.0, p=0.522, sides=2, n=412, events=76, missing=0, method="Score test")

    def gray(self, analysis: str) -> None:
        for term, statistic, p in zip(LOSS, (2.71, 0.02), (0.0997, 0.888), strict=True):
            self.add(analysis, "chisq", scale="test", contrast=self.contrast("-"), term=term, statistic=statistic, df=1.0, p=p, sides=2, n=412, events=76, missing=0, method="Gray's test")

    def rmst(self, analysis: str) -> None:
        for horizon in self.trial.analyses[analysis].options["times"]:
            for arm in self.arms:
                self.add(analysis, "rmst", arm=arm, time=float(horizon), estimate=0.9 * horizon, se=4.1, low=0.9 * horizon - 8, high=0.9 * horizon + 8, level=0.95, n=206, events=38,
                         missing=0, method="Restricted mean, area under Kaplan-Meier")
            self.add(analysis, "rmst_difference", scale="difference", contrast=self.contrast("-"), time=float(horizon), estimate=7.35, se=5.8, low=-4.02, high=18.72, level=0.95, p=0.205,
                     sides=2, n=412, events=76, missing=0, method="Difference of restricted means")

    def logistic(self, analysis: str) -> None:
        for term in ("", *self.trial.analyses[analysis].covariates):
            log = 0.4 if not term else self.dice.gauss(0, 0.2)
            self.add(analysis, "or", scale="ratio", contrast=self.contrast("/") if not term else "", term=term, estimate=math.exp(log), se=0.19,
                     low=math.exp(log - 0.37), high=math.exp(log + 0.37),
                     level=0.95, p=0.031 if not term else 0.4, sides=2, n=412, events=302, missing=0,
                     method="Logistic regression, maximum likelihood, Wald interval")

    def steps(self, key: str, arm: str, rate: float, last: int, *, falling: bool, count: int) -> dict[float, tuple[float, float, float]]:
        at_risk, value, found = SIZES[arm], 1.0, {}
        times = sorted(self.dice.randint(20, last) for _ in range(count))
        share = rate / max(count, 1)
        for place, time in enumerate(dict.fromkeys(times)):
            value -= share
            shown = value if falling else 1 - value
            _, low, high = interval(shown, SIZES[arm])
            self.points.append(CurvePoint(key, float(time), shown, low, high, at_risk, 1, 1 if place % 2 else 0))
            at_risk -= 1 + place % 2
            found[float(time)] = (shown, low, high)
        return found

    def survival(self, analysis: str, measure: str) -> None:
        entry = self.trial.analyses[analysis]
        causes = ("",) if measure == "survival" else LOSS
        for arm in self.places(analysis):
            for cause in causes:
                rate = RATE[arm] if cause != "death" else 0.012
                found = self.steps(f"{analysis}:{arm}:{cause}", arm, rate, 800, falling=measure == "survival", count=3 if cause == "death" else 40)
                for horizon in entry.options["times"]:
                    time = max((at for at in found if at <= horizon), default=None)
                    value, low, high = found[time] if time else ((1.0, 1.0, 1.0) if measure == "survival" else (0.0, 0.0, 0.0))
                    self.add(analysis, measure, arm=arm, term=cause, time=float(horizon), estimate=value, se=0.02, low=low, high=high, level=0.95,
                             n=SIZES[arm], events=12, missing=0,
                             method="Kaplan-Meier, log-log interval" if measure == "survival" else "Aalen-Johansen, log-log interval")
                    self.add(analysis, "events", arm=arm, term=cause, time=float(horizon), estimate=float(horizon // 20), n=SIZES[arm])
                    if not cause:
                        self.add(analysis, "at_risk", arm=arm, term=cause, time=float(horizon), estimate=float(SIZES[arm] - horizon // 6),
                                 n=SIZES[arm])
            if measure == "survival":
                self.add(analysis, "median", arm=arm, n=SIZES[arm], method="Brookmeyer-Crowley interval", note="median not reached")
        if len(self.arms) == 2 and measure == "cif":
            for horizon in entry.options["times"]:
                self.add(analysis, "rd", scale="difference", contrast=self.contrast("-"), term=LOSS[0], time=float(horizon), estimate=-0.061,
                         se=0.038, low=-0.135, high=0.0134, level=0.95, p=0.108, sides=2,
                         n=412, method="Difference of Aalen-Johansen estimates")

    def kaplan_meier(self, analysis: str) -> None:
        self.survival(analysis, "survival")

    def cumulative_incidence(self, analysis: str) -> None:
        self.survival(analysis, "cif")

    def logrank(self, analysis: str) -> None:
        self.add(analysis, "expected", arm=self.arms[0], estimate=52.306, n=206, events=41)
        self.add(analysis, "chisq", scale="test", contrast=self.contrast("-"), statistic=2.6134, df=1.0, p=0.106, sides=2, n=412, events=76,
                 missing=0, method="Stratified log-rank test")

    def cox(self, analysis: str) -> None:
        self.add(analysis, "hr", scale="ratio", contrast=self.contrast("/"), estimate=0.6891, se=0.231, low=0.438, high=1.084, level=0.95, p=0.107,
                 sides=2, n=412, events=76, missing=0,
                 method="Cox, Efron ties, stratified, Wald interval", witness="lifelines 0.30.3: estimate, se", agreement=2.0e-9)
        self.add(analysis, "chisq", scale="test", contrast=self.contrast("-"), term="likelihood ratio", statistic=2.66, df=1.0, p=0.103, sides=2,
                 n=412, events=76, missing=0, method="Likelihood-ratio test")

    def fill(self) -> Maker:
        for analysis in self.trial.analyses.values():
            if len(self.arms) < 2 and analysis.by == "arms":
                continue
            getattr(self, analysis.estimator)(analysis.id)
        return self


def withheld(rows: list[Estimate], trial: Plan) -> list[Estimate]:
    """What an interim closed report holds: comparisons of outcomes replaced by one row that says why."""
    kept = [row for row in rows if not (row.contrast or row.measure == "chisq")
            or trial.analyses[row.analysis].topic not in ("suppression", "retention")]
    kept = [row for row in kept if trial.analyses[row.analysis].topic not in ("suppression", "retention")]
    for analysis in trial.analyses.values():
        if analysis.topic in ("suppression", "retention"):
            kept.append(Estimate(id=f"{analysis.id}:::withheld", analysis=analysis.id, sap=analysis.sap, role=analysis.role, audience="closed",
                                 endpoint=analysis.endpoint, population=analysis.population,
                                 estimator=analysis.estimator, note="withheld: no look is planned at this cut"))
    return kept


def findings(count: int, seed: int = 5) -> list[dict[str, str]]:
    dice = random.Random(seed)
    rules = [("date_in_future", "error", "A date lies after the data cut."),
             ("vl_without_sample", "warning", "A viral load has a result and no sample date."),
             ("weight_range", "warning", "Birth weight is outside 500 to 6000 g."), ("missing_parity", "info", "Parity is blank.")]
    rows = []
    for place in range(count):
        rule, severity, message = dice.choice(rules)
        rows.append(dict(zip(FINDING_COLUMNS, (
            f"q{place:06d}", f"SYN-{dice.randint(1, 538):04d}", dice.choice(("gugulethu", "nyanga", "philippi")), "month_12_arm_1",
            dice.choice(("study_visit", "baseline", "infants")), str(dice.randint(0, 2)),
            "vis_date", "Date of visit", NASTY if place == 0 else "2017-03-01", "", rule, severity, message,
            "Correct it in the database or confirm it.", "2016-06-30", "2016-06-30",
            str(dice.randint(0, 60)), dice.choice(("new", "open", "open", "resolved", "reopened")), "", "", "redcap", str(place + 2)), strict=True)))
    return rows


def write_csv(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write(folder: Path, *, queries: int = 260, kind: str = "interim", trial: Plan | None = None) -> Path:
    """A results folder of one cut with every file that the reports read."""
    trial = trial or plan()
    for name in ("clean", "open", "restricted/closed", "restricted/final"):
        (folder / name).mkdir(parents=True)
    rules = [("date_in_future", "error", 4120, 61, 12, ""), ("vl_without_sample", "warning", 1650, 70, 310, "result or sample date blank"),
             ("weight_range", "warning", 412, 66, 9, "weight blank"),
             ("missing_parity", "info", 412, 63, 0, ""), ("club_before_randomisation", "error", 0, 0, 0, "reserved for the closed report"),
             ("never_failed", "error", 538, 0, 0, "")]
    write_csv(folder / "clean/rules.csv", ["rule", "severity", "evaluated", "failed", "not_evaluable", "reason"],
              [dict(zip(("rule", "severity", "evaluated", "failed", "not_evaluable", "reason"), map(str, rule), strict=True)) for rule in rules])
    write_csv(folder / "clean/queries.csv", FINDING_COLUMNS, findings(queries))
    write_csv(folder / "restricted/rules_closed.csv", ["rule", "severity", "evaluated", "failed", "not_evaluable", "reason"],
              [{"rule": "club_before_randomisation", "severity": "error", "evaluated": "206", "failed": "7", "not_evaluable": "0", "reason": ""}])
    write_csv(folder / "restricted/queries_closed.csv", FINDING_COLUMNS,
              [{**row, "rule": "club_before_randomisation"} for row in findings(7, seed=9)])
    write_csv(folder / "clean/inventory.csv", ["source", "file", "reader", "rows", "columns", "records", "forms", "note"],
              [{"source": source.id, "file": source.file.replace("*", "Study"), "reader": source.reader, "rows": "5021", "columns": "240",
                "records": "538", "forms": "14", "note": ""} for source in trial.open_sources()])
    write_quality(folder / "clean")
    (folder / "clean/cut.json").write_text(json.dumps({"study": trial.id, "cut": "2016-06", "cutoff": "2016-06-30", "kind": kind,
                                                       "locked_at": "2016-07-04", "series": "dsmb-1", "previous": "2015-12", "synthetic": True}))
    digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    for place, audience, arms in (("open", "open", ()), ("restricted/closed", "closed", ("B", "A")),
                                  ("restricted/final", "final", ("club", "clinic"))):
        made = Maker(trial, audience, arms).fill()
        rows = withheld(made.rows, trial) if audience == "closed" and kind == "interim" else made.rows
        points = [] if audience == "closed" and kind == "interim" else made.points
        write_estimates(folder / place / "estimates.csv", rows)
        write_curves(folder / place / "curves.csv", points)
        (folder / place / "manifest.json").write_text(json.dumps({
            "study": trial.id, "cut": "2016-06", "inputs": {"sets/participants.parquet": digest}, "plan": digest, "dictionary": digest,
            "code": digest, "lock": digest, "python": "3.11.2",
            "versions": {"pandas": "2.3.3", "lifelines": "0.30.3"}, "seed": 20150201, "outputs": {"estimates.csv": digest, "curves.csv": digest}}))
    return folder
