"""Values that are labels instead of codes: told, refused where most columns have them, and turned back into codes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError
from pacer_analysis.read.labels import comparable, plain
from pacer_analysis.read.notes import Note, many
from pacer_analysis.read.ticks import filled
from pacer_analysis.read.tidy import Coded, with_levels
from pacer_analysis.read.wide import GROUP, INSTRUMENT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from pacer_analysis.dictionary import Project
    from pacer_analysis.read.layout import Column
    from pacer_analysis.read.wide import Wide

STATUS = {"0": "Incomplete", "1": "Unverified", "2": "Complete"}
TICKED = {"0": "Unchecked", "1": "Checked"}
NOT_IN_GROUP = re.compile(r"[^a-z0-9_ ]")
LONGEST_GROUP = 18


def choices_of(name: str, column: Column) -> Mapping[str, str]:
    """The codes that a column can hold, with their labels; nothing for a column of other values."""
    if column.field is None:
        return STATUS if name == f"{column.form}_complete" else {}
    return TICKED if column.kind == "checkbox" else column.field.choices if column.kind == "choice" else {}


def refuse_labels(path: Path, columns: Mapping[str, Coded], layout: Mapping[str, Column], missing: Collection[str]) -> None:
    """ExportError if most columns of an export that should hold codes hold labels in most of their cells.

    Labels in fewer of them are values that are no codes, each a finding.
    """
    labelled, coded = _sorted_out(columns, layout, missing)
    if len(labelled) > len(coded):
        what = f"{len(labelled)} columns hold labels, and others codes" if coded else f"{len(labelled)} columns hold labels instead of codes"
        raise ExportError(f"{what}: {many(labelled)}", where=f"{path}, column {labelled[0]}", allowed="the same in all columns; codes, unless the export is declared as labelled",
                          do="export raw data" + ("" if coded else ", or say that this is a label export (`labels: true` of the source, --labels)"))


def codes_for_labels(path: Path, wide: Wide, layout: Mapping[str, Column], project: Project, missing: Mapping[str, str]) -> list[Note]:
    """Turns the labels in `wide` into codes, in place; notes on labels that stand for several codes or for none, whose text is kept.

    Of a file that holds codes in all its columns, nothing is turned. ExportError if most cells of a column are codes, and those of another labels.
    """
    labelled, coded = _sorted_out(wide.columns, layout, missing)
    if coded and labelled:
        raise ExportError(f"{len(coded)} columns hold codes, and others labels: {many(coded)}", where=f"{path}, column {coded[0]}", allowed="labels in all columns",
                          do="export again, either all raw or all labels")
    notes: list[Note] = []
    if coded and not labelled:
        return notes        # an export of codes was declared as labelled
    for name, column in layout.items():
        choices = choices_of(name, column)
        if name in wide.columns and (choices or column.kind not in {"text", "checkbox"}):
            wide.columns[name], found, wide.doubtful[name] = _coded(wide.columns[name], name, column, choices, missing)
            notes += found
    if GROUP in wide.columns:
        before = [plain(str(level)).lower() for level in wide.columns[GROUP].levels]
        known = {plain(label): group for group, label in project.groups.items()}
        wide.columns[GROUP] = _renamed(wide.columns[GROUP], known or unique_groups([str(level) for level in wide.columns[GROUP].levels]))
        if not known and any(NOT_IN_GROUP.search(text) or len(text) > LONGEST_GROUP for text in before):
            notes.append(Note("labels", "info", "", "the names of the data access groups were made from their labels: lower case, _ for a space, 18 letters and digits at most",
                              "put dags.csv (REDCap's API export) beside the dictionary, which has the names"))
    if INSTRUMENT in wide.columns:
        wide.columns[INSTRUMENT], found = _instruments(wide, layout, project)
        notes += found
    return notes


def _instruments(wide: Wide, layout: Mapping[str, Column], project: Project) -> tuple[Coded, list[Note]]:
    """The repeat instruments by their names: by label, by the letters of the label, or by the one form that is filled on all rows of a label."""
    import numpy as np

    column, forms = wide.columns[INSTRUMENT], project.dictionary.forms
    names = {_letters(form): form for form in forms} | {_letters(label): form for form, label in project.form_labels.items()}
    levels = [str(level) if level in forms else names.get(_letters(str(level)), str(level)) for level in column.levels]
    notes: list[Note] = []
    for place, level in enumerate(levels):
        if not level.strip() or level in forms:
            continue
        rows = column.codes == place
        there = {about.form for name, about in layout.items() if name in wide.columns and about.field is not None and about.field.name != project.dictionary.record_id
                 and np.any(rows & filled(wide.columns[name]))}
        if len(there) == 1:
            levels[place] = next(iter(there))
            notes.append(Note("labels", "info", "", f"{int(rows.sum())} rows repeat a form under a label that no form has; they fill the form {levels[place]} alone, and were read as its repeats",
                              "put instruments.csv (REDCap's API export) beside the dictionary, or export raw data", levels[place]))
    return with_levels(column, levels), notes


def _letters(name: str) -> str:
    """The letters and digits of a form's name or label, in lower case: REDCap makes the one from the other."""
    return "".join(character for character in name.casefold() if character.isalnum())


