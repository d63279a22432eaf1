"""Whatever stands where logic should: it is read and has a value, or it is refused in words."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pacer_analysis.logic import LogicError, evaluate, parse
from pacer_analysis.logic._arguments import ARGUMENTS
from pacer_analysis.logic.smart import EVENTS, INSTANCES
from tests.spec.logic_values import COLUMNS

TOKENS = [*(f"[{name}]" for name in COLUMNS if "_" not in name), "[box(2)]", "[lost]", *(f"[{name}]" for name in (*sorted(EVENTS), *sorted(INSTANCES))), "[2]", "[a(", "]", *(f"{name}(" for name in ARGUMENTS), "(", ")", ",",
          "=", "<>", "!=", "<", ">=", "and", "or", "not", "!", "&&", "||", "+", "-", "*", "/", "^", "1", "02", ".5", "1e9", "1e999", "''", "'x'", '"', "'", "today", "'now'", "NaN", "true", "'2016-01-31'", "d", "'M'", "//", "/*", "*/", "#", "\n",
          "\u00a0", "\x00", "\u2018"]


def value(text: str) -> None:
    try:
        expression = parse(text)
    except LogicError as refused:
        assert str(refused)     # noqa: PT017  # refusing is one of two right answers
        return
    result = evaluate(expression, lambda reference: COLUMNS.get(f"{reference.field}___{reference.code}" if reference.code else reference.field), rows=4)
    assert len(result.value) == len(result.known) == len(result.numbers) == len(result.texts) == len(result.blank) == 4


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=25), st.sampled_from(["", " "]))
def test_tokens_in_any_order(tokens, between):
    value(between.join(tokens))


CALLS = st.recursive(st.sampled_from(["[a]", "[n]", "[d]", "[t]", "[m]", "[box(2)]", "[name]", "[lost]", "1", "'2'", "''", "-3.7", "'x'", "'2016-02-29'", "'10:30'", "1e300", "today"]),
                     lambda inner: st.tuples(st.sampled_from([name for name in ARGUMENTS if name != "datediff"]), st.lists(inner, min_size=1, max_size=4)).map(lambda call: f"{call[0]}({', '.join(call[1])})"), max_leaves=6)


@settings(max_examples=1500, deadline=None)
@given(CALLS)
def test_any_function_of_anything(text):
    value(text)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text(text):
    value(text)
