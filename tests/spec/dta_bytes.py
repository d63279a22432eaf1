"""A small writer of .dta files as Stata's format description has them: releases 105 to 119, both byte orders, text as given bytes.

It shares nothing with the libraries that read: tests state the bytes and the expected values by hand.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

OLD_TYPES = {"byte": ord("b"), "int": ord("i"), "long": ord("l"), "float": ord("f"), "double": ord("d")}
TYPES = {"byte": 251, "int": 252, "long": 253, "float": 254, "double": 255}
TAGGED_TYPES = {"byte": 65530, "int": 65529, "long": 65528, "float": 65527, "double": 65526, "strL": 32768}
PACKED = {"byte": "b", "int": "h", "long": "i", "float": "f", "double": "d"}
MISSING = {"byte": 101, "int": 32741, "long": 2147483621}
OLD_MISSING = {"byte": 127, "int": 32767, "long": 2147483647}


@dataclass
class Column:
    """One variable: storage `byte int long float double strN strL`; values are numbers, `'.'`, `'.a'`, or bytes (a pair (bytes, 129) is a binary strL)."""

    name: str
    storage: str
    values: list
    display: str = "%9.0g"
    label: bytes = b""
    labels: str = ""


@dataclass
class Dta:
    """A whole file; `sets` are label sets by name: number or `'.a'` to text; `notes` are (variable, name, text)."""

    release: int
    columns: list[Column]
    big: bool = False
    label: bytes = b""
    sets: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)

    @property
    def order(self) -> str:
        return ">" if self.big else "<"

    def pack(self, letters: str, *values) -> bytes:
        return struct.pack(self.order + letters, *values)

    def text(self, content: bytes, width: int) -> bytes:
        assert len(content) <= width, content
        return content.ljust(width, b"\0")

    def number(self, storage: str, value) -> bytes:
        if not isinstance(value, str):
            return self.pack(PACKED[storage], value)
        letter = 0 if value == "." else ord(value[1]) - 96
        if storage in MISSING:
            return self.pack(PACKED[storage], MISSING[storage] + letter if self.release >= 113 else OLD_MISSING[storage])
        bits = struct.pack(">I", 0x7F000000 + 0x800 * letter) if storage == "float" else struct.pack(">Q", 0x7FE0000000000000 + (letter << 40))
        return bits if self.big else bits[::-1]

    def rows(self) -> tuple[bytes, bytes]:
        """The data, and the long strings they refer to."""
        data, long = b"", b""
        for row in range(len(self.columns[0].values)):
            for place, column in enumerate(self.columns):
                value = column.values[row]
                if column.storage == "strL":
                    data += self.reference(place + 1, row + 1)
                    content, kind = value if isinstance(value, tuple) else (value + b"\0", 130)
                    offset = self.pack("I", row + 1) if self.release == 117 else self.pack("Q", row + 1)
                    long += b"GSO" + self.pack("I", place + 1) + offset + bytes([kind]) + self.pack("I", len(content)) + content
                elif column.storage.startswith("str"):
                    data += self.text(value, int(column.storage[3:]))
                else:
                    data += self.number(column.storage, value)
        return data, long

    def reference(self, variable: int, row: int) -> bytes:
        if self.release == 117:
            return self.pack("II", variable, row)
        wide = 2 if self.release == 118 else 3
        if self.big:
            return struct.pack(">Q", variable)[8 - wide:] + struct.pack(">Q", row)[wide:]
        return struct.pack("<Q", variable)[:wide] + struct.pack("<Q", row)[: 8 - wide]

    def label_table(self, texts: dict) -> bytes:
        joined, offsets = b"", []
        for text in texts.values():
            offsets.append(len(joined))
            joined += text + b"\0"
        codes = [2147483621 + ord(code[1]) - 96 if isinstance(code, str) else code for code in texts]
        count = len(texts)
        return self.pack("II", count, len(joined)) + self.pack(f"{count}I", *offsets) + self.pack(f"{count}i", *codes) + joined

    def old(self) -> bytes:
        new_names = self.release >= 110
        name, caption = 33 if new_names else 9, 32 if self.release <= 105 else 81
        out = bytes([self.release, 1 if self.big else 2, 1, 0]) + self.pack("HI", len(self.columns), len(self.columns[0].values))
        out += self.text(self.label, caption) + self.text(b"01 Jan 2020 10:00", 18)
        for column in self.columns:
            kinds = TYPES if self.release >= 111 else OLD_TYPES
            width = int(column.storage[3:]) if column.storage.startswith("str") else 0
            out += bytes([width + (0 if self.release >= 111 else 127) if width else kinds[column.storage]])
        out += b"".join(self.text(column.name.encode(), name) for column in self.columns) + b"\0\0" * (len(self.columns) + 1)
        out += b"".join(self.text(column.display.encode(), 49 if self.release >= 114 else 12) for column in self.columns)
        out += b"".join(self.text(column.labels.encode(), name) for column in self.columns)
        out += b"".join(self.text(column.label, caption) for column in self.columns)
        for variable, characteristic, text in self.notes:
            content = self.text(variable, name) + self.text(characteristic, name) + text + b"\0"
            out += b"\1" + self.pack("I" if new_names else "H", len(content)) + content
        out += b"\0" * (5 if new_names else 3) + self.rows()[0]
        for key, texts in self.sets.items():
            table = self.label_table(texts)
            out += self.pack("I", len(table)) + self.text(key.encode(), name) + b"\0\0\0" + table
        return out

    def new(self) -> bytes:
        wide = self.release >= 118
        name, display, caption = (129, 57, 321) if wide else (33, 49, 81)
        count, rows = len(self.columns), len(self.columns[0].values)
        data, long = self.rows()
        kinds = [TAGGED_TYPES.get(column.storage) or int(column.storage[3:]) for column in self.columns]
        head = b"<stata_dta><header><release>%d</release><byteorder>%s</byteorder><K>" % (self.release, b"MSF" if self.big else b"LSF")
        head += self.pack("I" if self.release == 119 else "H", count) + b"</K><N>" + self.pack("Q" if wide else "I", rows) + b"</N><label>"
        head += (self.pack("H", len(self.label)) if wide else bytes([len(self.label)])) + self.label
        head += b"</label><timestamp>\x1101 Jan 2020 10:00</timestamp></header>"
        characteristics = b""
        for variable, characteristic, text in self.notes:
            content = self.text(variable, name) + self.text(characteristic, name) + text + b"\0"
            characteristics += b"<ch>" + self.pack("I", len(content)) + content + b"</ch>"
        tables = b""
        for key, texts in self.sets.items():
            table = self.label_table(texts)
            tables += b"<lbl>" + self.pack("I", len(table)) + self.text(key.encode(), name) + b"\0\0\0" + table + b"</lbl>"
        sections = [
            (b"variable_types", self.pack(f"{count}H", *kinds)),
            (b"varnames", b"".join(self.text(column.name.encode(), name) for column in self.columns)),
            (b"sortlist", bytes((4 if self.release == 119 else 2) * (count + 1))),
            (b"formats", b"".join(self.text(column.display.encode(), display) for column in self.columns)),
            (b"value_label_names", b"".join(self.text(column.labels.encode(), name) for column in self.columns)),
            (b"variable_labels", b"".join(self.text(column.label, caption) for column in self.columns)),
            (b"characteristics", characteristics), (b"data", data), (b"strls", long), (b"value_labels", tables),
        ]
        places = [0, len(head)]
        body, at = b"", len(head) + len(b"<map></map>") + 14 * 8
        for tag, content in sections:
            places.append(at + len(body))
            body += b"<%s>%s</%s>" % (tag, content, tag)
        places.append(at + len(body))
        end = b"</stata_dta>"
        places.append(at + len(body) + len(end))
        return head + b"<map>" + self.pack("14Q", *places) + b"</map>" + body + end

    def save(self, path: Path) -> Path:
        """The file written to `path`."""
        path.write_bytes(self.new() if self.release >= 117 else self.old())
        return path
