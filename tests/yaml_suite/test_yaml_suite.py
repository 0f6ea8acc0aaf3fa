"""The cases of yaml-test-suite: what each reader makes of them, and what a render does with them.

`cases.jsonl` has the texts and values of the release data-2022-01-17 (https://github.com/yaml/yaml-test-suite, MIT, see
LICENSE), because no package of Python carries them. One line is one case: its ID, its text (`yaml`), the values of its
documents (`values`; missing if JSON can't hold them) or `error` if the text is not YAML 1.2. `read` and `job` are ours:

- `read` is what `yamltree.parse` does with the text. `fast`: both readers return the suite's value. `full`: only the
  full reader takes the text, and returns the suite's value. `differs`: it returns another value, as libyaml does for
  YAML 1.1. `no value`: the suite has no value, and the nodes are those of libyaml. `accepted`: libyaml reads it, although
  the suite says that it is an error. `several documents`: split as in a stream, they have the suite's values. Otherwise the code of the
  error.
- `job` is what a render does with a Job that has the text as the value of a key: `rendered`, or the code of the error.

An outcome that changes fails, also for the better. Then change the line, if the change is meant.
"""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest

from post_renderer.problems import ERROR, YamlError
from post_renderer.yamltree import parse
from post_renderer.yamltree.fast_reader import read_fast
from post_renderer.yamltree.fast_tokens import NotInSubset
from post_renderer.yamltree.node import is_number, read_bool, read_through
from post_renderer.yamltree.plain_scalar import PlainScalar
from tests.robustness.fuzz.nodes import compose, split
from tests.robustness.fuzz.targets import check_same, read_document, render_stream, rendered
from tests.support.cli import make_catalog, make_job

LINES = (Path(__file__).parent / "cases.jsonl").read_text(encoding="utf-8").splitlines()
CASES: dict[str, dict[str, Any]] = {case["id"]: case for case in map(json.loads, LINES)}
COUNT = 402


def read(case: dict[str, Any]) -> str:
    """The outcome of reading a case."""
    text = case["yaml"]
    try:
        root = parse(text, full=True)
        value = read_through(root)
    except YamlError as error:
        return "several documents" if "second document" in error.message and read_each(case) else error.code
    documents = compose(text)
    assert documents is not None
    for document in documents:
        check_same(root, document, set())
    if "error" in case:
        return "accepted"
    if "values" not in case:
        return "no value"
    if case["values"] and not same(value, case["values"][0]):
        return "differs"
    return "fast" if is_fast(text) else "full"


def read_each(case: dict[str, Any]) -> bool:
    """Whether the documents, which a stream splits, have the suite's values."""
    values = [read_through(parse(text)) for text in split(case["yaml"]) if compose(text)]
    return same(values, case.get("values"))


def is_fast(text: str) -> bool:
    try:
        read_fast(text)
    except NotInSubset:
        return False
    return True


def same(value: Any, wanted: Any) -> bool:
    """Whether our value means the suite's: a plain scalar may be a number or a boolean."""
    if isinstance(wanted, dict):
        return (
            isinstance(value, dict)
            and value.keys() == wanted.keys()
            and all(same(value[key], wanted[key]) for key in wanted)
        )
    if isinstance(wanted, list):
        return isinstance(value, list) and len(value) == len(wanted) and all(map(same, value, wanted))
    if isinstance(wanted, bool):
        return read_bool(value) is wanted
    if isinstance(wanted, int | float):
        return isinstance(value, PlainScalar) and is_number(value) and number(value) == wanted
    return value == wanted if wanted is None or isinstance(wanted, str) else False


def number(text: str) -> float:
    return int(text, 0) if text.startswith(("0x", "0o")) else float(text)


def in_job(text: str) -> bytes:
    return (make_catalog() + make_job() + "x:\n" + indent(text, "  ").rstrip(" ")).encode()


def render_in_job(text: str) -> str:
    after, problems = rendered(in_job(text))
    errors = [problem.code for problem in problems if problem.severity == ERROR]
    assert (after is None) == bool(errors)
    return errors[0] if errors else "rendered"


def test_each_case_is_listed_once() -> None:
    assert len(LINES) == len(CASES) == COUNT
    assert all(case["read"] and case["job"] for case in CASES.values())


@pytest.mark.parametrize("name", CASES)
def test_what_the_readers_make_of_it(name: str) -> None:
    case = CASES[name]
    assert read(case) == case["read"]
    read_document(case["yaml"].encode())


@pytest.mark.parametrize("name", CASES)
def test_a_neighbour_stays_as_it_is(name: str) -> None:
    """The text is a document of its own, which is read because it names us, beside a Job that gets volumes."""
    document = f"---\n# polyaxon.com\n{CASES[name]['yaml']}"
    document += "" if document.endswith("\n") else "\n"
    raw = (make_catalog() + document + make_job()).encode()
    after, problems = rendered(raw)
    assert after is not None, problems
    assert document.encode() in after
    assert b"POLYAXON_RUN_OUTPUTS_PATH" in after


@pytest.mark.parametrize("name", CASES)
def test_inside_a_job_it_is_kept_or_refused(name: str) -> None:
    case = CASES[name]
    render_stream(in_job(case["yaml"]))
    assert render_in_job(case["yaml"]) == case["job"]
