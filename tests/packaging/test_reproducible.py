"""Two builds of one commit give the same bytes: elsewhere, later, with another umask, time zone and language."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import time
from typing import TYPE_CHECKING

import pytest

import post_renderer
from ci import source_date
from tests.support.git import Repository
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pure

NAME, VERSION = "polyaxon-persistence", post_renderer.__version__
WHEEL, SDIST = f"polyaxon_persistence-{VERSION}-py3-none-any.whl", f"polyaxon_persistence-{VERSION}.tar.gz"
CHART, SBOM = f"{NAME}-{VERSION}.tgz", f"{NAME}-{VERSION}.cdx.json"
COMMITTED = 1767323045  # 2 January 2026, 03:04:05 UTC
PLACES = [(0o022, {"TZ": "UTC", "LC_ALL": "C"}), (0o077, {"TZ": "Pacific/Auckland", "LC_ALL": "C.UTF-8"})]


def build(folder: Path, env: dict[str, str], *words: str, umask: int = 0o022) -> dict[str, bytes]:
    """What make builds in a folder, by its path below dist. The environments and tools are those of this checkout."""
    for name in (".venv", ".tools"):
        if not (folder / name).exists():
            (folder / name).symlink_to(ROOT / name)
    # -o: the lock file of the folder is newer than the environment, which must stay.
    command = ["make", "-o", ".venv/.ready", f"PYTHON={sys.executable}", *words]
    done = subprocess.run(command, cwd=folder, env=env, umask=umask, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    dist = folder / "dist"
    return {str(path.relative_to(dist)): path.read_bytes() for path in dist.rglob("*") if path.is_file()}


def unset(env: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in env.items() if key not in {"SOURCE_DATE_EPOCH", "MAKEFLAGS", "MAKELEVEL"}}


@pytest.fixture(scope="module")
def builds(
    tools: Path, helm_env: dict[str, str], keys: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, bytes]]:
    """The packages of two clones of one repository, which has this project's files as its only commit."""
    assert tools.is_dir()
    who = {f"GIT_{role}_{part}": "dev@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    env = unset(helm_env) | who | {"GIT_COMMITTER_DATE": f"{COMMITTED} +0000", "GIT_CONFIG_GLOBAL": "/dev/null"}
    origin = Repository(tmp_path_factory.mktemp("origin"), env)
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in names:
        if name and (ROOT / name).is_file():
            (origin.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, origin.folder / name)
    origin.commit()
    found = []
    for number, (umask, variables) in enumerate(PLACES):
        folder = tmp_path_factory.mktemp("clone") / ("x" * (number + 1))
        clone = ["git", "clone", "--quiet", str(origin.folder), str(folder)]
        subprocess.run(clone, env=env, umask=umask, check=True)
        key = ("KEY=Release", f"KEYRING={keys / 'secring.gpg'}")
        found.append(build(folder, env | variables, "package", "package-plugin", *key, umask=umask))
        if number < len(PLACES) - 1:
            time.sleep(2.1)  # the times in an archive have a resolution of one or two seconds
    return found


@pytest.mark.parametrize("name", [WHEEL, SDIST, CHART, SBOM, f"plugin/{CHART}"])
def test_two_builds_give_the_same_bytes(name: str, builds: list[dict[str, bytes]]) -> None:
    first, second = builds
    assert len(first[name]) > 500
    assert first[name] == second[name]


def test_there_is_no_other_package_and_only_a_signature_may_differ(builds: list[dict[str, bytes]]) -> None:
    """A signature contains its time."""
    names = {WHEEL, SDIST, CHART, SBOM, f"plugin/{CHART}", f"plugin/{CHART}.prov"}
    assert [set(found) for found in builds] == [names, names]


@pytest.mark.parametrize("name", [SDIST, CHART, f"plugin/{CHART}"])
def test_the_time_of_every_packaged_file_is_that_of_the_commit(
    name: str, builds: list[dict[str, bytes]], tmp_path: Path
) -> None:
    (tmp_path / "archive").write_bytes(builds[0][name])
    with tarfile.open(tmp_path / "archive") as archive:
        assert {int(member.mtime) for member in archive} == {COMMITTED}


def test_an_unpacked_sdist_gives_the_same_wheel(builds: list[dict[str, bytes]], tmp_path: Path) -> None:
    (tmp_path / SDIST).write_bytes(builds[0][SDIST])
    with tarfile.open(tmp_path / SDIST) as archive:
        archive.extractall(tmp_path, filter="data")
    made = build(tmp_path / SDIST.removesuffix(".tar.gz"), unset(dict(os.environ)), "build")
    assert made[WHEEL] == builds[0][WHEEL]
    assert made[SDIST] == builds[0][SDIST]


def test_the_time_is_the_given_one_or_that_of_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert source_date.find_source_date(tmp_path) == source_date.UNKNOWN
    (tmp_path / "PKG-INFO").touch()
    os.utime(tmp_path / "PKG-INFO", (5.5, 5.5))
    assert source_date.find_source_date(tmp_path) == 5
    (tmp_path / ".git").write_text("gitdir: missing\n")
    with pytest.raises(subprocess.CalledProcessError):
        source_date.find_source_date(tmp_path)
    assert "not a git repository" in capfd.readouterr().err
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "77")
    assert source_date.find_source_date(tmp_path) == 77
