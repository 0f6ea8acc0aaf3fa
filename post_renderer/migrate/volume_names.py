"""Converts the names of volumes to DNS labels, and keeps the default outputs volume, which depends on the names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from post_renderer.catalog.entry import OUTPUTS, name_error
from post_renderer.migrate.pairs import (
    add_inside,
    alias_error,
    expand_flow_first,
    rename,
    set_scalar,
    text_of,
    to_scalar,
)
from post_renderer.problems import quoted
from post_renderer.yamltree.node import read_bool
from post_renderer.yamltree.plain_scalar import PlainScalar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.source_text import Found, LineEdit


def to_dns_label(name: str) -> str:
    """Convert a name to a DNS label. The same rule applies to catalogs and to the runs that ask for a name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63].rstrip("-")


def new_name(name: str) -> str:
    """Return the name that migrate gives a volume: the same one if it is valid, or if it can't be converted."""
    label = to_dns_label(name)
    return name if not name_error(name) or name_error(label) or _is_boolean(label) else label


def first_by_name(names: Collection[str]) -> str:
    """Return the name that is the default for outputs: the first one in the order of the bytes."""
    return min(names, key=str.encode)


def find_default_edits(persistence: Pair, inside: dict[str, Pair], name: str | None) -> Iterator[LineEdit]:
    """Yield the edit that names the default outputs volume. Raises YamlError.

    ``name``: see ``MergedValues.default_for``.
    """
    own = inside.get("defaultOutputs")
    if name is None or text_of(own) or (own and not name):
        return
    if not own and OUTPUTS not in inside:
        raise alias_error(persistence)
    if name:
        message = f"the default stays {quoted(name)}, which was the first one by name before the names changed"
        hint = "it is defaultOutputs now, for runs that name no outputs volume"
    else:
        message = "defaultOutputs is null now, because no outputs volume is left"
        hint = "it removes the defaultOutputs that an earlier values file gets"
    problem = (inside.get(OUTPUTS) or own or persistence).problem("changed-meaning", message, hint)
    value = to_scalar(name) if name else "null"
    if own:
        yield expand_flow_first(own, persistence.value) or set_scalar(own, value, problem)
        return
    spot = next(iter(inside.values()))
    yield expand_flow_first(spot, persistence.value) or add_inside(persistence, [f"defaultOutputs: {value}"], problem)


def find_name_edits(entry: Pair, *, is_shared: bool) -> Iterator[Found]:
    """``is_shared``: another volume becomes the new name, too."""
    name = new_name(entry.name)
    if name == entry.name:
        return
    if is_shared:
        message = f"its name as a DNS label is {quoted(name)}, but another volume has that name"
        hint = "rename one of the two volumes, and write the new name in the polyaxonfiles"
        yield entry.problem("not-migratable", message, hint)
        return
    hint = f"run migrate on the polyaxonfiles, too, and write {quoted(name)} in programs that read POLYAXON_DATA_PATHS"
    problem = entry.problem("changed-meaning", f"the volume is called {quoted(name)} now", hint)
    yield rename(entry, to_scalar(name), problem)


def _is_boolean(name: str) -> bool:
    return read_bool(PlainScalar(name)) is not None
