"""Argo CD's plugin, as Argo CD runs it: the commands of its file, in an application's folder, with its environment."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest
import yaml

from tests.support.cli import Result, run
from tests.support.examples import env_of, objects
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.helm

ARGOCD = ROOT / "deploy" / "argocd"
PLUGIN = yaml.safe_load((ARGOCD / "plugin.yaml").read_text())["spec"]
APPLICATION = yaml.safe_load((ARGOCD / "application.yaml").read_text())
APPLICATION_SET = yaml.safe_load((ARGOCD / "applicationset.yaml").read_text())
HELMS = ("helm3", "helm4")
SHARED = "persistence: {data: {data2: {existingClaim: shared-pvc}}}\n"
UNKNOWN = "runs: {bad: {polyaxonfile: {environment: {persistence: {data: [data-fo]}}}}}\n"
# A chart that shows what Helm was told.
SHOWING = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: shown}
data:
  release: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  version: {{ .Capabilities.KubeVersion.Version | quote }}
  api: {{ .Capabilities.APIVersions.Has "example.com/v1/Widget" | quote }}
  other: {{ .Capabilities.APIVersions.Has "example.com/v2" | quote }}
  values: {{ toJson .Values | quote }}
"""
HOOK = "apiVersion: v1\nkind: Secret\nmetadata: {name: hook, annotations: {helm.sh/hook: pre-install}}\n"
TEST = "apiVersion: v1\nkind: Secret\nmetadata: {name: test, annotations: {helm.sh/hook: test}}\n"


@pytest.fixture(params=HELMS)
def helm(
    request: pytest.FixtureRequest,
    tools: Path,
    helm_env: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """One of the Helms as ``helm`` on PATH, in the environment of a plugin's container."""
    name: str = request.param
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "helm").symlink_to(tools / name)
    for key, value in env_of(name, helm_env).items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("PATH", f"{binaries}:{helm_env['PATH']}")
    return name


