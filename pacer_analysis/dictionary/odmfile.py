"""A CDISC ODM file element by element, without holding it in memory, without entities, and with the line ends of its attributes."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pacer_analysis.errors import PacerError

if TYPE_CHECKING:
    from xml.parsers.expat import XMLParserType

CHUNK = 1 << 14
LARGEST_CHUNK = 1 << 19
ROOT = "ODM"
WINDOWS = "windows-1252"
# Characters that XML forbids and that people paste into notes all the same.
FORBIDDEN = bytes([*range(9), 11, 12, *range(14, 32)])
DECLARED = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
TAG = re.compile(rb"<[^\s/>]+")
ATTRIBUTE = re.compile(rb"""\s+([^\s=/>"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));")
NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
AS_SPACES = str.maketrans("\n\t", "  ")
ALLOWED = "the project XML of REDCap (CDISC ODM 1.3.1)"
OTHER_ROOTS = {"html": "a web page", "hash": "a server's message", "records": "a list of records from REDCap's API"}


@dataclass(frozen=True, slots=True)
class Element:
    """The start or the end of an element under its local name; `text` is what an element whose text was asked for held."""

    start: bool
    name: str
    attributes: dict[str, str]
    text: str
    line: int


def walk(path: Path, texts: frozenset[str], error: type[PacerError], remarks: list[str]) -> Iterator[Element]:
    """The starts and ends of all elements of an ODM file; `error` is raised for a file that is none, is broken off, or defines entities.

    Names are local: some files write the namespaces with https. `remarks` is added to where the file had to be repaired.
    """
    from xml.parsers import expat

    encoding = _encoding(path, error, remarks)
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    found: list[Element] = []
    open_texts: list[list[str]] = []
    local: dict[str, str] = {}
    depth = 0

    def named(name: str) -> str:
        return local[name] if name in local else local.setdefault(name, name.rpartition(":")[2])

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        element = named(name)
        if not depth and element != ROOT:
            what = OTHER_ROOTS.get(element.lower(), f"an XML file of <{element[:40]}>")
            raise error(f"{what}, not a project XML", where=str(path), allowed=ALLOWED, do="download the project XML again")
        depth += 1
        if any(" " in value for value in attributes.values()):
            attributes = _with_line_ends(parser, attributes, encoding or "utf-8")
        found.append(Element(True, element, {named(key): value for key, value in attributes.items()}, "", parser.CurrentLineNumber))
        if element in texts:
            open_texts.append([])
            parser.CharacterDataHandler = open_texts[-1].append

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        element = named(name)
        text = "".join(open_texts.pop()).strip() if element in texts else ""
        if element in texts:
            parser.CharacterDataHandler = open_texts[-1].append if open_texts else None
        found.append(Element(False, element, {}, text, parser.CurrentLineNumber))

    def refuse(document: str, *_: Any) -> NoReturn:
        what = OTHER_ROOTS.get(document.lower(), "an XML file that defines its own document type or entities")
        raise error(f"{what}, not a project XML", where=f"{path}, line {parser.CurrentLineNumber}", allowed=ALLOWED,
                    do="download the project XML again, unchanged")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    removed, size = 0, CHUNK
    try:
        with path.open("rb") as handle:
            while chunk := handle.read(size):
                clean = chunk.translate(None, FORBIDDEN) if encoding else chunk
                removed += len(chunk) - len(clean)
                parser.Parse(clean, False)
                # Within one long value the parser begins again with every piece: the pieces grow.
                size = CHUNK if found else min(size * 2, LARGEST_CHUNK)
                yield from found
                found.clear()
        parser.Parse(b"", True)
        yield from found
    except expat.ExpatError as problem:
        raise _broken(path, error, problem.code, problem.lineno) from None
    except (LookupError, UnicodeError):
        raise error("the encoding that an XML file declares is unknown", where=str(path), allowed="UTF-8", do="download the project XML again") from None
    if removed:
        remarks.append(f"{removed} characters that XML forbids were left out")


def _encoding(path: Path, error: type[PacerError], remarks: list[str]) -> str | None:
    """The encoding to read a file in, None if it is the one that the file declares; the file is looked through once."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as handle:
            head = handle.read(CHUNK)
            declared = DECLARED.match(head.removeprefix(codecs.BOM_UTF8))
            if head[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} or (declared and declared[1].lower() not in {b"utf-8", b"utf8"}):
                return None
            decoder.decode(head)
            while chunk := handle.read(1 << 20):
                decoder.decode(chunk)
    except FileNotFoundError:
        raise error("a project XML is missing", where=str(path), do="put the file there, or correct its name") from None
    except OSError as problem:
        raise error(f"a project XML cannot be read ({problem.strerror})", where=str(path), do="check the file's permissions") from None
    except UnicodeDecodeError:
        remarks.append("the file is not UTF-8, as it says; it was read as Windows-1252")
        return WINDOWS
    return "utf-8"


def _broken(path: Path, error: type[PacerError], code: int, line: int) -> PacerError:
    """The error of a file that is not well-formed XML."""
    from xml.parsers.expat import errors

    cut = {errors.codes[errors.XML_ERROR_NO_ELEMENTS], errors.codes[errors.XML_ERROR_UNCLOSED_TOKEN], errors.codes[errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
           errors.codes[errors.XML_ERROR_PARTIAL_CHAR]}
    if code in cut:
        return error("an XML file breaks off before its end", where=f"{path}, line {line}", allowed=ALLOWED, do="download it again; this copy is not complete")
    return error(f"not well-formed XML ({errors.messages[code]})", where=f"{path}, line {line}", allowed=ALLOWED, do="download it again, and do not edit it")


def _with_line_ends(parser: XMLParserType, attributes: dict[str, str], encoding: str) -> dict[str, str]:
    """The attributes with the line ends that the file has inside them, which XML's rules turn into spaces."""
    raw = parser.GetInputContext() or b""
    tag = TAG.match(raw)
    place = tag.end() if tag else 0
    restored: dict[str, str] = {}
    while match := ATTRIBUTE.match(raw, place):
        written = match[2] if match[2] is not None else match[3]
        if b"\n" in written or b"\r" in written:
            text = written.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")
            restored[match[1].decode(encoding, errors="replace")] = REFERENCE.sub(_character, text)
        place = match.end()
    # What is not the same but for the line ends was not understood, and stays as the parser gave it.
    return attributes | {name: text for name, text in restored.items() if text.translate(AS_SPACES) == attributes.get(name, "").translate(AS_SPACES)}


def _character(match: re.Match[str]) -> str:
    if match[3]:
        return NAMED[match[3]]
    number = int(match[1], 16) if match[1] else int(match[2])
    return chr(number) if number < 0x110000 else ""
