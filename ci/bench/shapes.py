"""Inputs for `make bench-growth`: streams, catalogs and 0.x files. In each shape, one thing grows with `n`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NAME = "    polyaxon.com/polyaxonfile: |\n      "
CATALOG = (
    "data:\n  data1: {mountPath: /data/1, existingClaim: data, accessModes: [ReadWriteMany]}\n"
    "outputs:\n  outputs1: {mountPath: /outputs/1, existingClaim: outputs}\n"
)


class Case:
    """The input of a command: standard input, and the files that its arguments name."""

    def __init__(self, stdin: str, **files: str) -> None:
        self.stdin = stdin.encode()
        self.files = {name: text.encode() for name, text in {"catalog": CATALOG, **files}.items()}


def indented(text: str, by: int) -> str:
    return "".join(" " * by + line for line in text.splitlines(keepends=True))


def as_list(objects: Iterable[str], kind: str = "v1\nkind: List") -> str:
    """Return one document with all objects, as `kubectl get -o yaml` prints it."""
    items = "".join("- " + indented(text, 2)[2:] for text in objects)
    return f"apiVersion: {kind}\nitems:\n{items}"


def as_documents(objects: Iterable[str]) -> str:
    return "".join(f"---\n# Source: shop/templates/runs.yaml\n{text}" for text in objects)


def pod(containers: str = "- name: main\n  image: python:3.12\n", volumes: str = "") -> str:
    return f"containers:\n{containers}restartPolicy: Never\n" + (f"volumes:\n{volumes}" if volumes else "")


def job(name: str, request: str = "{kind: job}", spec: str = "", extra: str = "", **fields: str) -> str:
    """Return a Job with a request. ``extra``: more annotations. ``fields``: more fields of its metadata."""
    metadata = "".join(f"  {key}: {value}\n" for key, value in fields.items())
    annotations = f"  annotations:\n{NAME}{request}\n" + indented(extra, 4)
    template = indented(spec or pod(), 6)
    return (
        f"apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {name}\n{metadata}{annotations}"
        f"spec:\n  template:\n    spec:\n{template}"
    )


def jobs(count: int, **more: str) -> list[str]:
    return [job(f"train-{number}", **more) for number in range(count)]


def live_jobs(count: int) -> list[str]:
    return [job(f"train-{number}", uid=f"{number:032x}", namespace="default") for number in range(count)]


def owned_pods(count: int) -> list[str]:
    owner = "\n  - {kind: Job, name: train, controller: true}"
    return [
        f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: train-{number}-abcde\n  ownerReferences:{owner}\n"
        f"  annotations:\n{NAME}{{kind: job}}\nspec:\n{indented(pod(), 2)}"
        for number in range(count)
    ]


def entries(count: int, fields: str = "{{mountPath: /data/d{0}, existingClaim: claim-{0}}}", more: str = "") -> str:
    lines = "".join(f"  d{number}: {fields.format(number)}\n" for number in range(count))
    return f"{CATALOG.replace('data:', 'data:' + chr(10) + lines.rstrip(), 1)}{more}"


def numbered(text: str, count: int) -> str:
    return "".join(text.format(number) for number in range(count))


def one_job(part: str, text: str) -> Callable[[int], Case]:
    """Return a shape with one Job. ``text`` is repeated in the given part of the Job, with its number for ``{}``."""

    def make(count: int) -> Case:
        lines = numbered(text, count)
        if part == "annotations":
            return Case(job("train", extra=lines))
        if part == "containers":
            return Case(job("train", spec=pod(lines)))
        if part == "volumes":
            return Case(job("train", spec=pod(volumes=lines)))
        return Case(job("train", spec=pod(f"- name: main\n  {part}:\n{lines}")))

    return make


def unknown_names(count: int) -> Case:
    """Return `count` runs and `count` entries. Each run asks for another unknown name."""
    runs = [job(f"train-{number}", f"environment: {{persistence: {{data: [e{number}]}}}}") for number in range(count)]
    return Case(as_documents(runs), catalog=entries(count, more="defaultData: []\n"))


def names_in_one_request(count: int) -> Case:
    """Return a run that asks for unknown names, one on each line. The limit of a polyaxonfile allows 4,000."""
    names = numbered("          - e{}\n", min(count, 4000))
    request = f"environment:\n        persistence:\n          data:\n{names.rstrip()}"
    return Case(job("train", request), catalog=entries(count, more="defaultData: []\n"))


def named_containers(count: int) -> Case:
    names = ",".join(f"c{number}" for number in range(count))
    spec = pod(numbered("- name: c{}\n  image: python\n", count))
    return Case(job("train", spec=spec, extra=f"polyaxon.com/containers: {names}\n"))


def unknown_containers(count: int) -> Case:
    names = ",".join(f"x{number}" for number in range(count))
    spec = pod(numbered("- name: c{}\n  image: python\n", count))
    return Case(job("train", spec=spec, extra=f"polyaxon.com/containers: {names}\n"))


def references(count: int) -> Case:
    """Return runs of which every second one refers to the run before it."""
    request = "environment: {{outputs: {{jobs: [train-{}]}}}}"
    runs = [job(f"train-{n}", request.format(n - 1) if n % 2 else "{kind: job}") for n in range(count)]
    return Case(as_list(runs))


def references_to_one_name(count: int) -> Case:
    """Return runs of one name in different namespaces, and in each namespace a run that refers to the run there."""
    request = "environment: {outputs: {jobs: [train]}}"
    runs = [job("train", namespace=f"ns-{n}") for n in range(count // 2)]
    runs += [job(f"eval-{n}", request, namespace=f"ns-{n}") for n in range(count // 2)]
    return Case(as_documents(runs))


def ambiguous_references(count: int) -> Case:
    request = "environment: {outputs: {jobs: [train]}}"
    runs = [job("train", namespace=f"ns-{n}") for n in range(count // 2)]
    runs += [job(f"eval-{n}", request) for n in range(count // 2)]
    return Case(as_documents(runs))


def claims(count: int) -> Case:
    """Return claims that two pods mount. The second pods are in the opposite order."""
    fields = "{{mountPath: /data/d{0}, existingClaim: claim-{0}, accessModes: [ReadWriteOnce]}}"
    request = "environment: {{persistence: {{data: [d{}]}}}}"
    runs = [job(f"train-{n}", request.format(n)) for n in range(count // 2)]
    volume = "- name: own\n  persistentVolumeClaim: {{claimName: claim-{}}}\n"
    others = [
        job(f"other-{n}", spec=pod(volumes=volume.format(n))).replace("polyaxon.com/polyaxonfile", "example.com/note")
        for n in reversed(range(count // 2))
    ]
    return Case(as_documents(runs + others), catalog=entries(count // 2, fields))


def one_claim(count: int) -> Case:
    """Return a pod with many own volumes on one claim of the catalog."""
    volumes = numbered("- name: v{}\n  persistentVolumeClaim: {{claimName: data}}\n", count)
    return Case(job("train", spec=pod(volumes=volumes)))


def entries_on_one_claim(count: int) -> Case:
    fields = "{{mountPath: /d{0}, existingClaim: claim, readOnly: true}}"
    return Case(job("train"), catalog=entries(min(count, 4000), fields))


def entries_and_volumes(count: int) -> Case:
    """Return a run with many own volumes and many entries. The limit of a variable's length allows 4,000 entries."""
    volumes = numbered("- name: v{0}\n  persistentVolumeClaim: {{claimName: claim-{0}}}\n", count)
    return Case(
        job("train", spec=pod(volumes=volumes)),
        catalog=entries(min(count, 4000), "{{mountPath: /d{0}, existingClaim: claim-{0}, readOnly: true}}"),
    )


