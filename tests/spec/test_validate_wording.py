"""Every rule has its words."""

from __future__ import annotations

import ast
from pathlib import Path

import pacer_analysis
from pacer_analysis.plan import load
from pacer_analysis.validate.built_in import CELLS, REDCAP_CELLS, REDCAP_ROWS, ROWS
from pacer_analysis.validate.meaning import plan_rules
from pacer_analysis.validate.wording import WORDS, words
from tests.conftest import PLAN

PACKAGE = Path(pacer_analysis.__file__).parent


def rules_in(path: Path) -> set[str]:
    """The ids of rules that a module writes as literals: in Note(...), and in the calls of a ledger."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = {target.id: node.value.value for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
                 for target in node.targets if isinstance(target, ast.Name)}
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[1] if name in {"fail_cells", "fail_or_sum_up"} and len(node.args) > 1 else node.args[0]
            if name in {"Note", "fail", "cannot", "fail_cells", "fail_or_sum_up"} or (name == "count" and isinstance(node.func, ast.Attribute) and "ledger" in ast.unparse(node.func.value)):
                found.add(first.value if isinstance(first, ast.Constant) else constants.get(getattr(first, "id", ""), ""))
    return found - {""}


def test_every_rule_that_the_code_names_has_a_sentence():
    named = {rule for folder in ("read", "validate") for path in (PACKAGE / folder).glob("*.py") for rule in rules_in(path)}
    assert {"type", "range", "hidden", "encoding", "unknown_column"} <= named
    plan = load(PLAN)
    named |= {*CELLS, *REDCAP_CELLS, *REDCAP_ROWS, *ROWS, *plan_rules(plan, sealed=False), *plan_rules(plan, sealed=True)}
    assert sorted(named - set(WORDS)) == []


def test_redcaps_letters_are_each_there():
    assert "".join(dict.fromkeys(sorted(letter for letter, _ in WORDS.values() if letter))) == "ABCDEFGHI"
    assert words("range")[0] == words("sealed_range")[0] == "D"
    assert words("eligible_too_young") == ("", "")


def test_sentences_are_sentences():
    for rule, (_, sentence) in WORDS.items():
        assert sentence[0].isupper(), rule
        assert sentence.endswith("."), rule
