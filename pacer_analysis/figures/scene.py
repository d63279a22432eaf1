"""What a figure is: primitives with class names, in the pixels of its own width and height; no markup, no colours."""

from __future__ import annotations

from dataclasses import dataclass

FONT = 13.0
# Shares of the font size, for a sans serif of the usual width; generous, for room must be enough in every system font.
NARROW, SPACE, DIGIT, USUAL, CAPITAL, BROAD = 0.35, 0.31, 0.61, 0.60, 0.72, 0.92


@dataclass(frozen=True, slots=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    cls: str
    kind: str = "line"


@dataclass(frozen=True, slots=True)
class Path:
    d: str
    cls: str
    kind: str = "path"


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    width: float
    height: float
    cls: str
    kind: str = "rect"


@dataclass(frozen=True, slots=True)
class Circle:
    x: float
    y: float
    r: float
    cls: str
    kind: str = "circle"


@dataclass(frozen=True, slots=True)
class Text:
    """Words at a baseline point; `anchor` is start, middle or end; `estimate` is the id of the number that it prints."""

    x: float
    y: float
    text: str
    cls: str = ""
    anchor: str = "start"
    estimate: str = ""
    kind: str = "text"


Item = Line | Path | Rect | Circle | Text


@dataclass(frozen=True, slots=True)
class Scene:
    """A figure; `finding` is the alternative text, which says what the picture shows."""

    key: str
    width: float
    height: float
    title: str
    finding: str
    items: tuple[Item, ...]


def px(value: float) -> float:
    """A coordinate with one decimal, never minus zero."""
    return round(value, 1) + 0.0


def text_width(text: str, size: float = FONT) -> float:
    """The room that a text needs, in pixels."""
    return size * sum(NARROW if letter in "iIjlt.,;:'|!()[]fr" else SPACE if letter == " " else BROAD if letter in "mwMW%\N{EM DASH}"
                      else DIGIT if letter.isdigit() else CAPITAL if letter.isupper() else USUAL for letter in text)


def shortened(text: str, room: float, size: float = 12.0) -> str:
    """The text, or as much of it as fits the room, with an ellipsis."""
    if text_width(text, size) <= room:
        return text
    while text and text_width(text + "\N{HORIZONTAL ELLIPSIS}", size) > room:
        text = text[:-1]
    return text.rstrip(" ,;:(") + "\N{HORIZONTAL ELLIPSIS}"


def wrapped(text: str, room: float, size: float = FONT) -> list[str]:
    """The text in lines no wider than the room, broken at spaces."""
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines or [""]


def spread(wanted: list[float], gap: float, top: float, bottom: float) -> list[float]:
    """Positions near the wanted ones, in their order, at least `gap` apart and inside top and bottom where there is room."""
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], index))
    blocks: list[tuple[float, list[int]]] = []  # centre of a run of labels that touch, and its members
    for index in order:
        blocks.append((min(max(wanted[index], top), bottom), [index]))
        while len(blocks) > 1 and blocks[-1][0] - blocks[-2][0] < gap * (len(blocks[-1][1]) + len(blocks[-2][1])) / 2:
            (low, first), (high, second) = blocks[-2:]
            members = first + second
            half = gap * (len(members) - 1) / 2
            centre = (low * len(first) + high * len(second)) / len(members)
            blocks[-2:] = [(max(top + half, min(centre, bottom - half)), members)]
    placed = [0.0] * len(wanted)
    for centre, members in blocks:
        for place, index in enumerate(members):
            placed[index] = centre + gap * (place - (len(members) - 1) / 2)
    return placed
