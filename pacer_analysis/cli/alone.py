"""The verbs that need no plan: what is in an export, its validation by a dictionary alone, a cut from REDCap's API, two cuts compared."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError, PacerError
from pacer_analysis.provenance.publish import whole_or_nothing

if TYPE_CHECKING:
    from pacer_analysis.read.export import Options

Arguments = argparse.Namespace
Add = Callable[[str, Callable[[Arguments], int | None], str], argparse.ArgumentParser]
OWN_FILES = ("cut.json", "rules.csv")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
CODE = re.compile(r"[^\s;,|]+")
# What stands after a comma and is no label: further codes, or a single short one in capitals or digits.
CODES = re.compile(r"[^\s,]+(\s*,\s*[^\s,]+)+|-?[A-Z0-9_]{1,5}")
EITHER = "pacer validate PLAN --cut CUT, or pacer validate --export E --dictionary D --out DIR"


def add_verbs(verb: Add) -> None:
    """Adds `inspect`, `fetch` and `compare` to the command line."""
    inspect = verb("inspect", _inspect, "Say on one screen what is in an export.")
    inspect.add_argument("export", type=Path, help="a REDCap export (CSV, EAV, XML), or a Stata, SAS or SPSS file")
    inspect.add_argument("--dictionary", type=Path, help="its dictionary: REDCap's CSV, the project XML, a flat dictionary, or a folder with one")
    add_options(inspect)
    fetch = verb("fetch", _fetch, "Take a cut from REDCap's API: records, dictionary, structure. The token comes from REDCAP_API_TOKEN or a file.")
    fetch.add_argument("--url", required=True, help="the address of the API, as in https://redcap.example.org/api/")
    fetch.add_argument("--out", type=Path, required=True, help="the cut's folder to make; its name is the cut's name")
    fetch.add_argument("--token-file", type=Path, help="a file with the token that its owner alone can read")
    fetch.add_argument("--batch", type=int, default=500, help="records asked for at once (default 500)")
    compare = verb("compare", _compare, "Records and values added, changed and removed between two cuts.")
    compare.add_argument("before", type=Path, metavar="CUT1", help="the results folder of a cut, or what `pacer validate --out` wrote")
    compare.add_argument("after", type=Path, metavar="CUT2")
    compare.add_argument("--out", type=Path, help="the folder to make, with summary.csv and changes.csv")


def add_options(added: argparse.ArgumentParser) -> None:
    """Adds what cannot be told from the export itself."""
    added.add_argument("--labels", action="store_true", help="the export holds labels instead of codes: read by position")
    added.add_argument("--deidentified", action="store_true", help="identifiers were removed and dates shifted")
    added.add_argument("--decimal", type=_decimal, default="", metavar="CHARACTER", help="the decimal character of all numbers (default: as the dictionary says)")
    added.add_argument("--missing-codes", default="", help='missing-data codes, as in "NI, No information | UNK, Unknown" or "NI|UNK" (default: as the dictionary says)')
    added.add_argument("--key", type=_names, default=(), metavar="ID,VISIT", help="the columns that make a row of a flat file unique, the record id first (default: the first field)")
    added.add_argument("--encoding", default="", help="the encoding of a text export (default: UTF-8, else Windows-1252)")
    added.add_argument("--script", type=Path, help="the script (.do) with the column names of an export without a header")


def add_validation(added: argparse.ArgumentParser) -> None:
    """Adds the options of a validation without a plan."""
    group = added.add_argument_group("without a plan")
    group.add_argument("--export", type=Path, help="the export")
    group.add_argument("--dictionary", type=Path, help="its dictionary: REDCap's CSV, the project XML, a flat dictionary, or a folder with one")
    group.add_argument("--out", type=Path, help="the folder to make: tables, queries.csv, queries.xlsx, data_quality.html")
    group.add_argument("--day", type=_day, help="the day of the export (default: the date in its name, else the last in its data)")
    group.add_argument("--corrections", type=Path, help="corrections.csv: record, event, instrument, instance, field, old, new, reason, who, date")
    group.add_argument("--accepted", type=Path, help="accepted.csv: query_id, reason, who, date")
    group.add_argument("--previous", type=Path, help="the --out folder of the export before this one")
    add_options(group)  # type: ignore[arg-type]  # a group takes arguments as a parser does


def options_of(arguments: Arguments) -> Options:
    """The options of a command line as the reader takes them; PacerError for missing-data codes that are no list."""
    from pacer_analysis.dictionary import parse_choices
    from pacer_analysis.read.export import Options

    codes, remarks = parse_choices(arguments.missing_codes) if arguments.missing_codes else ({}, ())
    if remarks or (arguments.missing_codes and not codes) or not all(CODE.fullmatch(code) and (label == code or not _is_list(label)) for code, label in codes.items()):
        raise PacerError("the missing-data codes cannot be read", where="--missing-codes", allowed='"NI, No information | UNK, Unknown", or codes without labels, "NI|UNK"',
                         do="write | between the codes, and a comma only between a code and its label")
    return Options(labels=arguments.labels, deidentified=arguments.deidentified, decimal=arguments.decimal, missing_codes=codes, script=arguments.script, encoding=arguments.encoding,
                   key=arguments.key)


def _is_list(label: str) -> bool:
    """True if the label of a missing-data code looks like more codes."""
    return CODES.fullmatch(label) is not None


def _names(text: str) -> tuple[str, ...]:
    """Names on the command line, separated by commas, as flat dictionaries have them."""
    return tuple(name for part in text.split(",") if (name := part.strip().lower()))


def _day(text: str) -> datetime.date:
    """A date on the command line."""
    try:
        if DAY.fullmatch(text):
            return datetime.date.fromisoformat(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(str(PacerError(f"{text!r} is no day", where="--day", allowed="YYYY-MM-DD, as in 2024-05-02", do="write the day so, or leave the option out")))


def _decimal(text: str) -> str:
    """A decimal character on the command line."""
    if text in {"", ",", "."}:      # blank is the default
        return text
    raise argparse.ArgumentTypeError(str(PacerError(f"{text!r} is no decimal character", where="--decimal", allowed="a comma or a point: --decimal , or --decimal .",
                                                    do="give one of the two, or leave the option out")))


def half_given(arguments: Arguments) -> PacerError:
    """The error of a `pacer validate` that is neither that of a plan's cut nor that of an export alone, naming what is missing."""
    given = [f"--{name}" for name in ("export", "dictionary", "out") if getattr(arguments, name)]
    missing = [f"--{name}" for name in ("export", "dictionary", "out") if not getattr(arguments, name)]
    if arguments.plan is not None and given:
        what, do = f"a plan was given together with {', '.join(given)}, which are for an export without a plan", f"leave out either the plan or {', '.join(given)}"
    elif arguments.plan is not None:
        what, do = "the option --cut is missing: which cut of the plan is to be validated", "add --cut and the name of the cut's folder"
    elif given:
        what, do = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing", f"add {' and '.join(missing)}"
    else:
        what, do = "neither a plan nor an export was given", "give all of one"
    error = PacerError(what, where="pacer validate", allowed=EITHER, do=do)
    error.exit_code = 2
    return error


