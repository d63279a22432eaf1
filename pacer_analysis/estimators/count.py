"""How many have each fact: participant flow, safety, deviations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd


def count(frame: pd.DataFrame, *, of: tuple[str, ...]) -> list[Estimate]:
    """People with each of the facts `of`, per arm: the count, and its share of those for whom the fact is known.

    `of` names boolean columns; the fact is the row's term. One row per person.
    """
    from dataclasses import replace

    from pacer_analysis.errors import PlanError
    from pacer_analysis.estimators._frame import arm_names, of_arms
    from pacer_analysis.estimators._witness import agreement

    unknown = [name for name in of if name not in frame]
    if unknown:
        raise PlanError(f"count of something unknown: {', '.join(unknown)}")
    rows = []
    for arm in arm_names(frame):
        people = of_arms(frame, arm)
        for fact in of:
            known = people[fact].dropna().astype(bool)
            n, events = len(known), int(known.sum())
            again = sum(1 for value in known.tolist() if value)
            base = Estimate(arm=arm, term=fact, scale="absolute", n=n, observed=n, events=events, missing=len(people) - n)
            share = replace(base, measure="proportion", method="Number of people over those with the fact known")
            rows.append(replace(base, measure="count", method="Number of people", estimate=float(events), witness="python: estimate",
                                agreement=agreement((events, again))))
            rows.append(replace(share, estimate=events / n, witness="python: estimate", agreement=agreement((events / n, again / n))) if n else
                        replace(share, witness="none", note="no one to count"))
    return rows
