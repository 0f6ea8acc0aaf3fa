"""What the small reader's parts share: quoted scalars, the text of block scalars, and the way to hand over."""

from __future__ import annotations

ESCAPES = {'"': '"', "\\": "\\", "/": "/", "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}

ESCAPED = 1_000  # in one scalar; a longer one, a dashboard's JSON for example, libyaml reads faster

HEX = frozenset("0123456789abcdefABCDEF")


class HandOver(Exception):  # noqa: N818 - it is no error: the full reader goes on
    """The text is not certain to be in the small reader's subset."""


def ends_line(rest: str) -> bool:
    """Whether nothing but a comment stands in the rest of a line."""
    return rest[:1] != "#" and rest.lstrip(" ")[:1] in ("", "#")


def end_of_quoted(text: str, start: int) -> int:
    """The offset behind the quoted scalar at ``start``, which closes on its line. Raises HandOver."""
    style = text[start]
    close = text.find(style, start + 1)
    escaped = 0
    while close > 0 and (text[close + 1 : close + 2] == "'" if style == "'" else _is_escaped(text, close)):
        close = text.find(style, close + (2 if style == "'" else 1))
        escaped += 1
        if escaped > ESCAPED:
            raise HandOver
    if close < 0 or text.find("\n", start, close) >= 0:
        raise HandOver
    return close + 1


def unquote(quoted: str) -> str:
    """A quoted scalar's text. Raises HandOver for an escape that JSON does not have."""
    inner = quoted[1:-1]
    if quoted[0] == "'":
        return inner.replace("''", "'")
    return _unescape(inner) if "\\" in inner else inner


def literal_text(header: str, lines: list[str], *, ends: bool) -> str:
    """The text of a block scalar's lines, cut by their indent; ``ends``: a line break stands behind the last one.

    Raises HandOver where readers count lines differently.
    """
    count = len(lines)
    while not lines[count - 1]:
        count -= 1
    body = lines[:count]
    chomp = header[1:2]
    if header[0] == ">":
        if chomp == "+" or any(not line or line[0] in " \t" for line in body):
            raise HandOver
        text = " ".join(body)
    else:
        text = "\n".join(body)
    if chomp == "-":
        return text
    breaks = len(lines) - count + ends
    return text + "\n" * (breaks if chomp == "+" else min(breaks, 1))


def _is_escaped(text: str, position: int) -> bool:
    """Whether an odd number of backslashes stands before a place."""
    backslashes = 0
    while text[position - 1 - backslashes] == "\\":
        backslashes += 1
    return backslashes % 2 == 1


def _unescape(word: str) -> str:
    parts = word.split("\\", ESCAPED + 1)
    if len(parts) > ESCAPED + 1:
        raise HandOver
    out = [parts[0]]
    index = 1
    while index < len(parts):
        part = parts[index]
        if not part:  # two backslashes in a row
            out.append("\\" + (parts[index + 1] if index + 1 < len(parts) else ""))
            index += 2
            continue
        if part[0] == "u":
            digits = part[1:5]
            if len(digits) < 4 or not HEX.issuperset(digits) or digits[0] in "dD":
                raise HandOver  # surrogates begin with D
            out.append(chr(int(digits, 16)) + part[5:])
        elif part[0] in ESCAPES:
            out.append(ESCAPES[part[0]] + part[1:])
        else:
            raise HandOver
        index += 1
    return "".join(out)
