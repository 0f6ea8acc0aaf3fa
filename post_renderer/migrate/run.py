"""Makes one run, or the runs of a grid that are written out, of a whole polyaxonfile."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from post_renderer.catalog.entry import name_error
from post_renderer.migrate.flow_style import flow_text
from post_renderer.migrate.grid import find_notes, find_written_members, params_text, read_grid
from post_renderer.migrate.pairs import (
    Pair,
    braces_for,
    child_pairs,
    comments_of,
    expand_flow_first,
    read_pairs,
    refuse_shared_anchor,
    reindent,
    to_scalar,
)
from post_renderer.migrate.polyaxonfile_keys import read_sections
from post_renderer.migrate.source_text import STEP, LineEdit, SourceText
from post_renderer.migrate.tables import OF_THE_RUN, STARTS_AGAIN
from post_renderer.migrate.tree_change import TreeChange
from post_renderer.migrate.volume_names import to_dns_label
from post_renderer.yamltree import parse

if TYPE_CHECKING:
    from post_renderer.migrate.grid import Member
    from post_renderer.migrate.source_text import SourceLine
    from post_renderer.migrate.tree_change import Meant
    from post_renderer.problems import Problem
    from post_renderer.yamltree import Node

END = re.compile(r"\.\.\.(\s|$)")  # of the document


class _Run(NamedTuple):
    """The lines of a run below its name, and their values.

    ``first``, ``behind``: the indexes of the lines of the polyaxonfile. ``own``: keys of the run itself.
    ``kept``: the top-level pairs of the polyaxonfile that stay in it. ``removed``: the keys of the other pairs.
    ``problems``: warnings about keys of the run itself.
    """

    first: int
    behind: int
    lines: list[SourceLine]
    own: dict[str, Meant]
    kept: dict[str, Meant]
    removed: tuple[Node, ...]
    problems: list[Problem]


def make_runs(page: SourceText, root: Node, name: str) -> LineEdit:
    """Return the edit that turns the whole file into one run, or into the runs of a grid that are written out.

    If a collection in braces must first become lines, return that edit. Then the file still has no ``runs``.
    """
    top = read_pairs(page, root)
    members = find_written_members(page, top)
    grid, params = read_grid(top), top.get("params") or top.get("declarations")
    gone = [pair for pair in (grid.holder, top.get("kind"), params) if pair] if grid and members else []
    run = _read_run(page, root, gone)
    if isinstance(run, LineEdit):
        return run
    lines = [page.new("runs:", run.first)]
    runs: dict[str, Meant] = {}
    if members:
        more, runs = _write_members(page, run, name, members, gone, params)
        lines += more
    else:
        lines += [page.new(f"  {to_scalar(name)}:", run.first), *run.lines]
        runs[name] = {"polyaxonfile": root, **run.own}
    change = TreeChange(removed=run.removed, replaced=((root, {"runs": runs}),))
    return LineEdit([(run.first, run.behind, lines)], [*run.problems, *find_notes(top, len(members))], change=change)


def _read_run(page: SourceText, root: Node, without: list[Pair]) -> LineEdit | _Run:
    """Return the polyaxonfile as a run. Keys in OF_THE_RUN become keys of the run.

    ``without``: top-level pairs that the run does not have.
    """
    top = read_pairs(page, root)
    spot = next(iter(top.values()))
    if room := expand_flow_first(spot, root):
        return room
    sections = read_sections(page, root)
    own: dict[str, Meant] = {}
    bodies: list[str] = []
    problems: list[Problem] = []
    gone = {row for pair in without for row in range(pair.lead, pair.behind)}
    going: dict[str, list[Pair]] = {}
    for (section, key), run_key in OF_THE_RUN.items():
        pair = sections[section].get(key)
        if pair is None:
            continue
        if room := expand_flow_first(pair, pair.within):
            return room
        refuse_shared_anchor(pair.value, pair)
        gone |= set(range(pair.lead, pair.behind))
        going.setdefault(section, []).append(pair)
        own[run_key] = pair.value
        bodies += [*comments_of(pair), f"{run_key}: {flow_text(page, pair.value)}"]
        if key == "ttl" and not pair.value.is_null():
            message = f"it is {run_key} of the run now: {STARTS_AGAIN}"
            problems.append(pair.problem("changed-meaning", message, "remove it, unless the run may start again"))
    first = spot.first
    behind = next((row for row, line in enumerate(page.lines) if END.match(line.body)), len(page.lines))
    left = list(page.lines)
    for at, stop, new in (piece for pairs in going.values() for piece in braces_for(pairs)):
        left[at:stop] = new
    lines = [page.new("    polyaxonfile:", first)]
    stay = [left[row] for row in range(first, behind) if row not in gone]
    lines += reindent(stay, 3 * STEP - spot.column, 2 * STEP)
    lines += [page.new(f"    {body}", first) for body in bodies]
    removed = (*(pair.key for pair in without), *(pair.key for pairs in going.values() for pair in pairs))
    kept: dict[str, Meant] = {pair.name: pair.value for pair in top.values() if pair.key not in removed}
    return _Run(first, behind, lines, own, kept, removed, problems)


def _write_members(
    page: SourceText, run: _Run, name: str, members: list[Member], gone: list[Pair], params: Pair | None
) -> tuple[list[SourceLine], dict[str, Meant]]:
    """Repeat a run for each member, with its params. Only the first member has the comments of the polyaxonfile."""
    text = SourceText([line._replace(end=line.end or page.end) for line in run.lines], page.end)
    full = [row for row, line in enumerate(run.lines) if line.body.strip() or row in text.text_rows()][1:]
    bare = [row for row in full if not text.is_comment(row)]
    key = params.name if params else "params"
    given = {name: pair.value for name, pair in child_pairs(params).items()} if params else {}
    lines: list[SourceLine] = []
    runs: dict[str, Meant] = {}
    for member in members:
        called = f"{name}-{member.suffix}"
        head = [f"  {to_scalar(called)}:", run.lines[0].body, "      kind: experiment"]
        head.append(f"      {key}: {params_text(page, params, member.values)}")
        if member is members[0]:
            head += [f"      {comment}" for pair in gone for comment in comments_of(pair)]
        lines += [page.new(body, run.first) for body in head]
        lines += [run.lines[row] for row in (full if member is members[0] else bare)]
        polyaxonfile: dict[str, Meant] = {**run.kept, "kind": parse("experiment"), key: {**given, **member.nodes}}
        runs[called] = {"polyaxonfile": polyaxonfile, **run.own}
    return lines, runs


def name_run(name: str, path: str, kind: str, directories: int = 0) -> str:
    """Choose the name of a run: ``name`` (from --name or from the file), else the file name, else the kind.

    ``directories``: how many directories of the path come before the file name, to tell apart files of one name.
    """
    # Standard input has no directory; the current one may be gone.
    *above, last = ("" if path == "-" else os.path.abspath(path)).split("/")
    stem = re.sub(r"\.(ya?ml|json)$", "", last)
    stem = re.sub(r"^polyaxonfile[-_.]?|[-_.]?polyaxonfile$", "", stem)
    stem = "-".join([*above[-directories:], stem]) if directories else stem
    for word in (name, stem, kind, "run"):
        if to_dns_label(word) and not name_error(to_dns_label(word)):
            return to_dns_label(word)
    return "run"
