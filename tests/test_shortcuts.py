"""What a render leaves out for speed must not be seen: found by holding it against the way without the short cut."""

from __future__ import annotations

import gc

import pytest

from post_renderer.tree import small
from post_renderer.tree.scalars import HandOver
from tests.support import make_catalog, make_job, run

STRAYS = {
    "below labels": (
        "metadata:\n  name: train\n",
        "metadata:\n  name: train\n  labels: {annotations: {polyaxon.com/user: u}}\n",
    ),
    "an escaped key": ("spec:\n", 'spec:\n  annotations: {"polyaxon\\u002ecom/project": p}\n'),
    "beside an escaped gate": (
        "spec:\n",
        'spec:\n  annotations: {polyaxon.com/project: p}\n  x: [{name: "polyaxon\\u002ecom/needs-post-renderer"}]\n',
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


def test_a_document_that_is_handed_over_leaves_nothing_in_memory() -> None:
    text = "a:\n" + "".join(f"  k{number}:\n    x: y\n" for number in range(200)) + "b: &x c\n"
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            with pytest.raises(HandOver):
                small.read(text)
        assert gc.collect() < 200  # a document has more blocks than that
    finally:
        gc.enable()


@pytest.mark.parametrize("selector", ["{matchLabels: {foo: bar}}", "\n    matchLabels:\n      foo: bar"])
def test_a_selector_that_no_render_wrote_is_never_overwritten(selector: str) -> None:
    annotations = "polyaxon.com/run-policy: keep\npolyaxon.com/base-name: train\n"
    job = make_job(annotations=annotations).replace("name: train\n", "name: train-0123456789\n", 1)
    result = run(stdin=make_catalog() + job.replace("\nspec:\n", f"\nspec:\n  selector: {selector}\n", 1))
    assert (result.exit_code, result.output) == (1, b"")
    assert "error[run-policy]" in result.error
