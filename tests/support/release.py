"""A folder with a chart, its values and a tool's documented files, as a user has it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.support.examples import env_of, link_helm
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

SITE = "persistence: {data: {data2: {existingClaim: site-data-2-pvc}}}\n"


class Folder(NamedTuple):
    """Where one tool works with one of the Helms, which it finds as ``helm`` on PATH."""

    path: Path
    env: Mapping[str, str]
    start_in: Path

    def start(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """From another folder, unless a test says otherwise: what a tool's file names is looked for beside it."""
        return subprocess.run(
            command, cwd=self.start_in, env=self.env, capture_output=True, text=True, check=False, timeout=300
        )

    def must(self, *command: str | Path) -> str:
        done = self.start(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def make_folder(tool: str, tools: Path, helm: str, env: Mapping[str, str], folder: Path) -> Folder:
    """The files of docs/examples/TOOL beside the chart, the documented values, and a site's catalog."""
    path = folder / "release"
    shutil.copytree(ROOT / "docs" / "examples" / tool, path)
    shutil.copytree(ROOT / "chart", path / "chart")
    shutil.copy(ROOT / "values-examples" / "documented.yaml", path / "values.yaml")
    (path / "site.yaml").write_text(SITE)
    programs = folder / "programs"
    link_helm(programs, tools / helm)
    (programs / "kustomize").symlink_to(tools / "kustomize")
    return Folder(path, {**env_of(helm, dict(env)), "PATH": f"{programs}:{env['PATH']}"}, folder)


def with_wrapper(folder: Folder) -> Folder:
    """For Skaffold: our program as helm in front of the real one, started in the folder itself, which is its home."""
    wrapper = link_helm(folder.path / "wrapper", Path(sys.executable).parent / "polyaxon-persistence")
    env = {"PATH": f"{wrapper}:{folder.env['PATH']}", "HOME": str(folder.path), "SKAFFOLD_UPDATE_CHECK": "false"}
    return folder._replace(env={**folder.env, **env}, start_in=folder.path)
