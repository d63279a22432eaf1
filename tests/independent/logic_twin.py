'''REDCap's logic language, evaluated a second time: slowly, row by row, from its description alone.

CHOICES: the points where the description leaves a choice, and the one taken here. `given` marks a reading of the description itself.

====  ==============================================================================================================================================
 no.  choice
====  ==============================================================================================================================================
  1   Order of binding: or < and < not < comparison < + - < * / < sign < ^. `not a = b` is not (a = b); -(2)^(2) is -4; ^ binds to the right.
  2   Comparisons do not chain (`1 < [x] < 5` is refused). `!`, `%`, `==`, `=>` and single `&`, `|` are no operators.
  3   Function names, and/or/not and true/false are read in any case; names of fields, events, units and smart variables as written.
  4   Bare words other than true/false are refused, also today and now; `'today'`, `'now'`, `'NaN'` mean date, time and blank wherever they stand as literals.
  5   Strings have no escapes: they end at the next quote of their kind. Comments are not looked for in strings. Brackets must touch (`[e][f]`, not `[e] [f]`).
  6   `//` and `#` run to the end of the line, wherever they begin outside strings and brackets. A text of white space and comments only is refused.
  7   A literal unit of datediff outside y M d h m s is refused, likewise a literal fourth argument that is neither true/false, blank nor ymd/mdy/dmy.
  8   Plain numbers are `[-+]?digits[.digits][e..]` without spaces, quoted or not: '02' = 2, '1e3' = 1000, '1.0' = '1'. given for "numeric when both are".
  9   A missing data code is its text for = and <>, for text functions and the code functions; elsewhere (arithmetic, aggregates, dates, < >, conditions,
      isnumber) it counts as blank, also -99. A code that is among the field's own choices is no missing code there. A literal is one if its text is.
 10   Ordered comparison: blank or missing code: false (given for blank); one number, one not: false (given); a date beside what is no date, a time beside
      what is no time: false; otherwise texts by code point, times too. Equality is exact, of floats too.
 11   Arithmetic with blank: blank (given); with other text, division by zero, a root of a negative number, an overflow: blank. Results are never -0.
 12   true and false count as 1 and 0 in arithmetic, comparison and text. As a condition: blank, missing code and 0 false; any other number or text true.
 13   Not evaluable: and/or by Kleene (false and ? is false, true or ? is true, on either side); if() looks at its condition and the branch taken only;
      any other operator or function with it gives it.
 14   round is half away from zero, roundup away from zero, rounddown towards zero, all after cutting binary noise to 15 significant digits. Decimals may
      be negative and must be whole; blank decimals give blank.
 15   Aggregates skip blanks (given), missing codes and other text, take one argument or more, and of nothing are blank (given for sum); stdev is that of
      a sample (n - 1), blank for one value. min and max are of numbers only, not of dates.
 16   mod has the sign of the dividend and takes decimals; by zero it is blank. log: natural without a base; of nothing positive, or to base 1, blank.
 17   datediff: second minus first if signed; a date beside a date and time stands for its midnight; two times may be compared, a time and a date not;
      what is no ISO date: blank. The old format argument is ignored. today is midnight. time_mm_ss fields are minutes and seconds.
 18   age_at_date: birthdays passed (29 February: on 1 March); with true, days / 365.2425; a date before birth: blank.
 19   contains, not_contain, starts_with, ends_with ignore case (given) and find blank in anything; find is case-sensitive (needle first), 0 if not found or
      blank; replace_text is case-sensitive and replaces all; left, right, mid with a count or start below 1 or not whole: blank; mid counts from 1.
 20   concat joins blanks as nothing, concat_ws skips them. An empty text is blank. length of blank is 0. Numbers become text without superfluous decimals.
 21   hasmissingcode: a missing code of the project that is also in the list. isinteger is about the spelling: '5.0' is none, but 10 / 2 is.
 22   A ticked box is '1', an unticked '0' (given). A box whose column is blank, or whose row is not there, is '0' and also equals '' (given: "too").
      A missing code as option of a box whose column nobody needed is such a blank.
 23   A reference without event or instance: the record id anywhere; a field of a form that does not repeat in this event from its base row; of the same
      repeating form or repeating event from the same instance (all given). Another instance unsaid, or a form not mapped to the event: not evaluable.
 24   A row or column that may exist and does not: blank. An event of another arm: blank (given), even if the record has rows there; but not evaluable
      where the form is not mapped to it, or an instance is asked of a form that does not repeat there.
 25   An instance asked of what does not repeat: not evaluable, whichever. [n] without a row: blank. previous and next are this number -1 and +1, also where
      numbers have gaps; first and last are those that exist. current, previous, next from a row without instance: not evaluable.
 26   Relative events before a field: the nearest, first or last event of this arm with the field's form; none: blank. Alone: the neighbour in the arm.
      Instance names alone are numbers, blank on rows that do not repeat.
 27   Unknown field, event or option, a checkbox without option, an option of what is no checkbox, a descriptive field, a field absent from the export:
      not evaluable. [user-...] and all smart variables not named here: not evaluable. [record-dag-name]: blank if in no group.
 28   Comma decimals are read with a dot. `now` is midnight if only a date is given.
 29   A sole reference gives the text of the field; a box '0' or '1'. arm-number and instance numbers are numbers.
====  ==============================================================================================================================================
'''

