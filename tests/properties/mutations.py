"""Ways in which an export or a dictionary is damaged between the server and the trial unit's folder."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable

Mutation = Callable[[bytes, random.Random], bytes]


def _rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8", errors="replace"), newline="")))


def _written(rows: list[list[str]], delimiter: str = ",", ending: str = "\n") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=ending).writerows(rows)
    return out.getvalue().encode()


def truncated(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def bytes_shuffled(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(max(1, len(content) - 200))
    middle = bytearray(content[start:start + 200])
    chance.shuffle(middle)
    return content[:start] + bytes(middle) + content[start + 200:]


def bytes_changed(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.randint(1, 30)):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def delimiter_replaced(content: bytes, chance: random.Random) -> bytes:
    return content.replace(b",", chance.choice([b";", b"\t", b"|", b"^", b" ", b"::"]))


def delimiter_rewritten(content: bytes, chance: random.Random) -> bytes:
    return _written(_rows(content), delimiter=chance.choice(";\t|^"))


def another_encoding(content: bytes, chance: random.Random) -> bytes:
    return content.decode("utf-8", errors="replace").encode(chance.choice(["cp1252", "utf-16", "utf-32", "latin-1", "utf-8-sig", "cp1251", "mac-roman"]), errors="replace")


def line_ends(content: bytes, chance: random.Random) -> bytes:
    return _written(_rows(content), ending=chance.choice(["\r\n", "\r", "\n"]))


def columns_renamed(content: bytes, chance: random.Random) -> bytes:
    rows = _rows(content)
    for _ in range(chance.randint(1, 4)):
        if rows and rows[0]:
            place = chance.randrange(len(rows[0]))
            rows[0][place] = chance.choice(["", "x", rows[0][place].upper(), f"{rows[0][place]}_2", " " + rows[0][place], "\u0438\u043c\u044f", "=1+1", rows[0][0]])
    return _written(rows)


def columns_swapped(content: bytes, chance: random.Random) -> bytes:
    rows = _rows(content)
    if rows and len(rows[0]) > 1:
        first, second = chance.sample(range(len(rows[0])), 2)
        for row in rows if chance.random() < 0.5 else rows[:1]:
            if max(first, second) < len(row):
                row[first], row[second] = row[second], row[first]
    return _written(rows)


def columns_dropped(content: bytes, chance: random.Random) -> bytes:
    rows = _rows(content)
    if rows and rows[0]:
        gone = set(chance.sample(range(len(rows[0])), chance.randint(1, max(1, len(rows[0]) // 3))))
        rows = [[cell for place, cell in enumerate(row) if place not in gone] for row in rows]
    return _written(rows)


def rows_shuffled(content: bytes, chance: random.Random) -> bytes:
    rows = _rows(content)
    rest = rows[1:]
    chance.shuffle(rest)
    return _written(rows[:1] + rest)


def rows_repeated(content: bytes, chance: random.Random) -> bytes:
    rows = _rows(content)
    for _ in range(chance.randint(1, 5)):
        rows.insert(chance.randrange(len(rows) + 1), list(chance.choice(rows)) if rows else [])
    return _written(rows)


def cell_replaced(content: bytes, chance: random.Random) -> bytes:
    rows = _rows(content)
    for _ in range(chance.randint(1, 10)):
        row = chance.choice(rows) if rows else []
        if row:
            row[chance.randrange(len(row))] = chance.choice(["", "NA", "nan", "1e999", "-0", "99999-99-99", "2016-02-30", "[", "'", '"', "=cmd|' /C calc'!A0", "\u202e", "0" * 50,
                                                              "1,5", "<b>", "[not completed]", "\x00", "\n", "Infinity", "0x10", "12" * 200, "\ud7ff", "or", "today"])
    return _written(rows)


def huge_cell(content: bytes, chance: random.Random) -> bytes:
    rows = _rows(content)
    if rows and rows[-1]:
        rows[-1][chance.randrange(len(rows[-1]))] = chance.choice(["x", "9", "\n", '"', "(", "1, a | "]) * chance.choice([10_000, 200_000, 2_000_000])
    return _written(rows)


def many_columns(content: bytes, chance: random.Random) -> bytes:
    rows = _rows(content)[:4]
    return _written([[*row, *(f"extra_{place}" if number == 0 else chance.choice(["", "1"]) for place in range(10_000))] for number, row in enumerate(rows)])


def quotation_opened(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content) + 1)
    return content[:place] + b'"' * chance.choice([1, 1, 3]) + content[place:]


def error_appended(content: bytes, chance: random.Random) -> bytes:
    error = b'{"error":"REDCap ran out of server memory."}'
    return chance.choice([error, b"<br />\n<b>Fatal error</b>: memory<br />\n" + error, content + error, b"<html><body>Log in</body></html>", b"\n", b"", b"\xef\xbb\xbf", b"0"])


def other_kind_of_file(_content: bytes, chance: random.Random) -> bytes:
    return chance.choice([b"PK\x03\x04" + chance.randbytes(200), b"%PDF-1.7\n" + chance.randbytes(200), b"<stata_dta><header><release>118</release>" + chance.randbytes(100),
                          b"\x72\x02" + chance.randbytes(300), b"$FL2@(#) SPSS DATA FILE" + chance.randbytes(300), b"<?xml version='1.0'?><ODM", chance.randbytes(500), b"\x00" * 1000,
                          b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><ODM>&d;</ODM>', b"a,b\n" * 5])


MUTATIONS: tuple[Mutation, ...] = (truncated, bytes_shuffled, bytes_changed, delimiter_replaced, delimiter_rewritten, another_encoding, line_ends, columns_renamed, columns_swapped,
                                   columns_dropped, rows_shuffled, rows_repeated, cell_replaced, huge_cell, many_columns, quotation_opened, error_appended, other_kind_of_file)
# What these do leaves every cell where it is: the tables must be the same as before.
HARMLESS = frozenset({"delimiter_rewritten", "line_ends"})
