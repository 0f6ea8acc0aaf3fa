"""Random changes of YAML texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

FRAGMENTS = [
    *"'\":,#{}[]|>\\%@=~\r\t\x85\u2028\ufeffé", ": ", "- ", " #", "\n", "\n\n", "  ", "|-", "|+", ">-", "&a ", "*a", "!!str ",
    "<<: *a", "? ", "\\n", "\\u00e9", "\\ud83d", "\r\n", "---", "...", "\n---\n", "null", "''", '""', "a: b", "\n- x",
    "\n  y: z", "[a, b]", "{a: b}", "\n# c", "x",
]  # fmt: skip


def mutate(text: str, chance: random.Random) -> str:
    kind = chance.randrange(5)
    if kind < 2:
        place = chance.randrange(len(text) + 1)
        return text[:place] + (chance.choice(FRAGMENTS) if kind else "") + text[place + (0 if kind else 3) :]
    lines = text.split("\n")
    place = chance.randrange(len(lines))
    if kind == 2:
        lines[place] = chance.choice(["", " ", "  "]) + lines[place]
    elif kind == 3:
        lines.insert(chance.randrange(len(lines)), lines[place])
    else:
        lines[place] = lines[place][1:] if lines[place][:1] == " " else lines[place] + chance.choice(FRAGMENTS)
    return "\n".join(lines)
