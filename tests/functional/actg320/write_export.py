"""ACTG 320 as a Stata export: the 1,151 participants that scikit-survival ships, written as a trial unit's file would be."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pyreadstat
from sksurv.datasets import load_aids

DICTIONARY = Path(__file__).parent / "dictionary/actg320.csv"
CUT = "name: final\ncutoff: 1997-02-18\nkind: final\nlocked_at: 1997-02-18\nprevious: null\nseries: one\n"


def write_export(folder: Path, *, without: tuple[str, ...] = ()) -> None:
    """Write actg320.dta (with value labels), blinding.csv and cut.yaml into a folder; `without` names columns to leave out."""
    folder.mkdir(parents=True, exist_ok=True)
    features, aids = load_aids(endpoint="aids")
    _, death = load_aids(endpoint="death")
    table = features.astype(float).astype(int).assign(
        id=[f"A{number:04d}" for number in range(1, len(features) + 1)],
        time=aids["time"].astype(int), censor=aids["censor"].astype(int), time_d=death["time_d"].astype(int), censor_d=death["censor_d"].astype(int))
    table["priorzdv"] = features["priorzdv"].astype(float)
    about = pd.read_csv(DICTIONARY, dtype=str, keep_default_na=False)
    names = [name for name in about["name"] if name not in without]
    labels = {row["name"]: {int(code): text.strip() for code, text in (choice.split(",", 1) for choice in row["codes"].split("|"))}
              for _, row in about.iterrows() if row["codes"] and row["name"] in names}
    pyreadstat.write_dta(table[names], str(folder / "actg320.dta"), variable_value_labels=labels,
                         column_labels=[str(about.set_index("name").loc[name, "label"]) for name in names], file_label="ACTG 320")
    (folder / "blinding.csv").write_text("arm,code\ncontrol,B\nindinavir,A\n", encoding="utf-8")
    (folder / "cut.yaml").write_text(CUT, encoding="utf-8")


if __name__ == "__main__":
    write_export(Path(sys.argv[1]))
