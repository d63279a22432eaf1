"""Contradictions between answers of REDCap that no dictionary states: only a rule of the study finds them."""

from __future__ import annotations

from bisect import bisect_left

from tests.independent.planted_cut import day, days, number
from tests.independent.planted_kind import Kind, Place, everywhere, here


def find_lone_infant(cut):
    for row in cut.at("enrolment_arm_1", "infants"):
        born = day(row["infant_dob"])
        if born is not None and len(cut.repeats(row.record, "infants")) == 1 and born.isoformat() > "2015-03-01":
            yield (row,)


def find_first_test(cut):
    for row in cut.at("continuous_arm_1", "infant_tests"):
        infants = cut.repeats(row.record, "infants")
        born = day(infants[0]["infant_dob"]) if len(infants) == 1 else None
        if born is not None and born.isoformat() > "2015-04-01" and row["redcap_repeat_instance"] == "1" and day(row["inf_test_date"]):
            yield row, infants[0]


def infant_born_on_another_day(cut, rows, chance):
    (row,) = rows
    row["infant_dob"] = (day(row["infant_dob"]) - days(chance.randint(2, 20))).isoformat()
    return here(row, "infant_dob", instead=[Place("redcap", row.record, field="enr_delivery_date")], also=everywhere(row.record))


def tested_before_birth(cut, rows, chance):
    row, infant = rows
    row["inf_test_date"] = (day(infant["infant_dob"]) - days(chance.randint(5, 40))).isoformat()
    return here(row, "inf_test_date", also=everywhere(row.record))


def tested_without_birth(cut, rows, chance):
    row, _ = rows
    row["inf_number"] = "3"
    return here(row, "inf_number", also=everywhere(row.record))


def find_resolved_event(cut):
    for row in cut.at("continuous_arm_1", "adverse_events_women"):
        if row["aew_serious"] == "0" and day(row["aew_onset"]) and day(row["aew_end"]) and row["aew_onset"] > "2015-04-01":
            yield (row,)


def end_before_onset(cut, rows, chance):
    (row,) = rows
    row["aew_end"] = (day(row["aew_onset"]) - days(chance.randint(3, 30))).isoformat()
    return here(row, "aew_end", instead=[here(row, "aew_onset").place])


def grade_fatal(cut, rows, chance):
    (row,) = rows
    row["aew_grade"] = "5"
    return here(row, "aew_grade", instead=[here(row, "aew_outcome").place], also=everywhere(row.record))


def find_weaned(cut):
    for row in cut.at("month_18_arm_1"):
        enrolled = cut.base(row.record, "enrolment_arm_1")
        if day(row["feed_stop_date"]) and enrolled is not None and enrolled["enr_delivery_date"] > "2015-01-15":
            yield row, enrolled


def wean_before_birth(cut, rows, chance):
    row, enrolled = rows
    born = day(enrolled["enr_delivery_date"])
    row["feed_stop_date"] = max(day("2015-01-01"), born - days(chance.randint(10, 200))).isoformat()
    return here(row, "feed_stop_date", also=everywhere(row.record))


def find_interviewed(cut):
    for row in cut.randomised():
        screened = cut.base(row.record, "screening_arm_1")
        if screened is not None and day(row["enr_rand_date"]) and day(row["enr_delivery_date"]) and row["baseline_complete"] == "2":
            yield row, screened


def too_young(cut, rows, chance):
    row, screened = rows
    randomised = day(row["enr_rand_date"])
    screened["scr_dob"] = (randomised.replace(year=randomised.year - 16, day=1) - days(chance.randint(40, 200))).isoformat()
    row["bas_age"] = "16"
    return here(screened, "scr_dob", instead=[here(row, "bas_age").place], also=everywhere(row.record))


def more_births_than_pregnancies(cut, rows, chance):
    row, _ = rows
    row["bas_parity"] = str(min(12, int(number(row["bas_gravidity"])) + chance.choice([1, 2])))
    return here(row, "bas_parity", instead=[here(row, "bas_gravidity").place])


def find_delivered_long_before(cut):
    return ((row, screened) for row, screened in find_interviewed(cut) if (day(row["enr_rand_date"]) - day(row["enr_delivery_date"])).days >= 8)


def treated_after_delivery(cut, rows, chance):
    row, _ = rows
    start, randomised = day(row["enr_delivery_date"]) + days(3), day(row["enr_rand_date"])
    row["bas_art_start"] = start.isoformat()
    row["bas_art_weeks"] = f"{(randomised - start).days / 7:.1f}"
    return here(row, "bas_art_start", also=everywhere(row.record))


