"""The life of a query: new, open, resolved, reopened - and never resolved because nobody could look."""

from __future__ import annotations

import datetime as dt
import hashlib
import re

import pytest

from pacer_analysis.read.notes import Note
from pacer_analysis.validate.history import age, read_queries
from pacer_analysis.validate.ledger import Ledger
from pacer_analysis.validate.queries import COLUMNS, list_queries, query_id, write_queries

THEN, NOW = dt.date(2016, 1, 1), dt.date(2016, 3, 1)      # 60 days


def query(**cells: str) -> dict[str, str]:
    made = dict.fromkeys(COLUMNS, "") | {"record": "S1", "event": "start", "instrument": "intake", "field": "sex", "rule": "choice", "severity": "error", "source": "redcap"} | cells
    return made | {"query_id": query_id(made)}


def earlier(**cells: str) -> dict[str, str]:
    return query() | {"first_seen": THEN.isoformat(), "last_seen": THEN.isoformat(), "status": "new", "age_days": "0"} | cells


def aged(now: list[dict[str, str]], before: list[dict[str, str]], *, evaluated: int = 5, unknown: frozenset[str] = frozenset(), records: frozenset[str] = frozenset({"S1"})):
    result = age(now, before, {"choice": evaluated}, set(unknown), set(records), NOW)
    return [(each["status"], each["first_seen"], each["age_days"], each["resolved_on"]) for each in result]


def test_the_identity_is_what_is_wrong_where():
    assert query_id(query()) == "q" + hashlib.sha256(b"choice|S1|start|intake||sex").hexdigest()[:16]
    assert query_id(query(value="3", line="7", message="another")) == query_id(query())
    assert query_id(query(record="S2")) != query_id(query())


def test_an_id_begins_with_a_letter_so_that_no_spreadsheet_takes_it_for_a_number():
    ids = {query_id(query(record=str(number))) for number in range(200)}
    assert all(re.fullmatch(r"q[0-9a-f]{16}", name) for name in ids)
    assert len(ids) == 200


def remarks(*messages: str) -> dict[str, str]:
    ledger = Ledger()
    for message in messages:
        ledger.note("redcap", Note("unknown_column", "info", "", message, "none"))
    return {each["message"]: each["query_id"] for each in list_queries(ledger, {}, {})}


def test_a_remark_keeps_its_id_whatever_stands_beside_it():
    alone = remarks("The rule b looks nowhere.")
    assert remarks("The rule a looks nowhere.", "The rule b looks nowhere.", "The rule c looks nowhere.")["The rule b looks nowhere."] == alone["The rule b looks nowhere."]
    assert len(set(remarks('The rule "Rule 1" fails.', 'The rule "Rule 2" fails.', "`x1` is unknown", "`x2` is unknown").values())) == 4


def test_a_count_in_a_remark_is_no_part_of_its_identity():
    assert remarks("3 rows, the first on line 17: odd")["3 rows, the first on line 17: odd"] == remarks("1,204 rows, the first on line 2: odd")["1,204 rows, the first on line 2: odd"]
    assert len(set(remarks("3 rows are odd", "4 rows are odd").values())) == 2        # both at once are two


@pytest.mark.parametrize(("now", "before", "options", "expected"), [
    ([query()], [], {}, [("new", "2016-03-01", "0", "")]),
    ([query(value="9")], [earlier()], {}, [("open", "2016-01-01", "60", "")]),
    ([], [earlier()], {}, [("resolved", "2016-01-01", "60", "2016-03-01")]),
    ([], [earlier()], {"evaluated": 0}, [("open", "2016-01-01", "60", "")]),
    ([], [earlier()], {"unknown": frozenset({query_id(query())})}, [("open", "2016-01-01", "60", "")]),
    ([], [earlier()], {"records": frozenset({"S2"})}, [("open", "2016-01-01", "60", "")]),
    ([], [earlier(status="resolved", resolved_on="2016-02-01", age_days="31")], {}, [("resolved", "2016-01-01", "31", "2016-02-01")]),
    ([query()], [earlier(status="resolved", resolved_on="2016-02-01")], {}, [("reopened", "2016-01-01", "60", "")]),
    ([query()], [earlier(status="accepted")], {}, [("accepted", "2016-01-01", "60", "")]),
])
def test_status(now, before, options, expected):
    assert aged(now, before, **options) == expected


def test_a_list_is_read_back_as_it_was_written(tmp_path):
    rows = [earlier(message='a "quoted", message'), earlier(record="S2", label="two\nlines")]
    write_queries(tmp_path / "queries.csv", rows)
    assert read_queries(tmp_path / "queries.csv") == rows
    assert (tmp_path / "queries.csv").read_text().splitlines()[0] == ",".join(COLUMNS)
    assert read_queries(tmp_path / "none.csv") == []
    write_queries(tmp_path / "older.csv", [{**row, "query_id": row["query_id"].removeprefix("q")} for row in rows])      # as an earlier version wrote it
    assert read_queries(tmp_path / "older.csv") == rows


@pytest.mark.parametrize(("cell", "written"), [("=1+1", "'=1+1"), ("@cmd", "'@cmd"), ("+27 21 555", "'+27 21 555"), ("-see note", "'-see note"),
                                               ("-99", "-99"), ("+1.5", "+1.5"), ("-0,5", "-0,5"), ("club", "club"), ("", "")])
def test_no_cell_of_the_list_is_a_formula(cell, written):
    from pacer_analysis.validate.queries import harmless

    assert harmless(cell) == written
