"""The kinds of errors that are planted, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pacer_analysis.simulate._defects import CellDefect, Context, RowDefect, SheetDefect
from pacer_analysis.simulate._draw import LAST_DAY, NEVER, Flags, iso_dates
from pacer_analysis.simulate._table import Table
from pacer_analysis.simulate._women import AGE_YEAR

if TYPE_CHECKING:
    from pacer_analysis.simulate._flat_files import Sheet

ENROLMENT, CONTINUOUS = "enrolment_arm_1", "continuous_arm_1"
Test = Any


def _any(table: Table | Sheet, _context: Context) -> Flags:
    columns = table.cells if isinstance(table, Table) else table.columns
    return np.ones(len(next(iter(columns.values()))), dtype=bool)


def _is(field: str, code: str) -> Test:
    return lambda table, _: table.cells[field] == code


def _filled(field: str) -> Test:
    return lambda table, _: (table.cells[field] != "") & ~np.isin(table.cells[field].astype(str), ("NASK", "UNK", "NI"))


def _text(value: str) -> Test:
    return lambda *_: value


def _before_randomisation(days: int) -> Test:
    return lambda table, context, row: iso_dates(np.array([context.randomised[context.records[table.woman[row]]] - days]))[0]


def _earlier(field: str, days: int) -> Test:
    return lambda table, _, row: str(np.datetime64(table.cells[field][row]) - days)


def _one_more(field: str) -> Test:
    return lambda table, _, row: str(int(table.cells[field][row]) + 1)


def _too_young(table: Table, _context: Context, row: int) -> str:
    return str(iso_dates(np.array([int(table.date[row] - 17.4 * AGE_YEAR)]))[0])


def _same(_sheet: Sheet, _context: Context, _row: int) -> dict[str, Any]:
    return {}


def _unknown_woman(_sheet: Sheet, _context: Context, row: int) -> dict[str, Any]:
    return {"record_id": f"SYN-9{row:06d}"}


def _unlisted(number: str) -> Test:
    return lambda sheet, _, row: {"record_id": f"SYN-9{row:06d}", "lab_number": number + sheet.columns["lab_number"][row][1:]}


def _soon_followed(sheet: Sheet, _context: Context) -> Flags:
    """Dispensings after which the next of the same woman comes within 60 days."""
    same = sheet.columns["record_id"][1:] == sheet.columns["record_id"][:-1]
    near = np.diff(sheet.columns["visit_date"]) <= 60
    return np.asarray(np.append(same & near, [False]) & (sheet.columns["next_date"] != NEVER), dtype=bool)


def _after_death(sheet: Sheet, context: Context, row: int) -> dict[str, Any]:
    day = context.died[sheet.columns["record_id"][row]] + 15
    return {"visit_date": day, "next_date": day + 28}


def _died(sheet: Sheet, context: Context) -> Flags:
    return np.array([context.died.get(record, LAST_DAY) + 15 <= context.cutoff for record in sheet.columns["record_id"]], dtype=bool)


def _one_criterion(table: Table, _context: Context) -> Flags:
    ticked = np.sum([table.cells[f"aew_criterion___{code}"] == "1" for code in range(1, 7)], axis=0)
    return np.asarray((ticked == 1) & (table.cells["aew_criterion___3"] == "1"), dtype=bool)


KINDS: tuple[CellDefect | SheetDefect | RowDefect, ...] = (
    CellDefect("out_of_range", "month_6_arm_1", "", "vis_systolic", _filled("vis_systolic"), _text("300")),
    CellDefect("out_of_range_enforced", ENROLMENT, "infants", "infant_weight", _any, _text("50"), 1),
    CellDefect("impossible_code", ENROLMENT, "", "bas_housing", _any, _text("7")),
    CellDefect("impossible_code", ENROLMENT, "", "bas_assets___1", _any, _text("2"), 1),
    CellDefect("junk_in_date", ENROLMENT, "", "dis_partner_date", _filled("dis_partner_date"), _text("before validation 1")),
    CellDefect("junk_in_time", "month_3_arm_1", "", "vis_time", _filled("vis_time"), _text("25:70"), 1),
    CellDefect("text_in_number", ENROLMENT, "", "bas_cd4", _filled("bas_cd4"), _text("about 300")),
    CellDefect("text_in_number", ENROLMENT, "", "bas_hb", _filled("bas_hb"), _text("11,2"), 1),
    CellDefect("required_blank", ENROLMENT, "", "bas_education", _any, _text(""), 3),
    CellDefect("required_blank", "month_12_arm_1", "", "vis_place", _any, _text("")),
    CellDefect("required_checkbox_blank", CONTINUOUS, "adverse_events_women", "aew_criterion___3", _one_criterion, _text("0"), 1),
    CellDefect("hidden_filled", "month_6_arm_1", "", "vis_lmp", _is("vis_pregnant", "0"), lambda table, _, row: iso_dates(np.array([table.date[row] - 40]))[0]),
    CellDefect("hidden_filled", CONTINUOUS, "", "eos_death_cause", _is("eos_reason", "1"), _text("9"), 1),
    CellDefect("visit_before_randomisation", "month_3_arm_1", "", "vis_date", _any, _before_randomisation(5)),
    CellDefect("end_before_onset", CONTINUOUS, "adverse_events_women", "aew_end", _filled("aew_end"), _earlier("aew_onset", 3)),
    CellDefect("onset_before_randomisation", CONTINUOUS, "adverse_events_women", "aew_onset", _is("aew_serious", "0"), _before_randomisation(4)),
    CellDefect("stale_calculation", ENROLMENT, "", "bas_age", _any, _one_more("bas_age")),
    CellDefect("stale_calculation", "month_12_arm_1", "", "epds_total", _any, _one_more("epds_total"), 1),
    CellDefect("too_young", "screening_arm_1", "", "scr_dob", lambda table, _: (table.cells["scr_eligible"] == "1") & (table.cells["scr_consent"] == "0"), _too_young, 1),
    CellDefect("eligibility_contradicted", "screening_arm_1", "", "scr_leaving", _is("scr_eligible", "1"), _text("1"), 1),
    CellDefect("more_births_than_pregnancies", ENROLMENT, "", "bas_gravidity", lambda table, _: table.cells["bas_parity"] != "1", _text("1"), 1),
    CellDefect("birth_differs_from_delivery", ENROLMENT, "infants", "infant_dob", _any, _earlier("infant_dob", 10)),
    RowDefect("duplicate_row", "month_6_arm_1"),
    SheetDefect("duplicate_key", "laboratory", "lab_number", lambda sheet, _: sheet.columns["vl_type"] == 2, _same, adds=True),
    SheetDefect("duplicate_key", "art_visits", "visit_date", _any, _same, adds=True),
    SheetDefect("conflicting_key", "laboratory", "lab_number", lambda sheet, _: (sheet.columns["vl_type"] == 2) & (sheet.columns["log10_result"] > 3.3),
                lambda *_: {"result": "150", "log10_result": 2.18}, adds=True, base=1),
    SheetDefect("unknown_record", "laboratory", "record_id", lambda sheet, _: sheet.columns["vl_type"] == 2, _unlisted("X"), adds=True),
    SheetDefect("unknown_record", "mentor_mothers", "record_id", _any, _unknown_woman, adds=True),
    SheetDefect("unreadable_result", "laboratory", "result", lambda sheet, _: (sheet.columns["vl_type"] == 2) & np.isnan(sheet.columns["log10_result"]),
                lambda *_: {"result": "haemolysed"}),
    SheetDefect("future_date", "laboratory", "sample_date", lambda sheet, _: sheet.columns["vl_type"] == 2, lambda _, context, __: {"sample_date": context.cutoff + 300}, base=1),
    SheetDefect("impossible_code", "laboratory", "facility", lambda sheet, _: sheet.columns["vl_type"] == 2, lambda *_: {"facility": 99}, base=1),
    SheetDefect("next_before_visit", "art_visits", "next_date", _soon_followed, lambda sheet, _, row: {"next_date": sheet.columns["visit_date"][row] - 10}),
    SheetDefect("dispensing_after_death", "art_visits", "visit_date", _died, _after_death, adds=True, base=1),
    SheetDefect("junk_in_date", "mentor_mothers", "contact_date", _any, lambda *_: {"contact_date": "31/02/2016"}, base=1),
    SheetDefect("text_in_number", "mentor_mothers", "minutes", _any, lambda *_: {"minutes": "twenty"}, base=1),
    SheetDefect("out_of_range", "clubs", "refill_days", lambda sheet, _: sheet.columns["refill_days"] != NEVER, lambda *_: {"refill_days": 560}, base=1),
    SheetDefect("duplicate_key", "allocation", "id", _any, _same, adds=True, base=1),
    SheetDefect("allocated_on_another_day", "allocation", "allocated_at", _any,
                lambda sheet, _, row: {"allocated_at": f"{np.datetime64(sheet.columns['allocated_at'][row][:10]) + 3} {sheet.columns['allocated_at'][row][11:]}"}, base=1),
)
