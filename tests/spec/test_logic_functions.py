"""What each function gives, worked out by hand; the four rows are those of logic_values."""

from __future__ import annotations

import pytest

from tests.spec.logic_values import outcomes, texts


@pytest.mark.parametrize(("text", "expected"), [
    # rounding: half away from zero, up away from zero, down towards it; negative digits are tens, hundreds
    ("round(14.384, 1)", 14.4), ("round(2.5)", 3), ("round(-2.5)", -3), ("round(2.345, 2)", 2.35), ("round(1.005, 2)", 1.01), ("round(0.285, 2)", 0.29), ("round(2.4999999)", 2), ("round(1234.5, -2)", 1200), ("round(1250, -2)", 1300),
    ("round(0.1 + 0.2, 15)", 0.3), ("roundup(14.384, 1)", 14.4), ("roundup(14.31, 1)", 14.4), ("roundup(2.1)", 3), ("roundup(-2.1)", -3), ("roundup(3)", 3), ("roundup(0.1 + 0.2, 1)", 0.3), ("roundup(1201, -2)", 1300), ("roundup(0)", 0),
    ("rounddown(14.384, 1)", 14.3), ("rounddown(2.9)", 2), ("rounddown(-2.5)", -2), ("rounddown(1299, -2)", 1200), ("rounddown(0.7 + 0.1, 1)", 0.8), ("rounddown(2.999999999999)", 2), ("round(123456789012345678)", 123456789012345678),
    ("round(2.5, '1')", 2.5), ("round('', 1)", None), ("round(1, '')", None), ("round('x')", None), ("round(1.55, 0.5)", None), ("round(5, 400)", None), ("round(0.000012345, 7)", 0.0000123), ("round(0.5, -1)", 0), ("round(5, -1)", 10),
    ("sqrt(16)", 4), ("sqrt(-1)", None), ("sqrt('')", None), ("abs(-7.1)", 7.1), ("abs('')", None), ("exponential(1)", 2.718281828459045), ("exponential(1000)", None), ("log(100, 10)", 2), ("log(8, 2)", 3), ("log(2.718281828459045)", 1),
    ("log(0)", None), ("log(-1)", None), ("log(5, 1)", None), ("log(5, 0)", None), ("log(5, -2)", None), ("log(5, '')", None), ("mod(10, 4)", 2), ("mod(-7, 3)", -1), ("mod(7, -3)", 1), ("mod(5.5, 2)", 1.5), ("mod(5, 0)", None), ("mod('', 2)", None),
    # aggregates skip blanks and what is no number
    ("sum(1, '', 2, 'x')", 3), ("sum('', '')", None), ("sum(5)", 5), ("mean(1, '', 2)", 1.5), ("mean('')", None), ("median(3, 1, '', 2)", 2), ("median(4, 1, 3, 2)", 2.5), ("median('', '')", None), ("median(7)", 7),
    ("min(3, '', -1)", -1), ("min('', '')", None), ("max(3, '', -1)", 3), ("max('')", None), ("max('2016-01-01', 3)", 3), ("stdev(2, 4, 4, 4, 5, 5, 7, 9)", 2.138089935299395), ("stdev(1, '', 3)", 1.4142135623730951), ("stdev(5)", None), ("stdev('', '')", None),
    ("sum(0.1, 0.2, 0.3)", 0.6), ("mean(true, false)", 0.5),
])
def test_numbers(text, expected):
    found = texts(text)
    assert found == [found[0]] * 4
    assert (None if found[0] == "" else float(found[0])) == (expected if expected is None else pytest.approx(expected, rel=1e-14))


@pytest.mark.parametrize(("text", "expected"), [
    ("sum([n], [a])", ["6", "", "2", "-2.5"]), ("mean([n], 1)", ["3", "1", "0.5", "-0.75"]), ("max([n], 0)", ["5", "0", "0", "0"]), ("min([n], [a])", ["1", "", "0", "-2.5"]), ("median([n], [a], 3)", ["3", "3", "2", "0.25"]),
    ("sum([m], 1)", ["8", "1", "1", "1"]), ("round([n] / 2, 0)", ["3", "", "0", "-1"]), ("abs([n])", ["5", "", "0", "2.5"]), ("round([n], [a])", ["5", "", "0", ""]), ("sum([box(2)], 1)", ["2", "1", "1", "1"]),
])
def test_numbers_of_columns(text, expected):
    assert texts(text) == expected


