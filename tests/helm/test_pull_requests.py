"""The examples for GitHub and GitLab: each step of theirs is run in a repository with a change, as their runners do.

What is not run: GitHub's own actions (`uses`), whose work is prepared here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.support.ci_readers import read_annotations, read_cases
from tests.support.git import URL, Repository
from tests.support.paths import ROOT

pytestmark = pytest.mark.pure  # the jobs install the source

FOLDER = ROOT / "docs" / "examples" / "pull-requests"
GITHUB = yaml.safe_load((FOLDER / "github.yaml").read_text())["jobs"]["volumes"]
GITLAB = yaml.safe_load((FOLDER / "gitlab.yaml").read_text())["volumes"]
STEPS = {step["name"]: step["run"] for step in GITHUB["steps"] if "run" in step}


class Run(NamedTuple):
    """How a job ended, what it printed, and what the service shows as errors, each as `FILE: text`."""

    code: int
    log: str
    errors: list[str]


def bash(script: str, folder: Path, env: dict[str, str], *options: str) -> tuple[int, str]:
    """As the runners start it: a failing command ends the script."""
    file = folder.parent / "script.sh"
    file.write_text(script)
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", *options, str(file)],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout


class OnGitHub:
    install = STEPS["install"]

    def run(self, user: Repository, base: str, env: dict[str, str]) -> Run:
        user.start("git", "checkout", "--quiet", base)
        user.start("git", "merge", "--quiet", "--no-ff", "--message", "merge", "change")
        code, log = 0, ""
        for name, script in STEPS.items():
            if name == "install" or code:
                continue
            code, said = bash(script, user.folder, {**env, **GITHUB["env"]})
            log += said
        errors = [found for found in read_annotations(log) if found.name == "error"]
        return Run(code, log, [f"{found.place()}: {found.message}" for found in errors])


class OnGitLab:
    install = "\n".join(GITLAB["before_script"])

    def run(self, user: Repository, base: str, env: dict[str, str]) -> Run:
        env = {**env, **GITLAB["variables"], "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
        user.start("git", "checkout", "--quiet", "change")
        code, log = bash("\n".join(GITLAB["script"]), user.folder, env, "-o", "pipefail")
        assert GITLAB["artifacts"]["paths"] == ["volumes.txt"]
        assert (user.folder / "volumes.txt").read_text() in log
        report = (user.folder / GITLAB["artifacts"]["reports"]["junit"]).read_bytes()
        cases = read_cases(report) if report else []  # Helm failed, and its message is in the log
        return Run(code, log, [case.failure for case in cases if case.failure])


class Job(NamedTuple):
    """One of the two, with the program installed by its own step."""

    of: OnGitHub | OnGitLab
    env: dict[str, str]


@pytest.fixture(scope="module", params=[OnGitHub, OnGitLab])
def job(
    request: pytest.FixtureRequest,
    origin: Repository,
    git_env: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Job:
    """A machine as the job finds it, on which git leads the project's address to its repository here."""
    folder = tmp_path_factory.mktemp("machine")
    subprocess.run([sys.executable, "-m", "venv", folder / "python"], check=True)
    env = {
        **git_env,
        "PATH": f"{folder / 'python' / 'bin'}:{git_env['PATH']}",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{origin.folder}.insteadOf",
        "GIT_CONFIG_VALUE_0": URL,
    }
    (folder / "work").mkdir()
    code, log = bash(request.param.install, folder / "work", env)
    assert code == 0, log
    assert os.access(folder / "python" / "bin" / "polyaxon-persistence", os.X_OK)
    return Job(request.param(), env)


def values(**runs: Any) -> str:
    return json.dumps(
        {
            "persistence": {
                "data": {"images": {"mountPath": "/data/images", "existingClaim": "images"}},
                "outputs": {"results": {"mountPath": "/outputs", "existingClaim": "results"}},
            },
            "runDefaults": {"image": "python:3.12-slim", "command": ["python", "train.py"]},
            "runs": runs,
        }
    )


@pytest.fixture
def user(git_env: dict[str, str], tmp_path: Path) -> Repository:
    """A repository with a chart and its values on main, whose release has three runs."""
    repository = Repository(tmp_path / "user", git_env)
    shutil.copytree(ROOT / "chart", repository.folder / "chart")
    repository.write(values=values(same={}, changed={}, gone={}))
    repository.commit()
    return repository


