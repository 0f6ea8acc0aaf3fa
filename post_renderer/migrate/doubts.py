"""Finds what ``migrate`` can't decide: values files that do not say which storage Polyaxon's chart gave runs.

A wrong claim or directory would lose data, so each of these is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from post_renderer.catalog.entry import OUTPUTS
from post_renderer.migrate.made_claims import is_server_on
from post_renderer.migrate.tables import FIRST_SERVER, MADE_CLAIM
from post_renderer.problems import quoted
from post_renderer.yamltree.node import read_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.merged_values import MergedValues
    from post_renderer.migrate.pairs import Pair
    from post_renderer.problems import Problem


def find_doubts(top: dict[str, Pair], inside: dict[str, Pair], together: MergedValues, path: str) -> Iterator[Problem]:
    """Yield the errors of a file. ``inside``: the pairs of ``persistence``. ``together``: see ``find_value_edits``."""
    for doubt in together.find_doubts(path):
        spot = inside.get(doubt.role) or top.get("persistence") or top["nfsProvisioner"]
        problem = spot.problem("not-migratable", doubt.message, doubt.hint)
        problem.about = f"persistence.{doubt.role}"
        yield problem
    values = together.up_to(path)
    if OUTPUTS in inside and values.is_first_single(path, OUTPUTS) and values.has_two_sources():
        claim, directory = MADE_CLAIM.format(role=OUTPUTS), values.lacking[OUTPUTS]["hostPath"]
        message = (
            f"has no source: beside a claim for data, Polyaxon 0.0.81 to 0.1.0 gave runs the claim {quoted(claim)}, "
            f"and earlier versions the directory {directory} of the node"
        )
        entry = f"{{mountPath: {directory}, hostPath: {directory}}}"
        hint = f"write existingClaim: {claim} if that claim exists, else outputs: {{outputs: {entry}}}"
        yield inside[OUTPUTS].problem("not-migratable", message, hint)


def find_first_server(top: dict[str, Pair]) -> Iterator[Problem]:
    """Yield the error for a file server with the key of 0.0.81."""
    pair = top.get(FIRST_SERVER)
    if pair and is_server_on(read_values(pair.value)):
        message = "Polyaxon 0.0.81 made claims with it, as later versions did with nfsProvisioner"
        yield pair.problem("not-migratable", message, "rename this key to nfsProvisioner")
