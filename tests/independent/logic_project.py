"""A small project with every structure that logic meets: three arms, a repeating event, a form that repeats in one event only, odd codes, junk."""

from __future__ import annotations

from tests.independent.logic_twin_references import Field, Project, box_column

MISSING_CODES = {"NI": "No information", "UNK": "Unknown", "-99": "Not asked"}

EVENTS = {
    "screening_arm_1": ("Screening", 1),
    "baseline_arm_1": ("Baseline", 1),
    "visit_arm_1": ("Visit", 1),
    "week_4_arm_1": ("Week 4", 1),
    "week_12_arm_1": ("Week 12", 1),
    "log_arm_1": ("Log", 1),
    "close_arm_1": ("Close", 1),
    "baseline_arm_2": ("Baseline", 2),
    "late__follow_up_arm_2": ("Late: follow-up", 2),
    "log_arm_2": ("Log", 2),
    "only_arm_3": ("Only", 3),
}
MAPPING = {
    "screening_arm_1": ["screening"],
    "baseline_arm_1": ["demog", "vitals", "labs"],
    "visit_arm_1": ["vitals"],
    "week_4_arm_1": ["vitals", "labs"],
    "week_12_arm_1": ["vitals"],
    "log_arm_1": ["ae", "meds", "closeout"],
    "close_arm_1": ["closeout"],
    "baseline_arm_2": ["screening", "demog"],
    "late__follow_up_arm_2": ["vitals"],
    "log_arm_2": ["ae", "closeout"],
    "only_arm_3": ["screening", "vitals"],
}
REPEATING_FORMS = {"week_4_arm_1": ["labs"], "log_arm_1": ["ae", "meds"], "log_arm_2": ["ae"]}
REPEATING_EVENTS = ["visit_arm_1"]

YES_NO = {"1": "Yes", "0": "No"}
SCALE = {"0": "Never", "1": "Rarely", "2": "Often", "3": "Always"}
CONDITIONS = {"0": "None", "1": "Asthma", "2": "Diabetes", "02": "Diabetes (old form)", "-99": "Other", "OTH": "Otherwise", "RXCUI-2393": "On aspirin", "A.1": "Cholera"}
LANGUAGES = {"1": "English", "2": "Français, parlé", "02": "French (old form)", "UNK": "Dialect", "-99": "Other"}

