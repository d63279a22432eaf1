"""Logic in a plan: every field it names exists, and every code it compares with is one of the field's codes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pacer_analysis.dictionary.choices import checkbox_column
from pacer_analysis.errors import PlanError
from pacer_analysis.logic import LogicError, parse
from pacer_analysis.logic.expression import Call, Literal, Node, Reference, walk
from pacer_analysis.plan.blocks import unknown_name

Codes = Mapping[str, Collection[str]]


def check_logic(text: str, fields: Collection[str], codes: Codes, where: str) -> None:
    """Raise PlanError for logic that cannot be read, an unknown field, or a comparison with a code that the field does not have."""
    if not text:
        return
    try:
        expression = parse(text, where=where)
    except LogicError as problem:
        raise PlanError(f"This logic cannot be read: {problem.what}.", where=where, allowed=problem.allowed or "REDCap's expression language", do="Correct the expression.") from None
    for reference in expression.references:
        check_own_row(reference, text, where)
        if reference.field not in fields:
            raise unknown_name("field in logic:", reference.field, fields, where)
        if reference.code and codes:
            allowed = codes.get(reference.field, ())
            if checkbox_column(reference.field, reference.code) not in {checkbox_column(reference.field, code) for code in allowed}:
                raise unknown_name(f"code of {reference.field}:", reference.code, allowed, where)
    for node in walk(expression.root):
        _check_comparison(node, codes, where)


def check_own_row(reference: Reference, text: str, where: str) -> None:
    """Raise PlanError for a reference to anything but what a field of the same row stores."""
    if reference.event or reference.instance:
        raise PlanError(f"The expression {text} refers to another event or instance.", where=where, allowed="fields of the same row", do="Name the field alone.")
    if reference.show:
        raise PlanError(f"The expression {text} asks for what a field shows, {reference}.", where=where, allowed="the codes that a field stores, as in [field] = '1'",
                        do=f"Write [{reference.field}] and compare it with a code.")


def _check_comparison(node: Node, codes: Codes, where: str) -> None:
    if not isinstance(node, Call) or node.name not in ("=", "<>") or len(node.operands) != 2:
        return
    for reference, literal in (node.operands, reversed(node.operands)):
        if isinstance(reference, Reference) and isinstance(literal, Literal) and not reference.code and not isinstance(literal.value, bool):
            code = literal.value if isinstance(literal.value, str) else format(literal.value, "g")
            allowed = codes.get(reference.field, ())
            if code and allowed and code not in allowed:
                raise unknown_name(f"code of {reference.field}:", code, allowed, where)
