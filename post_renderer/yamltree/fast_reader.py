"""Reads plain block-style YAML without PyYAML. Most charts render only such YAML. This is the fast reader.

It reads exactly the following subset. For everything else it raises NotInSubset, and libyaml reads the text.

- Characters: those that Python calls printable, and line ends, all LF or all CRLF. There is no byte order mark. Tabs
  are allowed in comments on separate lines or after ``---``. They are allowed in block scalars, except at the start of
  the first line, and in folded scalars at the start of any line. From the second line of a flow collection on, they are
  allowed in quoted scalars and in the comment after the collection.
- One document: an optional first line ``---`` (a comment may follow), comments, empty lines, and a mapping in block or
  flow style that begins in the first column.
- Block mappings. A plain key has ASCII letters, digits and ``_ . / -``, does not begin with ``-`` and is no form of
  ``null``. A quoted key is on one line, without escapes and doubled quotes. The colon follows the key directly. No key
  is repeated.
- Block lists, also in the column of their key. A mapping may begin after a dash. A scalar begins on the line of its key
  or dash.
- Plain scalars on one line. They don't begin with a character that has a meaning in YAML, nor with ``<``. Exceptions:
  ``-`` or ``:`` before a character other than a space or ``:``, and a value that is ``=`` alone.
- Quoted scalars that end on their line. Escapes are those of JSON, without the slash and ``U+D000`` to ``U+DFFF``.
- Block scalars without an indentation number. They contain text. Empty lines before the text have no spaces. A last
  line without a line end does not consist of spaces. Folded scalars have no empty lines before or in the text, no lines
  that are indented more, and no ``+``.
- Flow lists and mappings, also over several lines, at most ten inside each other. Their plain scalars have ASCII
  letters, digits and ``_ . / - + $ ( )``, and are not ``-`` alone. They have no comments, single pairs, missing values,
  collections as keys, or spaces before a colon. A space or a line end follows the colon, except behind a key in ``"``.
  No line begins with ``---`` or ``...``.
- Limits: 1,000,000 line ends, 200,000 commas, 200,000 opening brackets; 80 levels of blocks; 1,000 characters in a key
  with its quotes. Dashes, keys and the items of flow collections begin in the first 4,000 characters of their line.

So the subset has no anchors, aliases, tags, merge keys, directives, ``?`` keys and second documents. The reader checks
all lines at once, but it creates most nodes only when other code reads them.
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
    from typing import Any, Final

# Limits of one document. libyaml reads larger ones, and counts its events.
LINE_LIMIT = 1_000_000  # more lines than a List of 16,000 Jobs
ITEM_LIMIT = 200_000  # items of flow collections: their nodes are larger than those of lines
BLOCK_DEPTH: Final = 80  # and ten for flow collections: deeper documents go to libyaml, which reports its limit of 100


def read_fast(text: str) -> Node:
    """Return the root mapping of the one document in ``text``. Raises NotInSubset."""
    size = len(text)  # a short text can't be over a limit
    if (size > LINE_LIMIT and text.count("\n") > LINE_LIMIT) or (
        size > ITEM_LIMIT and max(text.count(","), text.count("[") + text.count("{")) > ITEM_LIMIT
    ):
        raise NotInSubset
    root = _FastDocument(text).read_blocks()
    if root is None or root.kind is not MAPPING or root.column != 0:
        raise NotInSubset
    return root


class _FastDocument:
    """A document as lines.

    ``words``: the text of each line, without line end.
    ``lines``: the Line of each line, with its parts.
    ``starts``: the offset of the first character of each line.
    """

    __slots__ = ("lines", "starts", "text", "words")

    def __init__(self, text: str) -> None:
        newline = "\r\n" if "\r" in text and "\r\n" in text else "\n"  # the first search is much faster
        size = len(newline)
        self.text = text
        self.words = words = text.split(newline)
        if size > 1 and len(words) <= text.count("\n"):
            raise NotInSubset  # some lines end in CRLF, others in LF
        self.starts = list(accumulate([len(word) + size for word in words], initial=0))
        if words[0].startswith("---") and ends_line(words[0][3:]):
            words[0] = "#" + words[0][3:]
        self.lines: list[Any] = list(map(remembered.get, words))

    def read_blocks(self) -> Node | None:
        """Return the outermost block, with all blocks in it. Raises NotInSubset if a line is not in the subset."""
        lines = self.lines
        top = around = _FastBlock(
            self, 0, 0, -1
        )  # a list with the document as its only item; its order is lower than the order of all other blocks
        blocks = [top]  # the block of the current line, and all blocks around it
        place: Any = 0  # key or index of the entry that began last
        wanting = True  # True if the value of this entry may be on later lines
        for at, known in enumerate(lines):
            line: Line = known or read_line(self.words[at])
            lines[at] = line
            mark = line.order
            if mark < top.order:
                if mark == EMPTY_LINE:
                    continue
                if mark == FLOW:
                    if not wanting or 2 * line.column <= top.order:  # the collection is not inside the block of its key
                        raise NotInSubset
                    top.values[place] = self._read_on(line, at)
                    wanting = False
                    continue
                while mark < top.order:
                    blocks.pop()
                    top = blocks[-1]
                wanting = False
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
        """Return the value that begins and ends on line ``at``, after its key or its dash."""
        line: Line = self.lines[at]
        if line.style in ("[", "{"):
            return self._read_flow(line, at)
        offset = self.starts[at]
        node = Node(SCALAR, offset + line.begin, offset + line.end, line.begin)
        node.style, node.text = line.style, line.text
        return node

    def _read_on(self, line: Line, at: int) -> Node:
        """Return a value that begins on line ``at``. Mark its later lines as empty lines. Raises NotInSubset."""
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
        """Return the block scalar that begins on line ``at``, and the index of the next line. Raises NotInSubset."""
        margin, stop = self._find_literal_end(line, at)
        body = [word[len(margin) :] for word in self.words[at + 1 : stop]]
        while not body[-1]:
            body.pop()
        offset = self.starts[at]
        node = Node(SCALAR, offset + line.begin, min(len(self.text), self.starts[stop]), line.begin)
        node.style = line.style
        chomp = self.text[offset + line.begin + 1 : offset + line.end]
        # YAML readers differ about the line ends in such folded scalars.
        if node.style == ">" and (chomp == "+" or any(word[:1] in ("", " ", "\t") for word in body)):
            raise NotInSubset
        breaks = stop - at - 1 - len(body) + (stop < len(self.words))
        node.text = ("\n" if node.style == "|" else " ").join(body)
        node.text += "\n" * {"": min(breaks, 1), "-": 0, "+": breaks}[chomp]
        return node, stop

    def _find_literal_end(self, line: Line, at: int) -> tuple[str, int]:
        """Return the indent of the block scalar on line ``at``, and the index of the next line. Raises NotInSubset."""
        words, first = self.words, at + 1
        while first < len(words) and not words[first]:
            first += 1
        word = words[first] if first < len(words) else ""
        margin = word[: len(word) - len(word.lstrip(" "))]
        if word[len(margin) :][:1] in ("", "\t") or len(margin) <= line.key_column:
            raise NotInSubset
        count = len(words) - (not words[-1])  # after the last line end, there is no other line
        stop = first + 1
        while stop < count and (words[stop].startswith(margin) or not words[stop].strip(" ")):
            stop += 1
        if stop == len(words) and not words[-1].strip(" "):
            raise NotInSubset  # the last line has spaces and no line end
        return margin, stop


class _FastBlock(Node):
    """A block mapping or list. It creates its child nodes only when other code reads them.

    ``entries``: dict of key or index -> the line on which the entry begins.
    ``values``: dict of key or index -> the node of the value, for the nodes that exist already.
    ``order``: `Line.order` of its first line, which is twice the column, and one more for a list.
    """

    __slots__ = ("_page", "entries", "order", "values")
    plain = True
    flow = False
    shared = False
    style = ""
    text = ""
    anchor = ""

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
    def end(self) -> int:
        return self.last_leaf().end

    @end.setter
    def end(self, end: int) -> None:
        raise NotImplementedError

    @property
    def children(self) -> list[Node]:
        if not self._children:  # saved, because other code may read thousands of items of one list by index
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
        # list is faster than next(reversed(…)) for the few keys of most mappings
        place = list(self.entries)[-1] if self.kind is MAPPING else len(self.entries) - 1
        return self._value(place).last_leaf()

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
