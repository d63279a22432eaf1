"""`make bench`: Cox, log-rank and logistic fits beside R and lifelines, and a thousand small trials beside an R loop.

    python tests/bench_statistics.py [--runs 3] [--rows 500 10000 300000] [--trials 1000]

The fastest of the runs, wall time, on the same data one after the other. R reads the same CSV files and times itself, from the data frame in memory to the fitted object,
starting with a first fit that is not counted; here the clock runs from NumPy arrays to coefficients, covariance and statistics. Without Rscript nothing is compared.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from lifelines.statistics import logrank_test

REPOSITORY = Path(__file__).resolve().parent.parent
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "MKL", "OMP")}   # as in every run of the package
COVARIATES = ("arm", "x1", "x2", "x3")
WOMEN = 412
R_SCRIPT = r"""
suppressMessages(library(survival))
arguments <- commandArgs(TRUE); runs <- as.integer(arguments[2])
said <- function(name, seconds, value) cat(name, sprintf("%.9f", seconds), sprintf("%.12g", value), sep = ",", fill = TRUE)
repeated <- function(f, times) function() { for (i in seq_len(times)) found <- f(); found }
for (n in as.integer(strsplit(arguments[3], " ")[[1]])) {
  d <- read.csv(file.path(arguments[1], paste0("rows-", n, ".csv")))
  times <- if (n < 5000) 50 else 1   # R's clock ticks in milliseconds
  one <- function(name, f, value) {
    fitted <- f()
    inside <- repeated(f, times)
    said(name, min(replicate(runs, { start <- proc.time()[["elapsed"]]; inside(); proc.time()[["elapsed"]] - start })) / times, value(fitted))
  }
  one(paste0("cox ", n), function() coxph(Surv(time, event) ~ arm + x1 + x2 + x3, d), function(f) coef(f)[["arm"]])
  one(paste0("cox by day ", n), function() coxph(Surv(day, event) ~ arm + x1 + x2 + x3, d), function(f) coef(f)[["arm"]])
  one(paste0("logrank ", n), function() survdiff(Surv(time, event) ~ arm, d), function(f) f$chisq)
  one(paste0("logistic ", n), function() glm(event ~ arm + x1 + x2 + x3, binomial, d), function(f) coef(f)[["arm"]])
}
d <- read.csv(file.path(arguments[1], "trials.csv"))
trials <- split(d, d$trial)
wald <- function(t) {
  one <- t$outcome[t$arm == 1]; zero <- t$outcome[t$arm == 0]
  c(mean(one) - mean(zero), sqrt(mean(one) * (1 - mean(one)) / length(one) + mean(zero) * (1 - mean(zero)) / length(zero)))
}
loop <- function(name, f) {
  values <- vapply(trials, f, 0)
  said(name, min(replicate(runs, { start <- proc.time()[["elapsed"]]; vapply(trials, f, 0); proc.time()[["elapsed"]] - start })), mean(values))
}
loop("simulated cox", function(t) { f <- coxph(Surv(time, event) ~ arm, t); vcov(f); coef(f)[[1]] })
loop("simulated logrank", function(t) survdiff(Surv(time, event) ~ arm, t)$chisq)
loop("simulated risk difference", function(t) wald(t)[1])
first <- trials[[1]]; set.seed(1)
again <- function() first[sample(nrow(first), replace = TRUE), ]
loop("bootstrap cox", function(t) { f <- coxph(Surv(time, event) ~ arm, again()); vcov(f); coef(f)[[1]] })
loop("bootstrap logrank", function(t) survdiff(Surv(time, event) ~ arm, again())$chisq)
loop("bootstrap risk difference", function(t) wald(again())[1])
"""


def cohort(n: int, seed: int = 1) -> pd.DataFrame:
    """People with an arm and three covariates, exponential times to the event, about 40% censored; `day` has ties."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    arm = (rng.random(n) < 0.5).astype(int)
    event_time, censored = rng.exponential(np.exp(0.4 * arm - x @ [0.3, -0.2, 0.1])), rng.exponential(1.5, n)
    moment = np.round(np.minimum(event_time, censored), 7)   # R takes times for tied that differ by less than 1e-8 of their size
    return pd.DataFrame({"time": moment, "day": np.ceil(moment * 365), "event": (event_time <= censored).astype(int), "arm": arm, **{f"x{j + 1}": x[:, j] for j in range(3)}})


