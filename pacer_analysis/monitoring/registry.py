"""The measures by name, in the order of the report; the literal dict is the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType

from pacer_analysis.monitoring.findings import Said
from pacer_analysis.monitoring.measures import (
    busiest_day,
    date_heaping,
    digit_preference,
    duplicate_rows,
    inliers,
    site_mean,
    site_missing,
    site_queries,
    site_variance,
    weekday,
    weekend_share,
)
from pacer_analysis.monitoring.tables import Tables


@dataclass(frozen=True, slots=True)
class Measure:
    """What a measure computes, its title and its method."""

    compute: Callable[[Tables], Said]
    title: str
    method: str


def _of(module: ModuleType, compute: Callable[[Tables], Said]) -> Measure:
    return Measure(compute, module.TITLE, module.METHOD)


MEASURES: Mapping[str, Measure] = {
    "site_queries": _of(site_queries, site_queries.site_queries),
    "site_missing": _of(site_missing, site_missing.site_missing),
    "site_mean": _of(site_mean, site_mean.site_mean),
    "site_variance": _of(site_variance, site_variance.site_variance),
    "inliers": _of(inliers, inliers.inliers),
    "digit_preference": _of(digit_preference, digit_preference.digit_preference),
    "duplicate_rows": _of(duplicate_rows, duplicate_rows.duplicate_rows),
    "busiest_day": _of(busiest_day, busiest_day.busiest_day),
    "date_heaping": _of(date_heaping, date_heaping.date_heaping),
    "weekday": _of(weekday, weekday.weekdays),
    "weekend_share": _of(weekend_share, weekend_share.weekend_share),
}
