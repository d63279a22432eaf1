"""The second evaluator of the logic language against values worked out by hand, and the corpora and project that go with it."""

from __future__ import annotations

import csv

import pytest
from hypothesis import HealthCheck, given, settings

from tests.independent.logic_corpora import corpus
from tests.independent.logic_project import MISSING_CODES, PROJECT
from tests.independent.logic_project_files import SYSTEM_COLUMNS, write_all
from tests.independent.logic_project_rows import ROWS, TODAY
from tests.independent.logic_strategies import cases
from tests.independent.logic_twin import BLANK, NOT_EVALUABLE, LogicError, NotEvaluable, evaluate, mentions_today, parse
from tests.independent.logic_twin_references import Project

ROW = {
    "screening": ("1", "screening_arm_1", "", 0), "baseline": ("1", "baseline_arm_1", "", 0), "visit 1": ("1", "visit_arm_1", "", 1), "visit 2": ("1", "visit_arm_1", "", 2),
    "visit 3": ("1", "visit_arm_1", "", 3), "week 4": ("1", "week_4_arm_1", "", 0), "lab 1": ("1", "week_4_arm_1", "labs", 1), "lab 4": ("1", "week_4_arm_1", "labs", 4),
    "week 12": ("1", "week_12_arm_1", "", 0), "log": ("1", "log_arm_1", "", 0), "ae 1": ("1", "log_arm_1", "ae", 1), "ae 2": ("1", "log_arm_1", "ae", 2), "ae 4": ("1", "log_arm_1", "ae", 4),
    "med 1": ("1", "log_arm_1", "meds", 1), "close": ("1", "close_arm_1", "", 0),
    "sparse": ("2", "screening_arm_1", "", 0), "sparse baseline": ("2", "baseline_arm_1", "", 0), "late visit": ("2", "visit_arm_1", "", 5), "no base": ("2", "week_4_arm_1", "labs", 3),
    "arm 2": ("3", "baseline_arm_2", "", 0), "arm 2 late": ("3", "late__follow_up_arm_2", "", 0), "arm 2 ae": ("3", "log_arm_2", "ae", 1),
    "both 1": ("4", "screening_arm_1", "", 0), "both 2": ("4", "baseline_arm_2", "", 0), "junk": ("331-5", "screening_arm_1", "", 0), "junk baseline": ("331-5", "baseline_arm_1", "", 0),
    "arm 3": ("006", "only_arm_3", "", 0), "lone": ("S-7", "log_arm_1", "meds", 3),
}
T, F, NE = True, False, NOT_EVALUABLE

