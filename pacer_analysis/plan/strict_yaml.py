"""YAML as a plan needs it: repeated keys refused, dates as dates, and every key's line remembered."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from pacer_analysis.errors import PlanError


class Block(dict[str, Any]):
    """A YAML mapping that knows its file and the line of each key, so that an error can say where."""

    file: str = ""
    line: int = 0
    lines: dict[str, int]

    def where(self, key: str | None = None) -> str:
        """File and line of a key, or of the mapping itself."""
        line = self.lines.get(key, self.line) if key is not None else self.line
        return f"{self.file}, line {line}" + (f", key `{key}`" if key is not None else "")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the same loader in C where PyYAML has it
    file = ""


# Only true and false are booleans: `yes`, `no` and `on` are codes and arms in trials.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"true|True|false|False"), list("tTfF"))


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Block:
    block = Block()
    block.file, block.line, block.lines = loader.file, node.start_mark.line + 1, {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            raise PlanError(f"The key `{key}` is not text.", where=f"{loader.file}, line {line}",
                            allowed="names in letters, digits, - and _", do=f'Quote it: "{key}":')
        if key in block:
            raise PlanError(f"The key `{key}` stands twice in one block.", where=f"{loader.file}, lines {block.lines[key]} and {line}",
                            allowed="each key once", do="Remove or rename one of the two.")
        block.lines[key] = line
        block[key] = loader.construct_object(value_node, deep=True)
    return block


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(path: Path) -> Block:
    """The mapping at the top of a YAML file.

    Raises PlanError when the file is absent, is not UTF-8, is not YAML, repeats a key, or is not a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise PlanError(f"There is no file {path.name}.", where=str(path.parent),
                        do="Check the path, or make a plan with `pacer new DIR --dictionary FILE`.") from None
    except IsADirectoryError:
        raise PlanError(f"{path.name} is a folder.", where=str(path), allowed="a YAML file", do="Check the path.") from None
    except UnicodeDecodeError as error:
        raise PlanError(f"{path.name} is not UTF-8 text (byte {error.start}).", where=str(path), do="Save it as UTF-8.") from None
    loader = _Loader(text)
    loader.file = str(path)
    try:
        document = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise PlanError(f"{path.name} is not valid YAML: {error.problem}.",
                        where=f"{path}, line {mark.line + 1 if mark else '?'}",
                        do="Check indentation, colons and quotes at that line.") from None
    except yaml.YAMLError as error:
        raise PlanError(f"{path.name} is not valid YAML: {str(error).splitlines()[0]}.", where=str(path),
                        do="Look for control characters.") from None
    except ValueError as error:
        raise PlanError(f"{path.name} holds a value that cannot be: {error}.", where=str(path), allowed="dates that exist, such as 2019-06-30", do="Correct the date.") from None
    finally:
        loader.dispose()
    if document is None:
        document = Block()
        document.file, document.line, document.lines = str(path), 1, {}
    if not isinstance(document, Block):
        raise PlanError(f"{path.name} does not hold `key: value` pairs.", where=str(path),
                        allowed="a mapping at the top", do="Compare with the file of the same name in another plan.")
    return document
