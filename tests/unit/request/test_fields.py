"""The annotations data, outputs and kind: a request without a polyaxonfile, or beside one that says the same."""

from __future__ import annotations

from textwrap import indent
from typing import Any

import pytest
import yaml

from tests.support.cli import make_catalog, run
from tests.support.messages import heads

FILE = "polyaxon.com/polyaxonfile"
DATA, OUTPUTS, KIND = (f"polyaxon.com/{field}" for field in ("data", "outputs", "kind"))
KEEP = "polyaxon.com/run-policy: keep\n"


def job(outer: str = "", inner: str = "", name: str = "train", pod: str = "") -> str:
    """A Job with these lines as annotations of the Job and of its pod template."""
    head = f"---\n# Source: chart/templates/runs.yaml\napiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {name}\n"
    head += f"  annotations:\n    team: vision\n{indent(outer, '    ')}spec:\n  template:\n"
    head += f"    metadata:\n      annotations:\n        team: vision\n{indent(inner, '        ')}"
    return f"{head}    spec:\n{indent(pod, '      ')}      containers:\n      - name: main\n        image: busybox\n"


def rendered(stream: str, catalog: str | None = None) -> dict[str, Any]:
    """The last object of a rendering."""
    result = run(stdin=(make_catalog() if catalog is None else catalog) + stream)
    assert (result.exit_code, result.error) == (0, "")
    found: dict[str, Any] = list(yaml.safe_load_all(result.output))[-1]
    return found


def pod_of(stream: str) -> Any:
    return rendered(stream)["spec"]["template"]["spec"]


def refused(stream: str, catalog: str | None = None) -> str:
    result = run(stdin=(make_catalog() if catalog is None else catalog) + stream)
    assert (result.exit_code, result.output) == (1, b"")
    return result.error


# The annotations, and the polyaxonfile that asks for the same.
SAME = [
    ({DATA: "data1"}, "environment: {persistence: {data: [data1]}}"),
    ({DATA: "'data2, data1'"}, "environment: {persistence: {data: [data2, data1]}}"),
    ({DATA: "' data2 ,data1 '"}, "environment: {persistence: {data: [data2, data1]}}"),
    ({DATA: "''"}, "environment: {persistence: {data: []}}"),
    ({OUTPUTS: "outputs2"}, "environment: {persistence: {outputs: outputs2}}"),
    ({KIND: "job"}, "{}"),
    ({KIND: "experiment"}, "kind: experiment"),
    ({KIND: "notebook"}, "kind: notebook"),
    ({KIND: "tensorboard"}, "kind: tensorboard"),
    ({KIND: "build"}, "kind: build"),
    (
        {DATA: "data1", OUTPUTS: "outputs2", KIND: "experiment"},
        "kind: experiment\nenvironment: {persistence: {data: [data1], outputs: outputs2}}",
    ),
]


def lines(annotations: dict[str, str]) -> str:
    return "".join(f"{key}: {value}\n" for key, value in annotations.items())


@pytest.mark.parametrize(("annotations", "file"), SAME)
def test_annotations_alone_ask_as_a_polyaxonfile_does(annotations: dict[str, str], file: str) -> None:
    expected = pod_of(job(f"{FILE}: |\n{indent(file, '  ')}\n"))
    assert ("env" in expected["containers"][0]) == ("build" not in file)
    assert pod_of(job(lines(annotations))) == expected
    assert pod_of(job("", lines(annotations))) == expected


@pytest.mark.parametrize("on_template", range(8))
def test_each_field_is_merged_on_its_own(on_template: int) -> None:
    fields = {DATA: "data1", OUTPUTS: "outputs2", KIND: "experiment"}
    inner = {key: value for at, (key, value) in enumerate(fields.items()) if on_template & 1 << at}
    outer = {key: value for key, value in fields.items() if key not in inner}
    assert pod_of(job(lines(outer), lines(inner))) == pod_of(job(lines(fields)))


@pytest.mark.parametrize(("key", "one", "other"), [(DATA, "data1", "data2"), (DATA, "'data1,data2'", "'data2,data1'"), (DATA, "data1", "''"), (OUTPUTS, "outputs2", "outputs-foo"), (KIND, "job", "experiment")])  # fmt: skip
def test_a_field_on_both_levels_must_be_the_same(key: str, one: str, other: str) -> None:
    assert pod_of(job(f"{key}: {one}\n", f"{key}: {one}\n")) == pod_of(job(f"{key}: {one}\n"))
    error = refused(job(f"{key}: {one}\n", f"{key}: {other}\n"))
    assert error.count("error[") == 1
    assert f", {key}: this annotation is on the workload and on its pod template" in error


