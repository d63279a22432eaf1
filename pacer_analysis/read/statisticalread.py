"""What SAS and SPSS files have in common: the same library reads them, some columns at a time, its text as bytes and its dates as numbers."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from pacer_analysis.errors import ExportError
from pacer_analysis.read.statisticalfile import BROKEN, StatisticalFile, Values, Variable
from pacer_analysis.read.statisticalnumbers import Numbers, Texts, code_text, decoded_columns, text_values
from pacer_analysis.read.statisticaltext import BYTES, codec_of, decoded_together, encoding_name, encoding_notes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pacer_analysis.read.notes import Note

CELLS_AT_ONCE = 50_000_000
ROWS_IF_UNKNOWN = 250_000     # what the library sets aside if a format does not say how many rows it has
SPSS = frozenset({"sav/zsav", "por"})
PUBLIC = {"sav/zsav": "read_sav", "sas7bdat": "read_sas7bdat"}


def describe(path: Path, parser: str, summary: str, longest_name: int, refusal: ExportError, declared: str | None) -> StatisticalFile:
    """What a file says of itself; `parser` is the library's name of the format, `refusal` the error of a file that it cannot read."""
    system = "spss" if parser in SPSS else "sas"
    codec = "" if parser == "por" else codec_of(declared)
    meta = _call(path, parser, refusal, metadataonly=True, encoding=BYTES if codec else None)[1]
    keys, captions = list(meta.column_names), [label or "" for label in meta.column_labels]
    if len(set(keys)) < len(keys) or not all(keys):
        raise refusal
    sets = [(name, code, text) for name, texts in meta.value_labels.items() for code, text in texts.items()]
    groups = [keys, captions, [text for _, _, text in sets], list(meta.value_labels), [code if isinstance(code, str) else "" for _, code, _ in sets]]
    if codec:
        groups, whole = decoded_together(groups, codec)
        encoding = encoding_name(whole, declared)
    else:
        encoding = declared or "ASCII"
    names, labels, texts, set_names, text_codes = groups
    shown: dict[str, dict[str, str]] = {name: {} for name in meta.value_labels}
    for (name, code, _), text, text_code in zip(sets, texts, text_codes, strict=True):
        shown[name][code_text(text_code or code, system)] = text
    called = dict(zip(meta.value_labels, set_names, strict=True))
    variables = tuple(
        Variable(name, key, label, f"str{meta.variable_storage_width[key]}" if meta.readstat_variable_types[key] == "string" else meta.readstat_variable_types[key],
                 meta.original_variable_types[key] or "", called.get(used, ""), shown.get(used, {}),
                 tuple((each["lo"], each["hi"]) for each in meta.missing_ranges.get(key, [])))
        for name, key, label in zip(names, keys, labels, strict=True)
        for used in (meta.variable_to_label.get(key, ""),)
    )
    used = set(meta.variable_to_label.values())
    rows = -1 if meta.number_rows is None else int(meta.number_rows)
    return StatisticalFile(path, system, summary, encoding, rows, variables, longest_name, tuple(called[name] for name in meta.value_labels if name not in used))


def declared_by_sas(path: Path, refusal: ExportError) -> str | None:
    """The encoding that a .sas7bdat file declares, None if the library does not know it."""
    try:
        declared: str | None = _call(path, "sas7bdat", refusal, metadataonly=True)[1].file_encoding
    except ExportError:
        return None     # a label that is not in the declared encoding: it is read in bytes
    return declared


def load(file: StatisticalFile, wanted: list[Variable], parser: str, refusal: ExportError, declared: str | None) -> tuple[dict[str, Values], list[Note], str]:
    """The wanted columns by the file's names, and notes on their encoding."""
    codec = "" if parser == "por" else codec_of(declared)
    numbers: dict[str, Values] = {}
    texts: dict[str, Texts] = {}
    for batch in _batches(file, wanted):
        frame = _call(file.path, parser, refusal, usecols=[variable.key for variable in batch], encoding=BYTES if codec else None)[0]
        if file.rows >= 0 and len(frame) != file.rows:
            raise refusal
        for variable in batch:
            content = frame.pop(variable.key).to_numpy()
            if variable.storage.startswith("str"):
                texts[variable.name] = Texts()
                texts[variable.name].add(content)
            else:
                column = Numbers(variable.storage == "float")
                column.add(content)
                numbers[variable.name] = column.values()
    coded = {variable.name: texts[variable.name].coded(int(variable.storage[3:])) for variable in wanted if variable.name in texts}
    if not codec:
        return numbers | {name: text_values(column.codes, column.levels) for name, column in coded.items()}, [], declared or "ASCII"
    found, whole = decoded_columns(coded, codec)
    return numbers | found, encoding_notes(whole, declared), encoding_name(whole, declared)


def _batches(file: StatisticalFile, wanted: list[Variable]) -> Iterator[list[Variable]]:
    """The columns, so many at a time that the memory stays modest."""
    size = max(1, CELLS_AT_ONCE // max(file.rows if file.rows >= 0 else ROWS_IF_UNKNOWN, 1))
    for start in range(0, len(wanted), size):
        yield wanted[start : start + size]


def _call(path: Path, parser: str, refusal: ExportError, **options: Any) -> tuple[Any, Any]:
    """The library's answer: a data frame and the file's description. Special missing values and dates stay as they are in the file."""
    import pyreadstat

    # The public functions for .xpt and .por have no option for special missing values and encodings; the one behind them all has.
    from pyreadstat._readstat_parser import parser_entry_point

    options |= {"user_missing": True, "disable_datetime_conversion": True, "output_format": "pandas"}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if parser in PUBLIC:
                answer: tuple[Any, Any] = getattr(pyreadstat, PUBLIC[parser])(str(path.absolute()), **options)
            else:
                answer = parser_entry_point(str(path.absolute()), parser, **options)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, *BROKEN):
        # The text of the failure may quote a value.
        raise refusal from None
    return answer