ANYWHERE: list[tuple[str, object]] = [
    ("1", 1.0), ("-(2)^(2)", -4.0), ("(2)^(3)^(2)", 512.0), ("2+3*4", 14.0), ("8/4/2", 1.0), ("10-2-3", 5.0), ("1/0", BLANK), ("(-8)^(1/3)", BLANK), ("'6'*2", 12.0),
    ("''+1", BLANK), ("'a'+1", BLANK), ("true+true", 2.0), ("'NaN'", BLANK), ("'today'", "2021-03-15"), ("'now'", "2021-03-15 10:20:30"), ("'a'='A'", F), ("'02'=2", T),
    ("'1e3'=1000", T), ("''=0", F), ("''<>0", T), ("''<5", F), ("'10'<'9'", F), ("10<'9a'", F), ("'10'<'9a'", F), ("'10a'<'9a'", T), ("'2020-01-20'>'abc'", F), ("not 0 and 0", F), ("not 'a'='b'", T),
    ("1 or 1 and 0", T), ("(1 or 1) and 0", F), ("'0.0' or ''", F), ("if('a',2,3)", 2.0), ("if(1=2,'x','')", BLANK), ("// so\n1=1", T), ("4/* by */ / 2 # half", 2.0),
    ("round(1.5)", 2.0), ("round(2.5)", 3.0), ("round(-2.5)", -3.0), ("round(1.005,2)", 1.01), ("round(2.675,2)", 2.68), ("round(1250,-2)", 1300.0), ("round('')", BLANK),
    ("roundup(-1.1)", -2.0), ("roundup(0.1+0.2,1)", 0.3), ("rounddown(-1.9)", -1.0), ("rounddown(4.35*100)", 435.0), ("roundup(14.384,1)", 14.4), ("rounddown(14.384,1)", 14.3),
    ("sqrt(-1)", BLANK), ("abs(-7.1)", 7.1), ("exponential(0)", 1.0), ("exponential(1000)", BLANK), ("log(8,2)", 3.0), ("log(0)", BLANK), ("log(10,1)", BLANK),
    ("mod(10,4)", 2.0), ("mod(-10,4)", -2.0), ("mod(5.5,2)", 1.5), ("mod(3,0)", BLANK), ("sum(1,'',3)", 4.0), ("sum('','')", BLANK), ("mean(1,2,'')", 1.5), ("median(1,2,3,4)", 2.5),
    ("min('10','9')", 9.0), ("max('','')", BLANK), ("stdev(2,4,4,4,5,5,7,9)", (32 / 7) ** 0.5), ("stdev(1)", BLANK),
    ("datediff('2020-01-31','2020-01-01','d')", 30.0), ("datediff('2020-01-31','2020-01-01','d',true)", -30.0), ("datediff('2020-01-01','2020-12-31','y')", 365 / 365.2425),
    ("datediff('2020-01-01','2020-01-31',\"M\",\"mdy\")", 30 / 30.44), ("datediff('2020-02-28','2020-03-01','d','ymd',true)", 2.0), ("datediff('2020-01-01 10:00','2020-01-01 12:30','h')", 2.5),
    ("datediff('2020-01-01','2020-01-01 18:00','h')", 18.0), ("datediff('10:00','12:30:30','s')", 9030.0), ("datediff('10:00','2020-01-01','h')", BLANK), ("datediff('2020-02-30','2020-01-01','d')", BLANK),
    ("datediff('2021-03-14','today','d')", 1.0), ("datediff('today','now','s')", 37230.0), ("age_at_date('2000-02-29','2021-02-28')", 20.0), ("age_at_date('2000-02-29','2021-03-01')", 21.0),
    ("age_at_date('2000-01-01','2020-07-01',true)", 7487 / 365.2425), ("year('2020-03-15 10:00')", 2020.0), ("day('2020-02-30')", BLANK), ("dayoftheweek('today')", 1.0), ("dayoftheweek('2021-03-14')", 7.0),
    ("contains('Taylor','LO')", T), ("not_contain('Taylor','x')", T), ("starts_with('Taylor','tay')", T), ("ends_with('Taylor','tay')", F), ("find('lor','Taylor')", 4.0), ("find('T','banana')", 0.0),
    ("left('Taylor',3)", "Tay"), ("right('Taylor',4)", "ylor"), ("mid('Taylor',2,3)", "ayl"), ("mid('Taylor',7,1)", BLANK), ("length('')", 0.0), ("trim('   ')", BLANK), ("upper('é1')", "É1"),
    ("replace_text('banana','a','o')", "bonono"), ("replace_text('banana','A','o')", "banana"), ("concat('a',1,'',2/4)", "a10.5"), ("concat_ws(', ','a','','b')", "a, b"), ("concat('','')", BLANK),
    ("isnumber('1,5')", F), ("isnumber('-1e3')", T), ("isinteger('5.0')", F), ("isinteger(10/2)", T), ("ismissingcode('NI')", T), ("isblankormissingcode(0)", F), ("hasmissingcode('NI','UNK, NI')", T),
    ("1=1 or [user-name]='x'", T), ("[user-name]='x' and 1=2", F), ("1=1 and [user-name]='x'", NE), ("if(1=2,[user-name],7)", 7.0), ("[user-name]=[user-name]", NE),
]
ON_A_ROW: list[tuple[str, str, object]] = [
    ("screening", "[sex]=1 and [consent]='1'", T), ("screening", "[lang]<>'-99'", T), ("screening", "[cond(-99)]='1'and[cond(OTH)]=1", T), ("screening", "[cond(0)]=''", F),
    ("screening", "[cond(UNK)]=0", T), ("screening", "[cond(UNK)]=''", T), ("screening", "[zip]=2139", T), ("screening", "rounddown(datediff([dob],[scr_date],'y'))", 34.0),
    ("screening", "datediff([dob],[scr_date],'d')", 12719.0), ("screening", "[packs]", NE), ("screening", "[sbp]>100 or [sex]=1", T), ("screening", "length([note])", 27.0),
    ("sparse", "[lang]=-99 and not ismissingcode([lang])", T), ("sparse", "trim([full_name])='anna'", T), ("sparse", "[scr_date]<'today'", F), ("sparse", "[record-dag-name]", "uf_test"),
    ("baseline", "[height]", "1.54"), ("baseline", "round([weight]/([height])^(2),1)=[bmi]", T), ("baseline", "[sc_1]+[sc_2]+[sc_3]", BLANK), ("baseline", "sum([sc_1],[sc_2],[sc_3])", 3.0),
    ("baseline", "[packs]<>0 and [packs]=''", T), ("baseline", "[moca_complete]=2 and [labs_complete]<>2", T), ("baseline", "[vl]=20 and [hb]>12", T), ("baseline", "datediff([run_time],'00:00','s')", 755.0),
    ("baseline", "[screening_arm_1][cond(1)]", "1"), ("baseline", "[next-event-name][sbp]", NE), ("baseline", "[next-event-name][sbp][2]", "128"), ("baseline", "[next-event-name][hb][2]", "12"),
    ("sparse baseline", "[weight]=-99", T), ("sparse baseline", "[weight]<0", F), ("sparse baseline", "[kids]+1", BLANK), ("sparse baseline", "[income]=0 and [income]<>''", T), ("sparse baseline", "[hb]=0.5", T),
    ("sparse baseline", "hasmissingcode([height],'UNK,NI')", T), ("sparse baseline", "sum([kids],[income],4)", 4.0), ("sparse baseline", "[smoker]", "UNK"), ("sparse baseline", "if([smoker],1,0)", 0.0),
    ("visit 1", "[sbp][previous-instance]", BLANK), ("visit 2", "[sbp]-[sbp][previous-instance]", -2.0), ("visit 2", "[sbp][next-instance]", "NI"), ("visit 2", "[sbp][3]>0", F), ("visit 2", "[sym(-1)]", "1"),
    ("visit 2", "[vis_date][last-instance]", BLANK), ("visit 2", "[baseline_arm_1][sbp]-[sbp]", -8.0), ("visit 2", "[current-instance]", 2.0), ("visit 3", "[sbp]>0 or [sbp]<=0", F),
    ("visit 3", "isnumber([temp]) or [temp]<>-99", F), ("visit 3", "isblankormissingcode([vis_date]) and isblankormissingcode([dbp])", T), ("visit 3", "[previous-event-name][vis_date]", "2020-01-20"),
    ("late visit", "[sbp][previous-instance]", BLANK), ("late visit", "[sbp][first-instance]", "140"), ("late visit", "[last-instance]", 5.0), ("late visit", "[visit_arm_1][sbp]", "141"),
    ("week 4", "[visit_arm_1][sbp]", NE), ("week 4", "[visit_arm_1][sbp][1]", "130"), ("week 4", "[hb]", NE), ("week 4", "[hb][2]", "12"), ("week 4", "[hb][3]", BLANK), ("week 4", "[hb][last-instance]", "UNK"),
    ("week 4", "[hb][current-instance]", NE), ("week 4", "[sbp][1]", NE), ("lab 1", "[sbp]", "118"), ("lab 1", "[hb]<[baseline_arm_1][hb]", T), ("lab 1", "[flags(NI)]=0 and [flags(H)]=1", T),
    ("lab 4", "[flags(NI)]", "1"), ("lab 4", "[vl]=1000", T), ("lab 4", "[lab_date]>'2000-01-01'", F), ("lab 4", "[hb][previous-instance]", BLANK), ("lab 4", "[hb][first-instance]", "11.9"),
    ("no base", "[sbp]", BLANK), ("no base", "[sym(1)]=0 and [sym(1)]=''", T), ("no base", "[hb]>9.9", T), ("week 12", "[vis_date]='NI' and not([vis_date]>'2000-01-01')", T), ("week 12", "[hb]", NE),
    ("log", "[ae_term]", NE), ("log", "[ae_term][1]", "Headache"), ("log", "[ae_term][3]", BLANK), ("log", "[ae_crit(2)][2]='1'", T), ("log", "[eos_date]<'today'", T), ("log", "[close_arm_1][eos_date]=''", T),
    ("ae 1", "[eos_date]>[ae_onset]", T), ("ae 1", "[med_name]", NE), ("ae 2", "[med_dose][current-instance]", "0.5"), ("ae 2", "[ae_end]<[ae_onset]", T), ("ae 2", "datediff([ae_onset],[ae_end],'d',true)", -10.0),
    ("ae 4", "[ae_grade]>2 or [ae_grade]<=2", F), ("ae 4", "lower([ae_term])=lower([ae_term][first-instance])", T), ("ae 4", "[ae_term][previous-instance]", BLANK),
    ("med 1", "datediff([med_start],[log_arm_1][eos_date],'d')=[med_days]", T), ("close", "[log_arm_1][eos_date]", "2021-01-05"), ("close", "[previous-event-name][eos_reason]=1", T), ("close", "[next-event-name]", BLANK),
    ("arm 2", "[screening_arm_1][sex]", BLANK), ("arm 2", "[screening_arm_1][cond(1)]=0", T), ("arm 2", "[lang]='02' and [lang]=2", T), ("arm 2", "[first-event-name][sbp]", "150"), ("arm 2", "[ae_term]", NE),
    ("arm 2", "round([income],2)", 100000.0), ("arm 2", "age_at_date([dob],[scr_date])", 20.0), ("arm 2 late", "[first-event-name]", "baseline_arm_2"), ("arm 2 late", "[baseline_arm_1][sbp]", BLANK),
    ("arm 2 late", "[baseline_arm_1][sex]", NE), ("arm 2 late", "[arm-number]+1", 3.0), ("arm 2 ae", "[log_arm_2][ae_grade]=5", T), ("arm 2 ae", "[log_arm_1][ae_grade]", BLANK), ("arm 2 ae", "[eos_date]=[ae_end]", T),
    ("both 1", "[baseline_arm_2][kids]", BLANK), ("both 2", "[baseline_arm_1][kids]", BLANK), ("both 2", "[log_arm_2][ae_term][2]", "Cough"), ("both 2", "round([income],2)", 12.35),
    ("junk", "[cond(1)]=0 and [cond(1)]='' and [cond(1)]<>1", T), ("junk", "[cond(1)]<>''", F), ("junk", "[dob]>'2000-01-01' or [dob]<'2000-01-01'", F), ("junk", "datediff([dob],[scr_date],'y')", BLANK),
    ("junk", "[screening_complete]=''", T), ("junk", "[consent]=1", F), ("junk baseline", "[sc_1]=[sc_2] and [sc_3]<>1", T), ("junk baseline", "[dbp]=80 and [temp]=100", T), ("junk baseline", "[sbp]>100", F),
    ("arm 3", "[record-name]=6 and [record_id]='006'", T), ("arm 3", "[record-dag-name]=''", T), ("arm 3", "[first-event-name]=[last-event-name]", T), ("arm 3", "[vis_note]=6", T),
    ("lone", "[eos_date]", BLANK), ("lone", "[med_dose]<>'' and ismissingcode([med_dose])", T), ("lone", "[ae_term][last-instance]", BLANK), ("lone", "[ae_grade][last-instance]=4", T),
]


