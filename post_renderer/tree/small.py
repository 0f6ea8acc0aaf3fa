"""The small reader: plain block-style YAML, the shape that charts nearly always render to, without PyYAML.

It reads exactly this, and hands everything else to the full reader:

- text of printable characters and line ends, all LF or all CRLF, without a byte order mark; tabs only in comments, in
  block scalars (not where the first line begins) and in quoted words of flow collections over several lines;
- one document: an optional first line ``---`` (a comment may follow), comments, blank lines, and a mapping, in block
  or flow style, that begins in the first column;
- block mappings whose keys are words (letters, digits, ``_ . / -``; no form of ``null``) or quoted on one line without
  escapes, followed by a colon at once, none of them twice (twice in a flow mapping is a problem at once); block lists,
  also in the column of their key; a mapping may begin behind a dash;
- plain scalars on one line; quoted ones that close on their line, with no escapes but JSON's (none from ``U+D000`` on);
- block scalars without an indentation number, with some text in them; in folded ones no empty line but behind the
  text, no deeper line and no ``+``;
- flow lists and mappings, also over several lines, of the scalars above (plain ones: letters, digits and
  ``_ . / - + $ ( )``), without comments or single pairs, ten deep at most;
- up to 200,000 lines, commas or brackets, 80 levels, and flow collections within the first 4,000 columns.

No anchor, alias, tag, merge key, directive, ``?`` key or second document is among that. It never guesses: what is not
in this list raises HandOver. All lines are looked at, so that what YAML forbids is never passed over; nodes are made,
and keys compared, where somebody asks for them.
"""

from __future__ import annotations

from post_renderer.tree.lines import ALL, DONE, LITERAL, Line, read_line, remembered
from post_renderer.tree.node import MAPPING, NULLS, SCALAR, SEQUENCE, Node
from post_renderer.tree.scalars import HandOver, ends_line, read_flow
from post_renderer.tree.values import Plain, read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from post_renderer.tree.values import Value

    # A line of a block: its offset, what stands on it, and the nodes of its value and its key, if they are made.
    Entry = list[Any]

LINES = 200_000  # in one document; more are the full reader's, which counts what it makes of them
DEPTH = 80  # with the ten of flow collections near the full reader's limit, which has the words for it


def read(text: str) -> Node:
    """The root mapping of the one document in ``text``. Raises HandOver, also later: when a node is asked."""
    newline = "\r\n" if "\r" in text else "\n"
    if newline == "\r\n" and not text.count("\r") == text.count("\n") == text.count(newline):
        raise HandOver
    lines = text.split(newline)
    if max(len(lines), text.count(","), text.count("[") + text.count("{")) > LINES:
        raise HandOver
    if not " ".join(lines).replace("\t", " ").isprintable():
        raise HandOver
    marked = lines[0].startswith("---")
    if marked and not ends_line(lines[0][3:]):
        raise HandOver
    root: Node | None = _read_blocks(text, newline, lines, 1 if marked else 0)
    if root is None or root.kind is not MAPPING or root.column != 0:
        raise HandOver
    return root


def _read_blocks(text: str, newline: str, lines: list[str], at: int) -> Node | None:
    """The node of the lines from ``at`` on. Raises HandOver where a line does not fit into the blocks before it."""
    width, count = len(newline), len(lines)
    offset = at and len(lines[0]) + width
    outer: list[_Block] = []
    top = _Block(SEQUENCE, text, -1)
    first: Entry = [0, None, None, None]
    entry = first  # whose value may stand below it, as long as ``wanting``
    wanting = True
    while at < count:
        words = lines[at]
        line: Line = remembered.get(words) or read_line(words)
        column = line.column
        if column < 0:
            offset += len(words) + width
            at += 1
            continue
        dash = line.inner > column
        if not dash and line.key is None:  # a flow collection below its key
            if not wanting or column <= top.column:
                raise HandOver
            node = entry[2] = read_flow(text, offset + column, column)
        else:
            if column != top.column or dash is (top.kind is MAPPING):
                top = _find_block(line, top, outer, entry if wanting else None)
            entry = [offset, line, None, None]
            top.entries.append(entry)
            parent = top.column
            if dash and line.key is not None:
                outer.append(top)
                top = entry[2] = _Block(MAPPING, text, line.inner)
                parent = line.inner
                entry = [offset, line, None, None]
                top.entries.append(entry)
            wanting = line.rest == ALL
            if wanting or line.rest == DONE:
                offset += len(words) + width
                at += 1
                continue
            if line.rest == LITERAL:
                node = entry[2] = _read_literal(text, newline, lines, at, offset, line, parent)
            else:
                node = entry[2] = read_flow(text, offset + line.begin, line.begin)
        wanting = False
        at, offset = _go_behind(node, text, newline, lines, at, offset)
    found: Node | None = first[2]
    return found


def _find_block(line: Line, top: _Block, outer: list[_Block], owner: Entry | None) -> _Block:
    """The block that a line belongs to: a new one below ``owner``, this one, or one around it. Raises HandOver."""
    dash = line.inner > line.column
    while line.column < top.column:
        top = outer.pop()
        owner = None
    if line.column > top.column or (dash and top.kind is MAPPING):  # a list may begin in its key's column
        if owner is None or len(outer) > DEPTH:
            raise HandOver
        outer.append(top)
        block = owner[2] = _Block(SEQUENCE if dash else MAPPING, top.source, line.column)
        return block
    if not dash and top.kind is SEQUENCE:
        top = outer.pop()
        if line.column != top.column:
            raise HandOver
    return top


