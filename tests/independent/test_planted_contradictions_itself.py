"""Each planted defect contradicts a dictionary or the plan, and the same place of the clean cut does not: shown by reading the raw files again."""

from __future__ import annotations

import csv
import datetime
import math
import re
import shutil
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from tests.conftest import PLAN, REPOSITORY, pacer, succeeded
from tests.independent.planted_defects import KINDS, Planted, plant_all

DICTIONARY = REPOSITORY / "data_dictionary/pacer"
KEYS = {
    "redcap": ["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"], "laboratory": ["record_id", "lab_number"],
    "art_visits": ["record_id", "visit_date", "facility"], "clubs": ["record_id", "session_date"], "mentor_mothers": ["record_id", "contact_date", "mode"], "mch_art": ["record_id"],
    "allocation": ["id"],
}
WRITTEN_AS = {
    "date_dmy": r"\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])", "time": r"([01]\d|2[0-3]):[0-5]\d", "integer": r"-?\d+", "number_1dp": r"-?\d+\.\d", "number": r"-?\d+(\.\d+)?",
    "date": r"\d{4}-\d\d-\d\d", "datetime": r"\d{4}-\d\d-\d\d ([01]\d|2[0-3]):[0-5]\d",
}
WINDOWS = {"month_3": (43, 136), "month_6": (137, 273), "month_12": (274, 456), "month_18": (457, 639), "month_24": (640, 822)}
CUTOFF = "2019-06-30"
STATA_DATE = re.compile(r"%-?(td|d)")


class World:
    """The raw files of a folder as frames of text, dates of Stata as ISO dates."""

    def __init__(self, folder: Path) -> None:
        (redcap,) = folder.glob("PACER*_DATA_*.csv")
        self.frames = {name: pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig") for name, path in
                       {"redcap": redcap, "mentor_mothers": folder / "mentor_mothers.csv", "allocation": folder / "allocation.csv"}.items()}
        for name in ("laboratory", "art_visits", "clubs", "mch_art"):
            frame, meta = pyreadstat.read_dta(folder / f"{name}.dta", disable_datetime_conversion=True, user_missing=True)
            for column in frame:
                dated = STATA_DATE.match(meta.original_variable_types[column])
                frame[column] = [as_text(value, bool(dated)) for value in frame[column].tolist()]
            self.frames[name] = frame
        self.rows = {name: {record: part.to_dict("records") for record, part in frame.groupby(frame.columns[0])} for name, frame in self.frames.items()}
        self.women = {record for record, rows in self.rows["redcap"].items() if any(row["redcap_event_name"] == "screening_arm_1" for row in rows)}

    def of(self, source: str, record: str, **named: str) -> list[dict[str, str]]:
        return [row for row in self.rows[source].get(record, []) if named.items() <= row.items()]

    def base(self, record: str, event: str) -> dict[str, str]:
        return next(iter(self.of("redcap", record, redcap_event_name=f"{event}_arm_1", redcap_repeat_instrument="")), {})

    def values(self, defect: Planted) -> list[str]:
        """The values that stand at the place of a defect."""
        named = {"redcap_event_name": defect.event, "redcap_repeat_instance": defect.instance} if defect.source == "redcap" else {}
        return [row[defect.field] for row in self.of(defect.source, defect.record, **named)]


def as_text(value: object, dated: bool) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return (datetime.date(1960, 1, 1) + datetime.timedelta(days=int(value))).isoformat() if dated else str(value).removesuffix(".0")


