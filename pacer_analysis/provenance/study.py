"""The few facts of a plan and a cut that are needed before the plan is read: which files to watch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pacer_analysis.errors import ExportError, PlanError

NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True)
class Watched:
    """A source's glob, and whether the files it matches betray the arm: not at all, in some fields, or as a whole."""

    pattern: str
    reveals: str          # "no", "fields", "all"


@dataclass(frozen=True)
class Outline:
    """Enough of trial.yaml to hash what it names; everything else is checked when the plan is read."""

    id: str
    dictionary: Path
    sources: Mapping[str, Watched]


def cut_name(name: object) -> str:
    """The name of a cut, refused where a shell or Snakemake would have changed it."""
    if not isinstance(name, str):
        raise PlanError(f"The cut's name arrived as the {'number' if isinstance(name, int | float) else type(name).__name__} {name}, not as text.",
                        where="--config cut=...", allowed="names such as 2019-12 or interim-1: lower-case letters, digits and -, not only digits",
                        do="Rename the cut so that it holds a letter or a hyphen: `007` is read as 7 and `2024_05` as 202405.")
    if not NAME.fullmatch(name) or name.isdigit():
        raise PlanError(f"The cut's name `{name}` is not allowed.", where="--cut",
                        allowed="lower-case letters, digits and -, beginning with a letter or digit, not only digits", do="Rename the cut.")
    return name


def cut_folder(exports: Path, study: str, cut: str) -> Path:
    """The folder of a cut: EXPORTS/<study>/<cut>, EXPORTS/<cut>, or EXPORTS itself, whichever holds its cut.yaml."""
    tried = [exports / study / cut, exports / cut, exports]
    for folder in tried:
        if (folder / "cut.yaml").is_file():
            return folder
    there = sorted(path.parent.name for path in (exports / study).glob("*/cut.yaml"))
    missing = not any(folder.is_dir() for folder in tried[:2])
    raise ExportError(f"There is no cut `{cut}` of the study `{study}`." if missing else f"The cut `{cut}` of the study `{study}` has no cut.yaml.",
                      where="; ".join(str(folder / "cut.yaml") for folder in tried), allowed=f"cuts that are there: {', '.join(there)}" if there else "a folder with the exports and cut.yaml",
                      do="Check --exports and --cut." if missing else "Write cut.yaml beside the exports: name, cutoff, kind.")


def read_outline(plan: Path) -> Outline:
    """The outline of the plan in a folder.

    Raises PlanError where trial.yaml is absent, is not YAML, or has no usable id.
    """
    path = plan / "trial.yaml"
    trial = loosely(path)
    study = trial.get("id")
    if not isinstance(study, str) or not NAME.fullmatch(study):
        raise PlanError("The study has no usable `id`.", where=str(path), allowed="lower-case letters, digits and -", do="Write `id: my-trial` in trial.yaml.")
    sources = trial.get("sources")
    found = {}
    for name, source in (sources if isinstance(sources, dict) else {}).items():
        marked = source.get("reveals_arm", False) if isinstance(source, dict) else False
        if isinstance(source, dict) and isinstance(source.get("file"), str):
            found[str(name)] = Watched(source["file"], "all" if marked is True else "fields" if marked else "no")
    return Outline(study, plan / str(trial.get("dictionary", "")), found)


def loosely(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file, without the plan's strictness; repeated keys and unknown names are `pacer check`'s to find."""
    if not path.is_file():
        raise PlanError(f"There is no file {path.name}.", where=str(path.parent), do="Check the path, or make a plan with `pacer new DIR --dictionary FILE`.")
    try:
        content = yaml.safe_load(path.read_bytes())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise PlanError(f"{path.name} is not valid YAML: {getattr(error, 'problem', None) or 'unreadable characters'}.",
                        where=f"{path}, line {mark.line + 1 if mark else '?'}", do="Check indentation, colons and quotes at that line.") from None
    except ValueError as error:
        raise PlanError(f"{path.name} holds a value that cannot be: {error}.", where=str(path), allowed="dates that exist, such as 2019-06-30", do="Correct the date.") from None
    return content if isinstance(content, dict) else {}