def change(job: Job, user: Repository, text: str) -> Run:
    """What the job says of a branch that changes the values."""
    base = user.head()
    user.start("git", "checkout", "--quiet", "-b", "change")
    user.write(values=text)
    user.commit()
    return job.of.run(user, base, job.env)


def outcomes(report: str) -> dict[str, str]:
    """The outcome by the run's name without its hash; a run of both sides by that of the new one."""
    rows = re.findall(r"^Job/demo-([a-z]+)-[0-9a-f]{10} +(starts|left alone|goes on)", report, re.MULTILINE)
    return dict(reversed(rows))


def test_a_change_says_which_runs_it_would_start(job: Job, user: Repository) -> None:
    run = change(job, user, values(same={}, changed={"env": [{"name": "FAST", "value": "yes"}]}, new={}))
    assert run.code == 0, run.log
    assert "2 runs would start.\n3 runs in 4 objects: 0 errors, 0 warnings" in run.log
    assert outcomes(run.log) == {
        "same": "left alone",
        "changed": "starts",
        "new": "starts",
        "gone": "goes on",
    }
    assert run.log.count("goes on ") == 2  # the one that is gone, and the old one of the changed run


def test_the_report_on_the_page_is_one(job: Job, user: Repository) -> None:
    user.write(values=values(train={}))
    user.commit()
    run = change(job, user, values(train={"env": [{"name": "FAST", "value": "yes"}]}))
    report = run.log[run.log.index("RUN  ") :]
    assert f"```text\n{report}```\n" in (ROOT / "docs" / "pull-requests.md").read_text()


def test_a_problem_fails_the_job_and_is_shown_at_the_values(job: Job, user: Repository) -> None:
    asks = {"environment": {"persistence": {"data": ["imgaes"]}}}
    run = change(job, user, values(same={}, wrong={"polyaxonfile": asks}).replace('"wrong"', '\n\n"wrong"'))
    assert run.code == 1
    (error,) = run.errors
    assert error.startswith("values.yaml:3: ")
    assert "run wrong (values: runs.wrong.polyaxonfile), Job/" in error
    assert 'did you mean "images"?' in error


def test_more_starts_than_allowed_fail_the_job(job: Job, user: Repository) -> None:
    run = change(job, user, values(**{name: {} for name in ("same", "one", "two", "three", "four")}))
    assert run.code == 1
    assert "4 runs would start." in run.log
    (error,) = run.errors
    assert "4 runs would start, but --max-starts allows 3" in error


def test_what_helm_says_is_in_the_log(job: Job, user: Repository) -> None:
    run = change(job, user, values(same={"backoffLimit": "many"}))
    assert run.code == 1
    assert "backoffLimit" in run.log


def test_a_base_that_can_not_be_rendered_can_still_be_fixed(job: Job, user: Repository) -> None:
    user.write(values="runs: [\n")
    user.commit()
    run = change(job, user, values(same={}))
    assert run.code == 0, run.log
    assert "the base can't be rendered: all runs count as new" in run.log
    assert outcomes(run.log) == {"same": "starts"}


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        ("github.yaml", "vendor.github-workflows"),
        ("github.yaml", "custom.github-workflows-require-timeout"),
        ("gitlab.yaml", "vendor.gitlab-ci"),
    ],
)
def test_the_examples_are_as_their_schemas_want_them(file: str, schema: str, tmp_path: Path) -> None:
    def check(path: Path) -> int:
        command = [str(Path(sys.executable).parent / "check-jsonschema"), "--builtin-schema", schema, str(path)]
        return subprocess.run(command, capture_output=True, check=False).returncode

    assert check(FOLDER / file) == 0
    # A check that accepts everything would be none.
    wrong = (FOLDER / file).read_text().replace("timeout-minutes: 10", "timeout-minutes: [10]")
    (tmp_path / file).write_text(wrong.replace("  script:", "  scripts: 5\n  script: {}\n  x:"))
    assert check(tmp_path / file) == 1


def test_no_script_contains_an_expression_of_github() -> None:
    """What a pull request's author writes must not become a command."""
    assert all("${{" not in script for script in STEPS.values())


def test_the_jobs_need_no_right_to_write() -> None:
    assert yaml.safe_load((FOLDER / "github.yaml").read_text())["permissions"] == {"contents": "read"}
    assert "TOKEN" not in (FOLDER / "gitlab.yaml").read_text()
