"""What R and pandas make of an export on its way: NA for a blank, 1.0 for the code 1. Read as REDCap wrote it, and said once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pacer_analysis.read.labelled import choices_of
from pacer_analysis.read.notes import Note, many
from pacer_analysis.read.tidy import with_levels
from pacer_analysis.read.wide import EVENT, GROUP, INSTANCE, INSTRUMENT, SYSTEM

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pacer_analysis.dictionary import Project
    from pacer_analysis.read.layout import Column
    from pacer_analysis.read.tidy import Coded
    from pacer_analysis.read.wide import Wide

ABSENT = "NA"
# Text files with a cell for each row and column; elsewhere a blank is not written at all.
SHAPES = frozenset({"csv", "labels", "headerless"})
TICKED_NA = "___na"
WORD = re.compile(r"[A-Z][A-Z_]{1,11}")
COLUMNS = 3         # of so many columns none can hold NA by chance
DOTTED = re.compile(r"-?[0-9]+\.[0-9]+")
WHOLE = re.compile(r"-?[0-9]+\.0")
AS_WRITTEN = "take the export as REDCap wrote it"


def as_redcap_wrote(wide: Wide, layout: Mapping[str, Column], project: Project, missing: Collection[str]) -> list[Note]:
    """Reads, in place, NA as a blank and 1.0 as the code 1 where R or pandas wrote them; a note for each of the two."""
    if wide.shape not in SHAPES:
        return []
    return [*_blanks(wide, layout, project, missing), *_whole_numbers(wide, layout, project, missing)]


def _blanks(wide: Wide, layout: Mapping[str, Column], project: Project, missing: Collection[str]) -> list[Note]:
    """NA for a blank.

    R writes it for every blank of a file, or for those of columns that are no text. Where text is beside blanks, NA is what somebody wrote.
    """
    record = project.dictionary.record_id
    held = [name for name, column in wide.columns.items() if name != record and ABSENT in column.levels.tolist()]
    if ABSENT in missing or not held:
        return []
    blank = {name for name, column in wide.columns.items() if any(not text or text.isspace() for text in column.levels.tolist())}
    fields = {name for name, about in layout.items() if about.field is not None and name != record}
    codes = {name for name in held if name in layout and ABSENT in choices_of(name, layout[name])}
    untold = [name for name in held if name in layout and layout[name].kind != "text" and name not in codes]        # NA is no value of theirs
    everywhere = bool(untold) and not blank & fields
    if any(name.endswith(TICKED_NA) and (field := layout[name].field) is not None and name not in field.columns for name in wide.columns if name in layout):
        return []       # a box for NA: it is a missing-data code of the project that nobody declared
    words = {text for name, about in layout.items() if about.kind != "text" and name in wide.columns for level in wide.columns[name].levels
             if WORD.fullmatch(text := str(level).strip()) and text not in choices_of(name, about)} - {ABSENT, *missing}
    # ASSUME: NA is how another program wrote a blank if no field of the file has a blank, or three columns that are no text, a status or a repeat column have NA and no blank.
    certain = [name for name in untold if name not in blank]
    structural = [name for name in held if name not in blank and (name in {INSTRUMENT, INSTANCE} or (name in certain and layout[name].field is None))]
    if not (structural or (not words and (everywhere or len(certain) >= COLUMNS))):      # beside UNK it is a code as well
        return []
    found = [name for name in held if name not in codes and (name in untold or _may_be_blank(name, wide.columns[name], layout, project, everywhere=everywhere))]
    for name in found:
        column = wide.columns[name]
        wide.columns[name] = with_levels(column, ["" if level == ABSENT else str(level) for level in column.levels])
    beside = [name for name in found if name in blank]
    said = f"{len(found)} columns hold {ABSENT} where REDCap leaves a blank, as R writes it: {many(found)}; it was read as blank"
    said += f" (beside true blanks in {many(beside)})" if beside else "; every blank of these columns is NA in the file"
    if codes:
        said += f"; in {many([name for name in held if name in codes])}, where {ABSENT} is a code, it was read as the code"
    return [Note("structure", "info", "", said, AS_WRITTEN)]


def _may_be_blank(name: str, column: Coded, layout: Mapping[str, Column], project: Project, *, everywhere: bool) -> bool:
    """True for a column of text, or one that is no field's, in which NA is a blank."""
    if name in SYSTEM:
        return name != EVENT and not (name == GROUP and ABSENT in {*project.groups, *project.groups.values()})
    return name in layout and (everywhere or layout[name].field is None or len(column.levels) == 1)


def _whole_numbers(wide: Wide, layout: Mapping[str, Column], project: Project, missing: Collection[str]) -> list[Note]:
    """1.0 for the code 1: pandas makes floats of a column of whole numbers that has blanks, of all its values or of none."""
    record, found = project.dictionary.record_id, []
    dotted = {name: texts for name, column in wide.columns.items() if (texts := _dotted(column, missing))}
    for name, texts in dotted.items():
        about = layout.get(name)
        choices = choices_of(name, about) if about else {}
        meant = {text: text[:-2] for text in texts if text not in choices and text.endswith(".0") and text[:-2] in choices}
        if meant:
            wide.meant[name] = meant
            found.append(name)
        elif name == INSTANCE:
            wide.columns[name] = with_levels(wide.columns[name], [str(level).strip().removesuffix(".0") for level in wide.columns[name].levels])
            found.append(name)
    found += [name for name, texts in dotted.items() if name in layout and layout[name].kind == "integer" and any(WHOLE.fullmatch(text) for text in texts)]
    ids = _all_whole(dotted.get(record, ()))
    if not found and not ids:
        return []
    for name, texts in dotted.items() if found else ():
        if name in layout and name != record and layout[name].kind not in {"text", "time"}:
            wide.meant.setdefault(name, {}).update({text: text[:-2] for text in texts if text.endswith(".0") and text[:-2] in missing and text not in wide.meant[name]})
    left = [name for name, texts in dotted.items() if name in layout and name != record and layout[name].kind == "text" and _all_whole(texts)]
    said = [f"{len(found)} columns hold whole numbers with .0 behind them, as pandas writes them beside blanks: {many(found)}; they were read as the whole numbers"] if found else []
    said += ["all record ids end in .0, which pandas may have added; they were read as they are"] if ids else []
    said += [f"so do all values of {many(left)}, texts that were read as they are"] if left else []
    return [Note("structure", "info", "", "; ".join(said), f"{AS_WRITTEN}, or read it into pandas with dtype=str")]


def _dotted(column: Coded, missing: Collection[str]) -> list[str]:
    """The texts of a column that are all numbers with decimals, blanks and missing-data codes aside; nothing if others are among them."""
    found = []
    for level in column.levels.tolist():
        text = level.strip()
        if text and text not in missing:
            if not DOTTED.fullmatch(text):
                return []
            found.append(text)
    return found


def _all_whole(texts: Collection[str]) -> bool:
    """True if there are texts, each of which is a whole number with .0 behind it."""
    return bool(texts) and all(WHOLE.fullmatch(text) for text in texts)
