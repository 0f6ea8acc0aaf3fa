"""Runs the tests on the compiled program: a wheel in an environment of its own.

usage: python -m ci.compiled.suite [ARGUMENT OF PYTEST…]
The tests run in a copy of the project that has no Python file of the package: neither `pythonpath`, nor PYTHONPATH, nor
the current directory of a child process can lead to the checkout's modules. `tests/compiled` shows that.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from ci.compiled.wheels import build_wheel
from ci.mutation.workers import copy_project
from ci.other_pythons import ROOT, install_lock

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT = ROOT / ".venv-compiled"
SUITE = ROOT / "build" / "compiled"
OPTIONS = ("-q", "-n", "auto", "--dist", "worksteal", "-p", "tests.compiled.refuse_patches", "-m", "not pure")


def digest_sources() -> str:
    """Return a hash of everything that the wheel is made of."""
    files = [ROOT / name for name in ("pyproject.toml", "hatch_build.py", "requirements-dev.lock")]
    files.append(ROOT / "scripts" / "polyaxon-persistence")
    files += sorted(path for path in (ROOT / "post_renderer").rglob("*") if path.suffix not in ("", ".pyc"))
    found = hashlib.sha256()
    for path in files:
        found.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return found.hexdigest()


def prepare() -> Path:
    """Install the compiled wheel of this checkout, if it is not there yet. Return the environment's Python."""
    python = ENVIRONMENT / "bin" / "python"
    stamp = ENVIRONMENT / ".sources"
    digest = digest_sources()
    if stamp.exists() and stamp.read_text() == digest:
        return python
    install_lock(ENVIRONMENT, sys.executable)
    print("compiling the wheel", flush=True)
    directory = ENVIRONMENT / "dist"
    shutil.rmtree(directory, ignore_errors=True)
    wheel = build_wheel(python, directory)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--force-reinstall", str(wheel)], check=True)
    stamp.write_text(digest)
    return python


def copy_tests() -> Path:
    """Copy the project without the Python files of the package, and return the directory."""
    shutil.rmtree(SUITE, ignore_errors=True)
    SUITE.mkdir(parents=True)
    copy_project(ROOT, SUITE)
    for path in (SUITE / "post_renderer").rglob("*.py"):
        path.unlink()
    (SUITE / ".tools").symlink_to(ROOT / ".tools")
    return SUITE


def main() -> None:
    python = prepare()
    env = {**os.environ, "PATH": f"{python.parent}:{os.environ['PATH']}", "EXAMPLES_SHARE": "10"}
    report = ROOT / "reports" / "pytest-compiled.xml"
    words = sys.argv[1:] or ["tests", "tests/compiled"]
    command = [str(python), "-m", "pytest", *OPTIONS, f"--junitxml={report}", *words]
    sys.exit(subprocess.run(command, cwd=copy_tests(), env=env, check=False).returncode)


if __name__ == "__main__":
    main()
