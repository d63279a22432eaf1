"""checks.yaml: rules across fields, forms and sources, in REDCap's own language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pacer_analysis.dictionary.csvtable import read_text
from pacer_analysis.errors import DictionaryError
from pacer_analysis.logic import Expression, LogicError, parse

if TYPE_CHECKING:
    from pathlib import Path

SEVERITIES = ("error", "warning", "info")
REQUIRED = ("id", "severity", "source", "field", "logic", "message")
KEYS = (*REQUIRED, "form", "event", "action", "when_sealed")


@dataclass(frozen=True, slots=True)
class Check:
    """One rule: its logic is true where there is a discrepancy. `event` '' means every event of the form."""

    id: str
    severity: str
    source: str
    form: str
    event: str
    field: str
    logic: str
    expression: Expression
    message: str
    action: str
    when_sealed: bool


def load_checks(path: Path) -> tuple[Check, ...]:
    """The rules of a file in its order, none if there is no file; DictionaryError names the rule that cannot be read."""
    if not path.exists():
        return ()
    entries = _entries(path)
    if not isinstance(entries, list):
        raise DictionaryError(
            "the checks are not a list", where=str(path), allowed="a list of rules, each beginning with `- id:`", do="correct it in this file"
        )
    checks: dict[str, Check] = {}
    for number, entry in enumerate(entries, start=1):
        check = _check(entry, f"{path}, rule {number}")
        if check.id in checks:
            raise DictionaryError(
                f"the rule {check.id} is defined twice", where=f"{path}, rule {number}", allowed="each id once", do="remove or rename one of the two"
            )
        checks[check.id] = check
    return tuple(checks.values())


def _entries(path: Path) -> Any:
    """The document of a YAML file; a key that stands twice in one rule is refused, because YAML would silently keep the last."""
    import yaml

    class Strict(yaml.SafeLoader):
        """The safe loader of YAML, without its readings of `yes` and `no` as truth."""

    def mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
        pairs = [(loader.construct_object(key, deep=True), loader.construct_object(value, deep=True), key.start_mark.line + 1) for key, value in node.value]
        for place, (key, _, line) in enumerate(pairs):
            if key in [other for other, _, _ in pairs[:place]]:
                raise DictionaryError(
                    f"the key {key!r} stands twice in one rule", where=f"{path}, line {line}", allowed="each key once", do="remove one of the two"
                )
        return {key: value for key, value, _ in pairs}

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    try:
        return yaml.load(read_text(path), Loader=Strict)  # noqa: S506  # Strict is a safe loader
    except yaml.YAMLError as problem:
        raise DictionaryError(
            f"not a YAML file ({str(problem).splitlines()[0]})", where=str(path), do="check indentation, colons and quotes at that line"
        ) from None


def _check(entry: Any, where: str) -> Check:
    if not isinstance(entry, dict):
        raise DictionaryError("a rule is not a mapping", where=where, allowed=", ".join(KEYS), do="correct it in this file")
    where = f"{where} ({entry.get('id', 'without id')})"
    absent = [key for key in REQUIRED if entry.get(key) in (None, "")]
    unknown = [str(key) for key in entry if key not in KEYS]
    if absent or unknown:
        fault = f"{', '.join(absent)} is missing" if absent else f"{', '.join(unknown)} is unknown"
        raise DictionaryError(f"in a rule, {fault}", where=where, allowed=", ".join(KEYS), do="correct it in this file")
    if entry["severity"] not in SEVERITIES:
        raise DictionaryError(f"the severity is {entry['severity']!r}", where=where, allowed=", ".join(SEVERITIES), do="choose one of them")
    text = {key: str(entry.get(key) or "").strip() for key in KEYS}
    try:
        expression = parse(text["logic"])
    except LogicError as problem:
        raise DictionaryError(f"the logic of a rule cannot be read: {problem.what}", where=where, do="correct the rule") from None
    return Check(text["id"], text["severity"], text["source"], text["form"], text["event"], text["field"], text["logic"], expression, text["message"],
                 text["action"], bool(entry.get("when_sealed", False)))
