"""accessModes: how the catalog says them, and what in a stream does not go with them."""

from __future__ import annotations

from textwrap import indent
from typing import Any

import pytest

from post_renderer.catalog.entry import DATA
from tests.support.catalog import read
from tests.support.claims import ASK, catalog, controller, custom, pod, said
from tests.support.cli import make_job, render, run
from tests.support.messages import heads


@pytest.mark.parametrize("source", ["existingClaim: c", "volumeSource: {persistentVolumeClaim: {claimName: c}}"])
def test_modes_are_a_claims(source: str) -> None:
    entry, problems = read(f"{{mountPath: /d, {source}, accessModes: [ReadWriteOnce, ReadOnlyMany]}}")
    assert problems == []
    assert entry.access_modes == ["ReadWriteOnce", "ReadOnlyMany"]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "{mountPath: /d, hostPath: /d, accessModes: [ReadWriteOnce]}",
            "accessModes are for claims only",
            "remove accessModes",
        ),
        (
            "{mountPath: /d, existingClaim: c, accessModes: ReadWriteOnce}",
            "must be a list",
            "accessModes: [ReadWriteOnce]",
        ),
        ("{mountPath: /d, existingClaim: c, accessModes: []}", "must be a list", "accessModes: [ReadWriteOnce]"),
        (
            "{mountPath: /d, existingClaim: c, accessModes: [ReadWriteone]}",
            'mode "ReadWriteone"',
            'mean "ReadWriteOnce"?',
        ),
        ("{mountPath: /d, existingClaim: c, accessModes: [{}]}", 'mode ""', "Known: ReadOnlyMany"),
    ],
)
def test_what_is_wrong_is_reported_once_with_a_remedy(text: str, message: str, hint: str) -> None:
    problems = read(text, DATA)[1]
    assert len(problems) == 1
    assert message in problems[0][0]
    assert hint in problems[0][1]


def test_a_claim_of_one_node_under_two_workloads_is_a_warning() -> None:
    stream = (
        catalog("ReadWriteOnce"),
        make_job(ASK, name="one"),
        make_job(ASK, name="two"),
        make_job(ASK, name="three"),
    )
    message = "the claim disk is ReadWriteOnce, but Job/one mounts it too"
    assert said(*stream) == [("claim-in-use", "Job/two", message), ("claim-in-use", "Job/three", message)]
    done = run(stdin="".join(stream))
    assert done.exit_code == 0
    assert heads(done.error)[0].startswith("warning[claim-in-use] Job/two (chart/templates/runs.yaml): ")
    strict = run("--strict", stdin="".join(stream))
    assert (strict.exit_code, strict.output) == (1, b"")
    assert heads(strict.error)[0].startswith("error[claim-in-use] Job/two")


@pytest.mark.parametrize(
    ("modes", "more", "warned"),
    [
        ("ReadWriteOnce", "", True),
        ("ReadWriteOnce", ", readOnly: true", True),  # one node holds it, for reading too
        ("ReadWriteOncePod", "", True),
        ("ReadWriteOnce, ReadOnlyMany", "", True),
        ("ReadWriteOnce, ReadOnlyMany", ", readOnly: true", False),
        ("ReadOnlyMany", ", readOnly: true", False),
        ("ReadWriteMany", "", False),
        ("ReadWriteOnce, ReadWriteMany", "", False),
    ],
)
def test_who_may_share_a_claim(modes: str, more: str, warned: bool) -> None:
    found = said(catalog(modes, more), make_job(ASK, name="one"), make_job(ASK, name="two"))
    assert [code for code, _, _ in found] == ["claim-in-use"] * warned


@pytest.mark.parametrize(
    ("document", "warned"),
    [
        (make_job(ASK), False),
        (make_job(ASK, spec="parallelism: 1\n"), False),
        (make_job(ASK, spec="parallelism: 2\n"), True),
        (make_job(ASK, spec="parallelism: 4\ncompletions: 2\ncompletionMode: Indexed\n"), True),
        (make_job(ASK, spec="parallelism: 4\nsuspend: true\n"), False),
        (make_job(ASK, spec="parallelism: 4\nsuspend: false\n"), True),
        (controller("Deployment"), False),
        (controller("Deployment", "  replicas: 1\n"), False),
        (controller("Deployment", "  replicas: 3\n"), True),
        (controller("StatefulSet", "  replicas: 2\n"), True),
        (controller("DaemonSet"), True),
    ],
)
def test_parallel_pods_of_one_workload(document: str, warned: bool) -> None:
    message = "the claim disk is ReadWriteOnce, but several pods of this object mount it"
    assert [said for code, _, said in said(catalog("ReadWriteOnce"), document)] == [message] * warned


