"""The interim looks of a plan, and what the looks before a cut saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pacer_analysis.errors import PlanError


@dataclass(frozen=True)
class Look:
    """One planned look: the cut at which an analysis (all, if blank) is shown by arm, the bound it is held against, and what it saw.

    `planned_information` is the number of events, or one over the variance, at which `fractions` is 1; `information` and `z` (the plan's arm
    against the plan's reference) are written in once the look has been, so that later looks spend what is left.
    """

    cut: str
    analysis: str = ""
    spending: str = ""
    futility: str = "none"
    planned_information: float | None = None
    fractions: tuple[float, ...] = ()
    information: float | None = None
    z: float | None = None


def look_options(looks: Sequence[Look], analysis: str, cut: str) -> dict[str, Any]:
    """Options of a sequential test of this analysis at this cut: its design, and information and z of the looks before it; empty without a design.

    A cut that is no look comes after all of them. Raises PlanError for an earlier look whose information and z nobody wrote in.
    """
    own = [look for look in looks if look.analysis == analysis and look.spending]
    if not own:
        return {}
    places = [place for place, look in enumerate(own) if look.cut == cut]
    earlier = own[: places[0]] if places else own
    for look in earlier:
        if look.information is None or look.z is None:
            raise PlanError(f"The look at cut {look.cut} has no `information` and `z` yet.", where=f"looks.yaml, cut {look.cut}", do="Write in what its closed report showed.")
    first = own[0]
    return {"planned_information": first.planned_information, "fractions": first.fractions, "spending": first.spending, "futility": first.futility,
            "information": tuple(look.information for look in earlier), "z": tuple(look.z for look in earlier)}
