"""Prints the number of passed, failed and skipped tests in JUnit reports.

usage: python ci/junit_summary.py DIRECTORY REPORT…
It fails if one of these reports is missing, or if a report has no test.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path


def count(report: Path) -> tuple[int, int, int]:
    """Return the numbers of passed, failed and skipped tests in one report."""
    tests = failed = skipped = 0
    for suite in ET.parse(report).getroot().iter("testsuite"):
        tests += int(suite.get("tests", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped += int(suite.get("skipped", 0) or 0)
    return tests - failed - skipped, failed, skipped


def main() -> None:
    folder = Path(sys.argv[1])
    reports = sorted(folder.glob("*.xml"))
    missing = [name for name in sys.argv[2:] if folder / f"{name}.xml" not in reports]
    if missing:
        sys.exit(f"no report {', '.join(missing)}: its tests did not run")
    counts = [count(report) for report in reports]
    empty = [report.name for report, (passed, failed, _) in zip(reports, counts, strict=True) if passed + failed == 0]
    if empty:
        sys.exit(f"no test ran in {', '.join(empty)}")
    for report, (passed, failed, skipped) in zip(reports, counts, strict=True):
        print(f"{report.stem}: {passed} passed, {failed} failed, {skipped} skipped")
    passed, failed, _ = (sum(column) for column in zip(*counts, strict=True))
    print(f"{passed} passed, {failed} failed")
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
