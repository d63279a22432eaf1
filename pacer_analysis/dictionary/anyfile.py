"""A dictionary by its content: a data dictionary, a project XML, an instrument zip or a flat dictionary, or the folder that holds it."""

from __future__ import annotations

from pathlib import Path

from pacer_analysis.dictionary.csvtable import read_header
from pacer_analysis.dictionary.flat import FlatDictionary, load_flat
from pacer_analysis.dictionary.project import ZIP_START, Project, beginning, is_xml, load_project
from pacer_analysis.dictionary.redcap import resembles_dictionary
from pacer_analysis.errors import DictionaryError

ALLOWED = "REDCap's data dictionary (CSV), project XML, an instrument zip, or a flat dictionary with the columns name,label,type,..."
FLAT = frozenset({"name", "type"})
STATISTICS = (".dta", ".sav", ".zsav", ".por", ".xpt", ".sas7bdat", ".rds", ".rdata")
CANDIDATES = (".csv", ".xml", ".zip", ".txt", ".tsv")


def load_any(path: Path) -> Project | FlatDictionary:
    """The dictionary in a file, or in a folder that holds exactly one; DictionaryError says what a file is that is none."""
    if path.is_dir():
        path = _only_one(path)
    kind, reason = kind_of(path)
    if kind == "flat":
        return load_flat(path)
    if not kind:
        raise DictionaryError(reason, where=str(path), allowed=ALLOWED, do="name the dictionary of this project")
    return load_project(path.parent, path.name)


def kind_of(path: Path) -> tuple[str, str]:
    """Whether a file is a dictionary (redcap, odm, zip or flat), or '' and what it seems to be."""
    head = beginning(path)
    if not head:
        return "", "the file is empty"
    if path.suffix.lower() in STATISTICS:
        return "", "a statistical program's file holds data, not a REDCap dictionary"
    if head.startswith(ZIP_START):
        return "zip", ""
    if is_xml(head):
        return "odm", ""
    if head[:1] in {b"{", b"["}:
        return "", "the file is JSON"
    try:
        header = read_header(path)
    except DictionaryError as problem:
        return "", problem.what
    if resembles_dictionary(header):
        return "redcap", ""
    names = [name.lower() for name in header]
    if set(names) >= FLAT:
        return "flat", ""
    if any(name.startswith("redcap_") or name.endswith("_complete") for name in names):
        return "", "the file is an export of data, not a dictionary"
    return "", "the file is a table, but not a dictionary"


def _only_one(folder: Path) -> Path:
    """The one dictionary in a folder."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in CANDIDATES)
    found = [path for path in files if _describes(path)]
    if len(found) == 1:
        return found[0]
    named = ", ".join(path.name for path in found or files) or "nothing"
    raise DictionaryError(f"the folder holds {len(found) or 'no'} dictionaries" if found else "the folder holds no dictionary", where=str(folder),
                          allowed=f"exactly one of: {ALLOWED}; found: {named}", do="name the file itself")


def _describes(path: Path) -> bool:
    """True if a file can serve as a dictionary: an XML or a zip must hold one."""
    kind, _ = kind_of(path)
    if kind in {"odm", "zip"}:
        try:
            load_project(path.parent, path.name)
        except DictionaryError:
            return False
    return bool(kind)