def validate_alone(arguments: Arguments) -> None:
    """Tables, queries and the data-quality page of one export by its dictionary."""
    from pacer_analysis import monitoring, render
    from pacer_analysis.validate.alone import run
    from pacer_analysis.validate.earlier_run import refuse_to_replace

    options = options_of(arguments)
    earlier = arguments.previous / "queries.csv" if arguments.previous else None
    if earlier and not earlier.is_file():
        raise ExportError("the folder of the export before has no queries.csv", where=str(arguments.previous), do="name the --out folder of an earlier `pacer validate`")
    if earlier is None:
        refuse_to_replace(arguments.out, arguments.export.name)
    with _made(arguments.out, OWN_FILES) as folder:
        said = run(arguments.export, arguments.dictionary, folder, options=options, day=arguments.day, corrections=arguments.corrections,
                   accepted=arguments.accepted, previous=earlier)
        if earlier is None:
            refuse_to_replace(arguments.out, arguments.export.name, json.loads((folder / "cut.json").read_text(encoding="utf-8"))["cutoff"])
        monitoring.run_alone(folder, arguments.dictionary)
        render.run_alone(folder, folder / "data_quality.html")
    print(said)
    print(f"{arguments.out / 'data_quality.html'}")


def _inspect(arguments: Arguments) -> None:
    from pacer_analysis.inspection import inspect

    print(inspect(arguments.export, arguments.dictionary, options_of(arguments)))


def _fetch(arguments: Arguments) -> None:
    from pacer_analysis.fetch import fetch, read_token
    from pacer_analysis.provenance.study import cut_name

    name = cut_name(arguments.out.absolute().name)
    if arguments.batch < 1:
        raise PacerError(f"--batch {arguments.batch} is no number of records", allowed="1 or more", do="give a larger number")
    token = read_token(arguments.token_file, os.environ)
    now = datetime.datetime.now().astimezone()
    with _made(arguments.out, ()) as folder:
        fetched = fetch(arguments.url, token, folder, now=now, batch=arguments.batch)
        (folder / "cut.yaml").write_text(f"name: {name}\ncutoff: {now:%Y-%m-%d}        # the day up to which the data are complete: set it earlier if they are not\n"
                                         f"kind: interim\nlocked_at: {now.isoformat(timespec='minutes')}\nprevious: null\nseries: fetched\n", encoding="utf-8")
    print(f"{arguments.out / fetched.file}: {fetched.records} records, {fetched.rows} rows, {fetched.columns} columns")
    for remark in fetched.remarks:
        print(f"note: {remark}", file=sys.stderr)


def _compare(arguments: Arguments) -> None:
    from pacer_analysis.compare import compare

    if arguments.out is None:
        print(compare(arguments.before, arguments.after, None))
        return
    with _made(arguments.out, ("summary.csv", "changes.csv")) as folder:
        said = compare(arguments.before, arguments.after, folder)
    print(said)


@contextmanager
def _made(out: Path, own: tuple[str, ...]) -> Iterator[Path]:
    """A folder to write into that becomes `out` if all goes well; PacerError if that would replace what this command did not make."""
    place = out.absolute()
    if place.exists() and (not place.is_dir() or (any(place.iterdir()) and not (own and all((place / name).is_file() for name in own)))):
        raise PacerError("the folder to write is in use", where=str(out), allowed="a folder that does not exist, is empty, or was made by this command", do="choose another name for --out")
    with whole_or_nothing(place.parent) as temporary:
        folder = temporary / place.name
        folder.mkdir(mode=0o750)
        yield folder
