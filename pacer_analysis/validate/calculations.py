"""REDCap's rule H: stored calculations against what their fields give now."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pacer_analysis.logic import Expression, LogicError, parse_arguments
from pacer_analysis.logic.expression import Call, Literal, walk
from pacer_analysis.read.convert import BLANK, MISSING, UNREADABLE
from pacer_analysis.validate.answers import parsed
from pacer_analysis.validate.branching import MANY, plain
from pacer_analysis.validate.described import CALCULATING
from pacer_analysis.validate.judged import judge, why_not_judged
from pacer_analysis.validate.recomputed import may_be_shown, number_in_words, said_of
from pacer_analysis.validate.summed_up import MANY as FEW
from pacer_analysis.validate.summed_up import fail_or_sum_up

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from pacer_analysis.logic._columns import Column
    from pacer_analysis.read.tidy import Cells, Tidy
    from pacer_analysis.validate.answers import Answer
    from pacer_analysis.validate.described import Described
    from pacer_analysis.validate.ledger import Ledger
    from pacer_analysis.validate.lookup import Rows

    Computed = Callable[[NDArray[np.intp]], list[str]]
    Comparison = Callable[[Rows, Tidy, Cells, Expression, Column], tuple[NDArray[np.bool_], NDArray[np.bool_]]]

RULE = "calculation"
CLOSE = 1e-6
TODAY = "the calculation depends on the day on which it was made"
# ASSUME: what @CALCDATE adds in months or years may differ by a day from REDCap's own result; only a difference of more than that is a finding.
STEPS = {"y": (365.2425, 1), "M": (30.44, 1), "d": (1.0, 0), "h": (1 / 24, 0), "m": (1 / 1440, 0), "s": (1 / 86400, 0)}
DECIMALS = re.compile(r"[-+]?\d*[.,](\d+)")


def check_calculation(ledger: Ledger, rows: Rows, table: Tidy, field: Described, answer: Answer) -> None:
    """Findings where the stored value of a calculation, or of @CALCTEXT or @CALCDATE, is not what its fields give now.

    Equal is what differs by no more than a millionth, or by the rounding that the stored value shows. A finding says both values
    where they identify nobody and the field does not betray the arm.
    """
    tag = next((tag for tag in field.tags if tag.name in CALCULATING), None)
    cells = table.fields[field.columns[0]]
    if tag is None:
        _judge(ledger, rows, table, field, answer, cells, field.calculation, _same_number)
    elif tag.condition:
        _cannot(ledger, table, field, "the calculation holds under a condition of its own")
    elif tag.name == "CALCTEXT":
        _judge(ledger, rows, table, field, answer, cells, tag.argument, _same_text)
    else:
        _date(ledger, rows, table, field, answer, cells, tag.argument)


def _judge(ledger: Ledger, rows: Rows, table: Tidy, field: Described, answer: Answer, cells: Cells, text: str, same: Comparison) -> None:
    """The stored values against those of an expression, by a comparison."""
    import numpy as np

    expression = parsed(text) if text.strip() else None
    if expression is None or expression.uses_today:
        _cannot(ledger, table, field, TODAY if expression is not None else "the calculation cannot be read")
        return
    result = judge(rows, table, expression, None)
    judged = answer.known & answer.shown & result.known & ~np.isin(cells.levels.status, (MISSING, UNREADABLE))[cells.codes]
    equal, doubtful = same(rows, table, cells, expression, result)
    shown = may_be_shown(ledger, rows, field, [expression])

    def computed(wrong: NDArray[np.intp]) -> list[str]:
        return [number_in_words(value) for value in result.numbers[wrong]] if same is _same_number else [str(value) for value in result.texts[wrong]]

    _report(ledger, table, field, cells, judged & ~doubtful, equal, text, computed if shown else None)
    if not result.known.all():
        ledger.cannot(RULE, "warning", table, field.name, np.flatnonzero(~result.known), why_not_judged(rows, table, expression))
    # ASSUME: where 0 is stored for the sum of nothing, nobody can say whether REDCap computed it: it is not evaluable.
    ledger.cannot(RULE, "warning", table, field.name, np.flatnonzero(judged & doubtful & ~equal), "REDCap may take the sum of nothing as 0 or as blank")


def _report(ledger: Ledger, table: Tidy, field: Described, cells: Cells, judged: NDArray[np.bool_], equal: NDArray[np.bool_], text: str, computed: Computed | None) -> None:
    """A finding for each row that differs, with both values if `computed` gives the right ones, or one for all of them."""
    import numpy as np

    ledger.count(RULE, "warning", evaluated=int(judged.sum()))
    wrong = np.flatnonzero(judged & ~equal)
    # Where most are wrong, the calculation was changed, or the data came without it.
    many = FEW if 2 * len(wrong) > int(judged.sum()) else MANY
    message, action = f"The stored value is not the one that its fields give: {plain(text)}", "save the form again so that REDCap recalculates it"
    if computed is None or len(wrong) > many:
        fail_or_sum_up(ledger, RULE, "warning", table, wrong, field, f"{message}.", action, many=many)
        return
    alike: dict[str, list[int]] = {}
    for row, stored, right in zip(wrong, cells.levels.raw[cells.codes[wrong]], computed(wrong), strict=True):
        alike.setdefault(said_of(str(stored), right), []).append(int(row))
    for values, rows in alike.items():
        ledger.fail(RULE, "warning", table, np.array(rows, dtype=np.intp), field, f"{message}{values}.", action)


def _cannot(ledger: Ledger, table: Tidy, field: Described, reason: str) -> None:
    import numpy as np

    ledger.cannot(RULE, "warning", table, field.name, np.arange(table.rows), reason)


def _same_number(rows: Rows, table: Tidy, cells: Cells, expression: Expression, result: Column) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where stored and computed number agree, and where a sum of blanks leaves it open."""
    import numpy as np

    stored, computed = cells.typed, result.numbers
    # Half a unit of the last decimal that is stored: REDCap keeps what it showed, and other programs round on the way.
    unit = np.array([0.5 * 10.0 ** -len(found[1]) if (found := DECIMALS.fullmatch(str(text).strip())) else 0.0 for text in cells.levels.raw])[cells.codes]
    with np.errstate(invalid="ignore"):
        near = np.abs(stored - computed) <= np.maximum(unit * (1 + CLOSE), CLOSE * np.maximum(1.0, np.abs(computed)))
        equal = (np.isnan(stored) & np.isnan(computed)) | near
        if not equal.all() and (inner := _rounded(expression)) is not None:
            # A number half-way between two is rounded up by one program and down by another.
            before, places = rows.evaluate(table, inner[0], None).numbers, 10.0 ** -inner[1]
            rounded = np.abs(stored - np.round(stored, inner[1])) <= CLOSE * np.maximum(1.0, np.abs(stored))
            equal |= rounded & (np.abs(stored - before) <= 0.5 * places * (1 + CLOSE))
        doubtful = np.isnan(computed) & (stored == 0) & any(isinstance(node, Call) and node.name == "sum" for node in walk(expression.root))
    return equal, doubtful


