"""Reads a relative path with placeholders: the catalog's ``runFolder``, and ``subPath`` of a data entry."""

from __future__ import annotations

from post_renderer.k8s import relative_path_error
from post_renderer.problems import quoted, suggest

PLACEHOLDERS = ("namespace", "project", "user", "kind", "name")  # of runFolder
SUB_PATH_PLACEHOLDERS = ("namespace", "project", "user")


def read_path_template(text: str, placeholders: tuple[str, ...]) -> tuple[list[tuple[str, bool]], str]:
    """Parse a text such as ``{namespace}/{name}``. Return the parts of a `PathTemplate`, and an error message or ''."""
    parts: list[tuple[str, bool]] = []
    rest = text
    while rest:
        literal, brace, rest = rest.partition("{")
        if "}" in literal:
            return parts, f'{quoted(text)} has a "}}" without "{{"'
        if literal:
            parts.append((literal, False))
        if not brace:
            break
        name, brace, rest = rest.partition("}")
        if not brace:
            return parts, f'{quoted(text)} has a "{{" without "}}"'
        if name not in placeholders:
            unknown = quoted("{" + name + "}")
            return parts, f"{quoted(text)} has an unknown placeholder {unknown}; {suggest(name, placeholders)}"
        parts.append((name, True))
    sample = "".join("x" if placeholder else part for part, placeholder in parts)
    reason = relative_path_error(sample)
    return parts, f"{quoted(text)} {reason}" if reason else ""
