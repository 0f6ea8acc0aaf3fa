"""Finds what the one volume without a name had in the first charts of Polyaxon: 0.0.3 to 0.1.0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.migrate.pairs import add_inside, comment_out, expand_flow_first, to_scalar
from post_renderer.migrate.value_layers import UNUSED
from post_renderer.problems import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.merged_values import MergedValues
    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.source_text import LineEdit


def find_unused_edits(
    role: Pair, entries: dict[str, Pair], together: MergedValues, *, is_first: bool
) -> Iterator[LineEdit]:
    """Comment out the keys that had no effect. ``entries``: the keys of the volume.

    ``is_first``: no earlier file has the volume.

    If it has no other key, it gets its path first: without any key, it would be lost.
    """
    unused = [pair for name, pair in entries.items() if name in UNUSED]
    if is_first and unused and len(unused) == len(entries):
        path = f"/{role.name}"
        message = f"mountPath: {quoted(path)} is added, because Polyaxon's chart used it"
        problem = role.problem("changed-meaning", message, "if another values file sets this, remove the line")
        room = expand_flow_first(unused[0], role.value)
        yield room or add_inside(role, [f"mountPath: {to_scalar(path)}"], problem)
        return
    key, source = find_source(role.name, together)
    said = f"the claim {quoted(source)}" if key == "existingClaim" else f"the directory {source} of the node"
    for pair in unused:
        message = "it had no effect for a volume without a name"
        yield comment_out(pair, "not-migrated", message, f"Polyaxon 0.0.3 to 0.1.0 gave runs {said}")


def find_source(role: str, together: MergedValues) -> tuple[str, str]:
    """Return the key and the value of the source that runs had."""
    keys = together.volume(role, role)
    if claim := keys.get("existingClaim") or keys.get("name"):
        return "existingClaim", str(claim)
    return "hostPath", str(keys.get("hostPath", f"/{role}"))
