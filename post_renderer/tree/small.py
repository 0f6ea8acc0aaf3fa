"""The small reader: plain block-style YAML, the shape that charts nearly always render to, without PyYAML.

It reads exactly this, and hands everything else to the full reader:

- text of printable characters and of line ends that are LF or CRLF, without a byte order mark; tabs only inside block
  scalars, and not where their lines begin;
- one document: an optional first line ``---`` (a comment may follow), comments, blank lines, and a mapping, in block
  or flow style, that begins in the first column;
- block mappings whose keys are words (letters, digits, ``_ . / -``) or quoted on one line without escapes, followed by
  a colon at once, none of them twice; block lists, also in the column of their key; a mapping may begin behind a dash;
- plain scalars on one line; quoted ones that close on their line, with no escapes but JSON's (no surrogates);
- block scalars without an indentation number, with some text in them; in folded ones no empty and no deeper line, and
  no ``+``;
- flow lists and mappings, also over several lines, of the scalars above (plain ones: letters, digits and
  ``_ . / - + $ ( )``), without comments, trailing commas or single pairs, ten deep at most;
- up to 200,000 lines or commas, 80 levels, and flow collections within the first 4,000 columns.

No anchor, alias, tag, merge key, directive, ``?`` key or second document is among that. It never guesses: what is not
in this list raises HandOver. All lines are looked at, so that what YAML forbids is never passed over; nodes are made,
and keys compared and texts of block scalars put together, where somebody asks for them.
"""

from __future__ import annotations

from itertools import accumulate

from post_renderer.tree.flow import read_flow
from post_renderer.tree.lines import ALL, DONE, LITERAL, Line, read_line
from post_renderer.tree.node import MAPPING, NULLS, SCALAR, SEQUENCE, Node
from post_renderer.tree.scalars import HandOver, literal_text, unquote
from post_renderer.tree.values import Plain, read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from post_renderer.tree.values import Value

LINES = 200_000  # in one document; more are the full reader's, which counts what it makes of them
DEPTH = 80  # with the ten of flow collections near the full reader's limit, which has the words for it
ROOT = -1


def read(text: str) -> Node:
    """The root mapping of the one document in ``text``. Raises HandOver, also later: when a node is asked."""
    if "\r" in text and text.count("\r") != text.count("\r\n"):
        raise HandOver
    if not text.replace("\n", " ").replace("\r", " ").replace("\t", " ").isprintable():
        raise HandOver
    return _Document(text).read()


class _Document:
    """The lines of a document and the blocks that they form. Lines are known by their numbers, from 0.

    ``known``: of each line with structure, what stands on it and its column. ``values``: of a line, the node of its
    value, where that was made; ``inner``: that of the mapping behind its dash.
    """

    __slots__ = ("inner", "keys", "known", "lines", "offsets", "text", "values")

    def __init__(self, text: str) -> None:
        self.text = text
        lines = text.split("\n")
        if len(lines) > LINES or text.count(",") > LINES:
            raise HandOver
        self.offsets = list(accumulate(map(len, lines), initial=0))  # without the line ends before them
        self.lines = [line.removesuffix("\r") for line in lines] if "\r" in text else lines
        self.known: dict[int, tuple[Line, int]] = {}
        self.keys: dict[int, Node] = {}
        self.values: dict[int, Node] = {}
        self.inner: dict[int, Node] = {}

    def read(self) -> Node:
        first = self.lines[0]
        marked = first.startswith("---")
        if marked and (first[3:4] not in ("", " ") or first[3:].lstrip(" ")[:1] not in ("", "#")):
            raise HandOver
        self.scan(1 if marked else 0)
        root = self.values.get(ROOT)
        if root is None or root.kind != MAPPING or root.column != 0:
            raise HandOver
        return root

    def scan(self, at: int) -> None:
        """Find the blocks from line ``at`` on. Raises HandOver where a line does not fit into them."""
        lines, known = self.lines, self.known
        outer: list[_Block] = []
        top = _Block(SEQUENCE, self, -1, ROOT)
        wanting, owner = ROOT, top  # the last line, where its value stands below it, and the block that it is in
        nobody = _Block(SEQUENCE, self, -1, ROOT)
        while at < len(lines):
            whole = lines[at]
            bare = whole.lstrip(" ")
            if not bare or bare[0] == "#":
                at += 1
                continue
            line = read_line(bare)
            column = len(whole) - len(bare)
            known[at] = line, column
            while column < top.column:
                top = outer.pop()
            if column > top.column or (line.dash and top.kind is MAPPING):  # a list may begin in its key's column
                if top is not owner:
                    raise HandOver
                if not line.dash and line.key is None:
                    at = self.flow(at, column, wanting)
                    owner = nobody
                    continue
                outer.append(top)
                top = _Block(SEQUENCE if line.dash else MAPPING, self, column, at)
                self.values[wanting] = top
            else:
                if not line.dash and top.kind is SEQUENCE:
                    top = outer.pop()
                if column != top.column or not (line.dash or line.key is not None):
                    raise HandOver
                top.lines.append(at)
            if line.dash and line.key is not None:
                outer.append(top)
                top = self.inner[at] = _Block(MAPPING, self, column + line.dash, at)
            if len(outer) > DEPTH:
                raise HandOver
            owner = nobody
            if line.rest == DONE:
                at += 1
            elif line.rest == ALL:
                wanting, owner = at, top
                at += 1
            elif line.rest == LITERAL:
                at = self.literal(at, top.column)
            else:
                at = self.flow(at, column + line.begin, at)

    def flow(self, at: int, column: int, key_line: int) -> int:
        """Read the flow collection in a column of line ``at``; the number of the line behind it."""
        node = self.values[key_line] = read_flow(self.text, self.offset(at, column), column)
        while at + 1 < len(self.lines) and self.offset(at + 1) < node.end:
            at += 1
        behind = self.lines[at][node.end - self.offset(at) :]
        if behind[:1] == "#" or behind.lstrip(" ")[:1] not in ("", "#"):
            raise HandOver
        return at + 1

    def literal(self, at: int, parent: int) -> int:
        """Take the lines of a block scalar that begins on line ``at``; the number of the line behind them."""
        lines = self.lines
        first = at + 1
        while first < len(lines) and not lines[first].strip(" "):
            first += 1
        if first == len(lines):
            raise HandOver
        bare = lines[first].lstrip(" ")
        indent = len(lines[first]) - len(bare)
        if indent <= parent or bare[0] == "\t" or any(len(line) > indent for line in lines[at + 1 : first]):
            raise HandOver
        margin = " " * indent
        count = len(lines) - (not lines[-1])  # behind the last line's end there is no further line
        stop = first
        while stop < count and (lines[stop].startswith(margin) or not lines[stop].strip(" ")):
            stop += 1
        if stop == count == len(lines) and not lines[-1].strip(" "):
            raise HandOver  # blanks that no line end follows
        line, column = self.known[at]
        node = _Literal(SCALAR, self.offset(at, column + line.begin), 0, column + line.begin)
        node.style = line.style
        node.end = self.offset(stop) if stop < len(lines) else len(self.text)
        node.body = self, at, stop, indent
        self.values[at] = node
        return stop

    def offset(self, at: int, column: int = 0) -> int:
        """Where in the text a column of line ``at`` is."""
        return self.offsets[at] + at + column

    def key(self, at: int) -> Node:
        node = self.keys.get(at)
        if node is None:
            line, column = self.known[at]
            start = self.offset(at, column + line.dash)
            node = self.keys[at] = Node(SCALAR, start, self.offset(at, column + line.colon), column + line.dash)
            node.style = self.text[start] if self.text[start] in "'\"" else ""
            node.text = line.key or ""
        return node

    def value(self, at: int) -> Node:
        node = self.values.get(at)
        if node is None:
            line, column = self.known[at]
            start, end = self.offset(at, column + line.begin), self.offset(at, column + line.end)
            if line.style and line.style in "[{":
                node = read_flow(self.text, start, column + line.begin)
            else:
                node = Node(SCALAR, start, end, column + line.begin)
                node.style = line.style
                node.text = unquote(self.text[start:end]) if line.style else self.text[start:end]
            self.values[at] = node
        return node

    def read_value(self, at: int, inner: Node | None = None) -> Value:
        """The value on line ``at`` as ``read_values`` makes it."""
        node = inner or self.values.get(at)
        if node is not None:
            return read_values(node)
        line, column = self.known[at]
        start = self.offsets[at] + at + column
        word = self.text[start + line.begin : start + line.end]
        if not line.style:
            return None if word in NULLS else Plain(word)
        return unquote(word) if line.style in "'\"" else read_values(self.value(at))


