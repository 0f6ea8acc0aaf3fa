"""A patch without effect fails the test that relies on it."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from post_renderer.stream import Document
from post_renderer.yamltree import fast_reader


def test_a_function_of_compiled_code_can_not_be_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"post_renderer\.yamltree\.fast_reader is compiled"):
        monkeypatch.setattr(fast_reader, "read_fast", None)
    with pytest.raises(pytest.fail.Exception, match="can't replace its render"):
        monkeypatch.setattr("post_renderer.render.render", None)
    with pytest.raises(pytest.fail.Exception, match="can't replace its template"):
        monkeypatch.setattr(Document, "template", None)
    with (
        pytest.raises(pytest.fail.Exception, match="can't replace its read_fast"),
        patch.object(fast_reader, "read_fast"),
    ):
        pass


def test_a_limit_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_reader, "LINE_LIMIT", 5)
    with patch.object(fast_reader, "LINE_LIMIT", 7):
        assert fast_reader.LINE_LIMIT == 7
    assert fast_reader.LINE_LIMIT == 5
