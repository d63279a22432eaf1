"""A tile of the status board, the words and thresholds that judge it, and the tile of findings that every board has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pacer_analysis.tables import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ON_TRACK, WATCH, ACT = "on track", "watch", "act"
# ASSUME: the words of the status board follow 90% and 80% of completeness, 90% and 75% of planned accrual, and 28 days of an open error; no analysis uses them.
COMPLETE_ENOUGH, COMPLETE_HARDLY = 0.90, 0.80
ACCRUAL_ENOUGH, ACCRUAL_HARDLY = 0.90, 0.75
OLD_QUERY_DAYS = 28
FIRST_CUT = "First cut: the age of a finding counts from here"
FIRST_EXPORT = "No earlier export was named: the age of a finding counts from here"


@dataclass(frozen=True, slots=True)
class Tile:
    """A number of the first screen: `share` (0 to 1) and `mark` (what was expected by now) draw its small bar."""

    title: str
    value: str
    denominator: str
    word: str
    rule: str
    lines: tuple[str, ...] = ()
    share: float | None = None
    mark: float | None = None
    estimate: str = ""


def verdict(share: float, enough: float, hardly: float) -> str:
    """The word for a share under its two thresholds."""
    return ON_TRACK if share >= enough else WATCH if share >= hardly else ACT


def findings(queries: Sequence[Mapping[str, str]], sealed: Sequence[Mapping[str, str]] = (), *, first: bool = False, beginning: str = FIRST_CUT) -> Tile:
    """Open findings by severity, those that need the allocation among them where the reader may see them; ages from the second cut on.

    `beginning` says of a first cut that nothing has an age yet.
    """
    every = [*queries, *sealed]
    open_ones = [query for query in every if is_open(query)]
    of_kind = {severity: [query for query in open_ones if query.get("severity") == severity] for severity in ("error", "warning", "info")}
    ages = [int(float(query.get("age_days") or 0)) for query in of_kind["error"]]
    word = ACT if any(age > OLD_QUERY_DAYS for age in ages) else WATCH if ages else ON_TRACK
    errors, warnings, remarks = (numbers.count(len(of_kind[severity])) for severity in ("error", "warning", "info"))
    lines: tuple[str, ...] = (f"{errors} errors, {warnings} warnings, {remarks} for information",)
    lines += (f"{numbers.count(sum(map(is_open, sealed)))} of them need the allocation",) if sealed else ()
    lines += (beginning,) if first else (f"Oldest error: {numbers.count(max(ages))} days",) if ages else ()
    return Tile("Open findings in the data", numbers.count(len(open_ones)), f"of {numbers.count(len(every))} ever raised" if not first else "", word,
                f"Watch with any open error; act when one is older than {OLD_QUERY_DAYS} days.", lines)


def is_accepted(query: Mapping[str, str]) -> bool:
    """True if people looked at the finding and let it stand."""
    return query.get("status", "") == "accepted"


def is_open(query: Mapping[str, str]) -> bool:
    """True unless the finding is said to be resolved or accepted."""
    return query.get("status", "") not in ("resolved", "closed", "accepted")
