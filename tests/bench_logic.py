"""`make bench`: 50 expressions on 100,000 rows, and the reading of 1,300 expressions.

    python tests/bench_logic.py [--rows 100000] [--runs 3]

Prints the CPU seconds on one core, everything that is done once for a table included, and the slowest expressions.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pacer_analysis.dictionary import Event, Field, Project, RedcapDictionary
from pacer_analysis.logic import _parse as read_anew
from pacer_analysis.logic import parse
from pacer_analysis.plan import Source
from pacer_analysis.read import Reading
from pacer_analysis.read.convert import convert
from pacer_analysis.read.tidy import Cells, Coded, Tidy
from pacer_analysis.validate.lookup import Rows

if TYPE_CHECKING:
    import numpy as np

EVENTS = ("month1_arm_1", "month2_arm_1", "month3_arm_1", "month6_arm_1")
BASELINE = "baseline_arm_1"
TODAY = dt.date(2020, 6, 30)
KINDS = {
    "enrolment": {"sex": "choice", "born": "date", "height": "number", "site": "text", "consent": "choice", "ill___1": "checkbox", "ill____99": "checkbox"},
    "visit": {"seen": "date", "began": "datetime", "weight": "number", "pulse": "integer", "status": "choice", "reason": "choice", "note": "text", "sample": "text",
              "ill2___1": "checkbox", "ill2___oth": "checkbox", "viral": "number", "dose": "number", "score1": "choice", "score2": "choice", "score3": "choice"},
}
EXPRESSIONS = (
    # branching
    "[status] = '1'", "[status] = '2' and [reason] <> ''", "[status] = 1 or [status] = 2 or [reason] = '3'", "[ill2(1)] = '1' or [ill2(OTH)] = '1'", "[ill2(1)] = '0' and [ill2(OTH)] = ''",
    "not ([status] = '1') and [pulse] > 60", "[weight] <> '' and [dose] <> '' and [viral] <> ''", "[score1] <> '' or [score2] <> '' or [score3] <> ''",
    "([status] = '1' and [reason] = '2') or ([status] = '2' and [reason] = '1')", "[weight] > 60 and [weight] < 80", "[viral] >= 1000 or [viral] < 20", "[status] <> [reason]", "[seen] > '2019-01-01'",
    "isblankormissingcode([weight]) or ismissingcode([dose])",
    # arithmetic
    "round(([weight] * 10000) / ([pulse] ^ 2), 1)", "[score1] + [score2] + [score3]", "sum([score1], [score2], [score3])", "mean([score1], [score2], [score3]) * 4", "round(log([viral], 10), 2)", "max([score1], [score2]) - min([score2], [score3])",
    "median([score1], [score2], [score3], [pulse])", "stdev([score1], [score2], [score3])", "if([status] = '1', [weight] * 2.2, [weight])", "if([weight] > 70, 1, if([weight] > 60, 2, if([weight] > 50, 3, 'NaN')))", "rounddown([dose] / [weight], 2) > 0.05",
    "abs([weight] - [dose]) > 5 and sqrt([pulse]) < 9", "mod([pulse], 2) = 0",
    # dates
    "datediff([seen], 'today', 'd') > 30", "datediff([seen], [began], 'h', true)", "round(datediff([seen], 'today', 'M', 'ymd', true), 1) >= 6", "year([seen]) = 2019 and month([seen]) > 6", "dayoftheweek([seen]) >= 6", "[began] < [seen]", "[seen] = left([began], 10)",
    # text
    "contains([note], 'late')", "starts_with([sample], 'A') or ends_with([sample], '7')", "length([note]) > 12", "concat([status], '-', [reason]) = '1-2'", "upper(left([sample], 2)) = 'A1'", "find('x', [note]) > 0 and trim([note]) <> ''", "concat_ws(' ', [sample], [note])",
    # other events
    "[baseline_arm_1][sex] = '2' and [status] = '1'", "age_at_date([baseline_arm_1][born], [seen]) >= 18", "[weight] / (([baseline_arm_1][height] / 100) ^ 2) > 30", "[baseline_arm_1][ill(1)] = '1' and [ill2(1)] = '0'",
    "[seen] < [baseline_arm_1][born]", "[previous-event-name][weight] > [weight] * 1.1", "[first-event-name][seen] > [seen]", "[next-event-name][status] = '1' or [month6_arm_1][status] = ''", "datediff([previous-event-name][seen], [seen], 'd') < 7",
)


def build(rows: int) -> Rows:
    """A project of two forms, and tables of so many rows of the second; every value follows from a fixed seed."""
    import numpy as np

    draw = np.random.default_rng(20150416)
    records = np.array([f"R-{number:06d}" for number in range(rows // len(EVENTS))], dtype=object)
    fields = [_field(name, form, kind) for form, kinds in KINDS.items() for name, kind in kinds.items() if "___" not in name]
    fields += [_field("ill", "enrolment", "checkbox", {"1": "Fever", "-99": "Unsure"}), _field("ill2", "visit", "checkbox", {"1": "Fever", "OTH": "Other"})]
    forms = {form: tuple(field for field in (_field("id", "enrolment", "text"), *fields) if field.form == form) for form in KINDS}
    dictionary = RedcapDictionary({field.name: field for each in forms.values() for field in each}, forms, "id", Path("dictionary.csv"))
    names = (BASELINE, *EVENTS)
    project = Project(dictionary, tuple(Event(name, name, "1", None, None, None) for name in names), {BASELINE: ("enrolment",)} | dict.fromkeys(EVENTS, ("visit",)), {})
    levels = np.array([*names, ""], dtype=object)
    tables = []
    for form, kinds in KINDS.items():
        each = len(EVENTS) if form == "visit" else 1
        count = len(records) * each
        event = np.tile(np.arange(1, each + 1), len(records)) if form == "visit" else np.zeros(count)
        nothing = Coded(np.zeros(count, dtype=np.int16), np.array([""], dtype=object))
        cells = {name: _cells(name, kind, count, draw) for name, kind in kinds.items()}
        tables.append(Tidy("redcap", form, Coded(np.repeat(np.arange(len(records), dtype=np.int32), each), records), Coded(event.astype(np.int16), levels),
                           np.zeros(count, dtype=np.int64), np.arange(count) + 2, nothing, np.zeros(count, dtype=bool), cells))
    return Rows(Reading(Source("redcap", "data.csv", "redcap", "redcap.csv", ("id",)), project, "id", "data.csv", tuple(tables), (), rows, 0))


def _field(name: str, form: str, kind: str, choices: dict[str, str] | None = None) -> Field:
    """A row of the dictionary with nothing but its name and its choices."""
    return Field(name=name, form=form, section="", type="checkbox" if kind == "checkbox" else "text", label=name, choices=choices or {}, calculation="", note="", validation="", minimum="",
                 maximum="", identifier=False, branching="", required=False, matrix_group="", annotation="", line=1)


def _cells(name: str, kind: str, count: int, draw: np.random.Generator) -> Cells:
    """Values of a kind, one in ten blank; free text, samples and times differ on nearly every row."""
    import numpy as np

    day = dt.date(1970 if name == "born" else 2019, 1, 1)
    if kind == "date":
        texts = [str(day + dt.timedelta(days=number)) for number in range(700)]
    elif kind == "datetime":
        minutes = np.sort(draw.integers(0, 700 * 1440, count))
        texts = [str(np.datetime64("2019-01-01T00:00") + int(number)).replace("T", " ") for number in np.unique(minutes)]
    elif kind == "text":
        texts = [f"{'ABC'[number % 3]}{number}{' came late' if number % 7 == 0 else ''}" for number in range(count if name != "site" else 20)]
    else:
        texts = [f"{number / 10}" for number in range(200, 1500)] if kind == "number" else [str(number) for number in range(40, 160)] if kind == "integer" else ["1", "2", "3"] if kind == "choice" else ["0", "1"]
    codes = draw.integers(0, len(texts), count)
    codes[draw.random(count) < 0.1] = len(texts)
    return Cells(name, kind, codes.astype(np.int32), convert(kind, [*texts, ""], ("UNK",)))


def evaluating(rows: int) -> tuple[float, list[tuple[float, str]]]:
    """CPU seconds for all expressions on freshly built tables, and each of them with its own."""
    there = build(rows)
    table = there.reading.tables[1]
    expressions = [parse(text) for text in EXPRESSIONS]
    each = []
    for expression in expressions:
        started = time.process_time()
        result = there.evaluate(table, expression, TODAY)
        _ = result.value, result.known
        each.append((time.process_time() - started, expression.text))
        if not result.known.all():
            raise SystemExit(f"not evaluable: {there.reason(table, expression, TODAY)}")
    return sum(seconds for seconds, _ in each), sorted(each, reverse=True)


def reading(count: int = 1300) -> float:
    """CPU seconds for reading so many different expressions, the grammar included."""
    read_anew.cache_clear()
    started = time.process_time()
    for number in range(count):
        parse(f"({EXPRESSIONS[number % len(EXPRESSIONS)]}) or [extra_{number}(-{number})] = '{number}'")
    return time.process_time() - started


def main() -> None:
    """Print the seconds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    evaluating(len(EVENTS))     # what is imported is imported
    print(f"1,300 expressions read: {reading():.2f} s")
    for _ in range(arguments.runs):
        total, each = evaluating(arguments.rows)
        print(f"{len(EXPRESSIONS)} expressions on {arguments.rows:,} rows: {total:.2f} s; slowest: " + "; ".join(f"{seconds:.2f} s {text}" for seconds, text in each[:3]), flush=True)


if __name__ == "__main__":
    main()
