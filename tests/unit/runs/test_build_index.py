"""How long a chain of references may be."""

from __future__ import annotations

import re

import pytest

from tests.support.cli import make_catalog, make_job, run

KEEP = "polyaxon.com/run-policy: keep\n"
LIMIT = 100  # references in a row


def chain(references: int, policy: str) -> str:
    """The last run comes first: nothing may hang on the order."""
    jobs = [make_job(name="run-0", annotations=policy)]
    for number in range(1, references + 1):
        ask = f"environment: {{outputs: {{jobs: [run-{number - 1}]}}}}\n"
        jobs.append(make_job(ask, name=f"run-{number}", annotations=policy))
    return make_catalog() + "".join(jobs[::-1])


@pytest.mark.parametrize("policy", ["", KEEP], ids=["plain", "named by content"])
def test_a_chain_of_exactly_the_limit(policy: str) -> None:
    result = run(stdin=chain(LIMIT, policy))
    assert (result.exit_code, result.error) == (0, "")
    assert result.output.count(b'mountPath: "/polyaxon/refs/') == LIMIT


@pytest.mark.parametrize("policy", ["", KEEP], ids=["plain", "named by content"])
@pytest.mark.parametrize("more", [1, 2])
def test_a_longer_chain_is_refused_from_where_it_is_too_long(policy: str, more: int) -> None:
    result = run(stdin=chain(LIMIT + more, policy))
    assert (result.exit_code, result.output) == (1, b"")
    refused = re.findall(r"error\[.*\] Job/(\S+) .*\"jobs/(\S+)\" is .*, more than (\d+) in a row", result.error)
    wanted = [(f"run-{LIMIT + at}", f"run-{LIMIT + at - 1}", str(LIMIT)) for at in range(more, 0, -1)]
    assert refused == wanted
    assert result.error.count("error[") == more
