"""What the data-quality report is made from: findings, rules, completeness, corrections and monitoring; files of later or earlier kinds of results may be absent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacer_analysis.render.inputs import Lines, document, lines, needed, optional

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class QualityInputs:
    """The contents of the files; `prefix` is how the page names their folder."""

    prefix: str
    rules: Lines
    queries: Lines
    inventory: Lines
    completeness: Lines
    corrections: Lines | None
    wording: dict[str, tuple[str, str]]
    monitoring: Lines
    shapes: Lines
    measures: Lines
    texts: frozenset[tuple[str, str]]
    identifiers: frozenset[str]
    cut: dict[str, Any]
    workbook: bool

    @property
    def unit(self) -> str:
        """What findings are followed over: the cuts of a trial, or exports."""
        return "cut" if self.prefix else "export"

    def source(self, name: str) -> str:
        """A file as the page names it."""
        return f"{self.prefix}{name}"


def read_quality(folder: Path, root: Path, prefix: str, identifiers: frozenset[str] = frozenset()) -> QualityInputs:
    """The inputs in a folder of validated data; `root` is what errors name paths relative to."""
    fields = optional(folder / "fields.csv")
    return QualityInputs(
        prefix=prefix, rules=lines(needed(folder / "rules.csv", root)), queries=lines(needed(folder / "queries.csv", root)),
        inventory=lines(needed(folder / "inventory.csv", root)), completeness=optional(folder / "completeness.csv"),
        corrections=lines(folder / "corrections.csv") if (folder / "corrections.csv").is_file() else None,
        wording={line["rule"]: (line["letter"], line["words"]) for line in optional(folder / "rules_wording.csv")},
        monitoring=optional(folder / "monitoring.csv"), shapes=optional(folder / "monitoring_shapes.csv"), measures=optional(folder / "monitoring_measures.csv"),
        texts=frozenset((line.get("form") or line["source"], line["field"]) for line in fields if line.get("kind") == "text"),
        identifiers=identifiers | {line["field"] for line in fields if line.get("identifier")}, cut=document(needed(folder / "cut.json", root)),
        workbook=(folder / "queries.xlsx").is_file())