def test_spaces_between_names_make_no_difference() -> None:
    assert pod_of(job(f"{DATA}: 'data1, data2'\n", f"{DATA}: 'data1,data2'\n")) == pod_of(job(f"{DATA}: data1,data2\n"))


# A polyaxonfile, an annotation, and what is said of the file if the two are different.
BESIDE = [
    ("kind: experiment", KIND, "experiment", ""),
    ("environment: {persistence: {data: [data2, data1]}}", DATA, "'data2, data1'", ""),
    ("environment: {data_refs: [data1]}", DATA, "data1", ""),
    ("environment: {persistence: {data: []}}", DATA, "''", ""),
    ("environment: {persistence: {outputs: outputs2}}", OUTPUTS, "outputs2", ""),
    ("kind: experiment", KIND, "job", 'has "experiment"'),
    ("environment: {persistence: {data: [data2, data1]}}", DATA, "data1,data2", 'has "data2,data1"'),
    ("environment: {persistence: {data: [data1]}}", DATA, "''", 'has "data1"'),
    ("environment: {persistence: {data: []}}", DATA, "data1", 'has ""'),
    ("environment: {persistence: {outputs: outputs2}}", OUTPUTS, "outputs-foo", 'has "outputs2"'),
    # a missing field is not the same as its default
    ("{}", KIND, "job", "has no kind"),
    ("kind: null", KIND, "job", "has no kind"),
    ("{}", DATA, "data-foo,data1,data2", "has no data"),
    ("{}", DATA, "''", "has no data"),
    ("{}", OUTPUTS, "outputs-foo", "has no outputs"),
]


@pytest.mark.parametrize(("file", "key", "value", "difference"), BESIDE)
@pytest.mark.parametrize("levels", ["oo", "oi", "io", "ii"])  # of the polyaxonfile and of the annotation
def test_an_annotation_beside_a_polyaxonfile_must_say_the_same(
    file: str, key: str, value: str, difference: str, levels: str
) -> None:
    written = {"o": "", "i": ""}
    written[levels[0]] += f"{FILE}: '{file}'\n"
    written[levels[1]] += f"{key}: {value}\n"
    stream = job(written["o"], written["i"])
    if not difference:
        assert pod_of(stream) == pod_of(job(f"{FILE}: '{file}'\n"))
        return
    error = refused(stream)
    assert error.count("error[") == 1
    line = next(number for number, text in enumerate((make_catalog() + stream).splitlines(), 1) if f"{key}: " in text)
    begin = f"<stdin>:{line}: error[contradiction] Job/train (chart/templates/runs.yaml), {key}: "
    assert error.startswith(f'{begin}the annotation asks for "')
    assert f"but the polyaxonfile of the run {difference}\n" in error
    assert f"write the same {key.removeprefix('polyaxon.com/')} in the polyaxonfile" in error


# An annotation, what is wrong, and what to write.
WRONG = [
    (f"{DATA}: 'data1,'", '"data1," has an empty name', "commas"),
    (f"{DATA}: ','", '"," has an empty name', "commas"),
    (f"{DATA}: ' '", '" " has an empty name', "commas"),
    (f"{DATA}: data1 data2", "is not a comma-separated list of data volumes", "images,labels"),
    (f"{DATA}: '[data1, data2]'", "is not a comma-separated list of data volumes", "images,labels"),
    (f"{DATA}: data1,data1", "names a data volume twice", "once"),
    (f"{DATA}:", "the annotation has no value", 'write "" to get no data volume'),
    (f"{DATA}: ~", "the annotation has no value", 'write "" to get no data volume'),
    (f"{DATA}: 12", 'Kubernetes refuses the value "12"', "in quotes"),
    (f"{DATA}: on", 'Kubernetes refuses the value "on"', "in quotes"),
    (f"{OUTPUTS}: ''", "the name of the outputs volume is empty", "remove the annotation"),
    (f"{OUTPUTS}: ' '", "the name of the outputs volume is empty", "remove the annotation"),
    (f"{OUTPUTS}:", "the annotation has no value", "remove the annotation"),
    (f"{OUTPUTS}: outputs2,outputs-foo", "names several outputs volumes", "one name"),
    (f"{OUTPUTS}: outputs2,", "names several outputs volumes", "one name"),
    (f"{OUTPUTS}: a b", "is not the name of an outputs volume", "the name of one outputs volume"),
    (f"{KIND}: ''", 'unknown kind ""', "Known:"),
    (f"{KIND}:", "the annotation has no value", "the default is job"),
    (f"{KIND}: Job", 'unknown kind "Job"', 'did you mean "job"?'),
    (f"{KIND}: group", 'unknown kind "group"', "write one run for each set of params"),
]


