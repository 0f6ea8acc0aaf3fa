"""Symbolic links: each step of one must be in the repository, and not only its end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from post_renderer.integrations.argocd_repository import Repository
from tests.support.cli import run
from tests.unit.integrations.argocd.conftest import enter, generate, make_chart, quoted, refusals, set_parameters

if TYPE_CHECKING:
    from pathlib import Path

READ = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: {{ .Files.Get "limits.txt" | quote }}}\n'
# Paths that are something else for each program that follows them. For this one, some of them are in the repository.
OF_A_PROCESS = [
    "/proc/self/fd/3",
    "/proc/self/cwd/values.yaml",
    "/proc/thread-self/cwd/values.yaml",
    "/dev/fd/3",
    "/dev/stdin",
    "/proc/self/root/etc/hostname",
    "link/cwd/values.yaml",
    "../../checkout/app/values.yaml",
    "{root}/../checkout/app/values.yaml",
    "values.yaml/../../../checkout/app/values.yaml",
]


@pytest.fixture
def chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = make_chart(tmp_path / "checkout" / "app", "name: app", a=READ)
    (folder / "values.yaml").write_text("a: b\n")
    enter(folder, "app", monkeypatch)
    return folder


@pytest.mark.usefixtures("one_helm")
@pytest.mark.parametrize("target", OF_A_PROCESS)
def test_a_link_to_a_path_of_a_process(target: str, chart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if target.startswith("link/"):
        (chart / "link").symlink_to("/proc/self")
    (chart / "limits.txt").symlink_to(target.format(root=chart.parent))
    with (chart / "values.yaml").open() as opened:
        if opened.fileno() != 3 and not os.path.exists("/proc/self/fd/3"):
            os.dup2(opened.fileno(), 3)
        done = generate()
    assert set(refusals(done)) == {"unsafe-path"}
    assert '"app/limits.txt" leads out of the repository' in done.error
    (chart / "limits.txt").unlink()
    (chart.parent / "values.yaml").symlink_to(target.format(root=chart.parent))
    set_parameters(monkeypatch, values_files=["../values.yaml"])
    assert "unsafe-path" in refusals(generate())


def test_discover_does_not_follow_them(chart: Path) -> None:
    (chart / "a").write_text("polyaxon.com/data\n")
    (chart / "a").rename(chart.parent / "a")
    (chart / "limits.txt").symlink_to("/proc/self/cwd/../a")
    assert run("argocd", "discover").output == b""
    (chart / "limits.txt").unlink()
    (chart / "limits.txt").symlink_to("../a")
    assert run("argocd", "discover").output == b"./limits.txt\n"


def test_a_local_dependency_behind_them(chart: Path) -> None:
    (chart / "cwd").symlink_to("/proc/self/cwd")
    (chart / "Chart.yaml").write_text(
        "apiVersion: v2\nname: app\nversion: 1.0.0\n"
        "dependencies: [{name: b, version: 1.0.0, repository: 'file://cwd/b'}]\n"
    )
    make_chart(chart / "b", "name: b")
    done = generate()
    assert refusals(done) == ["unsafe-path"] * 2
    assert 'the dependency "file://cwd/b" leads out of the repository' in done.error


@pytest.mark.usefixtures("helm")
def test_links_in_the_repository(chart: Path) -> None:
    (chart / "files").mkdir()
    (chart / "files" / "real.txt").write_text("hello")
    (chart.parent / "there").symlink_to("app/files")
    (chart / "more").symlink_to("../there/../more")
    (chart / "limits.txt").symlink_to(f"{chart.parent}/there/./real.txt")
    (chart / "more").unlink()
    (chart / "templates" / "shown.yaml").write_text(
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shown}\ndata: {values: "{}", a: {{ .Files.Get "limits.txt" }}}\n'
    )
    assert quoted(generate())["a"] == "hello"


def test_each_step(tmp_path: Path) -> None:
    root = tmp_path / "checkout"
    (root / "a" / "b").mkdir(parents=True)
    (root / "loop").symlink_to("loop")
    (root / "up").symlink_to("a/b")
    (root / "out").symlink_to("../checkout/a")
    for number in range(50):
        (root / f"n{number}").symlink_to(f"n{number + 1}" if number < 49 else "a")
    repository = Repository(str(root / "a"), "a")
    paths = {
        "": "a", ".": "a", "..": "", "b": "a/b", "../up/..": "a", "../up/../../up": "a/b", "missing/x": "a/missing/x",
        f"{root}/a//b": "a/b", "../n10": "a",
    }  # fmt: skip
    for path, expected in paths.items():
        assert repository.resolve(path) == os.path.join(root, expected).rstrip("/"), path
    for path in ("../..", "../../checkout", "/", "/etc", f"{root}x", "../loop", "../out", "../n0", "../../checkout/a"):
        assert repository.resolve(path) == "", path
