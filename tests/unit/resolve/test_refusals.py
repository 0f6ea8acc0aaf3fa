"""Requests that can't be met."""

from __future__ import annotations

from typing import Any

import pytest

from post_renderer.problems import Problems
from post_renderer.resolve import resolve
from post_renderer.resolve.identity import Identity
from tests.support.cli import DOCUMENTED, make_catalog, make_job, run
from tests.support.resolve import ask, read, refused, resolved, variables, volumes

# Problems


@pytest.mark.parametrize(
    ("catalog", "fields", "code", "message", "hint"),
    [
        (DOCUMENTED, {"data": ["data-fo"]}, "unknown-volume", 'no data volume "data-fo"', 'did you mean "data-foo"? Known: data-foo, data1, data2'),
        (DOCUMENTED, {"data": ["outputs2"]}, "unknown-volume", 'no data volume "outputs2"', '"outputs2" is an outputs volume: write it under environment.persistence.outputs'),
        (DOCUMENTED, {"outputs": "data1"}, "unknown-volume", 'no outputs volume "data1"', '"data1" is a data volume: write it under environment.persistence.data'),
        (DOCUMENTED, {"outputs": "x"}, "unknown-volume", 'no outputs volume "x"', "Known: outputs-foo, outputs1, outputs2"),
        ("{}", {"outputs": "x"}, "unknown-volume", 'no outputs volume "x"', "None are known."),
        ("outputs: {o: {mountPath: /o, existingClaim: o, readOnly: true}}", {}, "no-default-outputs", "the run needs default outputs, but no outputs entry of the catalog is writable", "make an outputs entry writable, or name an outputs entry in the polyaxonfile"),
        ("outputs: {o: {mountPath: /o, volumeSource: {nfs: {server: s, path: /, readOnly: true}}}}", {}, "no-default-outputs", "the run needs default outputs, but no outputs entry of the catalog is writable", "make an outputs entry writable, or name an outputs entry in the polyaxonfile"),
        ("{data: {a: {mountPath: /x, existingClaim: a}, b: {mountPath: /x, existingClaim: b}}}", {}, "same-mount-path", 'a and b have the same mount path "/x"', "list the default data in the catalog's defaultData, or name the volumes that the run needs in the polyaxonfile"),
        ("{data: {a: {mountPath: /x, existingClaim: a}}, outputs: {o: {mountPath: /x, existingClaim: o}}}", {"data": ["a"]}, "same-mount-path", 'o and a have the same mount path "/x"', "name only one entry for each mount path in the polyaxonfile"),
    ],
)  # fmt: skip
def test_a_request_that_can_not_be_met(
    catalog: str, fields: dict[str, Any], code: str, message: str, hint: str
) -> None:
    assert refused(catalog, **fields) == [(code, message, hint)]


def test_two_entries_may_share_a_mount_path_while_no_run_has_both() -> None:
    catalog = "{data: {v1: {mountPath: /x, existingClaim: a}, v2: {mountPath: /x, existingClaim: b}}}"
    assert volumes(resolved(catalog, data=["v2"])) == ["v2"]


def test_all_unknown_names_are_reported_at_once() -> None:
    assert len(refused(DOCUMENTED, data=["x", "y"], outputs="z")) == 3


def test_a_wrong_entry_is_the_catalogs_problem_not_the_requests() -> None:
    catalog = read("data: {a: {mountPath: a, existingClaim: a}}")
    problems = Problems()
    assert resolve(catalog, ask(), Identity("train"), problems) is None
    assert problems.found == []
    assert [problem.code for found in problems.in_catalog for problem in found] == ["invalid-entry"]


@pytest.mark.parametrize(("length", "fits"), [(131072, True), (131073, False)])
def test_linux_takes_128_kib_for_one_variable(length: int, fits: bool) -> None:
    """MAX_ARG_STRLEN counts NAME=value and the byte that ends it."""
    frame = len("POLYAXON_RUN_DATA_PATHS=" + '{"d": "/"}') + 1
    catalog = f"data: {{d: {{mountPath: /{'x' * (length - frame)}, existingClaim: d}}}}"
    if fits:
        assert variables(resolved(catalog))["POLYAXON_RUN_DATA_PATHS"]
    else:
        assert [code for code, _, _ in refused(catalog)] == ["value-too-long"]


def test_an_explicit_read_only_outputs_entry_is_a_warning() -> None:
    problems = Problems()
    resolution = resolve(read(DOCUMENTED), ask(outputs="outputs1"), Identity("train"), problems)
    assert resolution is not None
    (warning,) = problems.found
    assert (warning.code, warning.severity) == ("read-only-outputs", "warning")
    assert "outputs-foo, outputs2" in warning.hint


@pytest.mark.parametrize(
    ("fields", "warned"),
    [({}, False), ({"data": []}, False), ({"data": ["data1"]}, True), ({"outputs": "outputs2"}, False)],
)
def test_a_tensorboard_that_asks_for_data_is_warned(fields: dict[str, Any], warned: bool) -> None:
    problems = Problems()
    assert resolve(read(DOCUMENTED), ask(kind="tensorboard", **fields), Identity("board"), problems) is not None
    assert [problem.code for problem in problems.found] == ["request-ignored"] * warned


def test_the_hint_for_a_volume_of_the_other_role_has_the_spelling_of_the_polyaxonfile() -> None:
    for key, hint in (
        ("persistence: {data", "environment.persistence.outputs"),
        ("data_refs", "environment.artifact_refs"),
    ):
        end = "}" if "{" in key else ""
        result = run(stdin=make_catalog() + make_job(f"environment: {{{key}: [outputs2]{end}}}\n"))
        assert f'"outputs2" is an outputs volume: write it under {hint}\n' in result.error
