"""The hand-written corpora: one expression a line under `## section`, with the escapes \\n, \\r, \\t and \\\\ for the characters."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
ESCAPES = {"\\n": "\n", "\\r": "\r", "\\t": "\t", "\\\\": "\\"}


def corpus(name: str = "logic_corpus") -> list[tuple[str, str]]:
    """Section and expression of every line of `logic_corpus`, `logic_corpus_refused` or `logic_corpus_unknown`."""
    section, found = "", []
    for line in (HERE / f"{name}.txt").read_text(encoding="utf-8").split("\n"):
        if line.startswith("## "):
            section = line[3:]
        elif line:
            found.append((section, re.sub(r"\\[nrt\\]", lambda match: ESCAPES[match.group()], line)))
    return found
