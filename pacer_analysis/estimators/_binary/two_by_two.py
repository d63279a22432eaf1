"""Everything one two-by-two table says, each quantity computed twice."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaln
from scipy.stats import chi2_contingency, fisher_exact
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.proportion import confint_proportions_2indep

from pacer_analysis.errors import NotEstimable
from pacer_analysis.estimators._binary import miettinen_nurminen
from pacer_analysis.estimators._normal import chi_square, quantile, two_sided
from pacer_analysis.estimators._witness import agreement, library
from pacer_analysis.results import Estimate


@dataclass(frozen=True, slots=True)
class Table:
    """Events and people of an arm and of the reference."""

    x1: int
    n1: int
    x0: int
    n0: int
    arm: str
    reference: str

    @property
    def cells(self) -> list[list[int]]:
        """Events and non-events by arm."""
        return [[self.x1, self.n1 - self.x1], [self.x0, self.n0 - self.x0]]


def compare(table: Table, *, interval: str, method: str, level: float) -> list[Estimate]:
    """Difference, ratio, odds ratio, chi-square and Fisher's test; each blank with its note where it does not exist."""
    minus, over = f"{table.arm} - {table.reference}", f"{table.arm} / {table.reference}"
    blanks = {
        "rd": Estimate(measure="rd", scale="difference", contrast=minus, method=method, level=level),
        "rr": Estimate(measure="rr", scale="ratio", contrast=over, method="Risk ratio, Wald interval and test on the log scale", level=level),
        "or": Estimate(measure="or", scale="ratio", contrast=over, method="Odds ratio, Wald interval and test on the log scale (Woolf)", level=level),
        "chisq": Estimate(measure="chisq", scale="test", contrast=minus, method="Pearson chi-square test without continuity correction"),
        "p": Estimate(measure="p", scale="test", contrast=minus, method="Fisher's exact test (two-sided: tables no likelier than the one seen)"),
    }
    rows = []
    for measure, blank in blanks.items():
        try:
            if not table.n1 and not table.n0:
                raise NotEstimable("no one with the outcome known")
            if not table.n1 or not table.n0:
                raise NotEstimable(f"no one with the outcome known in arm {table.reference if table.n1 else table.arm}")
            rows.append(difference(table, blank, interval, level) if measure == "rd" else
                        ratio(table, blank, level) if measure in {"rr", "or"} else
                        pearson(table, blank) if measure == "chisq" else fisher(table, blank))
        except NotEstimable as reason:
            rows.append(replace(blank, level=None, witness="none", note=reason.what))
    return rows


def difference(table: Table, blank: Estimate, interval: str, level: float) -> Estimate:
    """The risk difference with the interval asked for."""
    x1, n1, x0, n0 = table.x1, table.n1, table.x0, table.n0
    p1, p0 = x1 / n1, x0 / n0
    estimate, se = p1 - p0, math.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    row = replace(blank, estimate=estimate, se=se)
    if interval == "miettinen-nurminen":
        low, high = miettinen_nurminen.interval(x1, n1, x0, n0, level)
        z = miettinen_nurminen.score(x1, n1, x0, n0, 0.0)
        other = miettinen_nurminen.interval_by_grid(x1, n1, x0, n0, level)
        pooled = (x1 + x0) / (n1 + n0)
        null = pooled * (1 - pooled) * (1 / n1 + 1 / n0) * (n1 + n0) / (n1 + n0 - 1)
        again = two_sided(estimate / math.sqrt(null)) if null else 1.0
        return replace(row, low=low, high=high, statistic=z, p=two_sided(z), sides=2, witness="grid search of the score function: low, high; closed form at 0: p",
                       agreement=agreement((low, other[0]), (high, other[1]), se=se, p=(two_sided(z), again)))
    if interval == "wald" and not se:
        raise NotEstimable("no variation in either arm: the Wald interval has no width")
    theirs = confint_proportions_2indep(x1, n1, x0, n0, compare="diff", method="wald" if interval == "wald" else "newcomb", alpha=1 - level)
    if interval == "wald":
        z = estimate / se
        row = replace(row, low=estimate - quantile(level) * se, high=estimate + quantile(level) * se, statistic=z, p=two_sided(z), sides=2)
    else:
        (low1, high1), (low0, high0) = wilson(x1, n1, level), wilson(x0, n0, level)
        row = replace(row, low=estimate - math.hypot(p1 - low1, high0 - p0), high=estimate + math.hypot(high1 - p1, p0 - low0))
    return replace(row, witness=f"{library('statsmodels')}: low, high", agreement=agreement((row.low, float(theirs[0])), (row.high, float(theirs[1])), se=se))


