"""Action tags in a field's annotation: `@HIDECHOICE='1,2' @IF([a] = '1', @READONLY, '')`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

# REDCap knows its tags in capitals only.
NAME = re.compile(r"(?<![A-Za-z0-9_.@-])@([A-Z][A-Z0-9_]*(?:-[A-Z0-9_]+)*)")
TAKES_PARENTHESES = frozenset({"CALCTEXT", "CALCDATE", "IF"})
QUOTES = "'\""
EMPTY = frozenset({"", "''", '""'})
MOST_CONDITIONS = 50


class Tag(NamedTuple):
    """One action tag: its name without @, what it is given, and the logic under which it holds ('' always)."""

    name: str
    argument: str
    condition: str = ""


@lru_cache(maxsize=8192)
def action_tags(annotation: str) -> tuple[Tag, ...]:
    """The tags of an annotation in their order; those inside an @IF carry its condition, and the @IF itself is not listed."""
    tags: list[Tag] = []
    end = 0
    if annotation.count("@IF") > MOST_CONDITIONS:
        return ()
    while "@" in annotation and (match := NAME.search(annotation, end)):
        argument, end = _argument(annotation, match.end(), match[1])
        if match[1] != "IF":
            tags.append(Tag(match[1], argument))
            continue
        condition, *branches = [*_arguments(argument), "", "", ""][:3]
        for logic, branch in zip((condition, f"not ({condition})"), branches, strict=True):
            tags += [Tag(tag.name, tag.argument, f"({logic}) and ({tag.condition})" if tag.condition else logic) for tag in action_tags(branch)]
    return tuple(tags)


def codes_of(tags: tuple[Tag, ...], name: str) -> tuple[str, ...]:
    """The codes that unconditional tags of a name list: `@HIDECHOICE='1,2'` gives 1 and 2."""
    return tuple(code for tag in tags if tag.name == name and not tag.condition for part in tag.argument.split(",") if (code := part.strip()))


def argument_of(tags: tuple[Tag, ...], name: str) -> str:
    """What the first unconditional tag of a name is given, '' if there is none."""
    return next((tag.argument for tag in tags if tag.name == name and not tag.condition), "")


def _argument(text: str, start: int, name: str) -> tuple[str, int]:
    """What stands in the parentheses or after the equals sign of a tag, and where it ends."""
    at = start + len(text[start:]) - len(text[start:].lstrip())
    if text[at : at + 1] == "(" and (at == start or name in TAKES_PARENTHESES):
        end = _closing(text, at)
        return text[at + 1 : end].strip(), end + 1
    if text[at : at + 1] != "=":
        return "", start
    at += 1
    at += len(text[at:]) - len(text[at:].lstrip())
    if text[at : at + 1] and text[at] in QUOTES:
        end = text.find(text[at], at + 1)
        end = len(text) if end < 0 else end
        return text[at + 1 : end].strip(), end + 1
    word = text[at:].split(maxsplit=1)
    return (word[0], at + len(word[0])) if word else ("", at)


def _closing(text: str, opening: int) -> int:
    """Where the parenthesis that opens here is closed, the end of the text if nowhere."""
    depth, quote = 0, ""
    for place in range(opening, len(text)):
        letter = text[place]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in QUOTES:
            quote = letter
        elif letter in "()":
            depth += 1 if letter == "(" else -1
            if depth == 0:
                return place
    return len(text)


def _arguments(text: str) -> list[str]:
    """A list of arguments, split at its outer commas."""
    parts, depth, quote, begin = [], 0, "", 0
    for place, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in QUOTES:
            quote = letter
        elif letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == "," and depth == 0:
            parts.append(text[begin:place].strip())
            begin = place + 1
    parts.append(text[begin:].strip())
    return ["" if part in EMPTY else part for part in parts]
