"""Bad input ends with one message that says what, where, what is allowed and what to do; nothing is left half written."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, pacer, succeeded

CUT = "exports/pacer/small"
EXPORT, DICTIONARY, PLAN = 3, 4, 5


def redcap(folder: Path) -> Path:
    return next((folder / CUT).glob("PACER_DATA_*.csv"))


def edit(path: Path, old: str, new: str, *, all_of_it: bool = False) -> None:
    text = path.read_bytes().decode("utf-8-sig")
    assert old in text, f"{old!r} is not in {path.name}: the test would prove nothing"
    path.write_text(text.replace(old, new) if all_of_it else text.replace(old, new, 1), encoding="utf-8")


def a_missing_column(folder: Path) -> None:
    edit(redcap(folder), ",scr_date,", ",scr_day,")


def an_empty_csv(folder: Path) -> None:
    redcap(folder).write_text("\n")


def a_file_of_no_bytes(folder: Path) -> None:
    redcap(folder).write_bytes(b"")


def a_page_instead_of_a_csv(folder: Path) -> None:
    redcap(folder).write_text("<!DOCTYPE html>\n<html><body>Fatal error</body></html>\n")


def an_error_body_instead_of_a_csv(folder: Path) -> None:
    redcap(folder).write_text('{"error":"REDCap ran out of server memory"}')


def a_truncated_dta(folder: Path) -> None:
    path = folder / CUT / "laboratory.dta"
    path.write_bytes(path.read_bytes()[:2000])


def a_csv_named_dta(folder: Path) -> None:
    (folder / CUT / "laboratory.dta").write_text("record_id,result\nSYN-1001,20\n")


def two_files_for_one_source(folder: Path) -> None:
    shutil.copyfile(redcap(folder), folder / CUT / "PACER_DATA_2020-01-01_0000.csv")


def no_file_for_a_source(folder: Path) -> None:
    (folder / CUT / "mentor_mothers.csv").unlink()


def a_repeated_dictionary_field(folder: Path) -> None:
    path = folder / "data_dictionary/pacer/redcap.csv"
    lines = path.read_bytes().decode("utf-8-sig").splitlines(keepends=True)
    path.write_text("".join([*lines, next(line for line in lines if line.startswith("scr_date,"))]), encoding="utf-8")


def a_repeated_key(folder: Path) -> None:
    edit(folder / "analysis_plan/pacer/trial.yaml", "significance: 0.05", "significance: 0.05\nsignificance: 0.10")


def broken_yaml(folder: Path) -> None:
    edit(folder / "analysis_plan/pacer/trial.yaml", "assignment: randomised", "assignment: [randomised")


def unknown(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        edit(folder / "analysis_plan/pacer" / file, old, new)

    change.__name__ = f"unknown_{new.split(':', maxsplit=1)[0].strip()}_in_{file}"
    return change


# what is done to the input, the exit code, and words that the one message must hold
CASES: list[tuple[Callable[[Path], None], int, tuple[str, ...]]] = [
    (a_missing_column, EXPORT, ("scr_date", "PACER_DATA_")),
    (an_empty_csv, EXPORT, ("PACER_DATA_", "empty")),
    (a_file_of_no_bytes, EXPORT, ("PACER_DATA_", "empty")),
    (a_page_instead_of_a_csv, EXPORT, ("PACER_DATA_", "HTML")),
    (an_error_body_instead_of_a_csv, EXPORT, ("PACER_DATA_", "error")),
    (a_truncated_dta, EXPORT, ("laboratory.dta",)),
    (a_csv_named_dta, EXPORT, ("laboratory.dta",)),
    (two_files_for_one_source, EXPORT, ("PACER_DATA_2020-01-01_0000.csv", "redcap")),
    (no_file_for_a_source, EXPORT, ("mentor_mothers.csv",)),
    (a_repeated_dictionary_field, DICTIONARY, ("scr_date", "redcap.csv", "line")),
    (a_repeated_key, PLAN, ("significance", "trial.yaml", "lines")),
    (broken_yaml, PLAN, ("trial.yaml", "line")),
    (unknown("trial.yaml", "field: bas_age", "field: bas_aeg"), PLAN, ("bas_aeg", "bas_age", "variable age")),
    (unknown("trial.yaml", "form: baseline", "form: basline"), PLAN, ("basline", "baseline")),
    (unknown("trial.yaml", "event: month_3_arm_1", "event: month_4_arm_1"), PLAN, ("month_4_arm_1", "visit v1")),
    (unknown("trial.yaml", "reader: stata", "reader: strata"), PLAN, ("strata", "stata", "line")),
    (unknown("trial.yaml", "framework: superiority", "framwork: superiority"), PLAN, ("framwork", "framework", "line")),
    (unknown("trial.yaml", "dictionary: laboratory.csv", "dictionary: labratory.csv"), PLAN, ("labratory.csv", "laboratory.csv")),
    (unknown("trial.yaml", "[eos_reason] = '2'", "[eos_raeson] = '2'"), PLAN, ("eos_raeson", "event death")),
    (unknown("trial.yaml", "[eos_reason] = '2'", "[eos_reason] = = '2'"), PLAN, ("logic", "event death")),
    (unknown("populations.yaml", "[screened_on] <> ''", "[screend_on] <> ''"), PLAN, ("screend_on", "populations.yaml")),
    (unknown("endpoints.yaml", "rule: success_at_visit", "rule: succes_at_visit"), PLAN, ("succes_at_visit", "success_at_visit")),
    (unknown("endpoints.yaml", "in_care: ltfu_sched90", "in_care: ltfu_sched99"), PLAN, ("ltfu_sched99", "ltfu_sched90")),
    (unknown("endpoints.yaml", "visit: v3, below: 50", "visit: v9, below: 50"), PLAN, ("v9", "v3")),
    (unknown("analyses.yaml", "estimator: standardisation", "estimator: standardization"), PLAN, ("standardization", "standardisation", "analysis primary")),
    (unknown("analyses.yaml", "population: screened", "population: screend"), PLAN, ("screend", "screened")),
    (unknown("analyses.yaml", "endpoint: E1,", "endpoint: E13,"), PLAN, ("E13",)),
    (unknown("analyses.yaml", "covariates: [site, vl50, age,", "covariates: [site, vl50, aeg,"), PLAN, ("aeg", "age")),
    (unknown("analyses.yaml", "options: {variance: ye,", "options: {varianse: ye,"), PLAN, ("varianse", "variance")),
    (unknown("analyses.yaml", "options: {variance: ye,", "options: {variance: dleta,"), PLAN, ("dleta", "delta")),
]


@pytest.fixture
def house(tmp_path, exports) -> Path:
    """Plan, dictionary and exports in a folder of their own, to be spoilt."""
    shutil.copytree(exports, tmp_path / "exports")
    for name in ("analysis_plan", "data_dictionary"):
        shutil.copytree(REPOSITORY / name, tmp_path / name)
    return tmp_path


def one_message(done, code: int, words: tuple[str, ...]) -> None:
    """The outcome is that exit code and one explained message, at the end of what was printed."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.count("pacer: ") == 1, done.stderr
    message = done.stderr[done.stderr.index("pacer: "):]
    assert "\n  do: " in message, message
    assert "\n  where: " in message, message
    for word in words:
        assert word in message, f"{word!r} is not in:\n{message}"