@pytest.mark.parametrize(("text", "expected"), [
    # a year has 365.2425 days and a month 30.44; no sign unless asked for
    ("datediff([d], '2016-03-01', 'd')", ["30", "", "0", "395"]), ("datediff('2016-03-01', [d], 'd', true)", ["-30", "", "0", "-395"]), ("datediff([d], [e], 'h', true)", ["252", "", "0", ""]), ("datediff([d], [e], 'm')", ["15120", "", "0", ""]),
    ("datediff([d], [e], 's')", ["907200", "", "0", ""]), ("datediff('2016-03-01', [d], \"d\", \"ymd\", true)", ["-30", "", "0", "-395"]), ("round(datediff('2015-01-01', '2016-01-01', 'y') * 365.2425, 9)", ["365"] * 4),
    ("round(datediff('2015-01-01', '2015-01-31', 'M') * 30.44, 9)", ["30"] * 4), ("datediff([d], 'x', 'd')", [""] * 4), ("datediff([d], '2016-02-30', 'd')", [""] * 4), ("datediff('1500-01-01', '2500-01-01', 'd')", ["365243"] * 4),
    ("datediff('2016-01-01 10:00', '2016-01-02', 'h')", ["14"] * 4), ("datediff('2016-01-01T10:00:30', '2016-01-01 10:01', 's')", ["30"] * 4), ("datediff([m], '2016-01-01', 'd')", [""] * 4),
    ("datediff('2016-03-01', [d], 'd', [a] = 1)", ["-30", "", "0", "395"]), ("datediff([nowhere], [d], 'd')", ["?"] * 4), ("datediff([d], [d], 'd', [nowhere])", ["?"] * 4),
    # times of day, among themselves
    ("datediff([t], '10:00', 'm')", ["90", "", "795.5", "175"]), ("datediff([t], '10:00', 'h', true)", ["1.5", "", "-13.258333333333333", "2.9166666666666665"]), ("datediff([t], [d], 'd')", [""] * 4), ("datediff('24:00', '10:00', 'h')", [""] * 4),
    # full years by the calendar, a birthday that has passed; times are ignored
    ("age_at_date('2000-02-29', '2018-02-28')", ["17"] * 4), ("age_at_date('2000-02-29', '2018-03-01')", ["18"] * 4), ("age_at_date('2000-02-29', '2020-02-29')", ["20"] * 4), ("age_at_date('1990-05-01', [d])", ["25", "", "25", "24"]),
    ("age_at_date('1990-05-01 23:00', '2016-05-01 01:00')", ["26"] * 4), ("age_at_date('2016-05-01', '2015-05-01')", [""] * 4), ("age_at_date('', '2015-05-01')", [""] * 4), ("round(age_at_date('2016-01-01', '2016-04-01', true), 4)", ["0.2491"] * 4),
    ("age_at_date('2016-01-01', '2016-04-01', false)", ["0"] * 4),
    ("year([d])", ["2016", "", "2016", "2015"]), ("month([e])", ["2", "1", "3", ""]), ("day([d])", ["31", "", "1", "31"]), ("dayoftheweek([d])", ["7", "", "2", "6"]), ("dayoftheweek('1969-12-29')", ["1"] * 4), ("year('0004-02-29')", ["4"] * 4),
    ("year('x') ", [""] * 4), ("year(5)", [""] * 4), ("day('2016-02-10 23:59:59')", ["10"] * 4), ("year([n])", [""] * 4),
])
def test_dates(text, expected):
    assert texts(text) == expected


