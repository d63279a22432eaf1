"""The API token: from the environment, or from a file that its owner alone can read. It is never an argument and never printed."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from pathlib import Path

from pacer_analysis.errors import ExportError

VARIABLE = "REDCAP_API_TOKEN"
TOKEN = re.compile(r"[0-9A-Fa-f]{32}")
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_token(file: Path | None, environment: Mapping[str, str]) -> str:
    """The token in the file, else in the environment's REDCAP_API_TOKEN; ExportError if there is none or others can read the file."""
    if file is None:
        return _checked(environment.get(VARIABLE, "").strip(), f"the environment variable {VARIABLE}")
    try:
        with file.open("rb") as handle:
            mode = stat.S_IMODE(file.stat().st_mode)
            if mode & OTHERS:
                raise ExportError("the token's file can be read by others than its owner", where=f"{file}, mode {mode:03o}", allowed="mode 600 or 400",
                                  do=f"chmod 600 {file}; if others had access to it, ask REDCap for a new token")
            content = handle.read(4096)
    except FileNotFoundError:
        raise ExportError("the token's file is missing", where=str(file), do=f"put the token there, or into the environment variable {VARIABLE}") from None
    try:
        text = content.decode("ascii").strip()
    except UnicodeDecodeError:
        text = ""
    return _checked(text, str(file))


def _checked(text: str, where: str) -> str:
    """The token, if it looks like one; its text is in no message."""
    if not TOKEN.fullmatch(text):
        raise ExportError("there is no API token" if not text else "the API token is not one of REDCap's", where=where, allowed="32 characters, 0-9 and A-F",
                          do=f"set {VARIABLE}, or name a file with --token-file; REDCap shows the token on the project's API page")
    return text
