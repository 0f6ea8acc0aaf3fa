"""Renders workloads on one claim, and reads the messages."""

from __future__ import annotations

import json
from typing import Any

from tests.support.cli import make_catalog, render

ASK = "environment: {persistence: {data: [disk]}}\n"


def catalog(modes: str, more: str = "") -> str:
    return make_catalog(f"data:\n  disk: {{mountPath: /d, existingClaim: disk, accessModes: [{modes}]{more}}}\n")


def said(*documents: str) -> list[tuple[str, str, str]]:
    """Code, object and message of each problem of a stream."""
    _, problems = render("".join(documents).encode(), [])
    return [(problem.code, problem.subject, problem.message) for problem in problems]


def controller(kind: str, spec: str = "", api_version: str = "apps/v1") -> str:
    return (
        f"---\napiVersion: {api_version}\nkind: {kind}\nmetadata:\n  name: server\n  annotations:\n"
        f"    polyaxon.com/run-folder: server\n    polyaxon.com/polyaxonfile: |\n      {ASK}spec:\n{spec}"
        "  template:\n    spec:\n      containers: [{name: main, image: busybox}]\n"
    )


def custom(api_version: str, kind: str, spec: dict[str, Any], *, containers: str = "", asks: bool = True) -> str:
    """An object of another operator that asks for the claim, or mounts it by a volume of its own."""
    annotations = {"polyaxon.com/polyaxonfile": ASK, **({"polyaxon.com/containers": containers} if containers else {})}
    metadata = {"name": "other", **({"annotations": annotations} if asks else {})}
    found = {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}
    return "---\n" + json.dumps(found, indent=1) + "\n"


def pod(*names: str, **more: Any) -> dict[str, Any]:
    return {"containers": [{"name": name, "image": "busybox"} for name in names], **more}
