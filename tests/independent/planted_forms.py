"""Forms of REDCap at odds with their own dictionary: blanks, hidden answers, boxes, calculations, and forms where the project has none."""

from __future__ import annotations

from tests.independent.planted_cut import day, number
from tests.independent.planted_kind import Kind, Place, cell, here, usable

VISITS = "month_3 month_6 month_12 month_18"
STOPPED_FEEDING = ("feed_exclusive", "feed_stop_date", "feed_stop_reason")


def blank(value, chance):
    return ""


def ticked(value, chance):
    return "1"


def boxes(row, question):
    return [name for name in row.table.header if name.startswith(f"{question}___")]


ONE_CELL = (
    cell("required_blank", "A required question is blank on a form marked complete.", "error", VISITS, "vis_admitted", blank, when=lambda row: row["study_visit_complete"] == "2"),
    cell("required_blank_shown_by_branching", "She takes ART, but the regimen is blank.", "error", VISITS, "vis_regimen", blank, when=lambda row: row["vis_on_art"] == "1"),
    cell("hidden_answer", "A reason why no blood was taken, where blood was taken.", "warning", VISITS, "vis_vl_reason", lambda *_: "2", blank=True, when=lambda row: row["vis_vl_taken"] == "1"),
    cell("hidden_box", "A reason for stopping ART is ticked, though she takes it.", "warning", VISITS, "vis_stop_reason___2", ticked, when=lambda row: row["vis_on_art"] == "1"),
    cell("hidden_specification", "Another language is specified, though a listed one was chosen.", "warning", "screening", "scr_language_other", lambda *_: "Xitsonga",
         blank=True, when=lambda row: row["scr_language"] in {"1", "2", "3"}),
    cell("period_of_no_pregnancy", "The last period before a pregnancy is dated, though she is not pregnant.", "warning", VISITS, "vis_lmp", lambda *_: "2015-03-02",
         blank=True, when=lambda row: row["vis_pregnant"] == "0"),
    cell("none_with_others", "'None' is ticked together with a method of contraception.", "warning", "enrolment", "bas_contraception___0", ticked,
         when=lambda row: row["bas_contraception___0"] == "0" and row["bas_contraception___1"] == "1"),
    cell("no_one_and_her_mother", "She has told 'no one', and her mother.", "warning", "enrolment month_12", "dis_to___0", ticked, when=lambda row: row["dis_to___2"] == "1"),
    cell("stale_total", "A total does not add up: an item was corrected after it.", "error", "month_6 month_12 month_24", "epds_total",
         lambda v, chance: str(int(v) + chance.choice([1, 2, 3])), when=lambda row: number(row["epds_total"]) is not None),
    cell("stale_days", "The days since delivery were calculated before a date was corrected.", "error", "enrolment", "enr_days_pp", lambda v, chance: str(int(v) + chance.choice([1, 7, 10])),
         when=lambda row: number(row["enr_days_pp"]) is not None),
    cell("calculation_blank", "A total is blank though every item is answered: the form was imported.", "warning", "enrolment month_12", "sti_total", blank,
         when=lambda row: all(number(row[f"sti_{i}"]) is not None for i in range(1, 7))),
)


def find_disclosure(cut):
    for event in ("enrolment_arm_1", "month_12_arm_1"):
        for row in cut.at(event):
            if row["stigma_disclosure_complete"] == "2" and row["dis_to___1"] == "0" and any(row[box] == "1" for box in boxes(row, "dis_to")):
                yield (row,)


def untick_all(cut, rows, chance):
    (row,) = rows
    for box in boxes(row, "dis_to"):
        if row[box] == "1":
            row[box] = "0"
    return here(row, "dis_to", form="stigma_disclosure")


def find_breastfeeding(cut):
    for row in cut.at("month_3_arm_1"):
        if row["feed_any_bf"] == "1" and row["feed_exclusive"] == "1" and row["infant_feeding_complete"] == "2":
            yield (row,)


