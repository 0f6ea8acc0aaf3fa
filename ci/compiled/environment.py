"""Makes the environment and the directory for tests of the compiled program.

usage: python -m ci.compiled.environment (prints the directory of the compiled program's command)
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from ci.compiled.wheels import build_wheel
from ci.mutation.workers import copy_project
from ci.other_pythons import INSTALL, LOCK, ROOT, install_lock

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT = ROOT / ".venv-compiled"
# What a wheel is made of, beside the package.
SOURCES = ("pyproject.toml", "hatch_build.py", "hatch_readme.py", "README.md", "LICENSE", "scripts", "deploy")


def digest_sources() -> str:
    """Return a hash of everything that the wheel is made of."""
    files = [ROOT / "requirements-dev.lock"]
    for name in (*SOURCES, "post_renderer"):
        path = ROOT / name
        files += [path] if path.is_file() else sorted(below for below in path.rglob("*") if is_source(below))
    found = hashlib.sha256()
    for path in files:
        found.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return found.hexdigest()


def is_source(path: Path) -> bool:
    return path.is_file() and path.parent.name != "__pycache__"


def prepare() -> Path:
    """Install the compiled wheel of this checkout, if it is not there yet. Return the environment's Python."""
    python = ENVIRONMENT / "bin" / "python"
    ready, stamp = ENVIRONMENT / ".ready", ENVIRONMENT / ".sources"
    if not ready.exists() or ready.stat().st_mtime < LOCK.stat().st_mtime:
        install_lock(ENVIRONMENT, sys.executable)
        stamp.unlink(missing_ok=True)
        ready.touch()
    digest = digest_sources()
    if stamp.exists() and stamp.read_text() == digest:
        return python
    print("compiling the wheel", file=sys.stderr, flush=True)
    directory = ENVIRONMENT / "dist"
    shutil.rmtree(directory, ignore_errors=True)
    wheel = build_wheel(python, directory)
    command = [str(python), *INSTALL, "--no-deps", "--no-index", "--force-reinstall", str(wheel)]
    subprocess.run(command, check=True)
    stamp.write_text(digest)
    return python


def copy_tests(name: str) -> Path:
    """Copy the project without the Python files of the package into ``build``, and return the directory."""
    directory = ROOT / "build" / name
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    copy_project(ROOT, directory)
    for path in (directory / "post_renderer").rglob("*.py"):
        path.unlink()
    (directory / ".tools").symlink_to(ROOT / ".tools")
    return directory


if __name__ == "__main__":
    print(prepare().parent)