def wilson(x: int, n: int, level: float) -> tuple[float, float]:
    """Wilson's score limits of one proportion."""
    z2 = quantile(level) ** 2
    centre, spread = (x + z2 / 2) / (n + z2), quantile(level) / (n + z2) * math.sqrt(x * (n - x) / n + z2 / 4)
    return centre - spread, centre + spread


def ratio(table: Table, blank: Estimate, level: float) -> Estimate:
    """The risk ratio or the odds ratio, se on the log scale."""
    x1, n1, x0, n0 = table.x1, table.n1, table.x0, table.n0
    for arm, x, n in ((table.arm, x1, n1), (table.reference, x0, n0)):
        if not x:
            raise NotEstimable(f"no events in arm {arm}")
        if blank.measure == "or" and x == n:
            raise NotEstimable(f"only events in arm {arm}")
    theirs = Table2x2(np.array(table.cells), shift_zeros=False)
    if blank.measure == "rr":
        log, se = math.log(x1 / n1) - math.log(x0 / n0), math.sqrt(1 / x1 - 1 / n1 + 1 / x0 - 1 / n0)
        other, other_se = theirs.log_riskratio, theirs.log_riskratio_se
    else:
        log, se = math.log(x1 / (n1 - x1)) - math.log(x0 / (n0 - x0)), math.sqrt(1 / x1 + 1 / (n1 - x1) + 1 / x0 + 1 / (n0 - x0))
        other, other_se = theirs.log_oddsratio, theirs.log_oddsratio_se
    if not se:
        raise NotEstimable("only events in both arms")
    z, width = log / se, quantile(level) * se
    return replace(blank, estimate=math.exp(log), se=se, low=math.exp(log - width), high=math.exp(log + width), statistic=z, p=two_sided(z), sides=2,
                   witness=f"{library('statsmodels')}: estimate, se", agreement=agreement((log, float(other)), (se, float(other_se)), se=se))


def pearson(table: Table, blank: Estimate) -> Estimate:
    """Pearson's chi-square on one degree of freedom."""
    (a, b), (c, d) = table.cells
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    if not margins:
        raise NotEstimable("the same outcome for everyone")
    statistic = (a * d - b * c) ** 2 * (a + b + c + d) / margins
    theirs = chi2_contingency(table.cells, correction=False)
    p = chi_square(statistic, 1)
    return replace(blank, statistic=statistic, df=1.0, p=p, sides=2, witness=f"{library('scipy')}: statistic, p",
                   agreement=agreement((statistic, float(theirs.statistic)), p=(p, float(theirs.pvalue))))


def fisher(table: Table, blank: Estimate) -> Estimate:
    """Fisher's exact test; its second computation sums the hypergeometric distribution."""
    p = min(1.0, float(fisher_exact(table.cells).pvalue))
    total, events = table.n1 + table.n0, table.x1 + table.x0
    x = np.arange(max(0, events - table.n0), min(events, table.n1) + 1)

    def choose(n: int, k: np.typing.NDArray[np.int64] | int) -> np.typing.NDArray[np.float64]:
        return np.asarray(gammaln(n + 1) - gammaln(np.asarray(k) + 1) - gammaln(n - np.asarray(k) + 1))

    log = choose(table.n1, x) + choose(table.n0, events - x) - choose(total, events)
    seen = log[x == table.x1][0]
    again = min(1.0, float(np.exp(log[log <= seen + 1e-7]).sum()))
    return replace(blank, p=p, sides=2, witness="sum of the hypergeometric distribution: p", agreement=agreement(p=(p, again)))
