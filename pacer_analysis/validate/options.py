"""Rules on several boxes or columns of one question: an option that excludes the others, a ranking that uses a rank once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.dictionary import checkbox_column
from pacer_analysis.read.convert import VALUE

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.tidy import Tidy
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger

EXCLUSIVE, RANKING = "none_of_the_above", "ranking"


def check_exclusive(ledger: Ledger, table: Tidy, field: Described) -> None:
    """Findings where an option that @NONEOFTHEABOVE names is ticked together with another."""
    import numpy as np

    if field.kind != "checkbox":
        return
    for tag in field.tags:
        if tag.name != "NONEOFTHEABOVE" or tag.condition:
            continue
        alone = {checkbox_column(field.name, code.strip()) for code in tag.argument.split(",") if code.strip()} & set(field.columns)
        ticked = {name: _ticked(table, name) for name in field.columns if name in table.fields}
        if not alone & set(ticked):
            continue
        excluding = np.any([boxes for name, boxes in ticked.items() if name in alone], axis=0)
        count = np.sum(list(ticked.values()), axis=0)
        labels = " or ".join(f'"{dict(field.choices).get(code.strip(), code.strip())}"' for code in tag.argument.split(",") if code.strip())
        ledger.count(EXCLUSIVE, "warning", evaluated=int((count > 0).sum()))
        ledger.fail(EXCLUSIVE, "warning", table, np.flatnonzero(excluding & (count > 1)), field, f"{labels} is ticked together with another option.",
                    "untick one or the other")


def _ticked(table: Tidy, name: str) -> NDArray[np.bool_]:
    import numpy as np

    cells = table.fields[name]
    return np.asarray(cells.levels.typed == "1", dtype=bool)[cells.codes]


def check_ranking(ledger: Ledger, table: Tidy, fields: Iterable[Described]) -> None:
    """Findings where two questions of a ranking matrix have the same rank: each column of it may be used once."""
    import numpy as np

    groups: dict[str, list[Described]] = {}
    for field in fields:
        if field.ranking and field.matrix and field.kind == "choice" and field.name in table.fields:
            groups.setdefault(field.matrix, []).append(field)
    for group in groups.values():
        earlier: list[tuple[Described, NDArray[np.int64]]] = []
        for field in group:
            cells, codes = table.fields[field.name], {code: place for place, (code, _) in enumerate(field.choices)}
            ranks = [codes.get(str(text), -1) if state == VALUE else -1 for text, state in zip(cells.levels.typed, cells.levels.status, strict=True)]
            rank = np.array(ranks, dtype=np.int64)[cells.codes]
            ledger.count(RANKING, "error", evaluated=int((rank >= 0).sum()))
            again = np.zeros(table.rows, dtype=bool)
            for other, before in earlier:
                same = (rank >= 0) & (rank == before) & ~again
                ledger.fail(RANKING, "error", table, np.flatnonzero(same), field, f"The rank is that of {other.name} too; each may be given once.",
                            "correct one of the two ranks")
                again |= same
            earlier.append((field, rank))
