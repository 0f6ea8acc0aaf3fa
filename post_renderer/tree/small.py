"""The small reader: plain block-style YAML, the shape that charts nearly always render to, without PyYAML.

It reads exactly this, and hands everything else to the full reader:

- text of printable characters and line ends, all LF or all CRLF, without a byte order mark; tabs only in comments on
  lines of their own, in block scalars (not where the first line begins) and in quoted words of flow collections, from
  their second line on;
- one document: an optional first line ``---`` (a comment may follow), comments, blank lines, and a mapping, in block
  or flow style, that begins in the first column;
- block mappings whose keys are words (letters, digits, ``_ . / -``; no form of ``null``) or quoted on one line without
  escapes and doubled quotes, followed by a colon at once, none of them twice; block lists, also in the column of
  their key; a mapping may begin behind a dash;
- plain scalars on one line that begin with no sign which means something in YAML, but for ``-`` and ``:`` glued to
  text and a single ``=``; quoted ones that close on their line, with no escapes but JSON's (none of ``U+D000`` to
  ``U+DFFF``);
- block scalars without an indentation number, with some text in them and a line end behind it; in folded ones no empty
  line but behind the text, no deeper line and no ``+``;
- flow lists and mappings, also over several lines, of the scalars above (plain ones: letters, digits and
  ``_ . / - + $ ( )``), without comments, single pairs or blanks before a colon, ten deep at most;
- up to 200,000 lines, commas or brackets, 80 levels of blocks, and dashes, keys and items of flow collections in the
  first 4,000 columns.

No anchor, alias, tag, merge key, directive, ``?`` key or second document is among that. It never guesses: what is not
in this list raises HandOver. All lines are looked at, so that what YAML forbids is never passed over; nodes are made,
and keys compared, where somebody asks for them.
"""

from __future__ import annotations

from itertools import accumulate

from post_renderer.tree.lines import ALL, FLOW_MARK, LITERAL, NO_MARK, NOTHING, mark_of, read_line, remembered
from post_renderer.tree.node import MAPPING, NULLS, SCALAR, SEQUENCE, Node
from post_renderer.tree.scalars import HandOver, ends_line, read_flow
from post_renderer.tree.values import Plain, read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from post_renderer.tree.lines import Line
    from post_renderer.tree.values import Value

LIMIT = 200_000  # lines or items in one document; more are the full reader's, which counts what it makes of them
DEPTH = 80  # with the ten of flow collections near the full reader's limit, which has the words for it
FITTING = 1_000  # documents, and
SHAPES = 2_000  # characters of one's shapes, that are remembered
_fitting: set[str] = set()  # the shapes of all lines of documents that fitted: the runs of a chart mostly look alike


def read(text: str) -> Node:
    """The root mapping of the one document in ``text``. Raises HandOver, also later: when a node is asked."""
    newline = "\r\n" if "\r" in text else "\n"
    if newline == "\r\n" and not text.count("\r") == text.count("\n") == text.count(newline):
        raise HandOver
    flows = len(text) > LIMIT and ("[" in text or "{" in text)
    if flows and max(text.count(","), text.count("[") + text.count("{")) > LIMIT:
        raise HandOver
    page = _Page(text, newline)
    first = page.below(0, len(page.lines))
    root = page.node_at(first, len(page.lines)) if first < len(page.lines) else None
    if root is None or root.kind is not MAPPING or root.column != 0:
        raise HandOver
    return root


def _check_blocks(lines: list[Line]) -> None:
    """Raises HandOver where a line does not fit into the blocks before it."""
    blocks = mark_of(-1, dash=True)  # the marks of those that are open; the first one is around all others
    wanting = True  # whether a value may stand below the line
    for line in lines:
        mark = line.mark
        if mark == NO_MARK:
            continue
        if mark == FLOW_MARK:
            if not wanting or line.inner_mark <= blocks[-1]:  # not within the block of its key
                raise HandOver
        else:
            while mark < blocks[-1]:
                blocks, wanting = blocks[:-1], False
            if mark > blocks[-1]:
                if not wanting:
                    raise HandOver
                blocks += mark
            if line.inner > line.column:
                blocks += line.inner_mark
            if len(blocks) > 1 + DEPTH:
                raise HandOver
        wanting = line.rest == ALL


