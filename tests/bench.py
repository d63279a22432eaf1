"""`make bench`: times and peak memory of the main job, five runs each, beside the floor that Snakemake itself sets.

    python tests/bench.py [--runs 5] [--n 412 5000 50000]

Prints per stage the minimum, median and maximum of wall time, the CPU time, and the largest resident memory of any process.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PLAN = REPOSITORY / "analysis_plan/pacer"


def measured(command: list[str], cwd: Path) -> tuple[float, float, float, str]:
    """Wall and CPU seconds, peak MB of the largest process, and what was printed."""
    code = ("import resource,subprocess,sys; done = subprocess.run(sys.argv[1:]); "
            "used = resource.getrusage(resource.RUSAGE_CHILDREN); print('USED', used.ru_utime + used.ru_stime, used.ru_maxrss / (1 if sys.platform != 'darwin' else 1024), flush=True); sys.exit(done.returncode)")
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code, *command], cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(REPOSITORY)})
    wall = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    cpu, peak = next(line for line in done.stdout.splitlines() if line.startswith("USED ")).split()[1:]
    return wall, float(cpu), float(peak) / 1024, done.stdout + done.stderr


def table_row(name: str, runs: list[tuple[float, float, float, str]]) -> None:
    """One line: minimum, median and maximum wall seconds, median CPU seconds, largest peak."""
    walls = [run[0] for run in runs]
    print(f"{name:<46}{min(walls):>8.2f}{statistics.median(walls):>8.2f}{max(walls):>8.2f}{statistics.median(run[1] for run in runs):>9.2f}{max(run[2] for run in runs):>9.0f}", flush=True)


def repeated(name: str, runs: int, command: list[str], cwd: Path, before: Callable[[], None]) -> str:
    """Run a command several times, each after `before`, and print its row; the text of the last run."""
    found = []
    for _ in range(runs):
        before()
        found.append(measured(command, cwd))
    table_row(name, found)
    return found[-1][3]


def snakemakes_floor(runs: int, folder: Path) -> None:
    """What Snakemake takes to find that nothing is to be done, in a workflow of one rule."""
    (folder / "Snakefile").write_text('rule all:\n    output: "done"\n    shell: "touch {output}"\n')
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--quiet", "all"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    repeated("Snakemake's floor: one rule, nothing to do", runs, command, folder, lambda: None)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--n", type=int, nargs="+", default=[412, 5000, 50000])
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}; {arguments.runs} runs each")
    print(f"{'':<46}{'min s':>8}{'median':>8}{'max':>8}{'cpu s':>9}{'peak MB':>9}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "floor").mkdir()
        snakemakes_floor(arguments.runs, folder / "floor")
        for n in arguments.n:
            cut = f"n-{n}"
            simulate = [sys.executable, "-m", "pacer_analysis", "simulate", str(PLAN), "--n", str(n), "--seed", "1", "--out", str(folder / "exports/pacer" / cut)]
            table_row(f"n = {n:,}: simulate (once, not timed in a run)", [measured(simulate, folder)])
            run = [sys.executable, "-m", "pacer_analysis", "run", str(PLAN), "--cut", cut, "--exports", str(folder / "exports"), "--results", str(folder / "results"), "all"]
            said = repeated(f"n = {n:,}: cold run, exports to four reports", arguments.runs, run, folder, lambda: shutil.rmtree(folder / "results", ignore_errors=True))
            print("\n".join(f"    {line}" for line in said.splitlines() if line.endswith(" s]")))
            pages = {path.name: path.stat().st_size / 1e6 for path in (folder / "results/pacer" / cut).rglob("*.html")}
            print("    " + ", ".join(f"{page} {size:.1f} MB" for page, size in sorted(pages.items())))
            repeated(f"n = {n:,}: run with nothing to do", arguments.runs, run, folder, lambda: None)
            shutil.rmtree(folder / "results")
            shutil.rmtree(folder / "exports")
    print(f"peak of this process' children: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