def simulated(trials: int, seed: int = 2) -> dict[str, np.ndarray]:
    """Arrays (trials, women): time in days, event, arm, outcome at one year."""
    rng = np.random.default_rng(seed)
    arm = (rng.random((trials, WOMEN)) < 0.5).astype(int)
    event_time, censored = rng.exponential(700 * np.exp(0.3 * arm)), rng.uniform(365, 822, (trials, WOMEN))
    moment = np.minimum(event_time, censored)
    return {"time": np.ceil(moment), "event": (event_time <= censored).astype(int), "arm": arm, "outcome": (event_time > 365).astype(int)}


def fastest_of(runs: int, job: Callable[[], float]) -> tuple[float, float]:
    """Least seconds over the runs, after one that is not counted, and what the job found."""
    value = job()
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        job()
        taken.append(time.perf_counter() - started)
    return min(taken), value


def one_fit(data: pd.DataFrame, n: int) -> dict[str, Callable[[], float]]:
    """The package's own computations on these rows, by name."""
    from pacer_analysis.estimators import _logistic_model
    from pacer_analysis.estimators._survival import log_rank, partial_likelihood

    moment, day, event, x = data["time"].to_numpy(), data["day"].to_numpy(), data["event"].to_numpy() == 1, data[list(COVARIATES)].to_numpy(dtype=float)
    arm = data["arm"].to_numpy()

    def rank() -> float:
        return log_rank.statistic(log_rank.sums(moment, event, arm, 2))

    return {f"cox {n}": lambda: float(partial_likelihood.maximise(moment, event, x, COVARIATES).coefficients[0]),
            f"cox by day {n}": lambda: float(partial_likelihood.maximise(day, event, x, COVARIATES).coefficients[0]),
            f"logrank {n}": rank,
            f"logistic {n}": lambda: float(_logistic_model.fit(x, event.astype(float), COVARIATES).coefficients[1])}


def by_lifelines(data: pd.DataFrame, n: int) -> dict[str, Callable[[], float]]:
    """The same by lifelines, where it has it."""
    columns = data[["time", "event", *COVARIATES]]
    groups = [data[data["arm"] == k] for k in (1, 0)]
    days = data[["day", "event", *COVARIATES]]
    return {f"cox {n}": lambda: float(CoxPHFitter().fit(columns, "time", "event").params_["arm"]),
            f"cox by day {n}": lambda: float(CoxPHFitter().fit(days, "day", "event").params_["arm"]),
            f"logrank {n}": lambda: float(logrank_test(groups[0]["time"], groups[1]["time"], groups[0]["event"], groups[1]["event"]).test_statistic)}


def many_trials(arrays: dict[str, np.ndarray], trials: int) -> dict[str, Callable[[], float]]:
    """All trials at once, simulated and resampled from the first."""
    from pacer_analysis.estimators._survival.batch import cox_batch, logrank_batch

    moment, event, arm, outcome = (arrays[name] for name in ("time", "event", "arm", "outcome"))
    rng = np.random.default_rng(3)

    def difference(happened: np.ndarray, second: np.ndarray, number: np.ndarray) -> float:
        sizes = number.sum(axis=1), (number * second).sum(axis=1)
        one, zero = (number * second * happened).sum(axis=1) / sizes[1], (number * (1 - second) * happened).sum(axis=1) / (sizes[0] - sizes[1])
        np.sqrt(one * (1 - one) / sizes[1] + zero * (1 - zero) / (sizes[0] - sizes[1]))
        return float((one - zero).mean())

    def resamples() -> np.ndarray:
        return rng.multinomial(WOMEN, np.full(WOMEN, 1 / WOMEN), size=trials)

    return {"simulated cox": lambda: float(np.mean(cox_batch(moment, event, arm).coefficients)),
            "simulated logrank": lambda: float(np.mean(logrank_batch(moment, event, arm).statistic)),
            "simulated risk difference": lambda: difference(outcome, arm, np.ones_like(arm)),
            "bootstrap cox": lambda: float(np.mean(cox_batch(moment[0], event[0], arm[:1], frequency=resamples()).coefficients)),
            "bootstrap logrank": lambda: float(np.mean(logrank_batch(moment[0], event[0], arm[:1], frequency=resamples()).statistic)),
            "bootstrap risk difference": lambda: difference(outcome[:1], arm[:1], resamples())}


