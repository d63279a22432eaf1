"""The plan: what the trial is and what will be done, read from YAML and checked."""

from pacer_analysis.plan.cut import cut_folder, cut_name, load_cut
from pacer_analysis.plan.load import FILES, load
from pacer_analysis.plan.look import Look, look_options
from pacer_analysis.plan.model import (
    SYNTHETIC_PREFIX,
    Allocation,
    Analysis,
    Arm,
    Blinding,
    Contacts,
    Cut,
    Endpoint,
    EventRule,
    FieldRef,
    Participants,
    Plan,
    Population,
    RetentionRule,
    Service,
    Source,
    Variable,
    ViralLoads,
    Visit,
    Visits,
)
from pacer_analysis.plan.multiplicity import Multiplicity

__all__ = ["FILES", "SYNTHETIC_PREFIX", "Allocation", "Analysis", "Arm", "Blinding", "Contacts", "Cut", "Endpoint", "EventRule", "FieldRef", "Look", "Multiplicity",
           "Participants", "Plan", "Population", "RetentionRule", "Service", "Source", "Variable", "ViralLoads", "Visit", "Visits",
           "cut_folder", "cut_name", "load", "load_cut", "look_options"]
