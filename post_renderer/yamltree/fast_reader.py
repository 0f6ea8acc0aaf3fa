"""The fast reader: reads plain block-style YAML, which charts nearly always render, without PyYAML.

It reads exactly the following subset. For everything else it raises NotInSubset, and libyaml reads the text.

- Characters: those that Python calls printable, and line ends, all LF or all CRLF. There is no byte order mark. Tabs
  are allowed in comments on lines of their own or behind ``---``. They are allowed in block scalars, but not at the
  start of the first line, nor of any line of a folded one. They are allowed in flow collections from the second line
  on, in quoted scalars and in comments behind the collection.
- One document: an optional first line ``---`` (a comment may follow), comments, empty lines, and a mapping in block or
  flow style that begins in the first column.
- Block mappings. A key has ASCII letters, digits and ``_ . / -``, and does not begin with ``-``. It is no form of
  ``null``. Or it is quoted on one line, without escapes and doubled quotes. The colon follows directly. No key is
  repeated.
- Block lists, also in the column of their key. A mapping may begin behind a dash. No scalar begins on a line below its
  key or dash.
- Plain scalars on one line. They don't begin with a character that has a meaning in YAML, nor with ``<``. Exceptions:
  ``-`` or ``:`` before a character other than a space or ``:``, and a value that is ``=`` alone.
- Quoted scalars that end on their line. Escapes are those of JSON, without the slash and ``U+D000`` to ``U+DFFF``.
- Block scalars without an indentation number. They have some text. Empty lines before the text have no spaces, nor has
  a last line without a line end. Folded ones have no empty lines before or in the text, no deeper lines and no ``+``.
- Flow lists and mappings, also over several lines, at most ten inside each other. Their plain scalars have ASCII
  letters, digits and ``_ . / - + $ ( )``, and are not ``-`` alone. They have no comments, single pairs, missing values,
  collections as keys, or spaces before a colon. A space or a line end follows the colon, except behind a key in ``"``.
  No line begins with ``---`` or ``...``.
- Limits: 1,000,000 line ends, 200,000 commas, 200,000 opening brackets; 80 levels of blocks; 1,000 characters in a key
  with its quotes. Dashes, keys and the items of flow collections begin in the first 4,000 characters of their line.

So there is no anchor, alias, tag, merge key, directive, ``?`` key or second document. The reader looks at all lines,
but it makes most nodes only when they are asked for.
"""

from __future__ import annotations

from itertools import accumulate

from post_renderer.yamltree.fast_tokens import (
    ALL,
    BLANK,
    EMPTY_LINE,
    FLOW,
    LITERAL,
    Line,
    NotInSubset,
    ends_line,
    read_flow,
    read_line,
    remembered,
)
from post_renderer.yamltree.node import MAPPING, SCALAR, SEQUENCE, Node, read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Limits of one document. libyaml reads larger ones, and counts its events.
LINE_LIMIT = 1_000_000  # more lines than a List of 16,000 Jobs
ITEM_LIMIT = 200_000  # items of flow collections: their nodes are larger than those of lines
BLOCK_DEPTH = 80  # and ten for flow collections: deeper documents go to libyaml, which reports its limit of 100


def read_fast(text: str) -> Node:
    """Return the root mapping of the one document in ``text``. Raises NotInSubset."""
    if text.count("\n") > LINE_LIMIT or max(text.count(","), text.count("[") + text.count("{")) > ITEM_LIMIT:
        raise NotInSubset
    root = _FastDocument(text).read_blocks()
    if root is None or root.kind is not MAPPING or root.column != 0:
        raise NotInSubset
    return root


