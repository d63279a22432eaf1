"""Tables drawn as text: what goes in and what should come out stand side by side in a test.

    record | visit_date | next_date
    W1     | 2015-03-01 | 2015-04-01

A column of dates becomes datetime64, one called `line` whole numbers, a name with `#` at its end a column of numbers; all else
stays text, with '' for a blank.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pandas as pd

from pacer_analysis import derive
from pacer_analysis.plan import Cut, Plan, load

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def cells(text: str) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of a drawn table, outer bars optional."""
    rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines() if line.strip()]
    assert all(len(row) == len(rows[0]) for row in rows), f"a row of another length: {rows}"
    return rows[0], rows[1:]


def table(text: str) -> pd.DataFrame:
    """The drawn table as a clean table: with `record`, and `line` (2, 3, ... as in a file with a header) unless drawn."""
    header, rows = cells(text)
    frame = pd.DataFrame(rows, columns=header, dtype=object)
    for column in header:
        values = [value for value in frame[column] if value]
        if column.endswith("#"):
            frame[column] = pd.to_numeric(frame[column], errors="raise").astype("float64")
        elif column == "line":
            frame[column] = frame[column].astype("int64")
        elif values and all(DATE.fullmatch(value) for value in values):
            frame[column] = pd.to_datetime(frame[column].where(frame[column] != ""), format="%Y-%m-%d").astype("datetime64[ns]")
    frame = frame.rename(columns=lambda name: name.rstrip("#"))
    if "line" not in frame:
        frame["line"] = range(2, len(frame) + 2)
    return frame


def shown(value: object) -> str:
    """A derived value as a test draws it: dates in ISO form, whole numbers without a point, yes and no, '' for a blank."""
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.10g}" if isinstance(value, int | float) else str(value)


def assert_drawn(frame: pd.DataFrame, expected: str) -> None:
    """The frame's rows, in the drawn columns and the drawn order, are those of the drawing."""
    header, rows = cells(expected)
    found = [[shown(value) for value in row] for row in frame[header].astype(object).to_numpy().tolist()]
    assert found == rows, "\n" + "\n".join(" | ".join(row) for row in [header, *found])


def trial(folder: Path, trial_yaml: str, endpoints_yaml: str = "", populations_yaml: str = "") -> Plan:
    """A small plan written into `folder` and loaded."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"trial": trial_yaml, "endpoints": endpoints_yaml or "{}\n", "populations": populations_yaml or "{}\n", "analyses": "{}\n", "looks": "looks: none\n"}
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load(folder)


class Derivation:
    """The files that `derive.run` wrote for drawn clean tables."""

    def __init__(self, folder: Path, plan: Plan, cutoff: str, tables: dict[str, str], sealed: dict[str, str] | None = None, locked: str = "") -> None:
        self.out = folder / "sets"
        self.out.mkdir(parents=True)
        for side, drawn in (("clean", tables), ("sealed", sealed or {})):
            for name, text in drawn.items():
                path = folder / side / f"{name}.parquet"
                path.parent.mkdir(parents=True, exist_ok=True)
                table(text).to_parquet(path, index=False)
        cut = Cut("drawn", dt.date.fromisoformat(cutoff), "final", folder, locked)
        derive.run(plan, cut, clean=folder / "clean", sealed=folder / "sealed" if sealed is not None else None, out=self.out)

    def __getitem__(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.out / f"{name}.parquet")

    def facts(self) -> dict[str, int]:
        found = pd.read_csv(self.out / "facts.csv")
        return dict(zip(found["fact"], found["value"], strict=True))


TRIAL = """
id: drawn
title: A trial drawn for the tests
acronym: DRAWN
registration: none
version: "1"
sap: none
assignment: randomised
dictionary: .
arms:
  a: {label: A}
  b: {label: B}
reference: a
sources:
  people: {file: people.csv, reader: csv, dictionary: people.csv, key: [record]}
  seen: {file: seen.csv, reader: csv, dictionary: seen.csv, key: [record], links_to: people, optional: true}
  blood: {file: blood.csv, reader: csv, dictionary: blood.csv, key: [record], links_to: people, optional: true}
  pharmacy: {file: pharmacy.csv, reader: csv, dictionary: pharmacy.csv, key: [record], links_to: people, reveals_arm: [supply], optional: true}
  ends: {file: ends.csv, reader: csv, dictionary: ends.csv, key: [record], links_to: people, optional: true}
  arms: {file: arms.csv, reader: csv, dictionary: arms.csv, key: [id], links_to: people, reveals_arm: true}
allocation: {source: arms, id: id, arm: arm}
participants:
  source: people
  id: record
  origins:
    randomisation: {field: randomised_on}
    delivery: {field: delivered_on}
  variables:
    age: {field: age, kind: continuous}
    low0: {viral_load: v0, below: 50, kind: binary, yes: "1"}
    waited: {logic: "datediff([delivery], [randomisation], 'd', true)", kind: continuous}
    died: {logic: "[death_n] > 0", kind: binary, yes: "1"}
  events:
    death: {source: ends, date: on, when: "[why] = '2'", once: true}
    transfer_out: {source: ends, date: on, when: "[why] = '3'", once: true}
    transfer_unproven: {source: ends, date: on, when: "[why] = '4'", once: true}
visits:
  anchor: delivery
  source: seen
  date: on
  schedule:
    - {id: v0, label: Enrolment, target: 10, window: [0, 42]}
    - {id: v1, label: Month 3, target: 91, window: [43, 136]}
    - {id: v2, label: Month 6, target: 183, window: [137, 273]}
    - {id: v3, label: Month 12, target: 365, window: [274, 456]}
viral_loads: {source: blood, date: on, result: result, log10: log10, kind: {field: kind, study: "1", routine: "2"}}
contacts: {source: pharmacy, date: on, due: next, supply: supply}
services:
  clinic: {source: pharmacy, date: on, attended: "[supply] < 60"}
"""

ENDPOINTS = """
retention_rules:
  sched90: {label: No visit within 90 days of the scheduled visit, due: scheduled, grace: 90}
  late60: {label: 60 days or more late, due: scheduled, grace: 59}
  last90: {label: No contact for more than 90 days, due: contact, grace: 90}
endpoints:
  success:
    label: Success
    derivation: {rule: success_at_visit, in_care: sched90, day: 365, origin: delivery, visit: v3, below: 50}
  viraemia:
    label: Viraemia
    derivation: {rule: viral_load_above, above: 1000, visits: [v1, v2, v3], origin: randomisation, competing: [death]}
  loss:
    label: Loss
    derivation: {rule: loss_to_follow_up, retention: sched90, origin: randomisation, competing: [death], censor: [transfer_out, transfer_unproven], horizon: 730}
  low:
    label: Suppression
    derivation: {rule: suppression_by_visit, below: [50, 400], visits: [v2, v3]}
"""
