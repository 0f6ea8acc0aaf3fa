"""Translates one entry of a catalog of 0.x, and ``persistence.extra``, a list of volumes without names."""

from __future__ import annotations

import itertools
import posixpath
from typing import TYPE_CHECKING

from post_renderer.catalog.entry import BUCKET_KEYS, DATA, OUTPUTS, name_error
from post_renderer.k8s import path_error
from post_renderer.migrate.buckets import find_bucket_edits
from post_renderer.migrate.claims import find_claim_edits
from post_renderer.migrate.flow_style import unfold
from post_renderer.migrate.ignored import ENTRY_KNOWN, find_ignored_edits
from post_renderer.migrate.pairs import (
    add_inside,
    child_pairs,
    comment_out,
    expand_flow_first,
    is_empty,
    non_null,
    read_pairs,
    refuse_shared_anchor,
    reindent,
    rename,
    set_scalar,
    text_of,
    to_scalar,
)
from post_renderer.migrate.source_text import COMMENT, STEP, Found, LineEdit
from post_renderer.migrate.stronger_keys import ENTRY_SOURCES, Known, find_weaker_edits, has_source, is_claim
from post_renderer.migrate.tables import MUST_STAY, NOTHING
from post_renderer.migrate.tree_change import TreeChange
from post_renderer.migrate.volume_names import find_name_edits, to_dns_label
from post_renderer.problems import quoted
from post_renderer.yamltree import ALIAS, MAPPING, SCALAR, SEQUENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.merged_values import MergedValues
    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.source_text import SourceLine
    from post_renderer.migrate.tree_change import Meant
    from post_renderer.problems import Problem
    from post_renderer.yamltree import Node

EMPTY_IS_NONE = ("existingClaim", "hostPath", *BUCKET_KEYS)
PATH_KEYS = ("mountPath", "hostPath")


def find_entry_edits(entry: Pair, role: str, together: MergedValues, path: str, *, is_layer: bool) -> Iterator[Found]:
    """Yield the next edits of one named volume. ``together``, ``path``: see ``find_value_edits``.

    ``is_layer``: another values file may contain the source of the volume.
    """
    if entry.value.kind in (MAPPING, ALIAS) or entry.value.is_null():
        yield from find_name_edits(entry, is_shared=together.is_shared(path, role, entry.name))
    if entry.value.kind != MAPPING:
        return
    keys = child_pairs(entry)
    yield from find_ignored_edits(keys, ENTRY_KNOWN)
    volume, values = together.volume(role, entry.name), together.up_to(path)
    known = Known(
        values.volume(role, entry.name),
        together.own_volume(path, role, entry.name),
        [before.volume(role, entry.name) for before in together.before(path)],
    )
    if empty := _find_empty(keys):
        beside = [key for key in non_null(keys, ENTRY_SOURCES) if key not in empty]
        if other := values.find_other(path, role, entry.name, empty[:1]):
            beside.append(f"the value in {quoted(other)}")
        yield _find_empty_edit(keys[empty[0]], beside)
        return
    if "name" in known.until and text_of(keys.get("name")) and not has_source(known.until):
        yield _find_claim_name_edit(keys)
        return
    yield from find_claim_edits(keys, is_claim=is_claim(volume), is_claim_here=is_claim(known.until))
    yield from find_weaker_edits(entry, keys, known)
    yield from find_bucket_edits(keys, known.until)
    for key in non_null(keys, PATH_KEYS):
        yield from _find_path_edits(keys[key])
    lacks = "mountPath" in volume and volume.keys().isdisjoint((*ENTRY_SOURCES, *BUCKET_KEYS, "name"))
    is_here = together.is_last(path, role, entry.name) and "volumeSource" not in keys and "<<" not in keys
    if lacks and is_here and not is_layer:
        yield _give_source(entry, keys)


def _find_empty(keys: dict[str, Pair]) -> list[str]:
    return [key for key in non_null(keys, EMPTY_IS_NONE) if keys[key].value.kind == SCALAR and not text_of(keys[key])]


