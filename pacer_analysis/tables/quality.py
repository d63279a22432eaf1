"""Tables of the data checks: the inventory of the export, findings by rule, site and form, and the rules themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from pacer_analysis.tables import cells, numbers
from pacer_analysis.tables.labels import words
from pacer_analysis.tables.model import Column, Row, Table
from pacer_analysis.tables.tiles import is_accepted, is_open

SEVERITIES = ("error", "warning", "info")
SHADES = 4
RESERVED = "reserved"
FIRST_NOTE = "First cut: what is new, what was resolved and how old a finding is count from the next cut on"
NOWHERE = "(none)"
LETTERS = "REDCap: the letter of the same rule in REDCap's own data quality module"
LISTED_AS = {"instrument": "form"}      # what the list of findings calls a column
Lines = Sequence[Mapping[str, str]]


def whole(text: str | None) -> int:
    """A count as a results file writes it; 0 for an empty cell."""
    return int(float(text)) if text else 0


def severities(lines: Lines) -> list[str]:
    """The severities that occur, the known ones first and in order."""
    seen = {line.get("severity", "") for line in lines}
    return [name for name in SEVERITIES if name in seen] + sorted(seen - set(SEVERITIES))


def shade(value: int, most: int) -> int:
    """The tint of a cell of a heat map, 0 to 4."""
    return 0 if not value else 1 + min(SHADES - 1, (value * SHADES - 1) // max(most, 1))


def table(key: str, number: str, title: str, stub: str, columns: Sequence[Column], rows: Sequence[Row], source: str, notes: Iterable[str] = (),
          population: str = "", size: str = "") -> Table:
    """A table of counts that are no estimates."""
    return cells.table(key=key, number=number, title=title, population=population, size=size, stub=stub, columns=columns, rows=rows,
                       notes=cells.Notes(), plain_notes=notes, source=source)


def inventory(lines: Lines, number: str, *, alone: bool = False) -> Table:
    """One row per source that was read: file, rows, columns, records and forms."""
    columns = [Column("File", text=True), Column("Reader", text=True), Column("Rows"), Column("Columns"), Column("Records"), Column("Forms"),
               Column("Note", text=True)]
    rows = [Row(line["source"], (cells.plain(line["file"]), cells.plain(line["reader"]),
                                 *(cells.tally(whole(line.get(name))) for name in ("rows", "columns", "records", "forms")),
                                 cells.plain(line.get("note") or "\N{EN DASH}"))) for line in lines]
    return table("inventory", number, "Sources read", "Source", columns, rows, "inventory.csv" if alone else "clean/inventory.csv",
                 () if alone else ["Sources that betray the allocation are read apart and not listed here"])


def narrowed(**facts: str) -> str:
    """What the list of findings is narrowed to, oldest first: site=nyanga&status=unresolved&sort=age&order=down."""
    return urlencode({**facts, "status": "unresolved", "sort": "age", "order": "down"})


def by_rule(rules: Lines, queries: Lines, number: str, *, key: str = "rules", title: str = "Rules and their findings",
            source: str = "clean/rules.csv", wording: Mapping[str, tuple[str, str]] | None = None) -> Table:
    """Every rule with what it says, what it evaluated, what failed, what it could not evaluate, and what is still open.

    `wording` has for a rule the letter of REDCap's own and a sentence; REDCap's rules then come first, under their letters.
    """
    said = wording or {}
    columns = [*[Column("REDCap", text=True), Column("What it says", text=True)] * bool(said), Column("Severity", text=True), Column("Evaluated"), Column("Failed"),
               Column("Open"), Column("Not evaluable"), Column("Reason", text=True)]
    still = Counter(query.get("rule", "") for query in queries if is_open(query))
    order = {name: place for place, name in enumerate(severities(rules))}
    ranked = sorted((rule for rule in rules if not is_reserved(rule)),
                    key=lambda rule: (said.get(rule["rule"], ("", ""))[0] or "~", order[rule["severity"]], -whole(rule["failed"]), rule["rule"]))
    rows = []
    for rule in ranked:
        letter, sentence = (text or "\N{EN DASH}" for text in said.get(rule["rule"], ("", "")))
        rows.append(Row(rule["rule"], (*[cells.plain(letter), cells.plain(sentence)] * bool(said), cells.plain(rule["severity"]),
                                       *(cells.tally(whole(rule[name])) for name in ("evaluated", "failed")),
                                       cells.tally(still[rule["rule"]], listed=narrowed(rule=rule["rule"])), cells.tally(whole(rule["not_evaluable"])),
                                       cells.plain(rule.get("reason") or "\N{EN DASH}"))))
    return table(key, number, title, "Rule", columns, rows, source,
                 [("A rule on a row passes, fails, or is not evaluable because something that it needs is missing; "
                  "not evaluable is never counted as passed"), LETTERS if said else "", reserved_note(rules)])


def is_reserved(rule: Mapping[str, str]) -> bool:
    """True for a rule that waits for data which betray the allocation."""
    return (rule.get("reason") or "").lower().startswith(RESERVED) or "sealed" in (rule.get("reason") or "").lower()


def reserved_note(rules: Lines) -> str:
    """How many rules the closed session evaluates instead."""
    names = [rule["rule"] for rule in rules if is_reserved(rule)]
    if not names:
        return ""
    return f"{numbers.count(len(names))} of {numbers.count(len(rules))} rules need data that betray the allocation and are reserved for the closed session"


def crossed(queries: Lines, field: str, number: str, title: str, stub: str, *, first: bool = False, source: str = "clean/queries.csv") -> Table | None:
    """Open findings by severity for each value of a column (site, form), with their age from the second cut on; none if there is nothing to tell apart."""
    pending = [query for query in queries if is_open(query)]
    if not pending:
        return None
    kinds = severities(pending)
    counts = Counter((query.get(field) or "", query.get("severity", "")) for query in pending)
    oldest: dict[str, int] = {}
    for query in pending:
        oldest[query.get(field) or ""] = max(oldest.get(query.get(field) or "", 0), whole(query.get("age_days")))
    places = sorted(oldest, key=lambda place: (-sum(counts[place, kind] for kind in kinds), place))
    columns = [*(Column(words(kind)) for kind in kinds), Column("All"), *[Column("Oldest, days")] * (not first)]
    name = LISTED_AS.get(field, field)
    # Forms keep the names that the export and REDCap have.
    rows = [Row((words(place) if field == "site" else place) or NOWHERE,
                (*(cells.tally(counts[place, kind], listed=narrowed(**{name: place or NOWHERE, "severity": kind})) for kind in kinds),
                 cells.tally(sum(counts[place, kind] for kind in kinds)), *[cells.tally(oldest[place])] * (not first)),
                listed=narrowed(**{name: place or NOWHERE}))
            for place in places]
    return table(f"by-{field}", number, title, stub, columns, rows, source)


def by_rule_and_severity(queries: Lines, number: str, *, first: bool = False) -> Table | None:
    """Findings of each rule that failed: still open, accepted if any are, and from the second cut on those new, those resolved and the age of the oldest."""
    if not queries:
        return None
    kinds = severities(queries)
    severity = {query.get("rule", ""): query.get("severity", "") for query in queries}
    accepted = any(map(is_accepted, queries))
    columns = [Column("Severity", text=True), Column("Open"), *[Column("of these new"), Column("Resolved")] * (not first), *[Column("Accepted")] * accepted,
               *[Column("Oldest open, days")] * (not first)]
    rows = []
    for rule in sorted(severity, key=lambda name: (kinds.index(severity[name]), name)):
        own = [query for query in queries if query.get("rule", "") == rule]
        pending = [query for query in own if is_open(query)]
        ages = [whole(query.get("age_days")) for query in pending]
        let = sum(map(is_accepted, own))
        since = [cells.tally(sum(query.get("status") == "new" for query in pending)), cells.tally(len(own) - len(pending) - let)]
        oldest = cells.tally(max(ages)) if ages else cells.NONE
        rows.append(Row(rule, (cells.plain(severity[rule]), cells.tally(len(pending)), *since * (not first), *[cells.tally(let)] * accepted, *[oldest] * (not first))))
    return table("by-severity", number, "Findings by rule" if first else "Findings by rule and status", "Rule", columns, rows, "clean/queries.csv",
                 [FIRST_NOTE] if first else ())


def heat(queries: Lines, number: str, *, source: str = "clean/queries.csv") -> Table | None:
    """Open findings, rule by site, tinted by their number."""
    pending = [query for query in queries if is_open(query)]
    sites = sorted({query.get("site") or "" for query in pending})
    if len(sites) < 2:
        return None
    counts = Counter((query.get("rule", ""), query.get("site") or "") for query in pending)
    totals = Counter(query.get("rule", "") for query in pending)
    most = max(counts.values())
    columns = [*(Column(words(site) if site else NOWHERE) for site in sites), Column("All")]
    rows = [Row(rule, (*(cells.tally(counts[rule, site], shade=shade(counts[rule, site], most), listed=narrowed(rule=rule, site=site or NOWHERE)) for site in sites),
                       cells.tally(totals[rule])), listed=narrowed(rule=rule))
            for rule in sorted(totals, key=lambda rule: (-totals[rule], rule))]
    return table("heat", number, "Open findings by rule and site", "Rule", columns, rows, source,
                 ["The darker the cell, the more findings"])
