"""A cut from a server that answers as REDCap's API does: batches, retries, refusals, and a token that is nowhere to be read."""

from __future__ import annotations

import csv
import datetime as dt
import os
import subprocess
import sys

import pytest

from pacer_analysis.errors import ExportError
from pacer_analysis.fetch import fetch, read_token
from tests.functional.redcap_server import TOKEN, Project, serving

METADATA = ("field_name,form_name,section_header,field_type,field_label,select_choices_or_calculations,field_note,text_validation_type_or_show_slider_number,"
            "text_validation_min,text_validation_max,identifier,branching_logic,required_field,custom_alignment,question_number,matrix_group_name,matrix_ranking,"
            "field_annotation\n"
            "study_id,person,,text,Study ID,,,,,,,,,,,,,\n"
            "town,person,,text,Town,,,,,,,,,,,,,\n"
            'pets,person,,checkbox,Pets,"1, Cat | -99, Other",,,,,,,,,,,,\n'
            "weight,visit,,text,Weight,,,number,,,,,,,,,,\n")
SETTINGS = 'project_id,project_title,is_longitudinal,missing_data_codes\n7,"An infants\' study, 2",1,"NI, No information"\n'
EVENTS = "event_name,arm_num,unique_event_name\nFirst,1,first_arm_1\n"
MAPPING = "arm_num,unique_event_name,form\n1,first_arm_1,person\n1,first_arm_1,visit\n"
REPEATING = "event_name,form_name,custom_form_label\nfirst_arm_1,visit,\n"
NOW = dt.datetime(2026, 1, 31, 9, 5, tzinfo=dt.UTC)


def row(record: str, **cells: str) -> dict[str, str]:
    blank = {"study_id": record, "redcap_event_name": "first_arm_1", "redcap_repeat_instrument": "", "redcap_repeat_instance": "", "town": "", "pets___1": "",
             "pets____99": "", "person_complete": "", "weight": "", "visit_complete": ""}
    return blank | cells


ROWS = [row("1", town="Gugulethu", pets___1="1", pets____99="0", person_complete="2"), row("2", town="Sm\u00f6rg\u00e5s,\nbord", pets___1="0", pets____99="1", person_complete="2"),
        row("2", redcap_repeat_instrument="visit", redcap_repeat_instance="1", weight="3.10", visit_complete="2"), row("3", town="x", pets___1="0", pets____99="0", person_complete="0")]


def project(**changes) -> Project:
    return Project(METADATA, SETTINGS, list(ROWS), "study_id", EVENTS, MAPPING, REPEATING, **changes)


def fetched(server: Project, folder, **options):
    with serving(server) as url:
        return fetch(url, TOKEN, folder, now=NOW, sleep=lambda _: None, **options)


