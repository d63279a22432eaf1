"""REDCap's rule E: what is far from the others is remarked on, and clean fields are left in peace."""

from __future__ import annotations

import numpy as np
import pytest

from pacer_analysis.validate.outliers import _fences, _short
from tests.spec.drawn_project import Validated, field, project


def fences(values: np.ndarray) -> tuple[float, float] | None:
    numbers, counts = np.unique(values, return_counts=True)
    return _fences(numbers, counts)


@pytest.mark.parametrize("n", [30, 100, 1000, 10_000])
@pytest.mark.parametrize("shape", ["normal", "lognormal", "wide lognormal", "rounded", "rounded lognormal"])
def test_a_clean_field_shows_an_outlier_less_than_once_in_a_thousand(n, shape):
    """6,000 fields of 30 and of 100 values, 2,000 of 1,000, 300 of 10,000; the chance is set to 1 in 5,000."""
    rng, fields = np.random.default_rng(7), {30: 6000, 100: 6000, 1000: 2000, 10_000: 300}[n]
    shown = 0
    for values in rng.standard_normal((fields, n)):
        drawn = {"normal": 70 + 15 * values, "lognormal": 40 * np.exp(0.25 * values), "wide lognormal": np.exp(1.2 * values),
                 "rounded lognormal": np.round(40 * np.exp(0.25 * values)), "rounded": np.round(117 + 13 * values, -1)}[shape]
        ends = fences(drawn)
        shown += ends is not None and bool(((drawn < ends[0]) | (drawn > ends[1])).any())
    assert shown <= max(1, fields // 1000)


@pytest.mark.parametrize("shape", ["exponential", "poisson", "uniform", "beta"])
def test_other_clean_shapes_are_left_in_peace_too(shape):
    rng = np.random.default_rng(3)
    drawn = {"exponential": rng.exponential(10, (500, 400)), "poisson": rng.poisson(4, (500, 400)).astype(float), "uniform": rng.uniform(0, 1, (500, 400)),
             "beta": 100 * rng.beta(8, 2, (500, 400))}[shape]
    shown = sum(ends is not None and bool(((row < ends[0]) | (row > ends[1])).any()) for row in drawn for ends in [fences(row)])
    assert shown <= 1


def test_the_logarithm_is_left_out_where_it_is_skewed():
    """Diastolic pressures with a mean of 75 and a standard deviation of 9: 139 is 7.1 of them above, but on the logarithm 5.1, within a fence of 5.7.
    Of 6,000 the tenths show that they are normal and their logarithms are not, of 60 they do not.
    """
    pressures = np.round(75 + 9 * np.random.default_rng(2).standard_normal(6000))
    assert 115 < fences(pressures)[1] < 139
    assert fences(pressures[:60])[1] > 139


def test_the_fence_by_hand():
    """The numbers 1 to 99: quartiles 25.5 and 74.5, tenths 10.8 and 89.2, step 1. The quartiles give the wider spread, (49 + 1) / (2 * 0.67449) =
    37.065. The normal quantile of 1 - 0.0001 / 99 is 4.751, times 1 + 10 / 99 is 5.231: the fence is 50 -+ 193.9, and nothing is negative. The
    logarithm is left out: log 10.8 + log 89.2 - 2 log 50 + 1/50 is -0.933 of 2.111, or -0.44, beyond 3.3 * 1.03 / sqrt(99) = 0.34.
    """
    low, high = fences(np.arange(1.0, 100.0))
    assert (low, high) == (0, pytest.approx(243.9, abs=0.5))
    # The powers of e from 1 to 3.97 in steps of 0.03: the same on the logarithm. Quartiles 1.735 and 3.235, hence a spread of 1.5 / 1.34898 = 1.112 and
    # a little for rounding; exp(2.485 + 5.227 * 1.112) is 4,000, far above any fence as measured.
    assert fences(np.exp(1 + 0.03 * np.arange(100.0)))[1] == pytest.approx(4000, rel=0.2)
    # with a negative value there is no logarithm
    assert fences(np.arange(-49.0, 50.0)) == pytest.approx((-193.9, 193.9), abs=0.5)
    # one side alone: the numbers 1 to 50 and fifty times 50.5 have their spread below, log 50.5 - log 10.9 = 1.53 / 1.2816 = 1.21 of it on the logarithm
    low, high = fences(np.concatenate([np.arange(1.0, 51.0), np.full(50, 50.5)]))
    assert low == 0
    assert high > 50.5


@pytest.fixture
def weights() -> list[str]:
    return [f"{value:.1f}" for value in 70 + 12 * np.random.default_rng(1).standard_normal(200)]


def found(tmp_path, values: list[str], *, high: str = "", identifier: str = "", validation: str = "number") -> Validated:
    made = project(tmp_path, [field("id", "f"), field("x", "f", validation=validation, high=high, identifier=identifier)], settings={"missing_data_codes": "-999, Unknown"})
    return Validated(tmp_path, made, [{"id": str(number), "x": value} for number, value in enumerate(values, start=1)])


def test_a_value_far_from_the_others_is_for_information(tmp_path, weights):
    judged = found(tmp_path, [*weights, "710"])
    assert judged.found("rule", "severity", "record", "value") == [("outlier", "info", "201", "710")]
    (message,) = judged.found("message")[0]
    assert message.startswith("The value lies far from the others of this field: of 201 values, those from ")
    assert judged.count("outlier") == (201, 1, 0)


@pytest.mark.parametrize(("values", "options", "outliers"), [
    (["710"], {}, 1),
    (["-999"], {}, 0),                              # a missing-data code is no value
    (["710"], {"high": "180"}, 0),                  # a finding of the range already
    (["710"], {"identifier": "y"}, 0),              # a number by accident
    (["95"], {}, 0),
    (["seventy"], {}, 0),
])
def test_what_is_judged(tmp_path, weights, values, options, outliers):
    assert len(found(tmp_path, [*weights, *values], **options).found("record", rule="outlier")) == outliers


@pytest.mark.parametrize(("values", "reason"), [
    ([str(number) for number in range(29)], "too few values, or too few different ones"),
    ([str(number % 9) for number in range(200)] + ["900"] * 0, "too few values, or too few different ones"),
    (["5"] * 190 + [str(number) for number in range(10, 22)], "most values are the same"),
])
def test_what_cannot_be_judged(tmp_path, values, reason):
    judged = found(tmp_path, values, validation="integer")
    assert judged.found("rule") == []
    assert judged.count("outlier") == (0, 0, len(values))
    assert judged.ledger.counts["outlier"].reasons == {reason}


def test_many_far_values_are_another_population_and_said_once(tmp_path, weights):
    judged = found(tmp_path, [*weights, *(str(value) for value in range(7000, 7006))])
    assert judged.found("rule", rule="outlier") == []
    assert [name for name, _ in judged.remarks("outlier")] == ["x"]


@pytest.mark.parametrize(("value", "text"), [(1234567.0, "1235000"), (0.00012345, "0.0001234"), (70.0, "70"), (-3.14159, "-3.142"), (0.0, "0")])
def test_fences_are_written_plainly(value, text):
    assert _short(value) == text