def stop_breastfeeding(cut, rows, chance):
    (row,) = rows
    row["feed_any_bf"] = "0"
    return here(row, "feed_stop_date", instead=[Place("redcap", row.record, row["redcap_event_name"], field=name) for name in STOPPED_FEEDING],
                also=[Place("redcap", row.record, field=name) for name in ("feed_any_bf", *STOPPED_FEEDING)])


def find_unfinished_score(cut):
    for event in ("month_3_arm_1", "month_18_arm_1"):
        for row in cut.at(event):
            if usable(row["adh_often"]) and usable(row["adh_score"]) and row["adherence_complete"] == "2":
                yield (row,)


def blank_item_and_score(cut, rows, chance):
    (row,) = rows
    row["adh_often"], row["adh_score"] = "", ""
    return here(row, "adh_often", also=[Place("redcap", row.record, row["redcap_event_name"], field="adh_score")])


def find_measured(cut):
    for row in cut.randomised():
        weight, height = number(row["bas_weight"]), number(row["bas_height"])
        if weight is not None and height is not None and weight < 160 and number(row["bas_bmi"]) is not None:
            yield (row,)


def correct_weight_only(cut, rows, chance):
    (row,) = rows
    row["bas_weight"] = f"{float(row['bas_weight']) + 10:.1f}"
    return here(row, "bas_bmi")


def find_born_after_1970(cut):
    for row in cut.at("screening_arm_1"):
        enrolled, born = cut.base(row.record, "enrolment_arm_1"), day(row["scr_dob"])
        if enrolled is not None and born is not None and born.year > 1970 and number(enrolled["bas_age"]) is not None:
            yield row, enrolled


def correct_birth_only(cut, rows, chance):
    screened, enrolled = rows
    born = day(screened["scr_dob"])
    screened["scr_dob"] = born.replace(year=born.year - 4).isoformat()
    return here(enrolled, "bas_age")


def find_month_3(cut):
    for row in cut.at("month_3_arm_1"):
        enrolled = cut.base(row.record, "enrolment_arm_1")
        if enrolled is not None and enrolled["stigma_disclosure_complete"] == "2" and day(row["vis_date"]):
            yield row, enrolled


def fill_form_of_other_event(cut, rows, chance):
    row, enrolled = rows
    for i in range(1, 7):
        row[f"sti_{i}"] = enrolled[f"sti_{i}"]
    for name in ("sti_total", "ipv_any", "stigma_disclosure_complete", *boxes(row, "dis_to")):
        row[name] = enrolled[name]
    row["sti_date"] = row["vis_date"]
    return here(row)


def find_continuous(cut):
    return ((row,) for row in cut.at("continuous_arm_1") if not cut.repeats(row.record, "adverse_events_women") and day(row["eos_date"]))


def fill_repeating_form_on_base_row(cut, rows, chance):
    (row,) = rows
    row["aew_term"], row["aew_onset"], row["aew_grade"] = "Headache", row["eos_date"], "1"
    return here(row)


LARGER = (
    Kind("no_box_ticked", "A required question with boxes has none ticked on a form marked complete.", "error", find_disclosure, untick_all),
    Kind("parent_answer_changed", "'Breastfeeding' was changed to no; the follow-up questions of yes stayed and those of no are blank.", "error", find_breastfeeding, stop_breastfeeding),
    Kind("complete_with_blanks", "An item of a score was skipped: item and score are blank, the form is marked complete.", "error", find_unfinished_score, blank_item_and_score),
    Kind("stale_bmi", "The weight was corrected by an import, the body mass index was not recalculated.", "error", find_measured, correct_weight_only),
    Kind("stale_age", "The date of birth was corrected at screening, the age on another event was not recalculated.", "error", find_born_after_1970, correct_birth_only),
    Kind("form_on_another_event", "A form is filled at an event that does not have it.", "error", find_month_3, fill_form_of_other_event),
    Kind("repeating_form_on_base_row", "Answers of a repeating form stand on the row of the event itself.", "error", find_continuous, fill_repeating_form_on_base_row),
)

KINDS = (*ONE_CELL, *LARGER)
