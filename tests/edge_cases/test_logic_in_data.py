"""Edge cases of REDCap's logic on exports: branching over rows and events, spellings, calculations, references to nothing."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from pacer_analysis.logic import LogicError, evaluate, parse
from tests.edge_cases.drawn import dictionary, export, validate

ROWS = """
id,demog,,text,Id
sex,demog,,radio,Sex,"1, F | 2, M"
any_ae,exam,,yesno,Any event
pregnant,exam,,yesno,Pregnant,,,,,,,[baseline_arm_1][sex] = '1',y
what,ae,,text,What,,,,,,,[any_ae] = '1',y
serious,ae,,yesno,Serious
why,ae,,text,Why serious,,,,,,,[serious] = '1',y
"""


def test_03_branching_over_rows_and_events(tmp_path):
    """The operand stands in another event, on the base row of the same event, or in the same repeat."""
    made = dictionary(tmp_path, ROWS, events="Baseline,1,baseline_arm_1\nVisit,1,visit_arm_1",
                      mapping="1,baseline_arm_1,demog\n1,visit_arm_1,exam\n1,visit_arm_1,ae", repeating="visit_arm_1,ae,")
    data = export(tmp_path, """
id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,sex,demog_complete,any_ae,pregnant,exam_complete,what,serious,why,ae_complete
1,baseline_arm_1,,,1,2,,,,,,,
1,visit_arm_1,,,,,1,,1,,,,
1,visit_arm_1,ae,1,,,,,,,0,,1
1,visit_arm_1,ae,2,,,,,,x,1,,1
1,visit_arm_1,ae,3,,,,,,x,1,bed,2
2,baseline_arm_1,,,2,2,,,,,,,
2,visit_arm_1,,,,,0,,2,,,,
2,visit_arm_1,ae,1,,,,,,y,,,1
3,visit_arm_1,,,,,0,,2,,,,
""")
    outcome = validate(tmp_path, made, data)
    assert outcome.found("rule", "record", "instrument", "instance", "field") == [
        ("first_event", "3", "redcap", "", ""), ("hidden", "2", "ae", "1", "what"), ("required", "1", "ae", "1", "what"), ("required", "1", "ae", "2", "why"), ("required", "1", "exam", "", "pregnant")]
    outcome.only("hidden", "[any_ae] = '1'")
    assert (outcome.rules["required"]["not_evaluable"], outcome.rules["hidden"]["not_evaluable"]) == ("0", "0")


SMART = """
id,demog,,text,Id
sex,demog,,radio,Sex,"1, F | 2, M"
pain,visit,,yesno,Pain
worse,visit,,text,Worse than before,,,,,,,[previous-event-name][pain] = '1',y
first,visit,,text,For women,,,,,,,[first-event-name][sex] = '1',y
dose,pills,,text,Dose,,,integer
more,pills,,text,Why more,,,,,,,[dose] > [dose][previous-instance],y
again,pills,,text,Again,,,,,,,[dose][1] = '5' and [current-instance] > 1,y
"""


def test_03_branching_over_rows_by_smart_variables(tmp_path):
    """The event before, the first event, the repeat before, the first repeat."""
    made = dictionary(tmp_path, SMART, events="Start,1,start_arm_1\nVisit 1,1,visit_1_arm_1\nVisit 2,1,visit_2_arm_1",
                      mapping="1,start_arm_1,demog\n1,visit_1_arm_1,visit\n1,visit_2_arm_1,visit\n1,start_arm_1,pills", repeating="start_arm_1,pills,")
    data = export(tmp_path, """
