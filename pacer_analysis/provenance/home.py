"""Where the workflow itself lies: in the repository, or inside the installed wheel."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def home() -> Path:
    """The folder that holds Snakefile, reports/, profiles/ and requirements.lock."""
    carried = PACKAGE / "_workflow"
    return carried if carried.is_dir() else PACKAGE.parent
