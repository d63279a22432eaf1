"""truth/: the parameters, what is true of each woman, and the defects planted."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import yaml

from pacer_analysis.simulate import _known
from pacer_analysis.simulate._allocation import ARMS
from pacer_analysis.simulate._draw import NEVER, Ints, iso_dates, where, whole

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.simulate._defects import Planted
    from pacer_analysis.simulate._trial import Trial


def write_truth(folder: Path, trial: Trial, planted: list[Planted], *, n: int, seed: int) -> None:
    """truth.yaml, women.csv and defects.csv."""
    folder.mkdir()
    stated = {"n": n, "seed": seed, **_plain(dataclasses.asdict(trial.truth))}
    (folder / "truth.yaml").write_text(yaml.safe_dump(stated, sort_keys=False), encoding="utf-8")
    women(trial).to_csv(folder / "women.csv", index=False, lineterminator="\n")
    names = ["kind", "source", "record", "field", "detail"]
    pd.DataFrame([dataclasses.asdict(one) for one in planted], columns=names).to_csv(folder / "defects.csv", index=False, lineterminator="\n")


def women(trial: Trial) -> pd.DataFrame:
    """One row per woman randomised in the whole trial, whatever the cut-off: days count from randomisation unless the name says otherwise."""
    cohort, care, samples = trial.cohort, trial.care, trial.samples
    n = cohort.n

    def since(days: Ints) -> Ints:
        return np.where(days == NEVER, NEVER, days - cohort.randomised)

    lost = _known.loss_day(cohort, care)
    women_lost, first = np.unique(care.losses["woman"], return_index=True)
    back = np.full(n, NEVER, dtype=np.int64)
    back[women_lost] = care.losses["back"][first]
    measured, load = _known.study_load(trial.truth, cohort, samples, _known.PRIMARY)
    club = np.append(trial.clubs.name, "")[trial.clubs.club] if len(trial.clubs.name) else np.full(n, "", dtype=object)
    return pd.DataFrame({
        "record_id": cohort.record, "arm": np.array(ARMS, dtype=object)[trial.allocated.club], "stratum": trial.allocated.stratum, "club_id": club,
        "delivery": iso_dates(cohort.delivery), "randomised": iso_dates(cohort.randomised), "vl0_below50": cohort.below50.astype(int),
        "loss_day": whole(lost), "return_day": whole(since(back)), "death_day": whole(since(care.fate.death)),
        "transfer_day": whole(since(care.fate.transfer)), "transfer_proven": where(care.fate.transfer < NEVER, where(care.fate.proven, "1", "0")),
        "withdrawal_day": whole(since(care.fate.withdrawal)), "silent_transfer_day": whole(since(care.fate.silent)),
        "never_attends_club": care.never_attends.astype(int), "leaves_club_day": whole(since(care.leaves)),
        "in_care_day_365_postpartum": _known.in_care(cohort, care).astype(int), "v3_measured": measured.astype(int),
        "v3_load": ["" if np.isnan(value) else f"{value:.10g}" for value in load.tolist()], "e1_success": _known.success(trial.truth, cohort, care, samples).astype(int),
        "viraemia_day": whole(_known.viraemia_day(trial.truth, cohort, samples)), "eos_date": iso_dates(trial.visits.ended), "eos_reason": whole(trial.visits.reason)})


def _plain(value: Any) -> Any:
    """Tuples as lists, so that the file holds plain YAML."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, tuple | list) else value
