"""SAS and SPSS files with what pyreadstat's own writers cannot write: .sas7bdat, special missing values, text in any bytes.

The C library inside pyreadstat can write them; its functions are called here. Where a build does not export them, tests skip.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from pathlib import Path

import pytest

STRING, DOUBLE = 0, 5
Pointer = ctypes.c_void_p
Put = ctypes.CFUNCTYPE(ctypes.c_ssize_t, Pointer, ctypes.c_size_t, Pointer)


@dataclass
class Column:
    """One column: `width` 0 for numbers; values are bytes, or numbers, None, or a letter for a special missing value."""

    name: str
    values: list
    display: str = ""
    label: bytes = b""
    width: int = 0


def library() -> ctypes.CDLL:
    import pyreadstat

    built = sorted(Path(pyreadstat.__file__).parent.glob("_readstat_writer*"))
    found = [path for path in built if path.suffix in {".so", ".pyd", ".dylib"}]
    if not found:
        pytest.skip("this build of pyreadstat has no library beside it")
    loaded = ctypes.CDLL(str(found[0]))
    if not hasattr(loaded, "readstat_begin_writing_sas7bdat"):
        pytest.skip("this build of pyreadstat does not export the functions of its C library")
    loaded.readstat_writer_init.restype = Pointer
    loaded.readstat_add_variable.restype = Pointer
    loaded.readstat_add_variable.argtypes = [Pointer, ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t]
    loaded.readstat_set_data_writer.argtypes = [Pointer, Put]
    loaded.readstat_insert_double_value.argtypes = [Pointer, Pointer, ctypes.c_double]
    loaded.readstat_insert_tagged_missing_value.argtypes = [Pointer, Pointer, ctypes.c_char]
    loaded.readstat_writer_set_file_format_version.argtypes = [Pointer, ctypes.c_uint8]
    for name in ("insert_missing_value", "begin_row", "end_row", "end_writing", "writer_free"):
        getattr(loaded, f"readstat_{name}").argtypes = [Pointer] * (2 if name.startswith("insert") else 1)
    for name in ("variable_set_format", "variable_set_label"):
        getattr(loaded, f"readstat_{name}").argtypes = [Pointer, ctypes.c_char_p]
    loaded.readstat_insert_string_value.argtypes = [Pointer, Pointer, ctypes.c_char_p]
    for kind in ("sas7bdat", "xport", "sav"):
        getattr(loaded, f"readstat_begin_writing_{kind}").argtypes = [Pointer, Pointer, ctypes.c_long]
    return loaded


def write(path: Path, kind: str, columns: list[Column], version: int = 0) -> Path:
    """A file of kind sas7bdat, xport or sav at `path`."""
    calls, out = library(), bytearray()

    @Put
    def put(data, size, _context):
        out.extend(ctypes.string_at(data, size))
        return size

    def done(code: int) -> None:
        assert code == 0, f"the library answers with error {code}"

    writer = calls.readstat_writer_init()
    calls.readstat_set_data_writer(writer, put)
    if version:
        calls.readstat_writer_set_file_format_version(writer, version)
    variables = []
    for column in columns:
        variable = calls.readstat_add_variable(writer, column.name.encode(), STRING if column.width else DOUBLE, column.width)
        calls.readstat_variable_set_label(variable, column.label)
        if column.display:
            calls.readstat_variable_set_format(variable, column.display.encode())
        variables.append(variable)
    done(getattr(calls, f"readstat_begin_writing_{kind}")(writer, None, len(columns[0].values)))
    for row in range(len(columns[0].values)):
        done(calls.readstat_begin_row(writer))
        for variable, column in zip(variables, columns, strict=True):
            value = column.values[row]
            if isinstance(value, bytes):
                done(calls.readstat_insert_string_value(writer, variable, value))
            elif value is None:
                done(calls.readstat_insert_missing_value(writer, variable))
            elif isinstance(value, str):
                done(calls.readstat_insert_tagged_missing_value(writer, variable, value.encode()))
            else:
                done(calls.readstat_insert_double_value(writer, variable, value))
        done(calls.readstat_end_row(writer))
    done(calls.readstat_end_writing(writer))
    calls.readstat_writer_free(writer)
    path.write_bytes(bytes(out))
    return path
