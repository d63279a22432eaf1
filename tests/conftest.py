"""What every test may ask for: the repository, a small synthetic cut and a finished run of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

for thread_count in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):      # as the command sets them, before NumPy loads: last digits, and time
    os.environ[thread_count] = "1"

REPOSITORY = Path(__file__).resolve().parent.parent
PLAN = REPOSITORY / "analysis_plan/pacer"


def pacer(*arguments: object, cwd: Path | None = None, home: Path = REPOSITORY, **environment: str) -> subprocess.CompletedProcess[str]:
    """The outcome of one `pacer` command, run as a user would, with the code in `home`."""
    names = {**os.environ, "PYTHONPATH": str(home), "PYTHONDONTWRITEBYTECODE": "1", **environment}
    names.pop("PACER_ERROR_FILE", None)
    return subprocess.run([sys.executable, "-m", "pacer_analysis", *map(str, arguments)], cwd=cwd or home, env=names, capture_output=True, text=True, check=False, timeout=600)


def succeeded(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    """The same outcome, after the exit code was seen to be 0."""
    assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes, hidden ones included."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all tests of one worker share."""
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="session")
def exports(shared: Path) -> Path:
    """Synthetic exports of 80 women: read-only, copy before you change them."""
    succeeded(pacer("simulate", PLAN, "--n", 80, "--seed", 7, "--out", shared / "exports/pacer/small"))
    return shared / "exports"


@pytest.fixture(scope="session")
def results(shared: Path, exports: Path) -> Path:
    """A finished run of every report on those exports: read-only."""
    succeeded(pacer("run", PLAN, "--cut", "small", "--exports", exports, "--results", shared / "results", "all"))
    return shared / "results"
