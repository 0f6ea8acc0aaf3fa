"""`why`: each code has its help, each example gives its code, and what its remedy says does not."""

from __future__ import annotations

import json
from textwrap import indent
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from ci.generate import errors_page
from post_renderer.commands.code_help import CODE_HELP
from post_renderer.commands.why import split_remedy
from post_renderer.problems import CODES
from tests.support.cli import DOCUMENTED, make_catalog, make_job, run
from tests.support.imports import RENDER, loaded
from tests.support.messages import heads
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


# The table


def test_every_code_has_its_help_in_the_same_order() -> None:
    assert list(CODE_HELP) == list(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_row_says_all_of_it(code: str) -> None:
    row = CODE_HELP[code]
    assert row.meaning.endswith(".")
    sentence, right = split_remedy(row.remedy)
    assert sentence.endswith(".")
    for text in (row.example, right):
        assert text.endswith("\n")
        assert text.strip()
        assert max(map(len, text.splitlines())) <= 118
    assert row.example != right


# The command


@pytest.mark.parametrize("code", CODES)
def test_why_prints_the_row(code: str) -> None:
    result = run("why", code)
    assert (result.exit_code, result.error) == (0, "")
    text = result.output.decode()
    severity, summary = CODES[code]
    row = CODE_HELP[code]
    assert text.startswith(f"{severity}[{code}]: {summary}\n\n")
    assert " ".join(row.meaning.split()) in " ".join(text.split())
    assert f"\nexample:\n\n{indent(row.example, '  ')}\nremedy: " in text
    assert text.endswith(f"\n\n{indent(split_remedy(row.remedy)[1], '  ')}")


@pytest.mark.parametrize("code", CODES)
def test_why_prints_the_row_as_json(code: str) -> None:
    result = run("why", "--output", "json", code)
    assert (result.exit_code, result.error) == (0, "")
    severity, summary = CODES[code]
    row = CODE_HELP[code]
    assert json.loads(result.output) == {
        "code": code, "severity": severity, "summary": summary,
        "meaning": row.meaning, "example": row.example, "remedy": row.remedy,
    }  # fmt: skip


def test_why_alone_lists_all_codes() -> None:
    result = run("why")
    assert (result.exit_code, result.error) == (0, "")
    heading, *lines = result.output.decode().splitlines()
    assert heading.split() == ["CODE", "SEVERITY", "ABOUT"]
    assert [tuple(line.split(maxsplit=2)) for line in lines] == [(code, *row) for code, row in CODES.items()]


def test_why_alone_lists_all_codes_as_json() -> None:
    rows = json.loads(run("why", "--output", "json").output)["codes"]
    assert [row["code"] for row in rows] == list(CODES)
    assert all(list(row) == ["code", "severity", "summary", "meaning", "example", "remedy"] for row in rows)


@pytest.mark.parametrize(
    "word",
    ["error[unknown-volume]", "[unknown-volume]", "warning[unknown-volume]", "unknown-volume ", "Unknown-Volume",
     "<stdin>:3: error[unknown-volume] Job/train (chart/templates/runs.yaml), x: no data volume [a]",
     "a b/c.yaml: warning[unknown-volume] x: y"],
)  # fmt: skip
def test_a_code_as_users_copy_it(word: str) -> None:
    assert run("why", word) == run("why", "unknown-volume")


@pytest.mark.parametrize("word", ["unknown-volum", "error[unknown-volum]"])
def test_an_unknown_code_is_a_usage_error_with_a_suggestion(word: str) -> None:
    result = run("why", word)
    assert (result.exit_code, result.output) == (2, b"")
    assert result.error.startswith(
        'polyaxon-persistence: unknown code "unknown-volum"\n  hint: did you mean "unknown-volume"? Known: alias, '
    )


def test_an_empty_code_is_unknown() -> None:
    assert run("why", "").error.startswith('polyaxon-persistence: unknown code ""\n')


def test_one_code_at_a_time() -> None:
    result = run("why", "alias", "conflict")
    assert (result.exit_code, result.output) == (2, b"")
    assert result.error == "polyaxon-persistence: why accepts one CODE\n  hint: write one CODE, or none\n"


def test_the_help_says_what_a_code_is() -> None:
    assert (
        b"\nCODE is the code in error[CODE] or warning[CODE]; without CODE, all codes are listed.\n"
        in run("why", "--help").output
    )


def test_a_render_does_not_load_the_help() -> None:
    modules = loaded(RENDER, make_catalog() + make_job())
    assert not {name for name in modules if "why" in name or "code_help" in name}


# The page


@pytest.mark.pure
def test_the_page_is_current() -> None:
    assert errors_page.main(["--check"]) == 0


@pytest.mark.pure
def test_a_stale_page_is_found_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(errors_page, "PAGE", tmp_path / "errors.md")
    assert errors_page.main(["--check"]) == 1
    assert "python -m ci.generate.errors_page" in capsys.readouterr().err
    assert errors_page.main([]) == 0
    assert errors_page.main(["--check"]) == 0
    assert errors_page.main(["--other"]) == 2
    assert (tmp_path / "errors.md").read_text() == (ROOT / "docs" / "errors.md").read_text()


@pytest.mark.pure
def test_the_page_has_each_code_once_with_a_link_to_it() -> None:
    lines = (ROOT / "docs" / "errors.md").read_text().splitlines()
    assert [line[4:] for line in lines if line.startswith("### ")] == list(CODES)
    for code in CODES:
        assert sum(f"[{code}](#{code})" in line for line in lines) == 1
    groups = errors_page.read_groups()
    assert [code for codes in groups.values() for code in codes] == list(CODES)
    assert groups["migrate"] == ["not-migrated", "changed-meaning", "not-migratable"]


# The examples: each is put where its reader would write it, and what comes out is the code that it explains


class Setting:
    """Where a text is put: the stream that it makes, and the arguments. ``file``: it is a file that they name."""

    def __init__(self, make: Callable[[str], str | bytes], *arguments: str, file: bool = False) -> None:
        self.make = make
        self.arguments = arguments
        self.file = file

    def report(self, text: str, directory: Path) -> str:
        """What is reported with that text at its place."""
        if self.file:
            (directory / "values.yaml").write_text(text)
        result = run(*self.arguments, stdin=self.make(text))
        assert result.exit_code in (0, 1), result.error
        return result.error


def merge(base: Any, text: Any) -> Any:
    if not (isinstance(base, dict) and isinstance(text, dict)):
        return text
    return {**base, **{key: merge(base.get(key), value) for key, value in text.items()}}


POD: dict[str, Any] = {"restartPolicy": "Never", "containers": [{"name": "main", "image": "busybox"}]}
SPECS: dict[str, dict[str, Any]] = {
    "Job": {"template": {"spec": POD}},
    "Deployment": {"template": {"spec": POD}},
    "CronJob": {"schedule": "@daily", "jobTemplate": {"spec": {"template": {"spec": POD}}}},
}


BOARD = "command: [tensorboard, --logdir=$(POLYAXON_BASE_OUTPUTS_PATH)]\n"


def make_object(text: str) -> str:
    """A whole object from the piece that an example shows; without a kind, of a Job."""
    piece = yaml.safe_load(text)
    base: dict[str, Any] = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "train"}}
    kind = piece.get("kind", "Job")
    if kind == "ConfigMap":
        base["data"] = {"persistence.yaml": DOCUMENTED}
    elif kind in SPECS:
        base["spec"] = SPECS[kind]
    whole = yaml.safe_load(json.dumps(merge(base, piece)))  # no part of it twice, which YAML would write as an alias
    return f"---\n{yaml.safe_dump(whole, allow_unicode=True)}"


