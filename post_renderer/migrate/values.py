"""Translates the values of Polyaxon's chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.catalog.entry import DATA, OUTPUTS, SETTINGS
from post_renderer.migrate.entries import (
    ENTRY_SOURCES,
    find_entry_edits,
    find_extra_edits,
)
from post_renderer.migrate.ignored import ENTRY_KNOWN, find_ignored_edits, find_near
from post_renderer.migrate.pairs import (
    add_inside,
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
from post_renderer.migrate.source_text import STEP, Found, LineEdit
from post_renderer.migrate.tables import (
    ENTRY_KEYS,
    MADE_CLAIM,
    MORE_SERVICES,
    MUST_STAY,
    NFS,
    NOTHING,
    OWN_VOLUMES,
    RUN_DEFAULTS,
    SERVICES,
    TODAY,
)
from post_renderer.migrate.tree_change import TreeChange
from post_renderer.migrate.volume_names import find_default_edits, new_name
from post_renderer.problems import Problem, quoted, suggest
from post_renderer.yamltree import ALIAS, MAPPING, SCALAR, SEQUENCE
from post_renderer.yamltree.node import read_bool, read_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.source_text import SourceText
    from post_renderer.yamltree import Node

    Place = tuple[str, str, str]  # data or outputs, the name of a volume, and a key of it
    Elsewhere = Callable[[Place], str]  # returns the path of another file that has the key, or an empty text

ROLES = (DATA, OUTPUTS)
PERSISTENCE_KNOWN = (*SETTINGS, "extra")
# Keys that the single volume may lack, and the keys that have the same purpose.
SAME_PURPOSE = {
    "mountPath": ("mountPath", "store"),
    "existingClaim": ("existingClaim", "hostPath", "store", "name"),
}


def is_values(names: set[str]) -> bool:
    return bool(names & {*TODAY, *RUN_DEFAULTS, *SERVICES})


def find_value_edits(page: SourceText, root: Node, elsewhere: Elsewhere) -> Iterator[Found]:
    """Yield the next edits of a values file, and its problems. ``elsewhere``: see ``MigratedFile``."""
    top = read_pairs(page, root)
    persistence = top.get("persistence")
    inside = child_pairs(persistence) if persistence else {}
    is_layer = _is_layer(set(top))
    if persistence and (edits := list(find_default_edits(persistence, inside))):
        yield from edits  # before the names change
        return
    if "nfsProvisioner" in top and (persistence is None or is_empty(persistence) or persistence.value.kind == MAPPING):
        yield from _find_nfs_edits(top["nfsProvisioner"], persistence, inside)
    yield from _find_platform_edits(top, inside)
    for role in ROLES:
        if role in inside and inside[role].value.kind == MAPPING and not is_empty(inside[role]):
            yield from _find_role_edits(inside[role], elsewhere, is_layer=is_layer)
    if "extra" in inside and "nfsProvisioner" not in top:  # both may add data
        yield from find_extra_edits(inside["extra"], inside)


def _is_layer(names: set[str]) -> bool:
    """Return whether a file has keys of this chart. Then another values file may have what is missing."""
    return not names.isdisjoint(TODAY[1:5])


def name_services(names: set[str]) -> frozenset[str]:
    """Return the keys about Polyaxon's own services. ``names``: the top-level keys of the file."""
    return SERVICES if _is_layer(names) else SERVICES | MORE_SERVICES


def _find_platform_edits(top: dict[str, Pair], inside: dict[str, Pair]) -> Iterator[Found]:
    """Comment out keys about Polyaxon's own services and volumes. ``inside``: the pairs of ``persistence``."""
    services = name_services(set(top))
    for name, pair in top.items():
        if name in RUN_DEFAULTS and _says_nothing(pair.value):
            yield set_aside(pair, "services")
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


def find_notices(page: SourceText, root: Node) -> Iterator[Problem]:
    """Yield warnings about things that work differently than in Polyaxon. Everything else is migrated already."""
    top = read_pairs(page, root)
    if "persistence" not in top:
        return
    inside = child_pairs(top["persistence"])
    for role in ROLES:
        if role not in inside or (is_empty(inside[role]) and inside[role].value.kind == MAPPING):
            message = f"it is empty. Polyaxon then gave runs a directory of the node for {role}"
            hint = f"if runs need it, write {role}: {{{role}: {{mountPath: /{role}, hostPath: /tmp/{role}}}}}"
            pair = inside.get(role)
            problem = Problem("changed-meaning", message, hint, about=f"persistence.{role}")
            problem.line = page.origin((pair or top["persistence"]).key.start)
            yield problem
            continue
        for entry in child_pairs(inside[role]).values():
            sub_path = child_pairs(entry).get("subPath")
            if text_of(sub_path) and sub_path:
                message = "Polyaxon mounted the whole volume in runs, here they see only this directory"
                yield sub_path.problem("changed-meaning", message, "remove subPath to mount the whole volume")


