"""What a dictionary's reader had to repair."""

from __future__ import annotations

from typing import NamedTuple


class Remark(NamedTuple):
    """Something in a dictionary that had to be repaired or ignored; `text` is a clause without its full stop."""

    line: int
    field: str
    text: str