def with_request(text: str) -> str:
    """The annotations of an example beside a polyaxonfile."""
    piece = yaml.safe_load(text)
    return yaml.safe_dump(
        merge({"metadata": {"annotations": {"polyaxon.com/polyaxonfile": "{}"}}}, piece), allow_unicode=True
    )


def catalog_of(release: str) -> str:
    return make_catalog().replace("{polyaxon.com/catalog: v1}", f"{{polyaxon.com/catalog: v1, {release}}}")


RED_AND_BLUE = catalog_of("app.kubernetes.io/instance: red") + catalog_of("app.kubernetes.io/instance: blue")
EXPERIMENT = make_job("kind: experiment\n")
POLICY = "polyaxon.com/run-policy: keep\n"

POLYAXONFILE = Setting(lambda text: make_catalog() + make_job(text))
OBJECT = Setting(lambda text: make_catalog() + make_object(text))
WITH_REQUEST = Setting(lambda text: make_catalog() + make_object(with_request(text)))
CONTAINER = Setting(lambda text: make_catalog() + make_job(container=text))
POD_SPEC = Setting(lambda text: make_catalog() + make_job().partition("      containers:\n")[0] + indent(text, " " * 6))
CATALOG = Setting(lambda _: make_job(), "--persistence", "values.yaml", file=True)
MIGRATE = Setting(lambda _: "", "migrate", "values.yaml", file=True)