class _FastDocument:
    """A document as lines: ``words`` has the text of each, ``lines`` its parts, ``starts`` its character offset."""

    __slots__ = ("lines", "starts", "text", "words")

    def __init__(self, text: str) -> None:
        newline = "\r\n" if "\r\n" in text else "\n"
        size = len(newline)
        self.text = text
        self.words = words = text.split(newline)
        if len(words) <= text.count("\n"):
            raise NotInSubset  # line ends of both kinds
        self.starts = list(accumulate([len(word) + size for word in words], initial=0))
        if words[0].startswith("---") and ends_line(words[0][3:]):
            words[0] = "#" + words[0][3:]
        self.lines: list[Any] = list(map(remembered.get, words))

    def read_blocks(self) -> Node | None:
        """Return the outermost block, with all blocks inside. Raises NotInSubset if a line does not fit."""
        lines = self.lines
        top = around = _FastBlock(
            self, 0, 0, -1
        )  # a list with the document as its only item; its mark is below all others
        blocks = [top]  # the open ones
        place: Any = 0  # key or index of the entry that began last
        wanting = True  # its value may be on further lines
        for at, known in enumerate(lines):
            line = lines[at] = known or read_line(self.words[at])
            mark = line.order
            if mark == EMPTY_LINE:
                continue
            if mark == FLOW:
                if not wanting or 2 * line.column <= top.order:  # outside the block of its key
                    raise NotInSubset
                top.values[place] = self._read_on(line, at)
                wanting = False
                continue
            while mark < top.order:
                blocks.pop()
                top, wanting = blocks[-1], False
            if mark > top.order:
                if not wanting:
                    raise NotInSubset
                top.values[place] = top = _FastBlock(self, at, line.column, mark)
                blocks.append(top)
            place = len(top.entries) if mark % 2 else line.key
            if top.entries.setdefault(place, at) != at:
                raise NotInSubset  # a key is repeated
            if line.key_column > line.column:
                top.values[place] = top = _FastBlock(self, at, line.key_column, 2 * line.key_column)
                blocks.append(top)
                place = line.key
                top.entries[place] = at
            if len(blocks) > 1 + BLOCK_DEPTH:
                raise NotInSubset
            wanting = line.continuation == ALL
            if line.continuation > ALL:
                top.values[place] = self._read_on(line, at)
        return around.values.get(0)

    def value(self, at: int) -> Node:
        """Return the value that begins and ends on line ``at``, behind its key or its dash."""
        line: Line = self.lines[at]
        if line.style in ("[", "{"):
            return self._read_flow(line, at)
        offset = self.starts[at]
        node = Node(SCALAR, offset + line.begin, offset + line.end, line.begin)
        node.style, node.text = line.style, line.text
        return node

    def _read_on(self, line: Line, at: int) -> Node:
        """Return the value that begins on a line; its further lines count as read. Raises NotInSubset."""
        if line.continuation == LITERAL:
            node, stop = self._read_literal(line, at)
        else:
            node = self._read_flow(line, at)
            stop = at + 1 + self.text.count("\n", node.start, node.end)
            if not ends_line(self.text[node.end : self.starts[stop]].rstrip("\r\n")):
                raise NotInSubset
        if not "".join(self.words[at:stop]).replace("\t", " ").isprintable():
            raise NotInSubset
        self.lines[at + 1 : stop] = [BLANK] * (stop - at - 1)
        return node

    def _read_flow(self, line: Line, at: int) -> Node:
        return read_flow(self.text, self.starts[at] + line.begin, line.begin)

    def _read_literal(self, line: Line, at: int) -> tuple[Node, int]:
        """Return the block scalar that begins on line ``at``, and the line behind it. Raises NotInSubset."""
        margin, stop = self._find_literal_end(line, at)
        body = [word[len(margin) :] for word in self.words[at + 1 : stop]]
        while not body[-1]:
            body.pop()
        offset = self.starts[at]
        node = Node(SCALAR, offset + line.begin, min(len(self.text), self.starts[stop]), line.begin)
        node.style = line.style
        chomp = self.text[offset + line.begin + 1 : offset + line.end]
        # Readers count the line ends of folded scalars differently.
        if node.style == ">" and (chomp == "+" or any(word[:1] in ("", " ", "\t") for word in body)):
            raise NotInSubset
        breaks = stop - at - 1 - len(body) + (stop < len(self.words))
        node.text = ("\n" if node.style == "|" else " ").join(body)
        node.text += "\n" * {"": min(breaks, 1), "-": 0, "+": breaks}[chomp]
        return node, stop

    def _find_literal_end(self, line: Line, at: int) -> tuple[str, int]:
        """Return the indent of the block scalar of line ``at``, and the line behind it. Raises NotInSubset."""
        words, first = self.words, at + 1
        while first < len(words) and not words[first]:
            first += 1
        word = words[first] if first < len(words) else ""
        margin = word[: len(word) - len(word.lstrip(" "))]
        if word[len(margin) :][:1] in ("", "\t") or len(margin) <= line.key_column:
            raise NotInSubset
        count = len(words) - (not words[-1])  # behind the last line end there is no further line
        stop = first + 1
        while stop < count and (words[stop].startswith(margin) or not words[stop].strip(" ")):
            stop += 1
        if stop == len(words) and not words[-1].strip(" "):
            raise NotInSubset  # the last line has spaces and no line end
        return margin, stop


class _FastBlock(Node):
    """A block mapping or list, which makes its child nodes when they are asked for.

    ``entries``: the line on which each entry begins, by key or index. ``values``: the nodes that were made so far, by
    key or index. ``order``: as that of a Line.
    """

    __slots__ = ("_children", "_page", "entries", "order", "values")
    plain = True
    flow = shared = False
    style = text = anchor = ""

    def __init__(self, page: _FastDocument, at: int, column: int, mark: int) -> None:
        self.kind = SEQUENCE if mark % 2 else MAPPING
        self.start = page.starts[at] + column
        self.column = column
        self.order = mark
        self._page = page
        self._children: list[Node] = []
        self.entries: dict[Any, int] = {}
        self.values: dict[Any, Node] = {}

    @property
    def end(self) -> int:  # type: ignore[override] # nothing sets it
        return self.last_leaf().end

    @property
    def children(self) -> list[Node]:  # type: ignore[override] # nothing sets it
        if not self._children:  # kept, because a list of thousands may be asked for each item by its index
            if self.kind is SEQUENCE:
                self._children = list(map(self._value, self.entries))
            else:
                self._children = [node for key in self.entries for node in (self._key(key), self._value(key))]
        return self._children

    def _key(self, key: str) -> Node:
        at = self.entries[key]
        start = self._page.starts[at] + self.column
        line: Line = self._page.lines[at]
        node = Node(SCALAR, start, start + line.colon - self.column, self.column)
        sign = self._page.text[start]
        node.style, node.text = sign if sign in "'\"" else "", key
        return node

    def _value(self, place: Any) -> Node:
        node = self.values.get(place)
        if node is None:
            node = self.values[place] = self._page.value(self.entries[place])
        return node

    def names(self) -> list[str]:
        self.expect(MAPPING)
        return list(self.entries)

    def last_leaf(self) -> Node:
        return self._value(next(reversed(self.entries))).last_leaf()

    def dash_column(self) -> int | None:
        blocks = (value for value in self.values.values() if value.kind is SEQUENCE and not value.flow)
        return next((block.column for block in blocks), None)

    def read(self) -> Any:
        values = {place: read_values(self._value(place)) for place in self.entries}
        return values if self.kind is MAPPING else list(values.values())

    def pair(self, key: str) -> tuple[Node, Node] | None:
        value = self.get(key)
        return None if value is None else (self._key(key), value)

    def get(self, key: str) -> Node | None:
        self.expect(MAPPING)
        return self._value(key) if key in self.entries else None
