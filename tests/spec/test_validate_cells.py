"""Rule C on the cells of a flat source."""

from __future__ import annotations

from pacer_analysis.validate.cells import check_cells
from pacer_analysis.validate.described import describe
from pacer_analysis.validate.ledger import Ledger
from pacer_analysis.validate.queries import list_queries
from tests.spec.readings import flat

DICTIONARY = "name,label,type\nid,Participant,text\nat,Time of the visit,time\n"


def test_a_time_of_a_flat_source_is_one_that_a_clock_shows(tmp_path):
    reading = flat(tmp_path, """
        id | at
        S1 | 8:05
        S2 | 23:59:59
        S3 | 25:00
        S4 | 24:00
        S5 | 08:60
        S6 |
        S7 | half past
        """, ("id",), DICTIONARY)
    ledger, (table,) = Ledger(), reading.tables
    check_cells(ledger, table, describe(reading.dictionary, "")["at"])
    found = [(query["record"], query["rule"], query["severity"], query["value"], query["message"]) for query in list_queries(ledger, {}, {})]
    assert found == [(record, "type", "error", value, "The value is not a time as HH:MM.") for record, value in (("S3", "25:00"), ("S4", "24:00"), ("S5", "08:60"), ("S7", "half past"))]
    assert (ledger.counts["type"].evaluated, ledger.counts["type"].failed) == (6, 4)
