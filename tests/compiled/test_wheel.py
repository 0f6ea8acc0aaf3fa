"""The compiled wheel: what it contains, and that two builds give the same bytes."""

from __future__ import annotations

import calendar
import os
import shutil
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from ci.compiled.environment import SOURCES
from ci.compiled.wheels import build_wheel
from tests.support.compiled import COMPILED
from tests.support.paths import ROOT

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")


@pytest.fixture
def wheel() -> Path:
    """The wheel that the environment of these tests was made from."""
    (path,) = Path(sys.prefix, "dist").glob("*.whl")
    return path


def module_of(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def test_it_contains_all_modules_as_python_files_and_the_compiled_ones_as_machine_code(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (about,) = (archive.read(name).decode() for name in names if name.endswith(".dist-info/WHEEL"))
    compiled = {name.removesuffix(SUFFIX) for name in names if name.endswith(".so")}
    wanted = {name.removesuffix(".py") for name in names if name.endswith(".py") and module_of(name) in COMPILED}
    assert len(wanted) == len(COMPILED)
    (group,) = compiled - wanted
    assert (compiled & wanted, group.endswith("__mypyc")) == (wanted, True)
    assert "Root-Is-Purelib: false" in about
    assert "none-any" not in wheel.name
    assert not [name for name in names if name.endswith(".c") or name.startswith("build/")]


def test_two_builds_give_the_same_bytes(wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In another directory, with another umask and another time zone."""
    project = tmp_path / "another directory"
    with zipfile.ZipFile(wheel) as archive:
        moment = archive.infolist()[0].date_time
        archive.extractall(tmp_path / "installed")
    package = tmp_path / "installed" / "post_renderer"
    shutil.copytree(package, project / "post_renderer", ignore=shutil.ignore_patterns("*.so"))
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, project / name)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(calendar.timegm((*moment, 0, 0, 0))))
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    before = os.umask(0o077)
    try:
        again = build_wheel(Path(sys.executable), tmp_path / "dist", project)
    finally:
        os.umask(before)
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()
