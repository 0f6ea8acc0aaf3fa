"""What the build hook adds to a wheel and leaves behind. `mypyc` itself is not started: `tests/compiled` does that."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

import hatch_build
from ci.compiled import environment
from ci.compiled.environment import SOURCES
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pure

# What mypyc leaves beside a module if somebody starts it in the checkout, with another Python.
STALE = "post_renderer/stream.cpython-399-x86_64-linux-gnu.so"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project with a compiled file that no build of this test makes."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "post_renderer", folder / "post_renderer", ignore=shutil.ignore_patterns("__pycache__"))
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, folder / name)
    (folder / STALE).touch()
    return folder


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def make_hook(project: Path) -> hatch_build.CompileHook:
    config: dict[str, Any] = {"modules": ["post_renderer.stream"]}
    unused: Any = None
    return hatch_build.CompileHook(str(project), config, unused, unused, str(project / "dist"), "wheel")


def test_a_pure_wheel_contains_no_compiled_file(project: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(tmp_path), str(project)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "post_renderer/stream.py" in names
    assert [name for name in names if name.endswith(".so")] == []


def test_a_compiled_wheel_contains_what_this_build_compiled(
    project: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = "post_renderer/stream.cpython-311-x86_64-linux-gnu.so"
    monkeypatch.setattr(hatch_build, "compile_modules", lambda folder, _: (folder / made).touch())
    hook = make_hook(project)
    build_data: dict[str, Any] = {"force_include": {}}
    hook.initialize("standard", build_data)
    assert list(build_data["force_include"].values()) == [made]
    assert list(temporary.iterdir())
    hook.finalize("standard", build_data, "")
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("error", [RuntimeError("mypyc failed"), KeyboardInterrupt()], ids=["error", "interrupt"])
def test_a_failed_compilation_leaves_no_copy(
    error: BaseException, project: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Path, __: list[str]) -> None:
        raise error

    monkeypatch.setattr(hatch_build, "compile_modules", fail)
    with pytest.raises(type(error)):
        make_hook(project).initialize("standard", {"force_include": {}})
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["hatch_readme.py", "deploy/polyaxon-persistence.1", "post_renderer/completion/_polyaxon-persistence"]
)
def test_a_changed_file_of_the_wheel_makes_a_new_wheel(
    name: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy2(ROOT / "requirements-dev.lock", project)
    monkeypatch.setattr(environment, "ROOT", project)
    before = environment.digest_sources()
    with (project / name).open("a") as file:
        file.write("\n")
    assert environment.digest_sources() != before
