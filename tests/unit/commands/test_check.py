"""``check``: every problem, and what an upgrade would do to the runs of a release."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from post_renderer.stream import STREAM_LIMIT
from tests.support.cli import DOCUMENTED, Result, make_catalog, make_job, run

if TYPE_CHECKING:
    from pathlib import Path

KEEP = "polyaxon.com/run-policy: keep\n"
REPLACE = "polyaxon.com/run-policy: replace\n"
FAST = "env: [{name: FAST, value: 'yes'}]\n"


def render(*objects: str) -> str:
    result = run(stdin=make_catalog() + "".join(objects))
    assert result.exit_code == 0, result.error
    return result.output.decode()


def name_in(stream: str) -> str:
    (name,) = re.findall(r'^  name: "(\S+-[0-9a-f]{10})"', stream, re.MULTILINE)
    return f"Job/{name}"


def as_live(stream: str) -> str:
    """The same objects as the API server hands them out: with a uid, defaults and a status."""
    live = stream.replace("\n  annotations:\n    polyaxon", "\n  uid: 6f1\n  annotations:\n    polyaxon")
    return live.replace("      restartPolicy: Never\n", "      restartPolicy: Never\n      dnsPolicy: ClusterFirst\n")


def deployment(**parts: str) -> str:
    return make_job(**parts).replace("batch/v1", "apps/v1").replace("kind: Job", "kind: Deployment")


def pod() -> str:
    text = make_job().replace("batch/v1", "v1").replace("kind: Job", "kind: Pod")
    return text.replace("  template:\n    spec:\n      restartPolicy: Never\n      containers:", "  containers:")


class Checker:
    """Checks a stream against files with what is installed and what lives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run(self, stream: str, installed: str | None, live: str | None = None, *words: str) -> Result:
        arguments = ["check", *words]
        for name, text in (("installed", installed), ("live", live)):
            if text is not None:
                (self._folder / name).write_text(text)
                arguments += ["--against", str(self._folder / name)]
        return run(*arguments, stdin=stream)

    def outcomes(self, stream: str, installed: str | None, live: str | None = None) -> dict[str, str]:
        result = self.run(stream, installed, live, "--output", "json")
        assert result.exit_code == 0, result.error
        return {row["object"]: row["outcome"] for row in json.loads(result.output)["runs"]}


@pytest.fixture
def checker(tmp_path: Path) -> Checker:
    return Checker(tmp_path)


def source(*objects: str) -> str:
    return make_catalog() + "".join(objects)


NOTHING = "---\n# nothing\n"
NO_JOBS = "apiVersion: v1\nitems: []\nkind: List\n"
KEPT, CHANGED = make_job(annotations=KEEP), make_job(annotations=KEEP, container=FAST)
REPLACED, CHANGED_REPLACED = make_job(annotations=REPLACE), make_job(annotations=REPLACE, container=FAST)
PLAIN, CHANGED_PLAIN = make_job(), make_job(container=FAST)


def test_a_first_install_may_find_a_kept_job(checker: Checker) -> None:
    name = name_in(render(KEPT))
    assert checker.outcomes(source(KEPT), NOTHING) == {name: "starts unless kept"}
    assert checker.outcomes(source(KEPT), NOTHING, NO_JOBS) == {name: "starts"}
    assert checker.outcomes(source(KEPT), NOTHING, as_live(render(KEPT))) == {name: "left alone"}


def test_an_unchanged_run_is_left_alone(checker: Checker) -> None:
    name = name_in(render(KEPT))
    assert checker.outcomes(source(KEPT), render(KEPT)) == {name: "left alone"}
    assert checker.outcomes(source(KEPT), render(KEPT), as_live(render(KEPT))) == {name: "left alone"}


def test_a_job_that_was_deleted_by_hand_starts_again(checker: Checker) -> None:
    name = name_in(render(KEPT))
    assert checker.outcomes(source(KEPT), render(KEPT), NO_JOBS) == {name: "starts"}
    text = checker.run(source(KEPT), render(KEPT), NO_JOBS).output.decode()
    assert "its Job was deleted" in text