def by_r(folder: Path, runs: int, rows: list[int]) -> dict[str, tuple[float, float]]:
    """Seconds and value of each job in R, as R measured them; nothing without Rscript."""
    if shutil.which("Rscript") is None:
        return {}
    (folder / "bench.R").write_text(R_SCRIPT, encoding="utf-8")
    done = subprocess.run(["Rscript", "--vanilla", str(folder / "bench.R"), str(folder), str(runs), " ".join(map(str, rows))], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"R stopped\n{done.stderr}")
    return {name: (float(seconds), float(value)) for name, seconds, value in csv.reader(done.stdout.splitlines())}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rows", type=int, nargs="+", default=[500, 10_000, 300_000])
    parser.add_argument("--trials", type=int, default=1000)
    arguments = parser.parse_args()
    if not ONE_THREAD.items() <= os.environ.items():   # read when NumPy is imported: once more, from the start
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ONE_THREAD, "PYTHONPATH": str(REPOSITORY)})
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours: dict[str, tuple[float, float]] = {}
        lifelines: dict[str, tuple[float, float]] = {}
        cohorts = {n: cohort(n) for n in arguments.rows}
        for n, data in cohorts.items():
            data.to_csv(folder / f"rows-{n}.csv", index=False, float_format="%.17g")
        arrays = simulated(arguments.trials)
        pd.DataFrame({"trial": np.repeat(np.arange(arguments.trials), WOMEN), **{key: value.ravel() for key, value in arrays.items()}}).to_csv(folder / "trials.csv", index=False)
        r = by_r(folder, arguments.runs, arguments.rows)
        for n, data in cohorts.items():
            for job, run in one_fit(data, n).items():
                ours[job] = fastest_of(arguments.runs if n > 5000 else 10 * arguments.runs, run)
            for job, run in by_lifelines(data, n).items():
                lifelines[job] = fastest_of(min(arguments.runs, 3), run)
        for job, run in many_trials(arrays, arguments.trials).items():
            ours[job] = fastest_of(arguments.runs, run)
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}; the fastest of {arguments.runs} runs, milliseconds; {arguments.trials:,} trials of n = {WOMEN}"
          f"{'' if r else '; R is not installed: nothing to compare with'}")
    print(f"{'':<28}{'here':>10}{'R':>10}{'lifelines':>11}{'R / here':>10}{'lifelines / here':>18}{'difference from R':>19}")
    for job, (seconds, value) in ours.items():
        theirs, other = r.get(job), lifelines.get(job)
        cells = [f"{1000 * seconds:.2f}", f"{1000 * theirs[0]:.1f}" if theirs else "", f"{1000 * other[0]:.1f}" if other else "",
                 f"{theirs[0] / seconds:.1f}x" if theirs else "", f"{other[0] / seconds:.1f}x" if other else "",
                 f"{abs(theirs[1] / value - 1):.0e}" if theirs and not job.startswith("bootstrap") else ""]
        print(f"{job:<28}" + "".join(f"{cell:>{width}}" for cell, width in zip(cells, (10, 10, 11, 10, 18, 19), strict=True)))
    for kind in ("simulated", "bootstrap"):
        here, there = (sum(times[job][0] for job in ours if job.startswith(kind)) if times else 0.0 for times in (ours, r))
        if r:
            print(f"{kind + ', all three':<28}{1000 * here:>10.2f}{1000 * there:>10.1f}{'':>11}{there / here:>9.1f}x")


if __name__ == "__main__":
    main()
