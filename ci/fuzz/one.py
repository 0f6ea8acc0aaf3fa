"""Runs one target in this process until the time is over, or until the first finding. `python -m ci.fuzz` starts it.

usage: python -m ci.fuzz.one TARGET PROGRAM [options and directories of libFuzzer]

PROGRAM: an executable file that starts all this again: libFuzzer runs it with other options to merge directories.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["post_renderer"]):
    from tests.robustness.fuzz.targets import TARGETS


def main() -> None:
    target = TARGETS[sys.argv[1]]
    atheris.Setup(sys.argv[2:], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
