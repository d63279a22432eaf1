"""SHA-256 of files, of the code of a floor, and of the installed versions."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path

from pacer_analysis.provenance.home import PACKAGE, home

# Each floor is stamped with its own rooms and all below it; `cli` hands every room its folders.
GROUND = ("__init__.py", "__main__.py", "cli", "errors.py", "results.py", "provenance", "logic", "dictionary", "plan")
READ = (*GROUND, "read", "validate", "monitoring")
FLOORS: Mapping[str, tuple[str, ...]] = {
    "check": GROUND,
    "validate": READ,
    "derive": (*READ, "derive"),
    "estimate": (*READ, "derive", "estimators", "estimate", "crosscheck"),
    "render": (*READ, "derive", "estimators", "estimate", "crosscheck", "tables", "figures", "ars", "render"),
}
SUFFIXES = frozenset({".py", ".lark", ".yaml", ".csv", ".json"})
PACKAGES = ("jinja2", "lark", "lifelines", "numpy", "pandas", "pyarrow", "pyreadstat", "pyyaml", "scipy", "snakemake", "statsmodels",
            "xlsxwriter")


def of_file(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def of_text(text: str) -> str:
    """The SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def of_mapping(digests: Mapping[str, str]) -> str:
    """One digest for a set of named digests."""
    return of_text(json.dumps(dict(sorted(digests.items()))))


def of_folder(folder: Path, *, pattern: str = "*") -> dict[str, str]:
    """Digests of the files of a folder and its subfolders, by path relative to it."""
    return {path.relative_to(folder).as_posix(): of_file(path)
            for path in sorted(folder.rglob(pattern))
            if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")}


def of_code(floor: str) -> dict[str, str]:
    """Digests of the modules of a floor and of those below it."""
    return {path.relative_to(PACKAGE).as_posix(): of_file(path) for path in _modules(FLOORS[floor])}


def versions() -> dict[str, str]:
    """The Python and the libraries that compute, by version."""
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in PACKAGES}}


def of_lock() -> str:
    """The digest of requirements.lock, or of the installed versions where there is none."""
    lock = home() / "requirements.lock"
    return of_file(lock) if lock.is_file() else of_mapping(versions())


def _modules(rooms: Iterable[str]) -> list[Path]:
    found: list[Path] = []
    for room in rooms:
        for path in (PACKAGE / room, PACKAGE / f"{room}.py"):
            if path.is_file():
                found.append(path)
            elif path.is_dir():
                found += [inner for inner in path.rglob("*") if inner.suffix in SUFFIXES and "__pycache__" not in inner.parts]
    return sorted(set(found))
