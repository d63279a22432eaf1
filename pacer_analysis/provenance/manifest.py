"""manifest.json: what went in, what computed, what came out - without a clock and without the arm."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path

from pacer_analysis.provenance import digest
from pacer_analysis.provenance.stamped import BESIDE, written_beside
from pacer_analysis.provenance.study import read_outline


def write_manifest(path: Path, *, plan: Path, cut: str, exports: Path, restricted: bool, outputs: Mapping[str, Path], unlisted: Collection[str] = ()) -> None:
    """The manifest of one audience.

    The open side lists no digest of a file that betrays the arm, whole or in part: of a mixed file only its open part stands, among the outputs.
    `unlisted` names sources whose digest would itself tell: a blinding file has so few possible contents that its digest gives it away.
    """
    outline = read_outline(plan)
    inputs = {"cut.yaml": digest.of_file(exports / "cut.yaml")}
    for name, source in outline.sources.items():
        if name not in unlisted and (restricted or source.reveals == "no"):
            inputs |= {found.name: digest.of_file(found) for found in sorted(exports.glob(source.pattern)) if found.name not in BESIDE}
    inputs |= written_beside(exports, "exports") | (written_beside(exports, "sealed") if restricted else {})
    versions = digest.versions()
    code = digest.of_code("estimate")
    files = {file: value for file, value in digest.of_folder(plan).items() if file.endswith(".yaml")}
    content = {
        "study": outline.id, "cut": cut, "inputs": inputs, "plan": digest.of_mapping(files),
        "dictionary": digest.of_mapping(digest.of_folder(outline.dictionary)), "code": digest.of_mapping(code), "lock": digest.of_lock(),
        "python": versions.pop("python"), "versions": versions, "seed": None,
        "outputs": {name: digest.of_file(found) for name, found in sorted(outputs.items())},
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
