"""cut.yaml, and where a cut's exports lie."""

from __future__ import annotations

from pathlib import Path

from pacer_analysis.plan import blocks as b
from pacer_analysis.plan.model import Cut
from pacer_analysis.plan.strict_yaml import read_yaml
from pacer_analysis.provenance.study import cut_folder, cut_name

__all__ = ["cut_folder", "cut_name", "load_cut"]


def load_cut(folder: Path) -> Cut:
    """The cut described beside its exports."""
    block = read_yaml(folder / "cut.yaml")
    b.only(block, ("name", "cutoff", "kind", "locked_at", "previous", "series"), "cut.yaml")
    locked = block.get("locked_at")
    return Cut(cut_name(block.get("name")), b.date(block, "cutoff"), b.word(block, "kind", ("interim", "final")), folder,
               "" if locked is None else str(locked), b.text(block, "previous", ""), b.text(block, "series", ""))
