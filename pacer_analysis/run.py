"""The whole workflow under one lock: Snakemake in this process, its jobs as children, the outcome in words."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from pacer_analysis.errors import NotVerified, PacerError
from pacer_analysis.provenance.home import home
from pacer_analysis.provenance.publish import ERROR_FILE, holding
from pacer_analysis.provenance.study import cut_folder, cut_name, read_outline
from pacer_analysis.results import NOT_VERIFIED, read_estimates


def run_workflow(*, plan: Path, cut: str, exports: Path, results: Path, targets: list[str], cores: int, dry_run: bool) -> int:
    """Bring the targets up to date and say where the reports are.

    Raises PacerError when another run holds the cut, and whatever class of error the failing job met.
    """
    study = read_outline(plan.absolute()).id
    cut_name(cut)
    cut_folder(exports.absolute(), study, cut)
    place, logs = results.absolute() / study / cut, results.absolute() / "logs" / study / cut
    with holding(logs / "run.lock", shared=False, wait=False) as alone:
        if not alone:
            raise PacerError(f"Another run is working on the cut `{cut}` of `{study}`.", where=str(place), do="Wait until it ends, then run again.")
        _let_orphans_finish(logs / "jobs.lock")
        started = time.perf_counter()
        config = {"plan": str(plan.absolute()), "cut": cut, "exports": str(exports.absolute()), "results": str(results.absolute())}
        failure = _snakemake(config, logs, results.absolute(), targets, cores, dry_run=dry_run)
        if failure:
            raise failure
        if not dry_run:
            _say_outcome(place, targets, time.perf_counter() - started)
    return _unverified(place, targets)


def _let_orphans_finish(lock: Path) -> None:
    """Wait for jobs of a run that was killed: they hold the lock until they end."""
    with holding(lock, shared=False, wait=False) as quiet:
        if quiet:
            return
    print("pacer: waiting for a job that an interrupted run left behind", file=sys.stderr)
    with holding(lock, shared=False, wait=True):
        return


def _snakemake(config: dict[str, str], logs: Path, results: Path, targets: list[str], cores: int, *, dry_run: bool) -> PacerError | None:
    """The failure of a Snakemake run in this process, or None."""
    from snakemake.cli import main as snakemake

    (results / ".snakemake").mkdir(parents=True, exist_ok=True)
    (results / ".snakemake").chmod(0o700)      # Snakemake's records hold digests of sealed files
    (logs / "config.json").write_text(json.dumps(config), encoding="utf-8")
    arguments = ["--snakefile", str(home() / "Snakefile"), "--directory", str(results), "--configfile", str(logs / "config.json"), "--cores", str(cores),
                 "--nolock", "--rerun-incomplete", "--workflow-profile", "none", "--latency-wait", "0"]
    arguments += ["--dry-run", "--quiet", "host"] if dry_run else ["--quiet", "all"]
    said = io.StringIO()
    with tempfile.NamedTemporaryFile(prefix="pacer-", suffix=".json") as left:
        os.environ[ERROR_FILE] = left.name
        try:
            with contextlib.redirect_stderr(said) if not dry_run else contextlib.nullcontext():
                snakemake([*arguments, "--", *targets])
        except SystemExit as end:
            if not end.code:
                return None
        finally:
            del os.environ[ERROR_FILE]
        message = Path(left.name).read_text(encoding="utf-8")
    if message:
        told = json.loads(message)
        failure = PacerError(told["message"])
        failure.exit_code = told["exit_code"]
        return failure
    (logs / "snakemake.log").write_text(said.getvalue(), encoding="utf-8")
    if "on user request" in said.getvalue():
        return PacerError("The run was interrupted.", where=str(results), do="Run again: what was finished stays, what was not begins anew.")
    told = " / ".join(said.getvalue().strip().splitlines()[-5:])
    return PacerError("A job ended in a way that nobody foresaw: a fault of this program, not of your data or plan.", where=told or "what the job printed stands above",
                      do=f"Report it with the output above and the folder {logs}.")


def _say_outcome(place: Path, targets: list[str], seconds: float) -> None:
    """Where the reports are, how many findings and notes there were."""
    named = {"data_quality": "reports/data_quality.html", "open": "reports/open.html", "closed": "restricted/closed.html", "final": "restricted/final.html"}
    wanted = [name for name in named if name in targets or "all" in targets or (name in ("data_quality", "open") and "data_quality_and_open" in targets)]
    findings = _open_findings(place / "clean/queries.csv")
    restricted = bool({"closed", "final", "all"} & set(targets)) and (place / "restricted/queries_closed.csv").is_file()
    sealed = f" and {_open_findings(place / 'restricted/queries_closed.csv')} sealed" if restricted else ""
    notes = sum(1 for audience in ("open", "restricted/closed", "restricted/final") if (place / audience / "estimates.csv").is_file()
                for row in read_estimates(place / audience / "estimates.csv") if row.note)
    print(f"Up to date in {seconds:.1f} s: {findings} open findings{sealed}, {notes} notes on estimates.")
    for name in wanted:
        if (place / named[name]).is_file():
            print(f"  {place / named[name]}")
        else:
            print(f"  ({name}: not for this cut, which is not the final one)")


def _open_findings(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as handle:
        return sum(1 for row in csv.DictReader(handle) if row["status"] not in {"resolved", "accepted"})


def _unverified(place: Path, targets: list[str]) -> int:
    """The exit code for rows of the closed report whose two implementations differ."""
    closed = place / "restricted/closed/estimates.csv"
    if not ({"closed", "all"} & set(targets)) or not closed.is_file():
        return 0
    rows = [row.id for row in read_estimates(closed) if row.note.startswith(NOT_VERIFIED)]
    if rows:
        raise NotVerified(f"{len(rows)} estimates of the closed report differ between their two implementations.", where="; ".join(rows[:5]),
                          do="The report is built and marks them; do not act on these numbers before the difference is explained.")
    return 0
