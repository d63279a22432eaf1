"""Everything on the data sets: aids, actg175, lung, rossi, transplants.

Binarisations and inventions stand in the docstrings of `binary_numbers`, `time_numbers`, `other_numbers` and of the module `samples`.
`python -m tests.independent.estimators.numbers [FILE]` writes all numbers as JSON; `flat()` gives them as one dictionary of plain numbers.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .numbers_binary import binary_numbers
from .numbers_other import other_numbers
from .numbers_time import time_numbers
from .samples import sample
from .standardisation import standardisation


def published_numbers() -> dict[str, object]:
    """RobinCar2's example data (600 women, three arms): y_b on arm by s1, without and with covar, permuted blocks within s1."""
    frame = sample("robincar")
    frame["stratum"] = frame["s1"]
    return {
        "robincar arm by s1": standardisation(frame, ["s1", "arm:s1"]),
        "robincar arm by s1, covar": standardisation(frame, ["s1", "arm:s1", "covar"]),
        "robincar covar only": standardisation(frame, ["covar"]),
        "robincar covar only, simple": standardisation(frame, ["covar"], stratified=False),
    }


def plain(value: object) -> object:
    """Numbers of every kind as int or float, containers walked through."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, str | bool | int):
        return value
    return float(value)  # type: ignore[arg-type]  # every other kind is a number


def everything() -> dict[str, object]:
    return plain(binary_numbers() | time_numbers() | other_numbers() | published_numbers())  # type: ignore[return-value]  # a dictionary in, a dictionary out


def flat(value: object | None = None, prefix: str = "") -> dict[str, float | str]:
    """One level: keys joined by " / "."""
    tree = everything() if value is None else value
    if isinstance(tree, dict):
        return {k: v for name, part in tree.items() for k, v in flat(part, f"{prefix} / {name}" if prefix else name).items()}
    if isinstance(tree, list):
        return {k: v for i, part in enumerate(tree) for k, v in flat(part, f"{prefix} / {i}").items()}
    return {prefix: tree}  # type: ignore[dict-item]  # a leaf is a number or a word


def main() -> None:
    text = json.dumps(everything(), indent=1)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
