"""What each stamp stands for: digests by name, made from the files as they are now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pacer_analysis.errors import PlanError
from pacer_analysis.provenance import digest
from pacer_analysis.provenance.home import home
from pacer_analysis.provenance.jobs import JOBS
from pacer_analysis.provenance.study import NAME, Outline

PLAN_FILES = {"trial": ("trial.yaml",), "endpoints": ("endpoints.yaml",), "analyses": ("populations.yaml", "analyses.yaml", "looks.yaml"), "amendments": ("AMENDMENTS.md",)}
REVEALS = {"exports": "no", "mixed": "fields", "sealed": "all"}
# What people write beside the exports, by the stamp of the side that reads it.
WRITTEN_BESIDE: Mapping[str, tuple[str, ...]] = {"exports": ("accepted.csv", "corrections.csv"), "sealed": ("accepted_closed.csv", "corrections_closed.csv")}
BESIDE = frozenset(name for names in WRITTEN_BESIDE.values() for name in names)


@dataclass(frozen=True)
class Cutting:
    """One cut of a study on disk: its plan, its exports, its results, and the cut before it."""

    plan: Path
    outline: Outline
    exports: Path
    results: Path
    previous: object


def stamp_names() -> tuple[str, ...]:
    """Every stamp that a job hangs on."""
    return tuple(dict.fromkeys(name for job in JOBS.values() for name in job.stamps))


def content_of(name: str, cutting: Cutting) -> Mapping[str, str]:
    """The digests that a stamp holds.

    Raises PlanError where cut.yaml names a previous cut that has no results here: findings would lose their age in silence.
    """
    if name.startswith("code-"):
        return digest.of_code(name.removeprefix("code-"))
    if name in PLAN_FILES:
        return {file: digest.of_file(cutting.plan / file) for file in PLAN_FILES[name] if (cutting.plan / file).is_file()}
    if name in REVEALS:
        found = {source: _matching(cutting.exports, watched.pattern) for source, watched in cutting.outline.sources.items() if watched.reveals == REVEALS[name]}
        return found | written_beside(cutting.exports, name) | (_previous(cutting, "restricted/queries_closed.csv", required=False) if name == "sealed" else {})
    if name == "cut":
        return {"cut.yaml": digest.of_file(cutting.exports / "cut.yaml"), **_previous(cutting, "clean/queries.csv", required=True)}
    if name == "dictionary":
        return digest.of_folder(cutting.outline.dictionary) if cutting.outline.dictionary.is_dir() else {}
    if name == "templates":
        return digest.of_folder(home() / "reports")
    return {**digest.versions(), "lock": digest.of_lock()}


def written_beside(exports: Path, name: str) -> dict[str, str]:
    """The digests of corrections and accepted queries of one side, of those that are there; `name` is the side's stamp."""
    return {file: digest.of_file(exports / file) for file in WRITTEN_BESIDE.get(name, ()) if (exports / file).is_file()}


def _previous(cutting: Cutting, name: str, *, required: bool) -> dict[str, str]:
    if cutting.previous is None:
        return {}
    path = cutting.results.parent / str(cutting.previous) / name
    if not isinstance(cutting.previous, str) or not NAME.fullmatch(cutting.previous) or (required and not path.is_file()):
        raise PlanError(f"The previous cut `{cutting.previous}` has no results here, so findings would lose their age.", where=f"{cutting.exports / 'cut.yaml'}, key `previous`",
                        allowed="the name of a cut that was run into the same results folder, or null", do="Run the earlier cut first, or write `previous: null`.")
    return {name: digest.of_file(path)} if path.is_file() else {}


def _matching(folder: Path, pattern: str) -> str:
    """One digest for all files that a source's glob matches: none and two are for the reader to refuse."""
    names = sorted(path.name for path in folder.glob(pattern) if path.name not in BESIDE)
    return digest.of_mapping({name: digest.of_file(folder / name) for name in names if (folder / name).is_file()})
