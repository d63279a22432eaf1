"""Defects that happen in trials, planted into the raw files of a clean cut: every kind, and where a validator must find each.

Written from the dictionaries, the plan and experience alone, without sight of any check or of the defects that the simulator plants itself.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.independent import planted_allocation, planted_dates, planted_forms, planted_links, planted_rows, planted_rules, planted_values
from tests.independent.planted_cut import Row, open_cut, save
from tests.independent.planted_kind import Kind, Place, Planted

__all__ = ["KINDS", "Kind", "Place", "Planted", "missed", "plant_all", "unexplained"]

SUBJECTS = (planted_values, planted_forms, planted_rows, planted_dates, planted_links, planted_allocation, planted_rules)
KINDS: tuple[Kind, ...] = tuple(kind for subject in SUBJECTS for kind in subject.KINDS)


def room(candidates: list[tuple[Row, ...]]) -> int:
    """For how many defects there are records at most, where it may be few."""
    return len(candidates) if len(candidates) > 5_000 else min((len({row.record for row in rows}) for rows in zip(*candidates, strict=True)), default=0)


def plant_all(folder: Path, seed: int, *, each: int = 2, kinds: tuple[Kind, ...] = KINDS) -> list[Planted]:
    """Plants every kind `each` times into the raw files of a folder, never two defects into one record; the list is in the order of `kinds`.

    Kinds with few candidates choose first. LookupError names a kind for which the cut holds too few women (412 suffice for each=2).
    """
    gc.disable()  # 65,000 rows of 236 cells are nothing to collect: twice as fast at 5,000 women
    try:
        cut = open_cut(folder)
        candidates = {kind.name: kind.candidates(cut) for kind in kinds}
        planted: dict[str, list[Planted]] = {}
        for kind in sorted(kinds, key=lambda kind: room(candidates[kind.name])):
            planted[kind.name] = kind.plant_into(cut, candidates[kind.name], random.Random(f"{seed} {kind.name}"), each)
        save(cut)
    finally:
        gc.enable()
    return [defect for kind in kinds for defect in planted[kind.name]]


def missed(planted: Iterable[Planted], findings: Iterable[Mapping[str, Any]]) -> list[Planted]:
    """The defects that no finding reports; findings are lines of queries.csv and queries_closed.csv."""
    lines = list(findings)
    return [defect for defect in planted if not any(defect.found_by(line) for line in lines)]


def unexplained(planted: Iterable[Planted], findings: Iterable[Mapping[str, Any]], before: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The findings that the clean cut did not have (by query_id) and that neither are a planted defect nor follow from one: false alarms, or defects planted by accident."""
    defects, known = list(planted), {line["query_id"] for line in before}
    return [line for line in findings if line["query_id"] not in known and not any(defect.explains(line) for defect in defects)]
