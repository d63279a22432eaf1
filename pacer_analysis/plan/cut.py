"""cut.yaml, and where a cut's exports lie."""

from __future__ import annotations

from pathlib import Path

from pacer_analysis.errors import ExportError, PlanError
from pacer_analysis.plan import blocks as b
from pacer_analysis.plan.load import NAME
from pacer_analysis.plan.model import Cut
from pacer_analysis.plan.strict_yaml import read_yaml


def cut_name(name: object) -> str:
    """The name of a cut, refused where a shell or Snakemake would have changed it."""
    if not isinstance(name, str):
        raise PlanError(f"The cut's name arrived as the {'number' if isinstance(name, int | float) else type(name).__name__} {name}, not as text.",
                        where="--config cut=...", allowed="names such as 2019-12 or interim-1, not numbers",
                        do="Rename the cut so that it holds a letter or a hyphen: `007` is read as 7 and `2024_05` as 202405.")
    if not NAME.fullmatch(name):
        raise PlanError(f"The cut's name `{name}` is not allowed.", where="--cut", allowed="lower-case letters, digits and -, beginning with a letter or digit", do="Rename the cut.")
    return name


def cut_folder(exports: Path, study: str, cut: str) -> Path:
    """The folder of a cut: EXPORTS/<study>/<cut>, EXPORTS/<cut>, or EXPORTS itself, whichever holds its cut.yaml."""
    tried = [exports / study / cut, exports / cut, exports]
    for folder in tried:
        if (folder / "cut.yaml").is_file():
            return folder
    raise ExportError(f"The cut `{cut}` of study `{study}` has no cut.yaml.", where="; ".join(str(folder) for folder in tried), allowed="a folder with the exports and cut.yaml",
                      do="Check --exports and --cut, or write cut.yaml (name, cutoff, kind).")


def load_cut(folder: Path) -> Cut:
    """The cut described beside its exports."""
    block = read_yaml(folder / "cut.yaml")
    b.only(block, ("name", "cutoff", "kind", "locked_at", "previous", "series"), "cut.yaml")
    locked = block.get("locked_at")
    return Cut(cut_name(block.get("name")), b.date(block, "cutoff"), b.word(block, "kind", ("interim", "final")), folder,
               "" if locked is None else str(locked), b.text(block, "previous", ""), b.text(block, "series", ""))
