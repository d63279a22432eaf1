"""Damaged exports and dictionaries, one after the other: each must end in a right read or in a PacerError.

`python tests/properties/fuzz_exports.py FOLDER SEED COUNT` runs COUNT cases and prints one line of JSON per failure, then a line with the tally.
FOLDER holds the undamaged projects: one folder each, with `export.*` and `dictionary/`.
"""

from __future__ import annotations

import csv
import io
import json
import random
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pacer_analysis.dictionary import load_any
from pacer_analysis.errors import PacerError
from pacer_analysis.read.export import read_export
from tests.properties.mutations import HARMLESS, MUTATIONS

SECONDS = 30
MEMORY = 6 * 2**30
ENCODINGS = ("utf-8-sig", "cp1252", "latin-1")


class Hang(Exception):
    """A case that took longer than it may."""


def _too_long(*_: Any) -> None:
    raise Hang


def one_case(project: Path, folder: Path, seed: int) -> tuple[str, str]:
    """What came of one damaged copy of a project: its kind of damage, and `read`, `refused` or what went wrong."""
    chance = random.Random(seed)
    shutil.copytree(project, folder, dirs_exist_ok=True)
    export = next(folder.glob("export.*"))
    files = [export] if chance.random() < 0.6 else sorted(path for path in (folder / "dictionary").iterdir())
    damaged = chance.choice(files)
    mutate = chance.choice(MUTATIONS)
    kind = f"{mutate.__name__} of {damaged.name}"
    damaged.write_bytes(mutate(damaged.read_bytes(), chance))
    signal.alarm(SECONDS)
    try:
        reading = read_export(export, load_any(folder / "dictionary"))
    except PacerError as problem:
        return kind, "refused" if str(problem).strip() and "Traceback" not in str(problem) else "refused without a word"
    except Hang:
        return kind, f"took longer than {SECONDS} s"
    except MemoryError:
        return kind, "took too much memory"
    except BaseException:  # noqa: BLE001  # whatever else comes up is what this looks for
        return kind, traceback.format_exc()[-1500:]
    finally:
        signal.alarm(0)
    if damaged == export and export.suffix == ".csv":
        wrong = not_in_the_file(reading, export)
        if wrong:
            return kind, f"read what the file does not hold: {wrong}"
        if mutate.__name__ in HARMLESS:
            whole = read_export(next(project.glob("export.*")), load_any(project / "dictionary"))
            if tables(whole) != tables(reading):
                return kind, "harmless, but the tables differ"
    return kind, "read"


def tables(reading: Any) -> dict[str, Any]:
    """Every table as text."""
    return {table.form: {name: [str(text) for text in cells.levels.raw[cells.codes]] for name, cells in table.fields.items()} | {"": [str(text) for text in table.record.texts]}
            for table in reading.tables}


def not_in_the_file(reading: Any, export: Path) -> str:
    """A column with a text that a plain parse of the file does not have in that column; '' if there is none."""
    content = export.read_bytes()
    for encoding in ENCODINGS:
        for delimiter in ",\t;|^":
            try:
                rows = list(csv.reader(io.StringIO(content.decode(encoding), newline=""), delimiter=delimiter))
            except (UnicodeDecodeError, csv.Error):
                continue
            if rows and len(rows[0]) > 1 and (wrong := _missing(reading, rows)) == "":
                return ""
            if rows and len(rows[0]) > 1 and reading.record in [name.strip() for name in rows[0]]:
                return wrong
    return ""


def _missing(reading: Any, rows: list[list[str]]) -> str:
    held: dict[str, set[str]] = {}
    for place, name in enumerate(rows[0]):      # names in capitals are taken for those of the dictionary
        held.setdefault(name.strip().lower(), set()).update(row[place].strip() for row in rows[1:] if place < len(row))
    for table in reading.tables:
        for name, cells in table.fields.items():
            known = held.get(name.lower(), set())
            if not {str(text).strip() for text in cells.levels.raw[cells.codes]} <= known | {"", "0"}:
                return f"{table.form}.{name}"
    return ""


def main(projects: Path, seed: int, count: int) -> None:
    """Runs the cases and prints what went wrong."""
    csv.field_size_limit(2**31 - 1)
    signal.signal(signal.SIGALRM, _too_long)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    places = sorted(path for path in projects.iterdir() if path.is_dir())
    tally: dict[str, int] = {}
    for number in range(seed, seed + count):
        with tempfile.TemporaryDirectory() as folder:
            kind, outcome = one_case(places[number % len(places)], Path(folder), number)
        tally[outcome if outcome in {"read", "refused"} else "wrong"] = tally.get(outcome if outcome in {"read", "refused"} else "wrong", 0) + 1
        if outcome not in {"read", "refused"}:
            print(json.dumps({"seed": number, "project": places[number % len(places)].name, "kind": kind, "outcome": outcome}))
    print(json.dumps({"tally": tally, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
