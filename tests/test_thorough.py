"""What names us and comes to nothing is read once more by the full reader: a short cut may never pass a run in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.tree import small
from post_renderer.tree.node import MAPPING, Node
from tests.support import make_catalog, make_job, run

if TYPE_CHECKING:
    import pytest


def test_a_reader_that_sees_nothing_costs_nobody_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    right = small.read

    def see_nothing(text: str) -> Node:
        return Node(MAPPING, 0, 0, 0) if text.startswith("---") else right(text)

    stream = make_catalog() + make_job()
    expected = run(stdin=stream).output
    assert b"POLYAXON_DATA_PATHS" in expected
    monkeypatch.setattr(small, "read", see_nothing)
    # The check after the splice reads by the same short cut, so it fails loudly; nothing passes bare.
    result = run(stdin=stream)
    assert (result.exit_code, result.output) == (3, b"")
