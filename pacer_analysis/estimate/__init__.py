"""The plan meets the estimators: frames built, arms joined, results filled in. Only this floor knows both."""

from pacer_analysis.estimate.check import check, remarks
from pacer_analysis.estimate.run import run_open, run_restricted

__all__ = ["check", "remarks", "run_open", "run_restricted"]
