"""Numbers that are dates, by the display format of Stata, SAS or SPSS; the libraries' own conversions are never used.

A unit is one of Stata's letters (`d` days, `c` and `C` milliseconds, `w m q h y` periods since 1960, `b` business days), `s` seconds since
1960 (SAS), `S` seconds since 1582-10-14 (SPSS), `t` seconds of a day or of a duration (SAS, SPSS).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pacer_analysis.read.statadates import date_unit, stata_dates, within_years

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXACT_UNITS = frozenset("dcCsS")
SAS_DATE = re.compile(
    r"(DATE|DAY|DDMMYY[BCDNPS]?|DOWNAME|JULDAY|JULIAN|MMDDYY[BCDNPS]?|MMYY[CDNPS]?|MONNAME|MONTH|MONYY|NLDATE[A-Z]*|PDJULG|PDJULI|QTRR?|WEEKDATE|WEEKDATX"
    r"|WEEKDAY|WEEK[UVW]|WORDDATE|WORDDATX|YEAR|YYMM[CDNPS]?|YYMMDD[BCDNPS]?|YYMON|YYQ[CDNPSZ]?|YYQR[CDNPS]?|YYWEEK[UVW]|E8601DA|B8601DA|IS8601DA|EURDF[A-Z]+|NENGO|MINGUO|HDATE|HEBDATE)\d*(\.\d*)?"
)
SAS_DATETIME = re.compile(
    r"(DATETIME|DATEAMPM|DTDATE|DTMONYY|DTWKDATX|DTYEAR|DTYYQC|MDYAMPM|NLDATM[A-Z]*|[EB]8601(DT|DN|DX|DZ|LX)|IS8601(DT|DN|DZ))\d*(\.\d*)?")
SAS_TIME = re.compile(r"(TIME|TIMEAMPM|TOD|HHMM|HOUR|MMSS|NLTI[A-Z]*|[EB]8601(TM|TX|TZ|LZ)|IS8601(TM|TZ|LZ))\d*(\.\d*)?")
SPSS_DATE = re.compile(r"(DATE|ADATE|EDATE|JDATE|SDATE|QYR|MOYR|WKYR|DATETIME|YMDHMS)\d*(\.\d*)?")
SPSS_TIME = re.compile(r"(TIME|DTIME|MTIME)\d*(\.\d*)?")


def unit_of(system: str, display: str) -> str:
    """The unit that a display format counts, '' if it shows no date or time."""
    if system == "stata":
        return date_unit(display)
    name = display.upper().lstrip("$")
    if system == "spss":
        return "S" if SPSS_DATE.fullmatch(name) else "t" if SPSS_TIME.fullmatch(name) else ""
    return "s" if SAS_DATETIME.fullmatch(name) else "t" if SAS_TIME.fullmatch(name) else "d" if SAS_DATE.fullmatch(name) else ""


def moments(values: NDArray[np.float64], unit: str) -> NDArray[np.datetime64]:
    """The moments (datetime64[ms]) that numbers are; NaT where there is none or it is outside the years 100 to 9999."""
    if unit not in {"s", "S", "t"}:
        return stata_dates(values, unit)
    import numpy as np

    origin = np.datetime64("1582-10-14" if unit == "S" else "1960-01-01", "ms")
    possible = (np.abs(values) < 1e12) & (unit != "t")
    made = origin + np.round(np.where(possible, values, 0) * 1000).astype("timedelta64[ms]")
    made[~possible] = np.datetime64("NaT")
    return within_years(made)


def moment_texts(made: NDArray[np.datetime64], *, clock: bool = False) -> list[str]:
    """Moments as ISO text, '' for none: a date alone at midnight, unless `clock` asks for the time always; seconds (and thousandths) only if there are any."""
    import numpy as np

    days = np.datetime_as_string(made.astype("datetime64[D]"))
    full = np.datetime_as_string(made, unit="ms")
    texts = []
    for day, whole in zip(days.tolist(), full.tolist(), strict=True):
        if day == "NaT":
            texts.append("")
            continue
        minutes, seconds = whole[11:16], whole[16:]
        rest = "" if seconds == ":00.000" else seconds.removesuffix(".000")
        texts.append(day if not clock and not rest and minutes == "00:00" else f"{day} {minutes}{rest}")
    return texts


def clock_texts(values: NDArray[np.float64], unit: str) -> list[str]:
    """Seconds (or Stata's milliseconds) of a day as HH:MM, with seconds if there are any; '' for what is no time of day."""
    import numpy as np

    seconds = np.where(np.abs(values) < 1e12, values, -1) / (1000 if unit in {"c", "C"} else 1)
    texts = []
    for second in np.round(seconds, 3).tolist():
        if not 0 <= second < 86_400:
            texts.append("")
            continue
        whole = int(second)
        rest = f":{whole % 60:02d}" if whole % 60 or second != whole else ""
        part = f"{second - whole:.3f}"[1:] if second != whole else ""
        texts.append(f"{whole // 3600:02d}:{whole // 60 % 60:02d}{rest}{part}")
    return texts