def buckets(count: int) -> Case:
    fields = "{{store: s3, bucket: s3://d{0}, secret: s, secretKey: KEY_{0}}}"
    own = numbered("  - name: KEY_{0}\n    valueFrom: {{secretKeyRef: {{name: s, key: KEY_{0}}}}}\n", min(count, 1200))
    spec = pod(f"- name: main\n  env:\n{own}")
    return Case(job("train", spec=spec), catalog=entries(min(count, 1200), fields))


def releases(count: int) -> Case:
    """Return releases that each have a catalog and a run."""
    head = "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c{0}\n  labels:\n    polyaxon.com/catalog: v1\n"
    head += "    app.kubernetes.io/instance: r{0}\ndata:\n  persistence.yaml: |\n"
    text = head + indented(CATALOG, 4).replace("{", "{{").replace("}", "}}")
    runs = [job(f"t{n}", labels=f"{{app.kubernetes.io/instance: r{n}}}") for n in range(count)]
    return Case(numbered(text, count) + as_documents(runs))


def ambiguous_releases(count: int) -> Case:
    case = releases(count)
    case.stdin += as_documents(job(f"u{n}") for n in range(count)).encode()
    return case


def outputs(count: int) -> Case:
    """Return `count` outputs entries and `count` runs."""
    lines = numbered("  o{0}: {{mountPath: /o/{0}, existingClaim: claim-o-{0}}}\n", count)
    return Case(as_documents(jobs(count)), catalog=f"{CATALOG}{lines}")


def read_only_outputs(count: int) -> Case:
    lines = numbered("  o{0}: {{mountPath: /o/{0}, existingClaim: claim-o-{0}}}\n", count)
    request = "environment: {persistence: {outputs: ro}}"
    more = "  ro: {mountPath: /ro, existingClaim: ro, readOnly: true}\n"
    return Case(as_documents(jobs(count, request=request)), catalog=f"{CATALOG}{lines}{more}")


