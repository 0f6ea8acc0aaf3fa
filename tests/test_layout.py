"""The tests mirror the package, so that the test of a module is where a reader expects it."""

from __future__ import annotations

import pytest

from tests.support.paths import ROOT

pytestmark = pytest.mark.pure

PACKAGE = ROOT / "post_renderer"
UNIT = ROOT / "tests" / "unit"
FILES = sorted((ROOT / "tests").rglob("*.py"))
LINES = 400


@pytest.mark.parametrize("stage", sorted(path.name for path in PACKAGE.iterdir() if list(path.glob("*.py"))))
def test_each_stage_has_a_directory_of_tests(stage: str) -> None:
    assert list((UNIT / stage).rglob("test_*.py"))


def test_each_directory_of_unit_tests_is_a_stage_or_a_module() -> None:
    directories = [path.parent for path in UNIT.rglob("__init__.py") if path.parent != UNIT]
    assert len(directories) >= 12
    for directory in directories:
        place = PACKAGE / directory.relative_to(UNIT)
        assert place.is_dir() or place.with_suffix(".py").exists(), directory


def test_no_file_is_so_long_that_one_can_not_find_a_test() -> None:
    assert len(FILES) > 100
    assert {path.name: count for path in FILES if (count := len(path.read_text().splitlines())) > LINES} == {}
