"""A group-sequential test around another estimator: bounds on actual information, and what its end says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pacer_analysis.estimators._schema import Estimator
from pacer_analysis.results import Estimate

if TYPE_CHECKING:
    import pandas as pd


def group_sequential(
    frame: pd.DataFrame, *, of: Estimator, planned_information: float, fractions: tuple[float, ...], options: dict[str, Any] | None = None, measure: str = "", term: str = "",
    information_from: Literal["events", "variance"] = "events", alpha: float = 0.025, power: float = 0.9,
    spending: Literal["obrien_fleming", "pocock", "power", "haybittle_peto", "classic_obrien_fleming", "classic_pocock"] = "obrien_fleming", rho: float = 3.0,
    interim_z: float = 3.2905267314919255, futility: Literal["none", "obrien_fleming", "pocock", "power"] = "none", better: Literal["higher", "lower"] = "higher",
    information: tuple[float, ...] = (), z: tuple[float, ...] = (), final: bool = False, level: float = 0.95,
) -> list[Estimate]:
    """Bounds, path of z, chances of stopping and, at the end, the adjusted p, estimate and interval of the estimator `of` with its `options`.

    The contrast followed is the estimator's only one with a test (of this `measure` and `term`). Information is the events of its row, or 1 / se^2,
    over `planned_information`; `fractions` are the planned looks, `information` and `z` (contrast upwards, as the estimator has it) those of the
    earlier looks, in the same unit. `alpha` is one-sided and spent each way; the last look (`final`, or information at or above the plan)
    spends what is left. `futility` spends 1 - `power` in the direction of `better` and is non-binding. Measures `information_fraction`,
    `efficacy_bound` (its statistic is z in the direction of `better`, its note the verdict), `futility_bound`, `nominal_p`, `alpha_spent` per look;
    `stopping_probability`, `efficacy_probability`, `expected_information`; at the end the estimator's measure, term `adjusted for the looks`.
    Source: Lan and DeMets 1983; Jennison and Turnbull 2000, chapters 7, 8 and 19.
    """
    from pacer_analysis.errors import PlanError
    from pacer_analysis.estimators._frame import choose
    from pacer_analysis.estimators._sequential.boundaries import FUTILITY, SPENDING, Design
    from pacer_analysis.estimators._sequential.looks import look
    from pacer_analysis.estimators._sequential.path import Path, chance_rows, check, final_row, look_rows

    choose("spending", spending, SPENDING)
    choose("futility", futility, FUTILITY)
    choose("direction", better, ("higher", "lower"))
    if not (0 < alpha < 0.5 and alpha < power < 1 and rho > 0):
        raise PlanError("`alpha`, `power` or `rho` is out of range", allowed="0 < alpha < 0.5, alpha < power < 1, rho > 0")
    design = Design(tuple(fractions), alpha, spending, rho, interim_z, futility, power)
    check(design, planned_information, tuple(information), tuple(z))
    at = look(frame, of=of, options=options, measure=measure, term=term, information_from=information_from)
    if information and at.information <= information[-1]:
        raise PlanError("the earlier looks had as much information as this one", do="List only looks before this one.")
    sign = 1.0 if better == "higher" else -1.0
    times = tuple(value / planned_information for value in (*information, at.information))
    words = "events" if information_from == "events" else "1 / variance of the contrast"
    path = Path(design, times, tuple(sign * value for value in (*z, at.z)), final or times[-1] >= 1, planned_information, words)
    base = Estimate(contrast=at.row.contrast)
    ended = final_row(path, at, sign, level, base)
    return [*look_rows(path, base), *chance_rows(path, base), *([ended] if ended else [])]