def test_a_cron_jobs_own_parallelism_counts() -> None:
    job = make_job(ASK, spec="parallelism: 2\n").partition("spec:\n")
    inner = "".join(f"    {line}\n" for line in job[2].splitlines())
    cron = (
        job[0].replace("kind: Job", "kind: CronJob")
        + "spec:\n  schedule: '@daily'\n  jobTemplate:\n    spec:\n"
        + inner
    )
    assert [code for code, _, _ in said(catalog("ReadWriteOnce"), cron)] == ["claim-in-use"]


def test_a_bare_pod_is_one() -> None:
    pod = (
        "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: NAME\n  annotations:\n    polyaxon.com/polyaxonfile: |\n"
        f"      {ASK}spec:\n  containers: [{{name: main, image: busybox}}]\n"
    )
    assert said(catalog("ReadWriteOnce"), pod.replace("NAME", "one")) == []
    assert len(said(catalog("ReadWriteOnce"), pod.replace("NAME", "one"), pod.replace("NAME", "two"))) == 1


def test_the_same_object_twice_is_one() -> None:
    assert said(catalog("ReadWriteOnce"), make_job(ASK), make_job(ASK)) == []


def test_a_suspended_run_waits_anyway() -> None:
    waiting = make_job(ASK, name="waiting", spec="suspend: true\n")
    assert said(catalog("ReadWriteOnce"), waiting, make_job(ASK)) == []


def test_claims_of_one_name_in_two_namespaces_are_two() -> None:
    jobs = [make_job(ASK).replace("  name: train\n", f"  name: train\n  namespace: {name}\n") for name in ("a", "b")]
    assert said(catalog("ReadWriteOnce"), *jobs) == []


def test_an_entry_that_says_nothing_shares_the_claim_of_one_that_does() -> None:
    more = "      other: {mountPath: /o, existingClaim: disk}\n      third: {mountPath: /t, existingClaim: third}\n"
    first = make_job("environment: {persistence: {data: [other]}}\n", name="first")
    third = make_job("environment: {persistence: {data: [third]}}\n", name="third")
    found = said(catalog("ReadWriteOnce") + more, first, make_job(ASK), third)
    assert found == [("claim-in-use", "Job/train", "the claim disk is ReadWriteOnce, but Job/first mounts it too")]


def test_a_claim_that_nobody_can_write_to_is_mounted_read_only() -> None:
    message = 'the claim disk is ReadOnlyMany, but the volume "disk" is writable'
    assert said(catalog("ReadOnlyMany"), make_job(ASK)) == [("read-only-claim", "Job/train", message)]
    assert said(catalog("ReadOnlyMany", ", readOnly: true"), make_job(ASK)) == []
    assert said(catalog("ReadOnlyMany, ReadWriteOnce"), make_job(ASK)) == []


OTHER = """\
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: board
spec:
  replicas: {replicas}
  template:
    spec:
      containers: [{{name: main, image: busybox}}]
      volumes:
      - name: scratch
        emptyDir: {{}}
      - name: results
        persistentVolumeClaim: {{claimName: {claim}}}
"""


@pytest.mark.parametrize(
    ("replicas", "claim", "warned"), [(1, "disk", True), (2, "disk", True), (0, "disk", False), (1, "disk-2", False)]
)
def test_a_workload_that_asks_for_nothing_may_have_the_claim_too(replicas: int, claim: str, warned: bool) -> None:
    found = said(OTHER.format(replicas=replicas, claim=claim), catalog("ReadWriteOnce"), make_job(ASK))
    message = "the claim disk is ReadWriteOnce, but Job/train mounts it too"
    assert found == [("claim-in-use", "Deployment/board", message)] * warned


def test_a_workload_that_asks_for_nothing_may_mount_a_read_only_claim_writable() -> None:
    stream = (catalog("ReadOnlyMany", ", readOnly: true"), make_job(ASK), OTHER.format(replicas=1, claim="disk"))
    message = 'the claim disk is ReadOnlyMany, but the volume "results" is writable'
    assert said(*stream) == [("read-only-claim", "Deployment/board", message)]
    read_only = OTHER.replace("{{claimName: {claim}}}", "{{claimName: {claim}, readOnly: true}}")
    assert said(*stream[:2], read_only.format(replicas=1, claim="disk")) == []