def same(found, expected) -> bool:
    return type(found) is type(expected) and found == pytest.approx(expected, rel=1e-12) if isinstance(expected, float) else isinstance(found, type(expected)) and found == expected


@pytest.mark.parametrize(("expression", "expected"), ANYWHERE)
def test_without_a_field(expression, expected):
    for row in ("screening", "arm 3"):
        assert same(evaluate(expression, PROJECT, ROWS, ROW[row], TODAY), expected)


@pytest.mark.parametrize(("row", "expression", "expected"), ON_A_ROW)
def test_on_a_row(row, expression, expected):
    assert ROW[row] in ROWS
    assert same(evaluate(expression, PROJECT, ROWS, ROW[row], TODAY), expected)


def test_corpus_is_large_and_every_line_has_a_value_on_every_row():
    expressions = [expression for _, expression in corpus()]
    assert len(set(expressions)) == len(expressions) >= 1050
    sometimes = 0
    for expression in expressions:
        values = [evaluate(expression, PROJECT, ROWS, key, TODAY) for key in ROWS]
        sometimes += any(not isinstance(value, NotEvaluable) for value in values)
    assert sometimes > 0.97 * len(expressions)


@pytest.mark.parametrize("expression", [expression for _, expression in corpus("logic_corpus_refused")])
def test_refused(expression):
    with pytest.raises(LogicError):
        parse(expression)