def fields() -> dict[tuple[str, str], dict[str, str]]:
    """Type, codes and range of every field of every source, by the dictionaries."""
    found = {}
    with (DICTIONARY / "redcap.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            kind, choices = row["Field Type"], row["Choices, Calculations, OR Slider Labels"]
            codes = "1, Yes | 0, No" if kind in {"yesno", "checkbox"} else choices if kind in {"radio", "dropdown"} else ""
            low, high = ("0", "100") if kind == "slider" else (row["Text Validation Min"], row["Text Validation Max"].replace("today", CUTOFF))
            written = "integer" if kind == "slider" else row["Text Validation Type OR Show Slider Number"]
            found["redcap", row["Variable / Field Name"]] = {"type": written, "codes": codes, "min": low, "max": high}
            found["redcap", f"{row['Form Name']}_complete"] = {"type": "", "codes": "0, | 1, | 2, ", "min": "", "max": ""}
    for source in set(KEYS) - {"redcap"}:
        with (DICTIONARY / f"{source}.csv").open(encoding="utf-8", newline="") as file:
            found |= {(source, row["name"]): row for row in csv.DictReader(file)}
    return found


FIELDS = fields()


def field(defect: Planted) -> dict[str, str]:
    return FIELDS[defect.source, defect.field.partition("___")[0]]


def mistyped(world, defect):
    return any(value not in {"", "NASK", "UNK", "NI"} and not re.fullmatch(WRITTEN_AS[field(defect)["type"]], value) for value in world.values(defect)) or (
        field(defect)["type"].startswith("date") and any(re.fullmatch(WRITTEN_AS["date"], value) and pd.isna(pd.to_datetime(value, errors="coerce")) for value in world.values(defect)))


def unlisted(world, defect):
    codes = {choice.partition(",")[0].strip() for choice in field(defect)["codes"].split("|")}
    return any(value not in {*codes, "", "NASK", "UNK", "NI"} for value in world.values(defect))


def beyond(world, defect):
    low, high, written = (field(defect)[name] for name in ("min", "max", "type"))
    size = float if re.match("integer|number|text", written) else str
    high = high or (CUTOFF if written == "date" else "")
    return any((low and size(value) < size(low)) or (high and size(value) > size(high)) for value in world.values(defect) if value not in {"", "NASK", "UNK", "NI"})


def outside(world, defect):
    born = pd.Timestamp(world.base(defect.record, "enrolment")["enr_delivery_date"])
    low, high = WINDOWS[defect.event.removesuffix("_arm_1")]
    return any(not low <= (pd.Timestamp(value) - born).days <= high for value in world.values(defect))


def after_death(world, defect):
    end = world.base(defect.record, "continuous")
    return end["eos_reason"] == "2" and any(value > end["eos_date"] for value in world.values(defect))


def doubled(world, defect):
    keys = [tuple(row[name] for name in KEYS[defect.source]) for row in world.of(defect.source, defect.record)]
    return len(set(keys)) < len(keys)


def orphaned(world, defect):
    return bool(world.of(defect.source, defect.record)) and defect.record not in world.women


def blank(world, defect):
    return "" in world.values(defect)


def stale(calculation):
    """A stored calculation that is not what the row now yields."""

    def differs(world, defect):
        row = world.base(defect.record, defect.event.removesuffix("_arm_1"))
        return abs(float(row[defect.field] or "nan") - calculation(world, row)) > 0.051

    return differs


def days(row, first, last):
    return (pd.Timestamp(row[last]) - pd.Timestamp(row[first])).days


def age(world, row):
    born = world.base(row["record_id"], "screening")["scr_dob"]
    return math.floor(days({"a": born, "b": row["enr_rand_date"]}, "a", "b") / 365.2425)


def filled(world, defect):
    return any(value not in {"", "0"} for value in world.values(defect))


def log_off(world, defect):
    return any(abs(math.log10(float(row["result"])) - float(row["log10_result"])) > 0.05 for row in world.of("laboratory", defect.record)
               if re.fullmatch(r"[\d.]+", row["result"]) and row["log10_result"])


def sequence_off(world, _):
    frame = world.frames["allocation"]
    ordered = frame.assign(number=frame["sequence"].astype(int)).sort_values(["stratum", "allocated_at"])
    return any((part["number"].to_numpy()[1:] <= part["number"].to_numpy()[:-1]).any() for _, part in ordered.groupby("stratum"))


def another_day(world, defect):
    return any(row["allocated_at"][:10] != world.base(defect.record, "enrolment")["enr_rand_date"] for row in world.of("allocation", defect.record))


def in_other_arm(world, defect):
    return any(row["arm"] == "clinic" for row in world.of("allocation", defect.record)) and bool(world.of("clubs", defect.record))


def not_both(world, defect):
    return bool(world.of("allocation", defect.record)) != bool(world.base(defect.record, "enrolment"))


def out_of_the_project(world, defect):
    names = {"screening_arm_1", "enrolment_arm_1", "continuous_arm_1", *(f"{event}_arm_1" for event in WINDOWS)}
    forms = {"", "infants", "infant_tests", "adverse_events_women", "adverse_events_infants", "social_harms", "deviations"}
    return any(row["redcap_event_name"] not in names or row["redcap_repeat_instrument"] not in forms or row["redcap_data_access_group"] not in {"gugulethu", "nyanga", "philippi"}
               or not re.fullmatch("|[1-9]\\d*", row["redcap_repeat_instance"]) for row in world.of("redcap", defect.record))


WITNESSES = {
    mistyped: "words_in_integer decimals_in_integer decimal_comma pandas_nan excel_exponent invisible_character undeclared_missing_word excel_error_value excel_date day_that_never_was "
              "compact_date date_with_midnight clock_that_never_was birth_weight_in_kilograms height_in_metres minutes_in_words contact_day_first allocated_at_no_time",
    unlisted: "missing_code_in_lower_case code_outside_list label_for_code code_as_float yes_no_two box_neither_0_nor_1 status_no_status order_code_unknown facility_unknown "
              "contact_mode_unknown arm_no_code attendance_unknown",
    beyond: "minus_99_for_missing slider_beyond_its_end haemoglobin_per_litre weight_in_grams birth_weight_tenfold date_of_another_century date_not_yet_come visit_at_night "
            "birth_date_of_the_child more_days_missed_than_asked assay_limit_hundredfold spreadsheet_day_number sample_ten_years_early supply_tenfold contact_all_day cd4_hundredfold "
            "contact_not_yet_come refill_tenfold",
    outside: "year_not_turned visit_before_randomisation day_and_month_exchanged visit_dates_exchanged visit_after_window",
    after_death: "visit_after_death dispensing_after_death sample_after_death session_after_death",
    doubled: "instance_repeated row_twice sample_twice dispensing_twice contact_twice parent_record_twice allocated_twice session_twice",
    orphaned: "record_id_mistyped screening_lost sample_of_nobody id_with_letter_o id_in_lower_case id_without_prefix id_blank",
    blank: "required_blank required_blank_shown_by_branching calculation_blank complete_with_blanks contact_without_topic sample_without_date",
    filled: "hidden_answer hidden_box hidden_specification period_of_no_pregnancy none_with_others no_one_and_her_mother",
    stale(age): "stale_age",
    stale(lambda _, row: float(row["bas_weight"]) * 10000 / float(row["bas_height"]) ** 2): "stale_bmi",
    stale(lambda _, row: days(row, "enr_delivery_date", "enr_rand_date")): "stale_days",
    stale(lambda _, row: sum(int(row[f"epds_{i}"]) for i in range(1, 11))): "stale_total",
    log_off: "log10_disagrees log10_for_copies",
    sequence_off: "sequence_against_dates sequence_repeated",
    another_day: "allocation_on_another_day",
    in_other_arm: "club_session_in_the_clinic_arm",
    not_both: "randomised_without_allocation allocated_without_randomisation",
    out_of_the_project: "event_mistyped event_of_another_arm instrument_mistyped instance_zero instance_no_number group_unknown",
}
WITNESS = {name: witness for witness, names in WITNESSES.items() for name in names.split()}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory) -> tuple[World, World, list[Planted]]:
    folder = tmp_path_factory.mktemp("contradictions")
    succeeded(pacer("simulate", PLAN, "--n", 412, "--seed", 8, "--defects", "none", "--out", folder / "clean"))
    shutil.copytree(folder / "clean", folder / "cut")
    planted = plant_all(folder / "cut", 6)
    return World(folder / "clean"), World(folder / "cut"), planted


def test_most_kinds_that_need_no_rule_are_witnessed():
    plain = {kind.name for kind in KINDS if not kind.needs}
    assert set(WITNESS) <= plain
    assert len(plain - set(WITNESS)) <= 16, sorted(plain - set(WITNESS))


@pytest.mark.parametrize("name", WITNESS)
def test_the_defect_contradicts_and_the_clean_cut_does_not(worlds, name):
    clean, damaged, planted = worlds
    for defect in planted:
        if defect.kind == name:
            assert WITNESS[name](damaged, defect), defect
            assert not WITNESS[name](clean, defect), defect
