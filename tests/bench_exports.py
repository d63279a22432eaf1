"""Large synthetic REDCap exports for the benchmarks, and what reading one costs beside `pandas.read_csv(dtype=str)`.

    python tests/bench_exports.py [--rows 300000] [--columns 300]

Prints wall seconds and peak MB of pandas, of the reader alone, and of the reader with all rules, each in a process of its own.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

REPOSITORY = Path(__file__).resolve().parent.parent
EVENTS = 10
CHUNK = 20_000
HEADER = ("Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label", "Choices, Calculations, OR Slider Labels", "Field Note",
          "Text Validation Type OR Show Slider Number", "Text Validation Min", "Text Validation Max", "Identifier?",
          "Branching Logic (Show field only if...)", "Required Field?", "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name",
          "Matrix Ranking?", "Field Annotation")
# The kinds of field in the shares of a public corpus: text and numbers, single and multiple choice, dates, free text.
KINDS = ("radio", "number", "yesno", "date", "integer", "checkbox", "radio", "text", "radio", "datetime", "calc", "number", "yesno", "dropdown", "notes")
CHOICES = "1, None | 2, Mild | 3, Moderate | 4, Severe | -99, Other"
WORDS = np.array(["clinic", "nurse", "pharmacy", "visit", "tablet", "refill", "phone", "transport", "child", "work", "queue", "night", "morning", "call", "home",
                  "travel", "letter", "family", "week", "meal"])


def write_wide_export(path: Path, rows: int, columns: int, seed: int) -> Path:
    """A longitudinal export with repeating forms in `path`; the folder of its dictionary, which is beside it, comes back."""
    folder = path.parent / "dictionary"
    folder.mkdir(parents=True, exist_ok=True)
    forms = _forms(columns)
    _write_dictionary(folder, forms)
    header = ["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "redcap_data_access_group"]
    header += [column for form in forms for column in [*(name for _, _, names in forms[form] for name in names), f"{form}_complete"]]
    rng = np.random.default_rng(seed)
    with path.open("wb") as handle:
        handle.write((",".join(header) + "\n").encode())
        for start in range(0, rows, CHUNK):
            handle.write(_chunk(rng, forms, header, start, min(CHUNK, rows - start)))
    return folder


def _forms(columns: int) -> dict[str, list[tuple[str, str, list[str]]]]:
    """Forms of about 25 columns: field, kind and columns; the last form repeats."""
    forms: dict[str, list[tuple[str, str, list[str]]]] = {}
    left, kinds = columns - 5, itertools.cycle(KINDS)
    while left > 1:
        form, size = f"form_{len(forms) + 1}", min(25, left)
        forms[form] = []
        used = 1
        while used < size:
            kind = next(kinds)
            if kind == "checkbox" and size - used < 5:
                continue
            if kind == "calc" and not any(earlier == "number" for _, earlier, _ in forms[form]):
                kind = "number"     # a calculation needs a number before it
            name = f"{kind}_{len(forms)}_{used}"
            names = [f"{name}___{code}" for code in ("1", "2", "3", "4", "_99")] if kind == "checkbox" else [name]
            forms[form].append((name, kind, names))
            used += len(names)
        left -= used
    return forms


def _offered(form: int, forms: int) -> list[int]:
    """The events in which a form is offered: the first three at the first event, the last in all, others in every second."""
    if form < 3:
        return [0]
    return list(range(EVENTS)) if form >= forms - 2 else [event for event in range(EVENTS) if (event + form) % 2]


def _write_dictionary(folder: Path, forms: dict[str, list[tuple[str, str, list[str]]]]) -> None:
    with (folder / "project.csv.tmp").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(HEADER)
        writer.writerow(("record_id", "form_1", "", "text", "Record ID", *[""] * 13))
        for form, fields in forms.items():
            first = next((name for name, kind, _ in fields if kind == "yesno"), "")
            for place, (name, kind, _) in enumerate(fields):
                shown = "text" if kind in {"number", "date", "integer", "datetime"} else kind
                validation = {"number": "number_1dp", "date": "date_dmy", "integer": "integer", "datetime": "datetime_dmy"}.get(kind, "")
                content = CHOICES if kind in {"radio", "dropdown", "checkbox"} else "[" + next(n for n, k, _ in fields if k == "number") + "] * 2" if kind == "calc" else ""
                low, high = {"number": ("30", "120"), "integer": ("0", "90"), "date": ("2015-01-01", "2022-12-31")}.get(kind, ("", ""))
                branching = f"[{first}] = '1'" if first and place == len(fields) - 1 and name != first else ""
                writer.writerow((name, form, "", shown, f"Question {name}", content, "", validation, low, high, "", branching, "y" if place % 5 == 0 else "", *[""] * 5))
    (folder / "project.csv.tmp").rename(folder / "redcap.csv")
    names = [f"visit_{event + 1}_arm_1" for event in range(EVENTS)]
    (folder / "events.csv").write_text("event_name,arm_num,unique_event_name\n" + "".join(f"Visit {place + 1},1,{name}\n" for place, name in enumerate(names)))
    mapping = [f"1,{names[event]},{form}\n" for place, form in enumerate(forms) for event in _offered(place, len(forms))]
    (folder / "instrument_event_mapping.csv").write_text("arm_num,unique_event_name,form\n" + "".join(mapping))
    (folder / "repeating.csv").write_text("event_name,form_name,custom_form_label\n" + "".join(f"{name},{list(forms)[-1]},\n" for name in names))


def _chunk(rng: np.random.Generator, forms: dict[str, Any], header: list[str], start: int, rows: int) -> bytes:
    """Some rows as CSV text: thirteen rows a record, the ten events and three repeats of the last form."""
    line = np.arange(start, start + rows)
    place = line % (EVENTS + 3)
    event = np.where(place < EVENTS, place, place - EVENTS)
    repeat = place >= EVENTS
    last = list(forms)[-1]
    spaced = {name for fields in forms.values() for name, kind, _ in fields if kind in {"text", "notes", "datetime"}}     # REDCap quotes only what needs it
    data: dict[str, Any] = {"record_id": np.char.add("SYN-", np.char.zfill((line // (EVENTS + 3) + 1).astype(str), 6)),
                            "redcap_event_name": np.char.add(np.char.add("visit_", (event + 1).astype(str)), "_arm_1"),
                            "redcap_repeat_instrument": np.where(repeat, last, ""), "redcap_repeat_instance": np.where(repeat, "1", ""),
                            "redcap_data_access_group": np.char.add("site_", (line // (EVENTS + 3) % 12).astype(str))}
    for number, (form, fields) in enumerate(forms.items()):
        here = repeat if form == last else ~repeat & np.isin(event, _offered(number, len(forms)))
        opened = here & (rng.random(rows) < 0.95)
        number_of_form = ""
        for name, kind, names in fields:
            filled = opened & (rng.random(rows) < 0.97)
            if kind == "checkbox":
                for column in names:
                    data[column] = np.where(here, np.where(filled & (rng.random(rows) < 0.3), "1", "0"), "")
                continue
            if kind == "calc":
                values = np.where(data[number_of_form] != "", np.char.mod("%g", np.where(data[number_of_form] == "", "0", data[number_of_form]).astype(float) * 2), "")
                data[name] = values
                continue
            if kind == "number" and not number_of_form:
                number_of_form = name
            data[name] = np.where(filled, _values(rng, kind, rows), "")
        data[f"{form}_complete"] = np.where(opened, "2", np.where(here, "0", ""))
    cells = [pa.array(np.where(data[name] == "", "", np.char.add(np.char.add('"', data[name]), '"')) if name in spaced else data[name]) for name in header]
    lines = pc.binary_join_element_wise(*cells, ",")
    return ("\n".join(lines.to_pylist()) + "\n").encode()


def _values(rng: np.random.Generator, kind: str, rows: int) -> Any:
    if kind in {"radio", "dropdown"}:
        return rng.choice(np.array(["1", "2", "3", "4", "-99"]), rows)
    if kind == "yesno":
        return rng.choice(np.array(["0", "1"]), rows)
    if kind == "number":
        return np.char.mod("%.1f", rng.normal(70, 9, rows))
    if kind == "integer":
        return rng.integers(0, 90, rows).astype(str)
    if kind == "date":
        return (np.datetime64("2016-01-01") + rng.integers(0, 2000, rows)).astype(str)
    if kind == "datetime":
        return np.char.replace((np.datetime64("2016-01-01T08:00", "m") + rng.integers(0, 2000 * 1440, rows)).astype(str), "T", " ")
    count = 4 if kind == "text" else 12
    words = WORDS[rng.integers(0, len(WORDS), (rows, count))]
    text = words[:, 0]
    for place in range(1, count):
        text = np.char.add(np.char.add(text, " " if place % 5 else ", "), words[:, place])
    return text


MEASURED = {
    "pandas.read_csv(dtype=str)": "import pandas; frame = pandas.read_csv(path, dtype=str)",
    "read": ("from pacer_analysis.dictionary import load_project; from pacer_analysis.read.export import read_export; "
             "reading = read_export(Path(path), load_project(Path(dictionary), 'redcap.csv'))"),
    "read and validated, everything written": ("import tempfile; from pacer_analysis.read import Options; from pacer_analysis.validate import alone\n"
                                               "with tempfile.TemporaryDirectory() as out:\n"
                                               "    alone.run(Path(path), Path(dictionary), Path(out), options=Options(), day=None, corrections=None, accepted=None, previous=None)"),
}


def measured(code: str, path: Path, dictionary: Path) -> tuple[float, float]:
    """Wall seconds and peak MB of a piece of code in a process of its own."""
    script = (f"import sys, time, resource; from pathlib import Path; path, dictionary = sys.argv[1:]; begin = time.perf_counter()\n{code}\n"
              "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != 'darwin' else 1048576)\n"
              "print(time.perf_counter() - begin, peak)")
    done = subprocess.run([sys.executable, "-c", script, str(path), str(dictionary)], capture_output=True, text=True, check=False, cwd=REPOSITORY)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    seconds, peak = done.stdout.split()[-2:]
    return float(seconds), float(peak)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--columns", type=int, default=300)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "PACER_DATA_2022-07-03_1229.csv"
        dictionary = write_wide_export(path, arguments.rows, arguments.columns, 1)
        print_measured(path, dictionary, arguments.rows, arguments.columns)


def print_measured(path: Path, dictionary: Path, rows: int, columns: int) -> None:
    """Seconds and peak MB of each way of reading a file, and how often those of pandas they are."""
    print(f"{rows:,} rows, {columns} columns, {path.stat().st_size / 1e6:.0f} MB")
    base = (0.0, 0.0)
    for what, code in MEASURED.items():
        seconds, peak = measured(code, path, dictionary)
        base = base if base[0] else (seconds, peak)
        print(f"{what:<46}{seconds:>8.1f} s{peak:>9.0f} MB{seconds / base[0]:>8.2f} x{peak / base[1]:>7.2f} x", flush=True)


if __name__ == "__main__":
    main()
