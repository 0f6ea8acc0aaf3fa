"""0.x chart values of every era to today's."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from post_renderer.catalog.entry import DATA, OUTPUTS
from post_renderer.migrate.buckets import find_missing
from post_renderer.migrate.entries import find_entry_edits, find_extra_edits, to_dns_label
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
    set_scalar,
    text_of,
    to_scalar,
)
from post_renderer.migrate.source_text import STEP, LineEdit
from post_renderer.migrate.tables import (
    ENTRY_KEYS,
    MADE_CLAIM,
    MUST_STAY,
    NFS,
    NOTHING,
    OWN_VOLUMES,
    RUN_DEFAULTS,
    SERVICES,
    TODAY,
)
from post_renderer.problems import Problem, quoted, suggest
from post_renderer.yamltree import MAPPING, SCALAR
from post_renderer.yamltree.node import read_bool, read_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.source_text import SourceText
    from post_renderer.yamltree import Node

ROLES = (DATA, OUTPUTS)
Found = LineEdit | Problem


def is_values(names: set[str]) -> bool:
    return bool(names & {*TODAY, *RUN_DEFAULTS, *SERVICES})


def is_layer(names: set[str]) -> bool:
    """Whether a file is one of today's, so that what is missing in it may stand in another one."""
    return bool(names & set(TODAY[1:5]))


def find_value_edits(page: SourceText, root: Node) -> Iterator[Found]:
    """What to change next in a values file, and what is wrong with it."""
    top = read_pairs(page, root)
    persistence = top.get("persistence")
    if persistence and not is_empty(persistence) and persistence.value.kind != MAPPING:
        yield persistence.problem("invalid-catalog", "is a mapping of data and outputs", "persistence: {data: {…}}")
        return
    inside = child_pairs(persistence) if persistence else {}
    if "nfsProvisioner" in top:
        yield from _find_nfs_edits(page, top["nfsProvisioner"], persistence, inside)
    for pair in top.values():
        if pair.name not in TODAY and pair.name != "nfsProvisioner":
            yield from _find_platform_edits(pair)
    for name, hint in OWN_VOLUMES.items():
        if name in inside:
            yield comment_out(inside[name], "not-migrated", "a volume of Polyaxon itself", hint)
    for role in ROLES:
        if role in inside and not is_empty(inside[role]):
            yield from _find_role_edits(inside[role], is_layer=is_layer(set(top)))
    yield from _find_double_names(inside)
    if "extra" in inside:
        yield from find_extra_edits(inside["extra"], inside)


def find_notices(page: SourceText, root: Node) -> Iterator[Problem]:
    """What works otherwise than in Polyaxon, in a file that is migrated but for that."""
    top = read_pairs(page, root)
    if "persistence" not in top:
        return
    inside = child_pairs(top["persistence"])
    for role in ROLES:
        if role not in inside or (is_empty(inside[role]) and inside[role].value.kind == MAPPING):
            message = f"is empty: Polyaxon gave runs a volume of its own for {role} then, a folder of the node"
            hint = f"where runs need it, write {role}: {{{role}: {{mountPath: /{role}, hostPath: /tmp/{role}}}}}"
            pair = inside.get(role)
            problem = Problem("changed-meaning", message, hint, about=f"persistence.{role}")
            problem.line = page.origin((pair or top["persistence"]).key.start)
            yield problem
            continue
        for entry in child_pairs(inside[role]).values():
            keys = child_pairs(entry)
            if missing := find_missing(non_null(keys, keys)):
                hint = f"write {' and '.join(missing)}, unless another values file does"
                yield entry.problem("changed-meaning", f"a bucket without {' and '.join(missing)}", hint)
            elif entry.value.kind == MAPPING and is_empty(keys.get("mountPath")) and not {"store", "<<"} & set(keys):
                hint = f"write mountPath: /{role}/{entry.name}, unless another values file does"
                yield entry.problem("changed-meaning", "mountPath is missing: Polyaxon mounted nothing", hint)
            sub_path = keys.get("subPath")
            if text_of(sub_path) and sub_path:
                message = "Polyaxon mounted the whole volume in runs, here they see this folder alone"
                yield sub_path.problem("changed-meaning", message, "take subPath out to mount the whole volume")


def _find_platform_edits(pair: Pair) -> Iterator[Found]:
    if pair.name not in RUN_DEFAULTS and pair.name not in SERVICES and get_close_matches(pair.name, TODAY, 1, 0.75):
        yield pair.problem("invalid-catalog", f"unknown key {quoted(pair.name)}", suggest(pair.name, TODAY))
        return
    if pair.name in RUN_DEFAULTS:
        yield comment_out(pair, "not-migrated", "no counterpart of that name", RUN_DEFAULTS[pair.name])
    elif pair.name in SERVICES:
        yield comment_out(pair, "not-migrated", "about Polyaxon's own services", NOTHING)
    else:
        hint = "take it out if nothing needs it"
        yield comment_out(pair, "not-migrated", "no key of Polyaxon's chart or of this one", hint)