id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,sex,demog_complete,pain,worse,first,visit_complete,dose,more,again,pills_complete
1,start_arm_1,,,1,2,,,,,,,,
1,visit_1_arm_1,,,,,1,,x,1,,,,
1,visit_2_arm_1,,,,,0,,,1,,,,
1,start_arm_1,pills,1,,,,,,,5,,,1
1,start_arm_1,pills,2,,,,,,,7,,,1
1,start_arm_1,pills,3,,,,,,,6,,x,1
2,start_arm_1,,,2,2,,,,,,,,
2,visit_1_arm_1,,,,,0,,,1,,,,
2,visit_2_arm_1,,,,,0,x,,1,,,,
""")
    outcome = validate(tmp_path, made, data)
    assert outcome.found("rule", "record", "event", "instance", "field") == [
        ("hidden", "2", "visit_2_arm_1", "", "worse"), ("required", "1", "start_arm_1", "2", "again"), ("required", "1", "start_arm_1", "2", "more"),
        ("required", "1", "visit_2_arm_1", "", "first"), ("required", "1", "visit_2_arm_1", "", "worse")]


@pytest.mark.parametrize("logic", [
    "[a]!=2 and [a]<>''", "[a] <> \"2\" AND [a] <> \"\"", "[a]=1", "[a]='1'or([c]='9')", "([a]='1')and([c]!='5')", "[a]\n=\n\t'1'", "NOT ([a] = '2' OR [a] = '')",
    "[a] = '1' && [c] <> 5", "[a] = 1 || [c] = 9", "[a]<2and[a]>0", "[box(ABC)]=1", "[box(ABC)] = \"1\" and [box(-9)]='0'",
    "datediff([d],'2020-01-31','d','ymd')=30", "datediff('2020-01-31',[d],\"d\",\"ymd\",true) = -30",
])
def test_15_spellings_of_logic(tmp_path, logic):
    """One question in many spellings: record 1 is asked and blank, record 2 is not asked and filled, record 3 has nothing to decide by."""
    quoted = logic.replace('"', '""')
    made = dictionary(tmp_path, f"""
id,f,,text,Id
a,f,,radio,A,"1, X | 2, Y"
c,f,,text,C
d,f,,text,D,,,date_dmy
box,f,,checkbox,Box,"ABC, X | -9, Y"
b,f,,text,B,,,,,,,"{quoted}",y
""")
    data = export(tmp_path, "id,a,c,d,box___abc,box____9,b,f_complete\n1,1,,2020-01-01,1,0,,1\n2,2,5,2020-05-31,0,1,x,1\n3,,,,0,0,,1\n")
    assert validate(tmp_path, made, data).found("rule", "record", "field") == [("hidden", "2", "b"), ("required", "1", "b")]


def test_15_logic_of_a_day_that_is_past(tmp_path):
    """What `today` was when the form was filled in nobody knows: not evaluable, unless the rest of the logic decides."""
    made = dictionary(tmp_path, """
id,f,,text,Id
a,f,,radio,A,"1, X | 2, Y"
d,f,,text,D,,,date_dmy
b,f,,text,B,,,,,,,"datediff([d],""today"",""d"",""ymd"") > 100 and [a] = 1",y
""")
    outcome = validate(tmp_path, made, export(tmp_path, "id,a,d,b,f_complete\n1,1,2020-01-01,,1\n2,2,2020-01-01,x,1\n"))
    assert outcome.found("rule", "record", "field") == [("hidden", "2", "b")]
    assert outcome.rules["required"]["not_evaluable"] == "1"
    assert "day" in outcome.rules["required"]["reason"]


COLUMNS = {"a": np.array(["1", "2", ""], dtype=object), "b": np.array(["3", "", "5"], dtype=object),
           "d": np.array(["2020-02-01", "2019-12-01", "NaT"], dtype="datetime64[ns]")}


@pytest.mark.parametrize(("logic", "value"), [
    ('[a]!="1"', [False, True, True]),
    ("[a]<>1", [False, True, True]),
    ("[a]=1", [True, False, False]),
    ("[a] = '1' AND [b] = 3", [True, False, False]),
    ("[a]='1'or[b]='5'", [True, False, True]),
    ('[a]="1"and([b]="3"OR[b]="5")', [True, False, False]),
    ("[a]\n = 1\n\tAnd\r\n[b] = '3'", [True, False, False]),
    ("[a]=2||[b]=5", [False, True, True]),
    ("[a]=1&&[b]=3", [True, False, False]),
    ("[b]<>0", [True, True, True]),
    ("[b]>=3", [True, False, True]),
    ("datediff('2020-01-01',[d],'d','ymd')=31", [True, True, False]),
    ("datediff('2020-01-01',[d],'d','ymd',true)=-31", [False, True, False]),
    ("datediff('2020-01-01',[d],'d',true)=-31", [False, True, False]),
    ("datediff('today',[d],'d','mdy') = 31", [True, True, False]),
])
def test_15_spellings_by_the_evaluator(logic, value):
    found = evaluate(parse(logic), lambda reference: COLUMNS[reference.field], today=dt.date(2020, 1, 1), rows=3)
    assert found.value.tolist() == value
    assert found.known.tolist() == [True, True, True]


@pytest.mark.parametrize("logic", ["[a] === '1'", "[a] = '1' and", "if([a] = 1, 2", "[a] = \u201c1\u201d x", "sum([a]"])
def test_15_what_is_no_logic(tmp_path, logic):
    """Refused with its place; on a dictionary a finding, and nobody is asked by it."""
    with pytest.raises(LogicError) as refused:
        parse(logic)
    assert refused.value.what
    quoted = logic.replace('"', '""')
    made = dictionary(tmp_path, f'id,f,,text,Id\na,f,,text,A\nb,f,,text,B,,,,,,,"{quoted}",y\n')
    outcome = validate(tmp_path, made, export(tmp_path, "id,a,b,f_complete\n1,1,,2\n2,1,x,2\n"))
    outcome.only("dictionary", field="b")
    assert outcome.found("rule") == [("dictionary",)]


def test_24_calculations(tmp_path):
    """A stored result that is stale is told; a blank input gives a blank; what depends on the day of the export is not checked."""
    made = dictionary(tmp_path, """
