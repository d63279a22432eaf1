"""The verbs of `pacer`: arguments in, folders handed to the rooms, failures explained."""

from __future__ import annotations

import argparse
import datetime
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pacer_analysis.cli.alone import add_validation, add_verbs, half_given, validate_alone
from pacer_analysis.errors import NotVerified, PacerError, PlanError
from pacer_analysis.plan import cut_folder, cut_name, load, load_cut
from pacer_analysis.provenance.digest import of_folder
from pacer_analysis.provenance.jobs import JOBS
from pacer_analysis.provenance.publish import holding, whole_or_nothing, write_error
from pacer_analysis.provenance.receipts import leave, made_from, take_back
from pacer_analysis.provenance.study import read_outline
from pacer_analysis.results import NOT_VERIFIED, read_estimates

if TYPE_CHECKING:
    from pacer_analysis.plan import Cut, Plan

Arguments = argparse.Namespace
REPORTS = ("data_quality", "open", "closed", "final")
TARGETS = (*REPORTS, "all")


def run_command(argv: Sequence[str]) -> int:
    """The exit code of one command: 0, the class of the failure, or 2 for a wrong command line."""
    arguments, rest = parser().parse_known_args(argv)
    if rest and not (arguments.verb is _run and set(rest) <= set(TARGETS)):
        parser().error(f"unrecognised: {' '.join(rest)}" + (f" (reports to ask for: {', '.join(TARGETS)})" if arguments.verb is _run else ""))
    arguments.targets = rest or ["data_quality_and_open"]
    try:
        return int(arguments.verb(arguments) or 0)
    except BrokenPipeError:      # whoever read the output has gone
        return 0
    except OSError as problem:
        error = PacerError(f"{problem.strerror or problem}.", where=str(problem.filename or ""), do="Check that the file is there, is yours to use, and that the disk is not full.")
    except PacerError as problem:
        error = problem
    log = getattr(arguments, "log", None)
    if log:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(f"{error}\n", encoding="utf-8")
    if not write_error(error):
        print(f"pacer: {error}", file=sys.stderr)
    return error.exit_code


def parser() -> argparse.ArgumentParser:
    """The command line, one sub-command a verb."""
    top = argparse.ArgumentParser(prog="pacer", description="From raw exports to the reports of a retention-and-suppression trial.")
    verbs = top.add_subparsers(metavar="VERB", required=True)

    def verb(name: str, function: Callable[[Arguments], int | None], text: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=text, description=text)
        added.set_defaults(verb=function)
        return added

    def job(name: str, function: Callable[[Arguments], int | None], text: str, *, without_plan: bool = False) -> argparse.ArgumentParser:
        added = verb(name, function, text)
        _places(added, cut_required=not without_plan, plan_required=not without_plan)
        added.add_argument("--log", type=Path, help="where a failure is written as well")
        return added

    new = verb("new", _new, "Write a commented plan skeleton from a data dictionary.")
    new.add_argument("dir", type=Path, help="the folder to make")
    new.add_argument("--dictionary", type=Path, required=True, help="REDCap's data dictionary, or a flat dictionary (name,label,type,unit,min,max,codes)")
    new.add_argument("--export", type=Path, help="an export of the same data; its file name becomes the source's")
    check = verb("check", _check, "Resolve every name of a plan: sources, fields, populations, endpoints, estimators, options.")
    _places(check, cut_required=False)
    check.add_argument("--gate", choices=("check", "check_endpoints", "check_analyses"), help="in the workflow: the job whose receipt is left")
    check.add_argument("--log", type=Path)
    run = verb("run", _run, "Everything from exports to reports. After the options stand the reports wanted: " + ", ".join(TARGETS) + " (default: data_quality and open).")
    run.usage = "pacer run PLAN --cut CUT [--exports DIR] [--results DIR] [--cores N] [--dry-run] [TARGET ...]"
    _places(run)
    run.add_argument("--cores", type=int, default=2, help="jobs at once (default 2)")
    run.add_argument("--dry-run", action="store_true", help="say which jobs would run and why")
    simulate = verb("simulate", _simulate, "Write the raw exports of one synthetic cut of PACER.")
    simulate.add_argument("plan", type=Path, nargs="?", default=Path("analysis_plan/pacer"))
    simulate.add_argument("--n", type=int, default=412, help="women randomised (default 412)")
    simulate.add_argument("--seed", type=int, default=20150416)
    simulate.add_argument("--out", type=Path, required=True, help="the cut's folder; its name is the cut's name")
    simulate.add_argument("--interim", type=datetime.date.fromisoformat, help="cut off at this date (2016-06-30): an interim cut")
    simulate.add_argument("--defects", choices=("planted", "none"), default="planted")
    validate = job("validate", _validate, "Read exports, convert them field by field, and list findings: those of a plan's cut, or one export with its dictionary and no plan.",
                   without_plan=True)
    validate.add_argument("--sealed", action="store_true", help="the restricted side: with the allocation and what betrays it")
    add_validation(validate)
    for name, function, text in (("derive", _derive, "Derive participants, visits, viral loads, retention and endpoints."),
                                 ("estimate", _estimate, "Compute the plan's analyses.")):
        job(name, function, text).add_argument("--sealed", action="store_true", help="the restricted side: with the allocation and what betrays it")
    job("render", _render, "Write one report.").add_argument("--report", choices=REPORTS, required=True)
    add_verbs(verb)
    return top