@pytest.mark.parametrize(("text", "expected"), [
    ("left([name], 3)", ["Ada", "", "ada", "Žof"]), ("right([name], 4)", ["lace", "", "da  ", "ofie"]), ("mid([name], 2, 3)", ["da ", "", "da ", "ofi"]), ("left([name], 0)", [""] * 4), ("left('abc', -1)", [""] * 4), ("left('abc', '')", [""] * 4),
    ("left('abc', 9)", ["abc"] * 4), ("right('abc', 9)", ["abc"] * 4), ("right('abc', 0)", [""] * 4), ("mid('abc', 0, 2)", [""] * 4), ("mid('abc', 3, 9)", ["c"] * 4), ("mid('abc', 4, 1)", [""] * 4), ("left('abc', 1.9)", ["a"] * 4),
    ("length([name])", ["12", "0", "5", "5"]), ("length(12.50)", ["4"] * 4), ("length([d])", ["10", "0", "10", "10"]), ("trim([name])", ["Ada Lovelace", "", "ada", "Žofie"]), ("trim('  a b ')", ["a b"] * 4),
    ("upper([name])", ["ADA LOVELACE", "", "ADA  ", "ŽOFIE"]), ("lower([name])", ["ada lovelace", "", "ada  ", "žofie"]),
    ("replace_text([name], 'a', 'o')", ["Ado Loveloce", "", "odo  ", "Žofie"]), ("replace_text('aaa', 'aa', 'b')", ["ba"] * 4), ("replace_text('abc', '', 'x')", ["abc"] * 4), ("replace_text('abc', 'b', '')", ["ac"] * 4),
    ("find('o', [name])", ["6", "0", "0", "2"]), ("find('A', [name])", ["1", "0", "1", "0"]), ("find('', 'abc')", ["0"] * 4), ("find([word], [name])", ["5", "0", "0", "1"]),
    ("concat([name], '-', [a])", ["Ada Lovelace--1".replace("--", "-"), "-", "ada  -02", "Žofie-x"]), ("concat('a')", ["a"] * 4), ("concat(1, 2.50, true)", ["12.51"] * 4), ("concat([n], [m])", ["57", "", "0UNK", "-2.5-99"]), ("length([m])", ["1", "0", "3", "3"]),
    ("concat_ws(' and ', [a], '', [word])", ["1 and Lovelace", "x", "02", "x and žo"]), ("concat_ws(', ', '', '')", [""] * 4), ("concat_ws('', 'a', 'b')", ["ab"] * 4),
    ("right(concat('00', [a]), 3)", ["001", "00", "002", "00x"]), ("lower(concat(trim('John '), '_', trim(' Doe')))", ["john_doe"] * 4), ("mid('4890-2318', find('-', '4890-2318') + 1, length('4890-2318'))", ["2318"] * 4),
    ("left([name], [n])", ["Ada L", "", "", ""]), ("upper(if([n] > 0, [name], 5))", ["ADA LOVELACE", "5", "5", "5"]), ("concat([box(2)])", ["1", "0", "0", "0"]),
])
def test_texts(text, expected):
    assert texts(text) == expected


@pytest.mark.parametrize(("text", "expected"), [
    ("contains([name], 'LOVE')", "TFFF"), ("contains([name], [word])", "TFTT"), ("not_contain([name], 'ada')", "FTFT"), ("starts_with([name], 'ADA')", "TFTF"), ("ends_with([name], 'ce')", "TFFF"), ("ends_with([name], '')", "TTTT"),
    ("starts_with([name], [word])", "FFTT"), ("contains([n], 5)", "TFFT"), ("contains('', 'a')", "FFFF"), ("contains([name], 'žof')", "FFFT"),
    ("isnumber([a])", "TFTF"), ("isnumber([d])", "FFFF"), ("isnumber('-1.5e-3')", "TTTT"), ("isnumber('1,5')", "FFFF"), ("isnumber('')", "FFFF"), ("isnumber([m])", "TFFF"), ("isnumber([n] * 2)", "TFTT"),
    ("isinteger([n])", "TFTF"), ("isinteger('5.0')", "FFFF"), ("isinteger(2 * 2.5)", "TTTT"), ("isinteger([m])", "TFFF"), ("isinteger('+3')", "TTTT"), ("isinteger('5.1')", "FFFF"), ("isinteger('x')", "FFFF"), ("isinteger('-3')", "TTTT"), ("isinteger('')", "FFFF"),
    ("isblankormissingcode([n])", "FTFF"), ("isblankormissingcode([m])", "FTTT"), ("isblanknotmissingcode([m])", "FTFF"), ("ismissingcode([m])", "FFTT"), ("ismissingcode([n])", "FFFF"), ("ismissingcode('UNK')", "FFFF"),
    ("hasmissingcode([m], 'UNK')", "FFTF"), ("hasmissingcode([m], 'NI, -99')", "FFFT"), ("hasmissingcode([m], 'UNK,-99')", "FFTT"), ("hasmissingcode([m], 'unk')", "FFFF"), ("hasmissingcode([a], '02')", "FFFF"), ("hasmissingcode([m], '')", "FFFF"),
    ("hasmissingcode([m], if([a] = 'x', '-99', 'NI'))", "FFFT"), ("isblankormissingcode('')", "TTTT"), ("isblankormissingcode([a])", "FTFF"),
])
def test_truths(text, expected):
    assert outcomes(text) == expected
