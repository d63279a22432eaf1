"""What is in an export, on one screen: with its dictionary form by form, without one column by column. No value of a participant is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pacer_analysis.read.export import Options

__all__ = ["inspect"]


def inspect(export: Path, dictionary: Path | None, options: Options) -> str:
    """The screen as text. Raises ExportError for a file that cannot be read and DictionaryError for a dictionary that cannot."""
    if dictionary is not None:
        from pacer_analysis.inspection.by_dictionary import lines_of

        return "\n".join(lines_of(export, dictionary, options))
    from pacer_analysis.inspection.by_columns import lines_without

    return "\n".join(lines_without(export, options.encoding))
