"""What a right reader must give for every real export of the material: literals, counted in the files themselves by a second author.

PROJECTS[name] | see `expected`. A cell's key is (record, event, form, instance, column): event '' in a classic project, instance 0 where nothing repeats.
"data", "dictionary", "xml"  paths below the material folder (None: there is no such file)
"records", "record_id"       different record ids; the name of the first field of the first form
"fields"                     forms in order -> number of fields: record id and descriptive counted, `<form>_complete` not. The checkbox is one field.
"types"                      field types -> number of fields, in the dictionary's spelling (XML: select = dropdown, textarea = notes)
"columns"                    columns of data.csv, header counted by its commas
"flat_rows"                  rows of data.csv; without one: rows a flat export of the XML has (every used (record, event, instrument, instance) once)
"rows"                       rows per form: rows on which it can exist and on which a field or the status of it is filled ('0' of a checkbox or
                             status is not), or a repeat row of it. `<form>_timestamp` is no field.
                             The record id is a field of its form: it fills the rows on which that form can exist.
"rows_without_id"            the same where the record id alone is not held to fill a row; only the forms that differ
"by_event", "keys"           rows of a form per event; (record, event, instance) of every row of a form, where few
"events", "mapping"          unique names in order -> (day offset, min, max); event -> forms, for pycap and repeating-events some events only
                             (both from the XML: the folder of the CSV holds no mapping and no offsets)
"repeating"                  (event, form) for a repeating form, (event, '') for a repeating event; event '' in a classic project, though its XML
                             writes event_1_arm_1
"missing_codes", "dags"      of the XML; dags: unique name as in the data -> records
"no_field"                   columns of data.csv that are of no field of the dictionary, status columns not counted
"malformed"                  fields whose choices do not parse: none anywhere, `1, one|2, two` and slider labels and SQL included
"identifiers"                number of fields marked y
"nonconforming"              (form, field) -> lines of data.csv (header = 1) whose value is not of the validation type
"required", "required_blank" form -> required fields; (form, field) -> rows where it is shown and blank: nowhere
"shown"                      (form, field) with branching logic -> records on whose row it is shown
"cells", "typed"             raw text of cells as in the CSV (XML-only projects: as in the XML); the number some of them are
"lengths"                    characters of a cell's raw text in the CSV: too long, or naming people, to be quoted
"xml_differs"                what differs when the same project is read from project.xml: keys of this list, cells as additions and corrections
"never"                      (kind, form, field) no reader may report; * is any. Kinds: type, choice (a value), range, required, hidden, calc,
                             column (unknown or lacking), choices (of the dictionary), duplicate (key).
"""

from __future__ import annotations

from typing import Any

from tests.independent.material_expected_pairs import CSV_PROJECTS
from tests.independent.material_expected_stata import STATA

__all__ = ["DEFAULTS", "DICTIONARY_CELLS", "EXCUSED", "FLAT", "MADE", "PROJECTS", "REFUSED", "STATA", "TABLES_BESIDE", "VALIDATIONS", "XML_DICTIONARY",
           "expected"]

R = "redcap/redcapr/"

DEFAULTS: dict[str, Any] = {
    "data": None, "dictionary": None, "columns": 0, "rows_without_id": {}, "by_event": {}, "keys": {}, "events": {}, "mapping": {}, "repeating": (),
    "missing_codes": {}, "dags": {},
    "no_field": (), "malformed": (), "identifiers": 0, "nonconforming": {}, "required": {}, "required_blank": {}, "shown": {}, "cells": {},
    "typed": {}, "lengths": {},
    "xml_differs": {}, "never": (),
}

