"""The planted defects themselves: they stand where they say, nothing else differs, and a seed plants the same again."""

from __future__ import annotations

import csv
import random
import shutil
import time
from collections import Counter, defaultdict
from pathlib import Path

import pyreadstat
import pytest

from tests.conftest import PLAN, pacer, succeeded, tree
from tests.independent import planted_cut
from tests.independent.planted_defects import KINDS, Place, Planted, missed, plant_all, unexplained

STATA = ("laboratory", "art_visits", "clubs", "mch_art")
TEXT = ("mentor_mothers", "allocation")
UNCHANGED = ("original_variable_types", "readstat_variable_types", "column_names_to_labels", "variable_to_label", "value_labels", "missing_user_values", "file_label", "creation_time")


def simulate(folder: Path, n: int, seed: int) -> Path:
    succeeded(pacer("simulate", PLAN, "--n", n, "--seed", seed, "--defects", "none", "--out", folder))
    return folder


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> Path:
    return simulate(tmp_path_factory.mktemp("clean") / "cut", 412, 7)


@pytest.fixture(scope="module", params=[1, 20260])
def both(request, clean, tmp_path_factory) -> tuple[Path, Path, list[Planted]]:
    folder = tmp_path_factory.mktemp("planted") / "cut"
    shutil.copytree(clean, folder)
    return clean, folder, plant_all(folder, request.param)