class _Page:
    """A document by its lines. ``marks``: theirs, one for each, by which the entries of a block are found.

    ``made``: the values that go on on further lines, by the number of the line on which they begin.
    """

    __slots__ = ("_ends", "_newline", "lines", "made", "marks", "text", "words")

    def __init__(self, text: str, newline: str) -> None:
        self.text = text
        self.words = words = text.split(newline)
        if len(words) > LIMIT:
            raise HandOver
        self._newline = len(newline)
        self._ends = list(accumulate(map(len, words), initial=0))
        self.made: dict[int, Node] = {}
        if words[0].startswith("---"):
            if not (ends_line(words[0][3:]) and words[0].replace("\t", " ").isprintable()):
                raise HandOver
            words[0] = ""
        self.lines: list[Any] = list(map(remembered.get, words))
        for at, known in enumerate(self.lines):
            if known is None:
                line = self.lines[at] = read_line(words[at])
                if line.rest > ALL:
                    self._read_on(line, at)
        shapes = "".join([line.shape for line in self.lines])
        self.marks = shapes[:: len(NOTHING.shape)]  # the first character of each
        if shapes not in _fitting:
            _check_blocks(self.lines)
            if len(_fitting) >= FITTING:
                _fitting.clear()
            if len(shapes) < SHAPES:
                _fitting.add(shapes)

    def offset(self, at: int) -> int:
        """Where a line begins in the text."""
        return self._ends[at] + at * self._newline

    def _read_on(self, line: Line, at: int) -> None:
        """Read the value that begins on a line and goes on on further ones. Raises HandOver."""
        if line.rest == LITERAL:
            node, stop = self._read_literal(line, at)
        else:
            node, stop = self._read_flow(line, at), at + 1
            while stop < len(self.words) and self.offset(stop) < node.end:
                stop += 1
            if not ends_line(self.text[node.end : self.offset(stop) - self._newline]):
                raise HandOver
        self.made[at] = node
        if not "".join(self.words[at:stop]).replace("\t", " ").isprintable():
            raise HandOver
        self.lines[at + 1 : stop] = [NOTHING] * (stop - at - 1)

    def below(self, at: int, stop: int) -> int:
        """The first line from ``at`` on that begins something, ``stop`` where none does before it."""
        return stop - len(self.marks[at:stop].lstrip(NO_MARK))

    def node_at(self, at: int, stop: int) -> Node:
        """The block, or the flow collection below its key, that begins on a line and ends before ``stop``."""
        line: Line = self.lines[at]
        if line.mark == FLOW_MARK:
            return self.made.get(at) or self._read_flow(line, at)
        return _Block(SEQUENCE if line.begins_item() else MAPPING, self, line.column, line.mark, at, stop)

    def value(self, at: int, stop: int) -> Node:
        """The value that begins behind the key, or else the dash, of a line, or below it and before ``stop``."""
        line: Line = self.lines[at]
        if line.rest > ALL:
            return self.made[at]
        if line.rest == ALL and (below := self.below(at + 1, stop)) < stop:
            return self.node_at(below, stop)
        if line.style in ("[", "{"):
            return self._read_flow(line, at)
        offset = self.offset(at)
        node = Node(SCALAR, offset + line.begin, offset + line.end, line.begin)
        node.style, node.text = line.style, line.word
        return node

    def _read_flow(self, line: Line, at: int) -> Node:
        return read_flow(self.text, self.offset(at) + line.begin, line.begin)

    def _read_literal(self, line: Line, at: int) -> tuple[Node, int]:
        """The block scalar that begins on line ``at``, and the line behind it. Raises HandOver."""
        words = self.words
        first = at + 1
        while first < len(words) and not words[first].strip(" "):
            first += 1
        if first == len(words):
            raise HandOver
        bare = words[first].lstrip(" ")
        indent = len(words[first]) - len(bare)
        if indent <= line.inner or bare[0] == "\t" or any(len(blank) > indent for blank in words[at + 1 : first]):
            raise HandOver
        count = len(words) - (not words[-1])  # behind the last line's end there is no further line
        margin = " " * indent
        stop = first
        while stop < count and (words[stop].startswith(margin) or not words[stop].strip(" ")):
            stop += 1
        if stop == count == len(words) and not words[-1].strip(" "):
            raise HandOver  # blanks that no line end follows
        body = [text[indent:] for text in words[first:stop]]
        while not body[-1]:
            body.pop()
        offset = self.offset(at)
        node = Node(SCALAR, offset + line.begin, min(len(self.text), self.offset(stop)), line.begin)
        node.style = line.style
        chomp = self.text[offset + line.begin + 1 : offset + line.end]
        # Readers count the line ends of folded scalars differently.
        if node.style == ">" and (chomp == "+" or first > at + 1 or any(text[:1] in ("", " ", "\t") for text in body)):
            raise HandOver
        breaks = stop - first - len(body) + (stop < len(words))
        node.text = "\n" * (first - at - 1) + ("\n" if node.style == "|" else " ").join(body)
        node.text += "\n" * {"": min(breaks, 1), "-": 0, "+": breaks}[chomp]
        return node, stop


