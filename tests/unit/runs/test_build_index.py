"""References and names by content: which run a name means, and in which order names are found."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.support.cli import Result, examples, make_catalog, make_job, run
from tests.support.messages import read_messages
from tests.support.references import KEEP, NAMESPACE, mounts_of, refer, refuse, render

# Names by content


def chain(length: int, **first: str) -> list[str]:
    """Kept Jobs, of which each refers to the one before it; more lines of the first one."""
    return [make_job(name="run-0", annotations=KEEP, **first)] + [
        make_job(refer(jobs=[f"run-{number - 1}"]), name=f"run-{number}", annotations=KEEP)
        for number in range(1, length)
    ]


def as_list(jobs: list[str]) -> str:
    items = [yaml.safe_load(job) for job in jobs]
    return "---\n" + yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": items}, sort_keys=False)


def names_of(jobs: list[dict[str, Any]]) -> dict[str, str]:
    return {job["metadata"]["annotations"]["polyaxon.com/base-name"]: job["metadata"]["name"] for job in jobs}


@pytest.mark.parametrize("length", [2, 5, max(11, examples(101))])
@pytest.mark.parametrize("layout", ["in order", "reversed", "list", "reversed list"])
def test_names_by_content_are_decided_first(length: int, layout: str) -> None:
    jobs = chain(length)
    ordered = jobs[::-1] if "reversed" in layout else jobs
    objects = render(*([as_list(ordered)] if "list" in layout else ordered))
    found = objects[0]["items"] if "list" in layout else objects
    names = names_of(found)
    assert len(set(names.values())) == length
    for job in found:
        before = f"run-{int(job['metadata']['annotations']['polyaxon.com/base-name'][4:]) - 1}"
        wanted = {f"/polyaxon/refs/jobs/{before}": ("outputs-foo", f"{NAMESPACE}/jobs/{names.get(before)}")}
        assert mounts_of(job) == (wanted if before in names else {})
    # Names hang neither on the layout nor on where the documents stand.
    assert names == names_of(render(*jobs))


def test_a_changed_run_is_another_one_to_all_that_follow_it() -> None:
    before = names_of(render(*chain(4), make_job(name="alone", annotations=KEEP)))
    after = names_of(render(*chain(4, container="command: [x]\n"), make_job(name="alone", annotations=KEEP)))
    assert {name for name in before if before[name] != after[name]} == {"run-0", "run-1", "run-2", "run-3"}


def test_a_second_render_follows_the_names_of_the_first() -> None:
    once = run(stdin=make_catalog() + "".join(chain(4)[::-1])).output
    assert run(stdin=once).output == once
    assert list(mounts_of(list(yaml.safe_load_all(once))[1])) == ["/polyaxon/refs/jobs/run-2"]


def test_a_chain_has_an_end() -> None:
    (said,) = refuse(*chain(102))
    assert '"jobs/run-100" is Job/run-100, which begins a chain of references, more than 100 in a row' in said
    hints = [hint for _, _, hint in read_messages(run(stdin=make_catalog() + "".join(chain(102))).error)]
    assert hints == ["remove a reference of this chain"]


def test_a_circle_is_reported_by_each_of_its_runs_and_shortened() -> None:
    jobs = [make_job(refer(jobs=[f"r{(n + 1) % 9}"]), name=f"r{n}", annotations=KEEP * (n % 2)) for n in range(9)]
    said = refuse(*jobs)
    assert [line.partition(" (")[0] for line in said] == [f"error[reference-cycle] Job/r{n}" for n in range(9)]
    assert said[0].endswith("in a cycle of references: Job/r0 -> Job/r1 -> Job/r2 -> Job/r3 -> Job/r4 -> Job/r5 -> …")


def test_a_run_in_a_document_that_nobody_can_read_is_none() -> None:
    broken = make_job(name="train") + "      - [\n"
    said = refuse(make_job(refer(jobs=["train"]), name="eval"), broken)
    assert [line.partition("]")[0] for line in said] == ["error[invalid-yaml"]


def test_a_run_with_an_object_that_nobody_can_read_is_none() -> None:
    broken = make_job(name="train").replace("  name: train\n", "  name: train\n  name: train\n")
    said = refuse(make_job(refer(jobs=["train"]), name="eval"), broken)
    assert [line.partition("]")[0] for line in said] == ["error[duplicate-key"]


@pytest.mark.parametrize("policy", ["", KEEP])
def test_a_list_that_nobody_can_read_is_one_error_and_its_run_can_be_referred_to(policy: str) -> None:
    listed = as_list([make_job(annotations=policy)]).replace("kind: List\n", "kind: List\nmetadata: []\n")
    said = refuse(make_job(refer(jobs=["train"]), name="eval"), listed)
    assert [line.partition("]")[0] for line in said] == ["error[wrong-type"]


def hashed(name: str, *documents: str) -> str:
    return names_of([job for job in render(*documents) if job["metadata"]["name"].startswith(f"{name}-")])[name]


@pytest.mark.parametrize("policy", ["", KEEP])
@pytest.mark.parametrize("text", ["{}", "vision.{}", "vision/{}"])
def test_a_name_with_a_hash_is_an_earlier_run_whatever_the_current_one_is_called(text: str, policy: str) -> None:
    b = make_job("environment: {persistence: {outputs: outputs2}}\n", name="b", annotations=KEEP)
    words = text.format(hashed("b", b))
    a = make_job(refer(jobs=[words]), name="a", annotations=policy)
    for jobs in ([a, b], [b, a]):
        found = next(job for job in render(*jobs) if job["metadata"]["name"].startswith("a"))
        path = f"/polyaxon/refs/jobs/{words.replace('/', '.')}"
        assert mounts_of(found) == {path: ("outputs-foo", f"{NAMESPACE}/jobs/{hashed('b', b)}")}


def test_a_name_with_another_hash_is_an_earlier_run_its_own_one_too() -> None:
    b = make_job(refer(jobs=["b-0123456789"]), name="b", annotations=KEEP)
    found = render(b)[0]
    assert mounts_of(found) == {
        "/polyaxon/refs/jobs/b-0123456789": ("outputs-foo", f"{NAMESPACE}/jobs/b-0123456789"),
    }


def test_a_run_that_goes_on_from_an_earlier_one_is_no_circle() -> None:
    """b goes on from an earlier a, the current a reads b, and c reads the current a."""
    b = make_job(refer(jobs=["a-0123456789"], persistence="{outputs: outputs2}"), name="b", annotations=KEEP)
    a = make_job(refer(jobs=["b"]), name="a", annotations=KEEP)
    c = make_job(refer(jobs=["a"]), name="c", annotations=KEEP)
    for jobs in ([a, b, c], [c, b, a]):
        found = {job["metadata"]["name"][0]: job for job in render(*jobs)}
        names = names_of(list(found.values()))
        assert mounts_of(found["a"]) == {"/polyaxon/refs/jobs/b": ("outputs2", f"{NAMESPACE}/jobs/{names['b']}")}
        assert mounts_of(found["c"]) == {"/polyaxon/refs/jobs/a": ("outputs-foo", f"{NAMESPACE}/jobs/{names['a']}")}
        once = run(stdin=make_catalog() + "".join(jobs)).output
        assert run(stdin=once).output == once


def test_many_circles_are_refused_without_naming_each() -> None:
    jobs = [make_job(refer(jobs=[f"r{n ^ 1}"]), name=f"r{n}") for n in range(60)]
    said = refuse(*jobs)
    assert [line.partition(" (")[0] for line in said] == [f"error[reference-cycle] Job/r{n}" for n in range(60)]
    assert said[0].endswith("in a cycle of references: Job/r0 -> Job/r1 -> Job/r0")
    assert said[-1].endswith("may be in a cycle of references")
    hints = [hint for _, _, hint in read_messages(run(stdin=make_catalog() + "".join(jobs)).error)]
    assert hints == ["remove one of these references"] * 40 + ["remove the other cycles first"] * 20


def test_as_many_circles_as_are_named_leave_other_runs_alone() -> None:
    """Just as many circles as messages name each run of: two other runs are no part of any."""
    jobs = [make_job(refer(jobs=[f"r{n ^ 1}"]), name=f"r{n}") for n in range(40)]
    said = refuse(*jobs, make_job(refer(jobs=["plain"]), name="eval"), make_job(name="plain"))
    assert [line.partition(" (")[0] for line in said] == [f"error[reference-cycle] Job/r{n}" for n in range(40)]


@pytest.mark.parametrize("policy", ["", KEEP])
def test_a_run_of_a_circle_may_refer_to_a_valid_run(policy: str) -> None:
    a = make_job(refer(jobs=["b", "plain"]), name="a")
    said = refuse(a, make_job(refer(jobs=["a"]), name="b"), make_job(name="plain", annotations=policy))
    assert [line.partition(" (")[0] for line in said] == [f"error[reference-cycle] Job/{name}" for name in "ab"]


# Each is one key, `jobs`, of the polyaxonfile; `jobs` is nowhere in the document's text.
HIDDEN_KEYS = {
    "line that goes on": '"{environment: {outputs: {? \\"jo\\\\\\nbs\\" : [train]}}}"',
    "line separator": '|-\n      {environment: {outputs: {? "jo\\\u2028       bs" : [train]}}}',
    "carriage return": '"{environment: {outputs: {? \\"jo\\\\\\rbs\\" : [train]}}}"',
    "next line": '"{environment: {outputs: {? \\"jo\\\\\\Nbs\\" : [train]}}}"',
    "escape": '"{environment: {outputs: {\\"jo\\x62s\\": [train]}}}"',
    "escape inside": "'{environment: {outputs: {\"jo\\u0062s\": [train]}}}'",
    "escaped escape": '"{environment: {outputs: {\\"jo\\x5cx62s\\": [train]}}}"',
    "line of the document": '"{environment: {outputs: {jo\\\n      bs: [train]}}}"',
}


@pytest.mark.parametrize("text", HIDDEN_KEYS.values(), ids=HIDDEN_KEYS)
def test_a_reference_is_found_however_its_key_is_written(text: str) -> None:
    head, _, rest = make_job(name="eval").partition("polyaxon.com/polyaxonfile:")
    body = rest[rest.index("\nspec:") :]
    stream = f"{head}polyaxon.com/polyaxonfile: {text}{body}"
    assert "jobs" not in stream
    assert mounts_of(render(stream, make_job())[0]).keys() == {"/polyaxon/refs/jobs/train"}


def test_one_name_in_two_namespaces_is_distinguished_by_namespace() -> None:
    def placed(name: str) -> str:
        return make_job(name="b").replace("  name:", f"  namespace: {name}\n  name:", 1)

    result = run(stdin=make_catalog() + make_job(refer(jobs=["b"]), name="a") + placed("x") + placed("y"))
    assert (result.exit_code, result.output) == (1, b"")
    assert '"jobs/b" may mean any of these runs: Job/b in the namespace "x", Job/b in the namespace "y"' in result.error
    hint = "write metadata.namespace in these runs and in this run: a reference finds only runs of its own namespace"
    assert [found for _, _, found in read_messages(result.error)] == [hint]
    result = run(stdin=make_catalog() + make_job(refer(jobs=["b"]), name="a") + placed("x") + make_job(name="b"))
    assert (
        """may mean any of these runs: Job/b in the namespace "x", Job/b in the release's namespace""" in result.error
    )