def randomised_without_consent(cut, rows, chance):
    _, screened = rows
    screened["scr_consent"], screened["scr_consent_date"], screened["scr_decline"] = "0", "", "2"
    return here(screened, "scr_consent", instead=[Place("redcap", screened.record)])


def randomised_though_ineligible(cut, rows, chance):
    _, screened = rows
    screened["scr_eligible"], screened["scr_leaving"], screened["scr_ineligible___5"] = "0", "1", "1"
    screened["scr_consent"], screened["scr_consent_date"] = "", ""
    return here(screened, "scr_eligible", instead=[Place("redcap", screened.record)])


def find_pressures(cut):
    for row in cut.at("month_6_arm_1"):
        high, low = number(row["vis_systolic"]), number(row["vis_diastolic"])
        if high is not None and low is not None and low >= 75 and high <= 140 and high - low >= 15:
            yield (row,)


def exchange_pressures(cut, rows, chance):
    (row,) = rows
    row["vis_systolic"], row["vis_diastolic"] = row["vis_diastolic"], row["vis_systolic"]
    return here(row, "vis_systolic", instead=[here(row, "vis_diastolic").place])


def find_light_woman(cut):
    for row in cut.at("month_12_arm_1"):
        before = cut.base(row.record, "month_6_arm_1")
        weights = [number(one["vis_weight"]) if one else None for one in (row, before)]
        if None not in weights and max(weights) < 68:
            yield (row,)


def add_hundred(cut, rows, chance):
    (row,) = rows
    row["vis_weight"] = f"1{float(row['vis_weight']):04.1f}"
    return here(row, "vis_weight", instead=[Place("redcap", row.record, field="vis_weight")])


def find_two_persons(cut):
    """A woman screened only, and a randomised one of the same area screened before her."""
    by_area = {}
    for row in cut.randomised():
        first = cut.base(row.record, "screening_arm_1")
        if first is not None:
            by_area.setdefault(row["redcap_data_access_group"], []).append(first)
    dates = {area: sorted(rows, key=lambda row: row["scr_date"]) for area, rows in by_area.items()}
    for n, second in enumerate(cut.screened_only()):
        others = dates.get(second["redcap_data_access_group"], [])
        before = bisect_left(others, second["scr_date"], key=lambda row: row["scr_date"])
        if second["scr_eligible"] == "0" and second["scr_ineligible___1"] == "0" and before:
            yield second, others[(n * 37) % before]


def screen_again(cut, rows, chance):
    """The same woman comes back and gets a second record id."""
    second, first = rows
    for name in ("scr_name", "scr_phone", "scr_folder", "scr_dob"):
        second[name] = first[name]
    return here(second, "scr_folder", instead=[Place("redcap", row.record, "screening_arm_1") for row in rows])


def why(name, description, severity, find, damage):
    return Kind(name, description, severity, find, damage, needs="rule")


KINDS = (
    why("infant_born_on_another_day", "The infant's date of birth is not the date of delivery.", "error", find_lone_infant, infant_born_on_another_day),
    why("infant_tested_before_birth", "The first HIV test of an infant is dated before its birth.", "error", find_first_test, tested_before_birth),
    why("test_of_an_infant_not_born", "A test is of infant 3, but she has one infant.", "error", find_first_test, tested_without_birth),
    why("event_ends_before_onset", "An adverse event ends before it begins.", "error", find_resolved_event, end_before_onset),
    why("fatal_grade_not_fatal", "A resolved adverse event has the grade 'fatal'.", "error", find_resolved_event, grade_fatal),
    why("weaned_before_birth", "Breastfeeding stopped before the delivery.", "error", find_weaned, wean_before_birth),
    why("too_young", "She was 16 at randomisation.", "error", find_interviewed, too_young),
    why("more_births_than_pregnancies", "More births than pregnancies.", "error", find_interviewed, more_births_than_pregnancies),
    why("treated_after_delivery", "ART started after the delivery, though it had to start in this pregnancy.", "error", find_delivered_long_before, treated_after_delivery),
    why("randomised_without_consent", "She declined, and was randomised.", "error", find_interviewed, randomised_without_consent),
    why("randomised_though_ineligible", "She was not eligible, and was randomised.", "error", find_interviewed, randomised_though_ineligible),
    why("pressures_exchanged", "The diastolic pressure exceeds the systolic.", "warning", find_pressures, exchange_pressures),
    why("weight_jumps", "A weight is 100 kg more than half a year before: a digit typed twice.", "warning", find_light_woman, add_hundred),
    why("woman_under_two_ids", "A woman was screened again under a second record id.", "warning", find_two_persons, screen_again),
)
