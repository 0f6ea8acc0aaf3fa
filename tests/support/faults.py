"""Faults and probes in data that the program reads, for the pure and for the compiled program.

A patched function has no effect on compiled code, which calls the functions of its modules directly. It does read its
limits that are not `Final`, what it remembers of earlier texts, and the names of modules that are not compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from post_renderer.yamledit import emit
from post_renderer.yamltree import fast_reader, fast_tokens, node
from post_renderer.yamltree.plain_scalar import PlainScalar

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


def watch_render(monkeypatch: pytest.MonkeyPatch, watch: Callable[[], object]) -> None:
    """Call a function in each render that reads a plain scalar. The module of its class is not compiled."""

    class Watched(PlainScalar):
        __slots__ = ()

        def __new__(cls, text: str) -> Self:
            watch()
            return super().__new__(cls, text)

    monkeypatch.setattr(node, "PlainScalar", Watched)


def fail_render(monkeypatch: pytest.MonkeyPatch, error: Exception, cause: Exception | None = None) -> None:
    """Raise an error in each render."""

    def fail() -> None:
        raise error from cause

    watch_render(monkeypatch, fail)


def use_full_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let libyaml read all documents: each has more lines than the fast reader's limit."""
    monkeypatch.setattr(fast_reader, "LINE_LIMIT", -1)


def overlook_line(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    """Let the fast reader take a line for an empty line."""
    monkeypatch.setitem(fast_tokens.remembered, line, fast_tokens.BLANK)


def write_wrongly(monkeypatch: pytest.MonkeyPatch, text: str, written: str) -> None:
    """Let the edits write another text in the place of one."""
    monkeypatch.setitem(emit._quoted, text, f'"{written}"')
