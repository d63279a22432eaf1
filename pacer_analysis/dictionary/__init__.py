"""What the data are: REDCap and flat dictionaries, project XML, project structure and cross-field checks."""

from __future__ import annotations

from pacer_analysis.dictionary.actiontags import Tag, action_tags
from pacer_analysis.dictionary.anyfile import load_any
from pacer_analysis.dictionary.checks import Check, load_checks
from pacer_analysis.dictionary.choices import checkbox_column, parse_choices
from pacer_analysis.dictionary.field import Field
from pacer_analysis.dictionary.flat import FlatDictionary, FlatField, load_flat
from pacer_analysis.dictionary.project import Event, Project, load_project
from pacer_analysis.dictionary.redcap import RedcapDictionary, load_redcap
from pacer_analysis.dictionary.remark import Remark

__all__ = ["Check", "Event", "Field", "FlatDictionary", "FlatField", "Project", "RedcapDictionary", "Remark", "Tag", "action_tags", "checkbox_column", "load_any",
           "load_checks", "load_flat", "load_project", "load_redcap", "parse_choices"]