def _sorted_out(columns: Mapping[str, Coded], layout: Mapping[str, Column], missing: Collection[str]) -> tuple[list[str], list[str]]:
    """The columns of whose cells most are labels and no codes, and those of whose cells most are codes and no labels."""
    import numpy as np

    labelled, coded = [], []
    for name, column in layout.items():
        choices = choices_of(name, column) if name in columns else {}
        if not choices:
            continue
        labels = {comparable(label) for label in choices.values()} | ({_option_label(name, column)} if column.kind == "checkbox" else set())
        counts = np.bincount(columns[name].codes, minlength=len(columns[name].levels)).tolist()
        cells = {"labels": 0, "codes": 0, "all": 0}
        for level, count in zip(columns[name].levels, counts, strict=True):
            text = str(level).strip()
            if not text or text in missing:
                continue
            cells["all"] += count
            # A label that is a number proves nothing.
            if text not in choices and comparable(text) in labels and any(character.isalpha() for character in text):
                cells["labels"] += count
            elif text in choices and comparable(text) not in labels:
                cells["codes"] += count
        if 2 * cells["labels"] > cells["all"]:
            labelled.append(name)
        elif 2 * cells["codes"] > cells["all"]:
            coded.append(name)
    return labelled, coded


def _option_label(name: str, column: Column) -> str:
    """The label of the option that a checkbox column is for, which some label exports write instead of Checked."""
    from pacer_analysis.dictionary import checkbox_column

    if column.field is None:
        return ""
    return next((comparable(label) for code, label in column.field.choices.items() if checkbox_column(column.field.name, code) == name), "")


def _coded(column: Coded, name: str, about: Column, choices: Mapping[str, str], missing: Mapping[str, str]) -> tuple[Coded, list[Note], frozenset[str]]:
    """A column with codes for labels, the notes on labels that cannot be turned back, and the labels that stand for several codes."""
    import numpy as np

    code_of: dict[str, list[str]] = {}
    for code, label in choices.items():
        code_of.setdefault(comparable(label), []).append(code)
    if about.kind == "checkbox":
        code_of.setdefault(_option_label(name, about), ["1"])
    # ASSUME: a label export shows a missing-data code by its label where the field's own choices do not have that label.
    for code, label in missing.items():
        code_of.setdefault(comparable(label), [code])
    counts = np.bincount(column.codes, minlength=len(column.levels))
    levels: list[str] = []
    double = strange = kept = 0
    doubtful: set[str] = set()
    for level, count in zip(column.levels, counts, strict=True):
        text = str(level).strip()
        codes = code_of.get(comparable(text), [])
        levels.append(codes[0] if text and len(codes) == 1 else str(level))
        if text and len(codes) > 1:
            double += int(count)
            doubtful.add(text)
        kept += int(count) if text and not codes and text in choices else 0
        strange += int(count) if text and not codes and choices and text not in choices and text not in missing else 0
    notes = []
    field = about.field.name if about.field else name
    if double:
        notes.append(Note("labels", "warning", field, f"{double} cells of {name} have a label that stands for several codes, which cannot be told apart; the label was kept, and "
                          "what depends on it is not judged", "export raw data", about.form))
    if kept:
        notes.append(Note("labels", "warning", field, f"{kept} cells of {name} hold a code where the others hold labels; it was taken for that code", "export raw data", about.form))
    if strange:
        notes.append(Note("labels", "warning", field, f"{strange} cells of {name} have a label that the dictionary lacks; the label was kept",
                          "take the dictionary of the same day, or export raw data", about.form))
    return with_levels(column, levels), notes, frozenset(doubtful)


def unique_groups(labels: list[str]) -> dict[str, str]:
    """The unique name of each data access group by its label as it can be compared; a label that would have another's name is left out."""
    # ASSUME: without a list of the groups, REDCap's unique name of a group is its label in lower case, spaces as _, other characters left out, cut to 18.
    made = {plain(label): "_".join(NOT_IN_GROUP.sub("", plain(label).lower()).split())[:LONGEST_GROUP].rstrip("_") for label in labels if label.strip()}
    names = list(made.values())
    return {label: name for label, name in made.items() if name and names.count(name) == 1}


def _renamed(column: Coded, names: Mapping[str, str]) -> Coded:
    return with_levels(column, [names.get(plain(str(level)), str(level)) for level in column.levels])
