"""Text of a declared or unknown encoding: what it is declared to be, strict UTF-8 if nothing is, else Windows-1252; and what it was is counted.

The libraries are asked for ISO-8859-1, in which every byte is a character: asked for UTF-8 they drop what is none, without a word.
Here the bytes become the text they stand for.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pacer_analysis.read.notes import Note

BYTES = "ISO-8859-1"
UTF8 = "utf-8"
REPLACED = "\ufffd"
# Windows-1252 leaves five bytes undefined: they stay the control characters that they are in ISO-8859-1.
WINDOWS = {code: bytes([code]).decode("cp1252", errors="ignore") or chr(code) for code in range(0x80, 0xA0)}


@dataclass(frozen=True, slots=True)
class Decoded:
    """Texts in the order given, and how many of those beyond ASCII were in the declared encoding (or UTF-8), in Windows-1252 instead, or cut within a character."""

    texts: list[str]
    proper: int = 0
    windows: int = 0
    cut: int = 0


def decoded(texts: Iterable[str], codec: str = UTF8, widths: Sequence[int] = ()) -> Decoded:
    """Each text, given as ISO-8859-1, in the encoding if it is valid there, else in Windows-1252.

    A text that fills its column (`widths` in bytes, 0 for no limit) and is UTF-8 but for a last character cut in two is what a
    program makes that cuts bytes: if other texts are UTF-8, the rest of it is read as such and the half character replaced.
    """
    given = list(texts)
    made: list[str] = []
    half: list[int] = []
    other: list[int] = []
    proper = 0
    for place, text in enumerate(given):
        if text.isascii():
            made.append(text)
            continue
        try:
            made.append(text.encode(BYTES).decode(codec))
            proper += 1
        except UnicodeError as problem:
            made.append("")
            full = bool(widths) and len(text) == widths[place]
            (half if full and codec == UTF8 and getattr(problem, "reason", "") == "unexpected end of data" else other).append(place)
    if not proper:
        half, other = [], half + other
    for place in half:
        made[place] = given[place].encode(BYTES).decode(UTF8, errors="ignore") + REPLACED
    for place in other:
        made[place] = given[place].translate(WINDOWS)
    return Decoded(made, proper, len(other), len(half))


def decoded_together(groups: Sequence[Sequence[str]], codec: str = UTF8, widths: Sequence[int] = ()) -> tuple[list[list[str]], Decoded]:
    """Several lists of texts, each with the width of its column, decoded as one, and the counts over all."""
    limits = [width for group, width in zip(groups, widths or [0] * len(groups), strict=True) for _ in group]
    whole = decoded((text for group in groups for text in group), codec, limits)
    rest = iter(whole.texts)
    return [[next(rest) for _ in group] for group in groups], whole


def codec_of(declared: str | None) -> str:
    """The codec of an encoding that a file declares, UTF-8 if it declares none or one that is unknown here."""
    try:
        name = codecs.lookup(declared or UTF8).name
        known = b"a".decode(name) == "a"
    except (LookupError, ValueError):
        return UTF8
    return ("cp1252" if name in {"ascii", "iso8859-1"} else name) if known else UTF8


def encoding_name(whole: Decoded, declared: str | None) -> str:
    """The encoding of a file's text in words."""
    names = ((declared or "UTF-8", whole.proper), ("Windows-1252", whole.windows))
    return " and ".join(name for name, count in names if count) or declared or "ASCII"


def encoding_notes(whole: Decoded, declared: str | None) -> list[Note]:
    """What to say of the encoding of texts: nothing if it is what the file or its format declares."""
    notes = []
    if whole.windows and declared:
        notes.append(Note("encoding", "warning", "", f"{_texts(whole.windows)} not in {declared}, as the file declares, and read as Windows-1252",
                          "compare their letters with accents, and save the file again in the program"))
    elif whole.windows:
        mixed = f"; {whole.proper} others are UTF-8" if whole.proper else ""
        notes.append(Note("encoding", "info", "", f"the format declares no encoding: {_texts(whole.windows)} read as Windows-1252{mixed}",
                          "none, if letters with accents are right"))
    elif whole.proper and not declared:
        notes.append(Note("encoding", "info", "", "the format declares no encoding: its text is UTF-8", "none, if letters with accents are right"))
    if whole.cut:
        notes.append(Note("encoding", "warning", "", f"{_texts(whole.cut)} cut within the last character, which was replaced",
                          "make the columns wider where the file was made"))
    return notes


def _texts(count: int) -> str:
    return "1 text is" if count == 1 else f"{count} different texts are"
