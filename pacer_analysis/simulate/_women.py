"""The women screened: who they are, when they gave birth, and who is eligible, consents and is randomised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pacer_analysis.plan import SYNTHETIC_PREFIX
from pacer_analysis.simulate._draw import NEVER, Flags, Floats, Ints, Texts, choose, day, stream, working_day

if TYPE_CHECKING:
    from pacer_analysis.simulate.truth import Truth

SITES = ("gugulethu", "nyanga", "philippi")
AGE_YEAR = 365.2425


@dataclass(frozen=True)
class Screened:
    """Every woman screened, in order of screening; `randomised` is a day or NEVER, `cohort` the positions of the women randomised."""

    record: Texts
    site: Ints
    screened: Ints
    delivery: Ints
    randomised: Ints
    born: Ints
    failure: Ints            # 0 none, 1 to 5 reason not eligible, 6 declines
    below50: Flags
    frailty: Floats
    cohort: Ints


@dataclass(frozen=True)
class Cohort:
    """The women randomised, in order of screening: what is known of each at randomisation."""

    record: Texts
    site: Ints
    screened: Ints
    delivery: Ints
    randomised: Ints
    born: Ints
    below50: Flags
    frailty: Floats
    age: Ints
    newly_diagnosed: Flags
    parity: Ints
    art_start: Ints
    from_parent: Flags

    @property
    def n(self) -> int:
        """Number of women randomised."""
        return len(self.record)


def screen(truth: Truth, n: int, seed: int) -> Screened:
    """The women screened until `n` are randomised."""
    rng, facts = stream(seed, "women"), truth.women
    passed = 1 - facts.not_eligible - facts.declining
    total = n + round(n * (1 - passed) / passed)
    failure = np.zeros(total, dtype=np.int64)
    chosen = np.sort(rng.permutation(total)[: total - n])
    declines = rng.random(len(chosen)) < facts.declining / (1 - passed)
    failure[chosen] = np.where(declines, 6, choose(rng, [1, 2, 3, 4, 5], [0.08, 0.2, 0.22, 0.35, 0.15], len(chosen)))

    planned = day(truth.timeline.recruitment_start) + np.sort(truth.timeline.recruitment_days * rng.random(total) ** 0.9).astype(np.int64)
    randomised = working_day(planned)
    median, spread = facts.delivery_to_randomisation
    since = np.clip(np.exp(np.log(median) + spread * np.clip(rng.standard_normal(total), -4, 1.6)), 1, 42).astype(np.int64)
    delivery = randomised - since
    screened = randomised - (rng.random(total) * np.minimum(since, 10)).astype(np.int64)
    order = np.lexsort((np.arange(total), screened))
    failure, randomised, delivery, screened = failure[order], randomised[order], delivery[order], screened[order]

    mean, sd = facts.age
    years = np.clip(rng.normal(mean, sd, total), 18.2, 44.9)
    years = np.where(failure == 1, 16.0 + 1.8 * rng.random(total), years)
    born = randomised - np.ceil(years * AGE_YEAR).astype(np.int64)
    record = np.array([f"{SYNTHETIC_PREFIX}{1001 + number}" for number in range(total)], dtype=object)
    return Screened(record, choose(rng, [0, 1, 2], list(facts.sites), total), screened, delivery, np.where(failure == 0, randomised, NEVER), born, failure,
                    rng.random(total) < facts.below50, rng.standard_normal(total), np.flatnonzero(failure == 0))


def enrol(truth: Truth, screened: Screened, seed: int) -> Cohort:
    """The women randomised, with what their enrolment forms say that matters later."""
    rng, at = stream(seed, "cohort"), screened.cohort
    n = len(at)
    delivery, randomised = screened.delivery[at], screened.randomised[at]
    age = np.floor((randomised - screened.born[at]) / AGE_YEAR).astype(np.int64)
    newly = rng.random(n) < truth.women.newly_diagnosed
    parity = np.minimum(1 + rng.poisson(np.clip((age - 17) / 9, 0.1, 2.2)), 8)
    before_birth = np.clip(rng.normal(150, 52, n), 28, 265).astype(np.int64)
    parent = (rng.random(n) < truth.women.from_parent_study) & (randomised < day("2016-03-01"))
    return Cohort(screened.record[at], screened.site[at], screened.screened[at], delivery, randomised, screened.born[at], screened.below50[at],
                  screened.frailty[at], age, newly, parity, delivery - before_birth, parent)
