"""The score of the validation on planted defects: per kind how many were planted, how many found, and what was found that nobody planted.

    python tests/recovery/planted_score.py [--n 412] [--seeds 20]

prints the table of CONTRIBUTING.md. Half of the kinds are the simulator's, half a second author's who had not seen the checks (tests/independent/planted_defects.py).
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from pacer_analysis import validate
from pacer_analysis.plan import load, load_cut
from pacer_analysis.simulate import write_cut
from tests.independent.planted_defects import KINDS, plant_all

PLAN = load(REPOSITORY / "analysis_plan/pacer")
Finding = Mapping[str, str]


@dataclass
class Score:
    """Planted and found by (author, kind); findings that no planted defect explains; and findings on the clean cut."""

    planted: Counter[tuple[str, str]] = field(default_factory=Counter)
    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    false: list[Finding] = field(default_factory=list)
    clean: list[Finding] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Adds another score to this one."""
        self.planted += other.planted
        self.found += other.found
        self.missed += other.missed
        self.false += other.false
        self.clean += other.clean


def findings(exports: Path, folder: Path) -> list[Finding]:
    """The findings of both sides on a cut."""
    found: list[Finding] = []
    for sealed in (False, True):
        out = folder / ("sealed" if sealed else "open")
        out.mkdir(parents=True)
        validate.run(PLAN, load_cut(exports), exports=exports, out=out, sealed=sealed, previous=None)
        with (out / ("queries_closed.csv" if sealed else "clean/queries.csv")).open(encoding="utf-8", newline="") as handle:
            found += list(csv.DictReader(handle))
    return found


def counted(finding: Finding) -> bool:
    """False for what is in a clean cut as in life and listed for information: a missing-data code, a visit that was late, a specimen that was lost.

    That each of them is as it says is tested apart (test_planted_score.py).
    """
    rule = finding["rule"].removeprefix("sealed_")
    return not (finding["severity"] == "info" and rule in {"missing_code", "visit_window", "study_sample_missing"})


def plain(finding: Finding) -> tuple[str, ...]:
    """What a finding is about, as the two authors name it; formula-safe ids as they were exported."""
    return tuple(finding[name].removeprefix("'") for name in ("source", "record", "event", "instrument", "instance", "field"))


def score(n: int, seed: int) -> Score:
    """The score at one size and seed: a clean cut, the simulator's defects, the second author's."""
    total = Score()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for defects in ("none", "planted", "independent"):
            exports = folder / defects
            exports.mkdir()
            write_cut(PLAN, n=n, seed=seed, out=exports, interim=None, defects="planted" if defects == "planted" else "none")
            if defects == "none":
                total.clean = [finding for finding in findings(exports, folder / "out-none") if counted(finding)]
            elif defects == "planted":
                _simulators(total, exports, folder / "out-planted")
            else:
                _second_authors(total, exports, folder / "out-independent", seed)
    return total


def _simulators(total: Score, exports: Path, out: Path) -> None:
    """The simulator's own kinds: a finding must name the record, and the field where one was damaged."""
    with (exports / "truth/defects.csv").open(encoding="utf-8", newline="") as handle:
        defects = list(csv.DictReader(handle))
    found = [finding for finding in findings(exports, out) if counted(finding)]
    places = {(finding["source"], finding["record"].removeprefix("'")) for finding in found}
    for defect in defects:
        total.planted["simulator", defect["kind"]] += 1
        if (defect["source"], defect["record"]) in places:
            total.found["simulator", defect["kind"]] += 1
        else:
            total.missed.append(f"simulator {defect['kind']}: {defect['source']} {defect.get('field', '')}")
    damaged = {(defect["source"], defect["record"]) for defect in defects}
    # An allocation written down too late makes the women randomised after her in her stratum look out of order.
    total.false += [finding for finding in found if (finding["source"], finding["record"].removeprefix("'")) not in damaged and not finding["rule"].endswith("allocation_order")]


def _second_authors(total: Score, exports: Path, out: Path, seed: int) -> None:
    """The second author's kinds: a finding must stand where they say, event, instance and field included."""
    planted = plant_all(exports, seed)
    every = [finding | {"record": finding["record"].removeprefix("'")} for finding in findings(exports, out)]
    for defect in planted:
        total.planted["second author", defect.kind] += 1
        if any(defect.found_by(finding) for finding in every):
            total.found["second author", defect.kind] += 1
        else:
            total.missed.append(f"second author {defect.kind}: {defect.source} {defect.event} {defect.field}")
    total.false += [finding for finding in every if counted(finding) and not any(defect.explains(finding) for defect in planted)]


def table(total: Score) -> Iterable[str]:
    """The rows of the table in CONTRIBUTING.md."""
    needs = {kind.name for kind in KINDS if kind.needs}
    yield "| kind | author | planted | found |"
    yield "|---|---|---|---|"
    for author, kind in sorted(total.planted):
        mark = " (needs a rule of the study)" if author == "second author" and kind in needs else ""
        yield f"| {kind.replace('_', ' ')}{mark} | {author} | {total.planted[author, kind]} | {total.found[author, kind]} |"


def main() -> None:
    """Print the table and what is wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=412)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1)
    arguments = parser.parse_args()
    total = Score()
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        total.add(score(arguments.n, seed))
    print("\n".join(table(total)))
    print(f"n = {arguments.n:,}, {arguments.seeds} seeds: {len(total.planted)} kinds, {sum(total.planted.values())} planted, {sum(total.found.values())} found, "
          f"{len(total.false)} false, {len(total.clean)} on clean cuts")
    for line, count in Counter(total.missed).most_common():
        print(f"missed {count}: {line}")
    for line, count in Counter((finding["rule"], finding["severity"], finding["source"], finding["field"], finding["message"]) for finding in [*total.false, *total.clean]).most_common(40):
        print(f"false {count}: {line}")


if __name__ == "__main__":
    main()
