"""The targets of `make fuzz`: each takes any bytes, and raises AssertionError where a promise is broken.

test_corpus.py runs them on the kept corpus. They use no pytest, because the fuzzer runs them too.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import yaml

from post_renderer.console import CommandResult, Rejected, UsageError
from post_renderer.console.format import format_problems
from post_renderer.console.parser import parse
from post_renderer.integrations import argocd_parameters, krm
from post_renderer.integrations.argocd_masking import Mask
from post_renderer.migrate.file import MigratedFile
from post_renderer.problems import CODES, ERROR, Problems, YamlError
from post_renderer.render import render
from post_renderer.request import polyaxonfile
from post_renderer.yamltree import fast_reader, libyaml_reader
from post_renderer.yamltree.fast_tokens import NotInSubset
from post_renderer.yamltree.node import ALIAS, MAPPING, SCALAR, SEQUENCE
from tests.robustness.fuzz.nodes import Additions, child, compose, split
from tests.support.cli import make_catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from post_renderer.problems import Problem
    from post_renderer.yamltree import Node

Outcome = tuple[bytes | None, list["Problem"]]  # the rendered stream, or None after an error
OUR_VARIABLE = "POLYAXON_K8S_NAMESPACE"  # each container that gets anything gets it
REQUEST = "polyaxon.com/polyaxonfile"
CATALOG = make_catalog().encode()
CATALOG_LABEL = b"polyaxon.com/catalog"
EMPTY = "# nothing to render\n"  # Helm refuses an empty stream


def render_stream(raw: bytes) -> None:
    """Render any stream: additions only, and none the second time. A stream without a catalog gets one."""
    raw = raw if CATALOG_LABEL in raw else CATALOG + raw
    after, problems = rendered(raw)
    every = render(raw, [], check_all=True).problems  # this also compares each new document with the plan
    check_report(every)
    if after is None:
        assert any(problem.severity == ERROR for problem in every)
        return
    if after == raw:
        check_requests(decode(raw))
        return
    again, repeated = rendered(after)
    assert again == after
    assert len(repeated) <= len(problems)  # a warning may be about a change that the first render made
    old, new = split(decode(raw)), split(decode(after))
    assert len(old) == len(new)
    for one, other in zip(old, new, strict=True):
        if one != other:
            check_document(one, other)
    check_requests(decode(after))


def decode(raw: bytes) -> str:
    """The text of a stream: documents that don't concern us need not be UTF-8."""
    return raw.decode("utf-8", "surrogateescape")


def rendered(raw: bytes) -> Outcome:
    polyaxonfile._known.clear()
    rendering = render(raw, [])
    check_report(rendering.problems)
    failed = any(problem.severity == ERROR for problem in rendering.problems)
    return (None if failed else b"".join(rendering.chunks)), rendering.problems


def check_report(problems: Iterable[Problem]) -> None:
    """Each line begins with a code or is a hint, and nothing can control a terminal."""
    for line in format_problems(problems).splitlines():
        assert line.isprintable(), line
        assert line.startswith("  hint: ") or line.partition("]")[0].partition("[")[2] in CODES, line


def check_document(before: str, after: str) -> None:
    """The new document is YAML, and means the old one with additions. Whole lines stay where they can."""
    if not before.strip():
        assert after == before + EMPTY, after
        return
    assert "polyaxon.com" in before, before
    old, new = compose(before), compose(after)
    assert old is not None, before
    assert new is not None, after
    assert len(old) == len(new)
    for one, other in zip(old, new, strict=True):
        Additions().check(one, other)
    kept = iter(after.splitlines(keepends=True))
    for line in before.splitlines(keepends=True):
        # An empty or flow-style value, the name of a Job and the gate change inside their lines.
        if line.endswith("\n") and not any(
            mark in line for mark in ("[", "{", "}", "]", "~", "ull", "ULL", "name", "ates", "- ", "sync-o")
        ):
            start = line.rstrip("\r\n")
            assert any(found.startswith(start) for found in kept), (line, after)


def check_requests(stream: str) -> None:
    """After a render without an error, no Job that asks for volumes is left without them."""
    for text in split(stream):
        for root in compose(text) or ():
            head = [getattr(child(root, key), "value", "") for key in ("apiVersion", "kind")]
            asked = child(root, "metadata", "annotations", REQUEST)
            if REQUEST in text and head == ["batch/v1", "Job"] and asked is not None and "kind" not in asked.value:
                assert OUR_VARIABLE in text, text


