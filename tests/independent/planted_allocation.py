"""What only the closed job may see: the allocation list and the club register."""

from __future__ import annotations

import datetime

from tests.independent.planted_cut import day, days, from_stata, to_stata
from tests.independent.planted_kind import Kind, Place, everywhere, flat_cell, here

STAMP = "%Y-%m-%d %H:%M"


def allocated_on(row):
    return datetime.date.fromisoformat(row["allocated_at"][:10])


def by_stratum(cut):
    """The allocations of every stratum in the order of their sequence."""
    strata = {}
    for row in cut.rows("allocation"):
        strata.setdefault(row["stratum"], []).append(row)
    return {stratum: sorted(rows, key=lambda row: int(row["sequence"])) for stratum, rows in strata.items()}


def neighbours(cut):
    for rows in by_stratum(cut).values():
        for one, other in zip(rows, rows[1:], strict=False):
            if one["block"] == other["block"] and allocated_on(one) < allocated_on(other):
                yield one, other


def exchange_sequence(cut, rows, chance):
    one, other = rows
    one["sequence"], other["sequence"] = other["sequence"], one["sequence"]
    return here(one, instead=[here(other).place, *(Place("redcap", row.record) for row in rows)], also=everywhere(one.record, other.record))


def repeat_sequence(cut, rows, chance):
    one, other = rows
    other["sequence"] = one["sequence"]
    return here(other, instead=[here(one).place], also=everywhere(one.record, other.record))


def find_loose_date(cut):
    """Allocations that could be three days later without overtaking the next of their stratum."""
    for rows in by_stratum(cut).values():
        for one, other in zip(rows, [*rows[1:], None], strict=True):
            if other is None or (allocated_on(other) - allocated_on(one)).days > 3:
                yield (one,)


def allocate_later(cut, rows, chance):
    (row,) = rows
    row["allocated_at"] = (datetime.datetime.strptime(row["allocated_at"], STAMP) + days(chance.randint(1, 3))).strftime(STAMP)
    return here(row, "allocated_at", instead=[Place("redcap", row.record, "enrolment_arm_1", field="enr_rand_date"), Place("allocation", row.record)])


def allocate_twice(cut, rows, chance):
    (row,) = rows
    return here(row.table.add(row, arm="clinic" if row["arm"] == "club" else "club"), also=everywhere(row.record))


def lose_allocation(cut, rows, chance):
    (row,) = rows
    row.table.remove(row)
    return here(row, instead=[Place("redcap", row.record)], also=everywhere(row.record))


def allocate_screened(cut, rows, chance):
    """A woman never enrolled follows at the end of her area's larger stratum, in a block of her own."""
    (screened,) = rows
    stratum = f"{screened['redcap_data_access_group']}:below50"
    last = by_stratum(cut)[stratum][-1]
    at = (datetime.datetime.strptime(last["allocated_at"], STAMP) + days(1)).strftime(STAMP)
    row = last.table.add(last, id=screened.record, block=str(int(last["block"]) + 1), sequence=str(int(last["sequence"]) + 1), allocated_at=at)
    return here(row, instead=[Place("redcap", screened.record)])


def find_clinic_woman(cut):
    """Women of the clinic arm with a session of a club of their area during their time in the trial."""
    sessions = {}
    for row in cut.rows("clubs"):
        if row["attendance"] == 1 and row["exit_date"] is None:
            sessions.setdefault(row["club_id"][:3].lower(), []).append(row)
    for allocation in cut.rows("allocation"):
        enrolled, ended = cut.base(allocation.record, "enrolment_arm_1"), cut.base(allocation.record, "continuous_arm_1")
        if allocation["arm"] == "clinic" and enrolled is not None and ended is not None and ended["eos_reason"] == "1":
            first, last = to_stata(day(enrolled["enr_rand_date"]) + days(90)), to_stata(day(ended["eos_date"]))
            session = next((row for row in sessions.get(enrolled["redcap_data_access_group"][:3], []) if first < row["session_date"] < last), None)
            if session is not None:
                yield allocation, session


def attend_club_of_others(cut, rows, chance):
    allocation, session = rows
    return here(session.table.add(session, record_id=allocation.record), instead=[Place("allocation", allocation.record)], also=everywhere(allocation.record))


def attended(row):
    return row["attendance"] == 1 and row["pickup_date"] is not None and row["refill_days"] is not None