# Projects that are XML only: counted in SubjectData / StudyEventData / FormData elements.
XML_PROJECTS: dict[str, dict[str, Any]] = {
    "pycap": {
        "xml": "redcap/pycap/test_long_project.xml", "records": 2, "record_id": "study_id", "identifiers": 6,
        # ItemDefs with a FieldType, checkbox options of one redcap:Variable taken together: 25+6+8+5+4+9+14+12+13 = 96
        "fields": {"demographics": 25, "contact_info": 6, "baseline_data": 8, "visit_lab_data": 5, "patient_morale_questionnaire": 4, "visit_blood_workup": 9,
                   "visit_observed_behavior": 14, "completion_data": 12, "completion_project_questionnaire": 13},
        "types": {"text": 44, "radio": 20, "dropdown": 15, "notes": 6, "checkbox": 5, "calc": 3, "file": 1, "yesno": 1, "slider": 1},
        # record 1: 8 events + the repeat row of baseline_data; record 2: 4 events
        "flat_rows": 13,
        # 9 FormData of patient_morale_questionnaire, but record 2's first visit holds a status '0' and nothing else: 8 used
        "rows": {"demographics": 2, "contact_info": 3, "baseline_data": 2, "visit_lab_data": 4, "patient_morale_questionnaire": 8, "visit_blood_workup": 5,
                 "visit_observed_behavior": 5, "completion_data": 1, "completion_project_questionnaire": 1},
        # The same form repeats in arm 1's event and does not in arm 2's.
        "keys": {"baseline_data": (("1", "enrollment_arm_1", 1), ("2", "enrollment_arm_2", 0)),
                 "contact_info": (("1", "enrollment_arm_1", 0), ("2", "enrollment_arm_2", 0), ("2", "deadline_to_opt_ou_arm_2", 0))},
        "events": {"enrollment_arm_1": (0, 0, 0), "dose_1_arm_1": (1, 0, 0), "visit_1_arm_1": (3, 0, 0), "dose_2_arm_1": (8, 0, 0),
                   "visit_2_arm_1": (10, 0, 0), "dose_3_arm_1": (15, 0, 0),
                   "visit_3_arm_1": (17, 0, 0), "final_visit_arm_1": (30, 0, 0), "enrollment_arm_2": (0, 0, 0), "deadline_to_opt_ou_arm_2": (5, 0, 0),
                   "first_dose_arm_2": (7, 0, 0),
                   "first_visit_arm_2": (10, 2, 2), "second_dose_arm_2": (13, 0, 0), "second_visit_arm_2": (15, 2, 2), "final_visit_arm_2": (20, 2, 2),
                   "deadline_to_return_arm_2": (30, 0, 0)},
        "mapping": {"dose_3_arm_1": ("patient_morale_questionnaire",), "deadline_to_return_arm_2": ("contact_info",),
                    "final_visit_arm_1": ("patient_morale_questionnaire", "visit_blood_workup", "visit_observed_behavior", "completion_data",
                                          "completion_project_questionnaire"),
                    "final_visit_arm_2": ("visit_lab_data", "patient_morale_questionnaire", "visit_blood_workup", "visit_observed_behavior",
                                          "completion_data",
                                          "completion_project_questionnaire")},
        "repeating": (("enrollment_arm_1", "baseline_data"),),
        "no_field": ("redcap_survey_identifier", "contact_info_timestamp"),
        "shown": {("demographics", "given_birth"): (), ("demographics", "num_children"): ()},  # sex is blank for both records
        "cells": {("1", "enrollment_arm_1", "baseline_data", 1, "weight2"): "100", ("2", "enrollment_arm_2", "baseline_data", 0, "weight2"): "50",
                  ("1", "visit_3_arm_1", "visit_lab_data", 0, "vld1"): "7", ("1", "visit_1_arm_1", "visit_observed_behavior", 0, "vob4"): "0",
                  ("1", "final_visit_arm_1", "completion_data", 0, "creat_4"): "2021-12-09",
                  ("2", "first_dose_arm_2", "patient_morale_questionnaire", 0, "pmq1"): "1",
                  ("1", "enrollment_arm_1", "demographics", 0, "gym___0"): "0", ("2", "enrollment_arm_2", "demographics", 0, "sex"): ""},
        # creat_4 is labelled creatinine and is a date; dialysis_unit_phone is a radio, dialysis_unit_name a phone: the dictionary decides, not the name
        "never": (("type", "completion_data", "creat_4"), ("choice", "contact_info", "dialysis_unit_phone"), ("required", "*", "*"), ("column", "*", "*"),
                  ("calc", "*", "*"),
                  ("hidden", "*", "*"), ("range", "*", "*")),
    },
    "repeating-events": {
        "xml": "redcap/redcap-etl/RepeatingEvents.REDCap.xml", "records": 100, "record_id": "record_id", "identifiers": 3,
        "fields": {"enrollment": 8, "contact_information": 8, "emergency_contacts": 6, "weight": 3, "cardiovascular": 10},
        "types": {"text": 29, "dropdown": 3, "calc": 1, "radio": 1, "checkbox": 1},
        "flat_rows": 800,  # 100 enrolments, 100 baselines, 2 x 100 visits, 2 x 100 home weights, 2 x 100 home cardiovascular; no base row of a home visit
        "rows": {"enrollment": 100, "contact_information": 100, "emergency_contacts": 100, "weight": 500, "cardiovascular": 500},
        # 26 + 43 + 31 records in the arms; baseline once, visit (repeating event) twice, home visit (repeating form) twice
        "by_event": {form: {"baseline_arm_1": 26, "visit_arm_1": 52, "home_visit_arm_1": 52, "baseline_arm_2": 43, "visit_arm_2": 86, "home_visit_arm_2": 86,
                            "baseline_arm_3": 31, "visit_arm_3": 62, "home_visit_arm_3": 62} for form in ("weight", "cardiovascular")},
        "events": {"enrollment_arm_1": (1, 0, 0), "baseline_arm_1": (2, 0, 0), "visit_arm_1": (3, 0, 0), "home_visit_arm_1": (4, 0, 0),
                   "enrollment_arm_2": (1, 0, 0),
                   "baseline_arm_2": (2, 0, 0), "visit_arm_2": (3, 0, 0), "home_visit_arm_2": (4, 0, 0), "enrollment_arm_3": (1, 0, 0),
                   "baseline_arm_3": (2, 0, 0),
                   "visit_arm_3": (3, 0, 0), "home_visit_arm_3": (4, 0, 0)},
        "mapping": {"enrollment_arm_2": ("enrollment", "contact_information", "emergency_contacts"), "baseline_arm_3": ("weight", "cardiovascular"),
                    "visit_arm_1": ("weight", "cardiovascular"), "home_visit_arm_1": ("weight", "cardiovascular")},
        "repeating": (("visit_arm_1", ""), ("visit_arm_2", ""), ("visit_arm_3", ""), ("home_visit_arm_1", "weight"), ("home_visit_arm_1", "cardiovascular"),
                      ("home_visit_arm_2", "weight"), ("home_visit_arm_2", "cardiovascular"), ("home_visit_arm_3", "weight"),
                      ("home_visit_arm_3", "cardiovascular")),
        "required": {"enrollment": ("registration_date", "first_name", "last_name", "birthdate", "gender"),
                     "contact_information": ("home_address", "phone1")},
        # XML writes T between date and time (a CSV writes a blank); trailing zeros of number_1dp and number_2dp are text as it was typed.
        "cells": {("1001", "baseline_arm_1", "weight", 0, "weight_time"): "2016-01-22T10:43", ("1001", "visit_arm_1", "weight", 2, "weight_kg"): "95.8",
                  ("1001", "home_visit_arm_1", "weight", 1, "weight_kg"): "94.0", ("1001", "home_visit_arm_1", "weight", 1, "height_m"): "1.70",
                  ("1002", "home_visit_arm_2", "cardiovascular", 1, "cardiovascular_date"): "2016-03-19",
                  ("1002", "visit_arm_2", "cardiovascular", 2, "systolic2"): "126",
                  ("1017", "enrollment_arm_2", "enrollment", 0, "race___3"): "1", ("1017", "enrollment_arm_2", "enrollment", 0, "race___4"): "0",
                  ("1057", "enrollment_arm_3", "enrollment", 0, "registration_age"): "94"},
        "typed": {("1001", "home_visit_arm_1", "weight", 1, "weight_kg"): 94.0, ("1001", "home_visit_arm_1", "weight", 1, "height_m"): 1.7},
        # calc: rounddown(datediff(registration, birth, 'y', 'mdy')). With years of 365.2425 days all 100 agree; by calendar record 1057 would be 95, not 94.
        "never": (("calc", "enrollment", "registration_age"), ("required", "*", "*"), ("type", "*", "*"), ("range", "*", "*"), ("choice", "*", "*"),
                  ("duplicate", "*", "*"), ("column", "*", "*")),
    },
    "multiple-choice": {
        "xml": "redcap/redcap-etl/MultipleChoice.REDCap.xml", "records": 50, "record_id": "record_id", "identifiers": 4, "fields": {"demographics": 10},
        "flat_rows": 50,
        "types": {"text": 5, "radio": 2, "checkbox": 1, "yesno": 1, "truefalse": 1}, "rows": {"demographics": 50},
        # Codes with '-' and '.' and a capital: 0-zero, 4.4, Five.5 -> race___0_zero, race___4_4, race___five_5; sex has 0-1 (34 records) and 1.2 (16).
        "cells": {("1004", "", "demographics", 0, "sex"): "1.2", ("1004", "", "demographics", 0, "race___0_zero"): "1",
                  ("1004", "", "demographics", 0, "race___4_4"): "1",
                  ("1005", "", "demographics", 0, "race___five_5"): "1", ("1005", "", "demographics", 0, "race___4_4"): "0",
                  ("1001", "", "demographics", 0, "sex"): "0-1",
                  ("1045", "", "demographics", 0, "race___1"): "0", ("1002", "", "demographics", 0, "hypertension"): "1"},  # 1045 ticked no race at all
        "never": (("choice", "demographics", "sex"), ("choices", "*", "*"), ("type", "*", "*"), ("column", "*", "*"), ("required", "*", "*")),
    },
}