def read_document(raw: bytes) -> None:
    """Read any text with both readers: the same nodes, the nodes of PyYAML, and the same rendering."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return
    try:
        full: Node | None = libyaml_reader.read_full(text)
    except YamlError:
        full = None
    try:
        fast: Node | None = fast_reader.read_fast(text)
    except NotInSubset:
        fast = None
    if fast is not None:
        assert full is not None, text
        assert describe(fast) == describe(full), text
        outcome = rendered(raw)
        with patch.object(
            fast_reader, "LINE_LIMIT", -1
        ):  # the full reader alone; a patched function would do nothing in compiled code
            assert report(rendered(raw)) == report(outcome)
    if full is not None:
        documents = compose(text)
        assert documents is not None, text
        assert len(documents) <= 1
        for root in documents:
            check_same(full, root, set())


def report(outcome: Outcome) -> tuple[bytes | None, str]:
    return outcome[0], format_problems(outcome[1])


def describe(node: Node) -> tuple[object, ...]:
    """Everything that a node tells, and its children; the fast reader reads no aliases, so there are no circles."""
    text = node.value() if node.kind == SCALAR else None
    fields = (node.kind, node.start, node.end, node.column, node.style, text, node.flow, node.anchor, node.shared)
    return (*fields, [describe(item) for item in node.children])


def check_same(node: Node, other: yaml.Node, seen: set[int]) -> None:
    """Our node against PyYAML's, which replaces aliases by their targets."""
    if node.kind == ALIAS:
        assert node.target is not None
        node = node.target
    if id(other) in seen:
        return
    seen.add(id(other))
    if isinstance(other, yaml.ScalarNode):
        assert (node.kind, node.text) == (SCALAR, other.value)
        return
    children = other.value
    if isinstance(other, yaml.MappingNode):
        children = [item for pair in children for item in pair]
    assert node.kind == (MAPPING if isinstance(other, yaml.MappingNode) else SEQUENCE)
    assert len(node.children) == len(children)
    for one, two in zip(node.children, children, strict=True):
        check_same(one, two, seen)


def read_parameters(raw: bytes) -> None:
    """Read any text as the parameters of an Argo CD Application, and as a map in a variable."""
    text = os.fsdecode(raw.replace(b"\0", b""))
    for variable in ("ARGOCD_APP_PARAMETERS", "ARGOCD_ENV_HELM_PARAMETERS", "ARGOCD_ENV_VALUES_FILES"):
        problems = Problems()
        with patch.object(os, "environ", {variable: text}):  # os.environ itself is slow
            mask = Mask()
            found = argocd_parameters.read_parameters(problems, mask)
            mask.hide_in_messages(text)
        check_report(problems.found)
        if problems.found or variable.endswith("FILES"):
            continue
        given: Any = json.loads(text or "[]")  # the standard reader takes all that ours takes
        if variable.endswith("HELM_PARAMETERS"):
            assert found == {"helm-parameters": given or {}}  # an empty text is an empty map
        else:
            assert found == {entry["name"]: value_of(entry) for entry in given or ()}


def value_of(entry: dict[str, Any]) -> Any:
    (value,) = [entry[form] for form in ("string", "array", "map") if entry.get(form) is not None]
    return value


def run_krm(raw: bytes) -> None:
    """Give any text to the function for kustomize and kpt: a ResourceList with additions, or an error."""
    result = answer(lambda: krm.run(parse(["krm"]), raw, []))
    if result is None:
        return
    output = b"".join(result.pieces())
    if result.problems:
        assert b"results" in output
    else:
        assert answer(lambda: krm.run(parse(["krm"]), output, [])) is not None
        check_pair(raw.decode(), output.decode())
        polyaxonfile._known.clear()
        again = krm.run(parse(["krm"]), output, [])
        assert (b"".join(again.pieces()), again.problems) == (output, [])


def check_pair(before: str, after: str) -> None:
    if before != after:
        check_document(before, after)


def answer(call: Callable[[], CommandResult]) -> CommandResult | None:
    polyaxonfile._known.clear()
    try:
        result = call()
    except Rejected as error:
        check_report(error.problems)
        return None
    except UsageError:
        return None
    check_report(result.problems)
    return result


def migrate_file(raw: bytes) -> None:
    """Migrate any text: the result is YAML, and there is nothing more to migrate in it."""
    file = MigratedFile("-", raw, "train")
    check_report(file.problems)
    if any(problem.severity == ERROR for problem in file.problems):
        assert file.new == raw
        return
    if file.new == raw:
        return
    assert compose(file.new.decode()) is not None, file.new
    again = MigratedFile("-", file.new, "train")
    assert again.new == file.new, again.new
    errors = [problem.message for problem in again.problems if problem.severity == ERROR]
    # All that it knows may have become comments: other keys alone are not a file that it reads.
    assert not errors or (len(errors) == 1 and errors[0].startswith("the file is neither values")), errors


TARGETS: dict[str, Callable[[bytes], None]] = {
    "render": render_stream,
    "readers": read_document,
    "argocd": read_parameters,
    "krm": run_krm,
    "migrate": migrate_file,
}
