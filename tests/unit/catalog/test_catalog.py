"""The catalog: its settings, its layers, and which catalog is a workload's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from post_renderer.catalog.entry import DATA, OUTPUTS
from post_renderer.catalog.load import read_layer_file
from post_renderer.catalog.read import read_catalog
from post_renderer.problems import YamlError
from post_renderer.stream import CATALOG_LIMIT
from tests.support.cli import DOCUMENTED, make_catalog, make_job, run
from tests.support.messages import read_messages

if TYPE_CHECKING:
    from pathlib import Path

    from post_renderer.catalog import Catalog
    from post_renderer.problems import Problem


def read(*texts: str) -> Catalog:
    return read_catalog(
        [read_layer_file(f"layer-{number}.yaml", text.encode()) for number, text in enumerate(texts, 1)]
    )


def problems_of(catalog: Catalog) -> list[Problem]:
    return [*catalog.settings_problems, *(problem for found in catalog.entry_problems.values() for problem in found)]


def names_of(catalog: Catalog) -> dict[str, list[str]]:
    return {role: list(entries) for role, entries in catalog.entries.items()}


def test_the_documented_catalog_has_no_problems() -> None:
    catalog = read(DOCUMENTED)
    assert problems_of(catalog) == []
    assert names_of(catalog) == {DATA: ["data-foo", "data1", "data2"], OUTPUTS: ["outputs-foo", "outputs1", "outputs2"]}
    assert catalog.writable_outputs() == ["outputs-foo", "outputs2"]
    assert catalog.default_data is None
    assert catalog.default_outputs is None
    assert not catalog.spread
    assert not catalog.isolate_runs


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "{}", "persistence:\n", "persistence: {}\nother: 1\n", "data:\noutputs: ~\n"]
)
def test_a_catalog_may_be_empty(text: str) -> None:
    catalog = read(text)
    assert problems_of(catalog) == []
    assert names_of(catalog) == {DATA: [], OUTPUTS: []}


def test_names_are_in_bytewise_order() -> None:
    entries = "".join(
        f"  {name}: {{mountPath: /{name}, existingClaim: c}}\n" for name in ("b", "a-b", "a1", "10", "9", "a")
    )
    assert names_of(read("data:\n" + entries))[DATA] == ["10", "9", "a", "a-b", "a1", "b"]


ENTRY = "{mountPath: /x, existingClaim: x}"
SETTINGS = [
    # code, catalog, about, message, hint
    ("invalid-catalog", "data: [a]", "persistence.data", "must be a mapping of names to volumes", "write data: {my-data: {mountPath: /data, existingClaim: my-claim}}"),
    ("invalid-catalog", "outputs: a", "persistence.outputs", "must be a mapping of names to volumes", "write outputs: {my-outputs: {mountPath: /outputs, existingClaim: my-claim}}"),
    ("invalid-catalog", "defaultdata: [a]", "persistence.defaultdata", "unknown key", 'did you mean "defaultData"? Known: data, defaultData, defaultOutputs, isolateRuns, outputs, outputsSelection, persistence, runFolder, workloads'),
    ("invalid-catalog", "Data: {}", "persistence.Data", "unknown key", 'did you mean "data"? Known: data, defaultData, defaultOutputs, isolateRuns, outputs, outputsSelection, persistence, runFolder, workloads'),
    ("invalid-catalog", "isolateRuns: 'true'", "persistence.isolateRuns", "must be true or false, without quotes", "write isolateRuns: true or isolateRuns: false"),
    ("invalid-catalog", "defaultData: data1", "persistence.defaultData", "must be a list of names of data volumes", "write defaultData: [data1]"),
    ("invalid-catalog", "defaultData: {a: b}", "persistence.defaultData", "must be a list of names of data volumes", "write defaultData: [NAME]"),
    ("invalid-catalog", "defaultData: [data3]", "persistence.defaultData", 'no data volume "data3"', 'did you mean "data2"? Known: data-foo, data1, data2'),
    ("invalid-catalog", "defaultData: [outputs2]", "persistence.defaultData", 'no data volume "outputs2"', "Known: data-foo, data1, data2"),
    ("invalid-catalog", "defaultData: [data1, data1]", "persistence.defaultData", '"data1" is repeated', "write the name once"),
    ("invalid-catalog", "defaultData: [[data1]]", "persistence.defaultData", "no data volume \"['data1']\"", 'did you mean "data1"? Known: data-foo, data1, data2'),
    ("invalid-catalog", "defaultOutputs: [outputs2]", "persistence.defaultOutputs", "must be a string", "write the value of defaultOutputs as a string in quotes"),
    ("invalid-catalog", "defaultOutputs: true", "persistence.defaultOutputs", "must be a string", "write the value of defaultOutputs as a string in quotes"),
    ("invalid-catalog", "defaultOutputs: output2", "persistence.defaultOutputs", 'no outputs volume "output2"', 'did you mean "outputs2"? Known: outputs-foo, outputs1, outputs2'),
    ("invalid-catalog", "defaultOutputs: outputs1", "persistence.defaultOutputs", '"outputs1" is read-only, but runs write to the default outputs volume', "write one of: outputs-foo, outputs2"),
    ("invalid-catalog", "outputsSelection: random", "persistence.outputsSelection", 'unknown value "random"', "Known: first, spread"),
    ("invalid-catalog", "{outputsSelection: spread, defaultOutputs: outputs2}", "persistence.outputsSelection", "outputsSelection: spread and defaultOutputs are both set, but only one of them is possible", "remove outputsSelection or defaultOutputs"),
    ("run-folder", "runFolder: '{nam}'", "persistence.runFolder", '"{nam}" has an unknown placeholder "{nam}"; did you mean "name"? Known: kind, name, namespace, project, user', "write a relative path with placeholders, such as {namespace}/{kind}/{name}"),
    ("run-folder", "runFolder: 'a}b'", "persistence.runFolder", '"a}b" has a "}" without "{"', "write a relative path with placeholders, such as {namespace}/{kind}/{name}"),
    ("run-folder", "runFolder: '{name'", "persistence.runFolder", '"{name" has a "{" without "}"', "write a relative path with placeholders, such as {namespace}/{kind}/{name}"),
    ("run-folder", "runFolder: /{name}", "persistence.runFolder", '"/{name}" is not relative', "write a relative path with placeholders, such as {namespace}/{kind}/{name}"),
    ("run-folder", "runFolder: '{name}/'", "persistence.runFolder", '"{name}/" ends in a slash', "write a relative path with placeholders, such as {namespace}/{kind}/{name}"),
    ("run-folder", "runFolder: 'a//{name}'", "persistence.runFolder", '"a//{name}" has a double slash', "write a relative path with placeholders, such as {namespace}/{kind}/{name}"),
    ("run-folder", "runFolder: '../{name}'", "persistence.runFolder", '"../{name}" has a ".." in it', "write a relative path with placeholders, such as {namespace}/{kind}/{name}"),
    ("run-folder", "runFolder: 'a:b/{name}'", "persistence.runFolder", '"a:b/{name}" has a colon, which Kubernetes refuses', "write a relative path with placeholders, such as {namespace}/{kind}/{name}"),
    ("invalid-catalog", "runFolder: 12", "persistence.runFolder", "must be a string", "write the value of runFolder as a string in quotes"),
    ("invalid-entry", f"data: {{Upper: {ENTRY}}}", "persistence.data.Upper", '"Upper" is not a valid name', "write a DNS label: at most 63 lower-case letters, digits and dashes, such as data-1"),
    ("invalid-entry", f"data: {{true: {ENTRY}}}", "persistence.data.true", '"true" is not a valid name', "choose another name: Helm reads an unquoted on, off, yes, no, y or n as true or false"),
    ("invalid-entry", "data: {mountPath: /data}", "persistence.data.mountPath", '"mountPath" is a key of an entry, but the name of an entry must be in this place', "write a name for the volume: data: {my-data: {mountPath: …}}"),
    ("invalid-entry", f"outputs: {{data1: {ENTRY}}}", "persistence.outputs.data1", "the name is used under data and under outputs", "rename one of the two entries"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text", "about", "message", "hint"), SETTINGS)
def test_a_setting_is_checked(code: str, text: str, about: str, message: str, hint: str) -> None:
    catalog = read(DOCUMENTED, text)
    in_file = about.removeprefix("persistence.")  # the file has only the map
    (problem,) = [problem for problem in catalog.settings_problems if problem.about == in_file]
    assert (problem.code, problem.severity) == (code, "error")
    assert (problem.message, problem.hint) == (message, hint)
    assert (problem.file, problem.line) == ("layer-2.yaml", 1)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("defaultData: [data2, data1]", "default_data", ["data2", "data1"]),
        ("defaultData: []", "default_data", []),
        ("defaultData: null", "default_data", None),
        ("defaultOutputs: outputs2", "default_outputs", "outputs2"),
        ("outputsSelection: spread", "spread", True),
        ("outputsSelection: first", "spread", False),
        ("isolateRuns: yes", "isolate_runs", True),
        (
            "runFolder: 'runs/{kind}-{name}'",
            "run_folder",
            [("runs/", False), ("kind", True), ("-", False), ("name", True)],
        ),
    ],
)
def test_a_setting_is_read(text: str, field: str, value: object) -> None:
    catalog = read(DOCUMENTED, text)
    assert problems_of(catalog) == []
    found = catalog.run_folder.parts if field == "run_folder" else getattr(catalog, field)
    assert found == value


def test_a_directory_that_nobody_creates_can_not_be_mounted_alone() -> None:
    catalog = read("isolateRuns: true\noutputs: {o: {mountPath: /o, existingClaim: o, createRunFolder: false}}\n")
    assert catalog.settings_problems == []
    assert [problem.code for problem in catalog.entry_problems[OUTPUTS, "o"]] == ["invalid-entry"]
    jobs = make_job() + make_job(name="other")  # reported once, although two runs use it
    error = run(
        stdin=make_catalog(
            "isolateRuns: true\noutputs: {o: {mountPath: /o, existingClaim: o, createRunFolder: false}}\n"
        )
        + jobs
    ).error
    assert error.count("error[") == error.count("error[invalid-entry]") == 1


# As Helm layers values: maps merge, lists and scalars replace, null takes away.
LAYERS = [
    ("maps merge", ["data: {a: {mountPath: /a, existingClaim: a}}", "data: {a: {readOnly: true}}"], {"a": ("/a", "a", True)}),
    ("scalars replace", ["data: {a: {mountPath: /a, existingClaim: a}}", "data: {a: {mountPath: /b}}"], {"a": ("/b", "a", False)}),
    ("entries are added", ["data: {a: {mountPath: /a, existingClaim: a}}", "data: {b: {mountPath: /b, existingClaim: b}}"], {"a": ("/a", "a", False), "b": ("/b", "b", False)}),
    ("null takes an entry away", ["data: {a: {mountPath: /a, existingClaim: a}}", "data: {a: null}"], {}),
    ("null takes a key away", ["data: {a: {mountPath: /a, hostPath: /x, existingClaim: a}}", "data: {a: {hostPath: }}"], {"a": ("/a", "a", False)}),
    ("null takes a role away", ["data: {a: {mountPath: /a, existingClaim: a}}", "data: ~"], {}),
    ("null in a single layer", ["data: {a: null, b: {mountPath: /b, hostPath: null, existingClaim: b}}"], {"b": ("/b", "b", False)}),
    ("what was taken away may come back", ["data: {a: {mountPath: /a, existingClaim: a}}", "data: {a: null}", "data: {a: {mountPath: /c, existingClaim: c}}"], {"a": ("/c", "c", False)}),
    ("with and without persistence:", ["persistence: {data: {a: {mountPath: /a, existingClaim: a}}}", "data: {a: {existingClaim: b}}"], {"a": ("/a", "b", False)}),
    ("order of the layers", ["data: {a: {mountPath: /a, existingClaim: a}}", "data: {a: {existingClaim: b}}", "data: {a: {existingClaim: c}}"], {"a": ("/a", "c", False)}),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "expected"), [row[1:] for row in LAYERS], ids=[row[0] for row in LAYERS])
def test_layers(texts: list[str], expected: dict[str, tuple[str, str, bool]]) -> None:
    catalog = read(*texts)
    found = {}
    for name, entry in catalog.entries[DATA].items():
        found[name] = (entry.mount_path, entry.claim, entry.read_only)
    assert found == expected
    assert problems_of(catalog) == []


def test_lists_replace() -> None:
    assert read(DOCUMENTED, "defaultData: [data1, data2]", "defaultData: [data-foo]").default_data == ["data-foo"]


def test_the_hint_for_a_read_only_default_says_what_can_be_written() -> None:
    only = "outputs: {a: {mountPath: /a, existingClaim: a, readOnly: true}}\n"
    more = "outputs: {b: {mountPath: /b, existingClaim: b}, c: {mountPath: /c, existingClaim: c}}\n"
    hints = [read(*texts, "defaultOutputs: a").settings_problems[0].hint for texts in ([only], [only, more])]
    assert hints == ["make an outputs volume writable", "write one of: b, c"]


def test_checks_run_on_the_layered_result() -> None:
    half = "data: {a: {mountPath: /a}}"
    assert problems_of(read(half, "data: {a: {existingClaim: a}}")) == []
    assert "no source" in problems_of(read(half))[0].message


def test_a_problem_is_at_the_last_layer_that_has_the_key() -> None:
    catalog = read(
        "data:\n  a: {mountPath: /a}\n", "# ours\ndata:\n  b: {mountPath: /b, existingClaim: b}\n", "outputs: {}\n"
    )
    (problem,) = problems_of(catalog)
    assert (problem.file, problem.line) == ("layer-1.yaml", 2)


@pytest.mark.parametrize("text", ["just words", "[a]", "persistence: [a]", "persistence: words"])
def test_a_catalog_is_a_mapping(text: str) -> None:
    with pytest.raises(YamlError) as error:
        read(text)
    assert error.value.code == "invalid-catalog"
    assert error.value.hint


@pytest.mark.parametrize(
    ("text", "code"), [("a: 1\na: 2\n", "duplicate-key"), ("a: &x {}\nb: *x\n", "alias"), ("b: {<<: {}}\n", "alias")]
)
def test_a_catalog_means_one_thing_to_every_reader(text: str, code: str) -> None:
    with pytest.raises(YamlError) as error:
        read(text)
    assert error.value.code == code


# Catalogs of a stream and of files


def test_the_file_lies_over_the_streams_catalog(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("data: {data1: null, data2: {existingClaim: site-pvc}}\n")
    output = run(
        "--persistence", str(site), stdin=make_catalog() + make_job("environment: {persistence: {}}\n")
    ).output.decode()
    assert 'claimName: "site-pvc"' in output
    assert 'mountPath: "/data/1"' not in output
    assert 'claimName: "data-foo-pvc"' in output


FILES = [
    (b"data: [unclosed\n", "invalid-catalog", 1),
    (b"\n- a\n", "invalid-catalog", 2),
    (b"data:\n  \xff: 1\n", "invalid-encoding", 2),
    (b"data: {}\ndata: {}\n", "duplicate-key", 2),
    (b"x: " + b"[" * 101 + b"]" * 101, "input-too-large", 1),
    (b"# " + b"x" * (64 * 2**20), "input-too-large", 0),
    (b"data:\n  a:\n    mountPath: a\n    existingClaim: a\n", "invalid-entry", 3),
]


@pytest.mark.parametrize(("content", "code", "line"), FILES)
def test_a_wrong_file_is_named_with_its_own_line(content: bytes, code: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_bytes(content)
    result = run("--persistence", str(path), stdin=make_job())
    assert result.exit_code == 1
    assert result.output == b""
    assert result.error.startswith(f"{path}:{line}: error[{code}] " if line else f"{path}: error[{code}] ")


def test_a_byte_order_mark_is_no_part_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_bytes(b"\xef\xbb\xbf" + DOCUMENTED.encode())
    assert run("--persistence", str(tmp_path / "site.yaml"), stdin=make_job()).exit_code == 0


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    result = run("--persistence", str(tmp_path / "none.yaml"), stdin=make_job())
    assert result.exit_code == 2
    assert "none.yaml: No such file or directory" in result.error


def test_render_checks_the_entries_that_runs_use_and_check_all_of_them() -> None:
    stream = make_catalog(DOCUMENTED + "  unused: {mountPath: relative, existingClaim: c}\n") + make_job()
    assert run(stdin=stream).exit_code == 0
    checked = run("check", stdin=stream)
    assert checked.exit_code == 1
    assert "persistence.outputs.unused" in checked.error


def test_render_checks_all_names() -> None:
    result = run(stdin=make_catalog(DOCUMENTED + "  Unused: {mountPath: /u, existingClaim: c}\n") + make_job())
    assert result.exit_code == 1
    assert "persistence.outputs.Unused" in result.error


CATALOGS = [
    ("a catalog without its text", "data: {}\n", "invalid-catalog", "the catalog has no persistence.yaml"),
    ("no data at all", "", "invalid-catalog", "the catalog has no persistence.yaml"),
    ("a text that is no mapping", "data: {persistence.yaml: words}\n", "invalid-catalog", "not a mapping"),
    ("a text that is no YAML", "data:\n  persistence.yaml: |\n    a: b\n    [\n", "invalid-catalog", "line"),
]


@pytest.mark.parametrize(("data", "code", "message"), [row[1:] for row in CATALOGS], ids=[row[0] for row in CATALOGS])
def test_a_wrong_catalog_in_the_stream_is_placed(data: str, code: str, message: str) -> None:
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, labels: {polyaxon.com/catalog: v1}}\n" + data
    result = run(stdin=config + make_job())
    assert result.exit_code == 1
    assert re.match(rf"<stdin>:\d+: error\[{code}\] ConfigMap/c\b", result.error)
    assert message in result.error
    assert "no-catalog" not in result.error  # one cause, one problem


def test_a_catalog_may_be_on_one_line() -> None:
    config = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, labels: {polyaxon.com/catalog: v1}}\n"
        'data: {persistence.yaml: "data: {d: {mountPath: rel, existingClaim: c}}"}\n'
    )
    result = run(stdin=config + make_job())
    assert "<stdin>:4: error[invalid-entry] ConfigMap/c, persistence.data.d: mountPath" in result.error


@pytest.mark.parametrize(
    ("text", "line"), [('"data: {}\\nrunFolder: /x"', 5), ("|\n    data: {}\n    runFolder: /x", 7)]
)
def test_an_error_in_a_quoted_catalog_is_on_the_line_of_the_catalog(text: str, line: int) -> None:
    config = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, labels: {polyaxon.com/catalog: v1}}\n"
        f"data:\n  persistence.yaml: {text}\n"
    )
    result = run(stdin=config + make_job())
    assert f"<stdin>:{line}: error[run-folder] ConfigMap/c, persistence.runFolder: " in result.error


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, labels: {polyaxon.com/catalog: v1}}\n"
ISOLATED = "isolateRuns: true\noutputs: {o: {%s}}\n"
MESSAGES = [
    (CONFIG, "invalid-catalog", "the catalog has no persistence.yaml", "write the volumes as YAML text in the key persistence.yaml of data"),
    (CONFIG + "data: {persistence.yaml: words}\n", "invalid-catalog", "the catalog is not a mapping", "write a mapping with the keys data and outputs"),
    (make_catalog(ISOLATED % "mountPath: /o, existingClaim: o, createRunFolder: false"), "invalid-entry", "isolateRuns mounts only the run folder, but createRunFolder: false does not create it", "remove createRunFolder"),
    (make_catalog(ISOLATED % "store: s3, bucket: 's3://b'"), "invalid-entry", "isolateRuns needs an entry that pods mount, but no pod mounts a bucket", "use a volume, or remove isolateRuns"),
    (CONFIG.replace("v1}}", "v2}}"), "catalog-version", 'the catalog has version "v2", but this post-renderer reads only v1', "upgrade the post-renderer"),
]  # fmt: skip


@pytest.mark.parametrize(("stream", "code", "message", "hint"), MESSAGES)
def test_an_error_in_a_catalog_has_a_remedy(stream: str, code: str, message: str, hint: str) -> None:
    result = run(stdin=stream + make_job())
    assert (code, message, hint) in read_messages(result.error)


def test_an_error_in_a_file_has_a_remedy(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    for content, code, message, hint in (
        (b"\xff", "invalid-encoding", "the file is not UTF-8", "save the file as UTF-8"),
        (b"#" * (CATALOG_LIMIT + 1), "input-too-large", f"the catalog is larger than {CATALOG_LIMIT >> 20} MiB",
         "name fewer volumes; in a --persistence file, remove all keys except `persistence`"),
    ):  # fmt: skip
        site.write_bytes(content)
        assert read_messages(run("--persistence", str(site), stdin=make_job()).error) == [(code, message, hint)]


def test_a_label_on_something_else_than_a_config_map_is_free() -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: c, labels: {polyaxon.com/catalog: v7}}\n"
    assert run(stdin=secret + make_catalog() + make_job()).exit_code == 0


def test_a_catalog_may_be_behind_other_objects_of_a_list() -> None:
    catalog = "  - " + make_catalog().partition("catalog.yaml\n")[2].replace("\n", "\n    ").rstrip(" ")
    others = "".join(
        f"  - {{apiVersion: v1, kind: {kind}, metadata: {{name: x}}}}\n" for kind in ("Service", "ConfigMap")
    )
    result = run(stdin="apiVersion: v1\nkind: List\nitems:\n" + others + catalog + make_job())
    assert (result.exit_code, result.error) == (0, "")
    assert b'mountPath: "/data/1"' in result.output


def test_a_catalog_that_can_not_be_read_is_a_problem_of_its_own() -> None:
    result = run(stdin=make_catalog().replace("name: catalog\n", "name: [catalog\n") + make_job())
    assert result.exit_code == 1
    assert "error[invalid-yaml]" in result.error


def test_an_entry_that_is_no_mapping_is_no_reason_to_choose_another() -> None:
    catalog = read("outputs: {a: words, b: {mountPath: /b, existingClaim: b}}")
    assert catalog.writable_outputs() == ["a", "b"]
    result = run(stdin=make_catalog("outputs:\n  a: words\n  b: {mountPath: /b, existingClaim: b}\n") + make_job())
    assert "persistence.outputs.a: an entry must be a mapping" in result.error
