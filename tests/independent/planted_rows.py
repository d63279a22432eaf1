"""Rows of the REDCap export that stand under the wrong name: events, instruments, instances, groups, record ids, and rows twice or not at all."""

from __future__ import annotations

from tests.independent.planted_cut import day
from tests.independent.planted_kind import Kind, Place, Planted, everywhere, here

GROUPS = ("gugulethu", "nyanga", "philippi")


def visits(*events):
    """The rows of visits, as a finder."""
    return lambda cut: ((row,) for event in events for row in cut.at(f"{event}_arm_1") if day(row["vis_date"]))


def last_of_several(form, least=2, most=99):
    """The last instance of a repeating form of women who have several, as a finder."""

    def find(cut):
        for (record, name), rows in cut.instances.items():
            if name == form and least <= len(rows) <= most and [row["redcap_repeat_instance"] for row in rows] == [str(i + 1) for i in range(len(rows))]:
                yield (cut.repeats(record, form)[-1],)

    return find


def writing(column, *values):
    """Writes one of some values into a column that says where a row belongs; the finding is the row's."""

    def damage(cut, rows, chance):
        (row,) = rows
        row[column] = chance.choice(values)
        return here(row, also=everywhere(row.record))

    return damage


def mistype_event(cut, rows, chance):
    (row,) = rows
    row["redcap_event_name"] = chance.choice([row["redcap_event_name"].replace("_arm_1", "arm_1"), row["redcap_event_name"].replace("month", "moth")])
    return here(row, also=everywhere(row.record))


def move_to_other_arm(cut, rows, chance):
    (row,) = rows
    row["redcap_event_name"] = row["redcap_event_name"].replace("_arm_1", "_arm_2")
    return here(row, also=everywhere(row.record))


def mistype_instrument(cut, rows, chance):
    (row,) = rows
    row["redcap_repeat_instrument"] = "infants_tests"
    return here(row, instead=[Place("redcap", row.record, row["redcap_event_name"])], also=everywhere(row.record))


def leave_a_gap(cut, rows, chance):
    (row,) = rows
    row["redcap_repeat_instance"] = str(int(row["redcap_repeat_instance"]) + chance.choice([1, 2, 5]))
    return here(row, instead=[Place("redcap", row.record, row["redcap_event_name"], "infant_tests")])


def repeat_instance(cut, rows, chance):
    (row,) = rows
    row["redcap_repeat_instance"] = "1"
    return here(row)


def repeat_row(cut, rows, chance):
    (row,) = rows
    row.table.add(row)
    return here(row)


def unknown_group(cut, rows, chance):
    (row,) = rows
    row["redcap_data_access_group"] = chance.choice(["khayelitsha", "guguletu", "Nyanga"])
    return here(row, also=everywhere(row.record))


def other_group(cut, rows, chance):
    (row,) = rows
    row["redcap_data_access_group"] = chance.choice([group for group in GROUPS if group != row["redcap_data_access_group"]])
    return here(row, instead=[Place("redcap", row.record)])


def mistype_record(cut, rows, chance):
    (row,) = rows
    record = row.record
    row["record_id"] = record.replace("0", "O", 1)
    return here(row, instead=[Place("redcap", row.record)], also=everywhere(record, row.record))


def find_record_with_zero(cut):
    return (rows for rows in FOLLOW_UP(cut) if "0" in rows[0].record)


def find_screened(cut):
    return ((row,) for row in cut.at("screening_arm_1") if cut.base(row.record, "enrolment_arm_1") is not None)


def lose_row(cut, rows, chance):
    (row,) = rows
    row.table.remove(row)
    return Planted("", "redcap", row.record, also=everywhere(row.record))


def find_adverse_event(cut):
    for (record, form), rows in cut.instances.items():
        if form == "adverse_events_women" and len(rows) == 1 and rows[0]["aew_serious"] == "0":
            yield (cut.repeats(record, form)[0],)


def enter_twice(cut, rows, chance):
    (row,) = rows
    return here(row.table.add(row, redcap_repeat_instance="2"), instead=[Place("redcap", row.record, row["redcap_event_name"], "adverse_events_women")])


FOLLOW_UP = visits("month_6", "month_12", "month_18")
TESTS = last_of_several("infant_tests")

KINDS = (
    Kind("event_mistyped", "The unique name of an event is mistyped.", "error", FOLLOW_UP, mistype_event),
    Kind("event_of_another_arm", "A row belongs to an arm that the project does not have.", "error", FOLLOW_UP, move_to_other_arm),
    Kind("instrument_mistyped", "The name of a repeating form is mistyped.", "error", TESTS, mistype_instrument),
    Kind("instance_zero", "An instance is numbered 0.", "error", TESTS, writing("redcap_repeat_instance", "0")),
    Kind("instance_no_number", "An instance is no number: the export went through another tool.", "error", TESTS, writing("redcap_repeat_instance", "NA", "New")),
    Kind("instance_gap", "An instance was deleted or misnumbered: the numbers leave a gap.", "info", TESTS, leave_a_gap),
    Kind("instance_repeated", "Two instances of a form with different answers have one number.", "error", last_of_several("infant_tests", 2, 2), repeat_instance),
    Kind("row_twice", "A row of a visit stands twice in the export.", "error", FOLLOW_UP, repeat_row),
    Kind("group_unknown", "The data access group is none of the plan's sites.", "error", lambda cut: ((row,) for row in cut.screened_only()), unknown_group),
    Kind("group_differs", "One row of a record belongs to another data access group than the others.", "error", visits("month_12"), other_group),
    Kind("record_id_mistyped", "A visit was imported under a record id with a letter O for a zero.", "error", find_record_with_zero, mistype_record),
    Kind("screening_lost", "A randomised woman has no screening row.", "error", find_screened, lose_row),
    Kind("event_entered_twice", "One adverse event was entered as two instances.", "warning", find_adverse_event, enter_twice, needs="rule"),
)
