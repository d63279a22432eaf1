"""The failures a user can cause, each with the exit code that a calling script can act on."""

from __future__ import annotations


class PacerError(Exception):
    """A failure explained to the user: what, where, what is allowed, what to do."""

    exit_code = 7

    def __init__(self, what: str, *, where: str = "", allowed: str = "", do: str = "") -> None:
        self.what, self.where, self.allowed, self.do = what, where, allowed, do
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where:   {self.where}")
        if self.allowed:
            lines.append(f"  allowed: {self.allowed}")
        if self.do:
            lines.append(f"  do:      {self.do}")
        return "\n".join(lines)


class ExportError(PacerError):
    """An export that cannot be read as what the plan says it is."""

    exit_code = 3


class DictionaryError(PacerError):
    """A data dictionary that contradicts itself or cannot be read."""

    exit_code = 4


class PlanError(PacerError):
    """A plan that names something unknown, repeats a key or leaves a blank."""

    exit_code = 5


class NotEstimable(PacerError):
    """A quantity that these data cannot give; it becomes the `note` of its row."""

    exit_code = 6


class NotVerified(PacerError):
    """Two implementations of one quantity that differ beyond the tolerance."""

    exit_code = 8
