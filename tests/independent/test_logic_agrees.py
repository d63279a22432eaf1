"""The evaluator of the package and the second author's give the same value: on the hand-written corpus, and on expressions and tables at random."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from pacer_analysis.errors import PacerError
from pacer_analysis.logic import parse
from tests.independent.logic_compared import differing, keys_of, read_project, same, value_of
from tests.independent.logic_corpora import corpus
from tests.independent.logic_project import FIELDS, PROJECT
from tests.independent.logic_project_rows import ROWS, TODAY
from tests.independent.logic_strategies import cases
from tests.independent.logic_twin import evaluate
from tests.independent.logic_twin_parser import LogicError
from tests.independent.logic_twin_values import NOT_EVALUABLE

# The reader takes the space off a code (` 1` is `1`, and remembered); the twin reads rows as they are given, so it is given them so.
CODED = {name for name, field in FIELDS.items() if field.choices and field.kind in {"radio", "dropdown", "yesno", "truefalse"}}
READ = {key: {column: text.strip() if column in CODED else text for column, text in row.items()} for key, row in ROWS.items()}
# [x][current-instance] of what does not repeat is [x] here and not evaluable there: exports.md says neither.
SETTLED = {"[sbp][current-instance]", "[sbp]=[sbp][current-instance]", "[sex][current-instance]"}
# Read here though the twin refuses them: `today` and units without quotes, `!`, [field:value], a space between brackets. All occur in REDCap's own help or in old dictionaries.
ALSO_READ = {"today", "[screening_arm_1] [sex]='1'", "!([sex]='1')", "datediff([dob],[scr_date],d)", "[sex:value]='1'"}


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    return read_project(tmp_path_factory.mktemp("small"))


def test_the_corpus_is_large_and_every_value_agrees(rows):
    every = corpus()
    assert len({text for _, text in every}) >= 1000
    wrong = [found for _, text in every if text not in SETTLED for found in differing(text, rows, READ)[:1]]
    assert wrong == []
    assert {text for text in SETTLED if differing(text, rows, READ)} == SETTLED      # none of them is settled by now


def test_what_the_twin_refuses_is_refused(rows):
    read = set()
    for _, text in corpus("logic_corpus_refused"):
        try:
            parse(text)
            read.add(text)
        except PacerError:
            continue
    assert read == ALSO_READ


def test_unknown_names_are_refused_or_not_evaluable(rows):
    wrong = [found for _, text in corpus("logic_corpus_unknown") for found in differing(text, rows, READ)[:1] if not str(found.package).startswith("refused")]
    assert wrong == []


def agree(case) -> None:
    text, data, _ = case
    try:
        evaluate(text, PROJECT, data, next(iter(data)), TODAY)
    except LogicError:
        return
    known = {key: {column: cell.strip() if column in CODED else cell for column, cell in row.items()} for key, row in data.items()}
    with tempfile.TemporaryDirectory() as folder:
        found = read_project(Path(folder), known)
    expression = parse(text)
    for table in found.reading.tables:
        result = found.evaluate(table, expression, TODAY)
        for row, key in enumerate(keys_of(table)):
            one, two = value_of(result, row), evaluate(text, PROJECT, known, key, TODAY)
            if "current-instance" in text and two == NOT_EVALUABLE:
                continue
            assert same(one, two), (text, key, one, two)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(cases())
def test_random_expressions_on_random_tables(case):
    agree(case)


@pytest.mark.deep
@settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(cases())
def test_thousands_of_random_expressions_on_random_tables(case):
    agree(case)
