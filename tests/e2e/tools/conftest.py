"""The tools that take minutes to build. A missing one fails the run: it never skips a test."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("helmfile", "tofu", "skaffold")


@pytest.fixture(scope="session", autouse=True)
def _other_tools(tools: Path) -> None:
    missing = [name for name in NAMES if not os.access(tools / name, os.X_OK)]
    if missing:
        pytest.fail(f"{', '.join(missing)} missing in .tools/bin: run `make test-others`")
