"""Linked open sources: the laboratory, the dispensings, the Mentor Mothers' contacts and the parent study."""

from __future__ import annotations

from itertools import pairwise

from tests.independent.planted_cut import day, days, from_stata, number, to_stata
from tests.independent.planted_kind import Kind, Place, everywhere, flat_cell, here

ROUTINE = 2


def routine(row):
    """Samples that no visit asks for: damage to them stays theirs."""
    return row["vl_type"] == ROUTINE


def routine_rows(source):
    return lambda cut: ((row,) for row in cut.rows(source) if source != "laboratory" or routine(row))


def measured(row):
    return number(row["result"]) is not None and row["log10_result"] is not None


def slip(value, chance):
    return round(value + (1 if value <= 6 else -1), 2)


CELLS = (
    flat_cell("result_unreadable", "A viral load is no number and no word of a laboratory for 'below the limit'.", "error", "laboratory", "result",
              lambda _, chance: chance.choice(["haemolysed", "see note", "4O2", "repeat"]), when=lambda row: routine(row) and row["log10_result"] is None),
    flat_cell("log10_disagrees", "The log10 of a viral load is off by one from its copies.", "error", "laboratory", "log10_result", slip, when=measured, at=""),
    flat_cell("order_code_unknown", "The order of a sample has a code without a label.", "error", "laboratory", "vl_type", lambda *_: 3, when=routine),
    flat_cell("assay_limit_hundredfold", "The limit of an assay is far beyond its range.", "warning", "laboratory", "assay_limit", lambda v, _: v * 100, when=routine),
    flat_cell("spreadsheet_day_number", "A sample's date counts the days of a spreadsheet (since 1900), not of Stata (since 1960).", "error", "laboratory", "sample_date",
              lambda v, _: v + 21916, when=routine, also=lambda row: everywhere(row.record)),
    flat_cell("sample_ten_years_early", "A sample is dated a decade early, before the trial.", "warning", "laboratory", "sample_date", lambda v, _: v - 3653, when=routine,
              also=lambda row: everywhere(row.record)),
    flat_cell("sample_without_date", "A sample has no date.", "error", "laboratory", "sample_date", lambda *_: None, when=routine, also=lambda row: everywhere(row.record)),
    flat_cell("facility_unknown", "A dispensing comes from a facility without a code.", "error", "art_visits", "facility", lambda _, chance: chance.choice([5, 6, 9, 99])),
    flat_cell("supply_tenfold", "A supply of 280 days: a digit too many. Sealed.", "warning", "art_visits", "days_supplied", lambda v, _: v * 10),
    flat_cell("minutes_in_words", "The duration of a contact is written in words.", "error", "mentor_mothers", "minutes", lambda _, chance: chance.choice(["half an hour", "30 min", "1h"])),
    flat_cell("contact_all_day", "A contact of more minutes than its range.", "warning", "mentor_mothers", "minutes", lambda v, _: f"{v}0", when=lambda row: int(row["minutes"]) >= 25),
    flat_cell("contact_mode_unknown", "The mode of a contact is not among its codes.", "error", "mentor_mothers", "mode", lambda _, chance: chance.choice("079")),
    flat_cell("contact_day_first", "A contact is dated day/month/year.", "error", "mentor_mothers", "contact_date", lambda v, _: f"{day(v):%d/%m/%Y}"),
    flat_cell("contact_without_topic", "A required topic is blank.", "error", "mentor_mothers", "topic", lambda *_: ""),
    flat_cell("cd4_hundredfold", "A CD4 count of the parent study is far beyond its range.", "warning", "mch_art", "mch_cd4", lambda v, _: v * 100, when=lambda row: (row["mch_cd4"] or 0) > 20),
)


def log_for_copies(cut, rows, chance):
    (row,) = rows
    row["result"] = f"{row['log10_result']:.2f}"
    return here(row)


def contact_to_come(cut, rows, chance):
    (row,) = rows
    row["contact_date"] = (cut.cutoff + days(chance.randint(100, 900))).isoformat()
    return here(row, "contact_date", also=everywhere(row.record))


def find_early_sample(cut):
    for enrolled in cut.randomised():
        born, randomised = day(enrolled["enr_delivery_date"]), day(enrolled["enr_rand_date"])
        for row in cut.of("laboratory", enrolled.record):
            if row["vl_type"] != ROUTINE and from_stata(row["sample_date"]) <= randomised and born.isoformat() > "2015-04-01":
                yield row, enrolled


def sample_before_delivery(cut, rows, chance):
    row, enrolled = rows
    row["sample_date"] = to_stata(day(enrolled["enr_delivery_date"]) - days(chance.randint(20, 80)))
    return here(row, "sample_date", also=everywhere(row.record))


def find_scheduled(cut):
    return ((row,) for row in cut.rows("art_visits") if row["next_date"] is not None)


def due_before_dispensed(cut, rows, chance):
    (row,) = rows
    row["next_date"] = float(2 * row["visit_date"] - row["next_date"])
    return here(row, "next_date", instead=[here(row, "visit_date").place])


def twice(cut, rows, chance):
    (row,) = rows
    return here(row.table.add(row))


def renamed(name):
    """Writes another record id over the one of a row: it then belongs to nobody."""

    def damage(cut, rows, chance):
        (row,) = rows
        record = row.record
        row["record_id"] = name(record)
        return here(row, also=everywhere(record))

    return damage


def find_neighbouring_numbers(cut):
    rows = [row for row in cut.rows("laboratory") if routine(row)]
    return ((one, other) for one, other in pairwise(rows) if one.record != other.record)


def share_number(cut, rows, chance):
    one, other = rows
    other["lab_number"] = one["lab_number"]
    return here(other, "lab_number", instead=[here(one, "lab_number").place, Place("laboratory", one.record), Place("laboratory", other.record)])


