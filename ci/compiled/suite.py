"""Runs the tests on the compiled program: a wheel in an environment of its own.

usage: python -m ci.compiled.suite [ARGUMENT OF PYTEST…]
The tests run in a copy of the project that has no Python file of the package: neither `pythonpath`, nor PYTHONPATH, nor
the current directory of a child process can lead to the checkout's modules. `tests/compiled` shows that.

The mark `pure` leaves out what reads the source, and what counts calls by a function in the place of another one. The
random examples are a tenth, as on the other versions of Python: `ci.compiled.compare` tries 20,000 mutations.
"""

from __future__ import annotations

import os
import subprocess
import sys

from ci.compiled.environment import copy_tests, prepare
from ci.other_pythons import ROOT

OPTIONS = ("-q", "-n", "auto", "--dist", "worksteal", "-p", "tests.compiled.refuse_patches", "-m", "not pure")


def main() -> None:
    python = prepare()
    env = {**os.environ, "PATH": f"{python.parent}:{os.environ['PATH']}", "EXAMPLES_SHARE": "10"}
    report = ROOT / "reports" / "pytest-compiled.xml"
    words = sys.argv[1:] or ["tests", "tests/compiled"]
    command = [str(python), "-m", "pytest", *OPTIONS, f"--junitxml={report}", *words]
    sys.exit(subprocess.run(command, cwd=copy_tests("compiled"), env=env, check=False).returncode)


if __name__ == "__main__":
    main()
