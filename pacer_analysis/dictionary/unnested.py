"""Dictionaries that another program wrote with one row per option of a checkbox: the rows of one field put together again."""

from __future__ import annotations

from pacer_analysis.dictionary.choices import checkbox_column, parse_choices
from pacer_analysis.dictionary.remark import Remark

CONTENT = "select_choices_or_calculations"
MAY_DIFFER = frozenset({"field_name", "field_label", CONTENT})
NESTED_TYPES = frozenset({"radio", "dropdown", "select", "checkbox"})
Row = tuple[int, dict[str, str]]


def nested(rows: list[Row], remarks: list[Remark]) -> list[Row]:
    """The rows with one for each field; a field that still occurs twice is left for its reader to refuse.

    Rows belong together if they follow each other, differ in nothing but their choice or label, and either all have the same
    name or, for a checkbox, the names of its export columns (`race___1`, `race___2`).
    """
    result: list[Row] = []
    place = 0
    while place < len(rows):
        line, row = rows[place]
        group = _same_name(rows, place) or _columns_of_one(rows, place)
        if not group:
            result.append((line, row))
            place += 1
            continue
        result.append((line, row | group[1]))
        name = group[1].get("field_name", row["field_name"])
        remarks.append(Remark(line, name, f"{group[0]} rows, one for each choice, were read as one field"))
        place += group[0]
    return result


def _same_name(rows: list[Row], start: int) -> tuple[int, dict[str, str]] | None:
    """How many rows are one field under one name, and the choices of all of them."""
    first = rows[start][1]
    members = [first]
    while start + len(members) < len(rows):
        row = rows[start + len(members)][1]
        if row["field_name"] != first["field_name"] or not _alike(first, row):
            break
        members.append(row)
    if len(members) == 1 or first["field_type"].lower() not in NESTED_TYPES:
        return None
    contents = [row[CONTENT] for row in members]
    if len(set(contents)) == 1:
        # The same full list in every row: only a checkbox has several columns and hence several rows.
        same = first["field_type"].lower() == "checkbox" and len(parse_choices(contents[0])[0]) == len(members)
        return (len(members), {"field_label": _common_label(members)}) if same else None
    if len(set(contents)) < len(contents) or not all(contents) or any(len(parse_choices(content)[0]) != 1 for content in contents):
        return None
    return len(members), {CONTENT: " | ".join(contents), "field_label": _common_label(members)}


def _columns_of_one(rows: list[Row], start: int) -> tuple[int, dict[str, str]] | None:
    """How many rows are the export columns of one checkbox, and its own name and choices."""
    first = rows[start][1]
    base, mark, _ = first["field_name"].partition("___")
    if not mark or first["field_type"].lower() != "checkbox":
        return None
    choices, _ = parse_choices(first[CONTENT])
    columns = [checkbox_column(base, code) for code in choices]
    members = [row for _, row in rows[start : start + len(columns)]]
    if len(columns) < 2 or [row["field_name"].lower() for row in members] != columns:
        return None
    if not all(_alike(first, row) and row[CONTENT] == first[CONTENT] for row in members):
        return None
    return len(members), {"field_name": base, "field_label": _common_label(members)}


def _alike(first: dict[str, str], row: dict[str, str]) -> bool:
    return all(row[name] == cell for name, cell in first.items() if name not in MAY_DIFFER and name != "section_header")


def _common_label(members: list[dict[str, str]]) -> str:
    """The label that the rows share; the beginning that they share if the choice was put after it."""
    labels = [row["field_label"] for row in members]
    if len(set(labels)) == 1:
        return labels[0]
    shortest = min(labels, key=len)
    length = next((place for place, letter in enumerate(shortest) if any(label[place] != letter for label in labels)), len(shortest))
    return shortest[:length].rstrip(" :(-") or labels[0]
