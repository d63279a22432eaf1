"""`make recovery`: the operating characteristics of every estimator, printed and written to tests/recovery/characteristics.csv.

    python -m tests.recovery.characteristics [--only cox,logrank] [--quick] [--workers 2] [--out FILE]

Ends with 1 if a line fails without a named exception. `--only` replaces the lines of these estimators in the file and keeps the others; `--quick`
is a smoke test with a twentieth of the replicates, and writes nothing unless told where.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.recovery.characteristics.run import table, worst
from tests.recovery.characteristics.studies import STUDIES
from tests.recovery.characteristics.written import merged, ordered, printed, read, write

FILE = Path(__file__).resolve().parent.parent / "characteristics.csv"


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for, print it and write it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="estimators, separated by commas")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args(arguments)
    names = tuple(name for name in asked.only.split(",") if name)
    order = [study.estimator for study in STUDIES]
    unknown = [name for name in names if name not in order]
    if unknown:
        parser.error(f"no such estimator: {', '.join(unknown)}")
    lines = ordered(table(names, 20 if asked.quick else 1, asked.workers), order)
    print(printed(lines))
    out = asked.out or (None if asked.quick else FILE)
    if out:
        write(out, ordered(merged(read(out), lines), order) if names else lines)
    return worst(lines)


if __name__ == "__main__":
    sys.exit(main())
