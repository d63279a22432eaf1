"""looks.yaml: what a look may say, and what a sequential test is given from it."""

from __future__ import annotations

import pytest

from pacer_analysis.errors import PlanError
from pacer_analysis.plan import Look, look_options
from pacer_analysis.plan.load_looks import read_looks

FIRST = "- {cut: c1, analysis: primary, spending: pocock, planned_information: 200, fractions: [0.3, 0.6, 1]"


def looks(tmp_path, text):
    (tmp_path / "looks.yaml").write_text(f"looks: {text}\n", encoding="utf-8")
    return read_looks(tmp_path)


def test_none_and_a_bare_look(tmp_path):
    assert looks(tmp_path, "none") == ()
    assert looks(tmp_path, "\n- {cut: c1}\n- {cut: c2, analysis: primary}") == (Look("c1"), Look("c2", "primary"))


def test_the_design_stands_at_the_first_look_and_holds_for_all(tmp_path):
    found = looks(tmp_path, f"\n{FIRST}, futility: obrien_fleming, information: 55, z: -1.2}}\n- {{cut: c2, analysis: primary, information: 130, z: 0.4}}\n- {{cut: c3, analysis: primary}}")
    assert found[2] == Look("c3", "primary", "pocock", "obrien_fleming", 200.0, (0.3, 0.6, 1.0))
    design = {"planned_information": 200.0, "fractions": (0.3, 0.6, 1.0), "spending": "pocock", "futility": "obrien_fleming"}
    assert look_options(found, "primary", "c1") == {**design, "information": (), "z": ()}
    assert look_options(found, "primary", "c2") == {**design, "information": (55.0,), "z": (-1.2,)}
    assert look_options(found, "primary", "c3") == {**design, "information": (55.0, 130.0), "z": (-1.2, 0.4)}
    assert look_options(found, "other", "c1") == {}
    with pytest.raises(PlanError, match="look at cut c3 has no"):
        look_options(found, "primary", "final")      # a cut that is no look comes after all of them


@pytest.mark.parametrize(("text", "message"), [
    ("5", "`none` or a list"),
    ("\n- {cut: c1, boundary: pocock}", "Unknown key"),
    ("\n- {cut: c1, spending: pocock}", "which analysis"),
    ("\n- {cut: c1, analysis: a, spending: pocock}", "lacks `planned_information`"),
    ("\n- {cut: c1, analysis: a, information: 5, z: 1}", "lacks `spending`"),
    ("\n- {cut: c1, analysis: a, spending: pococks, planned_information: 5, fractions: [1]}", "pococks"),
    ("\n- {cut: c1, analysis: a, spending: pocock, planned_information: 5, fractions: [0.5, 0.9]}", "rise to 1"),
    ("\n- {cut: c1, analysis: a, spending: pocock, planned_information: 5, fractions: [0.5, x, 1]}", "rise to 1"),
    ("\n- {cut: c1, analysis: a, spending: pocock, planned_information: 0, fractions: [1]}", "above 0"),
    (f"\n{FIRST}, z: 1}}", "belong together"),
    (f"\n{FIRST}}}\n- {{cut: c1, analysis: primary}}", "twice"),
    (f"\n{FIRST}}}\n- {{cut: c2, analysis: primary, spending: power}}", "differs"),
    (f"\n{FIRST}}}\n- {{cut: c2, analysis: primary, information: 100, z: 1}}", "without a gap"),
    (f"\n{FIRST}, information: 55, z: 1}}\n- {{cut: c2, analysis: primary, information: 50, z: 1}}", "rise from look to look"),
    ("\n- {cut: c1, analysis: a}\n- {cut: c2, analysis: a, spending: pocock, planned_information: 5, fractions: [0.5, 1]}", "differs"),
    ("\n- {cut: c1, analysis: a, spending: pocock, planned_information: 5, fractions: [1]}\n- {cut: c2, analysis: a}", "more looks"),
])
def test_what_is_refused(tmp_path, text, message):
    with pytest.raises(PlanError, match=message) as refused:
        looks(tmp_path, text)
    assert "looks.yaml" in refused.value.where
