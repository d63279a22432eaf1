"""Viral loads, each with what its text says at every threshold of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.clean import in_frame, number_column, text_column
from pacer_analysis.derive.days import day_numbers
from pacer_analysis.derive.linked import linked_rows
from pacer_analysis.derive.viral_load_text import read_results
from pacer_analysis.derive.windows import nearest_to_target, visit_of

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.derive.clean import Clean
    from pacer_analysis.plan import Plan


def thresholds(plan: Plan) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Every `below` and every `above` that the plan names anywhere, ascending."""
    below = {variable.below for variable in plan.participants.variables.values() if variable.below is not None}
    above: set[float] = set()
    for endpoint in plan.endpoints.values():
        for key, found in (("below", below), ("above", above)):
            named = endpoint.derivation.get(key, [])
            found.update(float(each) for each in (named if isinstance(named, list | tuple) else [named]))
    return tuple(sorted(below)), tuple(sorted(above))


def viral_loads_by_date(clean: Clean, people: pd.Index, participants: pd.DataFrame) -> pd.DataFrame:
    """One row per sample: who, record, date, at, day, kind, raw, value, known, below_limit, above_limit, from_log10, below_T ..., above_T ..., visit, chosen, source, line.

    Study samples get the visit whose window holds their date; `chosen` is the readable one nearest the target. Routine samples
    get no visit: the two are never pooled.
    """
    import numpy as np
    import pandas as pd

    plan, below_above = clean.plan.viral_loads, thresholds(clean.plan)
    if plan is None:
        empty = pd.DataFrame({"who": pd.Series(dtype="int64"), "at": pd.Series(dtype="float64"), "date": pd.Series(dtype="datetime64[ns]"),
                              "day": pd.Series(dtype="float64"), "chosen": pd.Series(dtype=bool), "line": pd.Series(dtype="int64"),
                              **{name: pd.Series(dtype=object) for name in ("record", "kind", "raw", "visit", "source")}})
        return pd.concat([empty, read_results(empty["raw"], None, *below_above)], axis=1)
    fields = [name for name in (plan.result, plan.log10, plan.kind_field) if name]
    rows = linked_rows(clean, people, plan.source, plan.form, plan.date, fields, "viral loads")
    log10 = number_column(rows[in_frame(plan.log10)]).to_numpy(dtype="float64") if plan.log10 else None
    rows = pd.concat([rows, read_results(rows[in_frame(plan.result)], log10, *below_above)], axis=1)
    rows["raw"] = text_column(rows[in_frame(plan.result)])
    rows["kind"] = text_column(rows[in_frame(plan.kind_field)]).map({plan.study: "study", plan.routine: "routine"}).fillna("") if plan.kind_field else "study"
    schedule = clean.plan.visits.schedule if clean.plan.visits else ()
    anchor = day_numbers(participants[clean.plan.visits.anchor]) if clean.plan.visits else np.full(len(participants), np.nan)
    rows["day"] = rows["at"].to_numpy() - anchor[rows["who"]]
    study = (rows["kind"] == "study").to_numpy()
    rows["visit"] = np.where(study, visit_of(rows["day"].to_numpy(), schedule), "").astype(object)
    # ASSUME: a sample whose result cannot be read is not a viral load; the nearest readable one stands for the visit.
    rows["chosen"] = nearest_to_target(rows, study & rows["known"].to_numpy(dtype=bool), schedule)
    _count(clean, rows, below_above)
    found = rows[["who", "record", "date", "at", "day", "kind", "raw", "value", "known", "below_limit", "above_limit", "from_log10",
                  *(f"below_{each:g}" for each in below_above[0]), *(f"above_{each:g}" for each in below_above[1]), "visit", "chosen", "source", "line"]]
    return found.sort_values(["who", "at", "line"], kind="stable", ignore_index=True)


def _count(clean: Clean, rows: pd.DataFrame, below_above: tuple[tuple[float, ...], tuple[float, ...]]) -> None:
    import numpy as np

    for kind in ("study", "routine", ""):
        of_kind = rows[rows["kind"] == kind]
        name = f"viral loads ({kind or 'of no known kind'})"
        clean.count(name, len(of_kind))
        clean.count(f"{name}: result not readable", np.count_nonzero(~of_kind["known"]))
        clean.count(f"{name}: taken from the log10 column", np.count_nonzero(of_kind["from_log10"]))
    study = rows[(rows["kind"] == "study") & rows["known"]]
    clean.count("viral loads (study): outside every window", (study["visit"] == "").sum())
    clean.count("viral loads (study): not chosen, another is nearer the target", ((study["visit"] != "") & ~study["chosen"]).sum())
    for sign, each in [("below", each) for each in below_above[0]] + [("above", each) for each in below_above[1]]:
        clean.count(f"viral loads (study): indeterminate, {sign} {each:g}", (study[f"{sign}_{each:g}"] == "").sum())
