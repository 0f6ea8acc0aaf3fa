"""Requests that can't be met."""

from __future__ import annotations

from typing import Any

import pytest

from post_renderer.problems import Problems
from post_renderer.resolve import resolve
from post_renderer.resolve.identity import Identity
from tests.support.cli import DOCUMENTED, make_catalog, make_job, run
from tests.support.messages import places, read_messages
from tests.support.resolve import ask, read, refused, resolved, variables, volumes

# Problems


@pytest.mark.parametrize(
    ("catalog", "fields", "code", "message", "hint"),
    [
        (DOCUMENTED, {"data": ["data-fo"]}, "unknown-volume", 'no data volume "data-fo"', 'did you mean "data-foo"? Known: data-foo, data1, data2'),
        (DOCUMENTED, {"data": ["outputs2"]}, "unknown-volume", 'no data volume "outputs2"', '"outputs2" is an outputs volume: write it under environment.persistence.outputs'),
        (DOCUMENTED, {"outputs": "data1"}, "unknown-volume", 'no outputs volume "data1"', '"data1" is a data volume: write it under environment.persistence.data'),
        (DOCUMENTED, {"outputs": "x"}, "unknown-volume", 'no outputs volume "x"', "Known: outputs-foo, outputs1, outputs2"),
        ("{}", {"outputs": "x"}, "unknown-volume", 'no outputs volume "x"', "the catalog is empty: add entries under persistence, or --persistence FILE"),
        ("data: {a: {mountPath: /x, existingClaim: a}}", {"outputs": "x"}, "unknown-volume", 'no outputs volume "x"', "the catalog has no outputs volumes: add entries under persistence.outputs, or --persistence FILE"),
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


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("{persistence: {data: [outputs2]}}", '"outputs2" is an outputs volume: write it under environment.persistence.outputs'),
        ("{persistence: {outputs: data1}}", '"data1" is a data volume: write it under environment.persistence.data'),
        ("{data_refs: [outputs2]}", '"outputs2" is an outputs volume: write it under environment.artifact_refs'),
        ("{artifact_refs: [data1]}", '"data1" is a data volume: write it under environment.data_refs'),
    ],
)  # fmt: skip
def test_a_volume_of_the_other_role_is_moved_in_the_words_of_the_polyaxonfile(text: str, hint: str) -> None:
    error = run(stdin=make_catalog() + make_job(f"environment: {text}\n")).error
    assert [(code, found) for code, _, found in read_messages(error)] == [("unknown-volume", hint)]


ONE = "outputs: {o: {mountPath: /o, existingClaim: o}}\n"
KEEP = "polyaxon.com/run-policy: keep\n"
OTHER = make_job("environment: {outputs: {jobs: [other]}}\n")
OUTSIDE = '"jobs/other": no run of the stream has this name, and '
DEPLOYMENT = (
    make_job()
    .replace("  name: train\n", "  generateName: t-\n")
    .replace("Job", "Deployment")
    .replace("batch/", "apps/")
)
MESSAGES = [
    (ONE + "runFolder: 'a/{kind}'\n", make_job(annotations=KEEP), "run-folder", "runFolder of the catalog has no {name}, so two kept runs would write into one run folder", "add {name} to runFolder, or set run-policy to replace"),
    (ONE, make_job(name='"a b"'), "run-folder", '"a b" is not a valid directory name', "write a valid metadata.name, or set the annotation polyaxon.com/run-folder"),
    (ONE, DEPLOYMENT, "run-folder", "the run folder needs the run's name, but only the cluster knows the name, and the pod can't read it", "set the annotation polyaxon.com/run-folder"),
    (ONE + "runFolder: '{project}/{name}'\n", make_job(), "run-folder", "runFolder of the catalog contains {project}, but this run has no project", "set the annotation polyaxon.com/project"),
    (ONE + "runFolder: '{user}/{name}'\n", make_job(), "run-folder", "runFolder of the catalog contains {user}, but this run has no user", "set the annotation polyaxon.com/user"),
    ("data: {d: {mountPath: /d, existingClaim: d, subPath: '{project}/{namespace}'}}\n", make_job(), "run-folder", "subPath of d contains {project}, but this run has no project", "set the annotation polyaxon.com/project"),
    ("data: {d: {mountPath: /d, existingClaim: d, subPath: 'a-{user}'}}\n", make_job(), "run-folder", "subPath of d contains {user}, but this run has no user", "set the annotation polyaxon.com/user"),
    (ONE + "outputsSelection: spread\n", DEPLOYMENT, "no-default-outputs", "outputsSelection: spread needs a fixed name, but Kubernetes generates the name of this object", "name an outputs volume in the polyaxonfile, or set the annotation polyaxon.com/run-folder"),
    (ONE + "outputsSelection: spread\n", OTHER, "invalid-reference", OUTSIDE + "with outputsSelection: spread its results may be in any outputs volume", "check the name of the run, or write the outputs volume of both runs in the polyaxonfile"),
    ("data: {}\n", OTHER, "invalid-reference", OUTSIDE + "this run has no outputs volume to look for its results", "check the name of the run"),
    ("outputs: {o: {mountPath: /o, volumeSource: {emptyDir: {}}}}\n", OTHER, "invalid-reference", OUTSIDE + "each pod has its own volume o, without earlier results", "check the name of the run"),
]  # fmt: skip


@pytest.mark.parametrize(("catalog", "job", "code", "message", "hint"), MESSAGES)
def test_what_a_run_can_not_get_has_a_remedy(catalog: str, job: str, code: str, message: str, hint: str) -> None:
    stream = make_catalog(catalog) + job
    error = run(stdin=stream).error
    assert read_messages(error) == [(code, message, hint)]
    line = stream[: stream.index("polyaxon.com/polyaxonfile")].count("\n") + 1
    assert places(error) in ([f"<stdin>:{line}"], [f"<stdin>:{line + 1}"])


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


@pytest.mark.parametrize("key", ["project", "user"])
def test_an_invalid_project_or_user_is_no_missing_one_too(key: str) -> None:
    catalog = make_catalog(ONE + f"runFolder: '{{{key}}}/{{name}}'\n")
    error = run(stdin=catalog + make_job(annotations=f"polyaxon.com/{key}: ../a\n")).error
    assert error.count("error[") == error.count("error[invalid-annotation]") == 1


def test_an_error_about_default_data_has_the_line_of_the_request() -> None:
    """The request has no annotation for data, so there is no better line."""
    entries = "{a: {mountPath: /d, hostPath: /a}, b: {mountPath: /d, hostPath: /b}}"
    catalog = make_catalog(f"data: {entries}\noutputs: {{o: {{mountPath: /o, hostPath: /o}}}}\n")
    job = make_job().replace("polyaxon.com/polyaxonfile: |\n      {}\n", "polyaxon.com/outputs: o\n")
    line = (catalog + job).splitlines().index("    polyaxon.com/outputs: o") + 1
    error = run(stdin=catalog + job).error
    assert f"<stdin>:{line}: error[same-mount-path] Job/train" in error
    assert "polyaxon.com/outputs: a and b have the same mount path" in error
