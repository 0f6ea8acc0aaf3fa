"""Installs the first run and the documented example, and prints what each pod printed.

Uses the cluster of KUBECONFIG, else the node of `make cluster`. The cluster must have no namespace polyaxon-demo. At
the end, everything is removed except empty directories on a node.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ci.cluster import images, namespace
from ci.cluster.paths import CONTAINERD_SOCKET, KUBECONFIG, find_kubectl
from ci.demo import environment, find_helm, output_of, prepare_plugin

SPACE = "polyaxon-demo"
EXAMPLES = {"first": "values-examples/first-run.yaml", "documented": "values-examples/documented.yaml"}
EXAMPLE_IMAGE = "docker.io/library/python:3.12-slim"
CLAIMS = ("data-2-pvc", "data-foo-pvc", "outputs-2-pvc", "outputs-foo-pvc")


def lend_image() -> None:
    """Give the Python image of the node of `make cluster` the name in the examples. That node has no registry."""
    process = namespace.running()
    if process is not None and os.environ["KUBECONFIG"] == str(KUBECONFIG):
        ctr = ["ctr", "--address", CONTAINERD_SOCKET, "--namespace", "k8s.io", "images", "tag", "--force"]
        images.run(*namespace.enter(process, *ctr, images.PYTHON_IMAGE, EXAMPLE_IMAGE))


def make_claims() -> str:
    """Return the claims of the documented example as JSON, each on a volume in a directory of the node."""
    items: list[dict[str, object]] = []
    for name in CLAIMS:
        spec = {"accessModes": ["ReadWriteMany"], "storageClassName": f"{SPACE}-{name}"}
        folder = {"path": f"/{SPACE}/{name}", "type": "DirectoryOrCreate"}
        volume = {**spec, "capacity": {"storage": "1Gi"}, "hostPath": folder}
        labels = {"app": SPACE}
        claim = {**spec, "resources": {"requests": {"storage": "1Gi"}}}
        items += [
            {
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": {"name": f"{SPACE}-{name}", "labels": labels},
                "spec": volume,
            },
            {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": claim},
        ]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})


def show_example(helm: str, kubectl: list[str], release: str, values: str, env: dict[str, str]) -> None:
    command = ["upgrade", "--install", release, "chart", "-f", values, "--post-renderer", "polyaxon-persistence"]
    print(f"\n$ helm {' '.join(command)}", flush=True)
    output_of([helm, *command, "--namespace", SPACE], env)
    chosen = f"--selector=app.kubernetes.io/instance={release}"
    output_of([*kubectl, "wait", "jobs", chosen, "--for=condition=Complete", "--timeout=120s"], env)
    jobs = json.loads(output_of([*kubectl, "get", "jobs", chosen, "-o", "json"], env))["items"]
    for job in jobs:
        name = job["metadata"]["name"]
        print(f"\n  {name} printed:")
        for line in output_of([*kubectl, "logs", f"job/{name}"], env).splitlines():
            print(f"    {line}")


def main() -> None:
    os.environ.setdefault("KUBECONFIG", str(KUBECONFIG))
    helm, program = find_helm(), find_kubectl()
    if program is None:
        sys.exit("demo-cluster: no kubectl on PATH: run `make cluster`, which builds one")
    kubectl = [program, "--namespace", SPACE]
    with tempfile.TemporaryDirectory() as folder:
        env = environment(Path(folder))
        print(f"Helm {prepare_plugin(helm, env)}, {output_of([*kubectl, 'version'], env).splitlines()[-1]}")
        lend_image()
        output_of([*kubectl, "create", "namespace", SPACE], env)
        try:
            output_of([*kubectl, "apply", "-f", "-"], env, make_claims())
            for release, values in EXAMPLES.items():
                show_example(helm, kubectl, release, values, env)
        finally:
            for what in (["namespace", SPACE], ["persistentvolumes", f"--selector=app={SPACE}"]):
                subprocess.run([program, "delete", *what], env=env, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
