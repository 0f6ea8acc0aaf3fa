"""Output, limits and files of check."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from post_renderer.stream import STREAM_LIMIT
from tests.support.cli import DOCUMENTED, make_catalog, make_job, run
from tests.support.messages import places
from tests.unit.commands.conftest import (
    CHANGED,
    KEEP,
    KEPT,
    NO_JOBS,
    NOBODY,
    NOTHING,
    PLAIN,
    REPLACE,
    Checker,
    as_live,
    name_in,
    render,
    source,
)

if TYPE_CHECKING:
    from pathlib import Path


# How it is said


def test_the_table_is_for_people(checker: Checker) -> None:
    old, new = name_in(render(KEPT)), name_in(render(CHANGED))
    result = checker.run(source(CHANGED), render(KEPT), NO_JOBS)
    assert (result.exit_code, result.error) == (0, "")
    assert result.output.decode() == (
        f"RUN                   UPGRADE  WHY\n"
        f"{new}  starts   a new Job\n"
        f"{old}  goes on  kept: Helm no longer manages it, and it runs to its end\n"
        f"{new} differs from what is installed:\n"
        "  containers[main].env[FAST]: added\n"
        "1 run would start.\n"
        "1 run in 2 objects: 0 errors, 0 warnings\n"
    )


def test_without_against_only_problems_are_reported() -> None:
    result = run("check", stdin=source(KEPT))
    assert (result.exit_code, result.output, result.error) == (0, b"1 run in 2 objects: 0 errors, 0 warnings\n", "")


def test_the_json_has_problems_and_runs(checker: Checker) -> None:
    stream = source(make_job("environment: {persistence: {outputs: outputs1}}\n"))
    result = checker.run(stream, NOTHING, None, "--output", "json")
    assert (result.exit_code, result.error) == (0, "")
    data: Any = json.loads(result.output)
    assert data["runs"] == [
        {
            "object": "Job/train",
            **NOBODY,
            "outcome": "starts",
            "note": "",
            "reason": "a new Job",
            "changes": [],
        }
    ]
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
        "run": "",
        "values": "",
        "valuesFile": "",
        "valuesLine": 0,
    }


def test_problems_come_instead_of_a_comparison(checker: Checker) -> None:
    result = checker.run(source(make_job("kind: x\n")), render(KEPT))
    assert result.exit_code == 1
    assert result.output == b"1 run in 2 objects: 1 error, 0 warnings\n"
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
    assert (
        f"error[too-many-starts] (upgrade): 3 runs would start, but --max-starts allows {limit}: " in result.error
    ) is bool(exit_code)
    assert ("hint: write --max-starts 3" in result.error) is bool(exit_code)


# Files that can't be compared with


@pytest.mark.parametrize(
    "content", ["polyaxon.com: [\n", "polyaxon.com/polyaxonfile: {\n", "a: 1\npolyaxon.com: {}\n---\npolyaxon.com: ]\n"]
)
def test_a_manifest_that_can_not_be_read_is_a_usage_error(content: str, checker: Checker) -> None:
    result = checker.run(source(PLAIN), content)
    assert (result.exit_code, result.output) == (2, b"")
    assert "--against " in result.error
    assert result.error.endswith("\n  hint: create it with `helm get manifest` or `kubectl get -o yaml`\n")


def test_a_missing_manifest_is_a_usage_error() -> None:
    result = run("check", "--against", "none.yaml", stdin=source(PLAIN))
    assert result.exit_code == 2
    assert "--against none.yaml: No such file or directory" in result.error


# Hooks that Helm 3 withholds

HOOK = make_job(annotations="helm.sh/hook: post-install\n")
ASKS_ON_TEMPLATE = HOOK.replace("    polyaxon.com/polyaxonfile: |\n      {}\n", "").replace(
    "  template:\n", "  template:\n    metadata: {annotations: {polyaxon.com/outputs: outputs2}}\n"
)


HOOKS = {
    "piped from helm template": (source(HOOK), 1),
    "not from Helm": (source(HOOK).replace("# Source: ", "# from: "), 0),
    "rendered already": (render(HOOK), 0),
    "no hook": (source(PLAIN), 0),
    "a hook that asks for nothing of ours": (source(PLAIN) + HOOK.replace("    polyaxon.com/polyaxonfile: |\n      {}\n", "    a: polyaxon.com\n"), 0),
    "a hook that asks by one annotation": (source(HOOK.replace("polyaxonfile: |\n      {}\n", "data: ''\n")), 1),
    "a hook that asks by its kind": (source(HOOK.replace("polyaxonfile: |\n      {}\n", "kind: job\n")), 1),
    "a hook that asks on its pod template": (source(ASKS_ON_TEMPLATE), 1),
    "a hook with the label of the chart": (source(PLAIN) + HOOK.replace("  annotations:", "  labels: {polyaxon.com/kind: job}\n  annotations:").replace("    polyaxon.com/polyaxonfile: |\n      {}\n", ""), 0),
    "a hook of a kind without pods": (source(PLAIN) + "---\nkind: ConfigMap\nmetadata: {name: polyaxon.com, annotations: {helm.sh/hook: test}}\n", 0),
    "another document that can't be read": (source(PLAIN) + "---\nhelm.sh/hook: polyaxon.com [\na: [\n", 0),
}  # fmt: skip


@pytest.mark.parametrize("what", HOOKS)
def test_check_reports_hooks_that_helm_3_would_not_pass_on(what: str) -> None:
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
    assert (result.exit_code, result.output) == (1, b"2 runs in 4 objects: 2 errors, 0 warnings\n")
    first, _, second, _ = result.error.splitlines()
    assert first.startswith("a.yaml:26: error[unknown-volume] Job/train (chart/templates/runs.yaml), ")
    assert second.startswith("c.yaml:1: error[invalid-yaml] (unreadable document): ")
    (files / "copy.yaml").write_text(source(KEPT))
    result = run("check", "b.yaml", "copy.yaml")  # in one stream, these would be one Job twice
    assert (result.exit_code, result.output) == (0, b"2 runs in 4 objects: 0 errors, 0 warnings\n")


def test_a_file_and_standard_input(files: Path) -> None:
    assert files.is_dir()
    result = run("check", "b.yaml", "-", stdin=(files / "a.yaml").read_text())
    assert result.exit_code == 1
    assert places(result.error) == ["<stdin>:26"]


def test_a_file_without_lines_is_named(files: Path) -> None:
    (files / "big.yaml").write_bytes(b"#" * (STREAM_LIMIT + 1))
    result = run("check", "big.yaml")
    assert result.error.startswith("big.yaml: error[input-too-large] ")


def test_what_is_wrong_with_a_sites_catalog_is_reported_once(files: Path) -> None:
    (files / "site.yaml").write_text("persistence: {data: {more: {mountPath: more, hostPath: /more}}}\n")
    result = run("check", "--persistence", "site.yaml", "a.yaml", "b.yaml")
    assert [line for line in result.error.splitlines() if "mountPath" in line] == [
        'site.yaml:1: error[invalid-entry] persistence.data.more: mountPath "more" is not absolute'
    ]
    assert places(result.error) == ["site.yaml:1", "a.yaml:26"]


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
