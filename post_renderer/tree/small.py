"""The small reader: plain block-style YAML, the shape that charts nearly always render to, without PyYAML.

It reads exactly this, and hands everything else to the full reader:

- text of printable characters and of line ends that are LF or CRLF, without a byte order mark; tabs only in comments,
  in block scalars (not where the first line begins) and in quoted words of flow collections over several lines;
- one document: an optional first line ``---`` (a comment may follow), comments, blank lines, and a mapping, in block
  or flow style, that begins in the first column;
- block mappings whose keys are words (letters, digits, ``_ . / -``; no form of ``null``) or quoted on one line without
  escapes, followed by a colon at once, none of them twice (twice in a flow mapping is a problem at once); block lists,
  also in the column of their key; a mapping may begin behind a dash;
- plain scalars on one line; quoted ones that close on their line, with no escapes but JSON's (none from ``U+D000``
  on, where surrogates begin), 1,000 at most;
- block scalars without an indentation number, with some text in them; in folded ones no empty line
  but behind the text, no deeper line and no ``+``;
- flow lists and mappings, also over several lines, of the scalars above (plain ones: letters, digits and
  ``_ . / - + $ ( )``), without comments, trailing commas or single pairs, ten deep at most;
- up to 200,000 lines, commas or brackets, 80 levels, and flow collections within the first 4,000 columns.

No anchor, alias, tag, merge key, directive, ``?`` key or second document is among that. It never guesses: what is not
in this list raises HandOver. All lines are looked at, so that what YAML forbids is never passed over; nodes are made,
and keys compared and texts of block scalars put together, where somebody asks for them.
"""

from __future__ import annotations

from itertools import accumulate

from post_renderer.tree.flow import read_flow
from post_renderer.tree.lines import ALL, LITERAL, WITHIN, Line, read_line, remembered
from post_renderer.tree.node import MAPPING, NULLS, SCALAR, SEQUENCE, Node
from post_renderer.tree.scalars import HandOver, ends_line, literal_text, unquote
from post_renderer.tree.values import Plain, read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from post_renderer.tree.values import Value

LINES = 200_000  # in one document; more are the full reader's, which counts what it makes of them
DEPTH = 80  # with the ten of flow collections near the full reader's limit, which has the words for it
ROOT = -1
NEVER = -2


def read(text: str) -> Node:
    """The root mapping of the one document in ``text``. Raises HandOver, also later: when a node is asked."""
    if "\r" in text and text.count("\r") != text.count("\r\n"):
        raise HandOver
    if not text.replace("\n", " ").replace("\r", " ").replace("\t", " ").isprintable():
        raise HandOver
    document = _Document(text)
    try:
        return document.read()
    except HandOver:
        document.forget()
        raise


def forget(root: Node) -> None:
    """Let go of a document's nodes, which refer to each other, without the garbage collector's help."""
    if isinstance(root, _Block):
        root.document.forget()