def _find_claim_name_edit(keys: dict[str, Pair]) -> LineEdit:
    """Rename ``name``, the claim that Polyaxon's chart created, to ``existingClaim``."""
    if "existingClaim" in keys:
        return comment_out(keys["existingClaim"], "not-migrated", "it is empty", NOTHING)
    message = f"this chart does not create the claim {quoted(text_of(keys['name']))}, it must exist"
    problem = keys["name"].problem("changed-meaning", message, MUST_STAY)
    return rename(keys["name"], "existingClaim", problem)


def _find_empty_edit(pair: Pair, beside: list[str]) -> LineEdit:
    """Comment out an empty key, because it has no effect. If the entry has another source, or the key has a value in
    another file, write null instead: null can remove a source of an earlier values file.
    """
    if not beside:
        return comment_out(pair, "not-migrated", "it is empty", NOTHING)
    hint = "null removes the value of an earlier values file"
    problem = pair.problem("changed-meaning", f"is empty beside {beside[0]}, and is null now", hint)
    return set_scalar(pair, "null", problem)


def _find_path_edits(pair: Pair) -> Iterator[LineEdit]:
    path = text_of(pair)
    plain = posixpath.normpath(path).replace("//", "/") if path else ""
    if path and path_error(path) and path.startswith("/") and ".." not in path and not path_error(plain):
        hint = "programs that read the path see it without the extra slashes"
        problem = pair.problem("changed-meaning", f"{quoted(path)} is changed to {quoted(plain)}", hint)
        yield set_scalar(pair, to_scalar(plain), problem)


def _give_source(entry: Pair, keys: dict[str, Pair]) -> LineEdit:
    if keys and (room := expand_flow_first(list(keys.values())[-1], entry.value)):
        return room
    refuse_shared_anchor(entry.value, entry)
    hint = "write hostPath or existingClaim instead of volumeSource if the data must outlive the pod"
    problem = entry.problem("changed-meaning", "it has no source: Polyaxon gave each pod an empty directory", hint)
    return add_inside(entry, ["volumeSource: {emptyDir: {}}"], problem)


def find_extra_edits(extra: Pair, inside: dict[str, Pair], together: MergedValues, path: str) -> Iterator[Found]:
    """Turn ``persistence.extra`` into data volumes: a list of volumes without names, which every run got."""
    if other := together.find_extra(path):
        message = f"{quoted(other)} has this list, too, and Helm uses the list of the last file only"
        hint = "keep the list in one file, or migrate copies of files that you use together in a command of their own"
        yield extra.problem("not-migratable", message, hint)
        return
    if is_empty(extra):
        yield comment_out(extra, "not-migrated", "it is empty", NOTHING)
        return
    if extra.value.kind != SEQUENCE or any(item.kind != MAPPING for item in extra.value.items()):
        # A chart without other volumes would not report it.
        hint = "write extra: [{mountPath: /more, existingClaim: my-claim}]"
        yield extra.problem("not-migratable", "must be a list of volumes, each of them a mapping", hint)
        return
    if room := expand_flow_first(extra, extra.within):
        yield room
        return
    if extra.value.flow:
        yield unfold(extra.page, extra.value, extra.column + STEP)
        return
    refuse_shared_anchor(extra.value, extra)
    yield from _name_items(extra, inside, {name for volumes in together.volumes.values() for name in volumes})


