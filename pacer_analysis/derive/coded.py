"""Fields that already hold an outcome, and the labels that say which code is which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.derive.clean import text_column
from pacer_analysis.errors import PlanError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pacer_analysis.derive.sets import Sets
    from pacer_analysis.plan import Plan

# ASSUME: a label that begins with one of these words says that the event did not happen.
NEGATIVE = ("no", "none", "not", "never", "censor", "alive", "event-free", "event free", "false")


def refuse_wrong_code(plan: Plan, field: str, code: str, *, is_event: bool) -> None:
    """PlanError if the field is unknown, if the code is not among its choices, or, for an event, if the code's label denies it."""
    entry = plan.sources[plan.participants.source]
    path = plan.dictionary / entry.dictionary
    choices = choices_of(plan, field)
    if choices and code not in choices:
        raise PlanError(f"The code `{code}` is not among the choices of `{field}`.", where=f"{path.name}, field {field}",
                        allowed=", ".join(f"{each} ({label})" for each, label in choices.items()), do="Name the code that is the event.")
    label = choices.get(code, "").strip().lower()
    if is_event and any(label == word or label.startswith((f"{word} ", f"{word},", f"{word}:")) or (word == "censor" and label.startswith(word)) for word in NEGATIVE):
        raise PlanError(f'The code `{code}` of `{field}` is labelled "{choices[code]}": that is not the event.', where=f"{path.name}, field {field}",
                        allowed=", ".join(f"{each} ({text})" for each, text in choices.items()), do="Name the code that is the event.")


def field_named(plan: Plan, field: str) -> str:
    """The name of a field of the participants' source; PlanError if its dictionary has none of that name."""
    choices_of(plan, field)
    return field


def choices_of(plan: Plan, field: str) -> dict[str, str]:
    """The choices of a field of the participants' source, none if it is not coded; PlanError for an unknown field."""
    from pacer_analysis.dictionary import load_flat, load_redcap

    entry = plan.sources[plan.participants.source]
    path = plan.dictionary / entry.dictionary
    if entry.reader == "redcap":
        fields = load_redcap(path).fields
        choices = {name: dict(each.choices) for name, each in fields.items()}
    else:
        choices = {name: dict(each.codes) for name, each in load_flat(path).fields.items()}
    if field not in choices:
        raise PlanError(f"There is no field `{field}` in {path.name}.", where="endpoints.yaml, derivation", allowed="a field of the participants' source",
                        do="Correct the field's name.")
    return choices[field]


def recorded_codes(plan: Plan, field: str, values: pd.Series) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """The codes of a field as text, and whether each says something: not blank, not a missing-data code, one of the choices if there are any."""
    import numpy as np

    codes = text_column(values).to_numpy(dtype=object)
    missing = plan.sources[plan.participants.source].missing_codes
    choices = choices_of(plan, field)
    said = [code != "" and code not in missing and (not choices or code in choices) for code in codes]
    return codes, np.array(said, dtype=bool)


def recorded_fields(sets: Sets, fields: list[str]) -> pd.DataFrame:
    """The fields of the participants' own rows, one row per participant in their order, with `line`."""
    from pacer_analysis.derive.participants import own_rows

    return own_rows(sets.clean, fields).set_index("record").reindex(sets.participants["record"]).reset_index()
