"""Receipts: what a job was made from and what it wrote, by digest, left when all of it is in place.

Times of files can lie: a file edited and put back, a table deleted by hand, an export copied with an old date, a step run
alone with another plan. Before each run every receipt is held against the files; one that does not fit is dropped, and with
it the receipts that rest on it, so that the jobs run again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pacer_analysis.provenance import digest
from pacer_analysis.provenance.jobs import JOBS, receipt_path
from pacer_analysis.provenance.stamped import Cutting, content_of
from pacer_analysis.provenance.study import loosely, read_outline

Receipt = Mapping[str, Mapping[str, str]]


def made_from(job: str, plan: Path, exports: Path, results: Path) -> dict[str, dict[str, str]]:
    """The digests of a job's stamps and of the receipts before it, from the files as they are now: taken before anything is read."""
    cutting = Cutting(plan, read_outline(plan), exports, results, loosely(exports / "cut.yaml").get("previous"))
    return {"stamps": {name: digest.of_mapping(content_of(name, cutting)) for name in JOBS[job].stamps},
            "after": {before: _digest_of(results / receipt_path(before)) for before in JOBS[job].after}}


def take_back(job: str, results: Path) -> None:
    """Drop a job's receipt: what it wrote is about to change."""
    (results / receipt_path(job)).unlink(missing_ok=True)


def leave(job: str, results: Path, made: Mapping[str, Mapping[str, str]], wrote: Mapping[str, str]) -> None:
    """Write a job's receipt; `wrote` has the digest of each file by its path in the results."""
    path = results / receipt_path(job)
    (results / "restricted").mkdir(parents=True, exist_ok=True, mode=0o700)
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps({**made, "wrote": dict(sorted(wrote.items()))}, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    temporary.replace(path)


def drop_stale_receipts(results: Path, contents: Mapping[str, Mapping[str, str]]) -> None:
    """Remove every receipt that the stamps' contents, the receipts before it or the files it lists no longer bear out."""
    stamps = {name: digest.of_mapping(content) for name, content in contents.items()}
    for name, job in JOBS.items():
        path = results / receipt_path(name)
        if not path.is_file():
            continue
        receipt = _read(path)
        after = {before: _digest_of(results / receipt_path(before)) for before in job.after}
        fits = receipt.get("stamps") == {stamp: stamps[stamp] for stamp in job.stamps} and receipt.get("after") == after and "" not in after.values()
        if not fits or any(_digest_of(results / file) != expected for file, expected in receipt.get("wrote", {}).items()):
            path.unlink()


def _read(path: Path) -> Receipt:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _digest_of(path: Path) -> str:
    return digest.of_file(path) if path.is_file() else ""