def _places(added: argparse.ArgumentParser, *, cut_required: bool = True, plan_required: bool = True) -> None:
    added.add_argument("plan", type=Path, metavar="PLAN", nargs=None if plan_required else "?", help="the plan's folder")
    added.add_argument("--cut", required=cut_required, help="the data cut's name")
    added.add_argument("--exports", type=Path, default=Path("exports"), help="the folder of exports (default: exports)")
    added.add_argument("--results", type=Path, default=Path("results"), help="the folder of results (default: results)")


def _as_job(arguments: Arguments, job: str, work: Callable[[Plan, Cut, Path, Path], str]) -> None:
    """Do the work in a temporary folder of the results, put it in place whole, leave a receipt, and say what came of it.

    The lock is the one that a later run waits for. What the job is made from is hashed before anything is read.
    """
    started = time.perf_counter()
    folder = cut_folder(arguments.exports, read_outline(arguments.plan).id, cut_name(arguments.cut))
    results = arguments.results / read_outline(arguments.plan).id / arguments.cut
    with holding(arguments.results / "logs" / results.relative_to(arguments.results) / "jobs.lock", shared=True, wait=True):
        made = made_from(job, arguments.plan, folder, results)
        plan, cut = load(arguments.plan), load_cut(folder)
        below = "restricted" if JOBS[job].restricted else "reports" if job in REPORTS else ""
        with whole_or_nothing(results / below) as out:
            said = work(plan, cut, results, out)
            wrote = {str(Path(below) / name): value for name, value in of_folder(out).items()}
            take_back(job, results)
        leave(job, results, made, wrote)
    if said:
        print(f"{job:<18}{said}  [{time.perf_counter() - started:.1f} s]", file=sys.stderr)


def _check(arguments: Arguments) -> None:
    from pacer_analysis import derive, estimate
    from pacer_analysis.plan.check import check

    def resolve(plan: Plan) -> None:
        check(plan)
        derive.check(plan)
        estimate.check(plan)

    def work(plan: Plan, _cut: Cut, _results: Path, _out: Path) -> str:
        resolve(plan)
        return ""

    if arguments.gate:
        _as_job(arguments, arguments.gate, work)
        return
    plan = load(arguments.plan)
    resolve(plan)
    for remark in estimate.remarks(plan):
        print(remark)
    print(f"{plan.id}: {len(plan.sources)} sources, {len(plan.populations)} populations, {len(plan.endpoints)} endpoints, {len(plan.analyses)} analyses; every name resolves.")


