"""looks.yaml read into `Look`s: form, and what each look has to say if alpha is spent at it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from pacer_analysis.errors import PlanError
from pacer_analysis.plan import blocks as b
from pacer_analysis.plan.look import Look
from pacer_analysis.plan.strict_yaml import Block, read_yaml

SPENDING = ("obrien_fleming", "pocock", "power", "haybittle_peto", "classic_obrien_fleming", "classic_pocock")
FUTILITY = ("none", "obrien_fleming", "pocock", "power")
DESIGN = ("spending", "futility", "planned_information", "fractions")
KEYS = ("cut", "analysis", *DESIGN, "information", "z")


def read_looks(folder: Path) -> tuple[Look, ...]:
    """The planned looks in the order of the file; none for `looks: none`.

    The design of an analysis's looks stands at its first look; later ones leave it out or repeat it.
    """
    top = read_yaml(folder / "looks.yaml")
    b.only(top, ("looks",), "looks.yaml")
    value = top.get("looks", "none")
    if value in ("none", None):
        return ()
    if not isinstance(value, list) or not all(isinstance(item, Block) for item in value):
        raise PlanError("`looks` should be `none` or a list of looks.", where=top.where("looks"), allowed="looks: none, or - {cut: NAME, analysis: ID}", do="Write one entry per planned look.")
    found: list[Look] = []
    for item in value:
        b.only(item, KEYS, "a look")
        look = _look(item)
        if any(look.cut == other.cut and look.analysis == other.analysis for other in found):
            raise PlanError(f"The look of `{look.analysis or 'all analyses'}` at cut {look.cut} is there twice.", where=item.where("cut"), do="Remove one.")
        found.append(_in_sequence(look, [other for other in found if look.analysis and other.analysis == look.analysis], item))
    return tuple(found)


def _look(item: Block) -> Look:
    look = Look(b.text(item, "cut"), b.text(item, "analysis", ""), b.word(item, "spending", SPENDING) if "spending" in item else "",
                b.word(item, "futility", FUTILITY, "none"), _positive(item, "planned_information"), _fractions(item), _positive(item, "information"),
                b.number(item, "z") if "z" in item else None)
    given = [key for key in (*DESIGN, "information", "z") if key in item]
    if given and not look.analysis:
        raise PlanError(f"A look with `{given[0]}` has to say which analysis it is of.", where=item.where(given[0]), do="Add `analysis:`.")
    if (look.information is None) != (look.z is None):
        raise PlanError("`information` and `z` of a look belong together.", where=item.where("z" if "z" in item else "information"), do="Write both, or neither.")
    return look


def _positive(item: Block, key: str) -> float | None:
    if key not in item:
        return None
    value = b.number(item, key)
    if not value > 0:
        raise PlanError(f"`{key}` should be above 0, not {value:g}.", where=item.where(key), do="Correct it.")
    return value


def _fractions(item: Block) -> tuple[float, ...]:
    values: Any = item.get("fractions", [])
    numbers = isinstance(values, list) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    if "fractions" in item and (not numbers or not values or values[-1] != 1 or any(after <= before for before, after in zip([0, *values], values, strict=False))):
        raise PlanError("`fractions` should be numbers that rise to 1.", where=item.where("fractions"), allowed="[0.5, 1]", do="Write the information fraction of each planned look.")
    return tuple(float(value) for value in values)


def _in_sequence(look: Look, earlier: list[Look], item: Block) -> Look:
    """The look with the design of the first one of its analysis; refuses another design, and observations that cannot follow each other."""
    if not earlier:
        missing = [key for key in ("spending", "planned_information", "fractions") if key not in item]
        if any(key in item for key in (*DESIGN, "information")) and missing:
            raise PlanError(f"The look lacks `{missing[0]}`.", where=item.where(), allowed="spending, planned_information and fractions together", do=f"Add `{missing[0]}:`.")
        return look
    first = earlier[0]
    for key in DESIGN:
        if key in item and getattr(look, key) != getattr(first, key):
            raise PlanError(f"`{key}` differs from that of the first look of {look.analysis}.", where=item.where(key), do="Leave it out here: one design holds for all looks.")
    if first.fractions and len(earlier) >= len(first.fractions):
        raise PlanError(f"There are more looks of {look.analysis} than `fractions`.", where=item.where("cut"), do="Add the fraction of each planned look, or drop the look.")
    if look.information is not None:
        before = earlier[-1].information
        if before is None or before >= look.information:
            raise PlanError("`information` should rise from look to look, without a gap.", where=item.where("information"), do="Write in the earlier look first, or correct the number.")
        if not first.spending:
            raise PlanError("A look without a design has no `information`.", where=item.where("information"), do="Give the first look of this analysis its `spending`, `planned_information` and `fractions`.")
    return replace(look, spending=first.spending, futility=first.futility, planned_information=first.planned_information, fractions=first.fractions)
