"""Central monitoring in words and tables: what stands out, how it was found, and the numbers behind the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacer_analysis.tables import cells, numbers
from pacer_analysis.tables.labels import words
from pacer_analysis.tables.model import Cell, Column, Row, Table
from pacer_analysis.tables.quality import Lines, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# How the value of a measure is printed; of any other measure, as a measured number.
SHARES = frozenset({"digit_preference", "date_heaping", "weekday", "weekend_share", "site_missing", "site_queries", "inliers"})
COUNTS = frozenset({"busiest_day", "duplicate_rows"})
WIDTH_OF_LIMITS = 2 * 3.090232306167813       # standard errors between the 99.8% limits
EVERYWHERE = "all"
FLAGS = {"high": "high", "low": "low", "uneven": "uneven", "repeated": "repeated"}


def number_of(line: Mapping[str, str], name: str) -> float | None:
    """A cell of a results file as a number."""
    return float(line[name]) if line.get(name) else None


def flagged(lines: Lines) -> list[Mapping[str, str]]:
    """The comparisons that stand out."""
    return [line for line in lines if line.get("flag")]


def of(lines: Lines, measure: str) -> list[Mapping[str, str]]:
    """The lines of one measure."""
    return [line for line in lines if line.get("measure") == measure]


def printed(line: Mapping[str, str], name: str) -> str:
    """A value of a comparison as its measure prints it; empty where there is none."""
    value = number_of(line, name)
    if value is None:
        return ""
    if line.get("measure") in SHARES:
        return numbers.percent(value)
    if line.get("measure") in COUNTS:
        return numbers.count(value) if float(value).is_integer() else numbers.rounded(value, 2)
    low, high = number_of(line, "low"), number_of(line, "high")
    return numbers.rounded(value, numbers.decimals_for((high - low) / WIDTH_OF_LIMITS if low is not None and high is not None else None))


def limits(line: Mapping[str, str]) -> str:
    """The outer limits of a comparison; a count has an upper one only."""
    low, high = printed(line, "low"), printed(line, "high")
    return f"{low} to {high}" if low and high else f"up to {high}" if high else "\N{EN DASH}"


def field_of(line: Mapping[str, str]) -> str:
    """Form and field, the source where there is no form."""
    place = line.get("form") or line.get("source") or ""
    return ": ".join(part for part in (place, line.get("field", "")) if part) or "\N{EN DASH}"


def site_of(line: Mapping[str, str]) -> str:
    """The site of a comparison."""
    return words(line["site"]) if line.get("site") else EVERYWHERE


def order(lines: Lines) -> list[Mapping[str, str]]:
    """Comparisons of all sites before those of one, each the least probable first, measures together in the order of the file."""
    measures = list(dict.fromkeys(line["measure"] for line in lines))
    return sorted(lines, key=lambda line: (measures.index(line["measure"]), number_of(line, "p") or 0.0, line.get("form", ""), line.get("field", ""), line.get("site", "")))


def stands_out(lines: Lines, measures: Lines, number: str, *, source: str) -> Table | None:
    """The comparisons that are flagged, under the title of their measure; none if nothing is."""
    found = order(flagged(lines))
    if not found:
        return None
    titles = {line["measure"]: line["title"] for line in measures}
    columns = [Column("Form and field", text=True), Column("Site", text=True), Column("n"), Column("Value"), Column("Expected"), Column("99.8% limits"), Column("p"),
               Column("Flag", text=True), Column("Note", text=True)]
    rows: list[Row] = []
    for place, line in enumerate(found):
        if not place or found[place - 1]["measure"] != line["measure"]:
            rows.append(Row(titles.get(line["measure"], words(line["measure"])), heading=True))
        rows.append(Row(line.get("label") or line.get("field", ""), (
            cells.plain(field_of(line)), cells.plain(site_of(line)), *(cells.figures(text or "\N{EN DASH}") for text in (
                numbers.count(number_of(line, "n") or 0), printed(line, "value"), printed(line, "expected"), limits(line), p_of(line))),
            cells.plain(FLAGS.get(line["flag"], line["flag"])), cells.plain(line.get("note") or "\N{EN DASH}")), level=1))
    return table("monitoring", number, "What stands out", "", columns, rows, source, [rule_of(measures)])


def p_of(line: Mapping[str, str]) -> str:
    """The p-value of a comparison."""
    p = number_of(line, "p")
    return numbers.p_value(p) if p is not None else ""


def rule_of(measures: Lines) -> str:
    """When a comparison is flagged."""
    return next((line.get("method", "") for line in measures if line["measure"] == "flag"), "")


def compared(measures: Lines) -> tuple[int, int]:
    """How many comparisons were made, and how many stand out."""
    line = next((line for line in measures if line["measure"] == "flag"), {})
    return int(line.get("comparisons") or 0), int(line.get("flagged") or 0)


def methods(measures: Lines, number: str, *, source: str) -> Table | None:
    """Every measure that compared anything, with its method; none if none did."""
    made = [line for line in measures if line["measure"] != "flag" and float(line["comparisons"] or 0)]
    rows = [Row(line["title"], (cells.plain(line["method"]), cells.tally(float(line["comparisons"])), cells.tally(float(line["flagged"] or 0)))) for line in made]
    if not rows:
        return None
    return table("monitoring-methods", number, "Measures of central monitoring", "Measure", [Column("Method", text=True), Column("Comparisons"), Column("Flagged")], rows, source,
                 ["Only open tables are read, and no arm is known here", rule_of(measures)])


def by_site(lines: Lines, number: str, title: str, key: str, *, size: str, source: str) -> Table:
    """The numbers behind a funnel: each site with its share, the outer limits and how far out it lies."""
    rows = [Row(site_of(line), tuple(cells.figures(text) for text in (
        numbers.count(number_of(line, "n") or 0), printed(line, "value"), limits(line), numbers.statistic(number_of(line, "statistic") or 0.0), p_of(line))))
            for line in sorted(lines, key=lambda line: line.get("site", ""))]
    target = printed(lines[0], "expected") if lines else ""
    return table(key, number, title, "Site", [Column(size), Column("Share"), Column("99.8% limits"), Column("z"), Column("p")], rows, source,
                 [f"All sites: {target}", *(line["note"] for line in lines[:1] if line.get("note"))])


def by_field(lines: Lines, fields: Sequence[tuple[str, str]], sites: Sequence[str], number: str, title: str, key: str, *, source: str) -> Table:
    """The numbers behind a figure of fields: for every field its value at all sites and, with z, at each."""
    at = {(line.get("form", ""), line.get("field", ""), line.get("site", "")): line for line in lines}
    rows = []
    for form, field in fields:
        own = [line for site in sites if (line := at.get((form, field, site)))]
        rows.append(Row(own[0].get("label") or field, (cells.figures(printed(own[0], "expected")), *(value_and_z(at.get((form, field, site))) for site in sites))))
    return table(key, number, title, "Field", [Column("All sites"), *(Column(f"{words(site)} (z)") for site in sites)], rows, source)


def value_and_z(line: Mapping[str, str] | None) -> Cell:
    """A site's value and, in brackets, how far out it lies."""
    if line is None:
        return cells.NONE
    return cells.figures(f"{printed(line, 'value')} ({numbers.statistic(number_of(line, 'statistic') or 0.0)})")


def distribution(panels: Sequence[tuple[str, Mapping[int, int]]], classes: Sequence[int], heads: Sequence[str], number: str, title: str, key: str, *, source: str) -> Table:
    """The counts behind small multiples: a row per field, a column per digit or day."""
    rows = [Row(label, (*(cells.tally(counts[place]) if place in counts else cells.NONE for place in classes), cells.tally(sum(counts.values())))) for label, counts in panels]
    return table(key, number, title, "Field", [*(Column(head) for head in heads), Column("All")], rows, source)