MANIFEST = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default, labels: {app.kubernetes.io/instance: demo}}\n"
SETTINGS = {
    "invalid-encoding": Setting(lambda text: (make_catalog() + make_object(with_request(text))).encode("latin-1")),
    "invalid-yaml": CONTAINER,
    "glued-separator": Setting(
        lambda text: (
            make_catalog() + make_job().removesuffix("        image: busybox\n") + text + "metadata: {name: a}\n"
        )
    ),
    "duplicate-key": CONTAINER,
    "alias": POD_SPEC,
    "unsupported-yaml": CONTAINER,
    "no-final-newline": Setting(lambda text: make_catalog() + make_job(container=text).removesuffix("\n")),
    "wrong-type": CONTAINER,
    "unknown-annotation": WITH_REQUEST,
    "invalid-annotation": WITH_REQUEST,
    "misplaced-annotation": OBJECT,
    "not-a-workload": OBJECT,
    "not-injectable": OBJECT,
    "pod-elsewhere": OBJECT,
    "no-request": OBJECT,
    "contradiction": OBJECT,
    "invalid-polyaxonfile": OBJECT,
    "invalid-request": POLYAXONFILE,
    "unknown-volume": POLYAXONFILE,
    "request-ignored": POLYAXONFILE,
    "no-volumes": CATALOG,
    "several-catalogs": Setting(lambda text: RED_AND_BLUE + make_object(text)),
    "catalog-version": Setting(lambda text: make_object(text) + make_job()),
    "invalid-catalog": CATALOG,
    "invalid-entry": CATALOG,
    "no-default-outputs": CATALOG,
    "same-mount-path": CATALOG,
    "bucket-secrets": CATALOG,
    "nested-mount-path": CATALOG,
    "read-only-outputs": POLYAXONFILE,
    "tensorboard-outputs": Setting(
        lambda _: make_job("kind: tensorboard\n", container=BOARD), *CATALOG.arguments, file=True
    ),
    "run-folder": CATALOG,
    "invalid-reference": Setting(lambda text: make_catalog() + EXPERIMENT + make_job(text, name="report")),
    "reference-cycle": POLYAXONFILE,
    "same-run-folder": Setting(lambda text: make_catalog() + make_job() + make_object(text)),
    "conflict": OBJECT,
    "claim-mounted-twice": OBJECT,
    "claim-in-use": Setting(lambda _: make_job() + make_job(name="other"), *CATALOG.arguments, file=True),
    "concurrency": Setting(
        lambda text: make_catalog() + make_object(text) + make_object(text.replace("metadata:", "metadata:\n  name: b"))
    ),
    "read-only-claim": CATALOG,
    "unknown-container": OBJECT,
    "run-policy": OBJECT,
    "name-too-long": OBJECT,
    "same-name": Setting(lambda text: make_catalog() + make_object(CODE_HELP["same-name"].example) + make_object(text)),
    "base-name": OBJECT,
    "helm4-rewrites": Setting(lambda text: make_catalog() + make_job(annotations=POLICY, container=text)),
    "changes-with-chart": OBJECT,
    "no-object": Setting(lambda text: text, "check"),
    "unread-document": Setting(lambda text: make_catalog() + "---\n" + text, "check"),
    "unknown-domain": Setting(OBJECT.make, "check"),
    "hook-withheld": Setting(OBJECT.make, "check"),
    "invalid-name": Setting(lambda text: text + MANIFEST, "inventory"),
    "unused-namespace": Setting(lambda text: text, "inventory", "--namespace", "vision", "-"),
    "not-patchable": Setting(OBJECT.make, "flux-patches"),
    "not-migrated": MIGRATE,
    "changed-meaning": MIGRATE,
    "not-migratable": MIGRATE,
}
# Codes whose remedy is a command, or is written in another place than the example.
REMEDY_ELSEWHERE = {"no-object", "invalid-name", "invalid-encoding", "catalog-version", "not-injectable", "run-folder"}
# Codes whose example is a command, has thousands of lines, or is for Argo CD: their golden cases show them.
NOT_HERE = {
    "input-too-large", "no-catalog", "value-too-long", "blocked-run", "too-many-starts", "not-verified", "argocd-parameter",
    "empty-output", "unsafe-path",
}  # fmt: skip


