"""Translates the values of Polyaxon's chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.catalog.entry import OUTPUTS, SETTINGS
from post_renderer.migrate.doubts import find_doubts, find_first_server
from post_renderer.migrate.entries import find_entry_edits, find_extra_edits
from post_renderer.migrate.ignored import ENTRY_KNOWN, find_ignored_edits, find_near
from post_renderer.migrate.nfs import find_nfs_edits
from post_renderer.migrate.pairs import (
    alias_error,
    child_pairs,
    comment_out,
    expand_flow_first,
    is_empty,
    read_meant,
    read_pairs,
    refuse_shared_anchor,
    reindent,
    set_aside,
    set_scalar,
    text_of,
    to_scalar,
)
from post_renderer.migrate.single_volume import find_source, find_unused_edits
from post_renderer.migrate.source_text import STEP, Found, LineEdit
from post_renderer.migrate.tables import (
    ENTRY_KEYS,
    MORE_SERVICES,
    MUST_STAY,
    NOTHING,
    OWN_VOLUMES,
    RUN_DEFAULTS,
    SERVICES,
    TODAY,
)
from post_renderer.migrate.tree_change import TreeChange
from post_renderer.migrate.value_layers import ROLES, is_single
from post_renderer.migrate.volume_names import find_default_edits, new_name
from post_renderer.problems import Problem, quoted, suggest
from post_renderer.yamltree import ALIAS, MAPPING, SCALAR, SEQUENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.merged_values import MergedValues
    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.source_text import SourceText
    from post_renderer.yamltree import Node

PERSISTENCE_KNOWN = (*SETTINGS, "extra")


def is_values(names: set[str]) -> bool:
    return bool(names & {*TODAY, *RUN_DEFAULTS, *SERVICES})


def find_value_edits(page: SourceText, root: Node, together: MergedValues, path: str) -> Iterator[Found]:
    """Yield the next edits of a values file, and its problems.

    ``together``: all values files, as they were before the migration. ``path``: the path of this file.
    """
    top = read_pairs(page, root)
    persistence = top.get("persistence")
    inside = child_pairs(persistence) if persistence else {}
    doubts = list(find_doubts(top, inside, together, path))
    if not _is_layer(set(top)):
        doubts += find_first_server(top)
    if doubts:
        yield from doubts
        return
    if persistence and (edits := list(find_default_edits(persistence, inside, together.default_for(path)))):
        yield from edits  # before the names change
        return
    nfs = list(find_nfs_edits(top, persistence, inside, together, path))
    yield from nfs
    yield from _find_platform_edits(top, inside, has_defaults=together.up_to(path).uses_defaults(path))
    for role in ROLES:
        if role in inside and inside[role].value.kind == MAPPING and not is_empty(inside[role]):
            yield from _find_role_edits(inside[role], together, path, is_layer=_is_layer(set(top)))
    if "extra" in inside and not nfs:  # both may add data
        yield from find_extra_edits(inside["extra"], inside, together, path)


def _is_layer(names: set[str]) -> bool:
    """Return whether a file has keys of this chart. Then another values file may have what is missing."""
    return not names.isdisjoint(TODAY[1:5])


def name_services(names: set[str]) -> frozenset[str]:
    """Return the keys about Polyaxon's own services. ``names``: the top-level keys of the file."""
    return SERVICES if _is_layer(names) else SERVICES | MORE_SERVICES


def _find_platform_edits(top: dict[str, Pair], inside: dict[str, Pair], *, has_defaults: bool) -> Iterator[Found]:
    """Comment out keys about Polyaxon's own services and volumes.

    ``inside``: the pairs of ``persistence``. ``has_defaults``: runs had volumes of ``defaultPersistence``.
    """
    services = name_services(set(top))
    for name, pair in top.items():
        if name in RUN_DEFAULTS and _says_nothing(pair.value):
            yield set_aside(pair, "services")
        elif name == "defaultPersistence" and not has_defaults:
            yield set_aside(pair, "ignored")
        elif name in RUN_DEFAULTS:
            yield comment_out(pair, "not-migrated", "this chart has no key of that name", RUN_DEFAULTS[name])
        elif name in services and name != "nfsProvisioner":
            yield set_aside(pair, "services")
    for name, pair in inside.items():
        if name in OWN_VOLUMES:
            yield comment_out(pair, "not-migrated", "a volume of Polyaxon itself", OWN_VOLUMES[name])
        elif name not in PERSISTENCE_KNOWN and find_near(name, PERSISTENCE_KNOWN):
            # A chart without any volume renders no catalog, so nothing else would report this key.
            yield pair.problem("invalid-catalog", "unknown key", suggest(name, SETTINGS))
    yield from find_ignored_edits(
        {name: pair for name, pair in inside.items() if name not in OWN_VOLUMES}, PERSISTENCE_KNOWN
    )