# The length of a chain of references

LIMIT = 100  # references in a row


def long_chain(references: int, policy: str) -> str:
    """A stream of runs, the last one first, because the order must not matter."""
    jobs = [make_job(name="run-0", annotations=policy)]
    for number in range(1, references + 1):
        ask = f"environment: {{outputs: {{jobs: [run-{number - 1}]}}}}\n"
        jobs.append(make_job(ask, name=f"run-{number}", annotations=policy))
    return make_catalog() + "".join(jobs[::-1])


def read(result: Result) -> list[dict[str, Any]]:
    return [found for found in yaml.load_all(result.output, yaml.CSafeLoader) if found["kind"] == "Job"]


@pytest.mark.parametrize("policy", ["", KEEP], ids=["plain", "named by content"])
def test_a_chain_of_exactly_the_limit(policy: str) -> None:
    result = run(stdin=long_chain(LIMIT, policy))
    assert (result.exit_code, result.error) == (0, "")
    jobs = {
        job["metadata"]["name"].rpartition("-")[0] if policy else job["metadata"]["name"]: job for job in read(result)
    }
    for number in range(1, LIMIT + 1):
        target = jobs[f"run-{number - 1}"]["metadata"]["name"]
        mounts = jobs[f"run-{number}"]["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
        assert mounts[-1] == {
            "name": "outputs-foo",
            "mountPath": f"/polyaxon/refs/jobs/run-{number - 1}",
            "readOnly": True,
            "subPathExpr": f"$(POLYAXON_K8S_NAMESPACE)/jobs/{target}",
        }


@pytest.mark.parametrize("policy", ["", KEEP], ids=["plain", "named by content"])
@pytest.mark.parametrize("more", [1, 2])
def test_a_longer_chain_is_refused_from_where_it_is_too_long(policy: str, more: int) -> None:
    result = run(stdin=long_chain(LIMIT + more, policy))
    assert (result.exit_code, result.output) == (1, b"")
    refused = re.findall(r"error\[.*\] Job/(\S+) .*\"jobs/(\S+)\" is .*, more than (\d+) in a row", result.error)
    wanted = [(f"run-{LIMIT + at}", f"run-{LIMIT + at - 1}", str(LIMIT)) for at in range(more, 0, -1)]
    assert refused == wanted
    assert result.error.count("error[") == more
