"""The hooks of pre-commit, by pre-commit itself: installed from a git repository, they run at a commit."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.support.cli import make_catalog, make_job
from tests.support.git import URL, Repository
from tests.support.paths import ROOT

pytestmark = pytest.mark.pure  # pre-commit installs the source

EXAMPLE = ROOT / "docs" / "examples" / "pre-commit" / "pre-commit-config.yaml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
BAD = make_job("environment: {persistence: {data: [data-fo]}}\n")


@pytest.fixture(scope="module")
def env(git_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """pre-commit, but not what else lies beside it: a hook must bring its own polyaxon-persistence."""
    home = tmp_path_factory.mktemp("pre-commit")
    (home / "pre-commit").symlink_to(Path(sys.executable).parent / "pre-commit")
    return {**git_env, "PATH": f"{home}:{git_env['PATH']}", "PRE_COMMIT_HOME": str(home / "cache")}


@pytest.fixture
def user(origin: Repository, env: dict[str, str], tmp_path: Path) -> Repository:
    """A user's repository with a chart, values and a rendered manifest, and the example of the docs."""
    repository = Repository(tmp_path / "user", env)
    assert URL in EXAMPLE.read_text()
    (repository.folder / ".pre-commit-config.yaml").write_text(EXAMPLE.read_text().replace(URL, str(origin.folder)))
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
        assert f"rendered/{name}.yaml:26: error[unknown-volume] Job/train (chart/templates/runs.yaml), " in said
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
