"""The rows of the small project: blanks, junk, missing codes, sparse instances, a record in two arms, rows without a base row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from tests.independent.logic_project import EVENTS, PROJECT, columns, forms_on
from tests.independent.logic_twin_references import DAG, RowKey

TODAY = datetime.fromisoformat("2021-03-15 10:20:30")  # a Monday
GROUPS = {"1": "daga", "2": "uf_test", "331-5": "daga", "4": "uf_test"}

KNOWN = {column for form in PROJECT.forms for column in columns(form)}

Given = tuple[str, str, str, int, dict[str, str]]


def completed(given: Iterable[Given], groups: Mapping[str, str] = GROUPS) -> dict[RowKey, dict[str, str]]:
    """The rows as REDCap exports them: unticked boxes and status of forms on the row are 0 unless something else is given, all else is blank."""
    given = list(given)
    extra = {column for *_, values in given for column in values if "___" in column and column not in KNOWN}  # missing codes of checkboxes that somebody used
    rows: dict[RowKey, dict[str, str]] = {}
    for record, event, form, instance, values in given:
        row = {DAG: groups.get(record, "")}
        for name in forms_on(event, form):
            for column in columns(name):
                row[column] = "0" if "___" in column or column == f"{name}_complete" else ""
        row |= {column: "0" for column in sorted(extra) if any(other.startswith(f"{_field(column)}___") for other in row)}
        if stray := set(values) - set(row):
            raise ValueError(f"{stray} stand not on a row of {event} {form}")
        rows[record, event, form, instance] = row | values
    order = list(EVENTS)
    return dict(sorted(rows.items(), key=lambda item: (item[0][0], order.index(item[0][1]), item[0][2], item[0][3])))


def _field(column: str) -> str:
    return column.split("___", maxsplit=1)[0]


BOXES = {"cond___0", "cond___1", "cond___2", "cond___02", "cond____99", "cond___oth", "cond___rxcui_2393", "cond___a_1"}

GIVEN: list[Given] = [
    # 1: arm 1, nearly everything
    ("1", "screening_arm_1", "", 0, {
        "scr_date": "2020-01-10", "dob": "1985-03-15", "sex": "1", "lang": "1", "consent": "1", "consent_dt": "2020-01-10 09:30", "scr_time": "09:05", "cond___1": "1",
        "cond____99": "1", "cond___oth": "1", "full_name": "Rob Taylor", "zip": "02139", "note": 'He said "no",\nthen it\'s yes', "screening_complete": "2"}),
    ("1", "baseline_arm_1", "", 0, {
        "demog_date": "2020-01-20", "height": "1,54", "weight": "52,3", "bmi": "22.1", "income": "1250.50", "kids": "2", "smoker": "0", "moca_complete": "2", "sc_1": "1",
        "sc_2": "2", "sc_total": "3", "age": "34", "demog_complete": "2", "vis_date": "2020-01-20", "vis_dt": "2020-01-20 08:15:30", "vis_time": "08:15:30",
        "run_time": "12:35", "sbp": "120", "dbp": "80", "temp": "36.6", "sym___none": "1", "well": "1", "pain": "0", "vitals_complete": "2", "lab_date": "2020-01-21",
        "lab_dt": "2020-01-21 14:45", "hb": "12.5", "vl": "20", "vl_text": "<20", "lab_kind": "1", "flags___l": "1", "labs_complete": "1"}),
    ("1", "visit_arm_1", "", 1, {"vis_date": "2020-02-01", "vis_dt": "2020-02-01 23:59:59", "sbp": "130", "dbp": "85", "temp": "37", "sym___1": "1", "sym___2": "1", "vitals_complete": "2"}),
    ("1", "visit_arm_1", "", 2, {"vis_date": "2020-02-15", "vis_time": "18:29:05", "sbp": "128", "dbp": "", "temp": "38.45", "sym____1": "1", "pain": "55", "vitals_complete": "1"}),
    ("1", "visit_arm_1", "", 3, {"vis_date": "", "sbp": "NI", "dbp": "UNK", "temp": "-99", "well": "NI", "vis_note": "see visit 2"}),
    ("1", "week_4_arm_1", "", 0, {"vis_date": "2020-02-17", "sbp": "118", "dbp": "79", "temp": "36.05", "sym___none": "1", "well": "0", "vis_note": "OK", "vitals_complete": "2"}),
    ("1", "week_4_arm_1", "labs", 1, {"lab_date": "2020-02-17", "lab_dt": "2020-02-17 08:00", "hb": "11.9", "vl": "1500", "vl_text": "1 500", "lab_kind": "2", "flags___h": "1"}),
    ("1", "week_4_arm_1", "labs", 2, {"lab_date": "2020-02-29", "hb": "12", "vl": "0", "vl_text": "target not detected", "lab_kind": "X", "labs_complete": "2"}),
    ("1", "week_4_arm_1", "labs", 4, {"lab_date": "NI", "hb": "UNK", "vl": "1e3", "lab_kind": "-99", "flags___ni": "1"}),
    ("1", "week_12_arm_1", "", 0, {"vis_date": "NI", "vis_dt": "UNK", "sbp": "-99", "dbp": "NI", "temp": "NI", "well": "UNK", "vis_note": "UNK", "vitals_complete": "1"}),
    ("1", "log_arm_1", "", 0, {"eos_date": "2021-01-05", "eos_reason": "1", "eos_note": "Completed; thanks // all # fine", "closeout_complete": "2"}),
    ("1", "log_arm_1", "ae", 1, {"ae_onset": "2020-02-03", "ae_end": "2020-02-10", "ae_term": "Headache", "ae_grade": "1", "ae_serious": "0", "ae_complete": "2"}),
    ("1", "log_arm_1", "ae", 2, {"ae_onset": "2020-03-01", "ae_end": "2020-02-20", "ae_stop": "2020-03-01 16:20", "ae_term": "Rash, severe", "ae_grade": "3", "ae_serious": "1",
                                 "ae_crit___2": "1", "ae_complete": "2"}),
    ("1", "log_arm_1", "ae", 4, {"ae_onset": "", "ae_end": "NI", "ae_term": "headache", "ae_grade": "UNK", "ae_serious": "NI"}),
    ("1", "log_arm_1", "meds", 1, {"med_name": "Aspirin", "med_start": "2020-02-03", "med_dose": "100", "med_route": "PO", "med_days": "337", "meds_complete": "2"}),
    ("1", "log_arm_1", "meds", 2, {"med_name": "aspirin forte", "med_start": "2020-12-31", "med_dose": "0.5", "med_route": "OTH", "med_days": "5"}),
    ("1", "close_arm_1", "", 0, {"eos_date": "", "eos_reason": "", "eos_note": ""}),
    # 2: arm 1, sparse; instances begin late, repeating rows without base rows
    ("2", "screening_arm_1", "", 0, {"sex": "0", "lang": "-99", "lang_other": "Esperanto", "consent": "0", "scr_time": "9:05", "cond___0": "1", "full_name": "  anna  ", "zip": "00000"}),
    ("2", "baseline_arm_1", "", 0, {
        "demog_date": "UNK", "height": "NI", "weight": "-99", "income": "0", "kids": "-99", "smoker": "UNK", "packs": "NI", "sc_1": "0", "sc_2": "0", "sc_3": "0", "sc_total": "0",
        "vis_date": "2020-05-05", "sbp": "0", "dbp": "0", "temp": "-0.5", "pain": "100", "vl": "-5", "hb": ".5", "vl_text": "-5", "demog_complete": "1"}),
    ("2", "visit_arm_1", "", 2, {"vis_date": "2020-06-01", "sbp": "140", "sym___1": "1"}),
    ("2", "visit_arm_1", "", 5, {"vis_date": "2020-07-01", "sbp": "141", "well": "0"}),
    ("2", "week_4_arm_1", "labs", 3, {"lab_date": "2020-06-15", "hb": "9.95", "vl": "2.5", "flags___n_a": "1"}),
    ("2", "log_arm_1", "ae", 3, {"ae_onset": "2020-06-20", "ae_end": "2020-06-20", "ae_term": "Fall", "ae_grade": "5", "ae_serious": "1", "ae_crit___1": "1", "ae_crit___3": "1"}),
    # 3: arm 2
    ("3", "baseline_arm_2", "", 0, {
        "scr_date": "2020-03-01", "dob": "2000-02-29", "sex": "9.9", "lang": "02", "consent": "1", "consent_dt": "2020-03-01 00:00", "cond___02": "1", "cond___a_1": "1",
        "full_name": "Zoë O'Neil", "screening_complete": "2", "demog_date": "2020-03-01", "height": "1,8", "weight": "81", "bmi": "25", "income": "99999.995", "kids": "0", "smoker": "1",
        "packs": "1.5", "moca_complete": "0", "sc_1": "3", "sc_2": "3", "sc_3": "3", "sc_total": "9", "age": "", "demog_complete": "2"}),
    ("3", "late__follow_up_arm_2", "", 0, {"vis_date": "2020-09-01", "vis_dt": "2020-09-01 12:00:00", "vis_time": "12:00:00", "run_time": "00:59", "sbp": "150", "dbp": "95", "temp": "36.65"}),
    ("3", "log_arm_2", "", 0, {"eos_date": "2020-12-24", "eos_reason": "2", "eos_note": "died at home", "closeout_complete": "2"}),
    ("3", "log_arm_2", "ae", 1, {"ae_onset": "2020-12-20", "ae_end": "2020-12-24", "ae_term": "Stroke", "ae_grade": "5", "ae_serious": "1", "ae_crit___1": "1", "ae_complete": "2"}),
    # 4: in arms 1 and 2
    ("4", "screening_arm_1", "", 0, {"scr_date": "2020-04-01", "dob": "1990-12-31", "sex": "0", "lang": "2", "consent": "1", "cond___rxcui_2393": "1", "full_name": "MAX"}),
    ("4", "baseline_arm_1", "", 0, {"demog_date": "2020-04-02", "height": "1,70", "weight": "70,25", "bmi": "24.3", "kids": "1", "sc_1": "2", "sbp": "110", "age": "29"}),
    ("4", "baseline_arm_2", "", 0, {"scr_date": "2020-10-01", "dob": "1990-12-31", "sex": "0", "lang": "UNK", "kids": "2", "income": "12.345"}),
    ("4", "log_arm_2", "ae", 2, {"ae_onset": "2020-10-05", "ae_term": "Cough", "ae_grade": "2", "ae_serious": "0"}),
    # 331-5: arm 1, entered before validation; forms of unknown status leave boxes blank
    ("331-5", "screening_arm_1", "", 0, {
        "scr_date": "2020-02-30", "dob": "before validation 1", "sex": "3", "lang": "English", "consent": "yes", "consent_dt": "2020-01-10", "scr_time": "25:00", "full_name": "7",
        "zip": "ABC", "note": "today", "screening_complete": ""} | dict.fromkeys(BOXES, "")),
    ("331-5", "baseline_arm_1", "", 0, {
        "demog_date": "2020-1-5", "height": "1.54", "weight": "about 60", "income": "1.0", "kids": "abc", "smoker": "2", "sc_1": "1.0", "sc_2": "01", "sc_3": " 1", "sc_total": "3",
        "sbp": "120 mmHg", "dbp": "+80", "temp": "1E2", "vis_date": "01-02-2020", "vis_time": "08:15", "run_time": "61:00", "vl_text": "NULL", "demog_complete": "", "labs_complete": ""}),
    # 006: arm 3
    ("006", "only_arm_3", "", 0, {"scr_date": "2021-03-15", "dob": "1999-12-31", "sex": "1", "lang": "2", "consent": "NI", "consent_dt": "2021-03-15 10:20", "cond____99": "1", "zip": "6",
                                  "vis_date": "2021-03-16", "sbp": "2", "dbp": "3", "temp": "2.5", "vis_note": "006"}),
    # S-7: repeating rows only
    ("S-7", "log_arm_1", "ae", 1, {"ae_onset": "2021-03-14", "ae_term": "", "ae_grade": "4", "ae_serious": "1"}),
    ("S-7", "log_arm_1", "meds", 3, {"med_name": "UNK", "med_start": "UNK", "med_dose": "NI", "med_route": "UNK"}),
    ("S-7", "visit_arm_1", "", 1, {"vis_date": "2021-03-01", "sbp": "99", "sym___1": "1", "sym___none": "1"}),
]

ROWS = completed(GIVEN)
