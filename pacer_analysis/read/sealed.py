"""The split of what betrays the arm, made before a value is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pacer_analysis.dictionary import FlatDictionary, Project
    from pacer_analysis.plan import Source


def open_fields(source: Source, dictionary: FlatDictionary | Project) -> frozenset[str]:
    """The fields that the open side may read: all but the sealed ones, and none of a source that is sealed as a whole."""
    return frozenset() if source.reveals_arm else _names(dictionary) - set(source.sealed_fields)


def all_fields(dictionary: FlatDictionary | Project) -> frozenset[str]:
    """Every field, for the restricted side."""
    return _names(dictionary)


def kept_sealed(source: Source, dictionary: FlatDictionary | Project, record: str) -> tuple[str, ...]:
    """The fields of the sealed table: the whole source, or its key and its sealed fields."""
    names = sorted(_names(dictionary))
    if source.reveals_arm:
        return tuple(names)
    return tuple(name for name in names if name in {*source.key, *source.sealed_fields} - {record})


def _names(dictionary: FlatDictionary | Project) -> frozenset[str]:
    from pacer_analysis.dictionary import FlatDictionary

    if isinstance(dictionary, FlatDictionary):
        return frozenset(dictionary.fields)
    return frozenset(dictionary.dictionary.fields) | {f"{form}_complete" for form in dictionary.dictionary.forms}
