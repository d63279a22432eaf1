"""A synthetic PACER whose truth is known, written as REDCap and Stata write their exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.errors import PacerError

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from pacer_analysis.plan import Plan

__all__ = ["DEFECTS", "write_cut"]

DEFECTS = ("planted", "none")


def write_cut(plan: Plan, *, n: int, seed: int, out: Path, interim: dt.date | None = None, defects: str = "planted") -> None:
    """The raw exports of one cut of a synthetic trial in `out`, an existing folder, with what is true of it in `out`/truth.

    `n` women are randomised if recruitment ends before the cut-off. `interim` is a cut-off during the trial: what happened later is
    absent. `defects='planted'` adds known errors, listed in truth/defects.csv; 'none' leaves data that every check passes.
    The same arguments give the same bytes. Raises PacerError for a number of women below 1 or an unknown kind of defects.
    """
    if n < 1:
        raise PacerError(f"A trial of {n} women cannot be simulated.", where="--n", allowed="a whole number from 1", do="Give the number of women randomised.")
    if defects not in DEFECTS:
        raise PacerError(f"The defects `{defects}` are unknown.", where="--defects", allowed=", ".join(DEFECTS), do="Choose one of them.")
    from pacer_analysis.simulate._cut import write

    write(plan, n=n, seed=seed, out=out, interim=interim, defects=defects == "planted")