def _says_nothing(node: Node) -> bool:
    """Return whether a node has no value at all, as in copies of the chart's values: {core: , experiments: }."""
    if node.kind == MAPPING:
        return all(_says_nothing(value) for _, value in node.pairs())
    return not node.children if node.kind == SEQUENCE else node.kind == SCALAR and not node.value()


def find_notices(
    page: SourceText, root: Node, together: MergedValues, path: str, *, is_changed: bool
) -> Iterator[Problem]:
    """Yield warnings about things that work differently than in Polyaxon. Everything else is migrated already."""
    top = read_pairs(page, root)
    inside = child_pairs(top["persistence"]) if "persistence" in top else {}
    is_whole = "persistence" in top or not together.is_today()
    if together.is_first(path) and is_whole and (is_changed or together.is_polyaxon()):
        for role in filter(together.is_without, ROLES):
            message = f"it is empty. Polyaxon then gave runs a directory of the node for {role}"
            example = f"{{{role}: {{mountPath: /{role}, hostPath: /tmp/{role}}}}}"
            hint = f"if runs need it, write {role}: {example}; up to 0.3.5 it was /{role}"
            problem = Problem("changed-meaning", message, hint, about=f"persistence.{role}")
            spot = inside.get(role) or top.get("persistence")
            problem.line = page.origin(spot.key.start) if spot else 1
            yield problem
    values = together.up_to(path)
    if OUTPUTS in inside and values.is_first_single(path, OUTPUTS) and values.is_claim_of_services():
        directory = values.volume(OUTPUTS, OUTPUTS).get("mountPath", f"/{OUTPUTS}")
        message = f"Polyaxon 0.0.81 to 0.1.0 gave runs the directory {directory} of the node instead of this claim"
        hint = "if you used one of these versions, copy the results from the nodes to the claim"
        yield inside[OUTPUTS].problem("changed-meaning", message, hint)
    yield from _find_other_default(page, inside, together, path, is_changed=is_changed)
    if not is_changed and together.is_today():
        return
    for role in ROLES:
        for entry in child_pairs(inside[role]).values() if role in inside else ():
            sub_path = child_pairs(entry).get("subPath")
            if text_of(sub_path) and sub_path:
                message = "Polyaxon mounted the whole volume in runs, here they see only this directory"
                yield sub_path.problem("changed-meaning", message, "remove subPath to mount the whole volume")


def _find_other_default(
    page: SourceText, inside: dict[str, Pair], together: MergedValues, path: str, *, is_changed: bool
) -> Iterator[Problem]:
    """Warn if an earlier file says ``defaultOutputs``, but Polyaxon may have used a volume of this file."""
    name, default = together.find_perhaps_first(path, is_changed=is_changed)
    spot = inside.get(OUTPUTS)
    if name and spot:
        message = f"Polyaxon used the first volume by name, perhaps {quoted(name)}, but an earlier file says"
        hint = f"if runs used {quoted(name)}, write defaultOutputs: {to_scalar(new_name(name))} in this file"
        problem = Problem("changed-meaning", f"{message} defaultOutputs: {default}", hint, about=spot.path)
        problem.line = page.origin(spot.key.start)
        yield problem


