"""The plan meets the estimators: frames built, arms joined, results filled in. Only this floor knows both."""

from pacer_analysis.estimate.check import check
from pacer_analysis.estimate.run import run_open, run_restricted

__all__ = ["check", "run_open", "run_restricted"]
