"""Releases for `inventory`: manifests as `helm get manifest` prints them, and objects as `kubectl get -o yaml` does."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import yaml

from tests.support.cli import Result, make_catalog, make_job, run

if TYPE_CHECKING:
    from pathlib import Path

Object = dict[str, Any]
KEEP = "polyaxon.com/run-policy: keep\n"
FILES = "volumes: [{name: run-files, configMap: {name: %s}}]\n"


def make_kept(image: str = "busybox", *, name: str = "train", files: str = "") -> str:
    """A Job of the policy keep. Another image is another content. `files`: the name of a ConfigMap that it mounts."""
    return make_job(name=name, annotations=KEEP, pod=FILES % files if files else "").replace("busybox", image)


def make_manifest(*jobs: str, namespace: str = "vision", release: str = "demo", files: str = "") -> list[Object]:
    """The objects of a rendered release. `files`: the name of a kept ConfigMap of the chart."""
    result = run(stdin=make_catalog() + "".join(jobs))
    assert result.exit_code == 0, result.error
    objects: list[Object] = list(yaml.safe_load_all(result.output))
    if files:
        annotations = {"helm.sh/resource-policy": "keep"}
        metadata = {"name": files, "annotations": annotations, "labels": {"polyaxon.com/run": "train"}}
        objects.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    for item in objects:
        item["metadata"].setdefault("labels", {})["app.kubernetes.io/instance"] = release
        if namespace:
            item["metadata"]["namespace"] = namespace
    return objects


def as_live(objects: list[Object], status: str = "Complete") -> list[Object]:
    """The Jobs and ConfigMaps without a catalog, as the API server returns them. `status`: how the Jobs ended."""
    found = []
    for number, item in enumerate(objects):
        if "polyaxon.com/catalog" in item["metadata"].get("labels", {}):
            continue
        live = copy.deepcopy(item)
        where = f"{item['metadata'].get('namespace')}-{item['kind']}-{item['metadata']['name']}-{number}"
        live["metadata"]["uid"] = where
        if item["kind"] == "Job":
            live["status"] = {"conditions": [{"type": status, "status": "True"}]} if status else {"active": 1}
        found.append(live)
    return found


def write(path: Path, objects: list[Object], *, as_list: bool = False) -> str:
    content = [{"apiVersion": "v1", "kind": "List", "items": objects}] if as_list else objects
    path.write_text(yaml.safe_dump_all(content, sort_keys=False))
    return str(path)


def job_name(objects: list[Object], base: str = "train") -> str:
    (name,) = [
        item["metadata"]["name"]
        for item in objects
        if item["kind"] == "Job" and item["metadata"]["name"].startswith(f"{base}-")
    ]
    return str(name)


def read_inventory(*words: str, stdin: str = "") -> Object:
    result = run("inventory", "--output", "json", *words, stdin=stdin)
    assert result.exit_code in (0, 1), result.error
    data: Object = json.loads(result.output)
    return data


def must_run(*words: str, stdin: str = "") -> str:
    result: Result = run("inventory", *words, stdin=stdin)
    assert (result.exit_code, result.error) == (0, "")
    return result.output.decode()
