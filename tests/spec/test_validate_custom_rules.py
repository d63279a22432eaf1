"""The data quality rules that a project's people wrote in REDCap."""

from __future__ import annotations

from pathlib import Path

from pacer_analysis.dictionary.checks import load_quality_rules
from pacer_analysis.validate.custom_rules import apply_quality_rules
from pacer_analysis.validate.references import check_references
from tests.spec.drawn_project import TODAY, Validated, field, project

FIELDS = [field("id", "base"), field("sex", "base", "radio", "1, F | 2, M"), field("pregnant", "base", "yesno"), field("weight", "visit", validation="number"), field("dose", "pills", validation="number")]
HEADER = "rule_name,rule_logic,real_time_execution\n"


def judged(tmp_path: Path, rules: str, *rows: dict[str, str]) -> Validated:
    made = project(tmp_path, FIELDS, events="Start,1,start,,, Later,1,later,,,", mapping="1,start,base 1,start,visit 1,later,visit 1,later,pills", repeating="later,pills,")
    (tmp_path / "data_quality_rules.csv").write_text(HEADER + rules)
    found = Validated(tmp_path, made, list(rows))
    written = load_quality_rules(tmp_path / "data_quality_rules.csv")
    check_references(found.ledger, found.rows, written)
    apply_quality_rules(found.ledger, found.rows, written, TODAY)
    return found


def start(record: str, **cells: str) -> dict[str, str]:
    return {"id": record, "redcap_event_name": "start", **cells}


def later(record: str, **cells: str) -> dict[str, str]:
    return {"id": record, "redcap_event_name": "later", **cells}


def pill(record: str, instance: int, dose: str) -> dict[str, str]:
    return later(record, redcap_repeat_instrument="pills", redcap_repeat_instance=str(instance), dose=dose)


def test_a_rule_is_looked_at_where_its_fields_stand(tmp_path):
    found = judged(tmp_path, "Pregnant men,\"[sex] = '2' and [pregnant] = '1'\",y\n", start("1", sex="2", pregnant="1"), start("2", sex="1", pregnant="1"), start("3", sex="2", pregnant="0"))
    assert found.found("rule", "severity", "record", "event", "instrument", "field", "message") == [
        ("custom_pregnant_men", "warning", "1", "start", "base", "sex", "The project's rule \"Pregnant men\" finds a discrepancy: [sex] = '2' and [pregnant] = '1'.")]
    assert found.count("custom_pregnant_men") == (3, 1, 0)


def test_a_rule_across_forms_is_looked_at_on_each_of_them_once(tmp_path):
    """Blank weight of a man: record 1 never opened the visit, record 2 did; each is one finding."""
    found = judged(tmp_path, "Weight of men,\"[sex] = '2' and [weight] = ''\",\n", start("1", sex="2"), start("2", sex="2", weight="", visit_complete="2"), start("3", sex="2", weight="70"))
    assert found.found("record", "event", rule="custom_weight_of_men") == [("1", "start"), ("2", "start")]


def test_a_rule_on_a_repeating_form_is_looked_at_on_its_instances(tmp_path):
    found = judged(tmp_path, "Dose,[dose] > [weight],\n", later("1", weight="50"), pill("1", 1, "40"), pill("1", 2, "60"), later("2", weight="30"))
    assert found.found("record", "instance", "field", rule="custom_dose") == [("1", "2", "dose")]
    assert found.count("custom_dose") == (2, 1, 0)


def test_a_rule_that_names_every_event_is_looked_at_once_a_record(tmp_path):
    found = judged(tmp_path, "Loss,[later][weight] < [start][weight],\n", start("1", weight="70"), later("1", weight="60"), start("2", weight="70"), later("2", weight="80"))
    assert found.found("record", rule="custom_loss") == [("1",)]
    assert found.count("custom_loss") == (2, 1, 0)


def test_rules_that_cannot_be_read_or_placed_are_findings_on_the_dictionary(tmp_path):
    found = judged(tmp_path, "Broken,[sex] = = '1',\nNowhere,1 = 2,\nGone,[sex] = '1' and [gone] = '1',\nBlank,,\n", start("1", sex="1"))
    said = [message for _, message in found.remarks("dictionary")]
    for words in ('"Broken" cannot be read', '"Nowhere" refers to no field', "gone", '"Blank" cannot be read: it is blank'):
        assert any(words in message for message in said), words
    assert found.found("rule") == []
    assert found.count("custom_gone") == (0, 0, 1)


def test_a_rule_on_an_unknown_field_is_one_finding(tmp_path):
    found = judged(tmp_path, "Gone,[gone] = '1',\n", start("1", sex="1"))
    (said,) = [message for _, message in found.remarks("dictionary")]
    assert said.startswith("The rule custom_gone ")
    assert found.ledger.counts["custom_gone"].reasons == {"refers to no field of the project"}


def test_ids_come_from_names_and_are_unique(tmp_path):
    (tmp_path / "rules.csv").write_text(HEADER + "Too old?,[sex] = '1',y\nToo  OLD!,[sex] = '2',\n\"???\",[sex] = '2',\n")
    assert [rule.id for rule in load_quality_rules(tmp_path / "rules.csv")] == ["custom_too_old", "custom_too_old_3", "custom_4"]
    assert load_quality_rules(tmp_path / "none.csv") == ()
