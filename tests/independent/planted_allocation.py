"""What only the closed job may see: the allocation list and the club register."""

from __future__ import annotations

import datetime
from itertools import pairwise

from tests.independent.planted_cut import day, days, from_stata, to_stata
from tests.independent.planted_kind import Kind, Place, everywhere, flat_cell, here


def allocated_on(row):
    return datetime.date.fromisoformat(row["allocated_at"][:10])


def postponed(row, count):
    return f"{datetime.datetime.fromisoformat(row['allocated_at']) + days(count):%Y-%m-%d %H:%M}"


def by_stratum(cut):
    """The allocations of every stratum in the order of their sequence."""
    strata = {}
    for row in cut.rows("allocation"):
        strata.setdefault(row["stratum"], []).append(row)
    return {stratum: sorted(rows, key=lambda row: int(row["sequence"])) for stratum, rows in strata.items()}


def neighbours(cut):
    """Two allocations of one block on different days, with the one that follows them."""
    for rows in by_stratum(cut).values():
        for one, other, third in zip(rows, rows[1:], rows[2:], strict=False):
            if one["block"] == other["block"] and allocated_on(one) < allocated_on(other):
                yield one, other, third


def exchange_sequence(cut, rows, chance):
    one, other, _ = rows
    one["sequence"], other["sequence"] = other["sequence"], one["sequence"]
    return here(one, instead=[here(other).place, *(Place("redcap", row.record) for row in (one, other))], also=everywhere(*(row.record for row in rows)))


def repeat_sequence(cut, rows, chance):
    one, other, _ = rows
    other["sequence"] = one["sequence"]
    return here(other, instead=[here(one).place], also=everywhere(*(row.record for row in rows)))


def find_loose_date(cut):
    """Allocations that could be three days later without overtaking the next of their stratum."""
    for rows in by_stratum(cut).values():
        for one, other in zip(rows, [*rows[1:], None], strict=True):
            if other is None or (allocated_on(other) - allocated_on(one)).days > 3:
                yield (one,)


def allocate_later(cut, rows, chance):
    (row,) = rows
    row["allocated_at"] = postponed(row, chance.randint(1, 3))
    return here(row, "allocated_at", instead=[Place("redcap", row.record, "enrolment_arm_1", field="enr_rand_date"), Place("allocation", row.record)])


def allocate_twice(cut, rows, chance):
    (row,) = rows
    return here(row.table.add(row, arm="clinic" if row["arm"] == "club" else "club"), also=everywhere(row.record))


def find_with_next(cut):
    """Every allocation but the last of its stratum, with the next: losing it leaves a gap before that one."""
    return ((one, other) for rows in by_stratum(cut).values() for one, other in pairwise(rows))


def lose_allocation(cut, rows, chance):
    row, other = rows
    row.table.remove(row)
    return here(row, instead=[Place("redcap", row.record)], also=everywhere(row.record, other.record))


def find_last_and_screened(cut):
    """The last allocation of every stratum, with each woman of that area never enrolled."""
    for stratum, rows in by_stratum(cut).items():
        for screened in cut.screened_only():
            if screened["redcap_data_access_group"] == stratum.split(":")[0]:
                yield screened, rows[-1]


def allocate_screened(cut, rows, chance):
    """She follows at the end of the stratum, as the next of an unfinished block or the first of another."""
    screened, last = rows
    arms = [row["arm"] for row in cut.rows("allocation") if (row["stratum"], row["block"]) == (last["stratum"], last["block"])]
    finished = arms.count("club") == arms.count("clinic")
    row = last.table.add(
        last, id=screened.record, arm="club" if arms.count("club") < arms.count("clinic") else "clinic", block=str(int(last["block"]) + finished),
        sequence=str(int(last["sequence"]) + 1), allocated_at=postponed(last, 1),
    )
    return here(row, instead=[Place("redcap", screened.record)])


def sessions_during(cut, enrolled, ended):
    """Sessions that women of her area attended while she was in the trial."""
    first, last = to_stata(day(enrolled["enr_rand_date"]) + days(90)), to_stata(day(ended["eos_date"]))
    area = enrolled["redcap_data_access_group"][:3].upper()
    return (row for row in cut.rows("clubs") if row["club_id"].startswith(area) and first < row["session_date"] < last and row["attendance"] == 1 and row["exit_date"] is None)


def find_clinic_woman(cut):
    for allocation in cut.rows("allocation"):
        enrolled, ended = cut.base(allocation.record, "enrolment_arm_1"), cut.base(allocation.record, "continuous_arm_1")
        if allocation["arm"] == "clinic" and enrolled is not None and ended is not None and ended["eos_reason"] == "1" and any(sessions_during(cut, enrolled, ended)):
            yield allocation, enrolled, ended


def attend_club_of_others(cut, rows, chance):
    allocation, enrolled, ended = rows
    session = chance.choice([row for row in sessions_during(cut, enrolled, ended) if row.record not in cut.used])
    cut.used.add(session.record)  # so that the copied row stays as it was copied
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


def find_session(cut):
    return ((row,) for row in cut.rows("clubs") if attended(row) and row["exit_date"] is None)


KINDS = (
    flat_cell("arm_no_code", "The arm is written another way than its code.", "error", "allocation", "arm", lambda v, chance: chance.choice([v.capitalize(), v.upper(), f"{v}s"]),
              also=lambda row: everywhere(row.record)),
    flat_cell("allocated_at_no_time", "The time of allocation is no time.", "error", "allocation", "allocated_at", lambda v, _: f"{v[:10]} 25:61", also=lambda row: everywhere(row.record)),
    Kind("allocation_on_another_day", "The date of the allocation list is not the date of randomisation.", "error", find_loose_date, allocate_later),
    Kind("sequence_against_dates", "Two numbers of a sequence are exchanged: the later woman has the earlier number.", "error", neighbours, exchange_sequence),
    Kind("sequence_repeated", "A number of a sequence is given twice.", "error", neighbours, repeat_sequence),
    Kind("allocated_twice", "A woman stands twice in the allocation list, with both arms.", "error", lambda cut: ((row,) for row in cut.rows("allocation")), allocate_twice),
    Kind("randomised_without_allocation", "A randomised woman is not in the allocation list.", "error", find_with_next, lose_allocation),
    Kind("allocated_without_randomisation", "A woman never randomised is in the allocation list.", "error", find_last_and_screened, allocate_screened),
    Kind("club_session_in_the_clinic_arm", "A woman of the clinic arm attended a club.", "warning", find_clinic_woman, attend_club_of_others),
    Kind("session_before_randomisation", "She attended a club before she was randomised.", "warning", find_first_session, session_before_randomisation),
    Kind("session_twice", "A session of a woman stands twice in the register.", "error", find_session, session_twice),
    flat_cell("refill_tenfold", "A refill of 560 days.", "warning", "clubs", "refill_days", lambda v, _: v * 10),
    flat_cell("attendance_unknown", "An attendance has a code without a label.", "error", "clubs", "attendance", lambda *_: 5, when=lambda row: row["exit_date"] is None),
    Kind("missed_and_collected", "She missed the session, and collected her treatment on its day.", "warning", find_session, missed_and_collected, needs="rule"),
    Kind("reason_without_exit", "A reason for leaving the club has no date.", "error", find_session, reason_without_exit, needs="rule"),
    Kind("left_and_stayed", "She left the club, and went on attending.", "warning", find_member, exit_and_stay, needs="rule"),
)
