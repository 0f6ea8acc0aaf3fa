"""Prints the time to write into packages, in seconds since the epoch, so that two builds give the same bytes.

It is SOURCE_DATE_EPOCH (https://reproducible-builds.org), else the time of the last commit, else that of the sdist.
usage: python ci/source_date.py [FILE…] (with files: sets their time, and prints nothing)
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
UNKNOWN = 1580601600  # files without git and PKG-INFO; hatchling uses this time, too (2 February 2020)


def find_source_date(root: Path) -> int:
    """Return the time of the source code in ``root``. Raises CalledProcessError if git refuses to read it."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    if (root / ".git").exists():  # not the repository of a directory above
        log = ["git", "log", "-1", "--format=%ct"]
        return int(subprocess.run(log, cwd=root, check=True, stdout=subprocess.PIPE).stdout)
    about = root / "PKG-INFO"  # only an sdist has it, with the time of its build
    return int(about.stat().st_mtime) if about.exists() else UNKNOWN


if __name__ == "__main__":
    date = find_source_date(ROOT)
    for path in sys.argv[1:]:
        os.utime(path, (date, date))
    if not sys.argv[1:]:
        print(date)