@pytest.mark.parametrize(("line", "message", "hint"), WRONG)
@pytest.mark.parametrize("is_outer", [True, False])
def test_what_can_not_be_meant_is_refused_once(line: str, message: str, hint: str, *, is_outer: bool) -> None:
    key = line.partition(":")[0]
    file = f"{FILE}: 'environment: {{persistence: {{data: [dataX]}}}}'\n"  # its error is not reported, too
    for more in ("", file, "polyaxon.com/containers: main\n"):
        outer, inner = (f"{line}\n", more) if is_outer else (more, f"{line}\n")
        for stream in (job(outer, inner), job(outer + inner), job("", outer + inner)):
            error = refused(stream)
            assert error.count("error[") == 1
            assert heads(error)[0].startswith("error[invalid-annotation] Job/train (")
            assert f", {key}: " in error
            assert message in error
            assert hint in error


@pytest.mark.parametrize(("count", "code"), [(8192, "unknown-volume"), (8193, "input-too-large")])
def test_a_list_of_names_has_a_limit(count: int, code: str) -> None:
    names = ",".join(f"n{number:06}" for number in range(count))
    assert (len(names) > 64 * 1024) is (code == "input-too-large")
    assert heads(refused(job(f"{DATA}: {names}\n")))[0].startswith(f"error[{code}] Job/train (")


@pytest.mark.parametrize("value", ["[data1]", "{data1: x}"])
def test_a_list_is_refused(value: str) -> None:
    assert "error[wrong-type]" in refused(job(f"{DATA}: {value}\n"))


def test_a_block_scalar_and_an_alias_are_read() -> None:
    assert pod_of(job(f"{DATA}: |\n  data1, data2\n")) == pod_of(job(f"{DATA}: data1,data2\n"))
    assert pod_of(job(f"note: &a data1\n{DATA}: *a\n")) == pod_of(job(f"{DATA}: data1\n"))


def test_a_typing_error_leads_to_the_new_names() -> None:
    assert 'did you mean "polyaxon.com/outputs"?' in refused(job("polyaxon.com/output: outputs2\n"))


# Places and hints


@pytest.mark.parametrize("is_outer", [True, False])
def test_an_unknown_volume_is_where_its_annotation_is(*, is_outer: bool) -> None:
    fields, other = f"{KEEP}{OUTPUTS}: outX\n{DATA}: data1,dataX\n", "polyaxon.com/containers: main\n"
    stream = job(fields, other) if is_outer else job(other, fields).replace(KEEP.strip(), "free: x")
    error = refused(stream)
    assert error.count("error[") == 2
    for role, name in (("data", "dataX"), ("outputs", "outX")):
        (line,) = (at for at, text in enumerate((make_catalog() + stream).splitlines(), 1) if name in text)
        where = f"<stdin>:{line}: error[unknown-volume] Job/train (chart/templates/runs.yaml), polyaxon.com/{role}: "
        assert f'{where}no {role} volume "{name}"' in error


def test_a_name_of_the_other_role_leads_to_the_other_annotation() -> None:
    assert '"outputs2" is an outputs volume: write it under polyaxon.com/outputs' in refused(job(f"{DATA}: outputs2\n"))


@pytest.mark.parametrize("inner", ["", "polyaxon.com/containers: main\n"])
def test_an_error_of_the_whole_request_is_at_the_first_field_and_names_annotations(inner: str) -> None:
    locked = make_catalog("outputs:\n  o: {mountPath: /o, existingClaim: o, readOnly: true}\n")
    stream = job(f"{KEEP}{DATA}: ''\n{KIND}: job\n", inner)
    (line,) = (at for at, text in enumerate((locked + stream).splitlines(), 1) if DATA in text)
    error = refused(stream, locked)
    assert error.startswith(f"<stdin>:{line}: error[no-default-outputs] Job/train (chart/templates/runs.yaml): ")
    assert "name an outputs entry in polyaxon.com/outputs\n" in error


