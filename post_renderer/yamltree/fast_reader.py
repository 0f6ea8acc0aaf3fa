"""The fast reader: plain block-style YAML, the shape that charts nearly always render to, without PyYAML.

It reads exactly this, and leaves everything else to libyaml:

- text of characters that Python calls printable and line ends, all LF or all CRLF, without a byte order mark; tabs only
  in comments on lines of their own or behind ``---``, in block scalars (not where one begins, nor a line of a folded
  one), and in quoted words of flow collections and comments behind them, from their second line on;
- one document: an optional first line ``---`` (a comment may follow), comments, blank lines, and a mapping, in block
  or flow style, that begins in the first column;
- block mappings whose keys are words (ASCII letters, digits, ``_ . / -``, the last one not first; no form of ``null``)
  or quoted on one line without escapes and doubled quotes, followed by a colon at once, none of them twice; block
  lists, also in the column of their key; a mapping may begin behind a dash, and no scalar below its key or dash;
- plain scalars on one line that begin with no character that YAML gives a meaning, nor ``<``, but for one ``-`` or
  ``:`` glued to text and a single ``=`` at the line's end; quoted ones that close on their line, with no escapes but
  JSON's (none of ``U+D000`` to ``U+DFFF``, no slash);
- block scalars without an indentation number, with some text in them, and no spaces on the empty lines before it, nor
  on a last line that has no end; in folded ones no empty line but behind the text, no deeper line and no ``+``;
- flow lists and mappings, also over several lines, of the scalars above (plain ones: ASCII letters, digits and
  ``_ . / - + $ ( )``, not ``-`` alone), ten deep at most, without comments, single pairs, missing values, collections
  as keys, spaces before a colon, text glued behind it (but for keys in ``"``), and lines that begin with ``---`` or
  ``...``;
- up to 1,000,000 line ends, 200,000 commas or opening brackets, 80 levels of blocks, 1,000 characters of a key with its
  quotes; dashes, keys, items of flow collections and those on lines of their own not behind the 4,000 first characters.

No anchor, alias, tag, merge key, directive, ``?`` key or second document is among that. It never guesses: what is not
in this list raises NotInSubset. All lines are looked at; most nodes are made when somebody asks for them.
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

LINE_LIMIT = (
    1_000_000  # in one document (a List of 16,000 Jobs); more are libyaml's, which counts what it makes of them
)
ITEM_LIMIT = 200_000  # the same of items of flow collections, whose nodes are larger
BLOCK_DEPTH = 80  # and ten for flow collections: deeper ones are near libyaml's limit, which tells of it


def read_fast(text: str) -> Node:
    """The root mapping of the one document in ``text``. Raises NotInSubset."""
    if text.count("\n") > LINE_LIMIT or max(text.count(","), text.count("[") + text.count("{")) > ITEM_LIMIT:
        raise NotInSubset
    root = _FastDocument(text).read_blocks()
    if root is None or root.kind is not MAPPING or root.column != 0:
        raise NotInSubset
    return root


class _FastDocument:
    """A document by its lines: ``words``, the text of each, and ``lines``, its parts."""

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
        """The outermost block, with all blocks in it. Raises NotInSubset where a line does not fit in."""
        lines = self.lines
        top = around = _FastBlock(self, 0, 0, -1)  # a list whose one item is the document: its mark is below all others
        blocks = [top]  # those that are open
        place: Any = 0  # of the entry that was begun last,
        wanting = True  # and whether its value may be on further lines
        for at, known in enumerate(lines):
            line = lines[at] = known or read_line(self.words[at])
            mark = line.order
            if mark == EMPTY_LINE:
                continue
            if mark == FLOW:
                if not wanting or 2 * line.column <= top.order:  # not within the block of its key
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
        """The value that begins and ends on a line, behind its key or else its dash."""
        line: Line = self.lines[at]
        if line.style in ("[", "{"):
            return self._read_flow(line, at)
        offset = self.starts[at]
        node = Node(SCALAR, offset + line.begin, offset + line.end, line.begin)
        node.style, node.text = line.style, line.text
        return node

    def _read_on(self, line: Line, at: int) -> Node:
        """The value that begins on a line and may go on on further ones, which it takes. Raises NotInSubset."""
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
        """The block scalar that begins on line ``at``, and the line behind it. Raises NotInSubset."""
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
        """The indent of the block scalar that begins on line ``at``, and the line behind it. Raises NotInSubset."""
        words, first = self.words, at + 1
        while first < len(words) and not words[first]:
            first += 1
        word = words[first] if first < len(words) else ""
        margin = word[: len(word) - len(word.lstrip(" "))]
        if word[len(margin) :][:1] in ("", "\t") or len(margin) <= line.key_column:
            raise NotInSubset
        count = len(words) - (not words[-1])  # behind the last line's end there is no further line
        stop = first + 1
        while stop < count and (words[stop].startswith(margin) or not words[stop].strip(" ")):
            stop += 1
        if stop == len(words) and not words[-1].strip(" "):
            raise NotInSubset  # spaces that no line end follows
        return margin, stop


class _FastBlock(Node):
    """A block mapping or list; the nodes of what it holds are made when somebody asks for them.

    ``entries``: the line on which each one begins, by its key in a mapping, by its number in a list. ``values``: what
    was made of them. ``order``: as that of a line.
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
        if not self._children:  # of a list of thousands, each one may be asked for by its number
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
