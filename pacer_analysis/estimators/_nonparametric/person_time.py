"""Person-time in the units in which rates are given."""

from __future__ import annotations

# ASSUME: person-years are years of 365.25 days.
YEAR = 365.25
PER = 100
"""Rates are per 100 person-years."""