class _Document:
    """The lines of a document and the blocks that they form. Lines are known by their numbers, from 0.

    ``known``: what stands on each line that has structure. ``values``: of a line, the node of its value, where that was
    made; ``inner``: that of the mapping behind its dash.
    """

    __slots__ = ("inner", "keys", "known", "lines", "offsets", "text", "values")

    def __init__(self, text: str) -> None:
        self.text = text
        lines = text.split("\n")
        if max(len(lines), text.count(","), text.count("[") + text.count("{")) > LINES:
            raise HandOver
        self.offsets = list(accumulate(map(len, lines), initial=0))  # without the line ends before them
        self.lines = [line.removesuffix("\r") for line in lines] if "\r" in text else lines
        self.known: dict[int, Line] = {}
        self.keys: dict[int, Node] = {}
        self.values: dict[int, Node] = {}
        self.inner: dict[int, Node] = {}

    def forget(self) -> None:
        self.values.clear()
        self.inner.clear()

    def read(self) -> Node:
        first = self.lines[0]
        marked = first.startswith("---")
        if marked and not ends_line(first[3:]):
            raise HandOver
        self.scan(1 if marked else 0)
        root = self.values.get(ROOT)
        if root is None or root.kind != MAPPING or root.column != 0:
            raise HandOver
        return root

    def scan(self, at: int) -> None:
        """Find the blocks from line ``at`` on. Raises HandOver where a line does not fit into them."""
        lines, known, values = self.lines, self.known, self.values
        outer: list[_Block] = []
        top = _Block(SEQUENCE, self, -1, ROOT)
        wanting = ROOT  # the line whose value may stand below it, and the block that this line is in
        owner: _Block | None = top
        pairs, add = NEVER, top.lines.append  # the column in which keys of the block stand, if it has keys
        count = len(lines)
        while at < count:
            text = lines[at]
            line = known[at] = remembered.get(text) or read_line(text)
            if line.pair_column == pairs:  # nearly always
                add(at)
                owner = None
                at += 1
                continue
            column = line.column
            if column < 0:
                at += 1
                continue
            while column < top.column:
                top = outer.pop()
            if column > top.column or (line.dash and top.kind is MAPPING):  # a list may begin in its key's column
                if top is not owner:
                    raise HandOver
                if not line.dash and line.key is None:
                    at = self.flow(at, column, wanting)
                    owner = None
                    continue
                outer.append(top)
                top = _Block(SEQUENCE if line.dash else MAPPING, self, column, at)
                values[wanting] = top
                if len(outer) > DEPTH:
                    raise HandOver
            else:
                if not line.dash and top.kind is SEQUENCE:
                    top = outer.pop()
                if column != top.column or not (line.dash or line.key is not None):
                    raise HandOver
                top.lines.append(at)
            if line.dash and line.key is not None:
                outer.append(top)
                top = self.inner[at] = _Block(MAPPING, self, line.key_begin, at)
                if len(outer) > DEPTH:
                    raise HandOver
            pairs, add = top.column if top.kind is MAPPING else NEVER, top.lines.append
            wanting, owner = at, top if line.rest == ALL else None
            at = at + 1 if line.rest in WITHIN else self.behind(line, at, top.column)

    def behind(self, line: Line, at: int, column: int) -> int:
        """The number of the line behind the value that begins on a line of a block in ``column``."""
        if line.rest == LITERAL:
            return self.literal(at, column)
        return self.flow(at, line.begin, at)

    def flow(self, at: int, column: int, key_line: int) -> int:
        """Read the flow collection in a column of line ``at``; the number of the line behind it."""
        node = self.values[key_line] = read_flow(self.text, self.offset(at, column), column)
        while at + 1 < len(self.lines) and self.offset(at + 1) < node.end:
            at += 1
        if not ends_line(self.lines[at][node.end - self.offset(at) :]):
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
        line = self.known[at]
        node = _Literal(SCALAR, self.offset(at, line.begin), 0, line.begin)
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
            line = self.known[at]
            start = self.offset(at, line.key_begin)
            node = self.keys[at] = Node(SCALAR, start, self.offset(at, line.colon), line.key_begin)
            node.style = self.text[start] if self.text[start] in "'\"" else ""
            node.text = line.key or ""
        return node

    def value(self, at: int) -> Node:
        node = self.values.get(at)
        if node is None:
            line = self.known[at]
            start, end = self.offset(at, line.begin), self.offset(at, line.end)
            if line.style and line.style in "[{":
                node = read_flow(self.text, start, line.begin)
            else:
                node = Node(SCALAR, start, end, line.begin)
                node.style = line.style
                node.text = unquote(self.text[start:end]) if line.style else self.text[start:end]
            self.values[at] = node
        return node

    def read_value(self, at: int, inner: Node | None = None) -> Value:
        """The value on line ``at`` as ``read_values`` makes it."""
        node = inner or self.values.get(at)
        if node is not None:
            return read_values(node)
        line = self.known[at]
        word = self.lines[at][line.begin : line.end]
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

    __slots__ = ("_places", "document", "lines")
    plain = True
    flow = shared = False
    style = text = anchor = ""
    lines: list[int]
    document: _Document
    _places: dict[str, int] | None  # lines by their keys, when somebody asked

    def __init__(self, kind: str, document: _Document, column: int, at: int) -> None:
        self.kind = kind
        self.column = column
        self.lines = [at]
        self.document = document
        self._places = None

    def __getattr__(self, name: str) -> Any:
        """The slots that are filled when somebody asks for them."""
        made: Any = MAKERS[name](self)
        setattr(self, name, made)
        return made

    def start_in_text(self) -> int:
        return self.document.offset(self.lines[0], self.column)

    def end_in_text(self) -> int:
        at = self.lines[-1]
        last = self.below(at)
        return self.document.offset(at, self.document.known[at].end) if last is None else last.end

    def make_children(self) -> list[Node]:
        document = self.document
        if self.kind is SEQUENCE:
            return [document.inner.get(at) or document.value(at) for at in self.lines]
        return [node for at in self.places().values() for node in (document.key(at), document.value(at))]

    def below(self, at: int) -> Node | None:
        """The item or the value on one of the lines, where there is a node of it."""
        return (self.document.inner.get(at) if self.kind is SEQUENCE else None) or self.document.values.get(at)

    def places(self) -> dict[str, int]:
        """The lines by their keys. Raises HandOver where a key stands twice."""
        if self._places is None:
            self.expect(MAPPING)
            known = self.document.known
            self._places = {known[at].key or "": at for at in self.lines}
            if len(self._places) < len(self.lines):
                raise HandOver
        return self._places

    def names(self) -> list[str]:
        return list(self.places())

    def is_null(self) -> bool:
        return False

    def last_leaf(self) -> Node:
        last = self.below(self.lines[-1])
        return self.document.value(self.lines[-1]) if last is None else last.last_leaf()

    def dash_column(self) -> int | None:
        for at in self.lines:
            value = self.document.values.get(at)
            if value is not None and value.kind is SEQUENCE and not value.flow:
                return value.column
        return None

    def read(self) -> Value:
        """What ``read_values`` makes of the block, without a node for each scalar."""
        read = self.document.read_value
        if self.kind is SEQUENCE:
            return [read(at, self.document.inner.get(at)) for at in self.lines]
        return {key: read(at) for key, at in self.places().items()}

    def pair(self, key: str) -> tuple[Node, Node] | None:
        at = (self._places or self.places()).get(key)
        return None if at is None else (self.document.key(at), self.document.value(at))

    def get(self, key: str) -> Node | None:
        at = (self._places or self.places()).get(key)
        return None if at is None else self.document.value(at)


MAKERS = {"start": _Block.start_in_text, "end": _Block.end_in_text, "children": _Block.make_children}