PROJECTS = CSV_PROJECTS | XML_PROJECTS


def expected(project: str) -> dict[str, Any]:
    """The project's literals with every key present."""
    return DEFAULTS | PROJECTS[project]


# project -> (form, column) -> why data.csv and project.xml may differ there. Every other cell is the same text, one by one.
WHITE_SPACE = ("line breaks are blanks in the CSV and raw in the XML attribute, where a parser makes each one blank: equal once runs of white space are one "
               "blank and the ends are stripped")
NEVER_OPENED = "status of a form never opened: '0' in the CSV, no item in the XML"
EXCUSED: dict[str, dict[tuple[str, str], str]] = {name: {} for name in CSV_PROJECTS} | {
    "checkboxes-1": {("form_2", "desired_result"): WHITE_SPACE, ("form_2", "form_2_complete"): NEVER_OPENED + " (record 4)"},
    # 2 + 4 + 3 + 2 cells of three records. The uploaded file is no excuse: its name is DocName of the ItemDataBase64Binary.
    "longitudinal": {("demographics", "comments"): WHITE_SPACE, ("visit_observed_behavior", "vob7"): WHITE_SPACE,
                     ("visit_observed_behavior", "vob14"): WHITE_SPACE,
                     ("completion_data", "study_comments"): WHITE_SPACE},
    "survey": {("prescreening_survey", "prescreening_survey_timestamp"): "the survey server's stamps: 2018 in the CSV, 2024 in the XML of a copied project",
               ("participant_info_survey", "participant_info_survey_complete"): NEVER_OPENED,
               ("participant_morale_questionnaire", "participant_morale_questionnaire_complete"): NEVER_OPENED + " (record 2)",
               ("completion_data", "completion_data_complete"): NEVER_OPENED},
    "validation-types-1": {("form_1", "f_calculated"): "never saved, so blank in the CSV; the XML export computed it: 7"},
}

