"""Faults and probes in data that the program reads, for the pure and for the compiled program.

A patched function has no effect on compiled code, which calls the functions of its modules directly. It does read its
tables, its limits that are not `Final`, and what it remembers of earlier texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from post_renderer import workloads
from post_renderer.yamledit import emit
from post_renderer.yamltree import fast_reader, fast_tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


class _WatchedTable(dict[Any, Any]):
    """A table that calls a function at each look-up of a key."""

    def __init__(self, table: dict[Any, Any], watch: Callable[[], object]) -> None:
        super().__init__(table)
        self._watch = watch

    def get(self, *words: Any) -> Any:
        self._watch()
        return super().get(*words)


def watch_render(monkeypatch: pytest.MonkeyPatch, watch: Callable[[], object]) -> None:
    """Call a function in each render, when the render looks up the kind of an object."""
    monkeypatch.setattr(workloads, "NATIVE_KINDS", _WatchedTable(workloads.NATIVE_KINDS, watch))


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
