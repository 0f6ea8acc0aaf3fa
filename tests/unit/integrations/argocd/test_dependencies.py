"""Dependencies that the plugin downloads: from which repositories, and what other Applications notice of it."""

from __future__ import annotations

import base64
import functools
import http.server
import os
import shutil
import signal
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest
import yaml

from post_renderer.console import ChildFailed
from post_renderer.integrations.argocd_dependencies import build_dependencies
from post_renderer.integrations.argocd_masking import Mask
from post_renderer.integrations.argocd_repository import Repository
from tests.support.examples import link_helm
from tests.support.registry import serve_registry
from tests.unit.integrations.argocd.archives import tricks
from tests.unit.integrations.argocd.conftest import LIST, enter, generate, make_chart, quoted, refusals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Serve = Callable[..., tuple[Path, str]]


class Server(http.server.SimpleHTTPRequestHandler):
    """Serves a directory, if the request has the password."""

    def __init__(self, *arguments: object, password: str = "", asked: list[str], directory: str) -> None:
        self.password, self.asked = password, asked
        super().__init__(*arguments, directory=directory)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        expected = "Basic " + base64.b64encode(f"user:{self.password}".encode()).decode()
        if self.password and self.headers.get("Authorization") != expected:
            self.send_error(401)
            return
        super().do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def asked() -> list[str]:
    """The paths that the servers were asked for."""
    return []


@pytest.fixture
def serve(tmp_path: Path, asked: list[str]) -> Iterator[Serve]:
    """Starts a chart repository with the chart ``library``, and returns its directory and its address."""
    servers: list[tuple[http.server.ThreadingHTTPServer, threading.Thread]] = []

    def start(password: str = "") -> tuple[Path, str]:
        folder = tmp_path / f"served-{len(servers)}"
        folder.mkdir()
        handler = functools.partial(Server, directory=str(folder), password=password, asked=asked)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        address = f"http://127.0.0.1:{server.server_address[1]}"
        library = make_chart(tmp_path / f"library-{len(servers)}", "name: library", own="{}")
        helm("package", str(library), "-d", str(folder))
        helm("repo", "index", str(folder), "--url", address)
        return folder, address

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def helm(*words: str) -> None:
    subprocess.run(["helm", *words], check=True, capture_output=True)


