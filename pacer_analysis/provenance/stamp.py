"""Stamps: small files whose time changes only when what they stand for changed; Snakemake's rules take them as inputs.

Snakemake notices neither an edited module, nor an export replaced by one with an older date, nor anything at all once its
own records are deleted. The content does not lie: it is hashed here, before the DAG is built.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pacer_analysis.errors import PacerError, PlanError
from pacer_analysis.provenance.jobs import JOBS, receipt_path, stamp_path
from pacer_analysis.provenance.publish import write_error, write_if_changed
from pacer_analysis.provenance.receipts import drop_stale_receipts
from pacer_analysis.provenance.stamped import Cutting, content_of, stamp_names
from pacer_analysis.provenance.study import cut_folder, cut_name, loosely, read_outline


@dataclass(frozen=True)
class Stamped:
    """The paths that the Snakefile's rules need; all absolute."""

    cut: str
    kind: str
    plan: Path
    exports: Path
    root: Path
    results: Path
    logs: Path

    def path(self, *names: str) -> list[str]:
        """Files of the cut's results."""
        return [str(self.results / name) for name in names]

    def needs(self, job: str) -> list[str]:
        """What a job takes: the receipts of the jobs before it, and its stamps."""
        return self.path(*(receipt_path(before) for before in JOBS[job].after), *(stamp_path(name) for name in JOBS[job].stamps))

    def receipt(self, job: str) -> str:
        """What a job leaves when everything else that it writes is in place."""
        return str(self.results / receipt_path(job))

    def log(self, job: str) -> str:
        """A job's log; those of sealed jobs are for the owner only."""
        return str(self.logs / ("restricted" if JOBS[job].restricted else "") / f"{job}.log")


def stamp(config: Mapping[str, Any]) -> Stamped:
    """The study named by Snakemake's config, after its stamps were brought up to date and stale receipts were dropped.

    config: plan, cut, exports, results. Raises PlanError or ExportError, and leaves the message where `pacer run` looks.
    """
    try:
        unknown = sorted(set(config) - {"plan", "cut", "exports", "results"})
        if unknown:
            raise PlanError(f"Unknown --config name `{unknown[0]}`.", where="--config", allowed="plan, cut, exports, results", do="Correct the name.")
        plan = Path(str(config.get("plan", "analysis_plan/pacer"))).absolute()
        outline = read_outline(plan)
        cut = cut_name(config.get("cut", "synthetic"))
        exports = cut_folder(Path(str(config.get("exports", "exports"))).absolute(), outline.id, cut)
        about = loosely(exports / "cut.yaml")
        if about.get("name") != cut:
            raise PlanError(f"cut.yaml says that this is the cut `{about.get('name')}`, not `{cut}`.", where=str(exports / "cut.yaml"),
                            do="Correct --cut, or the name in cut.yaml.")
        root = Path(str(config.get("results", "results"))).absolute()
        results = root / outline.id / cut
        cutting = Cutting(plan, outline, exports, results, about.get("previous"))
        contents = {name: content_of(name, cutting) for name in stamp_names()}
        for name, content in contents.items():
            write_if_changed(results / stamp_path(name), json.dumps(content, indent=0, sort_keys=True) + "\n")
    except PacerError as error:
        write_error(error)
        raise
    study = Stamped(cut, str(about.get("kind", "")), plan, exports, root, results, root / "logs" / outline.id / cut)
    for private in (results / "restricted", study.logs / "restricted"):
        private.mkdir(parents=True, exist_ok=True)
        private.chmod(0o700)
    if study.kind != "final":
        _remove_final(results)
    drop_stale_receipts(results, contents)
    return study


def _remove_final(results: Path) -> None:
    """An interim cut has no final report, nor one left over from when cut.yaml said otherwise."""
    shutil.rmtree(results / "restricted/final", ignore_errors=True)
    for name in ("restricted/final.html", receipt_path("final")):
        (results / name).unlink(missing_ok=True)