def test_a_changed_kept_run_starts_and_the_old_one_goes_on(checker: Checker) -> None:
    old, new = name_in(render(KEPT)), name_in(render(CHANGED))
    assert checker.outcomes(source(CHANGED), render(KEPT)) == {new: "starts unless kept", old: "goes on"}
    assert checker.outcomes(source(CHANGED), render(KEPT), as_live(render(KEPT))) == {new: "starts", old: "goes on"}


def test_going_back_to_a_content_whose_job_is_still_there_starts_nothing(checker: Checker) -> None:
    old, new = name_in(render(KEPT)), name_in(render(CHANGED))
    live = as_live(render(KEPT)) + as_live(render(CHANGED))
    assert checker.outcomes(source(KEPT), render(CHANGED), live) == {old: "left alone", new: "goes on"}


def test_a_changed_run_with_replace_takes_the_place_of_the_old_one(checker: Checker) -> None:
    old, new = name_in(render(REPLACED)), name_in(render(CHANGED_REPLACED))
    assert checker.outcomes(source(CHANGED_REPLACED), render(REPLACED)) == {new: "starts unless kept", old: "replaced"}


def test_the_policy_that_was_deployed_decides_about_the_old_job(checker: Checker) -> None:
    old, new = name_in(render(KEPT)), name_in(render(CHANGED_REPLACED))
    assert checker.outcomes(source(CHANGED_REPLACED), render(KEPT))[old] == "goes on"
    assert checker.outcomes(source(CHANGED_REPLACED), render(KEPT))[new] == "starts unless kept"


def test_a_run_that_left_the_values(checker: Checker) -> None:
    assert checker.outcomes(source(), render(KEPT)) == {name_in(render(KEPT)): "goes on"}
    assert checker.outcomes(source(), render(REPLACED)) == {name_in(render(REPLACED)): "removed"}
    assert checker.outcomes(source(), render(PLAIN)) == {"Job/train": "removed"}
    assert checker.outcomes(source(), render(deployment())) == {"Deployment/train": "removed"}


def test_a_release_rendered_without_us_is_replaced(checker: Checker) -> None:
    """Its Job has no hash and no keep: an upgrade with the post-renderer removes it and starts the real one."""
    name = name_in(render(KEPT))
    assert checker.outcomes(source(KEPT), source(KEPT)) == {name: "starts unless kept", "Job/train": "replaced"}


PLAIN_ROWS = {
    "new": (PLAIN, NOTHING, None, "starts"),
    "new, live objects known": (PLAIN, NOTHING, NO_JOBS, "starts"),
    "unchanged": (PLAIN, render(PLAIN), None, "left alone"),
    "unchanged and alive": (PLAIN, render(PLAIN), as_live(render(PLAIN)), "left alone"),
    "alive, and nothing else known": (PLAIN, None, as_live(render(PLAIN)), "left alone"),
    "deleted": (PLAIN, render(PLAIN), NO_JOBS, "starts"),
    "changed": (CHANGED_PLAIN, render(PLAIN), None, "blocked"),
    "changed, and alive": (CHANGED_PLAIN, render(PLAIN), as_live(render(PLAIN)), "blocked"),
    "changed in the template's metadata": (PLAIN.replace("  template:\n", "  template:\n    metadata: {labels: {a: b}}\n"), render(PLAIN), None, "blocked"),
    "changed, but not in the pod": (make_job(spec="suspend: true\n"), render(PLAIN), None, "left alone"),
    "a catalog that grew": (PLAIN, render(make_job("environment: {persistence: {data: [data1]}}\n")), None, "blocked"),
}  # fmt: skip


@pytest.mark.parametrize("what", PLAIN_ROWS)
def test_a_job_that_keeps_its_name(what: str, checker: Checker) -> None:
    job, installed, live, outcome = PLAIN_ROWS[what]
    assert checker.outcomes(source(job), installed, live) == {"Job/train": outcome}