class _Block(Node):
    """A block mapping or list, by the page's lines from one to another; nodes are made when somebody asks for them.

    An entry begins on the first line, and on each one that has the mark of the block's column. ``_entries``: that line
    and the one behind the entry, by its key in a mapping, by its number in a list.
    """

    __slots__ = ("_children", "_entries", "_page", "_values")
    plain = True
    flow = shared = False
    style = text = anchor = ""

    def __init__(self, kind: str, page: _Page, column: int, mark: str, first: int, stop: int) -> None:
        self.kind = kind
        self.column = column
        self.start = page.offset(first) + column
        self._page = page
        self._children: list[Node] | None = None
        self._values: dict[Any, Node] = {}
        self._entries: dict[Any, tuple[int, int]] = {}
        find, lines = page.marks.find, page.lines
        count = 0
        at = first
        while at >= 0:
            behind = find(mark, at + 1, stop)
            place = lines[at].key if kind is MAPPING else count
            self._entries[place] = at, behind if behind >= 0 else stop
            at = behind
            count += 1
        if len(self._entries) < count:
            raise HandOver  # a key stands twice

    @property
    def end(self) -> int:  # type: ignore[override] # nothing sets it
        last = self._last()
        made = self._page.made.get(last)
        end: int = self._page.lines[last].end
        return made.end if made else self._page.offset(last) + end

    @property
    def children(self) -> list[Node]:  # type: ignore[override] # nothing sets it
        if self._children is None:
            if self.kind is SEQUENCE:
                self._children = list(map(self._value, self._entries))
            else:
                self._children = [node for key in self._entries for node in (self._key(key), self._value(key))]
        return self._children

    def _last(self) -> int:
        """The last line on which something begins."""
        at, stop = next(reversed(self._entries.values()))
        return at + len(self._page.marks[at:stop].rstrip(NO_MARK)) - 1

    def _key(self, key: str) -> Node:
        at, _ = self._entries[key]
        start = self._page.offset(at) + self.column
        line: Line = self._page.lines[at]
        node = Node(SCALAR, start, start + line.colon - self.column, self.column)
        node.style = self._page.text[start] if self._page.text[start] in "'\"" else ""
        node.text = key
        return node

    def _value(self, place: Any) -> Node:
        node = self._values.get(place)
        if node is None:
            at, stop = self._entries[place]
            line: Line = self._page.lines[at]
            if line.inner > self.column and self.kind is SEQUENCE:
                node = _Block(MAPPING, self._page, line.inner, line.inner_mark, at, stop)
            else:
                node = self._page.value(at, stop)
            self._values[place] = node
        return node

    def names(self) -> list[str]:
        self.expect(MAPPING)
        return list(self._entries)

    def is_null(self) -> bool:
        return False

    def last_leaf(self) -> Node:
        last = self._last()
        read = self._page.node_at if self._page.marks[last] == FLOW_MARK else self._page.value
        return read(last, last + 1)

    def dash_column(self) -> int | None:
        page = self._page
        for at, stop in self._entries.values():
            below = page.below(at + 1, stop) if page.lines[at].rest == ALL else stop
            if below < stop and page.lines[below].begins_item():
                column: int = page.lines[below].column
                return column
        return None

    def read(self) -> Value:
        """What ``read_values`` makes of the block, without a node for each scalar."""
        values = {place: self._read(place) for place in self._entries}
        return values if self.kind is MAPPING else list(values.values())

    def _read(self, place: Any) -> Value:
        line: Line = self._page.lines[self._entries[place][0]]
        if line.rest or line.style in ("[", "{") or (line.inner > self.column and self.kind is SEQUENCE):
            return read_values(self._value(place))
        return line.word if line.style else None if line.word in NULLS else Plain(line.word)

    def pair(self, key: str) -> tuple[Node, Node] | None:
        value = self.get(key)
        return None if value is None else (self._key(key), value)

    def get(self, key: str) -> Node | None:
        if self.kind is not MAPPING:
            self.expect(MAPPING)
        return self._value(key) if key in self._entries else None