@pytest.fixture
def one_helm(tools: Path, helm_env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Helm 4 as ``helm``: for what does not depend on it."""
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "helm").symlink_to(tools / "helm4")
    for key, value in helm_env.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("PATH", f"{binaries}:{helm_env['PATH']}")


@pytest.fixture
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with our chart as an application, and the current folder in it."""
    folder = tmp_path / "checkout" / "deploy" / "training"
    shutil.copytree(ROOT / "chart", folder, ignore=shutil.ignore_patterns("tests"))
    shutil.copy(ROOT / "values-examples" / "documented.yaml", folder / "values-production.yaml")
    (folder.parent / "common").mkdir()
    (folder.parent / "common" / "persistence.yaml").write_text(SHARED)
    enter(folder, "deploy/training", monkeypatch)
    return folder


def enter(folder: Path, source_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("ARGOCD_APP_NAME", "training")
    monkeypatch.setenv("ARGOCD_APP_NAMESPACE", "vision")
    monkeypatch.setenv("ARGOCD_APP_SOURCE_PATH", source_path)


def make_chart(folder: Path, head: str = "name: showing", **templates: str) -> Path:
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text(f"apiVersion: v2\nversion: 0.1.0\n{head}\n")
    for name, text in (templates or {"shown": SHOWING}).items():
        (folder / "templates" / f"{name}.yaml").write_text(text)
    return folder


def generate(*more: str) -> Result:
    command = PLUGIN["generate"]
    assert command["command"] == ["polyaxon-persistence"]
    return run(*command["args"], *more)


def set_parameters(monkeypatch: pytest.MonkeyPatch, **parameters: Any) -> None:
    """Set them as Argo CD does; a name's dashes are underscores here."""
    types = {"str": "string", "list": "array", "dict": "map"}
    entries = [
        {"name": name.replace("_", "-"), types[type(value).__name__]: value} for name, value in parameters.items()
    ]
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", json.dumps(entries))


def quoted(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.error
    (found,) = (item for item in objects(result.output.decode()) if item["metadata"]["name"] == "shown")
    return {**found["data"], "values": json.loads(found["data"]["values"])}


def refusals(result: Result) -> list[str]:
    """The codes of all problems; nothing was written."""
    assert (result.exit_code, result.output) == (1, b"")
    heads = [line for line in result.error.splitlines() if not line.startswith("  hint: ")]
    assert all(line.startswith("error[") for line in heads), result.error
    return [line[len("error[") :].partition("]")[0] for line in heads]


def rendered_by_hand(*arguments: str) -> list[dict[str, Any]]:
    """What the documented pipe gives for the chart in the current folder."""
    done = subprocess.run(
        ["helm", "template", "training", ".", "-n", "vision", *arguments], capture_output=True, check=True
    )
    return objects(run("--persistence", "../common/persistence.yaml", stdin=done.stdout).output.decode())


@pytest.mark.usefixtures("helm", "application")
def test_the_example_application_is_what_a_pipe_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = APPLICATION["spec"]["source"]["plugin"]["parameters"]
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", json.dumps(parameters))
    done = generate()
    assert done.exit_code == 0, done.error
    found = objects(done.output.decode())
    more = ("-f", "../common/persistence.yaml", "--set", "runDefaults.backoffLimit=2")
    assert found == rendered_by_hand("-f", "values-production.yaml", *more)
    jobs = [item for item in found if item["kind"] == "Job"]
    assert len(jobs) == 4
    for job in jobs:
        assert job["spec"]["backoffLimit"] == 2
        assert job["metadata"]["namespace"] == "vision"
        variables = [item["name"] for item in job["spec"]["template"]["spec"]["containers"][0]["env"]]
        assert "POLYAXON_DATA_PATHS" in variables
        kubernetes_validate.validate(job, "1.34", strict=True)
    assert "shared-pvc" in done.output.decode()


@pytest.mark.usefixtures("one_helm", "application")
def test_the_example_application_set_is_the_same_by_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in APPLICATION_SET["spec"]["template"]["spec"]["source"]["plugin"]["env"]:
        monkeypatch.setenv(f"ARGOCD_ENV_{variable['name']}", variable["value"])
    monkeypatch.setenv("ARGOCD_ENV_PERSISTENCE_FILES", "../common/persistence.yaml,\n../common/persistence.yaml")
    done = generate()
    assert done.exit_code == 0, done.error
    assert objects(done.output.decode()) == rendered_by_hand("-f", "values-production.yaml")


@pytest.mark.usefixtures("helm")
def test_helm_is_told_what_argo_cd_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(make_chart(tmp_path / "app"), ".", monkeypatch)
    monkeypatch.setenv("ARGOCD_APP_NAME", "team-b_training")  # an Application of another namespace
    monkeypatch.setenv("KUBE_VERSION", "1.33.2")
    monkeypatch.setenv("KUBE_API_VERSIONS", "v1,example.com/v1/Widget,apps/v1")
    data = quoted(generate())
    assert data["values"] == {}
    assert (data["release"], data["namespace"], data["version"]) == ("training", "vision", "v1.33.2")
    assert (data["api"], data["other"]) == ("true", "false")
    for name in ("KUBE_VERSION", "KUBE_API_VERSIONS", "ARGOCD_APP_NAMESPACE"):
        monkeypatch.delenv(name)
    set_parameters(monkeypatch, release_name="other.one")
    data = quoted(generate())
    assert (data["release"], data["namespace"], data["api"]) == ("other.one", "default", "false")


@pytest.mark.usefixtures("helm")
def test_values_come_in_argo_cds_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_chart(tmp_path / "app")
    enter(folder, ".", monkeypatch)
    (folder / "values.yaml").write_text("{a: chart, b: chart, c: chart, d: chart, e: chart}")
    (folder / "one.yaml").write_text("{b: one, c: one, d: one, e: one}")
    (folder / "two.yaml").write_text("{c: two, d: two, e: two}")
    (folder / "text, with [a] name.txt").write_text("some text")
    (folder / "text.txt").write_text("some text")
    set_parameters(
        monkeypatch,
        values_files=["one.yaml", "./two.yaml"],
        values="d: inline\ne: inline\n",
        helm_parameters={"e": "parameter", "list": "{x,y}", "commas": "x,y", "number": "1", "escaped": r"x\,y"},
        helm_string_parameters={"text": "1"},
        helm_file_parameters={"file": "text.txt"},
    )
    assert quoted(generate())["values"] == {
        "a": "chart", "b": "one", "c": "two", "d": "inline", "e": "parameter",
        "list": ["x", "y"], "commas": "x,y", "number": 1, "escaped": "x,y", "text": "1", "file": "some text",
    }  # fmt: skip


@pytest.mark.usefixtures("one_helm")
def test_maps_may_stand_in_variables_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(make_chart(tmp_path / "app"), ".", monkeypatch)
    monkeypatch.setenv("ARGOCD_ENV_HELM_PARAMETERS", '{"a.b": "x"}')
    monkeypatch.setenv("ARGOCD_ENV_VALUES", "c: z\n")
    assert quoted(generate())["values"] == {"a": {"b": "x"}, "c": "z"}


@pytest.mark.usefixtures("helm")
def test_crds_hooks_and_tests_are_in_unless_they_are_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_chart(tmp_path / "app", shown=SHOWING, hook=HOOK, test=TEST)
    (folder / "crds").mkdir()
    crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets}\n"
    (folder / "crds" / "widget.yaml").write_text(crd)
    enter(folder, ".", monkeypatch)

    def names() -> set[str]:
        return {item["metadata"]["name"] for item in objects(generate().output.decode())}

    assert names() == {"shown", "hook", "test", "widgets"}
    set_parameters(monkeypatch, skip_crds="true", skip_hooks="false", skip_tests="true")
    assert names() == {"shown", "hook"}
    set_parameters(monkeypatch, skip_hooks="true")
    assert names() == {"shown", "widgets"}


@pytest.mark.usefixtures("one_helm", "application")
def test_the_administrators_catalog_goes_over_the_applications(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site.yaml"  # outside of the repository: the plugin's file names it, not the application
    site.write_text("persistence: {data: {data2: {existingClaim: site-pvc}}}\n")
    set_parameters(
        monkeypatch, values_files=["values-production.yaml"], persistence_files=["../common/persistence.yaml"]
    )
    output = generate("--persistence", str(site)).output.decode()
    assert "site-pvc" in output
    assert "shared-pvc" not in output


@pytest.mark.usefixtures("helm", "application")
def test_an_unknown_volume_is_told_and_nothing_is_written(application: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (application / "bad.yaml").write_text(UNKNOWN)
    set_parameters(monkeypatch, values_files=["values-production.yaml", "bad.yaml"])
    done = generate()
    assert refusals(done) == ["unknown-volume"]
    assert 'no data volume "data-fo"' in done.error
    assert 'did you mean "data-foo"?' in done.error


@pytest.mark.usefixtures("helm")
def test_what_helm_says_is_told_without_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template = '{{ fail (printf "no %s and %v at https://user:pw@example.com/x" .Values.token .Values.number) }}'
    enter(make_chart(tmp_path / "app", broken=template), ".", monkeypatch)
    set_parameters(monkeypatch, helm_parameters={"token": "geheim,nis", "number": "17"})
    done = generate()
    assert (done.exit_code, done.output) == (1, b"")
    assert "no *** and 17 at https://***@example.com/x" in done.error
    assert "geheim" not in done.error
    assert "user:pw" not in done.error


@pytest.mark.usefixtures("helm")
def test_a_secret_of_several_lines_is_told_in_no_spelling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template = '{{ fail (printf "%q and %s" .Values.token (index (splitList "\\n" .Values.token) 1)) }}'
    enter(make_chart(tmp_path / "app", broken=template), ".", monkeypatch)
    set_parameters(monkeypatch, helm_string_parameters={"token": 'first"one\nsecond-line'})
    done = generate()
    assert '"***" and ***' in done.error
    assert "first" not in done.error
    assert "second" not in done.error


@pytest.mark.usefixtures("one_helm", "application")
def test_without_a_helm_the_message_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "relative:/nowhere")
    done = generate()
    assert (done.exit_code, done.output) == (2, b"")
    assert "no helm on PATH" in done.error
    assert "POLYAXON_PERSISTENCE_HELM" in done.error


def test_a_folder_without_a_chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(tmp_path, ".", monkeypatch)
    assert refusals(generate()) == ["argocd-parameter"]


# What a repository or an Application could set to read what is not theirs, or to have Helm take it for an option.
PATHS = [
    {"values_files": ["/etc/hostname"]},
    {"values_files": ["../../../outside.yaml"]},
    {"values_files": ["../common/../../../outside.yaml"]},
    {"values_files": ["https://example.com/values.yaml"]},
    {"values_files": ["file:///etc/hostname"]},
    {"values_files": ["-"]},
    {"values_files": ["--post-renderer"]},
    {"values_files": ["values/--post-renderer"]},
    {"persistence_files": ["../../../outside.yaml"]},
    {"persistence_files": ["/etc/hostname"]},
    {"helm_file_parameters": {"a": "../../../outside.yaml"}},
    {"helm_file_parameters": {"a": "-"}},
    {"helm_file_parameters": {"x=/etc/hostname,a": "values.yaml"}},
    {"helm_file_parameters": {"a": "values,b=outside.yaml"}},
    {"helm_file_parameters": {"a": "{/etc/hostname}"}},
]


@pytest.mark.parametrize("parameters", PATHS, ids=json.dumps)
def test_paths_out_of_the_repository_and_options_are_refused(
    parameters: dict[str, Any], application: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = application.parent.parent.parent / "outside.yaml"
    outside.write_text("secret: x\n")
    for name in ("--post-renderer", "-", "values/--post-renderer", "values,b=outside.yaml", "{/etc/hostname}"):
        path = application / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a: b\n")  # they are there, and yet may not be read
    set_parameters(monkeypatch, **parameters)
    done = generate()
    assert refusals(done) == ["unsafe-path"]
    assert "secret" not in done.error


@pytest.mark.parametrize("name", ["a,{outside}", 'a"', "a\nb"])
def test_values_files_that_helm_would_take_for_others_are_refused(
    name: str, tmp_path: Path, application: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("secret: x\n")
    name = name.format(outside=outside)
    for file in ("a", name):
        path = application / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a: b\n")
    set_parameters(monkeypatch, values_files=[name])
    assert refusals(generate()) == ["unsafe-path"]


def test_without_its_path_the_applications_folder_is_the_repository(
    application: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_parameters(monkeypatch, values_files=["../common/persistence.yaml"])
    for path in ("", ".", "elsewhere", "../training", "deploy/../deploy/training/.."):
        monkeypatch.setenv("ARGOCD_APP_SOURCE_PATH", path)
        assert refusals(generate()) == ["unsafe-path"], path
    assert application.is_dir()


@pytest.mark.parametrize(
    ("place", "target"),
    [
        ("values-linked.yaml", "/etc/hostname"),
        ("templates/linked.yaml", "/etc/hostname"),
        ("templates/more", "../../../../.."),
        ("charts", "/usr/share"),
        ("Chart.lock", "../../../outside.yaml"),
        ("../common/linked", "/etc"),
        ("../dangling", "../../nowhere"),
    ],
)
def test_symbolic_links_out_of_the_repository_are_refused(place: str, target: str, application: Path) -> None:
    (application.parent.parent.parent / "outside.yaml").write_text("dependencies: []\n")
    (application / place).symlink_to(target)
    done = generate()
    assert "unsafe-path" in refusals(done)
    assert f'{place.rpartition("/")[2]}" leads out of the repository' in done.error


@pytest.mark.usefixtures("one_helm")
def test_symbolic_links_within_the_repository_are_followed(application: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (application / "linked.yaml").symlink_to("../common/persistence.yaml")
    set_parameters(monkeypatch, values_files=["values-production.yaml", "linked.yaml"])
    assert "shared-pvc" in generate().output.decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ARGOCD_APP_NAME", "--post-renderer"),
        ("ARGOCD_APP_NAME", "-f"),
        ("ARGOCD_APP_NAME", ""),
        ("ARGOCD_APP_NAME", "a" * 54),
        ("ARGOCD_ENV_RELEASE_NAME", '{{ env "HOME" }}'),
        ("ARGOCD_ENV_RELEASE_NAME", "--set=a=b"),
        ("ARGOCD_ENV_VALUE_FILES", "values.yaml"),
        ("ARGOCD_ENV_POST_RENDERER", "/bin/sh"),
        ("ARGOCD_ENV_HELM_PARAMETERS", "a=b"),
        ("ARGOCD_ENV_HELM_PARAMETERS", '{"a": 1}'),
        ("ARGOCD_ENV_SKIP_CRDS", "yes"),
        ("ARGOCD_ENV_VALUES_FILES", "missing.yaml"),
        ("ARGOCD_APP_PARAMETERS", "not JSON"),
        ("ARGOCD_APP_PARAMETERS", '[{"name": "values-files", "array": ["a\\u0000b"]}]'),
        ("ARGOCD_APP_PARAMETERS", '[{"name": "helm-parameters", "map": {"a\\u0000": "b"}}]'),
        ("ARGOCD_APP_PARAMETERS", '[{"name": "values", "string": "\\ud800"}]'),
        ("ARGOCD_APP_PARAMETERS", "[1]"),
        ("ARGOCD_APP_PARAMETERS", '{"values": "a"}'),
        ("ARGOCD_APP_PARAMETERS", '[{"name": "values"}]'),
        ("ARGOCD_APP_PARAMETERS", '[{"name": "values", "array": ["a"]}]'),
        ("ARGOCD_APP_PARAMETERS", '[{"name": "values-files", "array": [1]}]'),
        ("ARGOCD_APP_PARAMETERS", '[{"name": "post-renderer", "string": "sh"}]'),
        ("ARGOCD_APP_PARAMETERS", '[{"name": "values", "string": ""}, {"name": "values", "string": ""}]'),
    ],
)
@pytest.mark.usefixtures("application")
def test_what_an_application_sets_wrong_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    assert refusals(generate()) == ["argocd-parameter"]


@pytest.mark.usefixtures("application")
def test_a_mistyped_parameter_gets_a_suggestion(monkeypatch: pytest.MonkeyPatch) -> None:
    set_parameters(monkeypatch, value_files=["a"], values="x: y")
    monkeypatch.setenv("ARGOCD_ENV_VALUES", "x: y")
    done = generate()
    assert refusals(done) == ["argocd-parameter", "argocd-parameter"]
    assert 'unknown parameter "value-files"' in done.error
    assert 'did you mean "values-files"?' in done.error
    assert "values is set twice" in done.error


HEADS = [
    "name: --post-renderer",
    "name: a\ndependencies: [{name: b, version: 1.0.0, repository: 'file:///etc'}]",
    "name: a\ndependencies: [{name: b, version: 1.0.0, repository: 'file://../../../../outside'}]",
    "name: a\nDependencies: [{name: b, version: 1.0.0, Repository: 'FILE://../../../../outside'}]",
    "name: a\ndependencies: [{name: ../../outside, version: 1.0.0}]",
    "name: a\ndependencies: [{name: --debug, version: 1.0.0, repository: 'https://example.com'}]",
    "name: a\ndependencies: []\nDEPENDENCIES: [{name: b, version: 1.0.0, repository: 'file:///etc'}]",
    "name: a\nx: &x {dependencies: [{name: b, version: 1.0.0, repository: 'file:///etc'}]}\n<<: *x",
    "name: a\ndependencies: *unknown",
    # To Go, the long s is an s; !!binary is the text that its base64 holds ("file:///etc", "dependencies").
    "name: a\ndependencie\u017f: [{name: b, version: 1.0.0, repository: 'file:///etc'}]",
    "name: a\ndependencies: [{name: b, version: 1.0.0, repository: !!binary ZmlsZTovLy9ldGM=}]",
    "name: a\ndependencies: [{name: b, version: 1.0.0, repository: !<!!binary> 'ZmlsZTovLy9ldGM='}]",
    "name: a\n!!binary ZGVwZW5kZW5jaWVz: [{name: b, version: 1.0.0, repository: 'file:///etc'}]",
]


@pytest.mark.parametrize("head", HEADS)
def test_charts_that_reach_out_are_refused(head: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(make_chart(tmp_path / "checkout" / "app", head), "app", monkeypatch)
    assert set(refusals(generate())) == {"unsafe-path"}


@pytest.mark.parametrize("file", ["Chart.lock", "requirements.yaml", "requirements.lock"])
@pytest.mark.parametrize("text", [head.partition("\n")[2] for head in HEADS[1:5]])
def test_and_so_are_lock_files_that_do(file: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_chart(tmp_path / "checkout" / "app", "name: a")
    (folder / file).write_text(text + "\n")
    enter(folder, "app", monkeypatch)
    assert set(refusals(generate())) == {"unsafe-path"}


@pytest.mark.usefixtures("helm")
def test_a_local_dependency_is_built_where_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "chart", tmp_path / "checkout" / "library", ignore=shutil.ignore_patterns("tests"))
    version = yaml.safe_load((ROOT / "chart" / "Chart.yaml").read_text())["version"]
    dependency = f"{{name: polyaxon-persistence, version: {version}, repository: 'file://../library'}}"
    folder = make_chart(tmp_path / "checkout" / "app", f"name: a\ndependencies: [{dependency}]")
    values = yaml.safe_load((ROOT / "values-examples" / "documented.yaml").read_text())
    (folder / "values.yaml").write_text(yaml.safe_dump({"polyaxon-persistence": values}))
    enter(folder, "app", monkeypatch)
    done = generate()
    assert done.exit_code == 0, done.error
    assert "POLYAXON_DATA_PATHS" in done.output.decode()
    shutil.rmtree(tmp_path / "checkout" / "library")  # what is in charts/ is not built again
    assert generate().output == done.output


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[], tuple[Path, str]]]:
    """A folder and the address under which it is served."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield lambda: (folder, f"http://127.0.0.1:{server.server_address[1]}")
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_dependency_of_a_chart_repository_is_fetched_by_its_lock_file(
    helm: str, serve: Callable[[], tuple[Path, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"  # a container's Helm knows no repository
    for name in ("HELM_CACHE_HOME", "HELM_CONFIG_HOME"):
        monkeypatch.setenv(name, str(home / name))
    served, address = serve()
    library = make_chart(tmp_path / "library", "name: library")
    for command in (["package", str(library), "-d", str(served)], ["repo", "index", str(served), "--url", address]):
        subprocess.run(["helm", *command], check=True, capture_output=True)
    head = f"name: a\ndependencies: [{{name: library, version: '>=0.1.0', repository: '{address}'}}]"
    folder = make_chart(tmp_path / "app", head, other=HOOK)
    subprocess.run(["helm", "dependency", "update", str(folder)], check=True, capture_output=True)
    shutil.rmtree(folder / "charts")
    shutil.rmtree(home)
    enter(folder, ".", monkeypatch)
    assert quoted(generate())["release"] == "training", helm
    assert [path.name for path in (folder / "charts").iterdir()] == ["library-0.1.0.tgz"]


def test_the_plugin_takes_charts_that_speak_of_us(
    application: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = PLUGIN["discover"]["find"]
    assert words["command"] == ["polyaxon-persistence"]

    def found(folder: Path) -> bool:
        monkeypatch.chdir(folder)
        done = run(*words["args"])
        assert (done.exit_code, done.error) == (0, "")
        return bool(done.output)

    assert found(application)
    assert not found(application.parent / "common")
    assert not found(make_chart(tmp_path / "bare"))
    annotated = "metadata: {annotations: {polyaxon.com/polyaxonfile: '{}'}}\n"
    assert found(make_chart(tmp_path / "other", job=annotated))
    parent = "name: parent\ndependencies: [{name: polyaxon-persistence, version: 0.1.0, repository: 'https://x'}]"
    assert found(make_chart(tmp_path / "parent", parent))
    linked = make_chart(tmp_path / "linked")
    (linked / "templates" / "job.yaml").symlink_to(tmp_path / "other" / "templates" / "job.yaml")
    assert not found(linked)


def test_parameters_are_announced_in_argo_cds_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGOCD_APP_NAME", "training")
    words = PLUGIN["parameters"]["dynamic"]
    assert words["command"] == ["polyaxon-persistence"]
    rows = json.loads(run(*words["args"]).output)
    types = {"string": str, "array": list, "map": dict}
    for row in rows:
        assert set(row) == {"name", "title", "tooltip", "collectionType", row["collectionType"]}
        assert isinstance(row[row["collectionType"]], types[row["collectionType"]])
    by_name = {row["name"]: row for row in rows}
    assert by_name["release-name"]["string"] == "training"
    assert {"values-files", "values", "helm-parameters", "persistence-files"} <= set(by_name)


@pytest.mark.usefixtures("one_helm", "application")
def test_what_is_announced_may_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page sends back what it showed, defaults included."""
    monkeypatch.delenv("ARGOCD_APP_NAME")
    rows = json.loads(run(*PLUGIN["parameters"]["dynamic"]["args"]).output)
    fields = ("name", "string", "array", "map")
    entries = [{key: value for key, value in row.items() if key in fields} for row in rows]
    monkeypatch.setenv("ARGOCD_APP_NAME", "training")
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", json.dumps(entries))
    done = generate()
    assert done.exit_code == 0, done.error


def build(folder: Path, kustomization: str, kustomize: Path) -> list[dict[str, Any]]:
    """Argo CD's repo-server, in so far as the patches touch it, with a kustomization over it."""
    shutil.copytree(ARGOCD, folder / "argocd")
    (folder / "install.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: argocd-repo-server}\nspec:\n"
        "  selector: {matchLabels: {app.kubernetes.io/name: argocd-repo-server}}\n  template:\n"
        "    metadata: {labels: {app.kubernetes.io/name: argocd-repo-server}}\n    spec:\n"
        "      containers: [{name: argocd-repo-server, image: 'quay.io/argoproj/argocd:v3.4.4'}]\n"
        "      volumes: [{name: var-files, emptyDir: {}}, {name: plugins, emptyDir: {}}]\n"
    )
    (folder / "kustomization.yaml").write_text(kustomization)
    done = subprocess.run([kustomize, "build", folder], capture_output=True, text=True, check=True)
    return objects(done.stdout)


def test_the_sidecar_for_plain_manifests(tools: Path, tmp_path: Path) -> None:
    config, deployment = build(tmp_path, "resources: [install.yaml]\ncomponents: [argocd]\n", tools / "kustomize")
    assert config["data"]["plugin.yaml"] == (ARGOCD / "plugin.yaml").read_text()
    kubernetes_validate.validate(deployment, "1.34", strict=True)
    spec = deployment["spec"]["template"]["spec"]
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    assert volumes["polyaxon-persistence-plugin"]["configMap"]["name"] == config["metadata"]["name"]
    (sidecar,) = (item for item in spec["containers"] if item["name"] == "polyaxon-persistence")
    assert {mount["name"] for mount in sidecar["volumeMounts"]} == set(volumes)


def test_the_sidecar_for_the_official_chart_is_the_same() -> None:
    values = yaml.safe_load((ARGOCD / "values.yaml").read_text())
    assert values["configs"]["cmp"] == {"create": True, "plugins": {"polyaxon-persistence": PLUGIN}}
    (container,) = values["repoServer"]["extraContainers"]
    patch = yaml.safe_load((ARGOCD / "sidecar.yaml").read_text())["spec"]["template"]["spec"]
    (expected,) = patch["containers"]
    for mount in expected["volumeMounts"]:
        if mount["name"] == "polyaxon-persistence-plugin":  # the chart has one ConfigMap for all plugins
            mount |= {"name": "argocd-cmp-cm", "subPath": "polyaxon-persistence.yaml"}
    assert container == expected
    assert {volume["name"] for volume in values["repoServer"]["volumes"]} == {
        "argocd-cmp-cm",
        "polyaxon-persistence-tmp",
    }


def test_the_images_folder_of_helm_is_first_on_the_repo_servers_path(tools: Path, tmp_path: Path) -> None:
    kustomization = "resources: [install.yaml]\npatches: [{path: argocd/repo-server-helm.yaml}]\n"
    (deployment,) = build(tmp_path, kustomization, tools / "kustomize")
    kubernetes_validate.validate(deployment, "1.34", strict=True)
    (server,) = deployment["spec"]["template"]["spec"]["containers"]
    (path,) = (item["value"] for item in server["env"] if item["name"] == "PATH")
    folder = path.partition(":")[0]
    dockerfile = (ARGOCD / "Dockerfile").read_text()
    assert f"ln -s ../bin/polyaxon-persistence {folder}/helm" in dockerfile
