"""What the data are: REDCap and flat dictionaries, project structure and cross-field checks."""

from __future__ import annotations

from pacer_analysis.dictionary.checks import Check, load_checks
from pacer_analysis.dictionary.choices import checkbox_column, parse_choices
from pacer_analysis.dictionary.field import Field
from pacer_analysis.dictionary.flat import FlatDictionary, FlatField, load_flat
from pacer_analysis.dictionary.project import Event, Project, load_project
from pacer_analysis.dictionary.redcap import RedcapDictionary, Remark, load_redcap

__all__ = ["Check", "Event", "Field", "FlatDictionary", "FlatField", "Project", "RedcapDictionary", "Remark", "checkbox_column", "load_checks", "load_flat",
           "load_project", "load_redcap", "parse_choices"]
