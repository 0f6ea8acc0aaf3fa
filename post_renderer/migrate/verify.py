"""A second opinion on what was written: ruamel.yaml, a reader of YAML 1.2, finds every comment of the input in it."""

from __future__ import annotations

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.tokens import ScalarToken

from post_renderer.migrate.places import COMMENT
from post_renderer.problems import Unreadable


def find_comments(text: str) -> list[str]:
    """The comments of a YAML text: what begins with # outside of scalars."""
    found: list[str] = []
    position = 0
    for token in YAML(typ="safe", pure=True).scan(text):
        if isinstance(token, ScalarToken):
            found += COMMENT.findall(text[position : token.start_mark.index])
            position = token.end_mark.index
    return [comment.rstrip() for comment in found + COMMENT.findall(text[position:])]


def verify(old: str, new: str) -> None:
    """Raises AssertionError, a bug of ours, where a comment got lost; Unreadable where the old text is no YAML 1.2."""
    try:
        comments = find_comments(old)
    except MarkedYAMLError as error:
        offset = error.problem_mark.index if error.problem_mark else None
        raise Unreadable("invalid-yaml", offset, str(error.problem), "readers of YAML 1.2 refuse this") from None
    there = "\n".join(find_comments(new))
    missing = [comment for comment in comments if comment not in there]
    assert not missing, "a comment would get lost"
