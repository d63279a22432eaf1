"""`make reference`: run every R script again in a copy and compare what it writes with the committed values.

Exit code 0: no value differs by more than 1e-9 relative, no row is new or gone. 2: R is not installed.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHARED = {"rows.R", "imputed.R"}      # sourced by the others, writing nothing of their own
INSTALL = "apt-get install --no-install-recommends r-base-core r-cran-survival r-cran-cmprsk r-cran-sandwich"


def values(path: Path) -> dict[tuple[str, ...], float]:
    """Every value of a reference file under the cells that name it."""
    with path.open(encoding="utf-8", newline="") as handle:
        return {tuple(row[:-1]): float(row[-1]) for row in list(csv.reader(handle))[1:]}


def differences(old: dict[tuple[str, ...], float], new: dict[tuple[str, ...], float]) -> list[str]:
    """What is gone, new or different, in words."""
    found = [f"gone: {key}" for key in old.keys() - new.keys()] + [f"new: {key}" for key in new.keys() - old.keys()]
    return found + [f"{key}: {old[key]:.12g} was committed, {new[key]:.12g} came out" for key in old.keys() & new.keys() if abs(old[key] - new[key]) > 1e-9 * max(abs(old[key]), 1e-3)]


def main() -> int:
    """Re-run all and print one line a script."""
    if shutil.which("Rscript") is None:
        print(f"R is not installed. On Debian or Ubuntu: {INSTALL}")
        return 2
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(HERE, Path(name) / "tests/reference", ignore=shutil.ignore_patterns("__pycache__"))
        for script in sorted(path for path in HERE.glob("*.R") if path.name not in SHARED):
            done = subprocess.run(["Rscript", f"tests/reference/{script.name}"], cwd=name, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{script.name}: R stopped\n{done.stderr}")
                failed += 1
                continue
            committed, written = HERE / f"{script.stem}.csv", Path(name) / f"tests/reference/{script.stem}.csv"
            found = differences(values(committed), values(written))
            print(f"{script.name}: {len(values(committed))} values, {len(found)} differ")
            print("".join(f"  {line}\n" for line in found[:20]), end="")
            failed += bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