def _rounded(expression: Expression) -> tuple[Expression, int] | None:
    """What an expression rounds, and to how many decimals, if it is a round() as a whole."""
    root = expression.root
    if not isinstance(root, Call) or root.name != "round":
        return None
    digits = root.operands[1] if len(root.operands) > 1 else Literal(0.0)
    if not isinstance(digits, Literal) or not str(digits.value).replace(".0", "").isdigit():
        return None
    return Expression(expression.text, root.operands[0]), int(float(digits.value))


def _same_text(_rows: Rows, table: Tidy, cells: Cells, _expression: Expression, result: Column) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where stored and computed text agree, white space aside; two numbers agree if they are equal."""
    import numpy as np

    nothing = np.zeros(table.rows, dtype=bool)
    stored = np.array([" ".join(str(text).split()) for text in cells.levels.raw], dtype=object)[cells.codes]
    computed = np.array([" ".join(str(text).split()) for text in result.texts], dtype=object)
    equal = np.asarray(stored == computed, dtype=bool)
    if not equal.all() and cells.levels.typed.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            equal |= np.abs(cells.typed - result.numbers) <= CLOSE * np.maximum(1.0, np.abs(result.numbers))
    elif not equal.all() and cells.levels.typed.dtype.kind == "M":
        equal |= cells.typed.astype("datetime64[us]") == result.dates.astype("datetime64[us]")
    return equal, nothing


def _date(ledger: Ledger, rows: Rows, table: Tidy, field: Described, answer: Answer, cells: Cells, text: str) -> None:
    """@CALCDATE(date, number, unit) against the stored date."""
    import numpy as np

    try:
        parts = parse_arguments(text)
    except LogicError:
        parts = ()
    unit = str(parts[2].root.value) if len(parts) == 3 and isinstance(parts[2].root, Literal) else ""
    if unit not in STEPS or cells.levels.typed.dtype.kind != "M":
        _cannot(ledger, table, field, "the calculation cannot be read")
        return
    if any(each.uses_today for each in parts):
        _cannot(ledger, table, field, TODAY)
        return
    start, steps = (judge(rows, table, each, None) for each in parts[:2])
    days, tolerance = STEPS[unit]
    known = start.known & steps.known
    given = ~np.isnan(steps.numbers) & ~np.isnat(start.dates)
    shift = (np.where(given, steps.numbers, 0.0) * days * 864e11).round().astype("timedelta64[ns]")
    computed = np.where(given, start.dates + shift, np.datetime64("NaT", "ns"))
    blank = (cells.levels.status == BLANK)[cells.codes]
    level = "datetime64[D]" if cells.kind == "date" else "datetime64[m]"
    apart = np.abs(cells.typed.astype(level) - computed.astype(level))
    allowed = np.timedelta64(tolerance, "D").astype(apart.dtype)
    equal = np.where(given & ~blank, apart <= allowed, given == ~blank)
    judged = answer.known & answer.shown & known & ~np.isin(cells.levels.status, (MISSING, UNREADABLE))[cells.codes]

    def said(wrong: NDArray[np.intp]) -> list[str]:
        return ["" if np.isnat(moment) else str(moment.astype(level)).replace("T", " ") for moment in computed[wrong]]

    _report(ledger, table, field, cells, judged, equal, f"@CALCDATE({text})", said if may_be_shown(ledger, rows, field, parts) else None)
    if not known.all():
        reasons = dict.fromkeys(reason for each in parts[:2] if (reason := why_not_judged(rows, table, each)))
        ledger.cannot(RULE, "warning", table, field.name, np.flatnonzero(~known), "; ".join(reasons))
