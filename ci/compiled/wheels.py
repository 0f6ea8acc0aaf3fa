"""Builds a compiled wheel for each Python from 3.11 to 3.13 of this machine.

usage: python -m ci.compiled.wheels DIRECTORY
A wheel fits one version of Python, one system and one processor. pip takes the pure wheel everywhere else.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ci.other_pythons import ROOT, VERSIONS, find_python, prepare


def build_wheel(python: Path, directory: Path) -> Path:
    """Build the compiled wheel for the Python of a development environment, and return its path."""
    env = {**os.environ, "HATCH_BUILD_HOOKS_ENABLE": "1"}

    command = [str(python), "-m", "build", "--no-isolation", "--wheel", "--outdir", str(directory), str(ROOT)]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        sys.exit(f"the compiled wheel could not be built:\n{done.stdout}")
    return directory / done.stdout.split()[-1]


def main() -> None:
    directory = Path(sys.argv[1])
    here = "{}.{}".format(*sys.version_info[:2])
    for version in VERSIONS:
        python = sys.executable if version == here else find_python(version)
        if python is None:
            print(f"Python {version}: not on this machine", flush=True)
            continue
        environment = Path(sys.prefix) if version == here else prepare(version, python)
        print(build_wheel(environment / "bin" / "python", directory).name, flush=True)


if __name__ == "__main__":
    main()
