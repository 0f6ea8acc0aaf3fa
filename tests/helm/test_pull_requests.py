"""The examples for GitHub and GitLab: each step of theirs is run in a repository with a change, as their runners do.

What is not run: GitHub's own actions (`uses`), whose work is prepared here, and `gh`, which is a program here that
writes down what it was told. GitLab's `curl` posts to a server on loopback.
"""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, ClassVar, NamedTuple
from urllib.parse import parse_qs

import pytest
import yaml

from tests.support.git import URL, Repository
from tests.support.paths import ROOT

FOLDER = ROOT / "docs" / "examples" / "pull-requests"
GITHUB = yaml.safe_load((FOLDER / "github.yaml").read_text())["jobs"]["volumes"]
GITLAB = yaml.safe_load((FOLDER / "gitlab.yaml").read_text())["volumes"]
STEPS = {step["name"]: step for step in GITHUB["steps"] if "run" in step}
EXPRESSIONS = {"${{ github.token }}": "secret", "${{ github.event.pull_request.number }}": "7"}
# Stands for the `gh` of GitHub's runners.
GH = f"""#!{sys.executable}
import json, os, sys
body = open(sys.argv[sys.argv.index("--body-file") + 1]).read()
with open(os.environ["POSTED"], "w") as file:
    json.dump({{"words": sys.argv[1:], "token": os.environ["GH_TOKEN"], "body": body}}, file)
"""


class Run(NamedTuple):
    """How a job ended, what it printed, and what it posted."""

    code: int
    log: str
    posted: str


def bash(script: str, folder: Path, env: dict[str, str]) -> tuple[int, str]:
    """As the runners start it: a failing command, or a failing part of a pipe, ends the script."""
    file = folder.parent / "script.sh"
    file.write_text(script)
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(file)],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


class OnGitHub:
    install = STEPS["install"]["run"]

    def run(self, user: Repository, base: str, env: dict[str, str]) -> Run:
        user.start("git", "checkout", "--quiet", base)
        user.start("git", "merge", "--quiet", "--no-ff", "--message", "merge", "change")
        posted, summary = user.folder.parent / "posted", user.folder.parent / "summary"
        binaries = user.folder.parent / "gh"
        binaries.mkdir()
        (binaries / "gh").write_text(GH)
        (binaries / "gh").chmod(0o755)
        env = {**env, "PATH": f"{binaries}:{env['PATH']}", "GITHUB_STEP_SUMMARY": str(summary), "POSTED": str(posted)}
        code, log = 0, ""
        for name, step in STEPS.items():
            if name == "install" or (code and "always()" not in step.get("if", "")):
                continue
            given = {**GITHUB["env"], **step.get("env", {})}
            given = {key: EXPRESSIONS.get(value, value) for key, value in given.items()}
            ended, said = bash(step["run"], user.folder, {**env, **given})
            code, log = code or ended, log + said
        found = json.loads(posted.read_text())
        assert found["words"] == [*"pr comment 7 --edit-last --create-if-none --body-file report.md".split()]
        assert found["token"] == "secret"
        assert summary.read_text() == found["body"]
        return Run(code, log, found["body"])


