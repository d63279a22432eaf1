"""Dates of visits, deaths and the time origin that contradict the plan: its windows, its order of visits, its events."""

from __future__ import annotations

import datetime

from tests.independent.planted_cut import day, days, from_stata, to_stata
from tests.independent.planted_kind import Kind, Place, Planted, everywhere, here

WINDOWS = {"month_3": (43, 136), "month_6": (137, 273), "month_12": (274, 456), "month_18": (457, 639), "month_24": (640, 822)}  # days since delivery, both ends included
DATES = {"laboratory": "sample_date", "art_visits": "visit_date", "clubs": "session_date"}


def delivered(cut, record):
    return day(cut.base(record, "enrolment_arm_1")["enr_delivery_date"])


def in_window(cut, row, date):
    event = row["redcap_event_name"].removesuffix("_arm_1")
    low, high = WINDOWS[event]
    return low <= (date - delivered(cut, row.record)).days <= high


def visits(cut, *events):
    """The rows of visits that were made inside their windows."""
    for event in events:
        for row in cut.at(f"{event}_arm_1"):
            date = day(row["vis_date"])
            if date is not None and in_window(cut, row, date):
                yield row


def year_before(date: datetime.date) -> datetime.date:
    return date.replace(year=date.year - 1) if (date.month, date.day) != (2, 29) else date - days(366)


def day_and_month(date: datetime.date) -> datetime.date | None:
    """The date with day and month exchanged, where that is another date."""
    return date.replace(month=date.day, day=date.month) if date.day <= 12 and date.day != date.month else None


def redate(row, date):
    row["vis_date"] = date.isoformat() if isinstance(date, datetime.date) else date
    return here(row, "vis_date", also=everywhere(row.record))


def turn_back_year(cut, rows, chance):
    (row,) = rows
    return redate(row, year_before(day(row["vis_date"])))


def find_swappable_day(cut):
    for row in visits(cut, "month_3", "month_18"):
        other = day_and_month(day(row["vis_date"]))
        if other is not None and other <= cut.cutoff and not in_window(cut, row, other):
            yield (row,)


def swap_day_and_month(cut, rows, chance):
    (row,) = rows
    return redate(row, day_and_month(day(row["vis_date"])))


def find_neighbouring_visits(cut):
    for row in visits(cut, "month_12"):
        later = cut.base(row.record, "month_18_arm_1")
        date = day(later["vis_date"]) if later is not None else None
        if date is not None and in_window(cut, later, date):
            yield row, later


def exchange_visit_dates(cut, rows, chance):
    earlier, later = rows
    earlier["vis_date"], later["vis_date"] = later["vis_date"], earlier["vis_date"]
    return here(earlier, "vis_date", also=everywhere(earlier.record))


def find_visit_with_sample(cut):
    for row in visits(cut, "month_3"):
        after = cut.base(row.record, "month_6_arm_1")
        samples = [one for one in cut.of("laboratory", row.record) if one["vl_type"] == 1 and one["sample_date"] == to_stata(day(row["vis_date"]))]
        late = delivered(cut, row.record) + days(137 + 14)
        if len(samples) == 1 and after is not None and day(after["vis_date"]) and late < day(after["vis_date"]):
            yield row, samples[0]


def come_late(cut, rows, chance):
    """The visit took place after its window, its sample with it."""
    row, sample = rows
    date = delivered(cut, row.record) + days(137 + chance.randint(1, 13))
    sample["sample_date"] = to_stata(date)
    return redate(row, date)


def not_dated(cut, rows, chance):
    (row,) = rows
    return redate(row, chance.choice(["NI", "UNK"]))


def origin_not_asked(cut, rows, chance):
    (row,) = rows
    row["enr_rand_date"] = "NASK"
    return here(row, "enr_rand_date", also=everywhere(row.record))


def last_date(cut, source, record):
    dates = [from_stata(row[DATES[source]]) for row in cut.of(source, record) if row[DATES[source]] is not None and (source != "clubs" or row["attendance"] in {1, 2, 3})]
    return max(dates, default=None)


def completed(cut):
    """The final rows of women who completed the trial on the day of their last visit."""
    for row in cut.at("continuous_arm_1"):
        last = cut.base(row.record, "month_24_arm_1")
        if row["eos_reason"] == "1" and day(row["eos_date"]) and last is not None and last["vis_date"] == row["eos_date"]:
            yield row, last


def die(row, date):
    """The end of participation becomes a death, with all that its form asks for."""
    row["eos_date"], row["eos_reason"], row["eos_death_cause"] = date.isoformat(), "2", "9"


def die_before_last_visit(cut, rows, chance):
    row, visit = rows
    die(row, day(visit["vis_date"]) - days(chance.randint(3, 9)))
    return here(visit, "vis_date", also=everywhere(row.record))


def find_seen_later_in(source):
    """Completed women with a later date in a linked source, as a finder."""

    def find(cut):
        for row, _ in completed(cut):
            last = last_date(cut, source, row.record)
            if last is not None and (last - day(row["eos_date"])).days >= 10:
                yield (row,)

    return find


def die_before_last_date_in(source):
    def damage(cut, rows, chance):
        (row,) = rows
        die(row, last_date(cut, source, row.record) - days(chance.randint(2, 9)))
        return Planted("", source, row.record, field=DATES[source], instead=(Place(source, row.record),), also=everywhere(row.record))

    return damage


KINDS = (
    Kind("year_not_turned", "A visit carries the year before: January's error.", "warning", lambda cut: ((row,) for row in visits(cut, "month_18")), turn_back_year),
    Kind("visit_before_randomisation", "The first visit after enrolment carries the year before, and so lies before randomisation.", "error",
         lambda cut: ((row,) for row in visits(cut, "month_3")), turn_back_year),
    Kind("day_and_month_exchanged", "Day and month of a visit are exchanged, which moves it out of its window.", "warning", find_swappable_day, swap_day_and_month),
    Kind("visit_dates_exchanged", "The dates of two visits are exchanged.", "warning", find_neighbouring_visits, exchange_visit_dates),
    Kind("visit_after_window", "A visit took place after the end of its window.", "warning", find_visit_with_sample, come_late),
    Kind("visit_without_date", "The date of a visit is a missing-data code.", "warning", lambda cut: ((row,) for row in visits(cut, "month_18")), not_dated),
    Kind("randomised_on_no_day", "The date of randomisation is 'not asked'.", "error", lambda cut: ((row,) for row in cut.randomised()), origin_not_asked),
    Kind("visit_after_death", "A visit took place days after the date of death.", "error", completed, die_before_last_visit),
    Kind("dispensing_after_death", "ART was dispensed after the date of death.", "error", find_seen_later_in("art_visits"), die_before_last_date_in("art_visits")),
    Kind("sample_after_death", "Blood was drawn after the date of death.", "error", find_seen_later_in("laboratory"), die_before_last_date_in("laboratory")),
    Kind("session_after_death", "She attended her club after the date of death.", "error", find_seen_later_in("clubs"), die_before_last_date_in("clubs")),
)