# Where the dictionary in the XML says less, more or the same in other words than dictionary.csv. All else is equal: order, labels, notes, flags, logic,
# bounds, calculations.
XML_DICTIONARY = {
    "spelling": {"select": "dropdown", "textarea": "notes", "int": "integer", "float": "number"},
    "only_in_csv": {("validation-types-1", "f_slider"): "bounds -1 and 101", ("validation-types-1", "f_sql"): "the statement SELECT 1 as one;"},
    "only_in_xml": {("longitudinal", "given_birth"): {"1": "Yes", "0": "No"}, ("survey", "has_diabetes"): {"1": "True", "0": "False"},
                    ("survey", "pmq3"): {"1": "Yes", "0": "No"},
                    ("survey", "complete_study"): {"1": "Yes", "0": "No"}, ("validation-types-1", "f_true_false"): {"1": "True", "0": "False"},
                    ("validation-types-1", "f_yes_no"): {"1": "Yes", "0": "No"}},
    "twice": {("survey", "prescreening_survey_timestamp"): "one ItemDef too many of a pseudo-field: no duplicate field"},
}

# The 36 text validations of validation-types-1, every one known: no 'unknown validation type'. (f_signature is a file.)
VALIDATIONS = (
    "alpha_only", "date_dmy", "date_mdy", "date_ymd", "datetime_dmy", "datetime_mdy", "datetime_seconds_dmy", "datetime_seconds_mdy", "datetime_seconds_ymd",
    "datetime_ymd", "email",
    "integer", "mrn_10d", "mrn_generic", "number", "number_1dp", "number_2dp", "number_3dp", "number_4dp", "number_comma_decimal", "number_1dp_comma_decimal",
    "number_2dp_comma_decimal",
    "number_3dp_comma_decimal", "number_4dp_comma_decimal", "phone", "phone_australia", "postalcode_australia", "postalcode_canada", "postalcode_french",
    "postalcode_germany", "ssn",
    "time", "time_hh_mm_ss", "time_mm_ss", "vmrn", "zipcode",
)

