"""How numbers become text. Expected texts are worked out by hand."""

from __future__ import annotations

import pytest

from pacer_analysis.tables import numbers

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(("value", "decimals", "text"), [
    (0.125, 2, "0.13"),            # half up, where Python's format gives 0.12 (half even)
    (2.675, 2, "2.68"),            # the binary double is 2.67499..., the 10-digit decimal is 2.675
    (-0.125, 2, f"{MINUS}0.13"),   # half away from zero, with a true minus sign
    (-0.001, 2, "0.00"),           # no minus sign before zero
    (9999, 0, "9999"), (10000, 0, "10,000"), (1234567.5, 1, "1,234,567.5"),
])
def test_one_rounding_rule(value, decimals, text):
    assert numbers.rounded(value, decimals) == text


@pytest.mark.parametrize(("p", "text"), [(0.0004, "<0.001"), (0.00049999, "<0.001"), (0.0005, "0.001"), (0.0495, "0.050"), (0.99951, ">0.999"),
                                         (1.0, "1.000"), (0.0, "<0.001"), (0.031, "0.031")])
def test_p_value_is_never_zero(p, text):
    assert numbers.p_value(p) == text


@pytest.mark.parametrize(("share", "text"),
                         [(0.0, "0.0%"), (1.0, "100.0%"), (0.0003, "<0.1%"), (0.9997, ">99.9%"), (91 / 129, "70.5%"), (0.0005, "0.1%")])
def test_percent_is_zero_only_for_none(share, text):
    assert numbers.percent(share) == text


@pytest.mark.parametrize(("se", "decimals"), [
    (0.0454, 2),    # 454: one digit of the error, 0.05 -> hundredths
    (0.0300, 3),    # 300: two digits, 0.030 -> thousandths
    (0.0960, 2),    # 960 rounds to 0.10 with two digits -> hundredths
    (1.4, 1), (4.2, 0), (14.0, 0), (0.355, 1), (0.354, 2),
])
def test_as_many_decimals_as_the_error_warrants(se, decimals):
    assert numbers.decimals_for(se) == decimals


def test_published_trial_prints_as_published():
    # MCH-ART, 155/202 against 117/209: 0.2075 (0.1185, 0.2965), SE 0.04541, published as 0.21 (0.12-0.30); risk ratio 1.3707 (1.1890, 1.5801).
    decimals = numbers.decimals_for(0.04541, least=2)
    assert numbers.rounded(0.2075, decimals) == "0.21"
    assert " ".join(numbers.interval(0.1185, 0.2965, decimals)) == "0.12 to 0.30"
    assert numbers.of(155, 202) == "155/202"
    assert numbers.percent_of(155, 202) == "76.7%"
    assert " ".join((numbers.ratio(1.3707), *numbers.ratio_interval(1.1890, 1.5801))) == "1.37 1.19 to 1.58"


def test_limit_that_is_not_zero_does_not_print_as_zero():
    assert numbers.interval_decimals(0.0012, 0.163, 2) == 3
    assert numbers.interval_decimals(0.0, 0.163, 2) == 2
    assert numbers.interval_decimals(-0.02, 0.163, 2) == 2


def test_ratio_is_never_zero():
    assert (numbers.ratio(0.003), numbers.ratio(0.005), numbers.ratio(12.345)) == ("<0.01", "0.01", "12.35")


def test_quantiles_are_whole_where_they_are_whole():
    assert (numbers.quantile(28.0), numbers.quantile(30.5), numbers.quantile(17.857)) == ("28", "30.5", "17.9")


def test_agreement_is_one_digit_and_a_power():
    assert (numbers.agreement(0), numbers.agreement(3.2e-13), numbers.agreement(2.7e-8)) == ("0", "3e-13", "3e-8")