def test_every_example_is_tried_here_or_by_a_golden_case() -> None:
    assert set(SETTINGS) | NOT_HERE == set(CODES), (
        "add the code to SETTINGS, with what its example needs, or to NOT_HERE"
    )
    assert not set(SETTINGS) & NOT_HERE
    for code in NOT_HERE:
        assert (ROOT / "tests" / "golden" / f"code-{code}").is_dir()


@pytest.mark.parametrize("code", SETTINGS)
def test_the_example_gives_its_code_and_no_other(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    error = SETTINGS[code].report(CODE_HELP[code].example, tmp_path)
    assert {head.partition("]")[0] for head in heads(error)} == {f"{CODES[code][0]}[{code}"}, error


@pytest.mark.parametrize("code", [code for code in SETTINGS if code not in REMEDY_ELSEWHERE])
def test_with_the_remedy_nothing_is_reported(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    error = SETTINGS[code].report(split_remedy(CODE_HELP[code].remedy)[1], tmp_path)
    assert "error[" not in error
    assert "warning[" not in error


def test_the_remedy_of_a_missing_project_is_an_annotation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    row = CODE_HELP["run-folder"]
    (tmp_path / "values.yaml").write_text(row.example)
    result = run(*CATALOG.arguments, stdin=make_object(with_request(split_remedy(row.remedy)[1])))
    assert (result.exit_code, result.error) == (0, "")


def test_the_commands_for_an_empty_output_work() -> None:
    row = CODE_HELP["empty-output"]
    for text, code in ((row.example, 1), (split_remedy(row.remedy)[1], 0)):
        words = text.strip().partition("polyaxon-persistence ")[2].split()
        result = run(*words, stdin=make_catalog() + make_job())
        assert result.exit_code == code
        assert ("error[empty-output]" in result.error) is bool(code)


def test_a_run_without_a_catalog_gets_one_by_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site.yaml").write_text(f"persistence:\n{indent(DOCUMENTED, '  ')}")
    row = CODE_HELP["no-catalog"]
    for text, code in ((row.example, 1), (split_remedy(row.remedy)[1], 0)):
        words = text.strip().partition("| polyaxon-persistence")[2].split()
        result = run(*words, stdin=make_job())
        assert result.exit_code == code
        assert ("error[no-catalog]" in result.error) is bool(code)


@pytest.mark.parametrize("word", ["nope[alias]", "x[alias", "a[alias]b"])
def test_what_is_no_copy_of_a_message_is_an_unknown_code(word: str) -> None:
    result = run("why", word)
    assert (result.exit_code, result.output) == (2, b"")
    assert f'unknown code "{word}"' in result.error
