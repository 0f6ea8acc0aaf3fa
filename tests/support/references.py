"""Renders runs that refer to each other, and reads their mounts and variables."""

from __future__ import annotations

import json
from typing import Any

import yaml

from tests.support.cli import DOCUMENTED, make_catalog, run
from tests.support.messages import heads

KEEP = "polyaxon.com/run-policy: keep\n"


NAMESPACE = "$(POLYAXON_K8S_NAMESPACE)"


def refer(kind: str = "job", persistence: str = "{}", **names: list[str]) -> str:
    groups = ", ".join(f"{group}: {json.dumps(texts)}" for group, texts in names.items())
    return f"kind: {kind}\nenvironment: {{persistence: {persistence}, outputs: {{{groups}}}}}\n"


def render(*documents: str, catalog: str = DOCUMENTED) -> list[dict[str, Any]]:
    """The objects of a rendered stream, the catalog's left out."""
    result = run(stdin=make_catalog(catalog) + "".join(documents))
    assert result.exit_code == 0, result.error
    return [found for found in yaml.safe_load_all(result.output) if found["kind"] != "ConfigMap"]


def refuse(*documents: str, catalog: str = DOCUMENTED) -> list[str]:
    """What is said about a stream that is refused, places and hints left out."""
    result = run(stdin=make_catalog(catalog) + "".join(documents))
    assert (result.exit_code, result.output) == (1, b"")
    return heads(result.error)


def mounts_of(workload: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """The mounts of references: path to volume and folder; each is read-only, on the mount alone."""
    pod = workload["spec"]["template"]["spec"]
    found = [mount for mount in pod["containers"][0]["volumeMounts"] if mount["mountPath"].startswith("/polyaxon/refs")]
    assert all(mount.keys() == {"name", "mountPath", "readOnly", "subPathExpr"} for mount in found)
    assert all(mount["readOnly"] is True for mount in found)
    return {mount["mountPath"]: (mount["name"], mount["subPathExpr"]) for mount in found}


def variables_of(workload: dict[str, Any]) -> dict[str, str]:
    container = workload["spec"]["template"]["spec"]["containers"][0]
    return {variable["name"]: variable.get("value", "") for variable in container["env"]}


def paths_of(workload: dict[str, Any]) -> Any:
    return json.loads(variables_of(workload)["POLYAXON_REFS_OUTPUTS_PATHS"])


TARGET = "polyaxon.com/project: vision\npolyaxon.com/user: ann\n"


def in_release(document: str, name: str, label: str) -> str:
    labels = f"app.kubernetes.io/instance: {name}, polyaxon.com/run: {label}"
    return document.replace("  annotations:", f"  labels: {{{labels}}}\n  annotations:")
