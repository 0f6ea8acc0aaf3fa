"""A name that no run of the stream has means an earlier run. A near miss gets a warning, because it may be a mistake."""

from __future__ import annotations

import pytest

from post_renderer.runs import index
from tests.support.cli import make_catalog, make_job, run
from tests.support.references import KEEP, TARGET, in_release, refer


def warnings(text: str, *others: str) -> list[str]:
    asks = in_release(make_job(refer(jobs=[text]), name="report"), "demo", "report")
    result = run(stdin=make_catalog() + asks + "".join(others))
    assert result.exit_code == 0, result.error
    lines = result.error.splitlines()
    assert all("warning[unknown-run]" in line for line in lines[::2])
    return [line.removeprefix("  hint: ") for line in lines[1::2]]


def test_the_message() -> None:
    result = run(
        "check", stdin=make_catalog() + make_job(name="resnet") + make_job(refer(jobs=["resent"]), name="eval")
    )
    assert result.exit_code == 0
    assert result.error.partition(": ")[2] == (
        "warning[unknown-run] Job/eval (chart/templates/runs.yaml), polyaxon.com/polyaxonfile: "
        '"jobs/resent" is no run of this stream, so it means an earlier run\n  hint: did you mean "resnet"?\n'
    )


@pytest.mark.parametrize("text", ["resent", "resne", "resnett", "vision/resent", "vision.resent", "ann/vision/resent"])
def test_near_misses(text: str) -> None:
    assert warnings(text, make_job(name="resnet", annotations=TARGET)) == ['did you mean "resnet"?']
    assert warnings(text, make_job(name="resnet", annotations=TARGET + KEEP)) == ['did you mean "resnet"?']


def test_the_key_of_the_values_is_a_name_too_but_only_in_its_release() -> None:
    job = make_job(name="demo-resnet")
    assert warnings("resent", in_release(job, "demo", "resnet")) == ['did you mean "resnet"?']
    assert warnings("resent", in_release(job, "other", "resnet")) == []


@pytest.mark.parametrize(
    "text",
    ["resnet", "train", "resent-0123456789", "resnet-0123456789", "resent-01234567", "text/resent", "resnet-old-run"],
)
def test_other_names_get_no_warning(text: str) -> None:
    """Names of the stream, other names, Jobs with a hash, members of a grid, runs of another project."""
    assert warnings(text, make_job(name="resnet", annotations=TARGET)) == []


@pytest.mark.parametrize("text", ["resnet18", "resnet50-2"])
def test_another_number_is_another_run(text: str) -> None:
    assert warnings(text, make_job(name="resnet50" + text[8:].replace("2", "1"))) == []


def test_the_number_of_comparisons_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "COMPARISONS", 0)
    assert warnings("resent", make_job(name="resnet")) == []
