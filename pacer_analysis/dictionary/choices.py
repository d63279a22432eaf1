"""Choices as REDCap writes them: `code, label | code, label`."""

from __future__ import annotations

import re

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
    segments = [segment.strip() for segment in re.split(r"[|\n]", text)]
    labelled = any("," in segment for segment in segments)
    choices: dict[str, str] = {}
    remarks: list[str] = []
    last = ""
    for segment in segments:
        if not segment:
            continue
        code, comma, label = (part.strip() for part in segment.partition(","))
        if not labelled:
            code, label = segment, segment      # `Mr. | Mrs.`: the code is its own label
        elif not comma or not is_code(code):
            if not choices:
                remarks.append("the first choice has no code")
                continue
            choices[last] = f"{choices[last]} | {segment}"
            remarks.append(f"a choice without a code was read as part of the label of {last}")
            continue
        if code in choices:
            remarks.append(f"the code {code} occurs twice; the first label is used")
            continue
        if not label:
            remarks.append(f"the code {code} has no label")
        choices[code] = label
        last = code
    return choices, tuple(remarks)
