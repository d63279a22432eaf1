"""A YAML file that is a list of mappings: rules across fields, reconciliations of sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacer_analysis.dictionary.csvtable import read_text
from pacer_analysis.errors import DictionaryError

if TYPE_CHECKING:
    from pathlib import Path


def entries(path: Path, what: str) -> list[tuple[str, dict[str, Any]]]:
    """Every mapping of the list with its place in words, none if there is no file; DictionaryError if it is no such list."""
    if not path.exists():
        return []
    content = _content(path)
    if content is None:
        return []
    if not isinstance(content, list):
        raise DictionaryError(f"the {what} are not a list", where=str(path), allowed="a list of entries, each beginning with `- id:`", do="correct it in this file")
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for number, entry in enumerate(content, start=1):
        where = f"{path}, rule {number}"
        if not isinstance(entry, dict) or not entry.get("id"):
            raise DictionaryError("a rule is not a mapping with an id", where=where, allowed="- id: ...", do="correct it in this file")
        name = str(entry["id"])
        if name in found:
            raise DictionaryError(f"the rule {name} is defined twice", where=where, allowed="each id once", do="remove or rename one of the two")
        found[name] = f"{where} ({name})", entry
    return list(found.values())


def known_keys(entry: dict[str, Any], where: str, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    """DictionaryError if a key of the mapping is unknown, or a required one is absent or blank."""
    absent = [key for key in required if entry.get(key) in (None, "")]
    unknown = [str(key) for key in entry if key not in (*required, *optional)]
    if absent or unknown:
        fault = f"{', '.join(absent)} is missing" if absent else f"{', '.join(unknown)} is unknown"
        raise DictionaryError(f"in a rule, {fault}", where=where, allowed=", ".join((*required, *optional)), do="correct it in this file")


def _content(path: Path) -> Any:
    """The document; a key that stands twice in one mapping is refused, because YAML would silently keep the last."""
    import yaml

    class Strict(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the same loader in C where PyYAML has it
        """The safe loader of YAML that knows each key once."""

    def mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
        pairs = [(loader.construct_object(key, deep=True), loader.construct_object(value, deep=True), key.start_mark.line + 1) for key, value in node.value]
        for place, (key, _, line) in enumerate(pairs):
            if key in [other for other, _, _ in pairs[:place]]:
                raise DictionaryError(f"the key {key!r} stands twice in one rule", where=f"{path}, line {line}", allowed="each key once", do="remove one of the two")
        return {key: value for key, value, _ in pairs}

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    try:
        return yaml.load(read_text(path), Loader=Strict)  # noqa: S506  # Strict is a safe loader
    except yaml.YAMLError as problem:
        raise DictionaryError(f"not a YAML file ({str(problem).splitlines()[0]})", where=str(path), do="check indentation, colons and quotes at that line") from None
    except (TypeError, ValueError) as problem:      # a key that is a list, a date that is none
        raise DictionaryError(f"not a list of rules ({problem})", where=str(path), do="check the keys and values of this file") from None