class Notes(http.server.BaseHTTPRequestHandler):
    """GitLab's notes of a merge request."""

    found: ClassVar[list[tuple[str, str | None, str]]] = []

    def do_POST(self) -> None:
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["body"][0]
        self.found.append((self.path, self.headers["PRIVATE-TOKEN"], body))
        self.send_response(201)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: the test says what it found."""


class OnGitLab:
    install = "\n".join(GITLAB["before_script"])

    def run(self, user: Repository, base: str, env: dict[str, str]) -> Run:
        Notes.found.clear()
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Notes) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            env = {
                **env,
                **GITLAB["variables"],
                "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
                "CI_API_V4_URL": f"http://127.0.0.1:{server.server_port}/api/v4",
                "CI_MERGE_REQUEST_PROJECT_ID": "5",
                "CI_MERGE_REQUEST_IID": "7",
                "VOLUMES_TOKEN": "secret",
            }
            user.start("git", "checkout", "--quiet", "change")
            code, log = bash("\n".join(GITLAB["script"]), user.folder, env)
            after, said = bash("\n".join(GITLAB["after_script"]), user.folder, env)
            server.shutdown()
        assert after == 0, said
        ((path, token, body),) = Notes.found
        assert (path, token) == ("/api/v4/projects/5/merge_requests/7/notes", "secret")
        assert body == (user.folder / "report.md").read_text()
        return Run(code, log, body)


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
    assert shutil.which("curl"), "curl is missing: install it"
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
    run = job.of.run(user, base, job.env)
    assert run.posted.startswith("**Volumes and runs of demo**\n\n```text\n")
    assert run.posted.endswith("\n```\n")
    return run


def outcomes(report: str) -> dict[str, str]:
    """The outcome by the run's name without its hash; a run of both sides by that of the new one."""
    rows = re.findall(r"^Job/demo-([a-z]+)-[0-9a-f]{10} +(starts unless kept|left alone|goes on)", report, re.MULTILINE)
    return dict(reversed(rows))


def test_a_change_says_which_runs_it_would_start(job: Job, user: Repository) -> None:
    run = change(job, user, values(same={}, changed={"env": [{"name": "FAST", "value": "yes"}]}, new={}))
    assert run.code == 0, run.log
    assert "2 runs would start.\n3 runs in 4 objects: 0 errors, 0 warnings" in run.posted
    assert outcomes(run.posted) == {
        "same": "left alone",
        "changed": "starts unless kept",
        "new": "starts unless kept",
        "gone": "goes on",
    }
    assert run.posted.count("goes on ") == 2  # the one that is gone, and the old one of the changed run


def test_the_report_on_the_page_is_one(job: Job, user: Repository) -> None:
    user.write(values=values(train={}))
    user.commit()
    run = change(job, user, values(train={"env": [{"name": "FAST", "value": "yes"}]}))
    report = run.posted.partition("```text\n")[2].rpartition("```")[0]
    assert f"```text\n{report}```\n" in (ROOT / "docs" / "pull-requests.md").read_text()


def test_a_problem_fails_the_job_and_is_posted(job: Job, user: Repository) -> None:
    asks = {"environment": {"persistence": {"data": ["imgaes"]}}}
    run = change(job, user, values(same={"polyaxonfile": asks}))
    assert run.code == 1
    assert re.search(
        r"^head\.yaml:\d+: error\[unknown-volume\] run same \(values: runs\.same\.polyaxonfile\), Job/",
        run.posted,
        re.MULTILINE,
    )
    assert 'did you mean "images"?' in run.posted


def test_more_starts_than_allowed_fail_the_job(job: Job, user: Repository) -> None:
    run = change(job, user, values(**{name: {} for name in ("same", "one", "two", "three", "four")}))
    assert run.code == 1
    assert "4 runs would start." in run.posted
    assert "error[too-many-starts]" in run.posted


def test_what_helm_says_is_posted_too(job: Job, user: Repository) -> None:
    run = change(job, user, values(same={"backoffLimit": "many"}))
    assert run.code == 1
    assert "backoffLimit" in run.posted


def test_a_base_that_can_not_be_rendered_can_still_be_fixed(job: Job, user: Repository) -> None:
    user.write(values="runs: [\n")
    user.commit()
    run = change(job, user, values(same={}))
    assert run.code == 0, run.log
    assert "the base can't be rendered: all runs count as new" in run.log
    assert outcomes(run.posted) == {"same": "starts unless kept"}


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
    for step in STEPS.values():
        assert "${{" not in step["run"]


def test_what_a_chart_says_stays_in_the_report(job: Job, user: Repository) -> None:
    base = user.head()
    user.start("git", "checkout", "--quiet", "-b", "change")
    (user.folder / "chart" / "templates" / "bad.yaml").write_text('{{ fail "\\n```\\n/approve\\n" }}')
    user.commit()
    run = job.of.run(user, base, job.env)  # behind the fence, GitLab would take the line for an order
    assert run.code == 1
    assert "/approve" in run.posted
    assert run.posted.count("```") == 2
