"""An instrument zip, as REDCap's designer and the shared library hand it out: a data dictionary inside an archive."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pacer_analysis.dictionary.csvtable import read_bytes, text_of
from pacer_analysis.errors import DictionaryError

if TYPE_CHECKING:
    from zipfile import ZipFile

LARGEST = 1 << 28
INSTRUMENT = "instrument.csv"


def instrument_text(path: Path) -> str:
    """The text of the dictionary inside an instrument zip; DictionaryError if the archive holds none that can be read."""
    import io
    import zlib
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(io.BytesIO(read_bytes(path))) as archive:
            name = _member(archive, path)
            if archive.getinfo(name).file_size > LARGEST:
                raise DictionaryError("a file in the zip is too large for a dictionary", where=f"{path}, {name}", do="check that this is an instrument zip")
            with archive.open(name) as member:
                content = member.read(LARGEST + 1)
    except (BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, zlib.error, ValueError) as problem:
        raise DictionaryError(f"a zip cannot be opened ({type(problem).__name__})", where=str(path), allowed="an instrument zip without a password",
                              do="download it again") from None
    return text_of(content[:LARGEST], f"{path}, {name}")


def _member(archive: ZipFile, path: Path) -> str:
    """The name of the dictionary in the archive."""
    files = [entry.filename for entry in archive.infolist() if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")]
    named = [name for name in files if PurePosixPath(name).name.lower() == INSTRUMENT]
    tables = [name for name in files if name.lower().endswith(".csv")]
    if len(named) == 1 or (not named and len(tables) == 1):
        return (named or tables)[0]
    if "[Content_Types].xml" in files:
        raise DictionaryError("an Excel workbook is not a dictionary", where=str(path), allowed="CSV, project XML or instrument zip", do="save the sheet as CSV")
    raise DictionaryError(f"the zip holds {'no' if not tables else 'more than one'} dictionary", where=str(path), allowed=f"an instrument zip with one {INSTRUMENT}",
                          do="unpack it, and name one dictionary")