def against(new: str, old: str) -> Case:
    return Case(new, against=old)


def json_line(count: int) -> Case:
    """Return a List of Jobs as JSON on one line."""
    item = (
        '{{"apiVersion": "batch/v1", "kind": "Job", "metadata": {{"name": "train-{0}", "annotations": '
        '{{"polyaxon.com/polyaxonfile": "{{kind: job}}"}}}}, "spec": {{"template": {{"spec": {{"containers": '
        '[{{"name": "main", "image": "python"}}], "restartPolicy": "Never"}}}}}}}}'
    )
    text = ", ".join(item.format(number) for number in range(count))
    return Case(f'{{"apiVersion": "v1", "kind": "List", "items": [{text}]}}\n')


def anchored_line(count: int) -> Case:
    item = (
        "&a{0} {{apiVersion: batch/v1, kind: Job, metadata: &b{0} {{name: train-{0}, annotations: "
        "{{polyaxon.com/polyaxonfile: '{{kind: job}}'}}}}, spec: &c{0} {{template: {{spec: {{containers: "
        "[{{name: main, image: python}}], restartPolicy: Never}}}}}}}}"
    )
    text = ", ".join(item.format(number) for number in range(count))
    return Case(f"{{apiVersion: v1, kind: List, items: [{text}]}}\n")


def unreadable(count: int) -> Case:
    """Return a document that is not valid YAML and contains an annotation on each line."""
    return Case("a: [\n" + "# polyaxon.com/polyaxonfile\n" * count)


def krm(objects: list[str]) -> Case:
    return Case(as_list(objects, "config.kubernetes.io/v1\nkind: ResourceList"))


def entry_with_errors(count: int) -> Case:
    """Return an entry with `count` unknown keys, and `count` runs that use this entry."""
    keys = ", ".join(f"k{number}: x" for number in range(count))
    return Case(as_documents(jobs(count)), catalog=CATALOG.replace("data,", f"data, {keys},"))


def ray_cluster(count: int) -> Case:
    """Return an object with many pod templates. Only the first one has a request."""
    spec = "      spec:\n        containers:\n        - name: main\n          image: ray\n"
    metadata = "    template:\n      metadata:\n        annotations: "
    head = f"  headGroupSpec:\n{metadata}{{polyaxon.com/polyaxonfile: '{{}}'}}\n{spec}  workerGroupSpecs:\n"
    group = "  - groupName: g{0}\n" + metadata + "{{polyaxon.com/project: p}}\n" + spec
    start = "apiVersion: ray.io/v1\nkind: RayCluster\nmetadata:\n  name: ray\nspec:\n"
    return Case(start + head + numbered(group, count))


def replica_specs(count: int) -> Case:
    group = "    r{0}:\n      template:\n        spec:\n          containers:\n          - name: pytorch\n            image: x\n"
    return Case(
        f"apiVersion: kubeflow.org/v1\nkind: PyTorchJob\nmetadata:\n  name: py\n  annotations:\n{NAME}{{}}\nspec:\n  pytorchReplicaSpecs:\n"
        + numbered(group, count)
    )


def workflow(count: int) -> Case:
    group = "  - name: t{0}\n    container:\n      image: x\n"
    return Case(
        f"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata:\n  name: wf\n  annotations:\n{NAME}{{}}\nspec:\n  templates:\n"
        + numbered(group, count)
    )


def kinds_catalog(count: int, *, wrong: bool = False) -> Case:
    kind = "- {{group: example.com, kind: Train{0}, podSpecs: [spec.template.spec]"
    lines = numbered(kind + (", podSpec: 1" if wrong else "") + "}}\n", count)
    return Case("", catalog=f"{CATALOG}workloads:\n{lines}")


def invalid_entries(count: int) -> Case:
    return Case(job("train"), catalog=entries(count, "{{mountPath: relative/{0}, existingClaim: c}}"))


def default_data(count: int, name: str) -> Case:
    names = ", ".join(name.format(number) for number in range(count))
    return Case(job("train"), catalog=entries(count, more=f"defaultData: [{names}]\n"))


def old_values(count: int) -> Case:
    lines = numbered(
        "    data_{0}:  # comment {0}\n      mountPath: /data/{0}/\n      store: s3\n      bucket: x{0}\n      subPath: y\n",
        count,
    )
    return Case("", values=f"persistence:\n  data:\n{lines}")


def old_file(count: int) -> Case:
    lines = numbered("  - key{0}  # c{0}\n", count)
    return Case("", values=f"version: 1\nkind: experiment\nbuild:\n  image: x\n  build_steps:\n{lines}run:\n  cmd: x\n")


