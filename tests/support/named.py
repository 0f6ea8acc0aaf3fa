"""Finds tests that pages and tables name."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@cache
def _functions_of(path: Path) -> frozenset[str]:
    return frozenset(node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef))


def find_test(reference: str) -> Path:
    """The one file of a reference such as ``runs/test_references.py::test_name``: its path may begin anywhere."""
    file, _, function = reference.partition("::")
    found = [path for path in sorted((ROOT / "tests").rglob("test_*.py")) if f"/{path}".endswith(f"/{file}")]
    assert found, f"there is no file {file}"
    defining = [path for path in found if function in _functions_of(path)]
    assert len(defining) == 1, f"{len(defining)} of {len(found)} files {file} define {function}"
    return defining[0]
