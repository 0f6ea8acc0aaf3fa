"""Merges polyaxonfiles that are layers of one run, as Polyaxon did for ``polyaxon run -f a.yml -f b.yml``.

Polyaxon (0.0.3 to 0.6.1; rhea.read in the later ones) merged the files in the order of the command line: mappings merge
key by key, at each depth, and any other value, also a list and null, replaces the earlier one. An empty mapping changes
nothing. ``-P NAME=VALUE`` was one more layer with ``params``.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from post_renderer.migrate.comments import find_comments
from post_renderer.migrate.file import SIMPLER, MigratedFile, find_repeated_keys
from post_renderer.migrate.file_text import decode
from post_renderer.migrate.flow_style import unfold
from post_renderer.migrate.pairs import Pair, comments_of, is_merge, read_pairs, reindent
from post_renderer.migrate.polyaxonfile import is_polyaxonfile
from post_renderer.migrate.source_text import COMMENT, STEP, SourceText, apply, read_page
from post_renderer.migrate.tree_change import load_values
from post_renderer.problems import USER_FILE, Problem, YamlError
from post_renderer.yamltree import ALIAS, MAPPING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.source_text import LineEdit, SourceLine
    from post_renderer.migrate.tree_change import Loaded
    from post_renderer.yamltree import Node

MARKER = re.compile(r"(---|\.\.\.)(?=\s|$)[ \t]*")  # of a document's start or end: those of the first layer stay
LAYER = 10_000_000  # line numbers of the second file begin here, those of the third one at twice the number, and so on


class _LayerError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self.problem = problem


def migrate_layers(raws: dict[str, bytes], name: str) -> MigratedFile:
    """Return the migrated run of several polyaxonfiles. Its ``old`` is empty, because the file is new.

    ``raws``: path -> content, in the order of the layers. Each problem has the file and the line of its layer.
    """
    paths = list(raws)
    try:
        pages = [_read_layer(path, raw, number) for number, (path, raw) in enumerate(raws.items())]
        merged = pages[0]
        for path, page in zip(paths[1:], pages[1:], strict=True):
            merged = _merge_layer(merged, page, path)
    except _LayerError as error:
        result = MigratedFile("-", b"")
        result.problems = [error.problem]
        return result
    result = MigratedFile("-", merged.text.encode(), name)
    for problem in result.problems:
        origin = merged.lines[problem.line - 1].origin if problem.line else 0
        layer, problem.line = divmod(origin, LAYER)
        problem.file = _named(paths[layer])
    if result.new != result.old:
        result.old = result.shown = b""
    return result


def _named(path: str) -> str:
    return "standard input" if path == "-" else path


def _refuse(path: str, line: int, message: str, hint: str, code: str = "not-migratable") -> _LayerError:
    problem = Problem(code, message, hint, subject=USER_FILE)
    problem.file, problem.line = _named(path), line
    return _LayerError(problem)


def _read_layer(path: str, raw: bytes, number: int) -> SourceText:
    try:
        page = read_page(decode(raw).removeprefix("\ufeff"))
        root = page.root()
        find_comments(page.text)  # which `_merge` needs
    except YamlError as error:
        line = 0 if error.offset is None else page_line(raw, error.offset)
        raise _refuse(
            path, line, error.message, error.hint or "write this part in a simpler form", error.code
        ) from None
    for repeated in find_repeated_keys(page, root):
        raise _refuse(path, repeated.line, repeated.message, repeated.hint, repeated.code)
    names = set(read_pairs(page, root))
    if root.kind != MAPPING or not names:
        raise _refuse(
            path, 1, "a layer must be a mapping", "write the keys of a polyaxonfile, such as params: {lr: 0.1}"
        )
    if not is_polyaxonfile(root) and not names.isdisjoint(("persistence", "runs", "runDefaults")):
        hint = "name polyaxonfiles only, and migrate the values in a command of their own"
        raise _refuse(path, 1, "the file is not a polyaxonfile", hint)
    for node in _walk(root):
        if node.kind == ALIAS or (node.kind == MAPPING and any(is_merge(key) for key, _ in node.pairs())):
            line = page.row(node.start) + 1
            raise _refuse(path, line, "an alias or a merge key can't be merged", "write the value instead", "alias")
    lines = (
        page.lines
        if number == 0
        else [
            line._replace(body=MARKER.sub("", line.body, count=1) if MARKER.match(line.body) else line.body)
            for line in page.lines
        ]
    )
    return SourceText([line._replace(origin=line.origin + number * LAYER) for line in lines], page.end)


def page_line(raw: bytes, offset: int) -> int:
    return raw.count(b"\n", 0, offset) + 1


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _merge_layer(base: SourceText, over: SourceText, path: str) -> SourceText:
    try:
        return _merge(base, over)
    except YamlError as error:
        raise _refuse(path, 0, error.message, error.hint or SIMPLER, error.code) from None


def _merge(base: SourceText, over: SourceText) -> SourceText:
    """Return the page with the pairs of ``over`` merged in, and with all comments of both."""
    while True:
        roots = base.root(), over.root()
        edits = list(_unfold_outer(base, roots[0], over, roots[1], 0, 0))
        if not edits:
            break
        base, _ = apply(base, [edit for is_base, edit in edits if is_base])
        over, _ = apply(over, [edit for is_base, edit in edits if not is_base])
    changes = _Changes(base)
    changes.merge(read_pairs(base, roots[0]), read_pairs(over, roots[1]))
    merged = changes.finish()
    if load_values(merged.root()) != _merge_values(load_values(roots[0]), load_values(roots[1])):
        raise YamlError("not-migratable", None, "migrate can't merge this layer without the loss of a value", SIMPLER)
    lost = Counter(find_comments(base.text) + find_comments(over.text)) - Counter(find_comments(merged.text))
    return SourceText([*merged.lines, *(merged.new(comment, -1) for comment in lost.elements())], merged.end)


def _unfold_outer(
    base: SourceText, one: Node, over: SourceText, other: Node, column: int, over_column: int
) -> Iterator[tuple[bool, LineEdit]]:
    """Yield edits that write braces as lines, where both layers have keys in one mapping. True: of the base.

    Braces within braces become lines in the next pass.
    """
    if one.flow:
        yield True, unfold(base, one, column)
    if other.flow:
        yield False, unfold(over, other, over_column)
    if one.flow or other.flow:
        return
    pairs, over_pairs = read_pairs(base, one), read_pairs(over, other)
    for name, pair in pairs.items():
        layer = over_pairs.get(name)
        if layer and _merges(pair, layer):
            yield from _unfold_outer(base, pair.value, over, layer.value, pair.column + STEP, layer.column + STEP)


def _merge_values(base: Loaded, over: Loaded) -> Loaded:
    """Merge loaded values as Polyaxon merged layers."""
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    return base | {key: _merge_values(base[key], over[key]) if key in base else over[key] for key in over}


def _merges(pair: Pair, layer: Pair) -> bool:
    return all(one.value.kind == MAPPING and bool(one.value.children) for one in (pair, layer))


class _Changes:
    """The changes of a page: lines that replace others, and lines that are inserted before an index."""

    def __init__(self, page: SourceText) -> None:
        self._page = page
        self._replaced: dict[int, tuple[int, list[SourceLine]]] = {}  # first line -> line behind, new lines
        self._inserted: dict[int, list[SourceLine]] = {}

    def merge(self, pairs: dict[str, Pair], layer: dict[str, Pair]) -> None:
        """Merge the pairs of a later layer into those of a block mapping, which has at least one pair."""
        column = next(iter(pairs.values())).column
        more: list[SourceLine] = []
        for name, new in layer.items():
            old = pairs.get(name)
            if old is None:
                more += self._moved(new, column)
            elif _merges(old, new):
                self._insert(old.first, [self._page.new(" " * column + text, old.first) for text in _beside(new)])
                self.merge(read_pairs(old.page, old.value, old), read_pairs(new.page, new.value, new))
            elif new.value.kind == MAPPING and old.value.kind == MAPPING and not new.value.children:
                self._insert(old.first, [self._page.new(" " * column + text, old.first) for text in comments_of(new)])
            else:
                above = old.first - old.lead
                kept = [self._page.new(" " * column + text, old.first) for text in comments_of(old)[above:]]
                self._replaced[old.first] = (old.behind, [*kept, *self._moved(new, column)])
        self._insert(max(pair.behind for pair in pairs.values()), more)

    def _moved(self, pair: Pair, column: int) -> list[SourceLine]:
        return reindent(pair.page.lines[pair.lead : pair.behind], column - pair.column, column)

    def _insert(self, at: int, lines: list[SourceLine]) -> None:
        self._inserted.setdefault(at, []).extend(lines)

    def finish(self) -> SourceText:
        lines: list[SourceLine] = []
        at = 0
        while at <= len(self._page.lines):
            lines += self._inserted.get(at, [])
            behind, new = self._replaced.get(at, (at + 1, self._page.lines[at : at + 1]))
            lines += new
            at = behind
        end = self._page.end
        return SourceText([line._replace(end=end) for line in lines], end)


def _beside(pair: Pair) -> list[str]:
    """Return the comments right above a pair and on the line of its key. The comments inside move with its pairs."""
    page = pair.page
    above = [line.body.strip() for line in page.lines[pair.lead : pair.first]]
    return above + COMMENT.findall(page.lines[pair.first].body[page.column(pair.key.end) :])
