"""An export for a statistics program: a table without header, and a script that names its columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError
from pacer_analysis.read.files import Head, headers
from pacer_analysis.read.labels import plain
from pacer_analysis.read.layout import layout, read_names
from pacer_analysis.read.rawcsv import wide_of
from pacer_analysis.read.statisticalfile import StatisticalFile, Variable
from pacer_analysis.read.statisticalnames import SHORTENED, name_columns
from pacer_analysis.read.wide import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from pacer_analysis.dictionary import Project
    from pacer_analysis.read.wide import Wide

MARK = "_DATA_NOHDRS_"
# How the scripts beside such a table are called, and where each lists the columns.
SCRIPTS = (("_STATA_", ".do"), ("_SAS_", ".sas"), ("_SPSS_", ".sps"))
LISTS = {
    ".do": re.compile(r"^\s*(?:import\s+delimited|insheet)\s+(?P<names>.+?)\s+using\s", re.IGNORECASE | re.MULTILINE | re.DOTALL),
    ".sas": re.compile(r"^\s*input\s+(?P<names>[^;]+);", re.IGNORECASE | re.MULTILINE),
    ".sps": re.compile(r"^\s*(?:DATA\s+LIST\b[^/]*?/|GET\s+DATA\b.*?/VARIABLES\s*=)\s*(?P<names>.+?)\.\s*$", re.IGNORECASE | re.MULTILINE | re.DOTALL),
}
NOT_NAMES = re.compile(r"\([^)]*\)|///[^\n]*|\$|\b[A-Z]+[0-9]+(\.[0-9]+)?(?=\s|$)")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
VARIABLE_LABEL = re.compile(r"^\s*label\s+variable\s+(?P<name>\S+)\s+\"(?P<label>.*)\"\s*$", re.IGNORECASE | re.MULTILINE)
LONGEST_NAME = 32


def find_script(path: Path) -> Path | None:
    """The script that belongs to a table by its name: the same project and time."""
    if MARK not in path.name:
        return None
    before, _, after = path.stem.partition(MARK)
    names = {name.name.lower(): name for name in sorted(path.parent.iterdir()) if name.suffix.lower() in LISTS}
    return next((names[wanted] for part, suffix in SCRIPTS if (wanted := f"{before}{part}{after}{suffix}".lower()) in names), None)


def read_headerless(path: Path, script: Path | None, project: Project, missing: Collection[str], keep: Collection[str], encoding: str = "") -> Wide:
    """The columns of a table without header under the names that its script gives them, shortened names under their whole ones.

    ExportError if there is no script, if it does not name as many columns as the table has, or if a shortened name could be several.
    """
    script = script or find_script(path)
    if script is None:
        raise ExportError("an export has no header: the names of its columns are in the script that REDCap gave with it", where=str(path),
                          allowed=f"{path.name.replace('_DATA_NOHDRS_', '_STATA_').removesuffix('.csv')}.do beside it, or another script named with --script",
                          do="put the Stata script (.do) beside the table, or export raw CSV, which has a header")
    names, labels = script_names(script)
    heads = headers(path, encoding)
    fitting = [head for head in heads if len(head.names) == len(names)]
    if not fitting:
        found = max((len(head.names) for head in heads), default=0)
        raise ExportError(f"the script {script.name} names {len(names)} columns, and the table has {found}", where=f"{path}, line 1",
                          allowed="table and script of the same export", do="put the script of this export beside it, or export raw CSV, which has a header")
    whole = _whole_names(path, names, labels, project)
    head = Head(tuple(whole), fitting[0].delimiter, headed=False, skip=fitting[0].skip)
    return wide_of(path, "headerless", head, read_names(whole, project, missing), project, keep, encoding)


def script_names(script: Path) -> tuple[list[str], dict[str, str]]:
    """The names of the columns in the order of the table, and the labels that the script gives them; ExportError if it lists none."""
    from pacer_analysis.read.kinds import beginning

    beginning(script)
    text = script.read_bytes().decode("utf-8-sig", errors="replace")
    pattern = LISTS.get(script.suffix.lower())
    found = pattern.search(text) if pattern else None
    names = NAME.findall(NOT_NAMES.sub(" ", found["names"])) if found else []
    if not names:
        raise ExportError("the names of the columns cannot be read from this script", where=str(script),
                          allowed="a Stata script (.do) as REDCap writes it, with `import delimited NAMES using`; a SAS or SPSS script",
                          do="name the .do file of this export with --script, or export raw CSV, which has a header")
    repeated = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if repeated:
        raise ExportError(f"the script names columns twice: {', '.join(repeated[:5])}", where=str(script), do="export raw CSV, which has a header")
    return names, {match["name"]: match["label"] for match in VARIABLE_LABEL.finditer(text)}


def _whole_names(path: Path, names: Sequence[str], labels: dict[str, str], project: Project) -> list[str]:
    """The names with those that REDCap shortened for Stata under their whole names."""
    if not any(SHORTENED.fullmatch(name) for name in names):
        return list(names)
    variables = tuple(Variable(name, name, labels.get(name, ""), "", "") for name in names)
    expected = dict.fromkeys(SYSTEM, "") | {name: _label(name, column.field, project) for name, column in layout(project).items()}
    named = name_columns(StatisticalFile(path, "stata", "", "", 0, variables, LONGEST_NAME), expected)
    whole = {variable.name: name for name, variable in named.known.items()}
    return [whole.get(name, name) for name in names]


def _label(name: str, field: object, project: Project) -> str:
    """The label that REDCap's script gives a column."""
    from pacer_analysis.dictionary import Field, checkbox_column

    if not isinstance(field, Field):
        return "Complete?" if name.removesuffix("_complete") in project.dictionary.forms else ""
    if field.type == "checkbox":
        return next((plain(f"{field.label} (choice={label})") for code, label in field.choices.items() if checkbox_column(field.name, code) == name), "")
    return field.plain_label