from __future__ import annotations

from datetime import date, datetime

from tests.independent.logic_twin_functions import call
from tests.independent.logic_twin_parser import Binary, Call, LogicError, Node, Number, Reference, Text, Truth, Unary, parse
from tests.independent.logic_twin_references import Field, Project, RowKey, Rows, read
from tests.independent.logic_twin_values import (
    BLANK,
    NOT_EVALUABLE,
    Blank,
    FieldText,
    NotEvaluable,
    Value,
    equal,
    number_of,
    number_value,
    ordered,
    text_of,
    text_value,
    truth_of,
)


def evaluate(text: str, project: Project, rows: Rows, row_key: RowKey, today: date) -> Value:
    """The value of an expression on one row; LogicError where the text is no expression."""
    now = today if isinstance(today, datetime) else datetime.fromisoformat(today.isoformat())
    return _value(parse(text), project, rows, row_key, now)


def condition(value: Value) -> bool | NotEvaluable:
    """A value as the answer to "is it so?"."""
    return value if isinstance(value, NotEvaluable) else truth_of(value)


def mentions_today(text: str) -> bool:
    """Whether the value of an expression depends on the day it is computed."""
    def inside(node: Node) -> bool:
        below = (node.left, node.right) if isinstance(node, Binary) else (node.operand,) if isinstance(node, Unary) else node.arguments if isinstance(node, Call) else ()
        return (isinstance(node, Text) and node.value in {"today", "now"}) or any(inside(other) for other in below)
    return inside(parse(text))


def _value(node: Node, project: Project, rows: Rows, key: RowKey, now: datetime) -> Value:
    def of(other: Node) -> Value:
        return _value(other, project, rows, key, now)

    if isinstance(node, Number | Truth):
        return node.value
    if isinstance(node, Text):
        words = {"today": now.strftime("%Y-%m-%d"), "now": now.strftime("%Y-%m-%d %H:%M:%S"), "NaN": ""}
        return text_value(words.get(node.value, node.value))
    if isinstance(node, Reference):
        return read(node, project, rows, key)
    if isinstance(node, Call) and node.name == "if":
        chosen = condition(of(node.arguments[0]))
        return chosen if isinstance(chosen, NotEvaluable) else of(node.arguments[1 if chosen else 2])
    if isinstance(node, Binary) and node.sign in {"and", "or"}:
        return _connected(node.sign, condition(of(node.left)), condition(of(node.right)))
    operands = [of(other) for other in (node.arguments if isinstance(node, Call) else (node.left, node.right) if isinstance(node, Binary) else (node.operand,))]
    for operand in operands:
        if isinstance(operand, NotEvaluable):
            return operand
    if isinstance(node, Call):
        return call(node.name, operands, list(project.missing_codes))
    if isinstance(node, Unary):
        return not truth_of(operands[0]) if node.sign == "not" else _arithmetic("-" if node.sign == "-" else "+", 0.0, operands[0])
    if node.sign in {"=", "<>"}:
        return equal(*operands) == (node.sign == "=")
    if node.sign in {"<", "<=", ">", ">="}:
        return ordered(node.sign, *operands)
    return _arithmetic(node.sign, *operands)


def _connected(sign: str, left: bool | NotEvaluable, right: bool | NotEvaluable) -> Value:
    decisive = sign == "or"
    if left is decisive or right is decisive:
        return decisive
    for side in (left, right):
        if isinstance(side, NotEvaluable):
            return side
    return not decisive


def _arithmetic(sign: str, left: Value, right: Value) -> Value:
    first, second = number_of(left), number_of(right)
    if first is None or second is None:
        return BLANK
    try:
        if sign == "^":
            result = first ** second
            return BLANK if isinstance(result, complex) else number_value(result)
        return number_value({"+": first + second, "-": first - second, "*": first * second}[sign] if sign != "/" else first / second)
    except (ZeroDivisionError, OverflowError):
        return BLANK


__all__ = ["BLANK", "NOT_EVALUABLE", "Blank", "Field", "FieldText", "LogicError", "NotEvaluable", "Project", "condition", "evaluate", "mentions_today", "parse", "text_of"]