def _find_role_edits(role: Pair, *, is_layer: bool) -> Iterator[Found]:
    if role.value.kind != MAPPING:
        if role.value.kind == SCALAR or role.value.children:
            yield role.problem("invalid-catalog", "is a mapping of names to volumes", f"{role.name}: {{name: {{…}}}}")
        return
    entries = child_pairs(role)
    single = [entry for entry in entries.values() if entry.name in ENTRY_KEYS and entry.value.kind == SCALAR]
    if not single:
        for entry in entries.values():
            yield from find_entry_edits(entry, role.name, set(entries), is_layer=is_layer)
    elif len(single) == len(entries):
        lacking = _find_lacking(role, entries)
        empty = [entries[key] for key in lacking if key in entries]
        for pair in empty:
            text = lacking[pair.name]
            hint = f"it {MUST_STAY}" if pair.name == "existingClaim" else NOTHING
            problem = pair.problem("changed-meaning", f"is empty: Polyaxon's chart took {quoted(text)}", hint)
            yield expand_flow_first(pair, role.value) or set_scalar(pair, text, problem)
        if not empty:
            yield _wrap(role, entries, lacking)
    else:
        names = ", ".join(name for name in entries if entries[name] not in single)
        hint = f"write {role.name}: {{{role.name}: {{{single[0].name}: …}}}}, beside {names}"
        yield single[0].problem("not-migratable", "is among the names of volumes", hint)


def _find_lacking(role: Pair, entries: dict[str, Pair]) -> dict[str, str]:
    """What the first charts filled in where the one volume did not say it."""
    lacking = {}
    if not text_of(entries.get("mountPath")) and not text_of(entries.get("store")):
        lacking["mountPath"] = f"/{role.name}"
    if not any(text_of(entries.get(key)) for key in ("existingClaim", "hostPath", "store", "name")):
        lacking["existingClaim"] = MADE_CLAIM.format(role=role.name)
    return lacking


def _wrap(role: Pair, entries: dict[str, Pair], lacking: dict[str, str]) -> LineEdit:
    """The one volume of the first charts, under the name that later ones gave it."""
    first = next(iter(entries.values()))
    if room := expand_flow_first(first, role.value):
        return room
    page = role.page
    refuse_shared_anchor(role.value, role)
    column = page.column(role.value.start)
    header = page.row(role.key.end) + 1
    problem = role.problem(
        "changed-meaning",
        f"the one volume is called {quoted(role.name)} now",
        f"runs may ask for it by that name; it is the default {role.name}",
    )
    lines = [page.new(" " * column + f"{role.name}:", role.first)]
    lines += reindent(page.lines[header : role.behind], STEP, column + STEP)
    lines += [page.new(" " * (column + STEP) + f"{key}: {text}", role.first) for key, text in lacking.items()]
    return LineEdit([(header, role.behind, lines)], [problem])


def _find_double_names(inside: dict[str, Pair]) -> Iterator[Problem]:
    data, outputs = (
        {to_dns_label(name): pair for name, pair in child_pairs(inside[role]).items() if pair.value.kind != SCALAR}
        if role in inside
        else {}
        for role in ROLES
    )
    for name in sorted(data.keys() & outputs.keys()):
        hint = "rename one of the two, and ask for it by the new name in the polyaxonfiles"
        yield outputs[name].problem("not-migratable", f"the name {quoted(name)} is under data, too", hint)


def _find_nfs_edits(page: SourceText, nfs: Pair, persistence: Pair | None, inside: dict[str, Pair]) -> Iterator[Found]:
    """The claims that Polyaxon's chart made on a file server of its own."""
    enabled = child_pairs(nfs).get("enabled")
    claims = child_pairs(child_pairs(nfs)["pvc"]) if "pvc" in child_pairs(nfs) else {}
    missing = (
        []
        if enabled is None or not read_bool(read_values(enabled.value))
        else [role for role in ROLES if is_empty(inside.get(role)) and (role in claims or role in inside)]
    )
    if not missing:
        yield comment_out(nfs, "not-migrated", "no file server comes with this chart", NFS)
        return
    role = missing[0]
    claim = child_pairs(claims[role]) if role in claims else {}
    name = text_of(claim.get("name")) or MADE_CLAIM.format(role=role)
    path = to_scalar(text_of(claim.get("mountPath")) or f"/{role}")
    entry = [f"{role}:", f"  mountPath: {path}", f"  existingClaim: {to_scalar(name)}"]
    problem = nfs.problem(
        "changed-meaning",
        f"{role} is the claim {quoted(name)} now",
        f"the claim {MUST_STAY}",
    )
    if persistence is None:
        if room := expand_flow_first(nfs, nfs.within):
            yield room
            return
        lines = [
            page.new(body, nfs.first) for body in ("persistence:", f"  {role}:", *("    " + body for body in entry))
        ]
        yield LineEdit([(nfs.first, nfs.first, lines)], [problem])
    elif role in inside:
        yield expand_flow_first(inside[role], persistence.value) or add_inside(inside[role], entry, problem)
    else:
        spot = next(iter(inside.values()), persistence)
        yield expand_flow_first(spot, spot.within) or add_inside(
            persistence, [f"{role}:", *("  " + body for body in entry)], problem
        )