def application(folder: Path, address: str, *, locked: bool = True) -> Path:
    head = f"name: showing\ndependencies: [{{name: library, version: '>=0.1.0', repository: '{address}'}}]"
    make_chart(folder, head)
    if locked:
        helm("dependency", "update", str(folder))
        shutil.rmtree(folder / "charts")
    return folder


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize("locked", [True, False])
def test_nothing_of_one_application_stays_for_the_others(
    locked: bool, serve: Serve, homes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, address = serve()
    folder = application(tmp_path / "app", address, locked=locked)
    shutil.rmtree(homes, ignore_errors=True)
    enter(folder, ".", monkeypatch)
    assert quoted(generate())["release"] == "training"
    assert [path.name for path in (folder / "charts").iterdir()] == ["library-0.1.0.tgz"]
    assert [name for name in files_below(homes) if "repositor" in name or "index" in name] == []
    assert files_below(tmp_path / "tmp") == []


@pytest.mark.usefixtures("helm", "homes")
def test_a_repository_that_does_not_answer_harms_only_the_application_that_names_it(
    serve: Serve, asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Helm updates all repositories that it knows."""
    (served, theirs), (_, address) = serve(), serve()
    attacker = application(tmp_path / "attacker", theirs)
    victim = application(tmp_path / "victim", address)
    enter(attacker, ".", monkeypatch)
    assert generate().exit_code == 0
    assert generate().exit_code == 0
    shutil.rmtree(served)
    asked.clear()
    enter(victim, ".", monkeypatch)
    assert generate().exit_code == 0
    assert asked.count("/index.yaml") == 2, "only its own repository: for `repo add`, and for `dependency build`"


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize("variable", [True, False])
def test_a_private_repository_of_the_administrators_list(
    variable: bool, serve: Serve, homes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, address = serve("hunter2")
    helm("repo", "add", "private", f"{address}/", "--username", "user", "--password", "hunter2")
    folder = application(tmp_path / "app", address)
    known = homes / "CONFIG" / "repositories.yaml"
    if variable:
        known = known.rename(tmp_path / "list.yaml")
        monkeypatch.setenv(LIST, str(known))
    before = known.read_text()
    enter(folder, ".", monkeypatch)
    done = generate()
    assert quoted(done)["release"] == "training"
    assert known.read_text() == before
    shutil.rmtree(folder / "charts")
    known.unlink()
    done = generate()
    assert (done.exit_code, done.output) == (1, b"")
    assert "hunter2" not in done.error


@pytest.mark.usefixtures("helm", "homes")
def test_a_repository_by_its_name_in_the_administrators_list(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, address = serve()
    helm("repo", "add", "site", address)
    enter(application(tmp_path / "app", "@site"), ".", monkeypatch)
    assert quoted(generate())["release"] == "training"


@pytest.mark.usefixtures("homes")
def test_a_dependency_of_an_oci_registry(
    tools: Path, helm_env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Helm 3 talks to a registry on loopback without TLS."""
    monkeypatch.setenv("PATH", f"{link_helm(tmp_path / 'bin', tools / 'helm3')}:{helm_env['PATH']}")
    make_chart(tmp_path / "library", "name: library", own="{}")
    with serve_registry(tools) as address:
        helm("package", str(tmp_path / "library"), "-d", str(tmp_path))
        helm("push", str(tmp_path / "library-0.1.0.tgz"), f"oci://{address}/charts", "--plain-http")
        enter(application(tmp_path / "app", f"oci://{address}/charts"), ".", monkeypatch)
        assert quoted(generate())["release"] == "training"


@pytest.mark.usefixtures("one_helm", "homes")
@pytest.mark.parametrize("text", ["{", "- a", "repositories: 1", "repositories: [1, {url: 1}]", ""])
def test_a_list_of_another_form_is_helms_error(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "list.yaml").write_text(text)
    monkeypatch.setenv(LIST, str(tmp_path / "list.yaml"))
    folder = make_chart(
        tmp_path / "app", "name: a\ndependencies: [{name: b, version: 1.0.0, repository: 'http://127.0.0.1:1'}]"
    )
    enter(folder, ".", monkeypatch)
    done = generate()
    assert (done.exit_code, done.output) == (1, b"")
    assert "Traceback" not in done.error


@pytest.mark.usefixtures("one_helm", "homes")
@pytest.mark.parametrize("exists", [True, False])
def test_the_path_of_the_list_may_be_no_utf_8(
    *, exists: bool, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, address = serve()
    folder = application(tmp_path / "app", address)
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    monkeypatch.setenv(LIST, path)
    if exists:
        helm("repo", "add", "mine", address)
    else:
        shutil.rmtree(path, ignore_errors=True)
    assert os.path.exists(path) is exists
    enter(folder, ".", monkeypatch)
    done = generate()
    assert done.exit_code == 0, done.error


@pytest.mark.usefixtures("one_helm", "homes")
def test_a_temporary_directory_that_can_t_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    folder = make_chart(
        tmp_path / "app", "name: a\ndependencies: [{name: b, version: 1.0.0, repository: 'http://127.0.0.1:1'}]"
    )
    enter(folder, ".", monkeypatch)
    done = generate()
    assert (done.exit_code, done.output) == (2, b"")
    assert "the temporary directory for Helm can't be written: Permission denied" in done.error


@pytest.mark.usefixtures("helm", "homes")
@pytest.mark.parametrize("name", ["SIGHUP", "SIGINT", "SIGTERM"])
def test_a_signal_between_two_programs_leaves_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []

    def signal_after(command: list[str], *_: object, **__: object) -> tuple[bytes, str]:
        started.append(command)
        if command[1] == "repo":
            signal.raise_signal(getattr(signal, name))
        return b"", ""

    monkeypatch.setattr("post_renderer.integrations.argocd_dependencies.run_child", signal_after)
    before = [signal.getsignal(getattr(signal, each)) for each in ("SIGHUP", "SIGINT", "SIGTERM")]
    repository = Repository(str(application(tmp_path / "app", "http://127.0.0.1:1", locked=False)), ".")
    with pytest.raises(ChildFailed) as failed:
        build_dependencies("helm", {}, repository, ["http://127.0.0.1:1"], Mask())
    assert failed.value.code == -getattr(signal, name)
    assert [words[1] for words in started] == ["env", "repo"]
    assert os.listdir(tmp_path / "tmp") == []
    assert [signal.getsignal(getattr(signal, each)) for each in ("SIGHUP", "SIGINT", "SIGTERM")] == before


@pytest.mark.usefixtures("helm", "homes")
@pytest.mark.parametrize("trick", sorted(tricks("")))
def test_a_downloaded_archive_is_packed_again(
    trick: str, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served, address = serve()
    folder = application(tmp_path / "app", address, locked=False)
    schema = '{"$ref": "file:///etc/hostname"}'
    packed = tricks(schema)[trick]
    (served / "library-0.1.0.tgz").write_bytes(packed)
    index = yaml.safe_load((served / "index.yaml").read_text())
    del index["entries"]["library"][0]["digest"]
    (served / "index.yaml").write_text(yaml.safe_dump(index))
    enter(folder, ".", monkeypatch)
    assert refusals(generate()) == ["unsafe-path"]


@pytest.mark.usefixtures("helm", "homes")
@pytest.mark.parametrize("source_path", [".", "teams/app"])
@pytest.mark.parametrize("name", ["..", "%2e%2e", ".", "../x/.."])
def test_a_download_is_not_written_outside_of_the_repository(
    name: str, source_path: str, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Argo CD has the repositories of all Applications in one directory. Helm does not remove such a file."""
    served, address = serve()
    index = yaml.safe_load((served / "index.yaml").read_text())
    index["entries"]["library"][0]["urls"] = [f"{address}/sub/{name}"]
    (served / "index.yaml").write_text(yaml.safe_dump(index))
    (served / "sub").mkdir()
    repository = tmp_path / "repositories" / "one"
    folder = application(repository / source_path, address, locked=False)
    enter(folder, source_path, monkeypatch)
    generate()
    assert os.listdir(tmp_path / "repositories") == ["one"]
    assert files_below(tmp_path / "tmp") == []


@pytest.mark.usefixtures("one_helm", "homes")
def test_a_temporary_directory_in_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Helm would follow the link to the repository in it, again and again."""
    folder = application(tmp_path / "app", "http://127.0.0.1:1", locked=False)
    enter(folder, ".", monkeypatch)
    monkeypatch.setenv("TMPDIR", str(folder))
    done = generate()
    assert (done.exit_code, done.output) == (2, b"")
    assert "is in the repository\n  hint: set TMPDIR to another one\n" in done.error
    assert sorted(os.listdir(folder)) == ["Chart.yaml", "templates"]


URLS = {
    "https://user:hun/ter2@example.com/charts": True,
    "https://user:/hunter2@example.com": True,
    "https://user@x:hun/ter2@example.com": True,
    "https://example.com:8443/charts/@scope": False,
    "https://user:pass@example.com/charts": False,
    "https://example.com/a:b/c": False,
}


@pytest.mark.parametrize(("url", "is_refused"), URLS.items())
def test_a_slash_in_a_password(url: str, is_refused: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = f"name: a\ndependencies: [{{name: b, version: 1.0.0, repository: '{url}'}}]"
    enter(make_chart(tmp_path / "app", head), ".", monkeypatch)
    monkeypatch.setenv("PATH", "/nowhere")
    done = generate()
    assert ("has a slash" in done.error) is is_refused
    assert "hun" not in done.error
