"""Exports as tidy tables: REDCap in every shape, Stata, SAS, SPSS and CSV, each cell typed by its dictionary and its raw text kept where the two differ."""

from __future__ import annotations

from pacer_analysis.read.export import Options, Reading, read_export
from pacer_analysis.read.notes import Note
from pacer_analysis.read.sealed import kept_sealed
from pacer_analysis.read.source import load_dictionary, read_source, record_field

__all__ = ["Note", "Options", "Reading", "kept_sealed", "load_dictionary", "read_export", "read_source", "record_field"]
