"""Compiles the modules of a render with mypyc, for a wheel of one Python and one platform.

Off by default: without HATCH_BUILD_HOOKS_ENABLE=1 the wheel has Python files only and fits everywhere. The compiled
files are made in a copy: a compiled file in the checkout would be imported in the place of the module that a developer
edits.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SUFFIX = ".so"


class CompileHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own examples leave the argument out
    """hatchling starts ``initialize`` before it packs the wheel, and ``finalize`` after that."""

    PLUGIN_NAME = "custom"
    _folder = ""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the modules, and add the compiled files to the wheel."""
        if version == "editable":
            return  # it shows the checkout as it is
        self._folder = tempfile.mkdtemp(prefix="polyaxon-persistence-")
        folder = Path(self._folder)
        # Without a compiled file that somebody made in the checkout: it can be of another Python.
        shutil.copytree(
            Path(self.root, "post_renderer"), folder / "post_renderer", ignore=shutil.ignore_patterns(f"*{SUFFIX}")
        )
        try:
            compile_modules(folder, self.config["modules"])
        except BaseException:  # hatchling does not start `finalize` after an error
            shutil.rmtree(folder)
            raise
        files = {str(path): str(path.relative_to(folder)) for path in sorted(folder.rglob(f"*{SUFFIX}"))}
        build_data["force_include"].update(files)
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - hatchling's signature
        """Remove the copy."""
        if self._folder:
            shutil.rmtree(self._folder)


def compile_modules(folder: Path, modules: list[str]) -> None:
    """Compile modules, given by their dotted names, beside their files below ``folder``, as one group."""
    paths = [find_source(folder, name) for name in modules]
    env = {"MYPYC_OPT_LEVEL": "3", "MYPYC_DEBUG_LEVEL": "0", **os.environ, "PYTHONHASHSEED": "0"}
    command = [sys.executable, "-m", "mypyc", *paths]
    done = subprocess.run(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise RuntimeError(f"mypyc failed:\n{done.stdout.decode(errors='replace')}")
    shutil.rmtree(folder / "build")


def find_source(folder: Path, name: str) -> str:
    """Return the path of a module's file below ``folder``."""
    path = name.replace(".", "/")
    return f"{path}/__init__.py" if (folder / path).is_dir() else f"{path}.py"