def _find_role_edits(role: Pair, together: MergedValues, path: str, *, is_layer: bool) -> Iterator[Found]:
    entries = child_pairs(role)
    scalars = [entry for entry in entries.values() if entry.name in ENTRY_KEYS and entry.value.kind == SCALAR]
    has_keys = is_single({entry.name: entry.value.value() for entry in scalars})
    single = scalars if has_keys else []
    # What can't be an entry beside them is a key of the one volume that Polyaxon ignored.
    strays = {name: pair for name, pair in entries.items() if pair not in single and not _may_be_entry(pair)}
    if single and (ignored := list(find_ignored_edits(strays, ENTRY_KNOWN))):
        yield from ignored
        return
    if not single:
        for entry in entries.values():
            yield from find_entry_edits(entry, role.name, together, path, is_layer=is_layer)
    elif len(single) + len(strays) == len(entries):
        values = together.up_to(path)
        if unused := list(find_unused_edits(role, entries, values, is_first=values.is_first_single(path, role.name))):
            yield from unused
            return
        lacking = values.lacking[role.name]
        empty = [entries[key] for key in lacking if key in entries and not text_of(entries[key])]
        for pair in empty:
            text = lacking[pair.name]
            hint = MUST_STAY if pair.name == "existingClaim" else NOTHING
            problem = pair.problem("changed-meaning", f"is empty: Polyaxon's chart used {quoted(text)}", hint)
            yield expand_flow_first(pair, role.value) or set_scalar(pair, to_scalar(text), problem)
        if not empty:
            yield _wrap(role, entries, together, path)
    elif "<<" in entries:
        raise alias_error(role)
    else:
        names = ", ".join(name for name in entries if entries[name] not in single)
        values = together.up_to(path)
        mount = values.volume(role.name, role.name).get("mountPath", f"/{role.name}")
        keys = {"mountPath": mount, **dict([find_source(role.name, values)])}
        text = ", ".join(f"{key}: {to_scalar(str(value))}" for key, value in keys.items())
        hint = f"write {role.name}: {{{role.name}: {{{text}}}}}, beside {names}"
        yield single[0].problem("not-migratable", "is a key of a volume, but it is among the names of volumes", hint)


def _may_be_entry(pair: Pair) -> bool:
    keys = child_pairs(pair)
    return pair.value.is_null() or pair.value.kind == ALIAS or "<<" in keys or not keys.keys().isdisjoint(ENTRY_KNOWN)


def _wrap(role: Pair, entries: dict[str, Pair], together: MergedValues, path: str) -> LineEdit:
    """Put the single volume of the first charts under the name that later charts gave it.

    Add the keys that it lacks, unless an earlier file has or gets them.
    """
    first = next(iter(entries.values()))
    if room := expand_flow_first(first, role.value):
        return room
    page = role.page
    refuse_shared_anchor(role.value, role)
    column = page.column(role.value.start)
    header = page.row(role.key.end) + 1
    hint = f"runs may ask for it by that name; it is the default {role.name}"
    problems = [role.problem("changed-meaning", f"the single volume is called {quoted(role.name)} now", hint)]
    before = together.before(path)
    given = before[-1].lacking[role.name] if before else {}  # what the files before this one get
    lacking = together.up_to(path).lacking[role.name]
    missing = {key: text for key, text in lacking.items() if not text_of(entries.get(key))}  # others were empty
    added = {key: to_scalar(text) for key, text in missing.items() if given.get(key) != text}
    for key in added:
        message = f"{key}: {quoted(lacking[key])} is added, because Polyaxon's chart used it"
        hint = "if another values file sets this, remove the line"
        if key == "hostPath":
            hint = f"up to 0.1.0, it used a claim only with existingClaim or nfsProvisioner.enabled; {hint}"
        problems.append(role.problem("changed-meaning", message, hint))
    lines = [page.new(" " * column + f"{role.name}:", role.first)]
    lines += reindent(page.lines[header : role.behind], STEP, column + STEP)
    lines += [page.new(" " * (column + STEP) + f"{key}: {text}", role.first) for key, text in added.items()]
    more = read_meant(f"{key}: {text}" for key, text in added.items())
    change = TreeChange(replaced=((role.value, {role.name: role.value}),), added=((role.value, more),))
    return LineEdit([(header, role.behind, lines)], problems, change=change)