# (project, field, attribute) -> what the dictionary (CSV, and XML but for white space) says. Attributes: label, choices, minimum, maximum, calculation,
# branching, matrix_group.
DICTIONARY_CELLS: dict[tuple[str, str, str], Any] = {
    ("checkboxes-1", "check_one", "choices"): {"1": "one", "2": "two", "3": "three", "4": "four"},  # written 1, one|2, two|...: no blank around |
    ("clinical-trial-1", "race", "choices"): {"1": "Asian", "2": "(Not Used)", "3": "Black", "4": "White", "5": "Other/Mixed", "6": "Missing"},
    ("longitudinal", "pmq2", "choices"): {"0": "0", "1": "1", "2": "2", "3": "3", "4": "4", "5": "5"},
    ("longitudinal", "cpq8", "choices"): {"1": "Vascular access related events", "2": "CVD events", "3": "Other"},
    ("longitudinal", "num_children", "branching"): '[sex] = "0" and [given_birth] = "1"',
    ("longitudinal", "drink", "matrix_group"): "weekly_schedule",
    ("decimal-comma", "height", "maximum"): "3",
    ("decimal-comma", "bmi", "calculation"): "round(([weight])/(([height])^(2)),1)",
    ("clinical-trial-1", "dob", "minimum"): "1900-01-01",
    # The file has a BOM: the first header is still Variable / Field Name. Two U+FFFD are lost characters, not ours to mend; U+2212 is a real minus sign.
    ("potentially-problematic-dictionary", "v1", "label"): "Is the laser mounted on the shark?\ufffd?\ufffd",
    ("potentially-problematic-dictionary", "v1", "choices"): {"0": "No", "1": "Yes", "3": "I should find out"},
    ("potentially-problematic-dictionary", "curly_quote_single", "choices"): {"0": "(0) Never or Almost Never", "1": "(1) Sometimes", "2": "(2) Often"},
    ("potentially-problematic-dictionary", "long_dash", "label"): 'Maybe I don\'t "wear the latest clothes" \u2212or even ones that don\'t "reek"',
    # Line breaks inside a quoted dictionary cell: header and 4 fields on 9 physical lines.
    ("potentially-problematic-values", "time_1", "label"): "Potentially problematic time values \n\nSee https://github.com/OuhscBbmc/REDCapR/issues/245",
    ("multiple-choice", "race", "choices"): {"0-zero": "American Indian/Alaska Native", "1": "Asian", "2": "Native Hawaiian or Other Pacific Islander",
                                             "3": "Black or African American",
                                             "4.4": "White", "Five.5": "Other"},
    ("multiple-choice", "sex", "choices"): {"0-1": "Female", "1.2": "Male"},
    ("repeating-events", "registration_age", "calculation"): "rounddown(datediff([registration_date],[birthdate],'y','mdy'))",
}