@pytest.mark.parametrize(("spoil", "code", "words"), CASES, ids=[case[0].__name__ for case in CASES])
def test_bad_input(house, spoil, code, words):
    spoil(house)
    done = pacer("run", "analysis_plan/pacer", "--cut", "small", cwd=house)
    one_message(done, code, words)
    written = [path for path in (house / "results/pacer/small").rglob("*") if path.is_file() and not {".stamps", ".receipts"} & set(path.parts)]
    assert written == []


@pytest.mark.parametrize("name", ["007", "2024_05", "Final", "", "../up"])
def test_a_name_that_no_cut_may_have(house, name):
    done = pacer("run", "analysis_plan/pacer", "--cut", name, cwd=house)
    one_message(done, PLAN, ("cut",))


def test_snakemake_refuses_a_cut_that_became_a_number(house):
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile"), "--cores", "1", "--config", "cut=007"], cwd=house,
                          capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    assert "arrived as the number 7" in done.stderr
    assert "Traceback" not in done.stderr


def test_final_is_refused_at_an_interim_cut(house):
    edit(house / CUT / "cut.yaml", "kind: final", "kind: interim")
    one_message(pacer("run", "analysis_plan/pacer", "--cut", "small", "final", cwd=house), PLAN, ("final", "cut.yaml"))


def test_a_cut_that_is_not_there(house):
    one_message(pacer("run", "analysis_plan/pacer", "--cut", "other", cwd=house), EXPORT, ("other", "cut.yaml"))