def raw(folder: Path, source: str) -> tuple[list[str], list[tuple[str, ...]]]:
    """Header and rows of one raw file as text, read without the code that planted."""
    if source in STATA:
        frame, _ = pyreadstat.read_dta(folder / f"{source}.dta", disable_datetime_conversion=True, user_missing=True)
        columns = [["" if str(value) in {"nan", "None"} else str(value) for value in frame[name].tolist()] for name in frame]
        return list(frame.columns), list(zip(*columns, strict=True))
    (path,) = folder.glob("PACER*_DATA_*.csv" if source == "redcap" else f"{source}.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    return header, [tuple(row) for row in rows]


def comparable(text: str) -> str:
    return text.removesuffix(".0")


def differences(clean: Path, folder: Path, source: str) -> Counter[tuple[str, str, str, str, str]]:
    """Every cell and row that differs, found by pairing the rows that are gone with the new ones most like them."""
    header, before = raw(clean, source)
    header_after, after = raw(folder, source)
    assert header == header_after
    gone, new = list((Counter(before) - Counter(after)).elements()), list((Counter(after) - Counter(before)).elements())
    lost, came = Counter(gone), Counter(new)
    assert [row for row in before if row not in lost and row not in came] == [row for row in after if row not in lost and row not in came], "the order of the others stays"
    found: Counter[tuple[str, str, str, str, str]] = Counter()
    for old in gone:
        kin = [row for row in new if row[0] == old[0] or row[1:] == old[1:]]
        if kin:
            best = max(kin, key=lambda row: (sum(a == b for a, b in zip(old, row, strict=True)), row[0] == old[0]))
            new.remove(best)
            found.update((source, old[0], name, comparable(a), comparable(b)) for name, a, b in zip(header, old, best, strict=True) if a != b)
        else:
            found[source, old[0], "", "row", ""] += 1
    found.update((source, row[0], "", "", "row") for row in new)
    return found


def test_kinds_are_many_and_told_in_a_sentence():
    assert len(KINDS) >= 30
    assert len({kind.name for kind in KINDS}) == len({kind.description for kind in KINDS}) == len(KINDS)
    assert all(kind.description.endswith(".") and kind.severity in {"error", "warning", "info"} and kind.needs in {"", "rule"} for kind in KINDS)
    assert sum(kind.needs == "rule" for kind in KINDS) <= len(KINDS) / 4


def test_every_kind_is_planted_twice_and_no_record_has_two(both):
    _, _, planted = both
    assert [defect.kind for defect in planted] == [kind.name for kind in KINDS for _ in range(2)]
    assert all(defect.changes and defect.detail for defect in planted)
    owners = defaultdict(set)
    for i, defect in enumerate(planted):
        for record in {defect.record, *(change.record for change in defect.changes)} - {""}:
            owners[record].add(i)
    assert [record for record, defects in owners.items() if len(defects) > 1] == []


def test_what_differs_is_what_they_say_and_nothing_else(both):
    clean, folder, planted = both
    declared = Counter((one.source, one.record, one.field, comparable(one.before), comparable(one.after)) for defect in planted for one in defect.changes)
    assert sum((differences(clean, folder, source) for source in ("redcap", *TEXT, *STATA)), Counter()) == declared


def test_a_finding_could_stand_at_every_place(both):
    """The row of every place is in the files, but for rows that were lost; and a changed field holds there what was written."""
    _, folder, planted = both
    tables = {source: raw(folder, source) for source in ("redcap", *TEXT, *STATA)}
    of_record = {source: defaultdict(list) for source in tables}
    for source, (header, rows) in tables.items():
        for row in rows:
            of_record[source][row[0]].append(dict(zip(header, row, strict=True)))
    for defect in planted:
        named = {name: value for name, value in {"redcap_event_name": defect.event, "redcap_repeat_instance": defect.instance}.items() if value}
        rows = [row for row in of_record[defect.source][defect.record] if named.items() <= row.items()]
        lost = any((one.source, one.record, one.field, one.after) == (defect.source, defect.record, "", "") for one in defect.changes)
        assert rows or lost, defect
        columns = [name for name in tables[defect.source][0] if name.partition("___")[0] == defect.field.partition("___")[0]]
        assert columns or not defect.field, defect
        written = {comparable(one.after) for one in defect.changes if (one.source, one.field) == (defect.source, defect.field) and one.field}
        assert not written or written & {comparable(row[defect.field]) for row in rows}, defect


def test_files_keep_their_form(both):
    clean, folder, planted = both
    before, after = tree(clean), tree(folder)
    assert list(before) == list(after)
    touched = {change.source for defect in planted for change in defect.changes}
    assert touched == {"redcap", *TEXT, *STATA}
    assert {name for name in before if before[name] != after[name]} == {name for name in before if name.startswith(("PACER", *TEXT, *STATA))}
    for source in STATA:
        old, new = (pyreadstat.read_dta(at / f"{source}.dta", metadataonly=True)[1] for at in (clean, folder))
        assert {name: getattr(old, name) for name in UNCHANGED} == {name: getattr(new, name) for name in UNCHANGED}


def test_rewriting_without_a_change_gives_the_same_bytes(clean, tmp_path):
    folder = tmp_path / "cut"
    shutil.copytree(clean, folder)
    cut = planted_cut.open_cut(folder)
    for table in cut.tables.values():
        table.touched = True
        for row in table.rows:
            row.raw = ""
    planted_cut.save(cut)
    assert tree(folder) == tree(clean)


def test_a_seed_plants_the_same_again_and_another_seed_something_else(clean, tmp_path):
    planted = {}
    for name, seed in (("one", 3), ("again", 3), ("other", 4)):
        shutil.copytree(clean, tmp_path / name)
        planted[name] = plant_all(tmp_path / name, seed, each=1)
    assert planted["one"] == planted["again"]
    assert tree(tmp_path / "one") == tree(tmp_path / "again")
    assert tree(tmp_path / "one") != tree(tmp_path / "other")


@pytest.mark.parametrize("name", ["decimal_comma", "visit_after_death", "sample_twice", "arm_no_code"])
def test_a_kind_can_be_planted_alone(clean, tmp_path, name):
    (kind,) = (kind for kind in KINDS if kind.name == name)
    shutil.copytree(clean, tmp_path / "cut")
    planted = kind.plant(tmp_path / "cut", random.Random(5), 3)
    assert [defect.kind for defect in planted] == [name] * 3
    changed = [file for file, content in tree(clean).items() if tree(tmp_path / "cut")[file] != content]
    assert len(changed) == len({change.source for defect in planted for change in defect.changes}) == 1


def test_too_few_women_are_said_to_be_too_few(clean, tmp_path):
    shutil.copytree(clean, tmp_path / "cut")
    with pytest.raises(LookupError, match="session_after_death: room for"):
        plant_all(tmp_path / "cut", 1, each=500, kinds=tuple(kind for kind in KINDS if kind.name == "session_after_death"))
    assert tree(tmp_path / "cut") == tree(clean)


def test_what_counts_as_found():
    defect = Planted("k", "redcap", "SYN-1", "month_6_arm_1", "epds", "", "epds_total", also=(Place("laboratory", "SYN-1"),), instead=(Place("redcap", "SYN-1", field="epds_date"),))
    line = {"source": "redcap", "record": "SYN-1", "event": "month_6_arm_1", "instrument": "epds", "instance": "0", "field": "epds_total"}
    assert defect.found_by(line)
    assert defect.found_by({**line, "instrument": "", "instance": float("nan")})
    assert defect.found_by({**line, "event": "month_12_arm_1", "field": "epds_date"})
    for other in ({"record": "SYN-2"}, {"field": "epds_1"}, {"event": "month_12_arm_1"}, {"source": "laboratory"}, {"instrument": "audit"}):
        assert not defect.found_by({**line, **other})
    assert defect.explains({**line, "source": "laboratory"})
    assert Planted("k", "redcap", "SYN-1", field="dis_to").found_by({"source": "redcap", "record": "SYN-1", "field": "dis_to___0"})
    assert Planted("k", "art_visits", "SYN-1", field="days_supplied").sealed
    assert not Planted("k", "art_visits", "SYN-1", field="facility").sealed


def test_what_a_list_of_findings_misses_and_what_it_has_too_much():
    defects = [Planted("seen", "redcap", "SYN-1", field="a", also=(Place("clubs", "SYN-1"),)), Planted("not seen", "redcap", "SYN-2", field="a")]
    lines = [{"query_id": str(i), "source": source, "record": record, "field": name} for i, (source, record, name) in enumerate(
        [("redcap", "SYN-1", "a"), ("clubs", "SYN-1", "b"), ("redcap", "SYN-2", "b"), ("redcap", "SYN-3", "a")])]
    assert missed(defects, lines) == defects[1:]
    assert unexplained(defects, lines, lines[3:]) == [lines[2]]


@pytest.mark.slow
def test_five_thousand_women_take_seconds(tmp_path):
    folder = simulate(tmp_path / "cut", 5_000, 3)
    started = time.process_time()
    planted = plant_all(folder, 1, each=5)
    assert time.process_time() - started < 20
    assert len(planted) == 5 * len(KINDS)
