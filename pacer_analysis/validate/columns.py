"""What the dictionary says of each column of a table, the options of checkboxes among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.validate.described import Described, describe, missing_codes_of, option

if TYPE_CHECKING:
    from pacer_analysis.read import Reading
    from pacer_analysis.read.tidy import Tidy


def describe_columns(reading: Reading, table: Tidy) -> dict[str, Described]:
    """Every column of a form or flat source by name; an option of a checkbox, or a missing-data code of it, as a field of its own."""
    fields = describe(reading.dictionary, table.form, missing_codes_of(reading)).values()
    return {column: option(field, column) if field.kind == "checkbox" else field for field in fields for column in (*field.columns, *field.missing)}


def describe_known(reading: Reading, table: Tidy) -> dict[str, Described]:
    """The fields of which a table has a column, by their names and by those of their columns."""
    fields = describe(reading.dictionary, table.form, missing_codes_of(reading)).values()
    known = [field for field in fields if any(name in table.fields for name in (*field.columns, *field.missing))]
    return {name: field for field in known for name in (field.name, *field.columns, *field.missing)}


def key_beyond_record(reading: Reading) -> tuple[str, ...]:
    """The key fields of a source beside the record: the parts of `instance` in a flat source."""
    return tuple(name for name in reading.source.key if name != reading.record)