def test_what_live_objects_alone_can_not_tell_is_said(checker: Checker) -> None:
    text = checker.run(source(PLAIN), None, as_live(render(PLAIN))).output.decode()
    assert "left alone  unless its pod changed: add --against with `helm get manifest` to know" in text


OTHER_KINDS = {
    "a new Deployment": (deployment(), NOTHING, {"Deployment/train": "updated"}),
    "a Deployment": (deployment(), render(deployment()), {"Deployment/train": "left alone"}),
    "a changed Deployment": (deployment(container=FAST), render(deployment()), {"Deployment/train": "updated"}),
    "a new Pod": (pod(), NOTHING, {"Pod/train": "starts"}),
    "a Pod": (pod(), render(pod()), {"Pod/train": "left alone"}),
    "a changed Pod": (pod() + "        tty: true\n", render(pod()), {"Pod/train": "blocked"}),
}


@pytest.mark.parametrize("what", OTHER_KINDS)
def test_other_kinds(what: str, checker: Checker) -> None:
    stream, installed, outcomes = OTHER_KINDS[what]
    assert checker.outcomes(source(stream), installed) == outcomes


def test_objects_of_others_are_not_ours_to_judge(checker: Checker) -> None:
    other = "---\nkind: Deployment\napiVersion: apps/v1\nmetadata: {name: polyaxon.com}\nspec: {}\n"
    broken = "---\npolyaxon.com: [\n"
    assert checker.outcomes(source(other, broken), other) == {}
    assert checker.run(source(other), other).output == b"No runs before or after the upgrade.\n0 problems, 0 warnings\n"


@pytest.mark.parametrize("metadata", ["{name: x, name: y}", "text"])
def test_an_unrelated_object_that_can_not_be_read_is_passed(metadata: str, checker: Checker) -> None:
    other = f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {metadata}\ndata: {{note: polyaxon.com}}\n"
    result = checker.run(source(make_job()), render(make_job()) + other)
    assert (result.exit_code, result.error) == (0, "")
    assert b"left alone" in result.output


def test_jobs_of_others_among_the_live_ones(checker: Checker) -> None:
    live = (
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: batch/v1\n  kind: Job\n  metadata: {name: backup, uid: 1}\n"
    )
    assert checker.outcomes(source(PLAIN), None, live) == {"Job/train": "starts"}


# How it is said


def test_the_table_is_for_people(checker: Checker) -> None:
    old, new = name_in(render(KEPT)), name_in(render(CHANGED))
    result = checker.run(source(CHANGED), render(KEPT), NO_JOBS)
    assert (result.exit_code, result.error) == (0, "")
    assert result.output.decode() == (
        f"RUN                   UPGRADE  WHY\n"
        f"{new}  starts   a new Job\n"
        f"{old}  goes on  kept: it runs to its end, Helm no longer manages it\n"
        "1 run would start.\n"
        "0 problems, 0 warnings\n"
    )


def test_without_against_only_problems_are_told() -> None:
    result = run("check", stdin=source(KEPT))
    assert (result.exit_code, result.output, result.error) == (0, b"0 problems, 0 warnings\n", "")


def test_the_json_has_problems_and_runs(checker: Checker) -> None:
    stream = source(make_job("environment: {persistence: {outputs: outputs1}}\n"))
    result = checker.run(stream, NOTHING, None, "--output", "json")
    assert (result.exit_code, result.error) == (0, "")
    data: Any = json.loads(result.output)
    assert data["runs"] == [{"object": "Job/train", "outcome": "starts", "note": ""}]
    (problem,) = data["problems"]
    assert problem == {
        "severity": "warning",
        "code": "read-only-outputs",
        "subject": "Job/train",
        "file": "chart/templates/runs.yaml",
        "line": 26,
        "stream": "",
        "about": "polyaxon.com/polyaxonfile",
        "message": 'outputs volume "outputs1" is read-only: the run can\'t write its results',
        "hint": "choose one of: outputs-foo, outputs2",
    }


