"""A raw REDCap export as columns of text under the project's own column names, whatever the file looked like."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.read.notes import Note
    from pacer_analysis.read.tidy import Coded

EVENT, INSTRUMENT, INSTANCE, GROUP, SURVEY = ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "redcap_data_access_group",
                                              "redcap_survey_identifier")
SYSTEM = (EVENT, INSTRUMENT, INSTANCE, GROUP, SURVEY)


@dataclass(frozen=True, slots=True)
class Wide:
    """One row per record, event and repeat, as REDCap's raw CSV export has it.

    `shape` says how the file was written: csv, labels, headerless, eav, odm, stata, sas or spss. `columns` holds the file's
    columns, `header` all their names in the order of the file (a column that no dictionary knows need not be in `columns`).
    Texts are as a raw CSV export writes them: codes, ISO dates, `2016-12-03 10:21`, 0 and 1 for checkboxes, '' for blank.
    `lines` is where each row begins, the header being line 1. `missing` has the texts that the file itself declares missing
    in a column (`.a` of Stata and SAS, user-missing values of SPSS), beside the missing-data codes of project and source.
    `record` is the field that the file shows to be the record id, where that is not the dictionary's first and not told by the header.
    `doubtful` has the texts of a column that can stand for several codes; `meant` what the texts of a column stand for that another program wrote.
    """

    path: Path
    shape: str
    header: tuple[str, ...]
    columns: dict[str, Coded]
    lines: NDArray[np.int64]
    notes: list[Note] = field(default_factory=list)
    missing: dict[str, frozenset[str]] = field(default_factory=dict)
    record: str = ""
    doubtful: dict[str, frozenset[str]] = field(default_factory=dict)
    meant: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows."""
        return len(self.lines)
