"""What has no effect where it is, and what to do about it."""

from __future__ import annotations

from tests.support.cli import make_catalog, make_job, run
from tests.support.messages import places, read_messages


def test_a_list_can_not_ask_for_volumes() -> None:
    stream = "---\napiVersion: v1\nkind: List\nmetadata:\n  annotations:\n    polyaxon.com/kind: job\nitems: []\n"
    error = run(stdin=make_catalog() + stream).error
    hint = "move the annotation to the items of the List"
    assert read_messages(error) == [("misplaced-annotation", "a List can't have polyaxon.com/kind", hint)]
    line = (make_catalog() + stream).splitlines().index("    polyaxon.com/kind: job") + 1
    assert places(error) == [f"<stdin>:{line}"]


def test_a_run_that_nobody_can_refer_to() -> None:
    jobs = make_job("environment: {outputs: {jobs: [other]}}\n") + make_job("kind: job\n", name="other")
    error = run(stdin=make_catalog("data: {a: {mountPath: /a, existingClaim: a}}\n") + jobs).error
    message = '"jobs/other" is Job/other, which has no outputs volume'
    assert read_messages(error) == [("invalid-reference", message, "remove the reference")]


def test_without_a_catalog_the_error_is_at_the_request() -> None:
    for streams in ("", make_catalog() + make_catalog("data: {}\n")):
        stream = streams + make_job()
        line = stream.splitlines().index("    polyaxon.com/polyaxonfile: |") + 1
        error = run(stdin=stream).error
        assert [code for code, _, _ in read_messages(error)] == ["several-catalogs" if streams else "no-catalog"]
        assert places(error) == [f"<stdin>:{line}"]