def _name_items(extra: Pair, inside: dict[str, Pair], taken: set[str]) -> Iterator[LineEdit]:
    """``taken``: the names of the volumes in all files."""
    page, data = extra.page, inside.get("data")
    entries = [entry for role in (DATA, OUTPUTS) if role in inside for entry in child_pairs(inside[role]).values()]
    if any(entry.value.kind == SCALAR and not entry.value.is_null() for entry in entries):
        return  # the one volume gets its name first
    if data is None or is_empty(data):
        lines, problem, named = _name_each(extra, taken | {entry.name for entry in entries}, extra.column + STEP)
        removed = (extra.key, data.key) if data else (extra.key,)
        change = TreeChange(removed=removed, added=((extra.within, {"data": named}),))
        yield _replace_by_data(extra, data, lines, problem, change)
        return
    spot = next(iter(child_pairs(data).values()), None)
    if spot is None:
        return
    if room := expand_flow_first(spot, data.value):
        yield room
        return
    at = data.behind
    while at < len(page.lines) and page.lines[at].body.startswith(" " * (spot.column + 1)):
        at += 1  # comments of the last entry
    lines, problem, named = _name_each(extra, taken | {entry.name for entry in entries}, spot.column)
    change = TreeChange(removed=(extra.key,), added=((data.value, named),))
    yield LineEdit([(extra.lead, extra.behind, []), (at, at, lines)], [problem], change=change)


def _name_each(extra: Pair, taken: set[str], column: int) -> tuple[list[SourceLine], Problem, dict[str, Meant]]:
    """Return the items as entries whose names begin in ``column``, the warning about it, and the items by name."""
    page = extra.page
    rest = page.lines[extra.first].body[page.column(extra.key.end) :]
    lines = reindent(page.lines[extra.lead : extra.first], column - extra.column)
    lines += [page.new(" " * column + comment, extra.first) for comment in COMMENT.findall(rest)]
    named: dict[str, Meant] = {}
    numbers = itertools.count(1)
    start = page.row(extra.key.end) + 1
    for item in extra.value.items():
        name = _name_of(text_of(read_pairs(page, item).get("mountPath")), taken, numbers)
        named[name] = item
        behind = page.row(item.start + len(page.text[item.start : item.end].rstrip()) - 1) + 1
        lines += _named(extra, item, name, column, start, behind)
        start = behind
    hint = f"all runs get them by default; runs that name their data must name them too: {', '.join(named)}"
    return lines, extra.problem("changed-meaning", "these volumes are data volumes with names now", hint), named


def _replace_by_data(
    extra: Pair, data: Pair | None, lines: list[SourceLine], problem: Problem, change: TreeChange
) -> LineEdit:
    """Replace ``extra`` by ``data``. An existing empty ``data`` is removed, but its comments stay."""
    page, indent = extra.page, " " * extra.column
    pieces = [(extra.lead, extra.behind, [page.new(f"{indent}data:", extra.first), *lines])]
    if data:
        found = [comment for line in page.lines[data.first : data.behind] for comment in COMMENT.findall(line.body)]
        pieces.append((data.first, data.behind, [page.new(indent + comment, data.first) for comment in found]))
    return LineEdit(pieces, [problem], change=change)


def _named(extra: Pair, item: Node, name: str, column: int, start: int, behind: int) -> list[SourceLine]:
    """Return an item of the list as an entry: its comments, its name, its keys."""
    page = extra.page
    row = page.row(item.start)
    lines = [
        line._replace(body=" " * column + line.body.strip().removeprefix("-").lstrip())
        for line in page.lines[start:row]
        if line.body.strip() not in ("-", "")
    ]
    head = " " * column + f"{to_scalar(name)}:"
    if item.flow:
        first = page.lines[row]
        lines.append(first._replace(body=f"{head} {first.body[page.column(item.start) :]}"))
        return lines + reindent(page.lines[row + 1 : behind], 0, column + STEP)
    lines.append(page.new(head, row))
    first = page.lines[row]
    lines.append(first._replace(body=" " * (column + STEP) + first.body[item.column :]))
    return lines + reindent(page.lines[row + 1 : behind], column + STEP - item.column, column + STEP)


def _name_of(path: str, taken: set[str], numbers: Iterator[int]) -> str:
    """Return a free name for the volume at a path, and add it to ``taken``."""
    parts = [to_dns_label(part) for part in path.split("/") if to_dns_label(part)]
    first = (parts[-1] if parts else "", to_dns_label(path))
    names = itertools.chain(first, (f"extra-{number}" for number in numbers))
    name = next(name for name in names if name and name not in taken and not name_error(name))
    taken.add(name)
    return name
