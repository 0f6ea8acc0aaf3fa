"""What the tests of this run import is the compiled program, in this process and in all child processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.support.compiled import COMPILED
from tests.support.paths import ROOT
from tests.support.process import environment

SHOW = "import json, post_renderer.cli, post_renderer.problems as p; print(json.dumps([post_renderer.cli.__file__, p.__file__]))"


@pytest.mark.parametrize("module", COMPILED)
def test_a_module_of_the_render_is_compiled(module: str) -> None:
    path = import_module(module).__file__
    assert path is not None
    assert Path(path).suffix == ".so"
    assert Path(sys.prefix) in Path(path).parents


def test_the_other_modules_are_python_files() -> None:
    package = Path(import_module("post_renderer").__file__ or "").parent
    names = {".".join(path.relative_to(package.parent).with_suffix("").parts) for path in package.rglob("*.py")}
    names = {name.removesuffix(".__init__") for name in names}
    assert set(COMPILED) < names
    for name in sorted(names - set(COMPILED) - {"post_renderer.__main__"}):
        path = import_module(name).__file__
        assert path is not None
        assert Path(path).suffix == ".py"


@pytest.mark.parametrize("way", ["current directory", "PYTHONPATH"])
def test_child_processes_import_it_too(way: str, tmp_path: Path) -> None:
    env = environment(tmp_path) if way == "PYTHONPATH" else dict(os.environ)
    done = subprocess.run(
        [sys.executable, "-c", SHOW], cwd=ROOT, env=env, capture_output=True, text=True, check=True, timeout=60
    )
    assert {Path(path).suffix for path in json.loads(done.stdout)} == {".so"}
