"""Runs the tests that need no Helm on each other Python from 3.11 to 3.13 of this machine.

They run all tests, with a tenth of the random examples. The main Python runs all examples: random texts look for errors
of our code, and not for differences between the versions of Python.
An interpreter is used only if it starts, because a version manager's shim on PATH may not start.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ("3.11", "3.12", "3.13")
LOCK = ROOT / "requirements-dev.lock"
INSTALL = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")


def candidates(version: str) -> list[str]:
    managed = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    return [f"python{version}", *(str(path / "bin" / "python") for path in sorted(managed.glob(f"{version}.*")))]


def find_python(version: str) -> str | None:
    for candidate in candidates(version):
        try:
            done = subprocess.run(
                [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError:
            continue  # it does not exist, or is not a program
        if done.returncode == 0 and done.stdout.strip() == version:
            return candidate
    return None


def prepare(version: str, python: str) -> Path:
    """Make a virtual environment of that Python from the lock file, and return its directory."""
    folder = ROOT / f".venv-{version}"
    copied = ROOT / "scripts" / "polyaxon-persistence"  # an editable install has a copy of it
    stamp = folder / ".ready"
    if not stamp.exists() or stamp.stat().st_mtime < max(path.stat().st_mtime for path in (LOCK, copied)):
        install_lock(folder, python)
        pip = [str(folder / "bin" / "python"), *INSTALL, "--no-deps", "--no-build-isolation"]
        subprocess.run([*pip, "-e", str(ROOT)], check=True)
        stamp.touch()
    return folder


def install_lock(folder: Path, python: str) -> None:
    """Make a virtual environment of that Python, and install the packages of the lock file."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    pip = [str(folder / "bin" / "python"), *INSTALL, "--no-deps", "--require-hashes"]
    subprocess.run([*pip, "-r", str(LOCK)], check=True)


def run_tests(version: str, folder: Path) -> bool:
    """Return whether the tests that need no Helm pass in that environment."""
    env = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "EXAMPLES_SHARE": "10"}
    report = ROOT / "reports" / f"pytest-{version}.xml"
    options = ["-q", "-n", "auto", "--dist", "worksteal", "-m", "not helm", f"--junitxml={report}"]
    command = [str(folder / "bin" / "python"), "-m", "pytest", *options]
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == 0


def main() -> None:
    here = "{}.{}".format(*sys.version_info[:2])
    failed = []
    for version in VERSIONS:
        if version == here:
            continue
        python = find_python(version)
        if python is None:
            print(f"Python {version}: not on this machine", flush=True)
            continue
        print(f"pytest without Helm, Python {version}", flush=True)
        if not run_tests(version, prepare(version, python)):
            failed.append(version)
    if failed:
        sys.exit(f"failed on Python {', '.join(failed)}")


if __name__ == "__main__":
    main()
