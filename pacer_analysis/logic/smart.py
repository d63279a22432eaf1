"""The names of REDCap's smart variables, and which of them an export can answer."""

from __future__ import annotations

# Before a field: the event of the row, or one relative to it.
EVENTS = frozenset({"event-name", "first-event-name", "last-event-name", "previous-event-name", "next-event-name"})
# After a field: the instance of the row, one relative to it, or the lowest or highest that exists.
INSTANCES = frozenset({"current-instance", "previous-instance", "next-instance", "first-instance", "last-instance"})
LABELS = frozenset({"event-label", "first-event-label", "last-event-label", "previous-event-label", "next-event-label"})
# Alone: what an export says of a row.
ANSWERED = EVENTS | LABELS | INSTANCES | {
    "new-instance", "record-name", "record-dag-name", "record-dag-label", "event-number", "arm-number", "arm-label", "form-name", "instrument-name", "form-label",
    "instrument-label",
}
# Alone: what only the server knows when a page is shown. The first word decides, for every version adds some.
SERVERS = frozenset({
    "user", "survey", "project", "redcap", "calendar", "is", "stats", "scatter", "bar", "pie", "donut", "line", "aggregate", "rand", "mycap", "dashboard",
    "report", "file", "data", "form", "instrument", "record", "event", "arm", "previous", "next", "first", "last", "new", "econsent", "mlm", "datetime",
})
UNKNOWN_TO_EXPORTS = frozenset({"record-dag-id", "event-id", "form-url", "form-link"})


def is_smart(name: str) -> bool:
    """True if a name in brackets is that of a smart variable: it has a hyphen, which no field's name has."""
    return "-" in name


def is_answered(name: str) -> bool:
    """True if an export can say what a smart variable is."""
    return name in ANSWERED


def is_servers(name: str) -> bool:
    """True if a smart variable is one that only REDCap's server knows."""
    return name in UNKNOWN_TO_EXPORTS or (name not in ANSWERED and is_smart(name) and name.partition("-")[0] in SERVERS)
