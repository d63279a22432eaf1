"""The status board of the data-quality report: what was read, what is open, what could not be checked, what waits."""

from __future__ import annotations

from pacer_analysis.tables import numbers
from pacer_analysis.tables.quality import Lines, is_reserved, whole
from pacer_analysis.tables.tiles import ACT, FIRST_CUT, OLD_QUERY_DAYS, ON_TRACK, WATCH, Tile, findings, is_accepted, is_open


def board(inventory_lines: Lines, rules: Lines, queries: Lines, *, first: bool = False, beginning: str = FIRST_CUT, last: str = "cut") -> list[Tile]:
    """The first screen of the data manager; ages and what was resolved from the second cut on."""
    evaluated, blind = (sum(whole(rule.get(name)) for rule in rules) for name in ("evaluated", "not_evaluable"))
    checks = evaluated + blind
    share = blind / checks if checks else 0.0
    reserved = sum(is_reserved(rule) for rule in rules)
    pending = [query for query in queries if is_open(query)]
    records = max((whole(line.get("records")) for line in inventory_lines), default=0)
    several = len(inventory_lines) != 1
    tiles = [Tile("Records in the largest source" if several else "Records", numbers.count(records), f"in {numbers.count(len(inventory_lines))} sources" if several else "",
                  ON_TRACK if inventory_lines else ACT, "On track if every source was read.",
                  (f"{numbers.count(sum(whole(line.get('rows')) for line in inventory_lines))} rows in all",)),
             findings(queries, first=first, beginning=beginning), *(waiting(pending, records) if first else since(queries, pending, last)), *accepted(queries)]
    if checks:
        tiles.append(Tile("Checks that could not be evaluated", numbers.count(blind), f"of {numbers.count(checks)} checks of a row",
                          WATCH if share > 0.05 else ON_TRACK, "Watch above 5%.",
                          (numbers.percent(share),), share))
    if reserved:
        tiles.append(Tile("Rules reserved for the closed session", numbers.count(reserved), f"of {numbers.count(len(rules))} rules", ON_TRACK,
                          "No threshold: they need data that betray the allocation."))
    return tiles


def waiting(pending: Lines, records: int) -> list[Tile]:
    """How many records an open error waits in, and how many rules found something."""
    held = len({query.get("record") for query in pending if query.get("severity") == "error"})
    rules = len({query.get("rule") for query in pending})
    return [Tile("Records with an open error", numbers.count(held), f"of {numbers.count(records)}", WATCH if held else ON_TRACK, "Watch with any.",
                 share=min(1.0, held / records) if records else None),
            Tile("Rules with an open finding", numbers.count(rules), "", ON_TRACK, "No threshold.")]


def accepted(queries: Lines) -> list[Tile]:
    """The findings that stand as they are, each with its reason in the list; nothing if there are none."""
    count = sum(map(is_accepted, queries))
    return [Tile("Accepted as they are", numbers.count(count), f"of {numbers.count(len(queries))} ever raised", ON_TRACK, "No threshold.", ("The list gives the reasons",),
                 count / len(queries))] if count else []


def since(queries: Lines, pending: Lines, last: str) -> list[Tile]:
    """What is old, what was resolved and what is new since the last cut, or whatever `last` calls it."""
    old = sum(whole(query.get("age_days")) > OLD_QUERY_DAYS for query in pending)
    resolved = len(queries) - len(pending) - sum(map(is_accepted, queries))
    new = sum(query.get("status") == "new" for query in pending)
    return [Tile(f"Findings older than {OLD_QUERY_DAYS} days", numbers.count(old), f"of {numbers.count(len(pending))} open",
                 WATCH if old else ON_TRACK, "Watch with any.", share=old / len(pending) if pending else 0.0),
            Tile("Resolved", numbers.count(resolved), f"of {numbers.count(len(queries))} ever raised", ON_TRACK, "No threshold.",
                 (f"{numbers.count(new)} new since the last {last}",), resolved / len(queries) if queries else None)]
