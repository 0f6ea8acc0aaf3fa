"""`explain` with isolateRuns: a run sees only its own directory of the outputs volume."""

from __future__ import annotations

import json

import pytest

from tests.support.cli import make_catalog, make_job, run

CATALOG = "isolateRuns: true\noutputs: {o: {mountPath: /o, %s}}\n"
CLAIM = "existingClaim: results-pvc"
KEEP = "polyaxon.com/run-policy: keep\n"


@pytest.mark.parametrize(
    ("source", "storage"),
    [
        (CLAIM, "claim results-pvc:/<namespace>/jobs/train"),
        (f"{CLAIM}, subPath: team", "claim results-pvc:/team/<namespace>/jobs/train"),
        ("hostPath: /srv", "node /srv/<namespace>/jobs/train"),
    ],
)
def test_the_storage_is_the_run_folder(source: str, storage: str) -> None:
    output = run("explain", stdin=make_catalog(CATALOG % source) + make_job()).output.decode()
    assert f"  results: {storage}\n" in output
    assert output.splitlines()[3].endswith(f"  {storage}")
    (row,) = json.loads(run("explain", "-o", "json", stdin=make_catalog(CATALOG % source) + make_job()).output)["runs"]
    assert row["mounts"][0]["source"] == row["resultsLocation"]


def test_a_name_by_content_is_part_of_it() -> None:
    stream = make_catalog(CATALOG % CLAIM) + make_job(annotations=KEEP)
    (row,) = json.loads(run("explain", "-o", "json", stdin=stream).output)["runs"]
    assert row["mounts"][0]["storage"] == f"claim results-pvc:/<namespace>/jobs/{row['name']}"


def test_the_members_of_a_group_are_still_one() -> None:
    jobs = "".join(make_job(name=f"grid-{n}", annotations="polyaxon.com/group: grid\n") for n in (1, 2))
    stream = make_catalog(CATALOG % CLAIM) + jobs
    output = run("explain", stdin=stream).output.decode()
    assert "group grid, 2 runs" in output
    assert output.splitlines()[3].endswith("  claim results-pvc:/<namespace>/groups/grid/<member>")
    assert b"/groups/grid/<member>" in run("explain", "-o", "markdown", stdin=stream).output