def find_member(cut):
    """Members with four sessions attended and no exit: the second of them."""
    for rows in cut.tables["clubs"].by_record.values():
        if len(rows) >= 4 and all(attended(row) and row["exit_date"] is None for row in rows):
            yield (rows[1],)


def exit_and_stay(cut, rows, chance):
    (row,) = rows
    row["exit_date"], row["exit_reason"] = float(row["session_date"] + 1), 8.0
    return here(row, instead=[Place("clubs", row.record)])


def reason_without_exit(cut, rows, chance):
    (row,) = rows
    row["exit_reason"] = 8.0
    return here(row, instead=[Place("clubs", row.record)])


def missed_and_collected(cut, rows, chance):
    (row,) = rows
    row["attendance"] = 4
    return here(row)


def session_twice(cut, rows, chance):
    (row,) = rows
    return here(row.table.add(row))


def session_before_randomisation(cut, rows, chance):
    row, enrolled = rows
    row["session_date"] = to_stata(day(enrolled["enr_rand_date"])) - chance.randint(5, 40)
    row["pickup_date"] = float(row["session_date"])
    return here(row, "session_date", also=everywhere(row.record))


def find_first_session(cut):
    for record, rows in cut.tables["clubs"].by_record.items():
        enrolled = cut.base(record, "enrolment_arm_1")
        if enrolled is not None and attended(rows[0]) and rows[0]["exit_date"] is None and enrolled["enr_rand_date"] > "2015-04-01" and from_stata(rows[0]["session_date"]) > day(enrolled["enr_rand_date"]):
            yield rows[0], enrolled


SESSIONS = lambda cut: ((row,) for row in cut.rows("clubs") if attended(row) and row["exit_date"] is None)  # noqa: E731  # reads like the other finders in the table below

KINDS = (
    flat_cell("arm_no_code", "The arm is written another way than its code.", "error", "allocation", "arm", lambda v, chance: chance.choice([v.capitalize(), v.upper(), f"{v}s"]),
              also=lambda row: everywhere(row.record)),
    flat_cell("allocated_at_no_time", "The time of allocation is no time.", "error", "allocation", "allocated_at", lambda v, _: f"{v[:10]} 25:61", also=lambda row: everywhere(row.record)),
    Kind("allocation_on_another_day", "The date of the allocation list is not the date of randomisation.", "error", find_loose_date, allocate_later),
    Kind("sequence_against_dates", "Two numbers of a sequence are exchanged: the later woman has the earlier number.", "error", neighbours, exchange_sequence),
    Kind("sequence_repeated", "A number of a sequence is given twice.", "error", neighbours, repeat_sequence),
    Kind("allocated_twice", "A woman stands twice in the allocation list, with both arms.", "error", lambda cut: ((row,) for row in cut.rows("allocation")), allocate_twice),
    Kind("randomised_without_allocation", "A randomised woman is not in the allocation list.", "error", lambda cut: ((rows[-1],) for rows in by_stratum(cut).values()), lose_allocation),
    Kind("allocated_without_randomisation", "A woman never randomised is in the allocation list.", "error", lambda cut: ((row,) for row in cut.screened_only()), allocate_screened),
    Kind("club_session_in_the_clinic_arm", "A woman of the clinic arm attended a club.", "warning", find_clinic_woman, attend_club_of_others),
    Kind("session_before_randomisation", "She attended a club before she was randomised.", "warning", find_first_session, session_before_randomisation),
    Kind("session_twice", "A session of a woman stands twice in the register.", "error", SESSIONS, session_twice),
    flat_cell("refill_tenfold", "A refill of 560 days.", "warning", "clubs", "refill_days", lambda v, _: v * 10),
    flat_cell("attendance_unknown", "An attendance has a code without a label.", "error", "clubs", "attendance", lambda *_: 5, when=lambda row: row["exit_date"] is None),
    Kind("missed_and_collected", "She missed the session, and collected her treatment on its day.", "warning", SESSIONS, missed_and_collected, needs="rule"),
    Kind("reason_without_exit", "A reason for leaving the club has no date.", "error", SESSIONS, reason_without_exit, needs="rule"),
    Kind("left_and_stayed", "She left the club, and went on attending.", "warning", find_member, exit_and_stay, needs="rule"),
)
