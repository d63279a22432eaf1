"""The estimators without their second implementation, for studies in which it would take most of the time.

The numbers of a row do not depend on the witness; the first replicates of every such study are run both ways and compared.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any
from unittest import mock

from pacer_analysis.estimators._binary import likelihood, miettinen_nurminen, odds
from pacer_analysis.estimators._imputation import stacked
from pacer_analysis.estimators._survival import cox_rows, libraries
from pacer_analysis.estimators._weighting import rows

COMPARED = 20   # replicates run both ways


class Itself:
    """Stands for the check of a profile likelihood and agrees with it, at no cost."""

    def __init__(self, x: Any, y: Any, *, penalised: bool, **_: Any) -> None:
        self.model = likelihood.Model(x, y, penalised=penalised)
        self.top = likelihood.fit(self.model)
        self.beta, self.covariance = self.top.coefficients, self.top.covariance

    def limit(self, _place: int, _critical: float, end: float) -> float:
        return end

    def fall(self, places: tuple[int, ...]) -> float:
        return likelihood.fall(self.model, self.top, dict.fromkeys(places, 0.0))


@contextmanager
def unwitnessed() -> Iterator[None]:
    """Within it Cox's model, profile likelihoods, score intervals, Fine and Gray's model and weighted survival are computed once only."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(cox_rows, "_second_way", return_value=(None, None, None, "none")))
        stack.enter_context(mock.patch.object(libraries, "fit", return_value=SimpleNamespace(loglik=0.0)))
        stack.enter_context(mock.patch.object(odds, "Check", Itself))
        stack.enter_context(mock.patch.object(importlib.import_module("pacer_analysis.estimators.fine_gray"), "WRITTEN_OUT", 0))
        stack.enter_context(mock.patch.object(miettinen_nurminen, "interval_by_grid", return_value=(0.0, 0.0)))
        stack.enter_context(mock.patch.object(stacked, "MOST", 0))
        stack.enter_context(mock.patch.object(rows, "WALKED", 0))
        yield
