"""The four pages of one final cut, made once."""

from __future__ import annotations

import pytest

from tests.snapshots.made_up_results import write
from tests.snapshots.pages import REPORTS, made


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("results") / "cut", kind="final")


@pytest.fixture(scope="session")
def pages(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("pages")
    return {report: made(folder, out / f"{report}.html", report, "final") for report in REPORTS}
