"""What a right reader must give for the twelve projects that have data.csv, a dictionary and project.xml; the keys are explained in material_expected.

No cell of a name, address, telephone or mail of a test person is among the literals.
"""

from __future__ import annotations

from typing import Any


def files(project: str, dictionary: str = "dictionary.csv") -> dict[str, str]:
    """The project's three paths below the material folder."""
    folder = f"redcap/redcapr/{project}/"
    return {"data": folder + "data.csv", "dictionary": folder + dictionary, "xml": folder + "project.xml"}


CSV_PROJECTS: dict[str, dict[str, Any]] = {
    "checkboxes-1": files("checkboxes-1") | {
        "records": 4, "record_id": "record_id", "fields": {"form_1": 1, "form_2": 3}, "types": {"text": 1, "checkbox": 2, "notes": 1},
        "columns": 13, "flat_rows": 4,  # 1 + status, 4 + 5 options, notes, status
        # Record 4: every box of form_2 '0', no notes, status '0': not used. form_1 is nothing but the record id, its status always '0'.
        "rows": {"form_1": 4, "form_2": 3}, "rows_without_id": {"form_1": 0}, "keys": {"form_2": (("1", "", 0), ("2", "", 0), ("3", "", 0))},
        "cells": {
            ("1", "", "form_2", 0, "check_one___1"): "1", ("1", "", "form_2", 0, "check_two___b"): "0", ("3", "", "form_2", 0, "check_two___a"): "0",
            ("2", "", "form_2", 0, "form_2_complete"): "0", ("4", "", "form_2", 0, "desired_result"): "",
            ("2", "", "form_2", 0, "desired_result"):
                "Should have data only for the second checkbox item:    check_one:    - check_one___[1-4] should be NA    check_two:    - check_two___b "
                "should be 1  - check_two___d should be 1  - check_one___[a;c;e] should be 0    completion status should be 1",
        },
        # the XML holds record 4's boxes of form_2 as '0' but no status
        "xml_differs": {"cells": {("4", "", "form_2", 0, "form_2_complete"): ""}},
        "never": (("choices", "form_2", "check_one"), ("choices", "form_2", "check_two"), ("choice", "*", "*"), ("required", "*", "*"), ("column", "*", "*")),
    },
    "clinical-trial-1": files("clinical-trial-1") | {
        "records": 500, "record_id": "record_id", "fields": {"demographics": 12}, "types": {"text": 9, "radio": 3}, "columns": 13, "flat_rows": 500,
        "rows": {"demographics": 500},
        "identifiers": 5,
        # 500 lines below the header, no blank cell anywhere; statuses all '0' though every form is full
        "cells": {("1", "", "demographics", 0, "height"): "176.1", ("3", "", "demographics", 0, "height"): "170",
                  ("3", "", "demographics", 0, "weight"): "166",
                  ("1", "", "demographics", 0, "gender"): "0", ("3", "", "demographics", 0, "race"): "3",
                  ("500", "", "demographics", 0, "demographics_complete"): "0"},
        "typed": {("1", "", "demographics", 0, "height"): 176.1, ("3", "", "demographics", 0, "height"): 170.0},
        # births 1930-08-06 to 2000-12-24 within 1900..2029; heights 142.5-205.3 in 0..250; weights 36-189 in 0..300; code 2 '(Not Used)' used by none
        "never": (("range", "*", "*"), ("type", "*", "*"), ("choice", "*", "*"), ("required", "*", "*"), ("duplicate", "*", "*"), ("column", "*", "*")),
    },
    "dag": files("dag") | {
        "records": 3, "record_id": "record_id", "fields": {"demographics": 15}, "types": {"text": 8, "notes": 2, "calc": 2, "radio": 2, "dropdown": 1},
        "columns": 17, "flat_rows": 3,
        "rows": {"demographics": 3}, "identifiers": 6, "no_field": ("redcap_data_access_group",),
        # The XML calls the groups dag-a and dag-b; the data, in both files, daga and dagb. The ids are text: 331-1 is no date and no subtraction.
        "dags": {"daga": ("331-1", "331-2"), "dagb": ("332-3",)}, "keys": {"demographics": (("331-1", "", 0), ("331-2", "", 0), ("332-3", "", 0))},
        "cells": {("331-1", "", "demographics", 0, "first_name"): "aa", ("332-3", "", "demographics", 0, "last_name"): "CC",
                  ("331-2", "", "demographics", 0, "age"): "",
                  ("331-2", "", "demographics", 0, "bmi"): "", ("332-3", "", "demographics", 0, "demographics_complete"): "0"},
        # both calculations have blank inputs and are rightly blank
        "never": (("calc", "*", "*"), ("type", "*", "*"), ("required", "*", "*"), ("column", "*", "*")),
    },
    "decimal-comma": files("decimal-comma", "dictionay.csv") | {  # the file's own spelling
        "records": 4, "record_id": "record_id", "fields": {"demographics": 5}, "types": {"text": 4, "calc": 1}, "columns": 6, "flat_rows": 4,
        "rows": {"demographics": 4}, "identifiers": 1,
        "cells": {("1", "", "demographics", 0, "height"): "1,54", ("3", "", "demographics", 0, "weight"): "123,4",
                  ("4", "", "demographics", 0, "height"): "1,61",
                  ("1", "", "demographics", 0, "bmi"): "22.1", ("4", "", "demographics", 0, "bmi"): "17.7"},  # the calculation has a dot
        "typed": {("1", "", "demographics", 0, "height"): 1.54, ("3", "", "demographics", 0, "weight"): 123.4, ("4", "", "demographics", 0, "height"): 1.61,
                  ("1", "", "demographics", 0, "bmi"): 22.1},
        # by hand: 52.3 / 1.54^2 = 22.05, 92.3 / 1.84^2 = 27.26, 123.4 / 1.95^2 = 32.45, 45.9 / 1.61^2 = 17.71: all four stored values stand.
        # 1,54..1,95 in 0..3 and 45,9..123,4 in 35..200, whose bounds are whole numbers without a comma
        "never": (("calc", "demographics", "bmi"), ("range", "*", "*"), ("type", "*", "*"), ("column", "*", "*")),
    },
    "empty-rows": files("empty-rows") | {  # data.csv is one line end: see REFUSED
        "records": 0, "record_id": "record_id", "fields": {"demographics": 9, "health": 5, "race_and_ethnicity": 2}, "identifiers": 6, "columns": 0,
        "flat_rows": 0,
        "types": {"text": 8, "notes": 2, "calc": 2, "radio": 2, "file": 1, "checkbox": 1}, "rows": {"demographics": 0, "health": 0, "race_and_ethnicity": 0},
        "xml_differs": {"no_field": ("redcap_data_access_group",)},  # an ItemDef without a field type
        "never": (("column", "*", "redcap_data_access_group"), ("choices", "*", "*")),
    },
    "longitudinal": files("longitudinal") | {
        "records": 3, "record_id": "study_id", "identifiers": 5,
        # 24+6+8+5+4+9+14+12+13 = 95 lines of the dictionary below its header
        "fields": {"demographics": 24, "contact_info": 6, "baseline_data": 8, "visit_lab_data": 5, "patient_morale_questionnaire": 4, "visit_blood_workup": 9,
                   "visit_observed_behavior": 14, "completion_data": 12, "completion_project_questionnaire": 13},
        "types": {"text": 45, "radio": 20, "dropdown": 15, "checkbox": 5, "notes": 5, "calc": 2, "file": 1, "yesno": 1, "slider": 1},
        "columns": 125,  # 95 - 5 checkboxes + 25 options + 9 statuses + event
        "flat_rows": 18,  # 6 events x 3 records: 100 and 220 in arm 1, 304 in arm 2
        "rows": {"demographics": 3, "contact_info": 5, "baseline_data": 3, "visit_lab_data": 4, "patient_morale_questionnaire": 10, "visit_blood_workup": 4,
                 "visit_observed_behavior": 6, "completion_data": 2, "completion_project_questionnaire": 3},
        # contact_info: no field filled anywhere, used by its status 1 or 2 alone
        "keys": {"contact_info": (("100", "enrollment_arm_1", 0), ("220", "enrollment_arm_1", 0), ("304", "enrollment_arm_2", 0),
                                  ("304", "deadline_to_opt_ou_arm_2", 0),
                                  ("304", "deadline_to_return_arm_2", 0)),
                 "completion_data": (("100", "final_visit_arm_1", 0), ("220", "final_visit_arm_1", 0))},
        "by_event": {"patient_morale_questionnaire": {"dose_1_arm_1": 2, "visit_1_arm_1": 2, "dose_2_arm_1": 2, "visit_2_arm_1": 2, "first_dose_arm_2": 1,
                                                      "first_visit_arm_2": 1},
                     "visit_observed_behavior": {"visit_1_arm_1": 2, "visit_2_arm_1": 2, "first_visit_arm_2": 1, "final_visit_arm_2": 1}},
        "events": {"enrollment_arm_1": (0, 0, 0), "dose_1_arm_1": (1, 0, 0), "visit_1_arm_1": (3, 0, 0), "dose_2_arm_1": (8, 0, 0),
                   "visit_2_arm_1": (10, 0, 0),
                   "final_visit_arm_1": (30, 0, 0), "enrollment_arm_2": (0, 0, 0), "deadline_to_opt_ou_arm_2": (5, 0, 0), "first_dose_arm_2": (7, 0, 0),
                   "first_visit_arm_2": (10, 2, 2),
                   "final_visit_arm_2": (20, 2, 2), "deadline_to_return_arm_2": (30, 0, 0)},
        "mapping": {
            "enrollment_arm_1": ("demographics", "contact_info", "baseline_data"), "enrollment_arm_2": ("demographics", "contact_info", "baseline_data"),
            "dose_1_arm_1": ("patient_morale_questionnaire",), "dose_2_arm_1": ("patient_morale_questionnaire",),
            "first_dose_arm_2": ("patient_morale_questionnaire",),
            "visit_1_arm_1": ("visit_lab_data", "patient_morale_questionnaire", "visit_blood_workup", "visit_observed_behavior"),
            "visit_2_arm_1": ("visit_lab_data", "patient_morale_questionnaire", "visit_blood_workup", "visit_observed_behavior"),
            "first_visit_arm_2": ("patient_morale_questionnaire", "visit_observed_behavior"),
            "final_visit_arm_1": ("completion_data", "completion_project_questionnaire"),
            "final_visit_arm_2": ("visit_observed_behavior", "completion_project_questionnaire"), "deadline_to_opt_ou_arm_2": ("contact_info",),
            "deadline_to_return_arm_2": ("contact_info",),
        },
        "no_field": ("redcap_event_name",),
        # given_birth where sex = 0: records 220 and 304, answered '0' by both; num_children therefore nowhere; both blank for 100 (sex = 1)
        "shown": {("demographics", "given_birth"): ("220", "304"), ("demographics", "num_children"): ()},
        "cells": {("100", "visit_1_arm_1", "visit_lab_data", 0, "vld5"): ".34", ("100", "visit_1_arm_1", "visit_blood_workup", 0, "vbw4"): ".988",
                  ("100", "final_visit_arm_1", "completion_data", 0, "creat_4"): "2012-11-02",
                  ("100", "enrollment_arm_1", "demographics", 0, "gym___0"): "1", ("100", "enrollment_arm_1", "demographics", 0, "gym___1"): "0",
                  ("100", "enrollment_arm_1", "demographics", 0, "given_birth"): "", ("304", "deadline_to_opt_ou_arm_2", "contact_info", 0,
                                                                                      "contact_info_complete"): "1",
                  ("220", "enrollment_arm_1", "baseline_data", 0, "bmi2"): "20.2", ("220", "enrollment_arm_1", "demographics", 0, "specify_mood"): "29"},
        "typed": {("100", "visit_1_arm_1", "visit_lab_data", 0, "vld5"): 0.34, ("100", "visit_1_arm_1", "visit_blood_workup", 0, "vbw4"): 0.988},
        # Free text with a blank at its end (vob14) or several (study_comments) keeps it; the uploaded document is its file name, in the XML the DocName.
        "lengths": {("100", "enrollment_arm_1", "demographics", 0, "comments"): 839, ("100", "visit_1_arm_1", "visit_observed_behavior", 0, "vob14"): 336,
                    ("220", "final_visit_arm_1", "completion_data", 0, "study_comments"): 272,
                    ("304", "enrollment_arm_2", "demographics", 0, "patient_document"): 19},
        # 10 numbers begin with a point; the 6 BMIs are right (80 / 1.60^2 = 31.25 -> 31.3, 66 / 1.56^2 = 27.1, 88 / 1.99^2 = 22.2, 58.5, 20.2, 35.2)
        "never": (("type", "*", "*"), ("calc", "*", "*"), ("hidden", "*", "*"), ("range", "*", "*"), ("choice", "*", "*"), ("required", "*", "*"),
                  ("duplicate", "*", "*"), ("column", "*", "*")),
    },
    "nonnumeric-record-id": files("nonnumeric-record-id") | {
        "records": 3, "record_id": "record_id", "fields": {"demographics": 2}, "types": {"text": 2}, "columns": 3, "flat_rows": 3,
        "rows": {"demographics": 3},
        "keys": {"demographics": (("a", "", 0), ("b", "", 0), ("c", "", 0))},
        "cells": {("b", "", "demographics", 0, "demographics_complete"): "2", ("c", "", "demographics", 0, "demographics_complete"): "0"},
        "never": (("type", "*", "*"), ("column", "*", "*"), ("duplicate", "*", "*")),
    },
    "potentially-problematic-dictionary": files("potentially-problematic-dictionary") | {  # data.csv is one line end; the dictionary has a BOM
        "records": 0, "record_id": "record_id", "fields": {"form_1": 6}, "types": {"text": 1, "dropdown": 1, "radio": 4}, "columns": 0, "flat_rows": 0,
        "rows": {"form_1": 0},
        "never": (("choices", "*", "*"), ("column", "*", "*")),
    },
    "potentially-problematic-values": files("potentially-problematic-values") | {
        "records": 2, "record_id": "record_id", "fields": {"form_1": 4}, "types": {"text": 4}, "columns": 5, "flat_rows": 2, "rows": {"form_1": 2},
        # two cells of each field: the text of both records is no date, no integer
        "nonconforming": {("form_1", "date_before_validation"): (2, 3), ("form_1", "integer_before_validation"): (2, 3)},
        "cells": {("1", "", "form_1", 0, "date_before_validation"): "before validation 1",
                  ("2", "", "form_1", 0, "date_before_validation"): "before validation 2",
                  ("1", "", "form_1", 0, "integer_before_validation"): "before validation 1",
                  ("2", "", "form_1", 0, "integer_before_validation"): "before validation 1",
                  ("1", "", "form_1", 0, "time_1"): "2010-01-02", ("2", "", "form_1", 0, "time_1"): "55:02"},
        # time_1 has no validation: a date in one row, 55:02 in the other, text in both
        "never": (("type", "form_1", "time_1"), ("required", "*", "*"), ("column", "*", "*")),
    },
    "repeating-instruments": files("repeating-instruments") | {
        "records": 2, "record_id": "record_id", "fields": {"demographics": 8, "bp": 3}, "types": {"text": 8, "radio": 2, "dropdown": 1}, "columns": 15,
        "flat_rows": 6, "identifiers": 2,
        # 2 base rows (lines 2 and 6), 3 + 1 repeat rows; the record id stands on repeat rows too and makes no row of demographics there
        "rows": {"demographics": 2, "bp": 4}, "keys": {"demographics": (("1", "", 0), ("2", "", 0)),
                                                       "bp": (("1", "", 1), ("1", "", 2), ("1", "", 3), ("2", "", 1))},
        "repeating": (("", "bp"),), "no_field": ("redcap_repeat_instrument", "redcap_repeat_instance"),
        "cells": {("1", "", "bp", 3, "bp_systolic"): "112", ("2", "", "bp", 1, "date_bp"): "2004-04-04", ("2", "", "bp", 1, "bp_complete"): "2",
                  ("1", "", "demographics", 0, "age"): "8.9",
                  ("1", "", "demographics", 0, "sex"): "0", ("2", "", "demographics", 0, "race"): "6"},  # codes, not 0.0 and 6.0
        # blanks of bp on base rows and of demographics on repeat rows are no missing answers
        "never": (("required", "*", "*"), ("type", "*", "*"), ("range", "*", "*"), ("choice", "*", "*"), ("duplicate", "*", "*"), ("column", "*", "*")),
    },
    "survey": files("survey") | {
        "records": 2, "record_id": "participant_id", "identifiers": 5, "columns": 33, "flat_rows": 2,
        "fields": {"prescreening_survey": 5, "participant_info_survey": 9, "participant_morale_questionnaire": 4, "completion_data": 7},
        "types": {"text": 11, "dropdown": 6, "notes": 2, "radio": 2, "yesno": 2, "truefalse": 1, "checkbox": 1},
        # Three forms hold a status '0' and nothing; a survey's time stamp, '[not completed]' too, is of no field and makes no row.
        "rows": {"prescreening_survey": 2, "participant_info_survey": 0, "participant_morale_questionnaire": 0, "completion_data": 0},
        "no_field": ("redcap_survey_identifier", "prescreening_survey_timestamp", "participant_info_survey_timestamp",
                     "participant_morale_questionnaire_timestamp"),
        "cells": {("1", "", "prescreening_survey", 0, "has_diabetes"): "1", ("2", "", "prescreening_survey", 0, "has_diabetes"): "0",
                  ("1", "", "prescreening_survey", 0, "consent___1"): "1",
                  ("2", "", "prescreening_survey", 0, "consent___1"): "0", ("1", "", "prescreening_survey", 0,
                                                                            "prescreening_survey_timestamp"): "2018-03-06 15:52:43",
                  ("1", "", "participant_morale_questionnaire", 0, "participant_morale_questionnaire_timestamp"): "[not completed]"},
        "xml_differs": {"cells": {("1", "", "prescreening_survey", 0, "prescreening_survey_timestamp"): "2024-10-13 20:39:30"}},
        "never": (("type", "*", "*"), ("column", "*", "*"), ("required", "*", "*"), ("choice", "*", "*")),
    },
    "validation-types-1": files("validation-types-1") | {
        "records": 1, "record_id": "record_id", "fields": {"form_1": 50}, "flat_rows": 1,
        "columns": 52,  # 50 - descriptive + 2 more options + status
        "types": {"text": 38, "file": 2, "calc": 1, "checkbox": 1, "descriptive": 1, "dropdown": 1, "notes": 1, "radio": 1, "slider": 1, "sql": 1,
                  "truefalse": 1, "yesno": 1},
        # The only row: record id, three boxes '0', status '0', 47 blanks. In the XML f_calculated is 7 and fills the form.
        "rows": {"form_1": 1}, "rows_without_id": {"form_1": 0},
        "cells": {("1", "", "form_1", 0, "f_checkbox___0"): "0", ("1", "", "form_1", 0, "f_checkbox___2"): "0", ("1", "", "form_1", 0, "f_calculated"): "",
                  ("1", "", "form_1", 0, "v_time_mm_ss"): "", ("1", "", "form_1", 0, "form_1_complete"): "0"},
        "xml_differs": {"rows_without_id": {}, "cells": {("1", "", "form_1", 0, "f_calculated"): "7"}},
        # 38 texts: record_id, f_text and the 36 of VALIDATIONS. Slider labels and the SQL statement are no choices; f_descriptive has no column and
        # is not missing
        "never": (("choices", "form_1", "f_slider"), ("choices", "form_1", "f_sql"), ("column", "form_1", "f_descriptive"), ("type", "*", "*"),
                  ("required", "*", "*"), ("range", "*", "*")),
    },
}
