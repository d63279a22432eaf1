"""Tables for the tests of monitoring: a flat source written as validation leaves it, with a site in one of its fields."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pacer_analysis.dictionary import FlatDictionary, FlatField
from pacer_analysis.monitoring.tables import load

SITE = ("source", "", "place")


def field(name, kind, *, label="", unit="", required=False, identifier=False):
    codes = {"1": "One", "2": "Two"} if kind == "coded" else {}
    return FlatField(name=name, label=label or name, type=kind, unit=unit, minimum="", maximum="", codes=codes, required=required, identifier=identifier, line=1)


def dictionary(**kinds):
    """A flat dictionary from the types of its fields; a required one ends in `!`."""
    fields = {name: field(name, kind.rstrip("!"), required=kind.endswith("!")) for name, kind in kinds.items()}
    return FlatDictionary(fields=fields, path=Path("flat.csv"))


def written(folder, frame, source="source"):
    """The frame as a tidy table in the folder: a record and a line for each row unless it has them."""
    frame = frame.copy()
    if "record" not in frame:
        frame.insert(0, "record", [f"R{place:05d}" for place in range(len(frame))])
    frame["record"] = frame["record"].astype(str)
    if "line" not in frame:
        frame["line"] = range(2, len(frame) + 2)
    for name in frame:
        if pd.api.types.is_integer_dtype(frame[name]) and name != "line":
            frame[name] = frame[name].astype(float)
    frame.to_parquet(folder / f"{source}.parquet", index=False)
    return folder


def monitored(folder, frame, *, waiting=(), **kinds):
    """The tables of one flat source; `place` is the site where the frame has one."""
    written(folder, frame)
    return load(folder, {"source": dictionary(**kinds)}, waiting, SITE if "place" in frame else None)
