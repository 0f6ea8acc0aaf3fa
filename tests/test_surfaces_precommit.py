"""The hooks of pre-commit, by pre-commit itself: installed from a git repository, they run at a commit."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.examples import ROOT, env_of
from tests.support import make_catalog, make_job

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.helm

EXAMPLE = ROOT / "docs" / "examples" / "pre-commit" / "pre-commit-config.yaml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
BAD = make_job("environment: {persistence: {data: [data-fo]}}\n")


class Repository:
    """A git repository of a user's."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self._env = env
        folder.mkdir(exist_ok=True)
        self.start("git", "init", "--quiet", "--initial-branch=main")

    def start(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            words, cwd=self.folder, env=self._env, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def write(self, **files: str) -> None:
        for name, text in files.items():
            path = self.folder / f"{name}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)

    def commit(self, code: int = 0) -> str:
        """What `git commit` of everything says, its hooks' words included."""
        self.start("git", "add", "--all")
        return self.start("git", "commit", "--message", "values", code=code)


@pytest.fixture(scope="module")
def env(tools: Path, helm_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """git and pre-commit with a home of their own; pip reads the wheels of `make tools`, and no registry."""
    home = tmp_path_factory.mktemp("home")
    binaries = home / "bin"
    binaries.mkdir()
    (binaries / "helm").symlink_to(tools / "helm3")
    wheels = tools.parent / "wheels"
    assert list(wheels.glob("hatchling-*.whl")), "no wheels in .tools/wheels: run `make tools`"
    who = {f"GIT_{role}_{part}": "dev@example.com" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    # Not the folder of this Python's own polyaxon-persistence: a hook must bring its own.
    pre_commit = binaries / "pre-commit"
    pre_commit.symlink_to(Path(sys.executable).parent / "pre-commit")
    return {
        **env_of("helm3", helm_env),
        **who,
        "HOME": str(home),
        "PATH": f"{binaries}:/usr/local/bin:/usr/bin:/bin",
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "GIT_CONFIG_GLOBAL": "/dev/null",
    }


@pytest.fixture(scope="module")
def origin(env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a git repository with a tag, as pre-commit clones it: what is in this folder, not in its git."""
    repository = Repository(tmp_path_factory.mktemp("origin") / "polyaxon-persistence", env)
    for name in (".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, repository.folder)
    shutil.copytree(
        ROOT / "post_renderer", repository.folder / "post_renderer", ignore=shutil.ignore_patterns("__pycache__")
    )
    repository.commit()
    repository.start("git", "tag", yaml.safe_load(EXAMPLE.read_text())["repos"][0]["rev"])
    return repository.folder


@pytest.fixture
def user(origin: Path, env: dict[str, str], tmp_path: Path) -> Repository:
    """A user's repository with a chart, values and a rendered manifest, and the example of the docs."""
    repository = Repository(tmp_path / "user", env)
    example = yaml.safe_load(EXAMPLE.read_text())
    url = example["repos"][0]["repo"]
    (repository.folder / ".pre-commit-config.yaml").write_text(EXAMPLE.read_text().replace(url, str(origin)))
    shutil.copytree(ROOT / "chart", repository.folder / "chart")
    documented = (ROOT / "values-examples" / "documented.yaml").read_text()
    repository.write(**{"values": documented, "rendered/demo": make_catalog() + make_job()})
    repository.start("pre-commit", "install")
    repository.commit()
    return repository


def test_a_commit_without_problems_goes_through_both_hooks(user: Repository) -> None:
    said = user.start("pre-commit", "run", "--all-files")
    assert [line.rpartition(".")[2] for line in said.splitlines()] == ["Passed", "Passed"]
    assert "polyaxon-persistence check" in said
    assert "polyaxon-persistence helm template" in said


def test_the_hooks_run_the_program_of_the_tag(user: Repository, env: dict[str, str]) -> None:
    """Otherwise they would have run what happens to be on PATH; there is none."""
    assert shutil.which("polyaxon-persistence", path=env["PATH"]) is None
    assert "pre-commit" in user.start("pre-commit", "--version")
    installed = Path(env["PRE_COMMIT_HOME"]).glob("repo*/py_env-*/bin/polyaxon-persistence")
    assert len(list(installed)) == 1


def test_a_problem_in_a_rendered_manifest_stops_the_commit(user: Repository) -> None:
    user.write(**{"rendered/demo": make_catalog() + BAD, "rendered/other": make_catalog() + BAD})
    said = user.commit(code=1)
    for name in ("demo", "other"):
        assert f"line 26 of rendered/{name}.yaml), polyaxon.com/polyaxonfile: no data volume" in said
    assert 'did you mean "data-foo"?' in said
    assert "helm template" in said
    assert "Skipped" in said
    user.write(**{"rendered/demo": make_catalog() + make_job(), "rendered/other": make_catalog() + make_job()})
    user.write(**{"rendered/third": "a: 1\n"})
    assert "Passed" in user.commit()


def test_a_problem_in_values_stops_the_commit(user: Repository) -> None:
    values = (user.folder / "values.yaml").read_text()
    asks = "data: ['data1', 'data-foo']"
    assert values.count(asks) == 1
    user.write(values=values.replace(asks, "data: ['data1', 'data-fo']"))
    said = user.commit(code=1)
    assert 'no data volume "data-fo"' in said
    assert "Skipped" in said
    user.write(values=values.replace(asks, "data: ['data1', 'data2']"))
    assert "Passed" in user.commit()


def test_templates_and_suites_of_a_chart_are_no_manifests(user: Repository) -> None:
    """Without `files`, all YAML files are checked, but for what a chart is made of."""
    config = (user.folder / ".pre-commit-config.yaml").read_text()
    (user.folder / ".pre-commit-config.yaml").write_text(config.replace("    files: ^rendered/\n", ""))
    user.start("git", "add", "--all")
    assert "Failed" not in user.start("pre-commit", "run", "--all-files")


def test_the_program_on_path_may_run_instead(user: Repository, env: dict[str, str], tmp_path: Path) -> None:
    config = user.folder / ".pre-commit-config.yaml"
    config.write_text(config.read_text().replace("  - id:", "  - language: system\n    id:"))
    user.start("git", "add", "--all")
    assert "polyaxon-persistence" in user.start("pre-commit", "run", "--all-files", code=1)  # there is none
    (tmp_path / "polyaxon-persistence").symlink_to(Path(sys.executable).parent / "polyaxon-persistence")
    with_ours = {**env, "PATH": f"{env['PATH']}:{tmp_path}"}
    assert "Failed" not in Repository(user.folder, with_ours).start("pre-commit", "run", "--all-files")


def test_the_hooks_are_as_pre_commit_wants_them(user: Repository) -> None:
    user.start("pre-commit", "validate-manifest", str(HOOKS))
    user.start("pre-commit", "validate-config", str(EXAMPLE))
