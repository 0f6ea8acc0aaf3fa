"""Makes streams of the manifests in objects.py. The same seed makes the same streams."""

from __future__ import annotations

import random

from ci.bench.objects import bystander, indented, workload

SEED = 20_261_124
HELD_OUT = 20_261_130  # the seed of streams that nobody profiled: another order of kinds, names and shapes
TO_ASCII = str.maketrans({"ü": "u", "–": "-"})


def catalog(entries: int = 5) -> str:
    """Return a catalog of two outputs entries; the other entries are data."""
    lines = ["data:"]
    names = ["data-foo", "data1", "data2", *(f"data-{number}" for number in range(3, entries - 1))]
    for number, name in enumerate(names[: entries - 2]):
        lines += [f"  {name}:", f"    mountPath: /data/{name}"]
        lines.append(f"    hostPath: /mnt/{name}" if number % 2 else f"    existingClaim: {name}-pvc")
        lines += ["    readOnly: true"] if number % 3 == 1 else []
    # No run must get thousands of volumes by default.
    lines += ["defaultData: [data1, data2]"] if entries > 5 else []
    lines += [
        "outputs:",
        "  outputs-foo:",
        "    mountPath: /outputs/foo",
        "    hostPath: /storage/outputs",
        "  outputs2:",
    ]
    lines += ["    mountPath: /outputs/2", "    existingClaim: outputs2-pvc"]
    return "".join(f"{line}\n" for line in lines)


def catalog_object(entries: int = 5) -> str:
    """Return the chart's ConfigMap with a catalog."""
    return (
        "---\n# Source: demo/templates/persistence.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n"
        "  name: demo-persistence\n  labels:\n    app.kubernetes.io/instance: demo\n    polyaxon.com/catalog: v1\n"
        f"data:\n  persistence.yaml: |\n{indented(catalog(entries), 4)}"
    )


def make_a(entries: int = 5) -> str:
    """Return a small chart: 23 documents with about 40 KB, 5 of them with a request."""
    return catalog_object(entries) + small_chart(SEED)


def small_chart(seed: int) -> str:
    """Return the documents of a small chart that has no catalog."""
    chance = random.Random(seed)
    asking = [workload(number, chance, asks=True) for number in range(5)]
    others = [bystander(number, chance) for number in range(15)] + [
        workload(number, chance, asks=False) for number in (5, 6)
    ]
    return "".join(others[:10]) + "".join(asking) + "".join(others[10:])


def make_b(count: int = 1000) -> str:
    """Return workloads that all have a request; a thousand of them are 3 MB."""
    chance = random.Random(SEED)
    return catalog_object() + "".join(workload(number, chance, asks=True) for number in range(count))


def make_b_ascii() -> str:
    """Return b with an ASCII character in the place of each other one. Python stores such a text in fewer bytes."""
    return make_b().translate(TO_ASCII)


def make_large(asking: int, size: int = 10_000_000, seed: int = SEED) -> str:
    """Return 10 MB of definitions, dashboards and rules, and between them some workloads with a request."""
    chance = random.Random(seed)
    pieces = [catalog_object()] if asking else []
    length = number = 0
    while length < size:
        pieces.append(bystander(number, chance, large=True))
        length += len(pieces[-1])
        number += 1
        if number % 2 == 0 and number // 2 <= asking:
            pieces.append(workload(number, chance, asks=True))
    return "".join(pieces)


def values_of_runs(count: int = 200) -> str:
    """Return values of the project's chart for stream j, whose Jobs are named by their content."""
    runs = "".join(
        f"  train-{number}:\n    polyaxonfile:\n      kind: experiment\n      environment:\n        persistence:\n"
        f"          data: [data1, data-foo]\n      run:\n        cmd: python train.py --rate={number / 1000}\n"
        for number in range(count)
    )
    return (
        "persistence:\n  data:\n    data1: {mountPath: /data/1, existingClaim: data-1}\n"
        "    data-foo: {mountPath: /data/foo, hostPath: /mnt/foo, readOnly: true}\n"
        "  outputs:\n    outputs-foo: {mountPath: /outputs/foo, existingClaim: outputs}\n"
        f"runDefaults:\n  image: python:3.12-slim\nruns:\n{runs}"
    )
