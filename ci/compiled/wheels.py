"""Builds a compiled wheel for each Python from 3.11 to 3.13 of this machine.

usage: python -m ci.compiled.wheels DIRECTORY [--one]
--one: only for the Python that runs this.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from ci.other_pythons import ROOT, VERSIONS, find_python, prepare
from ci.source_date import find_source_date

RENDER = "import sys; from post_renderer import cli; sys.exit(not cli.__file__.endswith('.so') or cli.main())"


def build_wheel(python: Path, directory: Path, root: Path = ROOT) -> Path:
    """Build the compiled wheel of a project for the Python of a development environment, and return its path."""
    date = os.environ.get("SOURCE_DATE_EPOCH") or str(find_source_date(root))
    env = {**os.environ, "HATCH_BUILD_HOOKS_ENABLE": "1", "SOURCE_DATE_EPOCH": date}
    command = [str(python), "-m", "build", "--no-isolation", "--wheel", "--outdir", str(directory), str(root)]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        sys.exit(f"the compiled wheel could not be built:\n{done.stdout}")
    return directory / done.stdout.split()[-1]


def check_wheel(python: Path, wheel: Path) -> None:
    """End the program if the wheel is not compiled, or does not render a golden case."""
    case = ROOT / "tests" / "golden" / "readme-job"
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
        command = [str(python), "-P", "-c", RENDER, *(case / "arguments").read_text().splitlines()]
        env = {**os.environ, "PYTHONPATH": folder}
        stream = (case / "input.yaml").read_bytes()
        done = subprocess.run(command, cwd=case, env=env, input=stream, stdout=subprocess.PIPE, check=False)
    if done.returncode or done.stdout != (case / "output.yaml").read_bytes():
        sys.exit(f"{wheel.name} is not compiled, or does not render {case.relative_to(ROOT)}")


def find_environments() -> list[tuple[str, Path | None]]:
    """Return each version with the directory of its development environment; None for a Python that is not here."""
    found: list[tuple[str, Path | None]] = []
    for version in VERSIONS:
        if version == "{}.{}".format(*sys.version_info[:2]):
            found.append((version, Path(sys.prefix)))
        else:
            python = find_python(version)
            found.append((version, prepare(version, python) if python else None))
    return found


def main() -> None:
    directory = Path(sys.argv[1])
    environments: list[tuple[str, Path | None]] = (
        [("", Path(sys.prefix))] if "--one" in sys.argv else find_environments()
    )
    for version, environment in environments:
        if environment is None:
            print(f"Python {version}: not on this machine", flush=True)
        else:
            python = environment / "bin" / "python"
            wheel = build_wheel(python, directory)
            check_wheel(python, wheel)
            print(wheel.name, flush=True)


if __name__ == "__main__":
    main()
