"""A real data set as a trial unit would hand it over: one CSV with its dictionary, and a plan whose analyses are those that R has done."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

DATA = Path(__file__).resolve().parents[2] / "reference/data"
CUT = {"name": "final", "cutoff": "2020-01-01", "kind": "final", "locked_at": "2020-01-01", "previous": None, "series": "one"}
HEADER = "name,label,type,unit,min,max,codes,required,identifier\n"


@dataclass(frozen=True)
class Study:
    """What the export's columns are; `times` gives an endpoint its columns of days and status and the names of competing codes."""

    name: str
    arms: tuple[str, ...]
    kinds: dict[str, str]
    times: dict[str, tuple[str, str, dict[str, str]]] = field(default_factory=dict)
    strata: str = ""
    make: Any = None


def table(study: Study) -> pd.DataFrame:
    """The data with an id, as the reference tests number it."""
    data = pd.read_csv(DATA / f"{study.name}.csv", dtype=str, keep_default_na=False)
    if "id" not in data:
        data.insert(0, "id", [f"R-{number}" for number in range(len(data))])
    return study.make(data) if study.make else data


def write_study(folder: Path, study: Study, analyses: dict[str, dict[str, Any]]) -> None:
    """Write plan/, dictionary/ and data/<study>/final/ below a folder."""
    data = table(study)
    for name in ("plan", "dictionary", f"data/{study.name}/final"):
        (folder / name).mkdir(parents=True)
    export = folder / f"data/{study.name}/final"
    data.to_csv(export / "data.csv", index=False)
    letters = "".join(f"{arm},{letter}\n" for arm, letter in zip(study.arms, "ABCDEF", strict=False))
    (export / "blinding.csv").write_text(f"arm,code\n{letters}", encoding="utf-8")
    (export / "cut.yaml").write_text(yaml.safe_dump(CUT), encoding="utf-8")
    (folder / "dictionary/data.csv").write_text(HEADER + "".join(_field(study, data, name) for name in data), encoding="utf-8")
    (folder / "dictionary/blinding.csv").write_text(HEADER + "arm,Arm,text,,,,,y,\ncode,Letter,text,,,,,y,\n", encoding="utf-8")
    files = {
        "trial": _trial(study), "looks": {"looks": "none"}, "populations": {"randomised": {"label": "All participants", "sap": "1", "logic": ""}},
        "endpoints": {"endpoints": {name: _time(name, *columns) for name, columns in study.times.items()}},
        "analyses": {name: {"label": name, "section": "primary", "topic": "retention", "population": "randomised", "role": "secondary", "sap": "1", "by": "arms", **analysis}
                     for name, analysis in analyses.items()},
    }
    for name, content in files.items():
        (folder / f"plan/{name}.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def _field(study: Study, data: pd.DataFrame, name: str) -> str:
    statuses = {status for _, status, _ in study.times.values()}
    if name in statuses:
        codes = " | ".join(f"{code}, {'no event' if code == '0' else f'event {code}'}" for code in sorted(set(data[name])))
        return f'{name},{name},coded,,,,"{codes}",y,\n'
    if study.kinds.get(name) == "binary":
        return f'{name},{name},coded,,,,"0, No | 1, Yes",,\n'
    number = study.kinds.get(name) == "continuous" or name in {time for time, _, _ in study.times.values()}
    return f"{name},{name},{'number' if number else 'text'},,,,,,\n"


def _time(name: str, time: str, status: str, competing: dict[str, str]) -> dict[str, Any]:
    return {"label": name, "sap": "1", "derivation": {"rule": "recorded_time", "time": time, "event": status, "code": "1"} | ({"competing": competing} if competing else {}),
            "estimand": {"population": "All", "treatment": "Arms", "variable": name, "intercurrent_events": [], "summary": "As analysed"}}


def _trial(study: Study) -> dict[str, Any]:
    source = {"reader": "csv", "key": ["id"], "file": "data.csv", "dictionary": "data.csv", "reveals_arm": ["arm"]}
    variables = {name: {"field": name, "label": name, "kind": kind} | ({"yes": "1"} if kind == "binary" else {}) for name, kind in study.kinds.items()}
    return {"id": study.name, "title": study.name, "version": "1.0", "sap": "1", "assignment": "randomised", "dictionary": "../dictionary",
            "arms": {arm: {"label": arm} for arm in study.arms}, "reference": study.arms[0],
            "sources": {"data": source, "blinding": {"file": "blinding.csv", "reader": "csv", "dictionary": "blinding.csv", "key": ["arm"], "reveals_arm": True}},
            "allocation": {"source": "data", "id": "id", "arm": "arm"}, "blinding": {"source": "blinding", "arm": "arm", "code": "code"},
            "participants": {"noun": "participant", "plural": "participants", "source": "data", "id": "id", "strata": [study.strata] if study.strata else [], "variables": variables}}