# Files beside a project: what they hold. event.csv has no day offsets (an older or newer API's columns): not invented, taken from the XML or left blank.
TABLES_BESIDE: dict[str, dict[str, Any]] = {
    R + "longitudinal/arm.csv": {"rows": 2, "columns": ("arm_num", "name"), "arms": {"1": "Drug A", "2": "Drug B"}},  # no line end after the last row
    R + "longitudinal/event.csv": {"rows": 12, "columns": ("event_name", "arm_num", "unique_event_name", "custom_event_label", "event_id"),
                                   "events": tuple(CSV_PROJECTS["longitudinal"]["events"])},
}

# Tables another tool made of repeating-events (read as flat files): rows, columns, key; see material_tables for what they mean.
FLAT: dict[str, dict[str, Any]] = {
    "redcap/redcap-etl/re_enrollment.csv": {"rows": 100, "columns": 15, "key": ("record_id",)},
    "redcap/redcap-etl/re_all_visits.csv": {"rows": 700, "columns": 20, "key": ("record_id", "redcap_event_name", "redcap_repeat_instrument",
                                                                                "redcap_repeat_instance")},
    "redcap/redcap-etl/re_home_weight_visits.csv": {"rows": 200, "columns": 10, "key": ("record_id", "redcap_event_name", "redcap_repeat_instrument",
                                                                                        "redcap_repeat_instance")},
}

# (file given, as what, with which dictionary) -> (class, words): one of the words stands in the message, whatever its case; class None: any error of the
# package's own.
# Never a traceback. A message names the file.
REFUSED: dict[tuple[str, str, str | None], tuple[str | None, tuple[str, ...]]] = {
    (R + "empty-rows/data.csv", "export", R + "empty-rows/dictionary.csv"): ("ExportError", ("empty",)),  # one byte: a line end
    (R + "potentially-problematic-dictionary/data.csv", "export", R + "potentially-problematic-dictionary/dictionary.csv"): ("ExportError", ("empty",)),
    (R + "longitudinal/arm.csv", "export", R + "longitudinal/dictionary.csv"): ("ExportError", ("study_id",)),  # no record id column
    (R + "longitudinal/event.csv", "export", R + "longitudinal/dictionary.csv"): ("ExportError", ("study_id",)),
    (R + "dag/data.csv", "export", R + "survey/dictionary.csv"): ("ExportError", ("participant_id",)),  # another project's export
    (R + "dag/dictionary.csv", "export", R + "dag/dictionary.csv"): ("ExportError", ("record_id",)),
    ("cdisc/ars_ldm.schema.json", "export", R + "dag/dictionary.csv"): ("ExportError", ("record_id",)),
    ("cdisc/ars_ldm.schema.json", "dictionary", None): (None, ("field",)),  # Variable / Field Name or field_name is not there
    (R + "dag/data.csv", "dictionary", None): (None, ("field",)),
    (R + "empty-rows/data.csv", "dictionary", None): (None, ("field", "empty")),
}

# Bodies that are no export of nonnumeric-record-id, made here: text -> (class, words).
MADE: dict[str, tuple[str, tuple[str, ...]]] = {
    "record_id\na\nb\n": ("ExportError", ("column",)),  # a single column
    "<html><body>Out of memory</body></html>\n": ("ExportError", ("record_id",)),
    '{"error":"REDCap ran out of server memory."}\n': ("ExportError", ("record_id",)),
}