STREAM = ("render", "explain", "verify", "inventory", "check", "flux-patches")
UNKNOWN = "environment: {persistence: {data: [unknown]}}"
IGNORED = "{kind: tensorboard, environment: {persistence: {data: [data1]}}}"
SHAPES: dict[str, tuple[Callable[[int], Case], tuple[str, ...]]] = {
    "documents": (lambda n: Case(as_documents(jobs(n))), STREAM),
    "documents, an error each": (lambda n: Case(as_documents(jobs(n, request=UNKNOWN))), STREAM),
    "documents, a warning each": (lambda n: Case(as_documents(jobs(n, request=IGNORED))), STREAM),
    "one List": (lambda n: Case(as_list(jobs(n))), STREAM),
    "one List of live Jobs": (lambda n: Case(as_list(live_jobs(n))), STREAM),
    "one List with owned pods": (lambda n: Case(as_list(live_jobs(n // 2) + owned_pods(n // 2))), STREAM),
    "one List, an error each": (lambda n: Case(as_list(jobs(n, request=UNKNOWN))), STREAM),
    "one List, a warning each": (lambda n: Case(as_list(jobs(n, request=IGNORED))), STREAM),
    "one List of kept Jobs": (lambda n: Case(as_list(jobs(n, extra="polyaxon.com/run-policy: keep\n"))), STREAM),
    "JSON on one line": (json_line, STREAM),
    "anchors on one line": (anchored_line, STREAM),
    "unreadable": (unreadable, STREAM),
    "containers": (one_job("containers", "- name: c{}\n  image: python\n"), STREAM),
    "containers by name": (named_containers, STREAM),
    "unknown containers": (unknown_containers, STREAM),
    "volumes": (one_job("volumes", "- name: v{}\n  emptyDir: {{}}\n"), STREAM),
    "volumes on one claim": (one_claim, STREAM),
    "variables": (one_job("env", "  - name: V{0}\n    value: x\n"), STREAM),
    "mounts": (one_job("volumeMounts", "  - name: v\n    mountPath: /data/1/{0}\n"), STREAM),
    "annotations": (one_job("annotations", "example.com/a{}: x\n"), STREAM),
    "unknown annotations": (one_job("annotations", "polyaxon.com/a{}: x\n"), STREAM),
    "stray annotations": (
        lambda n: Case(
            job("train", spec=pod() + "other:\n" + numbered("- annotations: {{polyaxon.com/user: u{0}}}\n", n))
        ),
        STREAM,
    ),
    "pod templates, a request each": (ray_cluster, STREAM),
    "pod templates by name": (replica_specs, STREAM),
    "templates of a Workflow": (workflow, STREAM),
    "entries": (lambda n: Case(job("train"), catalog=entries(n, more="defaultData: [data1]\n")), STREAM),
    "invalid entries": (invalid_entries, STREAM),
    "an entry with errors": (entry_with_errors, STREAM),
    "entries on one claim": (entries_on_one_claim, STREAM),
    "entries and volumes": (entries_and_volumes, STREAM),
    "buckets": (buckets, STREAM),
    "default data": (lambda n: default_data(min(n, 4000), "d{}"), STREAM),
    "unknown default data": (lambda n: default_data(n, "e{}"), STREAM),
    "outputs and runs": (outputs, STREAM),
    "read-only outputs": (read_only_outputs, STREAM),
    "unknown names": (unknown_names, STREAM),
    "unknown names in one request": (names_in_one_request, STREAM),
    "references": (references, STREAM),
    "references to one name": (references_to_one_name, STREAM),
    "ambiguous references": (ambiguous_references, STREAM),
    "claims": (claims, STREAM),
    "releases": (releases, STREAM),
    "ambiguous releases": (ambiguous_releases, STREAM),
    "against a release": (lambda n: against(as_documents(jobs(n)), as_documents(jobs(n))), ("check --against",)),
    "against nothing alike": (
        lambda n: against(as_documents(jobs(n)), as_documents(job(f"old-{x}") for x in range(n))),
        ("check --against",),
    ),
    "against a live List": (lambda n: against(as_documents(jobs(n)), as_list(live_jobs(n))), ("check --against",)),
    "ResourceList": (lambda n: krm(jobs(n)), ("krm",)),
    "ResourceList, an error each": (lambda n: krm(jobs(n, request=UNKNOWN)), ("krm",)),
    "ResourceList, a warning each": (lambda n: krm(jobs(n, request=IGNORED)), ("krm",)),
    # Larger files than these are over the limit of 1 MiB.
    "kinds of a catalog": (lambda n: kinds_catalog(n // 2), ("kinds",)),
    "invalid kinds of a catalog": (lambda n: kinds_catalog(n // 2, wrong=True), ("kinds",)),
    "values of 0.x": (lambda n: old_values(n // 4), ("migrate",)),
    "polyaxonfile of 0.x": (old_file, ("migrate",)),
}
