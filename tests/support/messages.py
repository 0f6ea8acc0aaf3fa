"""Takes apart the errors and warnings on standard error."""

from __future__ import annotations

import re

# What begins the line of a message: <stdin>:12: or values.yaml:3: or, without a line, values.yaml:
PLACE = re.compile(r"^(?:(?P<place>[^\s][^\n]*?): )?(?=(?:error|warning)\[[a-z0-9-]+\] )")
OBJECT = r"(?:[A-Z]\w*/(?:\(no name\)|[^(),:]+?)|\([a-zA-Z -]+\))(?: \([^()]*\))?"  # with its template in brackets
LINE = re.compile(rf"\w+\[(?P<code>[a-z0-9-]+)\] (?:(?:{OBJECT}(?:, [\w./-]+)?|[\w./-]+): )?(?P<text>.*)")


def heads(error: str) -> list[str]:
    """The line of each error and warning, without its place."""
    return [PLACE.sub("", line) for line in error.splitlines() if PLACE.match(line)]


def places(error: str) -> list[str]:
    """The place of each error and warning, such as ``<stdin>:12``; "" for one without a place."""
    return [match["place"] or "" for line in error.splitlines() if (match := PLACE.match(line))]


def codes(error: str) -> list[str]:
    """The code of each error and warning."""
    return [head.partition("[")[2].partition("]")[0] for head in heads(error)]


def read_messages(error: str) -> list[tuple[str, str, str]]:
    """The code, the text and the hint (or "") of each error and warning."""
    found: list[tuple[str, str, str]] = []
    for line in error.splitlines():
        if match := LINE.fullmatch(PLACE.sub("", line)):
            found.append((match["code"], match["text"], ""))
        elif line.startswith("  hint: "):
            found[-1] = (*found[-1][:2], line.removeprefix("  hint: "))
    return found
