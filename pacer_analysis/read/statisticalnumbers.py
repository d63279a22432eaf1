"""Blocks of a column gathered into codes and different values: numbers with their extended missing values, and texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacer_analysis.read.statisticalfile import Values
from pacer_analysis.read.statisticaltext import decoded_together

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.statisticaltext import Decoded

LARGEST_WHOLE = 2.0**53
TAG = {"stata": ".{}", "sas": ".{}", "spss": "{}"}


def number_text(number: float) -> str:
    """A number as Stata's list would show it in full: `1` for 1.0, else the shortest text that gives it back."""
    return str(int(number)) if number.is_integer() and abs(number) < LARGEST_WHOLE else repr(number)


def code_text(code: object, system: str) -> str:
    """The code of a value label as text; in Stata and SAS a letter stands for an extended missing value."""
    return TAG[system].format(code) if isinstance(code, str) else number_text(float(code))  # type: ignore[arg-type]  # a number if no text


class Numbers:
    """A numeric column; `single` if four bytes hold its values, so that 0.1 is what somebody typed and not 0.10000000149."""

    def __init__(self, single: bool) -> None:
        import numpy as np

        self.single = single
        self.parts: list[NDArray[Any]] = []
        self.tags: list[NDArray[np.uint8] | None] = []
        self.sizes: list[int] = []
        self.last: NDArray[np.float64] = np.zeros(0)

    def add(self, values: Iterable[Any]) -> None:
        """Adds a block: numbers, None or NaN for missing, a letter for an extended missing value."""
        import numpy as np

        tags = None
        try:
            block = np.asarray(values, dtype=np.float64)
        except ValueError:
            given = np.array(values, dtype=object)
            letters = np.array([isinstance(value, str) for value in given], dtype=bool)
            tags = np.zeros(len(given), dtype=np.uint8)
            tags[letters] = [ord(letter) for letter in given[letters]]
            given[letters] = None
            block = given.astype(np.float64)
        self.last = block
        self.sizes.append(len(block))
        self.parts.append(block.astype(np.float32) if self.single else block)
        self.tags.append(tags)

    def values(self) -> Values:
        """The whole column."""
        import numpy as np
        import pandas as pd

        whole = np.concatenate(self.parts) if self.parts else np.zeros(0)
        self.parts = []
        places, uniques = pd.factorize(whole, use_na_sentinel=True)
        codes = places.astype(np.int32)
        numbers = np.asarray(uniques).astype(str).astype(np.float64) if self.single else np.asarray(uniques, dtype=np.float64)
        absent = codes < 0
        texts: list[str] = []
        if absent.any():
            letters = self._letters(len(whole), absent)
            for letter in np.unique(letters[absent]).tolist():
                codes[absent & (letters == letter)] = len(numbers) + len(texts)
                texts.append(f".{chr(letter)}" if letter else "")
        missing = len(texts)
        return Values(codes, np.concatenate([numbers, np.full(missing, np.nan)]), np.array([""] * len(numbers) + texts, dtype=object),
                      np.array([False] * len(numbers) + [bool(text) for text in texts], dtype=bool))

    def _letters(self, rows: int, absent: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """The letter of each extended missing value, 0 elsewhere."""
        import numpy as np

        if all(tags is None for tags in self.tags):
            return np.zeros(rows, dtype=np.uint8)
        whole = np.concatenate([np.zeros(size, dtype=np.uint8) if tags is None else tags for tags, size in zip(self.tags, self.sizes, strict=True)])
        return np.where(absent, whole, 0).astype(np.uint8)


class Texts:
    """A text column, kept as Arrow strings so that a million ids take no million objects."""

    def __init__(self) -> None:
        self.parts: list[Any] = []

    def add(self, values: Iterable[Any]) -> None:
        """Adds a block of texts; None and NaN are blank."""
        import pyarrow as pa

        self.parts.append(pa.array(values, type=pa.large_string(), from_pandas=True).fill_null(""))

    def coded(self, width: int) -> CodedTexts:
        """The whole column; `width` is what its storage holds in bytes."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        whole = pa.concat_arrays(self.parts) if self.parts else pa.array([], type=pa.large_string())
        self.parts = []
        encoded = whole.dictionary_encode()
        plain = pc.all(pc.string_is_ascii(encoded.dictionary)).as_py() is not False
        return CodedTexts(np.asarray(encoded.indices).astype(np.int32), encoded.dictionary.to_numpy(zero_copy_only=False).astype(object), width, plain)


@dataclass(frozen=True, slots=True)
class CodedTexts:
    """A text column as codes into different texts (in ISO-8859-1), the bytes that its storage holds (0: any number), and whether all is ASCII."""

    codes: NDArray[Any]
    levels: Sequence[str] | NDArray[np.object_]
    width: int = 0
    plain: bool = False


def decoded_columns(columns: Mapping[str, CodedTexts], codec: str) -> tuple[dict[str, Values], Decoded]:
    """The columns in the text that they stand for, and what encodings that took."""
    foreign = {name: column for name, column in columns.items() if not column.plain}
    made, whole = decoded_together([list(column.levels) for column in foreign.values()], codec, [column.width for column in foreign.values()])
    levels = dict(zip(foreign, made, strict=True))
    return {name: text_values(column.codes, levels.get(name, column.levels)) for name, column in columns.items()}, whole


def text_values(codes: NDArray[Any], levels: Sequence[str] | NDArray[np.object_]) -> Values:
    """A text column from codes into texts; texts that have become the same are one."""
    import numpy as np
    import pandas as pd

    texts = np.empty(len(levels), dtype=object)
    texts[:] = levels
    lookup, uniques = pd.factorize(texts)
    merged = lookup.astype(np.int32)[codes] if len(uniques) < len(texts) else codes.astype(np.int32)
    kept = np.asarray(uniques, dtype=object) if len(uniques) < len(texts) else texts
    return Values(merged, np.full(len(kept), np.nan), kept, np.zeros(len(kept), dtype=bool))
