"""docs/tutorial.md as it is: from an empty directory, with a checkout in the home directory."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from ci.generate.walk import fill_outputs, read_steps, run_steps
from tests.support.examples import link_helm
from tests.support.pages import PAGES
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pure  # a step installs the source

PAGE = PAGES["tutorial.md"]


def test_each_step_does_what_the_page_shows(tools: Path, git_env: dict[str, str], tmp_path: Path) -> None:
    """With Helm 3. test_readme.py takes all steps but the installation, with both Helms."""
    binaries = link_helm(tmp_path / "bin", tools / "helm3")
    (tmp_path / "bin" / "python3").symlink_to(sys._base_executable)  # type: ignore[attr-defined]
    (tmp_path / "polyaxon-persistence").symlink_to(ROOT)
    (tmp_path / "work").mkdir()
    env = {**git_env, "HOME": str(tmp_path), "PATH": f"{binaries}:/usr/bin:/bin"}
    done = run_steps(read_steps(PAGE), tmp_path / "work", env)
    assert fill_outputs(PAGE, done) == PAGE
    for command in done:
        assert command.exit_code == (1 if ": error[" in command.output else 0), command
