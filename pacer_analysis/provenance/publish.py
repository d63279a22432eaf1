"""Outputs whole or not at all: written to a temporary folder beside their place, then renamed into it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from pacer_analysis.errors import PacerError

ERROR_FILE = "PACER_ERROR_FILE"
"""Environment variable: where a failing job leaves its message for `pacer run` to print last."""

PERSONAL = frozenset({"clean", "sets"})
"""Folders with a row per person, for the owner and the owner's group: dates of dispensing hint at the service, names are in the data."""


def write_if_changed(path: Path, text: str) -> None:
    """The file holds the text; its time moves only if it held another."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def write_error(error: PacerError) -> bool:
    """Whether the message was left for the process that started this one, because it asked."""
    if not os.environ.get(ERROR_FILE):
        return False
    Path(os.environ[ERROR_FILE]).write_text(json.dumps({"exit_code": error.exit_code, "message": str(error)}), encoding="utf-8")
    return True


@contextlib.contextmanager
def whole_or_nothing(place: Path) -> Iterator[Path]:
    """An empty folder to write into; what stands in it at the end replaces the same names in `place`.

    A folder is replaced as a whole, so that no file of an earlier run survives in it. On any failure nothing is replaced.
    """
    private = any(part == "restricted" for part in place.parts)
    place.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
    _clear_what_the_dead_left(place)
    temporary = place / f".writing-{os.getpid()}"
    temporary.mkdir(mode=0o700)
    try:
        yield temporary
        for entry in sorted(temporary.iterdir()):
            target = place / entry.name
            if target.is_dir() and not target.is_symlink():
                aside = temporary / f".old-{entry.name}"
                target.replace(aside)
            if entry.name in PERSONAL and entry.is_dir():
                entry.chmod(0o750)
            entry.replace(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextlib.contextmanager
def holding(lock: Path, *, shared: bool, wait: bool) -> Iterator[bool]:
    """Whether the lock was had; it is held until the block ends or the process dies, however it dies."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as handle:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


def _clear_what_the_dead_left(place: Path) -> None:
    for left in place.glob(".writing-*"):
        try:
            os.kill(int(left.name.removeprefix(".writing-")), 0)
        except (ProcessLookupError, ValueError):
            shutil.rmtree(left, ignore_errors=True)
        except PermissionError:      # alive, another user's
            continue
