"""One cell of REDCap that holds what its field cannot hold: wrong types, codes not in the list, values out of range, marks of Excel, pandas and bad encodings."""

from __future__ import annotations

import datetime

from tests.independent.planted_cut import day, number
from tests.independent.planted_kind import Kind, Place, cell

VISITS = "month_3 month_6 month_12 month_18"
INTERVIEWS = "month_6 month_12 month_24"


def filled(*names: str):
    return lambda row: all(number(row[name]) is not None for name in names)


def dated(name: str):
    return lambda row: day(row[name]) is not None


def on_the_row(*names: str):
    """The same row's calculations, which cannot be recomputed from the damaged cell."""
    return lambda row: [Place("redcap", row.record, row["redcap_event_name"], field=name) for name in names]


def in_words(value, chance):
    return chance.choice(["eighty", "about 80", "75-80", "normal"])


def american(value, chance):
    date = datetime.date.fromisoformat(value)
    return f"{date.month}/{date.day}/{date:%y}"


def late_by_decades(value, chance):
    return f"20{chance.choice('2345')}{value[3:]}"


def too_many_days_missed(value, chance):
    return "31"


def with_score(row):
    """REDCap would have calculated the score from the wrong answer, too."""
    return round(((30 - 31) * 100 / 30 + (int(row["adh_job"]) - 1) * 20 + (int(row["adh_often"]) - 1) * 20) / 3, 1)


def in_metres(value, chance):
    return f"{int(value) / 100:.2f}"


TYPES = (
    cell("words_in_integer", "A blood pressure is written in words.", "error", VISITS, "vis_diastolic", in_words, when=filled("vis_diastolic")),
    cell("decimals_in_integer", "A whole number has decimals.", "error", VISITS, "vis_systolic", lambda v, _: f"{v}.5", when=filled("vis_systolic")),
    cell("decimal_comma", "A weight has a decimal comma, as a South African Excel writes it.", "error", VISITS, "vis_weight",
         lambda v, _: v.replace(".", ","), when=lambda row: filled("vis_weight")(row) and "." in row["vis_weight"]),
    cell("pandas_nan", "A blank went through pandas and came back as text.", "error", VISITS, "vis_weight", lambda _, chance: chance.choice(["nan", "NaN"]), when=filled("vis_weight")),
    cell("excel_exponent", "Excel turned a count into scientific notation.", "error", "enrolment", "bas_cd4", lambda v, _: f"{int(v):.2E}", when=filled("bas_cd4")),
    cell("invisible_character", "A no-break space was pasted behind a number.", "error", VISITS, "vis_diastolic", lambda v, _: f"{v}\u00a0", when=filled("vis_diastolic")),
    cell("undeclared_missing_word", "A word that is no missing-data code of the project stands for a missing value.", "error", "enrolment", "bas_hb",
         lambda _, chance: chance.choice(["N/A", "ND", "unknown", "."]), when=filled("bas_hb")),
    cell("missing_code_in_lower_case", "A missing-data code is misspelt.", "error", VISITS, "vis_moved", lambda _, chance: chance.choice(["unk", "Nask"])),
    cell("excel_error_value", "An error value of a spreadsheet stands in a number.", "error", "enrolment", "bas_hb",
         lambda _, chance: chance.choice(["#VALUE!", "#REF!", "#DIV/0!"]), when=filled("bas_hb")),
    cell("code_outside_list", "A code is not among the choices.", "error", "enrolment", "bas_education", lambda _, chance: chance.choice("0579")),
    cell("label_for_code", "The label was imported in place of the code.", "error", "enrolment", "bas_housing", lambda _, chance: chance.choice(["Informal dwelling", "Formal house or flat"])),
    cell("code_as_float", "A code went through a float column and is now 1.0 or 0.0.", "error", "enrolment", "bas_partner", lambda v, _: f"{v}.0"),
    cell("yes_no_two", "A yes-no question holds 2, as in questionnaires that number yes 1 and no 2.", "error", "enrolment", "bas_tb", lambda *_: "2"),
    cell("box_neither_0_nor_1", "A tick box column holds a word.", "error", "enrolment", "bas_assets___3", lambda _, chance: chance.choice(["Checked", "X", "TRUE"])),
    cell("status_no_status", "The status of a form is none of 0, 1, 2.", "error", VISITS, "adherence_complete", lambda _, chance: chance.choice(["3", "Complete", "-1"])),
    cell("excel_date", "Excel rewrote a date as month/day/year.", "error", INTERVIEWS, "audit_date", american, when=dated("audit_date")),
    cell("day_that_never_was", "A date is not in the calendar.", "error", "enrolment month_12", "sti_date", lambda v, chance: v[:5] + chance.choice(["02-30", "06-31", "13-05", "00-12"]),
         when=dated("sti_date")),
    cell("compact_date", "A date came without hyphens from another database.", "error", INTERVIEWS, "audit_date", lambda v, _: v.replace("-", ""), when=dated("audit_date")),
    cell("date_with_midnight", "A date was saved as a time stamp.", "error", INTERVIEWS, "epds_date", lambda v, _: f"{v} 00:00:00", when=dated("epds_date")),
    cell("clock_that_never_was", "A time is no time of the day.", "error", VISITS, "vis_time", lambda v, chance: chance.choice(["25:10", "14h16", "9.30", "12:75"]),
         when=lambda row: ":" in row["vis_time"]),
)

