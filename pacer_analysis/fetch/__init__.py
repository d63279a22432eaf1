"""One project from REDCap's API into the folder of a cut: its records, its dictionary, its structure."""

from __future__ import annotations

from pacer_analysis.fetch.cut import Fetched, fetch
from pacer_analysis.fetch.token import read_token

__all__ = ["Fetched", "fetch", "read_token"]
