"""How long a chain of references may be."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.support.cli import Result, make_catalog, make_job, run

KEEP = "polyaxon.com/run-policy: keep\n"
LIMIT = 100  # references in a row


def chain(references: int, policy: str) -> str:
    """The last run comes first: nothing may hang on the order."""
    jobs = [make_job(name="run-0", annotations=policy)]
    for number in range(1, references + 1):
        ask = f"environment: {{outputs: {{jobs: [run-{number - 1}]}}}}\n"
        jobs.append(make_job(ask, name=f"run-{number}", annotations=policy))
    return make_catalog() + "".join(jobs[::-1])


def read(result: Result) -> list[dict[str, Any]]:
    return [found for found in yaml.load_all(result.output, yaml.CSafeLoader) if found["kind"] == "Job"]


@pytest.mark.parametrize("policy", ["", KEEP], ids=["plain", "named by content"])
def test_a_chain_of_exactly_the_limit(policy: str) -> None:
    result = run(stdin=chain(LIMIT, policy))
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
    result = run(stdin=chain(LIMIT + more, policy))
    assert (result.exit_code, result.output) == (1, b"")
    refused = re.findall(r"error\[.*\] Job/(\S+) .*\"jobs/(\S+)\" is .*, more than (\d+) in a row", result.error)
    wanted = [(f"run-{LIMIT + at}", f"run-{LIMIT + at - 1}", str(LIMIT)) for at in range(more, 0, -1)]
    assert refused == wanted
    assert result.error.count("error[") == more