def _validate(arguments: Arguments) -> None:
    alone = [name for name in ("export", "dictionary", "out") if getattr(arguments, name)]
    if arguments.plan is None and len(alone) == 3:
        validate_alone(arguments)
        return
    if arguments.plan is None or alone or not arguments.cut:
        raise half_given(arguments)

    def work(plan: Plan, cut: Cut, results: Path, out: Path) -> str:
        from pacer_analysis import validate

        earlier = results.parent / cut.previous / ("restricted/queries_closed.csv" if arguments.sealed else "clean/queries.csv")
        previous = earlier if cut.previous and earlier.is_file() else None
        said = validate.run(plan, cut, exports=cut.folder, out=out, sealed=arguments.sealed, previous=previous)
        if not arguments.sealed:
            from pacer_analysis import monitoring

            monitoring.run_of_plan(plan, out / "clean")
        return said

    _as_job(arguments, "validate_sealed" if arguments.sealed else "validate", work)


def _derive(arguments: Arguments) -> None:
    def work(plan: Plan, cut: Cut, results: Path, out: Path) -> str:
        from pacer_analysis import derive

        (out / "sets").mkdir()
        return derive.run(plan, cut, clean=results / "clean", sealed=results / "restricted/sealed" if arguments.sealed else None, out=out / "sets")

    _as_job(arguments, "derive_sealed" if arguments.sealed else "derive", work)


def _estimate(arguments: Arguments) -> None:
    def work(plan: Plan, cut: Cut, results: Path, out: Path) -> str:
        from pacer_analysis import estimate

        return (estimate.run_restricted if arguments.sealed else estimate.run_open)(plan, cut, results=results, out=out)

    _as_job(arguments, "estimate_sealed" if arguments.sealed else "estimate", work)


def _render(arguments: Arguments) -> None:
    def work(plan: Plan, cut: Cut, results: Path, out: Path) -> str:
        from pacer_analysis import render

        if arguments.report == "final":
            _refuse_final(cut, results)
        file = out / f"{arguments.report}.html"
        render.run(plan, cut, report=arguments.report, results=results, out_file=file)
        return f"{file.stat().st_size / 1e6:.1f} MB"

    _as_job(arguments, arguments.report, work)


def _refuse_final(cut: Cut, results: Path) -> None:
    if cut.kind != "final":
        raise PlanError("The final report is refused: this cut is not the final one.", where=f"{cut.folder / 'cut.yaml'}, key `kind`", allowed="kind: final",
                        do="Ask for data_quality, open or closed; or lock the final cut.")
    unverified = [row.id for row in read_estimates(results / "restricted/final/estimates.csv") if row.note.startswith(NOT_VERIFIED)]
    if unverified:
        raise NotVerified(f"The final report is refused: {len(unverified)} of its estimates differ between their two implementations.", where="; ".join(unverified[:5]),
                          allowed="a difference of at most 1e-6, or an entry in the register of known differences", do="Look at them in restricted/final/estimates.csv; report the difference.")


def _simulate(arguments: Arguments) -> None:
    from pacer_analysis import simulate

    plan, out = load(arguments.plan), arguments.out.absolute()
    cut_name(out.name)
    if arguments.n < 1:
        raise PlanError(f"--n {arguments.n} is no number of women.", allowed="1 or more", do="Give a larger number.")
    with whole_or_nothing(out.parent) as folder:
        (folder / out.name).mkdir()
        simulate.write_cut(plan, n=arguments.n, seed=arguments.seed, out=folder / out.name, interim=arguments.interim, defects=arguments.defects)
    print(f"{out}: a synthetic cut of {arguments.n} women, seed {arguments.seed}", file=sys.stderr)


def _new(arguments: Arguments) -> None:
    from pacer_analysis.skeleton import write_skeleton

    print(write_skeleton(arguments.dir, dictionary=arguments.dictionary, export=arguments.export))


def _run(arguments: Arguments) -> int:
    from pacer_analysis.run import run_workflow

    return run_workflow(plan=arguments.plan, cut=arguments.cut, exports=arguments.exports, results=arguments.results,
                        targets=arguments.targets, cores=arguments.cores, dry_run=arguments.dry_run)
