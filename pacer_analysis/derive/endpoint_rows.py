"""The one shape of an endpoint's rows, whichever rule derived them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pacer_analysis.derive.days import dates_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pacer_analysis.derive.sets import Sets

COLUMNS: dict[str, Any] = {
    "record": object, "endpoint": object, "visit": object, "threshold": "float64", "kind": object, "due": bool, "value": "float64", "observed": bool,
    "time": "float64", "status": "int64", "clock_time": "float64", "date": "datetime64[ns]", "reason": object, "rule": object, "source": object, "line": "int64",
}


def empty_rows() -> pd.DataFrame:
    """No rows, with every column in its type."""
    import pandas as pd

    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in COLUMNS.items()})


def endpoint_rows(sets: Sets, kind: str, *, at: NDArray[np.float64], **columns: Any) -> pd.DataFrame:
    """One row per participant with the first origin; columns not given are blank, `at` (day number) becomes `date`.

    kind 'binary': value is 1, 0 or NaN, and NaN where not `due`. kind 'time': time and clock_time in days, status 0, 1, 2 ...
    """
    import numpy as np
    import pandas as pd

    blank = {"visit": "", "threshold": np.nan, "due": True, "value": np.nan, "observed": True, "time": np.nan, "status": 0, "clock_time": np.nan,
             "reason": "", "source": "", "line": 0}
    frame = pd.DataFrame({"record": sets.participants["record"].to_numpy(), "kind": kind, "endpoint": "", "rule": "", "date": dates_of(at), **blank, **columns})
    frame = frame[sets.entered().to_numpy()]
    return frame[list(COLUMNS)].astype(COLUMNS).reset_index(drop=True)
