"""The compiled and the pure program write the same bytes. `make compare-compiled` compares far more mutations."""

from __future__ import annotations

import sys

from ci.compiled.compare import compare
from tests.support.paths import ROOT


def test_both_programs_write_the_same_bytes() -> None:
    assert compare(sys.executable, ROOT, mutations=400) == []