id,f,,text,Id
a,f,,text,A,,,number
b,f,,text,B,,,number
born,f,,text,Born,,,date_ymd
total,f,,calc,Total,"[a]+[b]"
middle,f,,calc,Middle,"round(mean([a],[b]),1)"
age,f,,calc,Age,"rounddown(datediff([born],'today','y'))"
note,f,,text,Note
""")
    data = export(tmp_path, """
id,a,b,born,total,middle,age,note,f_complete
1,1,2,1990-01-01,3,1.5,30,,2
2,1,3,1990-01-01,3,2,99,,2
3,1,,,,1,,,2
4,1,,,7,1.0,,,2
5,,,,,,,x,2
6,1,2,,,1.5,,,2
7,0.1,0.2,,0.3,0.2,,,2
8,0.1,0.24,,0.34,0.17,,,2
""")
    outcome = validate(tmp_path, made, data)
    assert outcome.found("rule", "record", "field") == [("calculation", "2", "total"), ("calculation", "4", "total"), ("calculation", "6", "total"), ("calculation", "8", "middle")]
    assert outcome.only("calculation", "[a]+[b]", record="2")["value"] == "3"
    assert int(outcome.rules["calculation"]["not_evaluable"]) >= 2
    assert "day" in outcome.rules["calculation"]["reason"]


LOST = """
id,f,,text,Id
a,f,,radio,A,"1, X | 2, Y"
box,f,,checkbox,Box,"1, P | 2, Q"
b,f,,text,B,,,,,,,[gone] = '1',y
c,f,,text,C,,,,,,,[old_visit_arm_1][a] = '1',y
d,f,,text,D,,,,,,,[box(9)] = '1',y
total,f,,calc,Total,[vanished]+1
good,f,,text,Good,,,,,,,[box(2)] = '1',y
"""


def test_27_references_to_nothing(tmp_path):
    """A renamed field, event or option is a finding on the dictionary, once; what hangs on it is neither missing nor hidden but not evaluable."""
    made = dictionary(tmp_path, LOST, events="Start,1,start_arm_1", mapping="1,start_arm_1,f")
    data = export(tmp_path, """
id,redcap_event_name,a,box___1,box___2,b,c,d,total,good,f_complete
1,start_arm_1,1,0,1,,,,,,1
2,start_arm_1,2,1,0,x,x,x,5,,1
""")
    outcome = validate(tmp_path, made, data)
    for name, word in (("b", "gone"), ("c", "old_visit_arm_1"), ("d", "9"), ("total", "vanished")):
        outcome.only("dictionary", word, field=name)
    assert outcome.found("rule", "record", "field", rule="required") == [("required", "1", "good")]
    assert {query["rule"] for query in outcome.queries} == {"dictionary", "required"}
    assert outcome.rules["required"]["not_evaluable"] == "6"
    assert outcome.rules["hidden"]["not_evaluable"] == "6"
    assert int(outcome.rules["calculation"]["not_evaluable"]) >= 1
    assert {row["field"]: row["not_evaluable"] for row in outcome.lines("completeness.csv") if row["not_evaluable"] != "0"} == {"b": "2", "c": "2", "d": "2"}
