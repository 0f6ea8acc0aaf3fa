"""What a repository or an Application may not do: paths out of the repository, options, charts that fetch."""

from __future__ import annotations

import functools
import http.server
import json
import os
import shutil
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from post_renderer.integrations.argocd_repository import Repository
from tests.support.paths import ROOT
from tests.unit.integrations.argocd.conftest import HOOK, enter, generate, make_chart, quoted, refusals, set_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


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


def test_without_its_path_the_applications_directory_is_the_repository(
    application: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_parameters(monkeypatch, values_files=["../common/persistence.yaml"])
    for path in ("", ".", "elsewhere", "../training", "deploy/../deploy/training/.."):
        monkeypatch.setenv("ARGOCD_APP_SOURCE_PATH", path)
        assert refusals(generate()) == ["unsafe-path"], path
    assert application.is_dir()


@pytest.mark.usefixtures("one_helm")
def test_an_application_behind_a_link_is_in_the_same_repository(
    application: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (application.parent.parent / "apps").mkdir()
    (application.parent.parent / "apps" / "linked").symlink_to("../deploy/training")
    monkeypatch.setenv("ARGOCD_APP_SOURCE_PATH", "apps/linked")
    parameters = ["values-production.yaml", "../common/persistence.yaml"]
    set_parameters(monkeypatch, values_files=parameters)
    done = generate()
    assert done.exit_code == 0, done.error
    assert "shared-pvc" in done.output.decode()
    set_parameters(monkeypatch, values_files=["../../../outside.yaml"])
    assert refusals(generate()) == ["unsafe-path"]


def test_the_nearest_directory_with_this_path_is_the_repository(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "a" / "a"
    folder.mkdir(parents=True)
    assert Repository(str(folder), "a").root == str(tmp_path / "a" / "a")
    assert Repository(str(folder), "a/a").root == str(tmp_path / "a")
    for path in ("", ".", "..", "a/../..", "b", str(folder), "/"):
        assert Repository(str(folder), path).root == str(folder), path


@pytest.mark.usefixtures("one_helm")
def test_a_part_of_the_repository(application: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With manifest-generate-paths, Argo CD sends the common directory of these paths, but not the path to it."""
    monkeypatch.setenv("ARGOCD_APP_SOURCE_PATH", "teams/vision/deploy/training")
    set_parameters(monkeypatch, values_files=["values-production.yaml", "../common/persistence.yaml"])
    done = generate()
    assert done.exit_code == 0, done.error
    assert "shared-pvc" in done.output.decode()
    (application.parent.parent.parent / "outside.yaml").write_text("secret: x\n")
    set_parameters(monkeypatch, values_files=["../../../outside.yaml"])
    assert refusals(generate()) == ["unsafe-path"]


def test_the_root_of_a_part_of_the_repository_is_never_above_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "sent" / "deploy" / "app"
    folder.mkdir(parents=True)
    (folder.parent / "linked").symlink_to("app")
    monkeypatch.chdir(folder)
    roots = {
        "x/deploy/app": tmp_path / "sent",
        "deploy/app/deploy/app": tmp_path / "sent",
        "app": folder.parent,
        "x/y/app": folder.parent,
        "x/deploy/linked": tmp_path / "sent",
        "x/../app/..": folder,
        "app/x": folder,
        # The path that leads from / to each program's directory
        "proc/self/cwd": folder,
        "x/proc/self/cwd": folder,
        "proc/self/cwd/deploy/app": tmp_path / "sent",
        "a/" * 2000 + "app": folder.parent,
    }
    for path, root in roots.items():
        assert Repository(str(folder), path).root == str(root), path


@pytest.mark.usefixtures("application")
def test_a_chain_of_a_thousand_links_leads_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before Python 3.13, realpath calls itself for each link."""
    for number in range(1200):
        os.symlink(f"link-{number + 1}", f"link-{number}")
    set_parameters(monkeypatch, values_files=["link-0"])
    assert set(refusals(generate())) <= {"unsafe-path", "argocd-parameter"}


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
    # Helm reads the last of these keys, in the order of their bytes.
    "name: a\ndependencies: [{Name: b, nAme: ../../outside, version: 1.0.0, repository: ''}]",
    # To Go, the long s is an s; !!binary is the text that its base64 holds ("file:///etc", "dependencies").
    "name: a\ndependencie\u017f: [{name: b, version: 1.0.0, repository: 'file:///etc'}]",
    "name: a\ndependencies: [{name: b, version: 1.0.0, repository: !!binary ZmlsZTovLy9ldGM=}]",
    "name: a\ndependencies: [{name: b, version: 1.0.0, repository: !<!!binary> 'ZmlsZTovLy9ldGM='}]",
    "name: a\n!!binary ZGVwZW5kZW5jaWVz: [{name: b, version: 1.0.0, repository: 'file:///etc'}]",
    # Helm removes characters that Go does not print, and a NUL is no part of a path.
    *(
        f'name: a\ndependencies: [{{name: b, version: 1.0.0, repository: "{text}"}}]'
        for text in (
            "fi\\u00adle://../../../../outside",
            "fi\\x01le:///etc",
            "\\u200bfile:///etc",
            "file://.\\x01./.\\x01./.\\x01./.\\x01./outside",
            "file://../a\\0b",
            "http://127.0.0.1/a\\0b",
        )
    ),
    'name: a\ndependencies: [{name: "\\x01..", version: 1.0.0}]',
    'name: "a\\u200b"\ndependencies: []',
    # A key that is an alias is a word that is elsewhere in the file.
    "name: a\ndescription: &d dependencies\n*d : [{name: b, version: 1.0.0, repository: 'file:///etc'}]",
]


@pytest.mark.parametrize("head", HEADS)
def test_charts_that_reach_out_are_refused(head: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(make_chart(tmp_path / "checkout" / "app", head), "app", monkeypatch)
    assert set(refusals(generate())) == {"unsafe-path"}


def test_a_dependency_behind_a_link_and_two_dots_is_where_helm_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Helm reads `link/../x` as `x`. With the link, this path would lead to another place, inside the repository."""
    dependency = "{name: b, version: 1.0.0, repository: 'file://link/../../../outside'}"
    folder = make_chart(tmp_path / "checkout" / "app", f"name: a\ndependencies: [{dependency}]")
    (tmp_path / "checkout" / "1" / "2" / "3" / "4").mkdir(parents=True)
    (folder / "link").symlink_to("../1/2/3/4")
    make_chart(tmp_path / "outside", "name: b")
    enter(folder, "app", monkeypatch)
    assert refusals(generate()) == ["unsafe-path"]


def test_a_directory_that_can_t_be_read_is_refused(application: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(18):  # the path of the last one is longer than Linux allows
        os.mkdir("d" * 240)
        monkeypatch.chdir("d" * 240)
    monkeypatch.chdir(application)
    done = generate()
    assert refusals(done) == ["unsafe-path"]
    assert "can't be read: File name too long" in done.error


@pytest.mark.parametrize("file", ["Chart.yaml", "Chart.lock", "requirements.yaml"])
def test_no_message_quotes_a_file_of_another_repository(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_chart(tmp_path / "checkout" / "app", "name: a")
    (tmp_path / "other").write_text("name: -secret\ndependencies: [{name: .secret, repository: 'file:///secret'}]\n")
    (folder / file).unlink(missing_ok=True)
    (folder / file).symlink_to("../../other")
    enter(folder, "app", monkeypatch)
    done = generate()
    assert refusals(done) == ["unsafe-path"]
    assert "secret" not in done.error


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