@pytest.mark.parametrize(
    ("api_version", "kind", "at"),
    [("batch.volcano.sh/v1alpha1", "Job", ""), ("batch.volcano.sh/v1alpha1", "CronJob", "jobTemplate")],
)
def test_a_claim_that_an_operator_mounts_in_all_pods_is_in_use(api_version: str, kind: str, at: str) -> None:
    volumes = [{"mountPath": "/v", "volumeClaimName": "disk"}, {"mountPath": "/w", "volumeClaim": {}}]
    spec: dict[str, Any] = {"volumes": volumes, "tasks": [{"name": "a", "template": {"spec": pod("main")}}]}
    other = custom(api_version, kind, {at: {"spec": spec}} if at else spec, asks=False)
    message = "the claim disk is ReadWriteOnce, but Job/train mounts it too"
    assert said(catalog("ReadWriteOnce"), make_job(ASK), other) == [("claim-in-use", f"{kind}/other", message)]
    done = run(stdin="".join((catalog("ReadOnlyMany", ", readOnly: true"), make_job(ASK), other)))
    assert done.error.count("error[") == 1
    assert f"error[read-only-claim] {kind}/other" in done.error
    assert 'the claim disk is ReadOnlyMany, but the volume "/v" is writable' in done.error
    assert done.error.endswith("\n  hint: mount the claim by a volume of the pod templates, with readOnly: true\n")


@pytest.mark.parametrize(
    "other", ["a: [claimName disk\n", "spec: {volumes: claimName disk}\n", "- claimName: disk\n", "\xff\n"]
)
def test_unrelated_documents_are_not_checked(other: str) -> None:
    jobs = (make_job(ASK, name="one"), make_job(ASK, name="two"))
    stream = "".join((catalog("ReadWriteOnce"), *jobs, "---\n# claimName disk\n", other)).encode("latin-1")
    assert [problem.code for problem in render(stream, [])[1]] == ["claim-in-use"]


@pytest.mark.parametrize("volumes", ["*all", "[{<<: *one, persistentVolumeClaim: {claimName: disk}}]"])
def test_an_object_that_can_not_be_judged_does_not_silence_the_others(volumes: str) -> None:
    foreign = OTHER.format(replicas=1, claim="disk").partition("    spec:\n")[0].replace("board", "odd")
    foreign += f"    spec: {{volumes: {volumes}, containers: [&one {{name: m, image: i}}, *one]}}\n"
    found = said(foreign, catalog("ReadWriteOnce"), make_job(ASK, name="one"), make_job(ASK, name="two"))
    assert [(code, subject) for code, subject, _ in found] == [("claim-in-use", "Job/two")]


def test_an_object_that_can_not_be_judged_does_not_silence_those_of_its_own_document() -> None:
    board = OTHER.format(replicas=1, claim="disk").removeprefix("---\n")
    odd = board.replace("board", "odd").replace("emptyDir: {}\n", "emptyDir: {}\n      - odd\n")
    items = "".join("-\n" + indent(text, "  ") for text in (odd, board))
    found = said("---\napiVersion: v1\nkind: List\nitems:\n" + items, catalog("ReadWriteOnce"), make_job(ASK))
    assert [(code, subject) for code, subject, _ in found] == [("claim-in-use", "Deployment/board")]


def test_each_document_may_have_the_claim() -> None:
    board = OTHER.format(replicas=1, claim="disk")
    others = [board.replace("board", name) for name in ("one", "two")]
    found = said(*others, catalog("ReadWriteOnce"), make_job(ASK))
    assert [subject for _, subject, _ in found] == ["Deployment/one", "Deployment/two"]


def test_each_object_of_a_list_may_have_the_claim() -> None:
    board = OTHER.format(replicas=1, claim="disk").removeprefix("---\n")
    items = "".join("-\n" + indent(board.replace("board", name), "  ") for name in ("one", "two", "three"))
    found = said("---\napiVersion: v1\nkind: List\nitems:\n" + items, catalog("ReadWriteOnce"), make_job(ASK))
    assert [(code, subject) for code, subject, _ in found] == [
        ("claim-in-use", f"Deployment/{name}") for name in ("one", "two", "three")
    ]


def test_two_pod_templates_of_one_object_are_named_as_such() -> None:
    pod = "      template: {spec: {containers: [{name: pytorch, image: busybox}]}}\n"
    head = controller("PyTorchJob", api_version="kubeflow.org/v1").partition("spec:\n  template:")[0]
    both = "spec:\n  pytorchReplicaSpecs:\n    Master:\n" + pod + "    Worker:\n" + pod
    message = "the claim disk is ReadWriteOnce, but several pod templates of this object mount it"
    assert said(catalog("ReadWriteOnce"), head + both) == [("claim-in-use", "PyTorchJob/server", message)]