def _find_role_edits(role: Pair, elsewhere: Elsewhere, *, is_layer: bool) -> Iterator[Found]:
    entries = child_pairs(role)
    single = [entry for entry in entries.values() if entry.name in ENTRY_KEYS and entry.value.kind == SCALAR]
    # What can't be an entry beside them is a key of the one volume that Polyaxon ignored.
    strays = {name: pair for name, pair in entries.items() if pair not in single and not _may_be_entry(pair)}
    if single and (ignored := list(find_ignored_edits(strays, ENTRY_KNOWN))):
        yield from ignored
        return
    if not single:
        taken = set(entries)
        for entry in entries.values():
            others = _find_others(elsewhere, role.name, new_name(entry.name), ENTRY_SOURCES)
            yield from find_entry_edits(entry, taken, is_layer=is_layer or bool(others))
    elif len(single) + len(strays) == len(entries):
        lacking = _find_lacking(role, entries)
        empty = [entries[key] for key in lacking if key in entries]
        for pair in empty:
            text = lacking[pair.name]
            hint = MUST_STAY if pair.name == "existingClaim" else NOTHING
            problem = pair.problem("changed-meaning", f"is empty: Polyaxon's chart used {quoted(text)}", hint)
            yield expand_flow_first(pair, role.value) or set_scalar(pair, text, problem)
        if not empty:
            yield _wrap(role, entries, lacking, elsewhere)
    else:
        names = ", ".join(name for name in entries if entries[name] not in single)
        hint = f"write {role.name}: {{{role.name}: {{{single[0].name}: …}}}}, beside {names}"
        yield single[0].problem("not-migratable", "is a key of a volume, but it is among the names of volumes", hint)


def _find_others(elsewhere: Elsewhere, role: str, volume: str, keys: tuple[str, ...]) -> list[str]:
    """Return the paths of other files that have one of the keys of a volume."""
    return [path for key in keys if (path := elsewhere((role, volume, key)))]


def _may_be_entry(pair: Pair) -> bool:
    keys = child_pairs(pair)
    return pair.value.is_null() or pair.value.kind == ALIAS or "<<" in keys or not keys.keys().isdisjoint(ENTRY_KNOWN)


def _find_lacking(role: Pair, entries: dict[str, Pair]) -> dict[str, str]:
    """Return the keys that the single volume lacks, with the defaults of the first charts."""
    defaults = {"mountPath": f"/{role.name}", "existingClaim": MADE_CLAIM.format(role=role.name)}
    return {
        key: text for key, text in defaults.items() if not any(text_of(entries.get(name)) for name in SAME_PURPOSE[key])
    }


def _wrap(role: Pair, entries: dict[str, Pair], lacking: dict[str, str], elsewhere: Elsewhere) -> LineEdit:
    """Put the single volume of the first charts under the name that later charts gave it.

    Add the keys that it lacks, unless another file has them: Helm merges the files, and the last one would win.
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
    added = {}
    for key, text in lacking.items():
        others = _find_others(elsewhere, role.name, role.name, SAME_PURPOSE[key])
        if others:
            message = f"{key} is not added, because {quoted(others[0])} has it"
            hint = f"if these files are not used together, write {key}: {text}"
        else:
            added[key] = text
            message = f"{key}: {quoted(text)} is added, because Polyaxon's chart used it"
            hint = "if another values file sets this, remove the line"
        problems.append(role.problem("changed-meaning", message, hint))
    lines = [page.new(" " * column + f"{role.name}:", role.first)]
    lines += reindent(page.lines[header : role.behind], STEP, column + STEP)
    lines += [page.new(" " * (column + STEP) + f"{key}: {text}", role.first) for key, text in added.items()]
    more = read_meant(f"{key}: {text}" for key, text in added.items())
    change = TreeChange(replaced=((role.value, {role.name: role.value}),), added=((role.value, more),))
    return LineEdit([(header, role.behind, lines)], problems, change=change)


def _find_nfs_edits(nfs: Pair, persistence: Pair | None, inside: dict[str, Pair]) -> Iterator[Found]:
    """Turn the claims that Polyaxon's chart created on its own file server into entries."""
    enabled = child_pairs(nfs).get("enabled")
    claims = child_pairs(child_pairs(nfs)["pvc"]) if "pvc" in child_pairs(nfs) else {}
    missing = [role for role in ROLES if is_empty(inside.get(role)) and (role in claims or role in inside)]
    if enabled is None or not read_bool(read_values(enabled.value)):
        yield set_aside(nfs, "services")  # no claims were made
        return
    if not missing:
        yield comment_out(nfs, "not-migrated", "this chart has no file server", NFS)
        return
    role = missing[0]
    claim = child_pairs(claims[role]) if role in claims else {}
    name = text_of(claim.get("name")) or MADE_CLAIM.format(role=role)
    path = to_scalar(text_of(claim.get("mountPath")) or f"/{role}")
    entry = [f"{role}:", f"  mountPath: {path}", f"  existingClaim: {to_scalar(name)}"]
    problem = nfs.problem("changed-meaning", f"{role} is the claim {quoted(name)} now", MUST_STAY)
    yield _add_entry(nfs, persistence, inside, role, entry, problem)


def _add_entry(
    nfs: Pair, persistence: Pair | None, inside: dict[str, Pair], role: str, entry: list[str], problem: Problem
) -> LineEdit:
    """Return the edit that adds an entry under ``data`` or ``outputs`` (``role``). It adds missing keys above, too."""
    page = nfs.page
    under_role = [f"{role}:", *(f"  {body}" for body in entry)]
    if persistence is None:
        if room := expand_flow_first(nfs, nfs.within):
            return room
        bodies = ["persistence:", *(f"  {body}" for body in under_role)]
        lines = [page.new(" " * nfs.column + body, nfs.first) for body in bodies]
        change = TreeChange(added=((nfs.within, read_meant(bodies)),))
        return LineEdit([(nfs.first, nfs.first, lines)], [problem], change=change)
    if role in inside:
        return expand_flow_first(inside[role], persistence.value) or add_inside(inside[role], entry, problem)
    spot = next(iter(inside.values()), persistence)
    return expand_flow_first(spot, spot.within) or add_inside(persistence, under_role, problem)
