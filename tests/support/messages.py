"""Takes apart the errors and warnings on standard error."""

from __future__ import annotations

import re

LINE = re.compile(
    r"(?:error|warning)\[(?P<code>[a-z0-9-]+)\] (?P<subject>.*?)(?: \([^()]*line [^()]*\))?(?:, (?P<about>[\w./-]+))?: (?P<text>.*)"
)


def read_messages(error: str) -> list[tuple[str, str, str]]:
    """The code, the text and the hint (or "") of each error and warning."""
    found: list[tuple[str, str, str]] = []
    for line in error.splitlines():
        if match := LINE.fullmatch(line):
            found.append((match["code"], match["text"], ""))
        elif line.startswith("  hint: "):
            found[-1] = (*found[-1][:2], line.removeprefix("  hint: "))
    return found
