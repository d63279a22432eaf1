"""Stamps: small files whose time changes only when what they stand for changed; Snakemake's rules take them as inputs.

Snakemake notices neither an edited module, nor an export replaced by one with an older date, nor anything at all once its
own records are deleted. The content does not lie: it is hashed here, before the DAG is built.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pacer_analysis.errors import PacerError, PlanError
from pacer_analysis.provenance import digest
from pacer_analysis.provenance.home import home
from pacer_analysis.provenance.publish import write_error, write_if_changed
from pacer_analysis.provenance.study import cut_folder, cut_name, loosely, read_outline


@dataclass(frozen=True)
class Stamped:
    """The paths that the Snakefile's rules need; all absolute."""

    id: str
    cut: str
    kind: str
    plan: Path
    exports: Path
    results: Path
    logs: Path
    previous: Path | None

    def stamps(self, *names: str) -> list[str]:
        """The stamp files of these names; what hangs on arm-revealing bytes lies in restricted/."""
        return [str(self.results / ("restricted/.stamps" if name in ("mixed", "sealed") else ".stamps") / f"{name}.json") for name in names]

    def path(self, *names: str) -> list[str]:
        """Files of the cut's results."""
        return [str(self.results / name) for name in names]


def stamp(config: Mapping[str, Any]) -> Stamped:
    """The study named by Snakemake's config, after its stamps were brought up to date.

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
    except PacerError as error:
        write_error(error)
        raise
    root = Path(str(config.get("results", "results"))).absolute()
    previous = root / outline.id / str(about["previous"]) / "clean/queries.csv" if about.get("previous") else None
    study = Stamped(outline.id, cut, str(about.get("kind", "")), plan, exports, root / outline.id / cut, root / "logs" / outline.id / cut,
                    previous if previous and previous.is_file() else None)
    sources: dict[str, dict[str, str]] = {"exports": {"cut.yaml": digest.of_file(exports / "cut.yaml")}, "mixed": {}, "sealed": {}}
    for name, source in outline.sources.items():
        sources[{"no": "exports", "fields": "mixed", "all": "sealed"}[source.reveals]][name] = _matching(exports, source.pattern)
    contents: dict[str, Mapping[str, str]] = {
        **{f"code-{floor}": digest.of_code(floor) for floor in digest.FLOORS},
        "trial": _files(plan, "trial.yaml"),
        "endpoints": _files(plan, "endpoints.yaml"),
        "analyses": _files(plan, "populations.yaml", "analyses.yaml", "looks.yaml"),
        "amendments": _files(plan, "AMENDMENTS.md"),
        "dictionary": digest.of_folder(outline.dictionary) if outline.dictionary.is_dir() else {},
        "templates": digest.of_folder(home() / "reports"),
        "environment": digest.versions(),
        **sources,
    }
    for name, content in contents.items():
        write_if_changed(Path(study.stamps(name)[0]), json.dumps(content, indent=0, sort_keys=True) + "\n")
    study.logs.mkdir(parents=True, exist_ok=True)
    (study.results / "restricted").chmod(0o700)
    return study


def _files(folder: Path, *names: str) -> dict[str, str]:
    return {name: digest.of_file(folder / name) for name in names if (folder / name).is_file()}


def _matching(folder: Path, pattern: str) -> str:
    """One digest for all files that a source's glob matches: none and two are for the reader to refuse."""
    names = sorted(path.name for path in folder.glob(pattern))
    return digest.of_mapping({name: digest.of_file(folder / name) for name in names if (folder / name).is_file()})
