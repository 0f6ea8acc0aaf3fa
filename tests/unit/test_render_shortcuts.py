"""What a render leaves out for speed must not be seen: found by holding it against the way without the short cut."""

from __future__ import annotations

import gc
from textwrap import indent

import pytest

from post_renderer.yamltree import fast_reader, parse
from post_renderer.yamltree.fast_tokens import NotInSubset
from tests.support.cli import make_catalog, make_job, run
from tests.support.faults import watch_render

STRAYS = {
    "below labels": (
        "metadata:\n  name: train\n",
        "metadata:\n  name: train\n  labels: {annotations: {polyaxon.com/user: u}}\n",
    ),
    "an escaped key": ("spec:\n", 'spec:\n  annotations: {"polyaxon\\u002ecom/project": p}\n'),
    "beside an escaped key that is read": (
        "  annotations:\n",
        '  ours: {annotations: {polyaxon.com/project: p}}\n  annotations:\n    "polyaxon\\u002ecom/user": u\n',
    ),
}


@pytest.mark.parametrize("name", STRAYS)
def test_an_annotation_that_nobody_reads_is_found(name: str) -> None:
    job = make_job()
    old, new = STRAYS[name]
    assert old in job
    result = run(stdin=make_catalog() + job.replace(old, new, 1))
    assert (result.exit_code, result.output) == (1, b"")
    assert "error[misplaced-annotation]" in result.error


@pytest.mark.parametrize("escaped", [False, True])
def test_a_run_beside_the_catalog_in_one_document_is_rendered(escaped: bool) -> None:
    documents = [text.removeprefix("---\n") for text in (make_catalog(), make_job())]
    stream = "apiVersion: v1\nkind: List\nitems:\n" + "".join("-\n" + indent(text, "  ") for text in documents)
    if escaped:
        stream = stream.replace("polyaxon.com/polyaxonfile", '"polyaxon\\u002ecom/polyaxonfile"')
    result = run(stdin=stream)
    assert (result.exit_code, result.error) == (0, "")
    assert b"POLYAXON_DATA_PATHS" in result.output


@pytest.mark.parametrize("key", ["polyaxon.com/project", '"polyaxon\\u002ecom/project"'])
def test_an_annotation_on_the_catalog_is_found(key: str) -> None:
    catalog = make_catalog().replace("  labels:", f"  annotations: {{{key}: p}}\n  labels:")
    result = run(stdin=catalog + make_job())
    assert (result.exit_code, result.output) == (1, b"")
    assert "ConfigMap/catalog" in result.error


BLOCKS = "a:\n" + "".join(f"  k{number}:\n    x: y\n" for number in range(200))


@pytest.mark.parametrize("text", [BLOCKS, BLOCKS + "b: &x c\n"], ids=["read", "handed over"])
def test_a_document_leaves_nothing_in_memory(text: str) -> None:
    def read(text: str) -> None:
        if text is BLOCKS:
            [value.read() for _, value in parse(text).pairs()]
        else:
            with pytest.raises(NotInSubset):
                fast_reader.read_fast(text)

    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            read(text)
        assert gc.collect() < 200  # a document has more blocks than that
    finally:
        gc.enable()


def test_a_render_is_not_interrupted_by_the_garbage_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[bool] = set()
    watch_render(monkeypatch, lambda: seen.add(gc.isenabled()))
    assert run(stdin=make_catalog() + make_job()).exit_code == 0
    assert seen == {False}
    assert gc.isenabled()


@pytest.mark.parametrize("selector", ["{matchLabels: {foo: bar}}", "\n    matchLabels:\n      foo: bar"])
def test_a_selector_that_no_render_wrote_is_never_overwritten(selector: str) -> None:
    annotations = "polyaxon.com/run-policy: keep\npolyaxon.com/base-name: train\n"
    job = make_job(annotations=annotations).replace("name: train\n", "name: train-0123456789\n", 1)
    result = run(stdin=make_catalog() + job.replace("\nspec:\n", f"\nspec:\n  selector: {selector}\n", 1))
    assert (result.exit_code, result.output) == (1, b"")
    assert "error[run-policy]" in result.error
