"""Defines the key and value pairs of a file, with their lines, and the edits of a pair."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from post_renderer.migrate.flow_style import comments_in, unfold
from post_renderer.migrate.source_text import COMMENT, STEP, LineEdit, SourceLine
from post_renderer.migrate.tables import NOTES, NOTHING
from post_renderer.migrate.tree_change import TreeChange
from post_renderer.problems import Problem, YamlError, quoted
from post_renderer.yamledit.emit import quote
from post_renderer.yamltree import MAPPING, SCALAR, SEQUENCE, Node, parse
from post_renderer.yamltree.node import is_string
from post_renderer.yamltree.plain_scalar import PlainScalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from post_renderer.migrate.source_text import SourceText
    from post_renderer.migrate.tree_change import Meant

PLAIN_NAME = re.compile(r"(?!null$|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})[A-Za-z0-9/._-]+")  # no null, no date


HEADER = re.compile(r"^((?:[!&]\S*\s+)*[|>])([-+0-9]*)")  # of a block scalar


class Pair(NamedTuple):
    """A key with its value.

    ``within``: the mapping that contains the key.
    ``holder``: the pair whose value is that mapping; None at the root.
    ``first``, ``lead``, ``behind``: indexes in ``page.lines``. ``column`` counts characters from 0.
    """

    page: SourceText
    key: Node
    value: Node
    holder: Pair | None
    within: Node

    @property
    def name(self) -> str:
        return self.key.text

    @property
    def path(self) -> str:
        return f"{self.holder.path}.{self.name}" if self.holder else self.name

    @property
    def first(self) -> int:
        return self.page.row(self.key.start)

    @property
    def lead(self) -> int:
        """The index of the first comment line right above the pair. These comments move with the pair."""
        row = self.first
        start = " " * self.column + "#"
        while row and self.page.lines[row - 1].body.startswith(start) and self.page.is_comment(row - 1):
            row -= 1
        return row

    @property
    def behind(self) -> int:
        """The index of the first line behind the pair; comments and empty lines after it are not part of it."""
        stop = max(self.value.last_leaf().end, self.value.end, self.key.end)
        return self.page.row(self.key.start + len(self.page.text[self.key.start : stop].rstrip()) - 1) + 1

    @property
    def column(self) -> int:
        return self.page.column(self.key.start)

    def problem(self, code: str, message: str, hint: str) -> Problem:
        return self.problem_at(self.key, message, hint, code)

    def problem_at(self, node: Node, message: str, hint: str, code: str = "not-migratable") -> Problem:
        """Return a problem of the pair, with the line of a node inside it."""
        problem = Problem(code, message, hint, about=self.path)
        problem.line = self.page.origin(node.start)
        return problem


def read_pairs(page: SourceText, node: Node, holder: Pair | None = None) -> dict[str, Pair]:
    """Return the pairs of a mapping by name; {} for another node. Helm resolves merge keys and aliases."""
    if node.kind != MAPPING:
        return {}
    return {key.text: Pair(page, key, value, holder, node) for key, value in node.pairs() if key.kind == SCALAR}


def child_pairs(pair: Pair) -> dict[str, Pair]:
    return read_pairs(pair.page, pair.value, pair)


def is_merge(key: Node) -> bool:
    """Return whether a key is a merge key, which adds the keys of another mapping."""
    return key.text == "<<" and not key.style


def text_of(pair: Pair | None) -> str:
    """Return the text of a scalar; '' for null and for anything else."""
    return (pair.value.value() or "") if pair and pair.value.kind == SCALAR else ""


def non_null(keys: dict[str, Pair], names: Iterable[str]) -> list[str]:
    """Return those of the names that are keys with a value. A null does not count, because Helm removes the key."""
    return [name for name in names if name in keys and not keys[name].value.is_null()]


def is_empty(pair: Pair | None) -> bool:
    """Return whether a pair is missing, null or an empty collection."""
    if pair is None or pair.value.is_null():
        return True
    return pair.value.kind in (MAPPING, SEQUENCE) and not pair.value.children


def expand_flow_first(pair: Pair, holder: Node) -> LineEdit | None:
    """If ``holder`` is in braces, return the edit that writes it as lines, which must be applied before other edits.

    Otherwise return None. Raises YamlError (see ``check_key``).
    """
    if not holder.flow:
        check_key(pair)
        return None
    above: Pair | None = pair.holder
    if above is not None and above.within.flow:
        return expand_flow_first(above, above.within)
    known = pair.page.unfolded
    if holder not in known:
        known[holder] = unfold(pair.page, holder, above.column + STEP if above else 0)
    return known[holder]


def comments_of(pair: Pair) -> list[str]:
    """Return the comments on the lines of a pair, behind its key, and right above it."""
    page = pair.page
    above = [line.body.strip() for line in page.lines[pair.lead : pair.first]]
    found = comments_in(page.text, pair.value)
    behind_key = page.text[pair.key.end : pair.value.start]
    last = page.lines[pair.behind - 1].body
    tail = last[page.column(pair.value.end) :] if page.row(pair.value.end) == pair.behind - 1 else ""
    return above + COMMENT.findall(behind_key) + found + COMMENT.findall(tail)


def check_key(pair: Pair) -> None:
    """Raise YamlError for a key that does not begin its line, or that has an anchor."""
    body = pair.page.lines[pair.first].body
    if body[: pair.column].strip() or body[pair.column :].startswith(("?", "&", "!", "*")):
        hint = f"write {pair.name}: … on lines of its own"
        raise YamlError(
            "invalid-yaml", pair.key.start, f"the key {quoted(pair.name)} can't be moved from this place", hint
        )


def comment_out(pair: Pair, code: str, message: str, hint: str) -> LineEdit:
    """Turn the lines of a pair into comments below a comment that says why. Raises YamlError if an alias needs them."""
    if room := expand_flow_first(pair, pair.within):
        return room
    pieces = _commented(pair, f"{message}: {hint}")
    change = TreeChange(removed=(pair.key,))
    return LineEdit(pieces, [pair.problem(code, message, hint)], change=change, within=pair.within)


def set_aside(pair: Pair, reason: str) -> LineEdit:
    """Turn the lines of a pair without an effect into comments, as ``comment_out`` does. One note names all such pairs.

    ``reason``: a key of NOTES. Raises YamlError if an alias needs the lines.
    """
    if room := expand_flow_first(pair, pair.within):
        return room
    pieces = _commented(pair, f"it {NOTES[reason][0]}: {NOTHING}")
    change = TreeChange(removed=(pair.key,))
    return LineEdit(pieces, change=change, within=pair.within, note=(reason, pair.path))


def _commented(pair: Pair, why: str) -> list[tuple[int, int, list[SourceLine]]]:
    refuse_shared_anchor(pair.value, pair)
    page, indent = pair.page, " " * pair.column
    lines = [page.new(f"{indent}# {pair.path}: {why}", pair.first)]
    for line in page.lines[pair.first : pair.behind]:
        body = line.body[pair.column :] if not line.body[: pair.column].strip() else line.body.lstrip()
        lines.append(line._replace(body=f"{indent}# {body}" if body.strip() else line.body))
    return [(pair.first, pair.behind, lines), *braces_for([pair])]


def braces_for(pairs: list[Pair]) -> list[tuple[int, int, list[SourceLine]]]:
    """Return the edit that writes ``{}`` into a mapping that loses its last pairs. Without it, the value would be null,
    and Helm would remove the value of an earlier values file.
    """
    holder, within = pairs[0].holder, pairs[0].within
    if holder is None or len(within.children) > 2 * len(pairs):
        return []
    page = holder.page
    above = COMMENT.sub(lambda comment: " " * len(comment[0]), page.text[holder.key.end : within.start])
    last = holder.key.end + len(above.rstrip()) - 1  # the colon, or the end of a tag or an anchor
    row, column = page.row(last), page.column(last) + 1
    line = page.lines[row]
    return [(row, row + 1, [line._replace(body=f"{line.body[:column]} {{}}{line.body[column:]}")])]


def refuse_shared_anchor(node: Node, pair: Pair) -> None:
    """Raise YamlError if an alias elsewhere refers to a node that migrate moves or removes."""
    if node.shared:
        raise YamlError(
            "alias",
            node.start,
            f"the alias *{node.anchor} refers to this text, which must change",
            "write the value instead of the alias",
        )
    for child in node.children:
        refuse_shared_anchor(child, pair)


def alias_error(pair: Pair) -> YamlError:
    """Return the error for a pair whose keys must change, but which has them from an alias or a merge key."""
    message = f"the keys of {pair.name} come from an alias or a merge key, and they must change here"
    return YamlError("alias", pair.value.start, message, "write the values instead of the alias or the merge key")


def rename(pair: Pair, name: str, problem: Problem | None = None) -> LineEdit:
    """Return the edit that gives a pair another key. Raises YamlError."""
    page, key = pair.page, pair.key
    if key.anchor or "\n" in page.text[key.start : key.end]:
        check_key(pair)
    return _replaced(page, key, name, problem, TreeChange(renamed=((key, parse(name)),)))


def set_scalar(pair: Pair, text: str, problem: Problem | None = None) -> LineEdit:
    """Return the edit that replaces a scalar or an empty value. Raises YamlError if the scalar has several lines."""
    refuse_shared_anchor(pair.value, pair)
    change = TreeChange(replaced=((pair.value, parse(text)),))
    return _replaced(pair.page, pair.value, text if pair.value.end > pair.value.start else f" {text}", problem, change)


def to_scalar(text: str) -> str:
    """Return a name or a path as a scalar: in quotes if some YAML reader would not read it as this string."""
    return text if PLAIN_NAME.fullmatch(text) and is_string(PlainScalar(text)) else quote(text)


def _replaced(page: SourceText, node: Node, text: str, problem: Problem | None, change: TreeChange) -> LineEdit:
    if "\n" in page.text[node.start : node.end]:
        raise YamlError(
            "not-migratable", node.start, "this scalar must change, but it is on several lines", "write it on one line"
        )
    row, column = page.row(node.start), page.column(node.start)
    part = (row, column, column + node.end - node.start, text)
    return LineEdit([], [problem] if problem else [], change=change, part=part)


def keep_last_text(page: SourceText) -> LineEdit | None:
    """Return the edit that ends a file with a newline, if the file ends inside of a block scalar; else None.

    The text of the scalar must not get this newline, because other lines may follow it.
    """
    node = page.root().last_leaf()
    row = page.row(node.start)
    if page.text.endswith("\n") or not node.is_block_scalar() or node.text.endswith("\n") or row == len(page.lines) - 1:
        return None
    line, last, column = page.lines[row], page.lines[-1], page.column(node.start)
    body = HEADER.sub(lambda found: f"{found[1]}{found[2].strip('-+')}-", line.body[column:])
    count = len(page.lines)
    pieces = [(row, row + 1, [line._replace(body=line.body[:column] + body)])]
    return LineEdit([*pieces, (count - 1, count, [last._replace(end=page.end)])])


def reindent(old: list[SourceLine], change: int, least: int = 0) -> list[SourceLine]:
    """Return the lines with ``change`` more (or fewer) spaces at their beginning, but at least ``least``.

    Lines of spaces move too: in a block scalar, spaces behind the indent are part of the text.
    """
    lines = []
    for line in old:
        bare = line.body.lstrip(" ")
        room = max(len(line.body) - len(bare) + change, least if bare else 0)
        lines.append(line._replace(body=" " * room + bare) if line.body else line)
    return lines


def add_inside(
    pair: Pair, bodies: list[str], problem: Problem | None = None, values: Mapping[str, Meant] | None = None
) -> LineEdit:
    """Return the edit that adds lines at the end of a pair's block mapping, or as the value of an empty pair.

    ``values``: the values of the lines, if the lines contain text of the file.
    """
    page = pair.page
    values = read_meant(bodies) if values is None else values
    reported = [problem] if problem else []
    if is_empty(pair):
        refuse_shared_anchor(pair.value, pair)
        indent = " " * (pair.column + STEP)
        row = page.row(pair.key.end)
        line = page.lines[row]
        # After the colon, there is nothing, null or {}, perhaps with a comment.
        head, rest = line.body[: page.column(pair.key.end)], line.body[page.column(pair.key.end) :]
        comment = COMMENT.search(rest)
        head += ":" + (f" {comment[0]}" if comment else "")
        return LineEdit(
            [(row, pair.behind, [line._replace(body=head), *(page.new(indent + body, row) for body in bodies)])],
            reported,
            change=TreeChange(replaced=((pair.value, values),)),
        )
    indent = " " * page.column(pair.value.start)
    at = pair.behind
    lines = [page.new(indent + body, at - 1) for body in bodies]
    return LineEdit([(at, at, lines)], reported, change=TreeChange(added=((pair.value, values),)))


def read_meant(bodies: Iterable[str]) -> dict[str, Meant]:
    """Return the values of new lines by name, for a TreeChange."""
    root = parse("\n".join(bodies))
    return {key.text: value for key, value in root.pairs()} if root.kind == MAPPING else {}
