"""The jobs of the workflow: what each hangs on, and which come before it. The Snakefile and the receipts read this one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """A rule of the Snakefile: the stamps it hangs on, the jobs whose files it reads, and whether it sees the allocation."""

    stamps: tuple[str, ...]
    after: tuple[str, ...] = ()
    restricted: bool = False


PAGE = ("code-render", "trial", "endpoints", "analyses", "amendments", "templates", "environment")
JOBS: Mapping[str, Job] = {
    # Each check resolves every name of the plan; they differ in what makes them run again, and in what waits for them.
    "check": Job(("code-check", "trial", "dictionary")),
    "check_endpoints": Job(("endpoints",), ("check",)),
    "check_analyses": Job(("endpoints", "analyses"), ("check",)),
    "validate": Job(("code-validate", "trial", "dictionary", "cut", "exports", "mixed", "environment"), ("check",)),
    "derive": Job(("code-derive", "trial", "endpoints", "cut", "environment"), ("check_endpoints", "validate")),
    "estimate": Job(("code-estimate", "trial", "endpoints", "analyses", "cut", "environment"), ("check_analyses", "derive")),
    "data_quality": Job(PAGE, ("check_analyses", "validate", "estimate")),
    "open": Job(PAGE, ("check_analyses", "validate", "estimate")),
    # From here on the allocation is an input.
    "validate_sealed": Job(("code-validate", "trial", "dictionary", "cut", "exports", "mixed", "sealed", "environment"), ("check", "validate"), restricted=True),
    "derive_sealed": Job(("code-derive", "trial", "endpoints", "cut", "environment"), ("check_endpoints", "validate", "validate_sealed"), restricted=True),
    "estimate_sealed": Job(("code-estimate", "trial", "endpoints", "analyses", "cut", "environment"), ("check_analyses", "derive_sealed", "validate_sealed"), restricted=True),
    "closed": Job(PAGE, ("check_analyses", "validate", "estimate_sealed"), restricted=True),
    "final": Job(PAGE, ("check_analyses", "validate", "estimate_sealed"), restricted=True),
}
SEALED_STAMPS = frozenset({"mixed", "sealed"})
"""Stamps of files that betray the arm, whole or in part: they lie in restricted/."""


def stamp_path(name: str) -> str:
    """Where a stamp lies in the cut's results."""
    return f"restricted/.stamps/{name}.json" if name in SEALED_STAMPS else f".stamps/{name}.json"


def receipt_path(job: str) -> str:
    """Where a job's receipt lies: in restricted/, since receipts hang on the digests of all files, those with the arm among them."""
    return f"restricted/.receipts/{job}.json"
