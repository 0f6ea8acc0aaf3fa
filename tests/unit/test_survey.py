"""How the objects of a stream are counted, and what is said of documents that nobody reads."""

from __future__ import annotations

import json

import pytest

from post_renderer import survey as module
from post_renderer.survey import survey
from post_renderer.workloads import find_objects
from post_renderer.yamltree import parse
from tests.support.cli import make_catalog, make_job, run

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
ITEM = "- apiVersion: v1\n  kind: Service\n  metadata:\n    name: a\n    kind: x\n"
LIST = "apiVersion: v1\nkind: List\nitems:\n"


@pytest.mark.parametrize(
    ("text", "objects"),
    [
        (SERVICE, 1),
        (f"---\n{SERVICE}---\n{SERVICE}", 2),
        (f"---\n# nothing\n---\n{SERVICE}--- # end\n", 1),
        (f"---\r\n{SERVICE}".replace("\n", "\r\n"), 1),
        (f"\ufeff{SERVICE}", 1),
        ("kind: Service\n", 0),
        ("apiVersion: v1\n", 0),
        ("apiVersion:\nkind: Service\n", 0),
        ("data:\n  kind: Service\n  apiVersion: v1\n", 0),
        ('{"apiVersion": "v1", "kind": "Service"}\n', 1),
        ("kind: 'Service'\napiVersion: \"v1\"\n", 1),
        ("'kind': Service\n'apiVersion': v1\n", 1),
        (LIST + ITEM * 3, 3),
        (LIST + "".join(f"  {line}\n" for line in (ITEM * 3).splitlines()), 3),
        (LIST + "- kind: Service\n  apiVersion: v1\n", 1),
        (LIST + "- kind: Service\n", 0),
        (LIST + "- {apiVersion: v1, kind: Service}\n- {apiVersion: v1}\n", 1),
        ("apiVersion: v1\nkind: List\nitems: []\n", 0),
        ("apiVersion: batch/v1\nkind: JobList\nitems:\n- apiVersion: batch/v1\n  kind: Job\n", 1),
        ("apiVersion: v1\nkind: AccessList\nitems: [a, b]\n", 1),
        (json.dumps({"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Service"}] * 2}), 2),
        (make_catalog() + make_job(), 2),
    ],
)
def test_the_number_of_objects(text: str, objects: int) -> None:
    assert survey(text.encode(), [], "check").objects == objects


def test_a_document_with_the_two_keys_in_its_lines_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: str) -> None:
        raise AssertionError(text)

    monkeypatch.setattr(module, "parse", refuse)
    assert survey(f"---\n{SERVICE}---\n{LIST}{ITEM * 2}---\n{SERVICE}broken: [\n".encode(), [], "check").objects == 4


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("command", ["check", "explain", "verify"])
def test_a_document_that_nobody_can_read_is_a_warning_beside_others(command: str, strict: bool) -> None:
    stream = f"---\n# Source: chart/templates/a.yaml\n{SERVICE}---\n# Source: chart/templates/b.yaml\nkind: x\na: [\n"
    result = run(command, *["--strict"] * strict, stdin=stream)
    severity = "error" if strict else "warning"
    assert result.exit_code == strict
    assert result.error.startswith(
        f"<stdin>:9: {severity}[unread-document] (chart/templates/b.yaml): this document can't be read: "
    )
    assert len(result.error.splitlines()) == 2


def test_bytes_that_are_not_utf_8_are_a_warning_beside_others() -> None:
    result = run("check", stdin=f"{SERVICE}---\na: ".encode() + b"\xff\n")
    assert (result.exit_code, "warning[unread-document]" in result.error) == (0, True)


def test_an_error_of_the_render_is_reported_once() -> None:
    result = run("check", stdin=f"{SERVICE}---\npolyaxon.com/polyaxonfile: [\n")
    assert (result.exit_code, result.error.count("error["), result.error.count("warning[")) == (1, 1, 0)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("polyaxon.io/polyaxonfile", True),
        ("polyaxon.co/polyaxonfile", True),
        ("polyaxom.com/run-policy", True),
        ("core.polyaxon.com/polyaxonfile", True),
        ("example.com/project", False),
        ("polyaxon.com/polyaxonfile", False),
        ("polyaxon.io/anything", False),
    ],
)
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_domain_that_looks_like_ours(key: str, told: bool, quote: str) -> None:
    stream = f"{SERVICE}---\napiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    {quote}{key}{quote}: '{{}}'\n"
    found = survey(stream.encode(), [], "check").problems
    assert [(problem.code, problem.line) for problem in found] == [("unknown-domain", 9)] * told
    if told:
        assert found[0].hint == f"write polyaxon.com/{key.partition('/')[2]}"


def test_the_scan_and_the_reader_agree_on_the_kinds_of_lists() -> None:
    text = f"{LIST}{ITEM * 2}"
    assert module._count_by_lines(text.encode()) == len(list(find_objects(parse(text))))


def test_a_long_line_of_letters_is_read_once() -> None:
    line = "a" * 5_000_000
    assert survey(f"{SERVICE}note: {line}\nb: {line}/polyaxonfile:\n".encode(), [], "check").objects == 1


def test_a_problem_on_the_separator_of_the_next_document_hides_nothing() -> None:
    stream = f"{SERVICE}---\nkind: x\na: [\n---a\npolyaxon.com/polyaxonfile: [\n"
    result = run("check", stdin=stream)
    assert "error[" in result.error
    broken = f"{SERVICE}---\nkind: x\na: [\n--- {{polyaxon.com/polyaxonfile: [\n"
    assert "<stdin>:6: warning[unread-document] this document can't be read: " in run("check", stdin=broken).error


def test_a_name_of_another_domain_is_reported_once() -> None:
    stream = f"{SERVICE}---\n" + "polyaxon.io/project: x\n" * 1000 + "polyaxon.io/user: x\n"
    found = [
        problem.line for problem in survey(stream.encode(), [], "check").problems if problem.code == "unknown-domain"
    ]
    assert found == [5, 1005]
