"""How the signature of an estimator says that an option of the plan names variables, or another estimator."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any, get_args

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

NAMES_VARIABLES = "names variables"
NAMES_ESTIMATOR = "names an estimator"

Variables = Annotated[tuple[str, ...], NAMES_VARIABLES]
"""An option that lists variables of the plan: their columns are in the frame."""
Variable = Annotated[str, NAMES_VARIABLES]
"""An option that names one variable of the plan, or none by ''."""
Estimator = Annotated[str, NAMES_ESTIMATOR]
"""An option that names the estimator wrapped; its own options stand under `options`."""


def keyword_types(function: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    """Each keyword of an estimator with its annotation as an object."""
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            annotation = parameter.annotation
            kind = eval(annotation, dict(function.__globals__)) if isinstance(annotation, str) else annotation  # noqa: S307  # the package's own annotations, never the user's text
            yield name, kind


def variables_named(function: Callable[..., Any], options: Mapping[str, Any], estimators: Mapping[str, Callable[..., Any]]) -> list[str]:
    """The variables that the options of an analysis name, those of a wrapped estimator included."""
    found: list[str] = []
    for name, kind in keyword_types(function):
        marks = get_args(kind)[1:]
        value = options.get(name)
        if NAMES_VARIABLES in marks and value:
            found += [value] if isinstance(value, str) else [str(item) for item in value]
        if NAMES_ESTIMATOR in marks and value in estimators:
            inner = options.get("options") or {}
            found += variables_named(estimators[str(value)], inner, estimators)
            found += [str(item) for item in inner.get("covariates", ())]
    return list(dict.fromkeys(found))
