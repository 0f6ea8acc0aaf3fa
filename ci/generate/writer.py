"""Writes or checks generated parts of pages: the common command line of the scripts that generate them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def run_writer(arguments: list[str], page: Path, usage: str | None, command: str, write: Callable[[str], str]) -> int:
    """Write the page, or with ``--check`` only compare it, and return the exit code.

    ``write`` returns the new text for the old one. It raises ValueError if the old text has no place for the new part.
    """
    if arguments not in ([], ["--check"]):
        print(usage, file=sys.stderr)
        return 2
    name = f"{page.parent.name}/{page.name}"
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    try:
        new = write(old)
    except ValueError as error:
        print(f"{name} {error}", file=sys.stderr)
        return 1
    if arguments and new != old:
        print(f"{name} is stale: run {command}", file=sys.stderr)
        return 1
    if new != old:
        page.write_text(new, encoding="utf-8")
    return 0


def replace_between(text: str, begin: str, end: str, content: str) -> str:
    """Replace the content between two lines of a text. Raises ValueError if one of the lines is missing."""
    head, found_begin, rest = text.partition(begin)
    _, found_end, tail = rest.partition(end)
    if not found_begin or not found_end:
        raise ValueError(f"lacks the lines {begin} and {end}")
    return f"{head}{begin}\n\n{content}\n\n{end}{tail}"
