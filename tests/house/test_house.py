"""How the house is kept: length of files, names, docstrings, registries that match what they list."""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
from pathlib import Path

import pytest

from pacer_analysis.derive import DERIVATIONS, KINDS
from pacer_analysis.estimators import CURVES, ESTIMATORS, keyword_types
from pacer_analysis.provenance import digest
from tests.conftest import REPOSITORY, pacer

PACKAGE = REPOSITORY / "pacer_analysis"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_workflow" not in path.parts)
TESTS = sorted(REPOSITORY.glob("tests/**/*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_has_one_subject(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300, "hard cap: split it by subject"
    assert path.stem not in {"utils", "helpers", "common", "misc"}
    tree = ast.parse(text)
    if text.strip():
        assert ast.get_docstring(tree), "say in one sentence what the module is"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_") and isinstance(node, ast.FunctionDef):
            assert ast.get_docstring(node), f"public function {node.name} says what it returns"


@pytest.mark.parametrize("path", [*MODULES, *TESTS], ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_nothing_is_silenced_without_a_reason(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if re.search(r"# (noqa|type: ignore)", line):
            assert re.search(r"# (noqa: [A-Z0-9, ]+|type: ignore\[[a-z-]+\])  # \w", line), f"line {number}: name the rule, and the reason behind it"
        if path.name != "test_house.py":
            assert not re.search(r"\b(TODO|FIXME|XXX)\b|except Exception|except:", line), f"line {number}"


def test_median_length_of_a_module():
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES)
    assert lengths[len(lengths) // 2] <= 110


@pytest.mark.parametrize(("registry", "folder"), [(ESTIMATORS, "estimators"), (DERIVATIONS, "derive/rules")])
def test_a_registry_lists_what_its_folder_holds(registry, folder):
    """One method, one file of its name: what is not registered cannot be named in a plan."""
    files = {path.stem for path in (PACKAGE / folder).glob("*.py") if not path.stem.startswith("_")} - {"curves", "multiplicity"}     # curves; what works on the rows of several analyses
    assert set(registry) == files, f"add to or remove from the literal dict of pacer_analysis/{folder}"
    for name, function in registry.items():
        assert function.__doc__, name


def test_every_option_of_an_estimator_has_a_type_that_a_plan_can_be_held_against():
    for name, function in ESTIMATORS.items():
        assert dict(keyword_types(function)), name      # evaluates every annotation


def test_every_rule_has_a_kind_of_outcome():
    assert set(KINDS) == set(DERIVATIONS)


def test_every_curve_belongs_to_an_estimator_and_takes_no_option_of_its_own():
    for name, curve in CURVES.items():
        assert set(inspect.signature(curve).parameters) <= set(inspect.signature(ESTIMATORS[name]).parameters)


def test_estimators_are_light_to_import():
    """`pacer check` reads their signatures and has half a second."""
    import subprocess
    import sys

    heavy = "import sys, pacer_analysis.estimators, pacer_analysis.derive, pacer_analysis.estimate; print(sorted({'numpy', 'pandas', 'scipy', 'statsmodels', 'lifelines'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout.strip() == "[]"


def test_every_estimator_and_derivation_is_named_in_the_contributors_guide():
    guide = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name in (*ESTIMATORS, *DERIVATIONS):
        assert f"`{name}`" in guide, f"list `{name}` in CONTRIBUTING.md"


def test_every_verb_and_make_target_is_in_the_readme():
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    verbs = re.findall(r"^\s+(\w+)\s{2,}", pacer("--help").stdout.split("VERB", 2)[-1], flags=re.MULTILINE)
    assert {"new", "check", "run", "simulate", "validate", "derive", "estimate", "render"} <= set(verbs)
    for verb in verbs:
        assert f"pacer {verb}" in readme, f"show `pacer {verb}` in the README's table"
    for target in re.findall(r"^([a-z-]+):.*##", (REPOSITORY / "Makefile").read_text(), flags=re.MULTILINE):
        assert f"make {target}" in readme or target == "help", f"say in the README what `make {target}` does"


def test_every_assumption_is_in_the_contributors_guide():
    guide = re.sub(r"\s+", " ", (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    for path in MODULES:
        for assumption in re.findall(r"# ASSUME: (.+)", path.read_text(encoding="utf-8")):
            assert assumption.strip() in guide, f"{path.name}: list under Assumptions in CONTRIBUTING.md: {assumption}"


def test_every_room_is_stamped_on_a_floor():
    """A room that no stamp covers would change without a re-run."""
    rooms = {path.name for path in PACKAGE.iterdir() if path.suffix == ".py" or (path.is_dir() and (path / "__init__.py").exists())}
    # They make no result: the runner, what brings or describes an export, the synthetic exports, a plan's skeleton.
    outside = {"run.py", "simulate", "skeleton.py", "fetch", "inspection", "compare"}
    stamped = {name for floor in digest.FLOORS.values() for room in floor for name in (room, f"{room}.py")}
    assert rooms - outside <= stamped


def test_the_lock_names_no_address_and_hashes_everything():
    lock = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    for block in re.split(r"\n(?=[a-z0-9])", lock.strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_one_version_in_one_place():
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    assert f"## {version}" in (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")


def test_no_tracked_text_names_a_machine():
    pattern = re.compile(r"(?<![\w./])/(home|root|Users|opt|mnt|srv|tmp)/\w")
    for folder in ("pacer_analysis", "reports", "analysis_plan", "data_dictionary", "profiles", ".ci"):
        for path in (REPOSITORY / folder).rglob("*"):
            if path.is_file() and path.suffix in {".py", ".md", ".yaml", ".csv", ".j2", ".css", ".js", ".lark", ""}:
                assert not pattern.search(path.read_text(encoding="utf-8", errors="replace")), path
    assert not [path for path in (REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", "Snakefile")) if pattern.search(Path(path).read_text())]
