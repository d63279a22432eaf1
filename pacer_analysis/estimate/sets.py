"""The derived sets as the analyses need them: people, outcomes, and in restricted jobs the allocation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pacer_analysis.errors import ExportError
from pacer_analysis.logic import evaluate, parse

if TYPE_CHECKING:
    import pandas as pd

    from pacer_analysis.logic import Reference
    from pacer_analysis.plan import Plan

LETTER = re.compile(r"[A-Z]")


@dataclass(frozen=True)
class Sets:
    """The tables of one derivation, read once."""

    folder: Path

    @cached_property
    def participants(self) -> pd.DataFrame:
        """One row per participant, indexed by record."""
        return self._read("participants").set_index("record", drop=False)

    @cached_property
    def endpoints(self) -> pd.DataFrame:
        """One row per record, endpoint, visit and threshold."""
        return self._read("endpoints")

    def _read(self, name: str) -> pd.DataFrame:
        import pandas as pd

        return pd.read_parquet(self.folder / f"{name}.parquet")


def members(plan: Plan, population: str, participants: pd.DataFrame) -> pd.Series[bool]:
    """Who belongs to a population: its logic is true (not evaluable is not a member); without logic, who has entered the trial."""
    import pandas as pd

    logic = plan.populations[population].logic
    if not logic:
        entered = next(iter(plan.participants.origins), None)
        return pd.Series(data=True, index=participants.index) if entered is None else participants[entered].notna()

    def lookup(reference: Reference) -> pd.Series | None:
        return participants.get(reference.field)

    answer = evaluate(parse(logic, where=f"populations.yaml, {population}"), lookup, rows=len(participants))
    return pd.Series(answer.value & answer.known, index=participants.index)


def allocated(plan: Plan, sealed: Path) -> pd.DataFrame:
    """Arm (plan id, '' if the code is none of the plan's), stratum, block and sequence by record, from the sealed allocation; '' for what it does not have."""
    import pandas as pd
    import pyarrow.parquet as pq

    from pacer_analysis.read.tidy import field_columns

    about = plan.allocation
    files = [path for path in sorted([sealed / f"{about.source}.parquet", *(sealed / about.source).glob("*.parquet")]) if path.is_file()]
    held = [(path, columns) for path in files if about.arm in (columns := field_columns(pq.read_schema(path)))]
    if not held:
        raise ExportError("The allocation is missing.", where=f"source `{about.source}` ({plan.sources[about.source].file}), column {about.arm}", do="Put the file, with that column, into the cut's folder and run again.")
    path, columns = held[0]
    table, held_arm = pd.read_parquet(path), columns[about.arm]
    table = table[table[held_arm].astype(str) != ""]
    # Nothing here chooses between two arms: who has both is in neither, and is counted as left out.
    pairs = table.drop_duplicates(["record", held_arm])
    table = pairs[~pairs["record"].duplicated(keep=False)]
    codes = about.codes or {arm: arm for arm in plan.arms}
    arm = table[held_arm].astype(str).map(codes).fillna("")
    places = {name: table[columns.get(field, field)].astype(str) if columns.get(field, field) in table else "" for name, field in (("stratum", about.stratum), ("block", about.block), ("sequence", about.sequence))}
    return pd.DataFrame({"record": table["record"].astype(str), "arm": arm, **places}).set_index("record")


def refuse_strangers(plan: Plan, table: pd.DataFrame, participants: pd.DataFrame) -> None:
    """Raise ExportError where no id of the allocation is a participant's: a spreadsheet that stripped leading zeros must not give empty arms."""
    if len(table) and not table.index.isin(participants["record"]).any():
        raise ExportError("No id of the allocation is the id of a participant.", where=f"source `{plan.allocation.source}`, column {plan.allocation.id}",
                          allowed=f"the ids as source `{plan.participants.source}` writes them", do="Compare the two files: a spreadsheet drops leading zeros and turns 1-2 into a date. Export the list again as text.")


def codes(plan: Plan, sealed: Path) -> dict[str, str]:
    """The letter of each arm for the closed report, drawn once per series of meetings and kept beside the allocation."""
    import pandas as pd

    if plan.blinding is None:
        raise ExportError("The closed report needs the letters of the arms, and the plan names no `blinding:`.", where=str(plan.folder / "trial.yaml"),
                          do="Draw the letters once (arm,code: one line an arm), seal the file as a source, and name it under `blinding:`.")
    path = sealed / f"{plan.blinding.source}.parquet"
    table = pd.read_parquet(path)
    arms = table[plan.blinding.arm].astype(str).map(plan.allocation.codes or {arm: arm for arm in plan.arms}).fillna(table[plan.blinding.arm].astype(str))
    letters = dict(zip(arms, table[plan.blinding.code].astype(str), strict=True))
    if set(letters) != set(plan.arms) or len(set(letters.values())) != len(letters) or any(not LETTER.fullmatch(letter) for letter in letters.values()):
        raise ExportError("The blinding file does not give each arm one letter of its own.", where=f"source `{plan.blinding.source}`, columns {plan.blinding.arm}, {plan.blinding.code}",
                          allowed="one row per arm of the plan, each with a capital letter of its own", do="Correct the file: arm,code and then, say, control,B and active,A.")
    return letters