def test_problems_come_instead_of_a_comparison(checker: Checker) -> None:
    result = checker.run(source(make_job("kind: x\n")), render(KEPT))
    assert result.exit_code == 1
    assert result.output == b"1 problem, 0 warnings\n"
    assert "error[invalid-request]" in result.error


# --max-starts


@pytest.mark.parametrize(("limit", "exit_code"), [("0", 1), ("1", 1), ("2", 1), ("3", 0), ("4", 0)])
def test_max_starts_counts_what_may_start(limit: str, exit_code: int, checker: Checker) -> None:
    second = make_job(name="second", annotations=REPLACE)
    unchanged = make_job(name="third")
    stream = source(CHANGED, second, unchanged, make_job(name="fourth"))
    result = checker.run(stream, render(KEPT, unchanged), None, "--max-starts", limit)
    assert result.exit_code == exit_code
    assert "3 runs would start." in result.output.decode()
    assert ("error[too-many-starts] (upgrade): 3 runs would start: " in result.error) is bool(exit_code)
    assert (f"--max-starts allows {limit}; write --max-starts 3" in result.error) is bool(exit_code)


# Files that can't be compared with


@pytest.mark.parametrize(
    "content", ["polyaxon.com: [\n", "polyaxon.com/polyaxonfile: {\n", "a: 1\npolyaxon.com: {}\n---\npolyaxon.com: ]\n"]
)
def test_a_manifest_that_can_not_be_read_is_a_usage_error(content: str, checker: Checker) -> None:
    result = checker.run(source(PLAIN), content)
    assert (result.exit_code, result.output) == (2, b"")
    assert "--against " in result.error
    assert "helm get manifest" in result.error


def test_a_missing_manifest_is_a_usage_error() -> None:
    result = run("check", "--against", "none.yaml", stdin=source(PLAIN))
    assert result.exit_code == 2
    assert "--against none.yaml: No such file or directory" in result.error


# Hooks that Helm 3 withholds


HOOK = make_job(annotations="helm.sh/hook: post-install\n")
HOOKS = {
    "piped from helm template": (source(HOOK), 1),
    "not from Helm": (source(HOOK).replace("# Source: ", "# from: "), 0),
    "rendered already": (render(HOOK), 0),
    "no hook": (source(PLAIN), 0),
    "a hook that asks for nothing of ours": (source(PLAIN) + HOOK.replace("    polyaxon.com/polyaxonfile: |\n      {}\n", "    a: polyaxon.com\n"), 0),
    "a hook of a kind without pods": (source(PLAIN) + "---\nkind: ConfigMap\nmetadata: {name: polyaxon.com, annotations: {helm.sh/hook: test}}\n", 0),
    "another document that can't be read": (source(PLAIN) + "---\nhelm.sh/hook: polyaxon.com [\na: [\n", 0),
}  # fmt: skip


@pytest.mark.parametrize("what", HOOKS)
def test_check_tells_of_hooks_that_helm_3_would_not_hand_over(what: str) -> None:
    stream, warnings = HOOKS[what]
    result = run("check", stdin=stream)
    assert result.exit_code == 0, result.error
    assert result.error.count("warning[hook-withheld] Job/train") == warnings


def test_render_does_not_warn_of_hooks() -> None:
    assert run(stdin=source(HOOK)).error == ""


def test_check_looks_at_every_entry() -> None:
    result = run("check", stdin=make_catalog(DOCUMENTED.replace("/data/2", "data/2")))
    assert result.exit_code == 1
    assert "error[invalid-entry] ConfigMap/catalog" in result.error


def in_namespace(name: str) -> str:
    return make_job(annotations=KEEP).replace("  name: train\n", f"  name: train\n  namespace: {name}\n")


def test_a_job_of_another_namespace_is_another_job(checker: Checker) -> None:
    stream = make_catalog() + in_namespace("a")
    elsewhere = as_live(render(in_namespace("b")))
    assert list(checker.outcomes(stream, render(in_namespace("a")), elsewhere).values()) == ["starts"]
    here = as_live(render(in_namespace("a")))
    assert list(checker.outcomes(stream, render(in_namespace("a")), here).values()) == ["left alone"]
    unsaid = make_catalog() + make_job(annotations=KEEP)
    assert list(checker.outcomes(unsaid, render(in_namespace("a")), here).values()) == ["left alone"]