def study_samples(cut, *events):
    """Visits with blood taken and the one study sample of that day."""
    for event in events:
        for visit in cut.at(f"{event}_arm_1"):
            if visit["vis_vl_taken"] == "1" and day(visit["vis_date"]):
                samples = [row for row in cut.of("laboratory", visit.record) if row["vl_type"] != ROUTINE and row["sample_date"] == to_stata(day(visit["vis_date"]))]
                if len(samples) == 1 and samples[0]["result"]:
                    yield visit, samples[0]


def find_two_samples(cut):
    """Study samples of two women of one week, neither on a visit day of the other."""
    pairs = sorted(study_samples(cut, "month_6"), key=lambda pair: pair[1]["sample_date"])
    for (_, one), (_, other) in pairwise(pairs):
        if 0 < other["sample_date"] - one["sample_date"] <= 7:
            yield one, other


def exchange_ids(cut, rows, chance):
    one, other = rows
    first, second = one.record, other.record
    one["record_id"], other["record_id"] = second, first
    places = everywhere(first, second)
    return here(one, "sample_date", instead=places, also=places)


def lose_sample(cut, rows, chance):
    visit, sample = rows
    sample.table.remove(sample)
    return here(visit, "vis_vl_taken", instead=[Place("laboratory", visit.record), Place("redcap", visit.record, visit["redcap_event_name"])])


def deny_blood(cut, rows, chance):
    visit, _ = rows
    visit["vis_vl_taken"], visit["vis_vl_reason"] = "0", "2"
    return here(visit, "vis_vl_taken", instead=[Place("laboratory", visit.record)])


def dispense_to_screened(cut, rows, chance):
    """A dispensing of somebody else carries the id of a woman never randomised."""
    (screened,) = rows
    template = chance.choice([row for row in cut.rows("art_visits") if row.record not in cut.used])
    cut.used.add(template.record)  # so that the copied row stays as it was copied
    return here(template.table.add(template, record_id=screened.record), instead=[Place("redcap", screened.record)])


def find_parent_study(cut):
    for row in cut.rows("mch_art"):
        enrolled = cut.base(row.record, "enrolment_arm_1")
        if enrolled is not None and enrolled["enr_mch_id"] == row["mch_id"]:
            yield row, enrolled


def other_number(cut, rows, chance):
    row, enrolled = rows
    known = {one["mch_id"] for one in cut.rows("mch_art")}
    row["mch_id"] = chance.choice([number for number in (f"M{i}" for i in range(9000, 9999)) if number not in known])
    return here(row, "mch_id", instead=[here(enrolled, "enr_mch_id").place])


LARGER = (
    Kind("log10_for_copies", "The log10 was typed in the column of the copies.", "error", lambda cut: ((row,) for row in cut.rows("laboratory") if measured(row) and routine(row)), log_for_copies),
    Kind("contact_not_yet_come", "A contact is dated after the cut-off.", "warning", routine_rows("mentor_mothers"), contact_to_come),
    Kind("sample_before_delivery", "A study sample lies weeks before the delivery.", "warning", find_early_sample, sample_before_delivery),
    Kind("due_before_dispensed", "The scheduled next visit lies before the dispensing.", "error", find_scheduled, due_before_dispensed),
    Kind("sample_twice", "A sample stands twice.", "error", routine_rows("laboratory"), twice),
    Kind("dispensing_twice", "A dispensing stands twice.", "error", routine_rows("art_visits"), twice),
    Kind("contact_twice", "A contact stands twice.", "error", routine_rows("mentor_mothers"), twice),
    Kind("parent_record_twice", "A woman stands twice in the parent study.", "error", routine_rows("mch_art"), twice),
    Kind("sample_of_nobody", "A sample belongs to a record id that does not exist.", "error", routine_rows("laboratory"), renamed(lambda record: f"SYN-0{record[-3:]}")),
    Kind("id_with_letter_o", "A record id has a letter O for a zero.", "error", lambda cut: ((row,) for row in cut.rows("mentor_mothers") if "0" in row.record),
         renamed(lambda record: record.replace("0", "O", 1))),
    Kind("id_in_lower_case", "A record id is in lower case.", "error", routine_rows("art_visits"), renamed(str.lower)),
    Kind("id_without_prefix", "A record id has lost its prefix.", "error", routine_rows("mentor_mothers"), renamed(lambda record: record.removeprefix("SYN-"))),
    Kind("id_blank", "A row has no record id.", "error", routine_rows("mentor_mothers"), renamed(lambda _: "")),
    Kind("laboratory_number_of_another", "Samples of two women have one laboratory number.", "error", find_neighbouring_numbers, share_number, needs="rule"),
    Kind("samples_exchanged", "The record ids of two women's samples are exchanged.", "warning", find_two_samples, exchange_ids, needs="rule"),
    Kind("sample_lost", "Blood was taken, but the laboratory knows of no sample.", "warning", lambda cut: study_samples(cut, "month_12"), lose_sample, needs="rule"),
    Kind("sample_though_none_taken", "No blood was taken, but the laboratory reports a study sample of that day.", "warning", lambda cut: study_samples(cut, "month_6", "month_18"), deny_blood,
         needs="rule"),
    Kind("dispensed_to_a_woman_not_randomised", "ART of the trial was dispensed under the id of a woman never randomised.", "warning", lambda cut: ((row,) for row in cut.screened_only()),
         dispense_to_screened, needs="rule"),
    Kind("parent_number_differs", "The parent study's number differs between REDCap and the parent study.", "error", find_parent_study, other_number, needs="rule"),
)

KINDS = (*CELLS, *LARGER)