RANGES = (
    cell("minus_99_for_missing", "-99 was typed for a missing blood pressure.", "warning", VISITS, "vis_systolic", lambda *_: "-99", when=filled("vis_systolic")),
    cell("slider_beyond_its_end", "A slider of 0 to 100 holds more.", "warning", VISITS, "vis_health", lambda v, _: f"{v}0", when=lambda row: (number(row["vis_health"]) or 0) > 10),
    cell("haemoglobin_per_litre", "Haemoglobin in g/L, not g/dL.", "warning", "enrolment", "bas_hb", lambda v, _: f"{float(v) * 10:.0f}", when=filled("bas_hb")),
    cell("weight_in_grams", "A weight in grams, not kilograms.", "warning", VISITS, "vis_weight", lambda v, _: f"{float(v) * 1000:.1f}", when=filled("vis_weight")),
    cell("birth_weight_tenfold", "A birth weight has a digit too many, or one too few.", "error", "enrolment", "infant_weight",
         lambda v, chance: chance.choice([f"{v}0", v[:-1]]), form="infants", when=lambda row: len(row["infant_weight"]) == 4),
    cell("birth_weight_in_kilograms", "A birth weight in kilograms in a field of whole grams.", "error", "enrolment", "infant_weight", lambda v, _: f"{int(v) / 1000:.1f}",
         form="infants", when=filled("infant_weight")),
    cell("date_of_another_century", "A date of disclosure lies before its minimum by a century.", "warning", "enrolment month_12", "dis_partner_date", lambda v, _: f"19{v[2:]}",
         when=dated("dis_partner_date")),
    cell("date_not_yet_come", "An interview is dated decades after the cut-off.", "warning", INTERVIEWS, "audit_date", late_by_decades, when=dated("audit_date")),
    cell("visit_at_night", "A visit at three in the morning: the 12-hour clock.", "warning", VISITS, "vis_time", lambda v, chance: f"0{chance.choice('1234')}{v[2:]}",
         when=lambda row: ":" in row["vis_time"]),
    cell("birth_date_of_the_child", "The date of birth of a woman screened is her child's.", "warning", "screening", "scr_dob", lambda v, _: "2015-06-01",
         when=lambda row: row["scr_eligible"] == "0" and row["scr_ineligible___1"] == "0"),
)

TEXTS = (
    cell("damaged_letters", "Letters outside ASCII became code points on their way through R.", "warning", VISITS, "vis_notes",
         lambda v, chance: chance.choice(["Tel <U+043D><U+0435><U+0442> ring", "Uthi <U+2018>hayi<U+2019>"])),
    cell("formula_in_text", "A note begins with an equals sign: a spreadsheet would run it.", "warning", VISITS, "vis_notes",
         lambda v, chance: chance.choice(["=B2+B3", "=SUM(A1:A9)", '=HYPERLINK("x","y")'])),
)


def with_calculation(kind: Kind, calculation: str, value) -> Kind:
    """The same kind, with a calculation of the row brought up to date as REDCap would."""

    def damage(cut, rows, chance):
        planted = kind.damage(cut, rows, chance)
        rows[0][calculation] = value(rows[0])
        return planted

    return Kind(kind.name, kind.description, kind.severity, kind.find, damage, kind.needs)


CALCULATED = (
    with_calculation(
        cell("more_days_missed_than_asked", "31 days with a missed dose in the last 30.", "error", VISITS, "adh_missed", too_many_days_missed,
             when=filled("adh_missed", "adh_job", "adh_often"), also=on_the_row("adh_score")),
        "adh_score", lambda row: f"{with_score(row)}"),
    with_calculation(
        cell("height_in_metres", "A height in metres in a field of whole centimetres.", "error", "enrolment", "bas_height", in_metres,
             when=filled("bas_height", "bas_weight"), also=on_the_row("bas_bmi")),
        "bas_bmi", lambda row: f"{float(row['bas_weight']) * 10000 / float(row['bas_height']) ** 2:.1f}"),
)

KINDS = (*TYPES, *RANGES, *TEXTS, *CALCULATED)