FIELDS = {
    "record_id": Field("screening", label="Record"),
    "info": Field("screening", "descriptive", label="<b>For everyone</b> who is asked"),
    "scr_date": Field("screening", validation="date_dmy", label="Date of screening"),
    "dob": Field("screening", validation="date_mdy", label="Date of birth"),
    "sex": Field("screening", "radio", choices={"0": "Female", "1": "Male", "9.9": "Other"}, label="Sex"),
    "lang": Field("screening", "dropdown", choices=LANGUAGES, label="Language"),
    "lang_other": Field("screening", branching="[lang] = '-99'", label="Which language"),
    "consent": Field("screening", "yesno", choices=YES_NO, label="Consent"),
    "consent_dt": Field("screening", validation="datetime_dmy", branching="[consent]=1", label="Time of consent"),
    "scr_time": Field("screening", validation="time", label="Time of screening"),
    "cond": Field("screening", "checkbox", choices=CONDITIONS, label="Conditions"),
    "full_name": Field("screening", label="Name"),
    "zip": Field("screening", validation="zipcode", label="Zip"),
    "note": Field("screening", "notes", branching="[cond(-99)] = '1' OR [cond(OTH)] = '1'", label="Note"),
    "demog_date": Field("demog", validation="date_ymd", label="Date"),
    "height": Field("demog", validation="number_2dp_comma_decimal", label="Height (m)"),
    "weight": Field("demog", validation="number_1dp_comma_decimal", label="Weight (kg)"),
    "bmi": Field("demog", "calc", calculation="round([weight]/([height])^(2), 1)", label="BMI"),
    "income": Field("demog", validation="number", label="Income"),
    "kids": Field("demog", validation="integer", label="Children"),
    "smoker": Field("demog", "truefalse", choices={"1": "True", "0": "False"}, label="Smokes"),
    "packs": Field("demog", validation="number_1dp", branching="[smoker]<>0", label="Packs a day"),
    "moca_complete": Field("demog", "radio", choices={"0": "No", "1": "Partly", "2": "Yes"}, label="MoCA done"),
    "sc_1": Field("demog", "radio", choices=SCALE, label="Score 1"),
    "sc_2": Field("demog", "radio", choices=SCALE, label="Score 2"),
    "sc_3": Field("demog", "radio", choices=SCALE, label="Score 3"),
    "sc_total": Field("demog", "calc", calculation="sum([sc_1],[sc_2],[sc_3])", label="Total"),
    "age": Field("demog", "calc", calculation='rounddown(datediff([screening_arm_1][dob], [demog_date], "y"), 0)', label="Age"),
    "vis_date": Field("vitals", validation="date_ymd", label="Date of visit"),
    "vis_dt": Field("vitals", validation="datetime_seconds_ymd", label="Begun"),
    "vis_time": Field("vitals", validation="time_hh_mm_ss", label="Time"),
    "run_time": Field("vitals", validation="time_mm_ss", label="Minutes and seconds run"),
    "sbp": Field("vitals", validation="integer", label="Systolic"),
    "dbp": Field("vitals", validation="integer", label="Diastolic"),
    "temp": Field("vitals", validation="number_1dp", label="Temperature"),
    "sym": Field("vitals", "checkbox", choices={"1": "Fever", "2": "Cough", "NONE": "None", "-1": "Refused"}, label="Symptoms"),
    "well": Field("vitals", "yesno", choices=YES_NO, branching="[sym(NONE)]='1'", label="Well"),
    "pain": Field("vitals", "slider", label="Pain"),
    "vis_note": Field("vitals", label="Remark"),
    "lab_date": Field("labs", validation="date_mdy", label="Date of sample"),
    "lab_dt": Field("labs", validation="datetime_mdy", label="Received"),
    "hb": Field("labs", validation="number", label="Haemoglobin"),
    "vl": Field("labs", validation="number", label="Viral load"),
    "vl_text": Field("labs", label="As printed"),
    "lab_kind": Field("labs", "radio", choices={"1": "Plasma", "2": "Dried blood", "X": "Unclear"}, label="Kind"),
    "flags": Field("labs", "checkbox", choices={"H": "High", "L": "Low", "N-A": "Not applicable"}, label="Flags"),
    "ae_onset": Field("ae", validation="date_ymd", label="Onset"),
    "ae_end": Field("ae", validation="date_ymd", label="End"),
    "ae_stop": Field("ae", validation="datetime_ymd", label="Drug stopped"),
    "ae_term": Field("ae", label="Term"),
    "ae_grade": Field("ae", "radio", choices={"1": "Mild", "2": "Moderate", "3": "Severe", "4": "Life-threatening", "5": "Fatal"}, label="Grade"),
    "ae_serious": Field("ae", "yesno", choices=YES_NO, label="Serious"),
    "ae_crit": Field("ae", "checkbox", choices={"1": "Death", "2": "Hospital", "3": "Other"}, branching="[ae_serious] = '1'", label="Criterion"),
    "med_name": Field("meds", label="Drug"),
    "med_start": Field("meds", validation="date_dmy", label="From"),
    "med_dose": Field("meds", validation="number", label="Dose"),
    "med_route": Field("meds", "radio", choices={"PO": "By mouth", "IV": "By vein", "OTH": "Other"}, label="Route"),
    "med_days": Field("meds", "calc", calculation="datediff([med_start], [log_arm_1][eos_date], 'd')", label="Days on drug"),
    "eos_date": Field("closeout", validation="date_ymd", label="End of study"),
    "eos_reason": Field("closeout", "radio", choices={"1": "Completed", "2": "Died", "3": "Withdrew", "4": "Lost"}, label="Reason"),
    "eos_note": Field("closeout", "notes", label="Remark"),
}

PROJECT = Project("record_id", EVENTS, MAPPING, REPEATING_FORMS, REPEATING_EVENTS, FIELDS, MISSING_CODES)


def columns(form: str) -> list[str]:
    """The columns of a form in an export, without those of missing codes of checkboxes."""
    found: list[str] = []
    for name, known in FIELDS.items():
        if known.form == form and name != "record_id" and known.kind != "descriptive":
            found += [box_column(name, code) for code in known.choices] if known.kind == "checkbox" else [name]
    return [*found, f"{form}_complete"]


def forms_on(event: str, form: str) -> list[str]:
    """The forms whose columns a row of this event, of this repeating form or of none, fills."""
    return [form] if form else [other for other in MAPPING[event] if other not in REPEATING_FORMS.get(event, [])]