def _go_behind(node: Node, text: str, newline: str, lines: list[str], at: int, offset: int) -> tuple[int, int]:
    """The number and the offset of the line behind a value that begins on line ``at``. Raises HandOver."""
    while at < len(lines) and offset < node.end:
        offset += len(lines[at]) + len(newline)
        at += 1
    if node.flow and not ends_line(text[node.end : offset - len(newline)]):
        raise HandOver
    return at, offset


def _read_literal(text: str, newline: str, lines: list[str], at: int, offset: int, line: Line, parent: int) -> Node:
    """The block scalar that begins on line ``at``, in a block whose column is ``parent``. Raises HandOver."""
    first = at + 1
    while first < len(lines) and not lines[first].strip(" "):
        first += 1
    if first == len(lines):
        raise HandOver
    bare = lines[first].lstrip(" ")
    indent = len(lines[first]) - len(bare)
    if indent <= parent or bare[0] == "\t" or any(len(words) > indent for words in lines[at + 1 : first]):
        raise HandOver
    count = len(lines) - (not lines[-1])  # behind the last line's end there is no further line
    margin = " " * indent
    stop = first
    while stop < count and (lines[stop].startswith(margin) or not lines[stop].strip(" ")):
        stop += 1
    if stop == count == len(lines) and not lines[-1].strip(" "):
        raise HandOver  # blanks that no line end follows
    body = [words[indent:] for words in lines[first:stop]]
    while not body[-1]:
        body.pop()
    node = Node(SCALAR, offset + line.begin, 0, line.begin)
    node.end = min(len(text), offset + sum(map(len, lines[at:stop])) + len(newline) * (stop - at))
    node.style = line.style
    chomp = text[offset + line.begin + 1 : offset + line.end]
    # Readers count the line ends of folded scalars differently.
    if node.style == ">" and (chomp == "+" or first > at + 1 or any(words[:1] in ("", " ", "\t") for words in body)):
        raise HandOver
    breaks = stop - first - len(body) + (stop < len(lines))
    node.text = "\n" * (first - at - 1) + ("\n" if node.style == "|" else " ").join(body)
    node.text += "\n" * {"": min(breaks, 1), "-": 0, "+": breaks}[chomp]
    return node


class _Block(Node):
    """A block mapping or list: its lines, of which nodes are made when somebody asks for them."""

    __slots__ = ("_places", "entries", "source")
    plain = True
    flow = shared = False
    style = text = anchor = ""

    def __init__(self, kind: str, source: str, column: int) -> None:
        self.kind = kind
        self.source = source
        self.column = column
        self.entries: list[Entry] = []
        self._places: dict[str, Entry] | None = None  # entries by their keys, when somebody asked

    def __getattr__(self, name: str) -> Any:
        """The slots that are filled when somebody asks for them."""
        if name == "start":
            made: Any = self.entries[0][0] + self.column
        elif name == "end":
            offset, line, node, _ = self.entries[-1]
            made = node.end if node else offset + line.end
        elif self.kind is SEQUENCE:
            made = [self._value(entry) for entry in self.entries]
        else:
            made = [node for entry in self._by_key().values() for node in (self._key(entry), self._value(entry))]
        setattr(self, name, made)
        return made

    def _by_key(self) -> dict[str, Entry]:
        """The entries of a mapping. Raises HandOver where a key stands twice."""
        if self._places is None:
            self.expect(MAPPING)
            self._places = {entry[1].key: entry for entry in self.entries}
            if len(self._places) < len(self.entries):
                raise HandOver
        return self._places

    def _key(self, entry: Entry) -> Node:
        if entry[3] is None:
            offset, line = entry[:2]
            node = Node(SCALAR, offset + line.inner, offset + line.colon, line.inner)
            node.style = self.source[node.start] if self.source[node.start] in "'\"" else ""
            node.text = line.key
            entry[3] = node
        key: Node = entry[3]
        return key

    def _value(self, entry: Entry) -> Node:
        offset, line, node = entry[:3]
        if node is None:
            if line.style in ("[", "{"):
                node = read_flow(self.source, offset + line.begin, line.begin)
            else:
                node = Node(SCALAR, offset + line.begin, offset + line.end, line.begin)
                node.style, node.text = line.style, line.word
            entry[2] = node
        value: Node = node
        return value

    def names(self) -> list[str]:
        return list(self._by_key())

    def is_null(self) -> bool:
        return False

    def last_leaf(self) -> Node:
        return self._value(self.entries[-1]).last_leaf()

    def dash_column(self) -> int | None:
        made = [entry[2] for entry in self.entries]
        return next((node.column for node in made if node and node.kind is SEQUENCE and not node.flow), None)

    def read(self) -> Value:
        """What ``read_values`` makes of the block, without a node for each scalar."""
        values = [self._read(entry) for entry in self.entries]
        return values if self.kind is SEQUENCE else dict(zip(self._by_key(), values, strict=True))

    def _read(self, entry: Entry) -> Value:
        line, node = entry[1], entry[2]
        if node or line.style in ("[", "{"):
            return read_values(node or self._value(entry))
        word: str = line.word
        return word if line.style else None if word in NULLS else Plain(word)

    def pair(self, key: str) -> tuple[Node, Node] | None:
        entry = (self._places or self._by_key()).get(key)
        return (self._key(entry), self._value(entry)) if entry else None

    def get(self, key: str) -> Node | None:
        entry = (self._places or self._by_key()).get(key)
        return self._value(entry) if entry else None
