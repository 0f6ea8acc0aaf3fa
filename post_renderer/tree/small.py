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
- up to 200,000 lines or commas, 90 levels, and flow collections within the first 4,000 columns.

No anchor, alias, tag, merge key, directive, ``?`` key or second document is among that. It never guesses: what is not
in this list raises HandOver. A test holds its nodes against the full reader's, on every corpus and on mutations.
"""

from __future__ import annotations

from post_renderer.tree.flow import read_flow
from post_renderer.tree.node import MAPPING, SCALAR, SEQUENCE, Node
from post_renderer.tree.scalars import DEPTH, HandOver, literal_text, read_quoted

LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
KEY = LETTERS | frozenset("./-")
NOT_FIRST = frozenset(",[]{}#&*!|>'\"%@`-?:=< ")  # a plain scalar that begins otherwise is one to every reader
LINES = 200_000  # in one document; more are the full reader's, which counts what it makes of them
KEY_LIMIT = 1000  # characters; YAML's own limit for a key without "?" is 1024


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
            if not self.is_comment(first[3:]):
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
            node = read_quoted(self.text, start + begin, begin)
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
        node.text = literal_text(style, chomp, content, last - first + 1, ends=ends)
        self.at = at - 1
        self.next_line()
        return node

    def whole_flow(self, column: int, start: int) -> Node:
        """A flow collection and what stands behind it on its last line."""
        node = read_flow(self.text, start + column, column, self.depth)
        while self.at + 1 < len(self.lines) and self.starts[self.at + 1] < node.end:
            self.at += 1
        rest = self.lines[self.at][node.end - self.starts[self.at] :]
        if not self.is_comment(rest):
            raise HandOver
        self.next_line()
        return node
