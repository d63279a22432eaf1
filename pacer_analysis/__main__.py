"""`python -m pacer_analysis` and the command `pacer`."""

from __future__ import annotations

import csv
import os
import sys


def main() -> None:
    """Run the command line with one thread of linear algebra: more change the last digits of a fit."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    csv.field_size_limit(2**31 - 1)      # a cell of an export may be as long as a patient's history
    from pacer_analysis.cli import run_command

    sys.exit(run_command(sys.argv[1:]))


if __name__ == "__main__":
    main()
