"""The first bytes of a Stata file: release, byte order, how many rows, and how each row is laid out."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from pacer_analysis.errors import ExportError

if TYPE_CHECKING:
    from pathlib import Path

STARTS = b"<stata_dta><header><release>"
RELEASES = {105: "Stata 5", 108: "Stata 6", 110: "Stata 7", 111: "Stata 7 SE", 113: "Stata 8 and 9", 114: "Stata 10 and 11", 115: "Stata 12", 117: "Stata 13",
            118: "Stata 14 and later", 119: "Stata 15 and later, more than 32767 variables"}
FIRST_TAGGED = 117
FIRST_TEXT_OF_UNICODE = 118
NUMBERS = ("byte", "int", "long", "float", "double")
WIDTHS = {"byte": 1, "int": 2, "long": 4, "float": 4, "double": 8, "strL": 8}
LETTERS = {ord("b"): "byte", ord("i"): "int", ord("l"): "long", ord("f"): "float", ord("d"): "double"}
LONGEST_EXPANSION = 1 << 27
ALLOWED = "a .dta file of Stata 5 or later (releases 105, 108, 110, 111, 113, 114, 115, 117, 118, 119)"


@dataclass(frozen=True, slots=True)
class StataHeader:
    """What a .dta file says of itself: `storages` are byte, int, long, float, double, str20 or strL in the order of the columns.

    `data_at` is where the first row begins, `strings_at` where the long strings do (0 before release 117).
    """

    release: int
    big_endian: bool
    rows: int
    storages: tuple[str, ...]
    data_at: int
    strings_at: int

    @property
    def widths(self) -> tuple[int, ...]:
        """The bytes of each column in a row."""
        return tuple(WIDTHS.get(storage) or int(storage[3:]) for storage in self.storages)

    @property
    def summary(self) -> str:
        """The release and the byte order in words."""
        return f"Stata release {self.release} ({RELEASES[self.release]}), {'big-endian' if self.big_endian else 'little-endian'}"


def looks_like_stata(head: bytes) -> bool:
    """True if the first bytes are those of a .dta file of any release."""
    return head.startswith(STARTS) or (len(head) > 3 and 102 <= head[0] <= 115 and head[1] in {1, 2} and head[2] == 1)


def stata_header(path: Path) -> StataHeader:
    """The header of a .dta file; ExportError if it is none, is too old, or is shorter than its header promises."""
    size = path.stat().st_size
    with path.open("rb") as handle:
        head = handle.read(64)
        handle.seek(0)
        if not looks_like_stata(head):
            raise not_stata(path, "an empty file" if not head else "not a Stata file")
        try:
            header = _tagged(handle, path, size) if head.startswith(STARTS) else _old(handle, path)
        except (struct.error, ValueError, IndexError, OverflowError, OSError):
            raise not_stata(path) from None
        end = header.data_at + header.rows * sum(header.widths)
        if end > size:
            raise ExportError(f"the Stata file ends before the last of its {header.rows} rows", where=str(path), allowed="a whole file",
                              do="copy it again, or save it again in Stata")
        handle.seek(end)
        if header.release >= FIRST_TAGGED and handle.read(7) != b"</data>":
            raise not_stata(path)
    return header


def not_stata(path: Path, what: str = "not a complete Stata file") -> ExportError:
    """The error of a file that cannot be read as .dta."""
    return ExportError(what, where=str(path), allowed=ALLOWED, do="save it again in Stata; a file that was copied in part is refused")


def _release(release: int, path: Path) -> int:
    if release not in RELEASES:
        raise ExportError(f"a Stata file of release {release}", where=str(path), allowed=ALLOWED, do="open it in Stata 5 or later and save it again")
    return release


def _old(handle: BinaryIO, path: Path) -> StataHeader:
    """Releases up to 115: fixed widths, one section after the other."""
    release, order = struct.unpack("BB2x", handle.read(4))
    release, sign = _release(release, path), ">" if order == 1 else "<"
    count, rows = struct.unpack(f"{sign}HI", handle.read(6))
    caption, long_names = 32 if release <= 105 else 81, release >= 110
    name = 33 if long_names else 9
    handle.seek(caption + 18, 1)
    kinds = struct.unpack(f"{count}B", handle.read(count))
    storages = tuple(_new_storage(kind) if release >= 111 else _letter_storage(kind) for kind in kinds)
    handle.seek(count * name + 2 * (count + 1) + count * (49 if release >= 114 else 12) + count * name + count * caption, 1)
    while True:
        kind, length = struct.unpack(f"{sign}b{'i' if long_names else 'h'}", handle.read(5 if long_names else 3))
        if kind == 0 and length == 0:
            return StataHeader(release, sign == ">", rows, storages, handle.tell(), 0)
        if not 0 <= length <= LONGEST_EXPANSION:
            raise ValueError
        handle.seek(length, 1)


def _new_storage(kind: int) -> str:
    """A type of releases 111 to 115: 1 to 244 are the widths of strings."""
    return NUMBERS[kind - 251] if kind >= 251 else _string(kind, 244)


def _letter_storage(kind: int) -> str:
    """A type before release 111: a letter for numbers, 127 more than its width for a string."""
    return LETTERS.get(kind) or _string(kind - 127, 128)


def _string(width: int, widest: int) -> str:
    if not 1 <= width <= widest:
        raise ValueError
    return f"str{width}"


def _tagged(handle: BinaryIO, path: Path, size: int) -> StataHeader:
    """Releases from 117: sections between tags, and a map of where they begin."""
    handle.seek(len(STARTS))
    release = _release(int(handle.read(3)), path)
    handle.seek(len("</release><byteorder>"), 1)
    sign = {b"MSF": ">", b"LSF": "<"}[order] if (order := handle.read(3)) in {b"MSF", b"LSF"} else ""
    if not sign:
        raise ValueError
    wide = release >= FIRST_TEXT_OF_UNICODE
    handle.seek(len("</byteorder><K>"), 1)
    count = _one(handle, sign, "I" if release == 119 else "H")
    handle.seek(len("</K><N>"), 1)
    rows = _one(handle, sign, "Q" if wide else "I")
    handle.seek(len("</N><label>"), 1)
    handle.seek(_one(handle, sign, "H" if wide else "B") + len("</label><timestamp>"), 1)
    handle.seek(_one(handle, sign, "B") + len("</timestamp></header>"), 1)
    if handle.read(5) != b"<map>":
        raise ValueError
    places = struct.unpack(f"{sign}14Q", handle.read(112))
    handle.seek(places[2])
    if places[13] > size or count * 2 > size or handle.read(16) != b"<variable_types>":
        raise not_stata(path)
    kinds = struct.unpack(f"{sign}{count}H", handle.read(2 * count))
    storages = tuple("strL" if kind == 32768 else NUMBERS[65530 - kind] if 65526 <= kind <= 65530 else _string(kind, 2045) for kind in kinds)
    handle.seek(places[9])
    if handle.read(6) != b"<data>":
        raise ValueError
    return StataHeader(release, sign == ">", rows, storages, places[9] + 6, places[10] + 7)


def _one(handle: BinaryIO, sign: str, letter: str) -> int:
    value: int = struct.unpack(sign + letter, handle.read(struct.calcsize(sign + letter)))[0]
    return value
