"""Functions of text, each applied once to every different combination of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pacer_analysis.logic._columns import Column
from pacer_analysis.logic._texts import Texts, plain_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from pacer_analysis.logic._numbers import Function


def on_texts(function: Callable[..., Any], kind: str) -> Function:
    """A function of texts as one of columns; its result is text, number or truth."""
    def apply(operands: list[Column], known: NDArray[np.bool_]) -> Column:
        columns = [operand.coded() for operand in operands]
        place, combinations = _combinations([column.data for column in columns], [len(column.levels or ()) for column in columns])
        texts = [(column.levels.written if column.levels is not None else np.array([], dtype=object))[codes] for column, codes in zip(columns, combinations, strict=True)]
        results = [function(*each) for each in zip(*texts, strict=True)]
        known = np.broadcast_to(known, place.shape)
        if kind == "text":
            different = np.empty(len(results), dtype=object)
            different[:] = results
            return Column("text", place, known, Texts(different))
        return Column(kind, np.array(results, dtype=bool if kind == "truth" else np.float64)[place], known)
    return apply


def _combinations(codes: list[NDArray[Any]], counts: list[int]) -> tuple[NDArray[np.intp], list[NDArray[np.intp]]]:
    """The place of every row among the different combinations of codes, and the codes of each combination."""
    varied = [number for number, each in enumerate(codes) if len(each) != 1]
    if not varied:
        return np.zeros(1, dtype=np.intp), [each.astype(np.intp) for each in codes]
    place, rows = codes[varied[0]].astype(np.intp), np.arange(counts[varied[0]], dtype=np.intp)
    chosen = {varied[0]: rows}
    for number in varied[1:]:
        place, keys = pd.factorize(place.astype(np.int64) * max(counts[number], 1) + codes[number])
        chosen = {each: known[keys // max(counts[number], 1)] for each, known in chosen.items()} | {number: keys % max(counts[number], 1)}
    size = len(chosen[varied[0]])
    return place, [chosen[number] if number in chosen else np.broadcast_to(each.astype(np.intp), (size,)) for number, each in enumerate(codes)]


def _whole(text: str) -> int | None:
    """The number of characters that a text says, without its decimals."""
    number = plain_number(text)
    return None if number != number or abs(number) > 1e9 else int(number)  # noqa: PLR0124  # NaN differs from itself


def _left(text: str, count: str) -> str:
    wanted = _whole(count)
    return text[:wanted] if wanted is not None and wanted > 0 else ""


def _right(text: str, count: str) -> str:
    wanted = _whole(count)
    return text[-wanted:] if wanted is not None and wanted > 0 else ""


def _mid(text: str, start: str, count: str) -> str:
    """Characters from the start, the first being 1; a start before the first gives nothing."""
    first, wanted = _whole(start), _whole(count)
    return text[first - 1:first - 1 + wanted] if first is not None and first > 0 and wanted is not None and wanted > 0 else ""


def _replaced(text: str, search: str, replacement: str) -> str:
    # ASSUME: replace_text is case-sensitive, and replaces nothing if what it looks for is blank.
    return text.replace(search, replacement) if search else text


def _found(needle: str, text: str) -> int:
    # ASSUME: find ignores case, as contains does, and a blank is found nowhere.
    return text.lower().find(needle.lower()) + 1 if needle else 0


def _joined(separator: str, *texts: str) -> str:
    return separator.join(text for text in texts if text)


def _contains(text: str, needle: str) -> bool:
    # ASSUME: every text contains, begins and ends with a blank.
    return needle.lower() in text.lower()


WORDS: dict[str, Function] = {
    "contains": on_texts(_contains, "truth"), "not_contain": on_texts(lambda text, needle: not _contains(text, needle), "truth"),
    "starts_with": on_texts(lambda text, needle: text.lower().startswith(needle.lower()), "truth"),
    "ends_with": on_texts(lambda text, needle: text.lower().endswith(needle.lower()), "truth"),
    "find": on_texts(_found, "number"), "length": on_texts(len, "number"),
    "left": on_texts(_left, "text"), "right": on_texts(_right, "text"), "mid": on_texts(_mid, "text"), "trim": on_texts(str.strip, "text"),
    "upper": on_texts(str.upper, "text"), "lower": on_texts(str.lower, "text"), "replace_text": on_texts(_replaced, "text"),
    "concat": on_texts(lambda *texts: "".join(texts), "text"), "concat_ws": on_texts(_joined, "text"),
}