def test_two_entries_on_one_path_lead_to_the_annotation() -> None:
    same = make_catalog("data:\n  a: {mountPath: /d, existingClaim: a}\n  b: {mountPath: /d, existingClaim: b}\n")
    error = refused(job(f"{DATA}: a,b\n"), same)
    assert f", {DATA}: a and b have the same mount path" in error
    assert "name only one entry for each mount path in polyaxon.com/data\n" in error
    assert f", {KIND}: a and b have the same mount path" in refused(job(f"{KIND}: job\n"), same)


def test_a_read_only_volume_is_a_warning_at_its_annotation() -> None:
    result = run(stdin=make_catalog() + job(f"{OUTPUTS}: outputs1\n"))
    assert result.exit_code == 0
    assert f"), {OUTPUTS}: outputs volume " in result.error


# What follows from a request


@pytest.mark.parametrize("line", [f"{DATA}: ''\n", f"{OUTPUTS}: outputs2\n", f"{KIND}: build\n"])
def test_each_annotation_alone_is_a_request(line: str) -> None:
    gate = "schedulingGates:\n- name: polyaxon.com/needs-post-renderer\n"
    assert "error[no-request]" in refused(job(pod=gate))
    for stream in (
        job(line, pod=gate),
        job("", line, pod=gate),
        job(line, "polyaxon.com/containers: main\n", pod=gate),
    ):
        assert "schedulingGates" not in pod_of(stream)


def test_a_build_asks_for_nothing_and_needs_no_catalog() -> None:
    stream = job(f"{KIND}: build\n")
    assert rendered(stream, "---\n") == yaml.safe_load(stream)
    result = run(stdin=job(f"{KIND}: build\n", f"{DATA}: data1\n"))
    assert result.exit_code == 0
    assert f"<stdin>:15: warning[request-ignored] Job/train (chart/templates/runs.yaml), {DATA}: " in result.error
    assert "remove the names of these volumes from its annotations\n" in result.error


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        (f"{DATA}: [images]", 'write "images"'),
        (f"{DATA}: [images, labels]", 'write "images,labels"'),
        (f"{OUTPUTS}: []", "write a string in quotes"),
        (f"{KIND}: {{a: b}}", "write a single value"),
        (
            "polyaxon.com/polyaxonfile: {kind: job}",
            "write the polyaxonfile as text: write | after polyaxon.com/polyaxonfile:, and the polyaxonfile below it",
        ),
    ],
)
def test_a_value_that_is_not_a_string_names_its_annotation(line: str, hint: str) -> None:
    error = refused(job(f"{line}\n"))
    name = line.partition(": ")[0]
    assert f"error[wrong-type] Job/train (chart/templates/runs.yaml), {name}: this value is a" in error
    assert error.endswith(f"  hint: {hint}\n")


def test_only_an_annotation_of_the_pod_template_is_part_of_a_jobs_name() -> None:
    asks = f"{DATA}: data1\n"
    names = [
        rendered(stream)["metadata"]["name"]
        for stream in (
            job(f"{KEEP}{FILE}: 'environment: {{persistence: {{data: [data1]}}}}'\n"),
            job(KEEP + asks),
            job(KEEP + asks + f"{KIND}: job\n"),
            job(KEEP, asks),
            job(KEEP, asks + f"{KIND}: job\n"),
        )
    ]
    assert names[0] == names[1] == names[2]
    assert len(set(names[2:])) == 3


def test_other_runs_can_refer_to_such_a_run() -> None:
    reads = f"{FILE}: 'environment: {{persistence: {{data: []}}, outputs: {{experiments: [train]}}}}'\n"
    other = job(reads, name="other")
    asked = rendered(job(f"{KIND}: experiment\n{OUTPUTS}: outputs2\n") + other)
    (mount,) = (
        one for one in asked["spec"]["template"]["spec"]["containers"][0]["volumeMounts"] if "refs" in one["mountPath"]
    )
    assert mount["name"] == "outputs2"


def test_the_label_of_the_chart_is_no_annotation() -> None:
    labelled = job().replace("  annotations:", f"  labels: {{{KIND}: experiment}}\n  annotations:", 1)
    assert rendered(labelled) == yaml.safe_load(labelled)