def test_a_plan_that_is_not_there(house):
    one_message(pacer("run", "analysis_plan/other", "--cut", "small", cwd=house), PLAN, ("trial.yaml",))


def test_an_estimator_on_the_wrong_kind_of_endpoint(house):
    edit(house / "analysis_plan/pacer/analyses.yaml", "endpoint: E5, population: randomised, estimator: cox", "endpoint: E1, population: randomised, estimator: cox")
    one_message(pacer("run", "analysis_plan/pacer", "--cut", "small", cwd=house), PLAN, ("takes a time outcome", "analysis retention_hazard", "standardisation"))


def test_a_threshold_left_out(house):
    edit(house / "analysis_plan/pacer/analyses.yaml", "endpoint: E7, threshold: 50, missing: available", "endpoint: E7, missing: available")
    one_message(pacer("run", "analysis_plan/pacer", "--cut", "small", cwd=house), PLAN, ("threshold", "50, 400, 1000"))


def test_a_code_that_the_field_does_not_have(house):
    edit(house / "analysis_plan/pacer/trial.yaml", "[eos_reason] = '2'", "[eos_reason] = '9'")
    one_message(pacer("run", "analysis_plan/pacer", "--cut", "small", cwd=house), PLAN, ("code of eos_reason", "`9`", "event death"))


def test_an_allocation_list_whose_ids_are_nobodys(house):
    edit(house / CUT / "allocation.csv", "SYN-", "", all_of_it=True)
    one_message(pacer("run", "analysis_plan/pacer", "--cut", "small", "closed", cwd=house), EXPORT, ("No id of the allocation", "leading zeros"))


def test_a_previous_cut_that_was_never_run(house):
    edit(house / CUT / "cut.yaml", "previous: null", "previous: nosuch")
    one_message(pacer("run", "analysis_plan/pacer", "--cut", "small", cwd=house), PLAN, ("previous cut `nosuch`", "cut.yaml"))


def test_a_date_that_does_not_exist(house):
    path = house / CUT / "cut.yaml"
    path.write_text(re.sub(r"cutoff: .*", "cutoff: 2019-06-31", path.read_text()))
    one_message(pacer("run", "analysis_plan/pacer", "--cut", "small", cwd=house), PLAN, ("cut.yaml", "cannot be"))


def test_a_woman_allocated_to_two_arms_is_in_neither(house):
    path = house / CUT / "allocation.csv"
    lines = path.read_text().splitlines()
    changed = lines[1].replace("club", "?").replace("clinic", "club").replace("?", "clinic")
    estimates = []
    for content in ([*lines, changed], [lines[0], changed, *lines[1:]]):
        path.write_text("\n".join(content) + "\n")
        succeeded(pacer("run", "analysis_plan/pacer", "--cut", "small", "final", cwd=house))
        estimates.append((house / "results/pacer/small/restricted/final/estimates.csv").read_text())
    assert estimates[0] == estimates[1], "the order of the list decides"
    assert "1 without one allocation are left out" in estimates[0]


def test_letters_that_name_the_arms(house):
    (house / CUT / "blinding.csv").write_text("arm,code\nclinic,clinic\nclub,club\n")
    one_message(pacer("run", "analysis_plan/pacer", "--cut", "small", "closed", cwd=house), EXPORT, ("letter of its own", "blinding"))


def test_a_cell_of_two_hundred_thousand_characters(house):
    edit(redcap(house), ",gugulethu,", f",gugulethu,{'9' * 200_000}")
    done = pacer("run", "analysis_plan/pacer", "--cut", "small", cwd=house)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, EXPORT)


def test_a_laboratory_file_without_rows_is_a_finding(house):
    import pandas as pd
    import pyreadstat

    path = house / CUT / "laboratory.dta"
    table, about = pyreadstat.read_dta(str(path), disable_datetime_conversion=True)
    pyreadstat.write_dta(table.head(0), str(path), variable_value_labels=about.variable_value_labels, variable_format=about.original_variable_types)
    succeeded(pacer("run", "analysis_plan/pacer", "--cut", "small", "data_quality", cwd=house))
    queries = pd.read_csv(house / "results/pacer/small/clean/queries.csv", dtype=str, keep_default_na=False)
    found = queries[(queries["rule"] == "no_rows") & (queries["source"] == "laboratory")]
    assert found["severity"].tolist() == ["error"]
