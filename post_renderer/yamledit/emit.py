"""Converts values to YAML text, in block style or as JSON, with strings in double quotes. Finds the ends of lines."""

from __future__ import annotations

from post_renderer.yamltree.node import FALSE_WORDS, TRUE_WORDS, is_string
from post_renderer.yamltree.plain_scalar import PlainScalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from post_renderer.yamltree.node import Value

# The line ends of YAML 1.1, except "\n". libyaml, Helm and kubectl end a line at each of them.
OTHER_BREAKS: Final = "\r\x85\u2028\u2029"
BREAKS: Final = "\n" + OTHER_BREAKS
REMEMBERED_TEXTS = 4_000
_keys: Final[dict[str, str]] = {}  # key -> its YAML text: all containers have the same field names
_quoted: Final[dict[str, str]] = {}  # string -> its YAML text: many runs have the same names and paths
# Characters that need no escape in JSON, but that some YAML readers reject or change.
ESCAPED: Final = "\x7f\x85\u2028\u2029\ufeff"


def quote(text: str) -> str:
    """Return a double-quoted scalar that JSON and every YAML reader read as the same string.

    Printable non-ASCII characters are not escaped, because go-yaml rejects the surrogate pairs of JSON.
    """
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    out = []
    for char in text:
        if char in '"\\':
            out.append("\\" + char)
        elif char == "\n":
            out.append("\\n")
        elif char < " " or char in ESCAPED or "\x80" <= char < "\xa0":
            out.append(f"\\u{ord(char):04x}")
        else:
            out.append(char)
    return '"' + "".join(out) + '"'


def flow_yaml(value: Value) -> str:
    """Return a value as text on one line: as JSON, except plain scalars, which stay plain."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quote(key)}: {flow_yaml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow_yaml, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return str(value) if isinstance(value, PlainScalar) and not is_string(value) else quote(value)


def block_yaml(value: Value, column: int, step: int, newline: str) -> str:
    """Return the lines of a mapping or a list in block style. Each line ends with ``newline``.

    ``column``: the column of the first character, from 0.
    ``step``: the number of columns from a key to the dashes of its list.
    """
    lines: list[str] = []
    _write_lines(lines, value, " " * column, " " * column, step)
    lines.append("")
    return newline.join(lines)


def line_end(text: str, position: int) -> tuple[int, str]:
    """Return the offset after the line that contains ``position``, and the line end as text.

    If the line has no line end, return the line end of the text's other lines; LF if there are no other lines.
    """
    end = text.find("\n", position)
    stop = end if end >= 0 else len(text)
    for char in OTHER_BREAKS:
        at = text.find(char, position, stop)
        if at >= 0:
            stop = at
    if stop == len(text):
        return stop, next((newline for newline in ("\r\n", "\n", *OTHER_BREAKS) if newline in text), "\n")
    newline = "\r\n" if text.startswith("\r\n", stop) else text[stop]
    return stop + len(newline), newline


def line_start(text: str, position: int) -> int:
    """Return the offset of the first character of the line that contains ``position``."""
    start = text.rfind("\n", 0, position) + 1
    for char in OTHER_BREAKS:
        at = text.rfind(char, start, position)
        if at >= 0:
            start = at + 1
    return start


def _write_lines(lines: list[str], value: Value, lead: str, pad: str, step: int) -> None:
    """Append the lines of a value. The first line begins with ``lead``, all other lines with ``pad``."""
    if isinstance(value, dict):
        for key, item in value.items():
            if type(item) is str:
                lines.append(
                    f"{lead}{_keys.get(key) or _write_key(key)}: {_quoted.get(item) or _quote_remembered(item)}"
                )
            elif item and isinstance(item, (dict, list)):
                inner = pad + " " * (2 if isinstance(item, dict) else step)
                lines.append(f"{lead}{_write_key(key)}:")
                _write_lines(lines, item, inner, inner, step)
            else:
                lines.append(f"{lead}{_write_key(key)}: {flow_yaml(item)}")
            lead = pad
    elif isinstance(value, list):
        for item in value:
            if not item or not isinstance(item, (dict, list)):
                lines.append(f"{lead}- {flow_yaml(item)}")
            else:
                _write_lines(lines, item, lead + "- ", pad + "  ", step)
            lead = pad


def _write_key(key: str) -> str:
    written = _keys.get(key)
    if written is None:
        if len(_keys) >= REMEMBERED_TEXTS:
            _keys.clear()
        written = _keys[key] = _written_key(key)
    return written


def _quote_remembered(text: str) -> str:
    if len(_quoted) >= REMEMBERED_TEXTS:
        _quoted.clear()
    written = _quoted[text] = quote(text)
    return written


def _written_key(key: str) -> str:
    plain = key[:1].isalpha() and key.isascii() and key.replace("-", "").replace(".", "").replace("/", "").isalnum()
    special = key in TRUE_WORDS or key in FALSE_WORDS or key.lower() == "null"
    return key if plain and not special else quote(key)
