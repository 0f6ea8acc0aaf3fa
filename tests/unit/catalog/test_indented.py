"""A setting or an entry of the catalog that is indented too far: the messages are those of the chart."""

from __future__ import annotations

import pytest

from tests.unit.catalog.test_catalog import names_of, problems_of, read

ENTRY = "mountPath: /a, existingClaim: a"


@pytest.mark.parametrize(
    ("text", "about", "key", "beside"),
    [
        (f"data: {{outputs: {{results: {{{ENTRY}}}, store: {{{ENTRY}}}}}}}", "data.outputs", "outputs", "data"),
        ("data: {outputs: {}}", "data.outputs", "outputs", "data"),
        ("data: {defaultData: [a]}", "data.defaultData", "defaultData", "data"),
        ("data: {workloads: []}", "data.workloads", "workloads", "data"),
        ("outputs: {defaultOutputs: a}", "outputs.defaultOutputs", "defaultOutputs", "outputs"),
        ("outputs: {runFolder: {}}", "outputs.runFolder", "runFolder", "outputs"),
        (f"outputs: {{data: {{images: {{{ENTRY}}}}}}}", "outputs.data", "data", "outputs"),
        (f"data: {{images: {{{ENTRY}, outputs: {{}}}}}}", "data.images", "outputs", "data"),
        (f"data: {{images: {{{ENTRY}, labels: {{{ENTRY}}}}}}}", "data.images", "labels", "images"),
        ("data: {b: {store: s3, bucket: s3://b, defaultData: []}}", "data.b", "defaultData", "data"),
        (f"data: {{b: {{store: s3, bucket: s3://b, c: {{{ENTRY}}}}}}}", "data.b", "c", "b"),
    ],
)  # fmt: skip
def test_it_is_reported_once_with_its_place(text: str, about: str, key: str, beside: str) -> None:
    (problem,) = problems_of(read(text))
    assert (problem.about, problem.message) == (about, f'is "{key}" indented too far?')
    assert (problem.hint, problem.line) == (f"it belongs beside {beside}", 1)


@pytest.mark.parametrize("entry", [ENTRY, "mountPath: /a, volumeSource: {emptyDir: {}}", "store: s3, bucket: s3://b"])
@pytest.mark.parametrize(
    ("role", "name"), [("data", "data"), ("data", "outputs"), ("data", "workloads"), ("outputs", "data")]
)
def test_an_entry_may_have_the_name_of_a_setting(entry: str, role: str, name: str) -> None:
    catalog = read(f"{role}: {{{name}: {{{entry}}}}}")
    assert problems_of(catalog) == []
    assert names_of(catalog)[role] == [name]
