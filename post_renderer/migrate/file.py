"""Migrates one file: applies edits until the rules find nothing to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.migrate.comments import verify
from post_renderer.migrate.file_text import BOM, FILE_LIMIT, decode, has_own_comment, join_surrogates, shown_path
from post_renderer.migrate.merged_values import MergedValues
from post_renderer.migrate.pairs import Pair, keep_last_text, read_pairs, text_of
from post_renderer.migrate.polyaxonfile import find_polyaxonfile_edits, is_polyaxonfile
from post_renderer.migrate.run import make_runs, name_run
from post_renderer.migrate.secret_values import remove_secret_values
from post_renderer.migrate.source_text import LineEdit, apply, read_page
from post_renderer.migrate.tables import NOTES, RUN_DEFAULTS
from post_renderer.migrate.tree_change import find_difference, load_values
from post_renderer.migrate.value_layers import read_layers
from post_renderer.migrate.values import find_notices, find_value_edits, is_values, name_services
from post_renderer.problems import CODES, ERROR, USER_FILE, Problem, YamlError, quoted
from post_renderer.yamltree import MAPPING, SCALAR, get_mapping_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from post_renderer.migrate.source_text import Found, SourceText
    from post_renderer.yamltree import Node

LOSS = "migrate can't change this part without the loss of a value"
SIMPLER = "write this part in a simpler form"
NEITHER = "the file is neither values nor a polyaxonfile of Polyaxon 0.x"
PASSES = 1000
FREE_PASSES = 10  # more passes are only for small files, because each pass reads the whole file
PASSES_LIMIT = 10_000_000  # characters that all passes may read: about ten seconds


class MigratedFile:
    """One file before and after the migration.

    ``old``, ``new``: the content in bytes. They are equal if nothing had to change, or if there are errors.
    ``shown``: ``old`` without the secret values that ``new`` does not contain any more.
    ``notes``: sentences about changes that lose nothing. They name keys and never values.
    ``run``: the name of the run that the polyaxonfile became; empty for a values file. It is also the name of the group
    if a grid is written out.
    ``runs``: the names of the new runs. Only a grid that is written out has more than one.
    """

    __slots__ = (
        "_aside",
        "_is_expanded",
        "_together",
        "new",
        "notes",
        "old",
        "path",
        "problems",
        "run",
        "runs",
        "shown",
    )

    def __init__(
        self,
        path: str,
        raw: bytes,
        name: str = "",
        directories: int = 0,
        together: MergedValues | None = None,
        *,
        is_expanded: bool = False,
    ) -> None:
        """``name``, ``directories``: see ``name_run``.

        ``together``: all values files that Helm merges, this file among them; None: only this file.
        ``is_expanded``: the program wrote ``raw``, with the values of all aliases. It may be larger than a file.
        """
        self.path = path
        self._is_expanded = is_expanded
        self._together = together or MergedValues(read_layers({path: raw}))
        self.old = self.new = self.shown = raw
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self._aside: dict[str, list[str]] = {}  # reason of NOTES -> paths of the keys that are comments now
        self.run = ""
        self.runs: frozenset[str] = frozenset()
        try:
            self.new = self._migrate(
                decode(raw, len(raw) if is_expanded else FILE_LIMIT),
                lambda own, kind: self._name(name_run(name or own, path, kind, directories)),
            )
        except YamlError as error:
            problem = Problem(error.code, error.message, error.hint)
            problem.line = 0 if error.offset is None else raw.count(b"\n", 0, error.offset) + 1
            self.problems.append(problem)
        if any(problem.severity == ERROR for problem in self.problems):
            self.new = self.shown = raw
            self.notes = []
        self.problems.sort(key=lambda problem: problem.line)
        for problem in self.problems:
            problem.file = shown_path(path)
            problem.subject = USER_FILE

    def _migrate(self, text: str, choose_name: Callable[[str, str], str]) -> bytes:
        mark = BOM if text.startswith(BOM) else ""
        first = read_page(join_surrogates(text.removeprefix(BOM)))
        page, secrets = _remove_secret_values(first)
        self.shown = (mark + page.text).encode()
        for number in range(PASSES):
            if number > FREE_PASSES and number * len(page.text) > PASSES_LIMIT:
                hint = "write each entry of a collection in braces on a line of its own"
                raise YamlError("not-migratable", None, "too many changes are on one line", hint)
            found = list(_find_changes(page, choose_name, self._find_value_edits, is_given=number == 0))
            self._add_new([item for item in found if isinstance(item, Problem)])
            before = page
            edits = [item for item in found if isinstance(item, LineEdit)]
            last = keep_last_text(page) if edits else None
            page, done = apply(page, [last] if last else edits)
            self.problems += [problem for edit in done for problem in edit.problems]
            for reason, path in [edit.note for edit in done if edit.note]:
                self._aside.setdefault(reason, []).append(path)
            if not done:
                break
            if lost := _find_loss(before, page, done):
                self.problems.append(lost)
                break
        else:
            raise AssertionError(page.text)
        if not any(problem.severity == ERROR for problem in self.problems):
            is_changed = page.text != first.text
            if is_changed:
                self._check_result(first, page, mark)
            if not any(problem.severity == ERROR for problem in self.problems):
                self.problems += find_notices(page, page.root(), self._together, self.path, is_changed=is_changed)
        self._add_notes(secrets)
        return (mark + page.text).encode()

    def _name(self, run: str) -> str:
        self.run = run
        return run

    def _check_result(self, first: SourceText, page: SourceText, mark: str) -> None:
        """Check that other programs can read the new file, and find the names of its new runs. Raises YamlError."""
        if self._is_expanded:
            return
        try:
            verify(first.text, page.text)
        except YamlError as error:
            error.offset = None if error.offset is None else error.offset + len(mark.encode())
            raise
        self._check_size((mark + page.text).encode())
        self.runs = frozenset(_find_runs(page.root()) - _find_runs(first.root()))

    def _check_size(self, new: bytes) -> None:
        """Raise YamlError if migrate could not read the new file, because some changes add text."""
        if len(new) > FILE_LIMIT:
            message = f"the migrated file would be larger than {FILE_LIMIT >> 20} MiB"
            raise YamlError("input-too-large", None, message, "split the file")
        if not read_layers({self.path: new}):
            message = "the aliases of the migrated file would be too large"
            raise YamlError("alias", None, message, "write the values instead of aliases")

    def _find_value_edits(self, page: SourceText, root: Node) -> Iterator[Found]:
        if self.path not in self._together.layers and not self.run:
            raise YamlError(
                "alias", None, "the aliases of the file are too large", "write the values instead of aliases"
            )
        return find_value_edits(page, root, self._together, self.path)

    def _add_notes(self, secrets: list[str]) -> None:
        for reason, paths in sorted(self._aside.items()):
            if len(paths) == 1:
                self.notes.append(f"{paths[0]} is a comment now, because it {NOTES[reason][0]}")
            else:
                self.notes.append(f"{', '.join(paths)} are comments now, because they {NOTES[reason][1]}")
        if secrets:
            self.notes.append(f"removed secret values, also from the diff: {', '.join(secrets)}")

    def _add_new(self, problems: list[Problem]) -> None:
        """Add only new problems, because each pass finds the problems of the earlier passes again."""
        seen = {(problem.code, problem.line, problem.message) for problem in self.problems}
        self.problems += [item for item in problems if (item.code, item.line, item.message) not in seen]


def _remove_secret_values(page: SourceText) -> tuple[SourceText, list[str]]:
    """Remove the secret values from those parts of a values file that become comments. See ``remove_secret_values``."""
    try:
        root = page.root()
    except YamlError:
        return page, []  # the first pass reports it
    if is_polyaxonfile(root):
        return page, []
    return remove_secret_values(page, root, name_services(set(read_pairs(page, root))).union(RUN_DEFAULTS))


def _find_loss(before: SourceText, after: SourceText, done: list[LineEdit]) -> Problem | None:
    """Return an error if the new lines do not have exactly the values that the edits mean."""
    try:
        found = load_values(after.root())
    except YamlError:
        return None  # the next pass reports it
    expected = load_values(before.root(), [edit.change for edit in done])
    if (found or None) == (expected or None):
        return None
    node, path = find_difference(after.root(), found, expected)
    problem = Problem("not-migratable", LOSS, SIMPLER, about=".".join(path))
    problem.line = after.origin(node.start)
    return problem


def _find_runs(root: Node) -> set[str]:
    runs = get_mapping_value(root, "runs")
    return set(runs.names()) if runs and runs.kind == MAPPING else set()


def _find_changes(
    page: SourceText,
    choose_name: Callable[[str, str], str],
    find_in_values: Callable[[SourceText, Node], Iterator[Found]],
    *,
    is_given: bool,
) -> Iterator[Found]:
    """Yield edits and problems. If a rule raises YamlError, yield that problem and skip the other rules.

    ``choose_name``: returns the name of a run for the name and the kind in its polyaxonfile.
    ``is_given``: the page is still the unchanged file of the user.
    """
    try:
        root = page.root()
        if is_given:
            _refuse_other_files(root, page.text)
        repeated = list(find_repeated_keys(page, root))
        yield from repeated or _apply_rules(page, root, choose_name, find_in_values)
    except YamlError as error:
        code = error.code if error.code in CODES else "not-migratable"
        problem = Problem(code, error.message, error.hint or SIMPLER)
        problem.line = 0 if error.offset is None else page.origin(error.offset)
        yield problem


def _apply_rules(
    page: SourceText,
    root: Node,
    choose_name: Callable[[str, str], str],
    find_in_values: Callable[[SourceText, Node], Iterator[Found]],
) -> Iterator[Found]:
    top = read_pairs(page, root)
    if "runs" not in top and is_polyaxonfile(root):
        complete = True
        for item in find_polyaxonfile_edits(page, root):
            complete = False
            yield item
        if complete:
            yield make_runs(page, root, choose_name(text_of(top.get("name")), text_of(top.get("kind"))))
    else:
        yield from find_in_values(page, root)


def _refuse_other_files(root: Node, text: str) -> None:
    """Raise YamlError for a file that is neither values nor a polyaxonfile.

    An empty file is valid values. So is the rest of a migrated file, whose other keys are comments now. Other files can
    have comments of the same form, but not with these words.
    """
    hint = "name a values file (it has persistence:) or a polyaxonfile (it has kind: and run:)"
    message = NEITHER
    if root.kind == MAPPING:
        names = {key.text for key, _ in root.pairs() if key.kind == SCALAR}
        is_rest = not root.children or has_own_comment(text, NOTES["services"][0])
        if is_rest or is_values(names) or is_polyaxonfile(root):
            return
    elif root.is_null():
        return
    else:
        message += ": it is not a mapping"
    raise YamlError("not-migratable", root.start, message, hint)


def find_repeated_keys(page: SourceText, root: Node) -> Iterator[Problem]:
    """Yield an error for each key that a mapping has twice."""
    todo = [root]
    while todo:
        node = todo.pop()
        todo += node.children
        seen: set[str] = set()
        for key, value in node.pairs() if node.kind == MAPPING else ():
            if key.kind == SCALAR and key.text in seen:
                yield Pair(page, key, value, None, node).problem(
                    "duplicate-key", f"the key {quoted(key.text)} is repeated", "remove one of the two keys"
                )
            seen.add(key.text)
