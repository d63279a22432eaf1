"""The templates: where they lie and how they are filled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacer_analysis.provenance.home import home

if TYPE_CHECKING:
    from pathlib import Path


def templates_folder() -> Path:
    """The folder with layout, sections, macros and style."""
    return home() / "reports"


def page(report: str, context: dict[str, Any]) -> str:
    """The finished page: everything that is not a template is escaped, and a name that is not there is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(loader=FileSystemLoader(templates_folder()), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True, keep_trailing_newline=True)
    return environment.get_template(f"{report}.html.j2").render(context)