def test_a_hook_starts_with_every_upgrade_and_a_test_with_none(checker: Checker) -> None:
    hook = make_job(annotations="helm.sh/hook: post-install,post-upgrade\n")
    test = make_job(name="check", annotations="helm.sh/hook: test\n")
    live = as_live(render(hook, test))
    assert checker.outcomes(make_catalog() + hook + test, render(hook, test), live) == {"Job/train": "starts"}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two renderings with problems and one without."""
    bad = make_job("environment: {persistence: {data: [data-fo]}}\n")
    monkeypatch.chdir(tmp_path)
    for name, stream in (("a", source(bad)), ("b", source(KEPT)), ("c", "a: [ # polyaxon.com/polyaxonfile: x\n")):
        (tmp_path / f"{name}.yaml").write_text(stream)
    return tmp_path


def test_each_file_is_a_rendering_of_its_own(files: Path) -> None:
    result = run("check", "a.yaml", "b.yaml", "c.yaml", stdin="not read: [")
    assert (result.exit_code, result.output) == (1, b"2 problems, 0 warnings\n")
    first, _, second, _ = result.error.splitlines()
    assert first.startswith("error[unknown-volume] Job/train (chart/templates/runs.yaml, line 26 of a.yaml), ")
    assert second.startswith("error[invalid-yaml] (unreadable document) (line 2 of c.yaml): ")
    result = run("check", "b.yaml", str(files / "b.yaml"))  # in one stream, these would be one Job twice
    assert (result.exit_code, result.output) == (0, b"0 problems, 0 warnings\n")


def test_a_file_and_standard_input(files: Path) -> None:
    assert files.is_dir()
    result = run("check", "b.yaml", "-", stdin=(files / "a.yaml").read_text())
    assert result.exit_code == 1
    assert "line 26 of the stream" in result.error


def test_a_file_without_lines_is_named(files: Path) -> None:
    (files / "big.yaml").write_bytes(b"#" * (STREAM_LIMIT + 1))
    result = run("check", "big.yaml")
    assert result.error.startswith("error[input-too-large] (stream) (big.yaml): ")


def test_what_is_wrong_with_a_sites_catalog_is_told_once(files: Path) -> None:
    (files / "site.yaml").write_text("persistence: {data: {more: {mountPath: more, hostPath: /more}}}\n")
    result = run("check", "--persistence", "site.yaml", "a.yaml", "b.yaml")
    assert [line.partition("]")[0] for line in result.error.splitlines() if line.startswith("error")] == [
        "error[invalid-entry",
        "error[unknown-volume",
    ]
    assert "(site.yaml, line 1)" in result.error


def test_the_json_names_the_file(files: Path) -> None:
    assert files.is_dir()
    result = run("check", "--output", "json", "b.yaml", "a.yaml")
    (problem,) = json.loads(result.output)["problems"]
    assert (problem["stream"], problem["line"]) == ("a.yaml", 26)


def test_one_file_may_be_held_against_what_is_installed(files: Path) -> None:
    assert files.is_dir()
    (files / "installed.yaml").write_text(render(KEPT))
    assert b"left alone" in run("check", "b.yaml", "--against", "installed.yaml").output
    result = run("check", "b.yaml", "a.yaml", "--against", "b.yaml")
    assert (result.exit_code, result.error.splitlines()[0]) == (
        2,
        "polyaxon-persistence: --against compares one rendering",
    )


def test_a_file_that_is_not_there(files: Path) -> None:
    assert files.is_dir()
    result = run("check", "b.yaml", "z.yaml")
    assert (result.exit_code, result.output) == (2, b"")
    assert result.error == (
        "polyaxon-persistence: z.yaml: No such file or directory\n  hint: name a file that can be read\n"
    )
