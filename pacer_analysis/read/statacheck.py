"""The cross-check of a Stata file: a second library reads the same cells, and every one must be the same.

pyreadstat's own authors ask not to rely on it for reporting to authorities. So each block of rows is read by pandas too
and compared cell by cell, which implies equal sums, counts and digests; the value-label sets are compared as well.
A difference refuses the file and names the column, unless it is one of the traps of these libraries listed here.
"""

from __future__ import annotations

import contextlib
import io
import struct
import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any

from pacer_analysis.errors import ExportError
from pacer_analysis.read.stataheader import FIRST_TEXT_OF_UNICODE, StataHeader
from pacer_analysis.read.statalong import MARK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

FAILURES = (ValueError, KeyError, IndexError, struct.error, OverflowError, TypeError, AttributeError, OSError, MemoryError)
FIRST_WITH_LABELS = 109
FIRST_WITH_TAGS = 113
READ_AS_NEXT = {110: 111}
# Documented traps of pandas 2.3, each a difference that is not the file's:
#   small_missing   before release 113 a byte of 101 to 126 (int 32741 ..., long 2147483621 ...) is a number; pandas takes it for missing
#   shared_text     two codes that point to the same text: pandas gives the text to one of them, '' to the other
#   long strings    on big-endian files and in other encodings pandas cannot resolve them: they are read from the file's own table and not given to pandas
#   old labels      pandas does not read the value labels of releases 105 and 108
# and of pyreadstat 1.3:
#   label_spaces    the spaces that end a value label are dropped
#   long strings    they end at the first zero byte, and one that is no UTF-8 stops it
OLD_LIMITS = {"byte": (101, 126), "int": (32741, 32766), "long": (2147483621, 2147483646)}


class Unchecked(Exception):
    """The second library cannot read the file."""


class SecondReading:
    """pandas at work on the same file, block by block."""

    def __init__(self, path: Path, header: StataHeader) -> None:
        self.path, self.header = path, header
        self.reader: Any = None

    def open(self) -> None:
        """Opens the file; Unchecked if pandas cannot."""
        import pandas as pd

        with self._quiet():
            self.reader = pd.read_stata(_readable(self.path, self.header), iterator=True, convert_categoricals=False, convert_dates=False, convert_missing=False)
            self.reader.__enter__()
            # Asked for first, so that the long strings are not read again with every block.
            self.labels = self.reader.value_labels()

    def names(self) -> list[str]:
        """The columns in order."""
        with self._quiet():
            return list(self.reader.variable_labels())

    def compare(self, rows: int, names: Sequence[str], columns: Sequence[list[Any] | NDArray[np.float64]], places: Sequence[int]) -> None:
        """ExportError if the next rows differ in one of these columns (numbers as an array, texts as a list)."""
        with self._quiet():
            block = self.reader.read(nrows=rows, columns=list(names))
        if len(block) != rows:
            raise self.differs(f"{len(block)} rows in a block of {rows}", "")
        for name, ours, place in zip(names, columns, places, strict=True):
            theirs = block[name].to_numpy()
            same = self._same_texts(ours, theirs) if isinstance(ours, list) else self._same_numbers(ours, theirs, self.header.storages[place])
            if not same:
                raise self.differs(f"the column {name}", name)

    def compare_labels(self, sets: dict[str, dict[str, str]]) -> None:
        """ExportError if the value-label sets differ; codes as text, `.a` for an extended missing value."""
        if self.header.release < FIRST_WITH_LABELS:
            return
        theirs = {str(name): {_code(int(code)): text.rstrip(" ") for code, text in texts.items()} for name, texts in self.labels.items()}
        ours = {self.as_pandas(name): {code: self.as_pandas(text).rstrip(" ") for code, text in texts.items()} for name, texts in sets.items()}
        for name in sorted(ours.keys() | theirs.keys()):
            mine, second = ours.get(name, {}), theirs.get(name, {})
            shared = {text for text, count in Counter(mine.values()).items() if count > 1}
            for code in mine.keys() | second.keys():
                if mine.get(code) != second.get(code) and not (mine.get(code) in shared and second.get(code) == ""):
                    raise self.differs(f"the value labels {name}", name)

    def differs(self, what: str, column: str) -> ExportError:
        """The error of a file that two libraries read differently."""
        where = f"{self.path}, column {column}" if column else str(self.path)
        return ExportError(f"two independent readers (pyreadstat and pandas) disagree on {what}", where=where, allowed="the same values from both",
                           do="save the file again in Stata; if that does not help, export it as CSV")

    def as_pandas(self, text: str) -> str:
        """A text given in ISO-8859-1 as pandas would show it: bytes before release 118, UTF-8 (else ISO-8859-1) from then on."""
        if text.isascii() or self.header.release < FIRST_TEXT_OF_UNICODE:
            return text
        try:
            return text.encode("iso-8859-1").decode("utf-8")
        except UnicodeDecodeError:
            return text

    def compare_long(self, name: str, ours: Sequence[str], theirs: Sequence[str]) -> None:
        """ExportError if long strings (ours in ISO-8859-1) differ from what pyreadstat read, which ends at a zero byte and takes all for UTF-8."""
        if not all(mine.startswith(MARK) or mine.encode("iso-8859-1").decode("utf-8") == other for mine, other in set(zip(ours, theirs, strict=True))):
            raise self.differs(f"the column {name}", name)

    def close(self) -> None:
        """Closes the file."""
        if self.reader is not None:
            self.reader.__exit__(None, None, None)

    def _same_texts(self, ours: list[str], theirs: NDArray[Any]) -> bool:
        second = theirs.tolist()
        if ours == second:
            return True
        return all(self.as_pandas(mine) == other for mine, other in set(zip(ours, second, strict=True)))

    def _same_numbers(self, ours: NDArray[np.float64], theirs: NDArray[Any], storage: str) -> bool:
        import numpy as np

        second = theirs.astype(np.float64)
        same = (ours == second) | (np.isnan(ours) & np.isnan(second))
        if same.all():
            return True
        low, high = OLD_LIMITS.get(storage, (1, 0)) if self.header.release < FIRST_WITH_TAGS else (1, 0)
        return bool((same | ((ours >= low) & (ours <= high) & np.isnan(second))).all())

    @contextlib.contextmanager
    def _quiet(self) -> Iterator[None]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        except FAILURES:
            raise Unchecked from None


def _readable(path: Path, header: StataHeader) -> Path | io.BytesIO:
    """The file, or a copy under the release that pandas knows: 110 is 111 but for the letters of its types."""
    if header.release not in READ_AS_NEXT:
        return path
    content = bytearray(path.read_bytes())
    content[0] = READ_AS_NEXT[header.release]
    kinds = {"byte": 251, "int": 252, "long": 253, "float": 254, "double": 255}
    at = 10 + 81 + 18
    content[at : at + len(header.storages)] = bytes(kinds.get(storage) or int(storage[3:]) for storage in header.storages)
    return io.BytesIO(bytes(content))


def _code(code: int) -> str:
    """The code of a label as text; the 26 numbers from 2147483622 stand for `.a` to `.z`."""
    return f".{chr(code - 2147483622 + ord('a'))}" if 2147483622 <= code <= 2147483647 else str(code)