def test_unknown_names_are_not_evaluable():
    for _, expression in corpus("logic_corpus_unknown"):
        values = [evaluate(expression, PROJECT, ROWS, key, TODAY) for key in ROWS]
        assert any(isinstance(value, NotEvaluable) and value.reason for value in values), expression
    left_out = Project(**{**vars(PROJECT), "absent": frozenset({"full_name"})})
    assert evaluate("[full_name]", left_out, ROWS, ROW["screening"], TODAY) == NOT_EVALUABLE


def test_today_is_noticed():
    assert mentions_today("rounddown(datediff([dob],\"today\",'y'))")
    assert mentions_today("if([vis_date]<'now',1,0)")
    assert not mentions_today("contains([note],' today') // 'today'")


def test_the_files_say_what_the_rows_say(tmp_path):
    with write_all(tmp_path).open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(ROWS)
    for line, ((record, event, form, instance), row) in zip(lines, ROWS.items(), strict=True):
        assert [line[name] for name in SYSTEM_COLUMNS[:4]] == [record, event, form, str(instance or "")]
        assert {column: text for column, text in line.items() if text and column not in SYSTEM_COLUMNS[:4]} == {column: text for column, text in row.items() if text}
    assert not set(MISSING_CODES) & {"", "0", "1"}


@settings(max_examples=400, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(cases())
def test_random_expressions_keep_their_value_in_another_dress(case):
    expression, rows, key = case
    value = evaluate(expression, PROJECT, rows, key, TODAY)
    assert evaluate(f" /* a */ ({expression}\n) // b", PROJECT, rows, key, TODAY) == value
    assert evaluate(f"if(1=1,{expression}\n,[user-name])", PROJECT, rows, key, TODAY) == value
    negated = evaluate(f"not({expression}\n)", PROJECT, rows, key, TODAY)
    assert isinstance(negated, NotEvaluable) == isinstance(value, NotEvaluable)
    assert evaluate(f"not(not({expression}\n))", PROJECT, rows, key, TODAY) == (value if isinstance(value, NotEvaluable) else not negated)
