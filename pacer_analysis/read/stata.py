"""A Stata file: its columns as codes into values, extended missing values kept, every cell checked with a second library."""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

from pacer_analysis.read.notes import Note
from pacer_analysis.read.statacheck import SecondReading, Unchecked
from pacer_analysis.read.stataheader import FIRST_TEXT_OF_UNICODE, StataHeader, not_stata, stata_header
from pacer_analysis.read.statalong import LongColumn, read_long_strings
from pacer_analysis.read.statisticalfile import BROKEN, StatisticalFile, Values, Variable
from pacer_analysis.read.statisticalnumbers import CodedTexts, Numbers, Texts, code_text, decoded_columns
from pacer_analysis.read.statisticaltext import BYTES, UTF8, decoded_together, encoding_name, encoding_notes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CELLS_A_BLOCK = 1_000_000
SINGLE = frozenset({"byte", "int", "float"})     # four bytes hold their values
LONGEST_OLD_NAME, LONGEST_NAME = 8, 32
FIRST_LONG_NAMES = 110


def describe_stata(path: Path) -> StatisticalFile:
    """What the file says of itself; ExportError if it is no whole .dta file."""
    header = stata_header(path)
    meta = _read(path, metadataonly=True)[1]
    if len(meta.column_names) != len(header.storages) or len(set(meta.column_names)) < len(header.storages) or not all(meta.column_names):
        raise not_stata(path)
    sets = {name: {code_text(code, "stata"): text for code, text in texts.items()} for name, texts in meta.value_labels.items()}
    keys, captions = list(meta.column_names), [label or "" for label in meta.column_labels]
    codes = [(name, code) for name, texts in sets.items() for code in texts]
    (names, labels, texts, set_names), whole = decoded_together([keys, captions, [sets[name][code] for name, code in codes], list(sets)])
    shown: dict[str, dict[str, str]] = {name: {} for name in sets}
    for (name, code), text in zip(codes, texts, strict=True):
        shown[name][code] = text
    called = dict(zip(sets, set_names, strict=True))
    variables = tuple(
        Variable(name, key, label, storage, meta.original_variable_types[key] or "", called.get(used, used), shown.get(used, {}))
        for name, key, label, storage in zip(names, keys, labels, header.storages, strict=True)
        for used in (meta.variable_to_label.get(key, ""),)
    )
    used = set(meta.variable_to_label.values())
    longest = LONGEST_NAME if header.release >= FIRST_LONG_NAMES else LONGEST_OLD_NAME
    return StatisticalFile(path, "stata", header.summary, encoding_name(whole, _declared(header)), header.rows, variables, longest, tuple(called[name] for name in sets if name not in used))


def load_stata(file: StatisticalFile, wanted: list[Variable]) -> tuple[dict[str, Values], list[Note], str]:
    """The wanted columns by the file's names, notes on how they were read, and the encoding of their text; ExportError if the two libraries differ."""
    header = stata_header(file.path)
    places = {variable.key: place for place, variable in enumerate(file.variables)}
    short = {variable.key: variable for variable in wanted if variable.storage != "strL"}
    long = {variable.key: variable for variable in wanted if variable.storage == "strL"}
    columns = {key: Texts() if variable.storage.startswith("str") else Numbers(variable.storage in SINGLE) for key, variable in short.items()}
    second = SecondReading(file.path, header)
    notes: list[Note] = []
    try:
        checked = _checked(partial(_compare_description, second, file), notes)
        for rows, block in _blocks(file.path, header, list(short)):
            for key, column in columns.items():
                column.add(block[key])
            if checked:
                ours = [block[key] if isinstance(column, Texts) else column.last for key, column in columns.items()]
                checked = _checked(partial(second.compare, rows, [second.as_pandas(key) for key in short], ours, [places[key] for key in short]), notes)
        strings = read_long_strings(file.path, header, [places[key] for key in long])
        _check_long(second, header, {key: strings[places[key]] for key in long})
    finally:
        second.close()
    texts = {short[key].name: column.coded(int(short[key].storage[3:])) for key, column in columns.items() if isinstance(column, Texts)}
    texts |= {variable.name: CodedTexts(strings[places[key]].codes, strings[places[key]].texts) for key, variable in long.items()}
    found, whole = decoded_columns(texts, UTF8)
    found |= {short[key].name: column.values() for key, column in columns.items() if isinstance(column, Numbers)}
    notes += [_binary(variable.name, count) for key, variable in long.items() if (count := strings[places[key]].binary)]
    return found, [*notes, *encoding_notes(whole, _declared(header))], encoding_name(whole, _declared(header))


def _declared(header: StataHeader) -> str | None:
    return "UTF-8" if header.release >= FIRST_TEXT_OF_UNICODE else None


def _compare_description(second: SecondReading, file: StatisticalFile) -> None:
    """ExportError if the second library has other names or value labels; Unchecked if it cannot read the file."""
    second.open()
    if second.names() != [second.as_pandas(variable.key) for variable in file.variables]:
        raise second.differs("the names of the columns", "")
    meta = _read(file.path, metadataonly=True)[1]
    second.compare_labels({name: {code_text(code, "stata"): text for code, text in texts.items()} for name, texts in meta.value_labels.items()})


def _checked(compare: Callable[[], None], notes: list[Note]) -> bool:
    """True if the second library could read what was to be compared; ExportError if it read something else."""
    try:
        compare()
    except Unchecked:
        notes.append(Note("crosscheck", "warning", "", "only one of two libraries can read this file, so that its values are not confirmed by the other",
                          "save the file again in Stata"))
        return False
    return True


def _check_long(second: SecondReading, header: StataHeader, strings: dict[str, LongColumn]) -> None:
    """ExportError if pyreadstat reads other long strings; what it cannot read, as binary content, it is not asked."""
    for key, column in strings.items():
        try:
            theirs = _long(second.path, key) if header.rows and not column.binary else []
        except UnicodeDecodeError:
            continue
        ours = [column.texts[code] for code in column.codes[: len(theirs)].tolist()]
        second.compare_long(second.as_pandas(key), ours, theirs)


def _binary(name: str, count: int) -> Note:
    return Note("encoding", "warning", name, f"{count} of the long texts are no text but binary; they are kept as their bytes in hexadecimal", "export documents and images apart from the data")


def _blocks(path: Path, header: StataHeader, keys: list[str]) -> Iterator[tuple[int, dict[str, list[Any]]]]:
    """The columns, some rows at a time: how many rows, and the values of each column."""
    if not keys:
        return
    size = max(1, CELLS_A_BLOCK // len(keys))
    for start in range(0, header.rows, size):
        rows = min(size, header.rows - start)
        block, _ = _read(path, usecols=keys, row_offset=start, row_limit=rows)
        if any(len(values) != rows for values in block.values()):
            raise not_stata(path)
        yield rows, block


def _long(path: Path, key: str) -> list[str]:
    """A column of long strings as pyreadstat has it; UnicodeDecodeError if it is no UTF-8."""
    import pyreadstat

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content, _ = pyreadstat.read_dta(str(path.absolute()), usecols=[key], output_format="dict", encoding=BYTES)
    return ["" if value is None else value for value in content[key]]


def _read(path: Path, **options: Any) -> tuple[dict[str, list[Any]], Any]:
    """The columns as lists with the file's description, all text in ISO-8859-1."""
    import pyreadstat

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content, meta = pyreadstat.read_dta(str(path.absolute()), user_missing=True, disable_datetime_conversion=True, output_format="dict", encoding=BYTES, **options)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, *BROKEN):
        # The text of the failure may quote a value.
        raise not_stata(path) from None
    return dict(content), meta