class _Literal(Node):
    """A block scalar, whose text is put together when it is asked for."""

    __slots__ = ("body",)
    body: tuple[_Document, int, int, int]  # the document, the header's line, the line behind the last, the indent

    def value(self) -> str:
        document, at, stop, indent = self.body
        if not self.text:
            content = [line[indent:] for line in document.lines[at + 1 : stop]]
            header = document.text[self.start : self.start + 2]
            self.text = literal_text(header, content, ends=stop < len(document.lines))
        return self.text


class _Block(Node):
    """A block mapping or list: the numbers of the lines on which its keys or dashes stand, nodes when asked for."""

    __slots__ = ("_document", "_places", "lines")
    plain = True

    def __init__(self, kind: str, document: _Document, column: int, at: int) -> None:
        self.kind = kind
        self.column = column
        self.flow = self.shared = False
        self.style = self.text = self.anchor = ""
        self.start = document.offset(at, column)
        self.lines = [at]
        self._document = document
        self._places: dict[str, int] | None = None  # the lines by their keys

    def __getattr__(self, name: str) -> Any:
        """The slots that are filled when somebody asks: ``children`` and ``end``."""
        document = self._document
        if name == "end":
            at = self.lines[-1]
            last = (document.inner.get(at) if self.kind is SEQUENCE else None) or document.values.get(at)
            line, column = document.known[at]
            self.end = last.end if last is not None else document.offset(at, column + line.end)
            return self.end
        if self.kind is SEQUENCE:
            self.children = [document.inner.get(at) or document.value(at) for at in self.lines]
        else:
            self._find("")
            self.children = [node for at in self.lines for node in (document.key(at), document.value(at))]
        return self.children

    def names(self) -> list[str]:
        self._find("")
        return list(self._places or ())

    def read(self) -> Value:
        """What ``read_values`` makes of the block, without a node for each scalar."""
        read = self._document.read_value
        if self.kind is SEQUENCE:
            return [read(at, self._document.inner.get(at)) for at in self.lines]
        return {key: read(at) for key, at in zip(self.names(), self.lines, strict=True)}

    def pair(self, key: str) -> tuple[Node, Node] | None:
        at = self._find(key)
        return None if at is None else (self._document.key(at), self._document.value(at))

    def get(self, key: str) -> Node | None:
        at = self._find(key)
        return None if at is None else self._document.value(at)

    def _find(self, key: str) -> int | None:
        """The line on which a key of the mapping stands. Raises HandOver where one stands twice."""
        self.expect(MAPPING)
        if self._places is None:
            known = self._document.known
            self._places = {known[at][0].key or "": at for at in self.lines}
            if len(self._places) < len(self.lines):
                raise HandOver
        return self._places.get(key)
