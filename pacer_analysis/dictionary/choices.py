"""Choices as REDCap writes them: `code, label | code, label`."""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST_CODE = 100
NOT_IN_COLUMN_NAME = re.compile(r"[^a-z0-9_]")
CODE = re.compile(r"\S+")


def is_code(text: str) -> bool:
    """True if a text can be the code of a choice: one word of limited length."""
    return len(text) <= LONGEST_CODE and CODE.fullmatch(text) is not None


def checkbox_column(field: str, code: str) -> str:
    """The export's column of one option of a checkbox field: `race____99` for the code -99."""
    return f"{field}___{NOT_IN_COLUMN_NAME.sub('_', code.lower())}"


def parse_choices(text: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The labels by code in order, and remarks on what had to be repaired.

    REDCap stores one choice a line and replaces the line end by `|` on export, so a `|` inside a label cannot be
    told from a separator: a segment that cannot begin a choice is taken back into the label before it.
    Codes stay the strings they are: `02` is not `2`.
    """
    choices, remarks = _parsed(text)
    return dict(choices), remarks


@lru_cache(maxsize=4096)
def _parsed(text: str) -> tuple[dict[str, str], tuple[str, ...]]:
    segments = [segment for part in re.split(r"[|\r\n]", text) if (segment := part.strip())]
    if not segments:
        return {}, ()
    # `Mr. | Mrs.`: a list that begins without a comma has codes that are their own labels.
    labelled = "," in segments[0]
    spaced = labelled and not any(is_code(segment.partition(",")[0].strip()) for segment in segments)
    pairs: list[tuple[str, str]] = []
    remarks: list[str] = []
    for segment in segments:
        code, comma, label = (part.strip() for part in segment.partition(","))
        if not labelled and not comma:
            pairs.append((segment, segment))
        elif comma and code and (is_code(code) or spaced or not pairs):
            pairs.append((code, label))
            if not is_code(code):
                remarks.append(f"the code {code[:LONGEST_CODE]} is not one word")
        elif pairs:
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} | {segment}")
            remarks.append(f"a choice without a code was read as part of the label of {pairs[-1][0]}")
        else:
            remarks.append("the first choice has no code and was left out")
    choices, notes = named_choices(pairs)
    return choices, (*remarks, *notes)


def named_choices(pairs: list[tuple[str, str]]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Codes and labels as a mapping, the first label of a code kept, and remarks on codes and labels that are not unique."""
    choices: dict[str, str] = {}
    remarks: list[str] = []
    code_of: dict[str, str] = {}
    for code, label in pairs:
        if code in choices:
            remarks.append(f"the code {code} occurs twice; the first label is used")
            continue
        if not label:
            remarks.append(f"the code {code} has no label")
        elif label in code_of:
            remarks.append(f"the codes {code_of[label]} and {code} have the same label; a labelled export cannot tell them apart")
        choices[code] = label
        code_of.setdefault(label, code)
    return choices, tuple(remarks)


def items_choices(text: str, columns: list[str], field: str) -> dict[str, str]:
    """The choices of a checkbox whose export columns are known: a new choice begins only where the next column's code does.

    Without the columns a `|` inside a label is ambiguous; with them it is not. Nothing if the columns are not those of the text.
    """
    segments = [segment for part in re.split(r"\||[\r\n]+|\s\\n\s", text) if (segment := part.strip())]
    choices: dict[str, str] = {}
    last, expected = "", 0
    for segment in segments:
        code, comma, label = (part.strip() for part in segment.partition(","))
        if not comma:
            label = code
        if expected < len(columns) and checkbox_column(field, code) == columns[expected] and code not in choices:
            choices[code] = label
            last, expected = code, expected + 1
        elif choices:
            choices[last] = f"{choices[last]} | {segment}"
    return choices if expected == len(columns) else {}
