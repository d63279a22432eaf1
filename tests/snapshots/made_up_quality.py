"""Completeness, corrections, wording and monitoring that no trial gave, as validation and monitoring would write them."""

from __future__ import annotations

import csv
from pathlib import Path

from pacer_analysis.monitoring.findings import COLUMNS, SHAPE_COLUMNS

COMPLETENESS = ("source", "form", "event", "field", "label", "required", "expected", "filled", "blank", "missing_code", "hidden", "not_evaluable", "kind")
CORRECTIONS = ("record", "event", "instrument", "instance", "field", "old", "new", "reason", "who", "date", "label", "site", "source", "line")


def written(path: Path, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_quality(clean: Path) -> None:
    """The files of the data-quality report beyond rules, queries and inventory."""
    events = ("enrolment_arm_1", "month_3_arm_1")
    rows = [("redcap", "baseline", events[0], "bas_education", "Schooling", "y", 412, 405, 4, 3, 0, 0),
            ("redcap", "baseline", events[0], "bas_cd4", "CD4 count", "", 412, 302, 103, 7, 0, 0),
            ("redcap", "baseline", events[0], "bas_notes", "Notes", "", 412, 2, 410, 0, 0, 0),
            *(("redcap", "study_visit", event, "vis_weight", "Weight (kg)", "", 400, 396, 4, 0, 12, 1) for event in events),
            ("laboratory", "", "", "result", "Viral load", "y", 2900, 2899, 1, 0, 0, 0)]
    written(clean / "completeness.csv", COMPLETENESS, [(*row, "entered") for row in rows]
            + [("redcap", "baseline", events[0], "bas_score", "Score", "", 412, 2, 410, 0, 0, 0, "calculated")])
    written(clean / "fields.csv", ("source", "form", "field", "label", "kind", "identifier", "key"),
            [("redcap", "baseline", "bas_notes", "Notes", "text", "", ""), ("redcap", "baseline", "bas_cd4", "CD4 count", "integer", "", ""),
             ("redcap", "screening", "scr_phone", "Telephone", "text", "y", "")])
    written(clean / "corrections.csv", CORRECTIONS,
            [("SYN-0007", events[0], "infants", "2", "infant_weight", "305", "3050", "Digit left out; road-to-health booklet seen", "T.D.", "2016-06-28", "Birth weight (g)",
              "nyanga", "redcap", "40"),
             ("SYN-0009", "", "laboratory", "L0100", "result", "", "<20", "Result came late", "Z.K.", "2016-06-29", "Viral load", "", "laboratory", "77")])
    written(clean / "rules_wording.csv", ("rule", "letter", "words"), [("missing_parity", "B", "A required field is blank."), ("weight_range", "D", "The value lies outside its range.")])
    (clean / "queries.xlsx").write_bytes(b"a workbook")
    write_monitoring(clean)


def write_monitoring(clean: Path) -> None:
    """Three sites, one of them far out in each kind of measure."""
    sites = ("gugulethu", "nyanga", "philippi")
    systolic = ("redcap", "study_visit", "vis_systolic", "Systolic blood pressure (mmHg)")
    visited = ("redcap", "study_visit", "vis_date", "Date of study visit")
    lines: list[tuple[object, ...]] = [
        *(("site_queries", "", "", "", "Records with an open finding", site, 150 + 40 * place, 0.1 + 0.1 * place, 0.2, 0.1, 0.31, -2.0 + 2 * place, 0.04, "", "")
          for place, site in enumerate(sites)),
        *(("site_missing", "", "", "", "All fields asked of every row", site, 9000 + 900 * place, 0.01, 0.012, 0.008, 0.016, -0.5, 0.6, "", "") for place, site in enumerate(sites)),
        *(("site_mean", *systolic, site, 150, 118.2 + 4 * place, 121.04, 119.1, 123.2, -3.4 + 3.6 * place, 0.0007 if place == 2 else 0.2, "high" if place == 2 else "", "")
          for place, site in enumerate(sites)),
        ("digit_preference", *systolic, "", 2200, 0.31, 0.1, "", "", 310.2, 1e-60, "uneven", "0 is the commonest last digit; recorded in steps of 1"),
        ("digit_preference", *systolic, "philippi", 600, 0.67, 0.1, "", "", 900.0, 1e-90, "uneven", "0 is the commonest last digit; recorded in steps of 1"),
        ("duplicate_rows", "redcap", "study_visit", "", "Measured numbers together", "philippi", 610, 12, 0.0139, "", "", "", 1e-30, "repeated", "lines 39, 620; lines 41, 621"),
        ("busiest_day", *visited, "nyanga", 641, 32, 0.48, "", 8, "", 1e-20, "high", "2016-03-09; the next busiest day has 4"),
        ("weekday", *visited, "", 2200, 0.2, 0.1428571429, "", "", "", "", "", "Monday is the commonest"),
    ]
    written(clean / "monitoring.csv", COLUMNS, lines)
    funnel = [(measure, "", "", "", "", size, "", share, share / 2, share * 1.5, share / 4, share * 1.8)
              for measure, share, sizes in (("site_queries", 0.2, (110, 180, 260)), ("site_missing", 0.012, (7000, 9900, 12000))) for size in sizes]
    digits = [("digit_preference", *systolic[:3], "", digit, 680 if digit == 0 else 169, 220, "", "", "", "") for digit in range(10)]
    days = [("weekday", *visited[:3], "", day, 440 if day == 0 else 293, 314.2857143, "", "", "", "") for day in range(7)]
    written(clean / "monitoring_shapes.csv", SHAPE_COLUMNS, [*funnel, *digits, *days])
    titles = {"site_queries": ("Records with an open finding", 3, 0), "site_missing": ("Blank cells", 3, 0), "site_mean": ("Means by site", 3, 1),
              "digit_preference": ("Last digits", 2, 2), "duplicate_rows": ("Rows that repeat another record", 1, 1), "busiest_day": ("Busiest day", 1, 1),
              "weekday": ("Days of the week", 0, 0), "flag": ("What is flagged", 13, 5)}
    written(clean / "monitoring_measures.csv", ("measure", "title", "method", "comparisons", "flagged"),
            [(name, title, "A comparison is flagged if it is beyond chance." if name == "flag" else f"How {title.lower()} are compared.", compared, flagged)
             for name, (title, compared, flagged) in titles.items()])
