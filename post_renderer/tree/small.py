"""The small reader: plain block-style YAML, the shape that charts nearly always render to, without PyYAML.

It reads exactly this, and hands everything else to the full reader:

- text of printable characters and of line ends that are LF or CRLF; no tab, no byte order mark;
- one document: an optional first line ``---`` (a comment may follow), comments, blank lines, and a mapping, in block
  or flow style, that begins in the first column;
- block mappings whose keys are words (letters, digits, ``_ . / -``) or quoted on one line without escapes, followed by
  a colon at once, none of them twice; block lists, also in the column of their key; a mapping may begin behind a dash;
- plain scalars on one line; single-quoted ones on one line without a quote in them; double-quoted ones on one line with
  no escapes but JSON's (no surrogates);
- ``|``, ``|-``, ``|+`` and ``>``, ``>-`` literals without an indentation number, with some text in them; in folded ones
  no empty and no deeper line;
- flow lists and mappings, also over several lines, of the scalars above (plain ones: letters, digits and
  ``_ . / - + $ ( )``), without comments, trailing commas or single pairs;
- up to 200,000 lines or commas, 90 levels.

No anchor, alias, tag, merge key, directive, ``?`` key or second document is among that. It never guesses: what is not
in this list raises HandOver. A test holds its nodes against the full reader's, on every corpus and on mutations.
"""

from __future__ import annotations

from post_renderer.tree.node import MAPPING, SCALAR, SEQUENCE, Node

LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
KEY = LETTERS | frozenset("./-")
FLOW_PLAIN = KEY | frozenset("+$()")
NOT_FIRST = frozenset(",[]{}#&*!|>'\"%@`-?:=< ")  # a plain scalar that begins otherwise is one to every reader
ESCAPES = {'"': '"', "\\": "\\", "/": "/", "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
DEPTH = 90  # near the full reader's limit, which has the words for it
LINES = 200_000  # in one document; more are the full reader's, which counts what it makes of them
KEY_LIMIT = 1000  # characters; YAML's own limit for a key without "?" is 1024


class HandOver(Exception):  # noqa: N818 - it is no error: the full reader goes on
    """The text is not certain to be in this reader's subset."""


def read(text: str) -> Node:
    """The root mapping of the one document in ``text``. Raises HandOver."""
    if text.count("\r") != text.count("\r\n"):
        raise HandOver
    if not text.replace("\n", " ").replace("\r", " ").isprintable():
        raise HandOver
    return _Reader(text).read()


class _Reader:
    """Where the reader stands: line ``at`` is the next one with content, ``indent`` its first character's column."""

    __slots__ = ("at", "depth", "indent", "lines", "starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        raw = text.split("\n")
        starts = []
        position = 0
        for line in raw:
            starts.append(position)
            position += len(line) + 1
        if len(raw) > LINES or text.count(",") > LINES:
            raise HandOver
        self.starts = starts
        self.lines = [line.removesuffix("\r") for line in raw] if "\r" in text else raw
        self.at = -1
        self.indent = 0
        self.depth = 0

    def read(self) -> Node:
        first = self.lines[0]
        if first.startswith("---"):
            if first[3:].strip(" ") and not first[3:].lstrip(" ").startswith("#"):
                raise HandOver
            if first[3:4] not in ("", " "):
                raise HandOver
            self.at = 0
        self.next_line()
        if self.indent != 0:
            raise HandOver
        root = self.whole_flow(0, self.starts[self.at]) if self.lines[self.at][0] == "{" else self.mapping(0)
        if self.indent >= 0:
            raise HandOver
        return root

    def next_line(self) -> None:
        """Go to the next line that is neither blank nor a comment; indent -1 at the end."""
        lines = self.lines
        for at in range(self.at + 1, len(lines)):
            line = lines[at]
            bare = line.lstrip(" ")
            if bare and bare[0] != "#":
                self.at = at
                self.indent = len(line) - len(bare)
                return
        self.at = len(lines)
        self.indent = -1

    def mapping(self, column: int) -> Node:
        """The block mapping whose first key stands in ``column`` of the current line."""
        node = self.open(MAPPING, column)
        children = node.children
        seen = set()
        while True:
            key, colon = self.key(column)
            if key.text in seen:
                raise HandOver
            seen.add(key.text)
            children.append(key)
            children.append(self.value(column, colon + 1, after_key=True))
            if self.indent != column:
                break
        return self.close(node, column)

    def sequence(self, column: int) -> Node:
        """The block list whose first dash stands in ``column`` of the current line."""
        node = self.open(SEQUENCE, column)
        children = node.children
        while True:
            line = self.lines[self.at]
            item = column + 1
            while line[item : item + 1] == " ":
                item += 1
            if item == len(line) or line[item] == "#" or line[item] == "-":
                raise HandOver
            if self.is_key(line, item):
                children.append(self.mapping(item))
            else:
                children.append(self.value(column, item))
            if self.indent != column or not self.is_dash(column):
                break
        return self.close(node, column)

    def open(self, kind: str, column: int) -> Node:
        self.depth += 1
        if self.depth > DEPTH:
            raise HandOver
        start = self.starts[self.at] + column
        return Node(kind, start, start, column)

    def close(self, node: Node, column: int) -> Node:
        if self.indent > column:
            raise HandOver
        self.depth -= 1
        node.end = node.children[-1].end
        return node

    def is_dash(self, column: int) -> bool:
        line = self.lines[self.at]
        return line[column] == "-" and line[column + 1 : column + 2] in ("", " ")

    def is_key(self, line: str, column: int) -> bool:
        """Whether a mapping seems to begin here; `key` decides."""
        char = line[column]
        if char in "'\"":
            close = line.find(char, column + 1)
            return line[close + 1 : close + 2] == ":"
        if char in "[{":
            return False
        return ": " in line[column:] or line.rstrip(" ").endswith(":")

    def key(self, column: int) -> tuple[Node, int]:
        """The key in ``column`` of the current line, and its colon's column."""
        line = self.lines[self.at]
        start = self.starts[self.at] + column
        style = line[column]
        if style in "'\"":
            close = line.find(style, column + 1)
            word = line[column + 1 : close]
            if close < 0 or "\\" in word or line[close + 1 : close + 2] != ":":
                raise HandOver
            colon = close + 1
        else:
            colon = line.find(":", column)
            word = line[column:colon]
            if colon < 0 or not word or word[0] == "-" or not KEY.issuperset(word):
                raise HandOver
            style = ""
        if line[colon + 1 : colon + 2] not in ("", " ") or colon - column > KEY_LIMIT:
            raise HandOver
        node = Node(SCALAR, start, self.starts[self.at] + colon, column)
        node.style = style
        node.text = word
        return node, colon

    def value(self, parent: int, column: int, *, after_key: bool = False) -> Node:
        """The value from ``column`` of the current line on, within a block whose column is ``parent``."""
        line = self.lines[self.at]
        bare = line[column:].lstrip(" ")
        first = bare[:1]
        begin = len(line) - len(bare)
        if not first or (first == "#" and begin > column):
            return self.value_below(parent, column)
        if after_key and begin == column:
            raise HandOver
        if first in "|>":
            return self.literal(parent, begin)
        start = self.starts[self.at]
        if first in "[{":
            return self.whole_flow(begin, start)
        if first in "'\"":
            node = self.quoted(start + begin, begin)
            rest = line[node.end - start :]
        else:
            node = self.plain(bare, start + begin, begin)
            rest = ""
        if not self.is_comment(rest):
            raise HandOver
        self.next_line()
        if self.indent > parent:
            raise HandOver
        return node

    def is_comment(self, rest: str) -> bool:
        bare = rest.lstrip(" ")
        return not bare or (bare[0] == "#" and rest[0] == " ")

    def value_below(self, parent: int, column: int) -> Node:
        """What stands on the lines below a key, or nothing."""
        empty = self.starts[self.at] + column
        self.next_line()
        if self.indent >= parent and self.indent >= 0 and self.is_dash(self.indent):
            return self.sequence(self.indent)
        if self.indent > parent:
            return self.mapping(self.indent)
        return Node(SCALAR, empty, empty, column)

    def plain(self, bare: str, start: int, column: int) -> Node:
        comment = bare.find(" #")
        word = (bare if comment < 0 else bare[:comment]).rstrip(" ")
        if word[0] in NOT_FIRST and not (word[0] in "-:" and word[1:2] not in ("", " ", ":", "-")) and word != "=":
            raise HandOver
        if ": " in word or word[-1] == ":":
            raise HandOver
        node = Node(SCALAR, start, start + len(word), column)
        node.text = word
        return node

    def quoted(self, start: int, column: int) -> Node:
        """The quoted scalar at ``start``, which closes on its line."""
        text = self.text
        style = text[start]
        stop = text.find("\n", start)
        stop = stop if stop >= 0 else len(text)
        close = text.find(style, start + 1, stop)
        if style == '"':
            while close > 0 and text[close - 1] == "\\" and self.is_escaped(close):
                close = text.find(style, close + 1, stop)
        if close < 0 or (style == "'" and text[close + 1 : close + 2] == "'"):
            raise HandOver
        word = text[start + 1 : close]
        node = Node(SCALAR, start, close + 1, column)
        node.style = style
        node.text = unescape(word) if style == '"' and "\\" in word else word
        return node

    def is_escaped(self, position: int) -> bool:
        """Whether an odd number of backslashes stands before a place."""
        backslashes = 0
        while self.text[position - 1 - backslashes] == "\\":
            backslashes += 1
        return backslashes % 2 == 1

    def literal(self, parent: int, column: int) -> Node:
        """A ``|`` or ``>`` scalar: all following lines that are deeper than its first one or blank."""
        lines = self.lines
        header = lines[self.at][column:]
        style = header[0]
        chomp = header[1:2] if header[1:2] in ("-", "+") else ""
        if not self.is_comment(header[1 + len(chomp) :]) or (style == ">" and chomp == "+"):
            raise HandOver
        start = self.starts[self.at] + column
        first = at = self.at + 1
        while at < len(lines) and not lines[at].strip(" "):
            at += 1
        if at == len(lines):
            raise HandOver
        indent = len(lines[at]) - len(lines[at].lstrip(" "))
        if indent <= parent or any(len(line) > indent for line in lines[first:at]):
            raise HandOver
        margin = " " * indent
        count = len(lines) - (not lines[-1])  # behind the last line's end there is no further line
        content = []
        last = at
        for at in range(first, count):
            line = lines[at]
            if line.startswith(margin):
                content.append(line[indent:])
                last = at
            elif not line.strip(" "):
                content.append("")
            else:
                break
        else:
            at = count
        if at == count == len(lines) and not lines[-1].strip(" "):
            raise HandOver  # blanks that no line end follows
        node = Node(SCALAR, start, self.starts[at] if at < len(lines) else len(self.text), column)
        node.style = style
        ends = at < len(lines)
        node.text = self.literal_text(style, chomp, content, last - first + 1, ends=ends)
        self.at = at - 1
        self.next_line()
        return node

    def literal_text(self, style: str, chomp: str, content: list[str], count: int, *, ends: bool) -> str:
        """The text of a literal's lines; ``count`` of them come before the blank lines at the end."""
        body = content[:count]
        while body and not body[-1]:
            raise HandOver  # a line of blanks alone ends it: readers count it differently
        breaks = len(content) - count
        if style == ">":
            if any(not line or line[0] == " " for line in body):
                raise HandOver
            text = " ".join(body)
        else:
            text = "\n".join(body)
        if chomp == "-":
            return text
        whole = breaks > 0 or ends
        if chomp == "+":
            return text + "\n" * (breaks + (1 if ends else 0))
        return text + "\n" if whole else text

    def whole_flow(self, column: int, start: int) -> Node:
        """A flow collection and what stands behind it on its last line."""
        node = self.flow(start + column, column)
        while self.at + 1 < len(self.lines) and self.starts[self.at + 1] < node.end:
            self.at += 1
        rest = self.lines[self.at][node.end - self.starts[self.at] :]
        if not self.is_comment(rest):
            raise HandOver
        self.next_line()
        return node

    def flow(self, start: int, column: int) -> Node:
        text = self.text
        kind = SEQUENCE if text[start] == "[" else MAPPING
        closing = "]" if kind == SEQUENCE else "}"
        self.depth += 1
        if self.depth > DEPTH:
            raise HandOver
        node = Node(kind, start, start, column, flow=True)
        position = self.skip(start + 1)
        while text[position] != closing or node.children:
            item = self.flow_item(position)
            position = self.skip(item.end)
            node.children.append(item)
            if kind == MAPPING:
                if text[position] != ":" or item.kind != SCALAR or position != item.end:
                    raise HandOver
                if text[position + 1] not in " \n\r" and item.style != '"':
                    raise HandOver
                if any(item.text == key.text for key in node.children[:-1:2]):
                    raise HandOver
                value = self.flow_item(self.skip(position + 1))
                node.children.append(value)
                position = self.skip(value.end)
            if text[position] == closing:
                break
            if text[position] != ",":
                raise HandOver
            position = self.skip(position + 1)
            if text[position] == closing:
                raise HandOver
        self.depth -= 1
        node.end = position + 1
        return node

    def flow_item(self, start: int) -> Node:
        text = self.text
        column = start - (text.rfind("\n", 0, start) + 1)
        char = text[start]
        if char in "[{":
            return self.flow(start, column)
        if char in "'\"":
            return self.quoted(start, column)
        end = start
        while text[end : end + 1] in FLOW_PLAIN:
            end += 1
        word = text[start:end]
        if not word or (word[0] == "-" and len(word) == 1):
            raise HandOver
        node = Node(SCALAR, start, end, column)
        node.text = word
        return node

    def skip(self, position: int) -> int:
        """Behind blanks and line ends; raises HandOver at the text's end, or where a line begins a document."""
        text = self.text
        while text[position : position + 1] in (" ", "\n", "\r"):
            position += 1
            if text[position - 1] == "\n" and text.startswith(("---", "..."), position):
                raise HandOver
        if position >= len(text):
            raise HandOver
        return position


def unescape(word: str) -> str:
    """A double-quoted scalar's text. Raises HandOver for an escape that JSON does not have."""
    parts = word.split("\\")
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
            if len(digits) < 4 or not digits.isalnum() or not digits.isascii() or digits[0] in "dD":
                raise HandOver  # surrogates begin with D
            try:
                out.append(chr(int(digits, 16)) + part[5:])
            except ValueError:
                raise HandOver from None
        elif part[0] in ESCAPES:
            out.append(ESCAPES[part[0]] + part[1:])
        else:
            raise HandOver
        index += 1
    return "".join(out)