def table(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_the_cut_is_the_same_whatever_the_batch(tmp_path, batch):
    got = fetched(project(), tmp_path, batch=batch)
    assert (got.file, got.records, got.rows, got.columns) == ("AnInfantsStudy2_DATA_2026-01-31_0905.csv", 3, 4, 10)
    assert table(tmp_path / got.file) == ROWS          # the batch of record 1 has no repeat columns: they are put together by name
    assert (tmp_path / "dictionary/redcap.csv").read_text() == METADATA
    assert {path.name for path in (tmp_path / "dictionary").iterdir()} == {"redcap.csv", "project.csv", "events.csv", "instrument_event_mapping.csv", "repeating.csv"}


def test_a_classic_project_has_no_structure_files(tmp_path):
    classic = Project(METADATA, SETTINGS, [{"study_id": "a-1", "town": "x"}], "study_id")
    fetched(classic, tmp_path)
    assert {path.name for path in (tmp_path / "dictionary").iterdir()} == {"redcap.csv", "project.csv"}


def test_an_empty_project_is_a_header(tmp_path):
    empty = Project(METADATA, SETTINGS, [], "study_id")
    got = fetched(empty, tmp_path)
    assert (tmp_path / got.file).read_text() == "study_id\n"
    assert got.rows == 0


def test_a_busy_server_is_asked_again(tmp_path):
    server = project(busy=3)
    assert fetched(server, tmp_path).rows == 4
    assert len(server.asked) > 3


def test_a_broken_answer_is_asked_for_again(tmp_path):
    assert fetched(project(truncate=2), tmp_path).rows == 4


def test_a_batch_that_is_too_much_is_halved(tmp_path):
    server = project(most=1)
    assert fetched(server, tmp_path).rows == 4
    sizes = [sum(name.startswith("records[") for name in form) for form in server.asked if form["content"] == ["record"]]
    assert sizes == [0, 3, 1, 2, 1, 1, 0]      # the ids, all three at once, halves, halves again, the ids once more


@pytest.mark.parametrize(("trouble", "said"), [
    ({"body": "<html><head><title>REDCap</title></head><body>Log in</body></html>"}, "Log in"),
    ({"body": '{"error":"The project is offline"}'}, "The project is offline"),
    ({"body": "field_name,form_name\n"}, "dictionary is empty"),
    ({"body": "nothing,here\n1,2\n"}, "does not begin with the column field_name"),
    ({"redirect": "https://elsewhere.example.org/api/"}, "the token was not sent on"),
    ({"busy": 99}, "Service Unavailable"),
    ({"most": 0}, "ran out of server memory"),
])
def test_a_server_that_cannot_is_quoted_in_one_message(tmp_path, trouble, said):
    with pytest.raises(ExportError, match=said) as caught:
        fetched(project(**trouble), tmp_path)
    assert TOKEN not in str(caught.value)


def test_records_that_change_meanwhile_are_remarked(tmp_path):
    server = project()
    server.entered = row("4", town="new")      # somebody enters a record after the first question about records
    assert "while the export was taken" in fetched(server, tmp_path).remarks[0]


def test_a_wrong_token_is_refused_by_the_server_and_never_shown(tmp_path):
    with serving(project()) as url, pytest.raises(ExportError, match="refused the token: You do not have permissions") as caught:
        fetch(url, "F" * 32, tmp_path, now=NOW, sleep=lambda _: None)
    assert "F" * 32 not in str(caught.value)


@pytest.mark.parametrize(("url", "said"), [("http://redcap.example.org/api/", "unencrypted"), ("redcap.example.org/api/", "no web address"),
                                           ("https://redcap.example.org/api/?token=abc", "more than an address"), ("https://redcap.example.org/", "end in /api/")])
def test_an_address_that_would_betray_the_token(tmp_path, url, said):
    with pytest.raises(ExportError, match=said):
        fetch(url, TOKEN, tmp_path, now=NOW)


def test_the_token_of_a_file_that_others_can_read(tmp_path):
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    file.chmod(0o640)
    with pytest.raises(ExportError, match="read by others"):
        read_token(file, {})
    file.chmod(0o600)
    assert read_token(file, {}) == TOKEN
    assert read_token(None, {"REDCAP_API_TOKEN": TOKEN}) == TOKEN
    for text in ("", "short", TOKEN[:-1] + "\u00e9"):
        with pytest.raises(ExportError) as caught:
            read_token(None, {"REDCAP_API_TOKEN": text})
        assert not text or text not in str(caught.value)


def run(url: str, out, **environment) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "pacer_analysis", "fetch", "--url", url, "--out", str(out)], capture_output=True, text=True, check=False,
                          env={**{name: value for name, value in os.environ.items() if name != "REDCAP_API_TOKEN"}, **environment})


def test_the_command_makes_a_cut_whole_or_not_at_all(tmp_path):
    out = tmp_path / "trial" / "2026-01"
    with serving(project()) as url:
        done = run(url, out, REDCAP_API_TOKEN=TOKEN)
    assert done.returncode == 0, done.stderr
    assert "3 records, 4 rows, 10 columns" in done.stdout
    assert "name: 2026-01" in (out / "cut.yaml").read_text()
    assert TOKEN not in done.stdout + done.stderr + "".join(path.read_text() for path in out.rglob("*") if path.is_file())
    with serving(project()) as url:
        again = run(url, out, REDCAP_API_TOKEN=TOKEN)
    assert again.returncode == 7
    assert "in use" in again.stderr
    broken = project(body='{"error":"The project is offline"}')
    with serving(broken) as url:
        failed = run(url, tmp_path / "trial" / "later", REDCAP_API_TOKEN=TOKEN)
    assert failed.returncode == 3
    assert "Traceback" not in failed.stderr
    assert "The project is offline" in failed.stderr
    assert sorted(path.name for path in (tmp_path / "trial").iterdir()) == ["2026-01"]
