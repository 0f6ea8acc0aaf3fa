"""Checks with ruamel.yaml, which reads YAML 1.2, that no comment of the input gets lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.tokens import ScalarToken

from post_renderer.migrate.source_text import COMMENT
from post_renderer.problems import YamlError, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

TAILS = 4  # parts of one comment that are found fast; others need a search through all comments


def find_comments(text: str) -> list[str]:
    """Return the comments of a YAML text. A # inside a scalar does not begin a comment.

    Raises YamlError if the text is not YAML 1.2. Its offset counts bytes.
    """
    found: list[str] = []
    position = 0
    try:
        for token in YAML(typ="safe", pure=True).scan(text):
            if isinstance(token, ScalarToken):
                found += COMMENT.findall(text[position : token.start_mark.index])
                position = token.end_mark.index
    except MarkedYAMLError as error:
        message = f"the file is not valid YAML 1.2: {error.problem}"
        mark = error.problem_mark
        offset = len(text[: mark.index].encode()) if mark else None
        raise YamlError("not-migratable", offset, message, "write this part in a simpler form") from None
    return [comment.rstrip() for comment in found + COMMENT.findall(text[position:])]


def _tails(comment: str) -> Iterator[str]:
    """Yield a comment and each later part of it that starts with #, because migrate may append a comment to another."""
    at = 0
    for _ in range(TAILS):
        yield comment[at:]
        at = comment.find("#", at + 1)
        if at < 0:
            return


def verify(old: str, new: str) -> None:
    """Raise YamlError if a text is not YAML 1.2, or if ``new`` lacks a comment. Offsets count bytes of ``old``."""
    comments = find_comments(old)
    try:
        found = find_comments(new)
    except YamlError as error:
        error.offset = None  # the user has only the old text
        raise
    there, text = {tail for comment in found for tail in _tails(comment)}, "\n".join(found)
    for comment in comments:
        if comment not in there and comment not in text:
            offset, hint = old.find(comment), "move the comment to a line of its own, outside of braces"
            raise YamlError(
                "not-migratable", len(old[:offset].encode()), f"the comment {quoted(comment)} would get lost", hint
            )
