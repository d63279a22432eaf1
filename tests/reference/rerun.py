"""`make reference`: run every R script again in a copy and compare what it writes with the committed values.

Exit code 0: no value differs by more than 1e-9 relative, no row is new or gone. 2: R is not installed.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHARED = {"rows.R", "imputed.R", "binary_frames.R", "repeated_frames.R"}      # sourced by the others, writing nothing of their own
PACKAGES = ("survival", "cmprsk", "sandwich", "lmtest", "geepack", "mice", "rpact", "coin", "nlme", "lme4")
INSTALL = ("apt-get", "install", "-y", "--no-install-recommends", "r-base-core", *(f"r-cran-{name}" for name in PACKAGES))


def values(path: Path) -> dict[tuple[str, ...], float]:
    """Every value of a reference file under the cells that name it."""
    with path.open(encoding="utf-8", newline="") as handle:
        return {tuple(row[:-1]): float(row[-1]) for row in list(csv.reader(handle))[1:]}


def differences(old: dict[tuple[str, ...], float], new: dict[tuple[str, ...], float]) -> list[str]:
    """What is gone, new or different, in words."""
    found = [f"gone: {key}" for key in old.keys() - new.keys()] + [f"new: {key}" for key in new.keys() - old.keys()]
    return found + [f"{key}: {old[key]:.12g} was committed, {new[key]:.12g} came out" for key in old.keys() & new.keys() if abs(old[key] - new[key]) > 1e-9 * max(abs(old[key]), 1e-3)]


def lacks_packages() -> bool:
    """Whether R or one of its packages is not there."""
    asked = f"q(status = !all(c({', '.join(repr(name) for name in PACKAGES)}) %in% rownames(installed.packages())))"
    return shutil.which("Rscript") is None or subprocess.run(["Rscript", "-e", asked], capture_output=True, check=False).returncode != 0


def install() -> None:
    """R and its packages from Debian, where this may be done."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        for command in (("apt-get", "update"), INSTALL):
            subprocess.run(command, capture_output=True, check=False, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def main() -> int:
    """Re-run all and print one line a script."""
    if lacks_packages():
        install()
    if lacks_packages():
        print(f"R or one of its packages is not installed. On Debian or Ubuntu, as root: {' '.join(INSTALL)}")
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
