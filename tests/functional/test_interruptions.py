"""Runs that are killed, runs that meet, and runs in two folders end with the same bytes."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from tests.conftest import PLAN, REPOSITORY, pacer, succeeded, tree


def test_two_folders_hold_the_same_bytes(exports, results, tmp_path):
    succeeded(pacer("run", PLAN, "--cut", "small", "--exports", exports, "--results", tmp_path / "elsewhere/results", "all"))
    first, second = tree(results / "pacer"), tree(tmp_path / "elsewhere/results/pacer")
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []
    assert not [name for name in first if str(tmp_path).encode() in first[name] or str(results.parent).encode() in first[name]]


def test_killed_three_times_and_started_again(exports, results, tmp_path):
    """SIGKILL to the run alone, so that its jobs are orphans; the next run waits for them and begins where things are whole."""
    dice = random.Random(20150416)
    command = [sys.executable, "-m", "pacer_analysis", "run", str(PLAN), "--cut", "small", "--exports", str(exports), "--results", str(tmp_path), "all"]
    for _ in range(3):
        started = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(dice.uniform(2.5, 9))
        started.send_signal(signal.SIGKILL)
        started.wait()
    succeeded(pacer("run", PLAN, "--cut", "small", "--exports", exports, "--results", tmp_path, "all"))
    assert tree(tmp_path / "pacer") == tree(results / "pacer")


def test_a_second_run_on_the_same_cut_is_refused(exports, tmp_path):
    command = [sys.executable, "-m", "pacer_analysis", "run", str(PLAN), "--cut", "small", "--exports", str(exports), "--results", str(tmp_path)]
    first = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    lock = tmp_path / "logs/pacer/small/config.json"      # written once the lock is held
    while not lock.exists() and first.poll() is None:
        time.sleep(0.05)
    second = pacer("run", PLAN, "--cut", "small", "--exports", exports, "--results", tmp_path)
    _, said = first.communicate(timeout=300)
    assert first.returncode == 0, said
    assert second.returncode == 7
    assert second.stderr.startswith("pacer: Another run is working on the cut `small` of `pacer`.")
    assert "Traceback" not in second.stderr


def test_a_run_with_nothing_to_do_changes_nothing(exports, results):
    before = {path: path.stat().st_mtime_ns for path in (results / "pacer").rglob("*") if path.is_file()}
    done = succeeded(pacer("run", PLAN, "--cut", "small", "--exports", exports, "--results", results, "all"))
    assert {path: path.stat().st_mtime_ns for path in (results / "pacer").rglob("*") if path.is_file()} == before
    assert "[" not in done.stderr, "a job ran"


def test_the_end_of_a_run_says_where_the_reports_are(exports, results):
    done = succeeded(pacer("run", PLAN, "--cut", "small", "--exports", exports, "--results", results, "all"))
    for name in ("reports/data_quality.html", "reports/open.html", "restricted/closed.html", "restricted/final.html"):
        assert str(results / "pacer/small" / name) in done.stdout
    assert "open findings" in done.stdout
    assert os.linesep.join(done.stdout.splitlines()[:1]).startswith("Up to date in")


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(5))
def test_killed_ten_times(exports, results, tmp_path, seed):
    """As above, at more random moments, with the whole group of processes killed every other time."""
    dice = random.Random(seed)
    command = [sys.executable, "-m", "pacer_analysis", "run", str(PLAN), "--cut", "small", "--exports", str(exports), "--results", str(tmp_path), "all"]
    for turn in range(10):
        started = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(dice.uniform(0.3, 8))
        if turn % 2:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)
        started.kill()
        started.wait()
    succeeded(pacer("run", PLAN, "--cut", "small", "--exports", exports, "--results", tmp_path, "all"))
    assert tree(tmp_path / "pacer") == tree(results / "pacer")
