"""The headers of a SAS transport file, which says neither how many rows it has nor where it should end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError

if TYPE_CHECKING:
    from pathlib import Path

RECORD, NAME = 80, 140
HEADER = b"HEADER RECORD*******"
MEMBERS = (HEADER + b"MEMBER  HEADER RECORD", HEADER + b"MEMBV8  HEADER RECORD")
NAMES = (HEADER + b"NAMESTR HEADER RECORD", HEADER + b"NAMSTV8 HEADER RECORD")
ROWS = (HEADER + b"OBS     HEADER RECORD", HEADER + b"OBSV8   HEADER RECORD")
LONGEST_NAMES = (8, 32)


def check_transport(path: Path) -> tuple[int, int]:
    """The version of a transport file and the length of its names; ExportError if it holds several data sets or ends within a row."""
    content = path.read_bytes()
    newer = content.startswith(HEADER + b"LIBV8")
    members, names, rows = (_records(content, marks[newer]) for marks in (MEMBERS, NAMES, ROWS))
    if len(members) > 1:
        raise ExportError(f"the transport file holds {len(members)} data sets", where=str(path), allowed="one data set in a file",
                          do="write each data set to a file of its own")
    if len(content) % RECORD or not members or not names or not rows:
        raise _cut(path)
    described: list[bytes] = []
    for at in range(names[0] + RECORD, rows[0] - NAME + 1, NAME):
        entry = content[at : at + NAME]
        if int.from_bytes(entry[6:8], "big") != len(described) + 1:      # the columns are numbered
            break
        described.append(entry)
    width = sum(int.from_bytes(each[4:6], "big") for each in described)
    rest = (len(content) - rows[0] - RECORD) % width if width else 0
    if not width or (rest and content[-rest:].strip(b" ")):
        raise _cut(path)
    return (8, LONGEST_NAMES[1]) if newer else (5, LONGEST_NAMES[0])


def _records(content: bytes, mark: bytes) -> list[int]:
    """Where the records that begin with a mark are."""
    places, at = [], content.find(mark)
    while at >= 0:
        if at % RECORD == 0:
            places.append(at)
        at = content.find(mark, at + 1)
    return places


def _cut(path: Path) -> ExportError:
    return ExportError("not a complete SAS transport file", where=str(path), allowed="a .xpt file as SAS wrote it, of whole records of 80 bytes",
                       do="copy it again in binary mode, or save it again in SAS")
