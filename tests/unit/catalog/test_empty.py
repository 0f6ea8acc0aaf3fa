"""A catalog without entries: runs that name no volumes get none, which is a warning, once for each catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cli import make_catalog, make_job, run
from tests.support.messages import places, read_messages

if TYPE_CHECKING:
    from pathlib import Path

EMPTY = make_catalog("data: {}\noutputs: {}\n")
MESSAGE = "the catalog is empty, so runs that name no volumes get none"
HINT = "add entries under persistence, or is --persistence FILE (or POLYAXON_PERSISTENCE_FILES) missing here?"
SITE = "outputs:\n  results: {mountPath: /results, existingClaim: results-pvc}\n"


@pytest.mark.parametrize("body", ["{}\n", "data: {}\noutputs: {}\n", "data:\n", "isolateRuns: true\n"])
def test_runs_that_ask_for_the_defaults_of_an_empty_catalog_are_one_warning(body: str) -> None:
    result = run(stdin=make_catalog(body) + "".join(make_job(name=name) for name in ("a", "b", "c")))
    assert result.exit_code == 0
    assert read_messages(result.error) == [("no-volumes", MESSAGE, HINT)]
    assert result.error.startswith("<stdin>:10: warning[no-volumes] ConfigMap/catalog (chart/templates/catalog.yaml)")
    assert ", persistence: the catalog" in result.error


def test_each_catalog_has_its_own_warning() -> None:
    label = "{polyaxon.com/catalog: v1, app.kubernetes.io/instance: %s}"
    catalogs = [EMPTY.replace("{polyaxon.com/catalog: v1}", label % name) for name in ("red", "blue")]
    jobs = [
        make_job(name=name).replace("  annotations:\n", f"  labels: {{app.kubernetes.io/instance: {name}}}\n  annotations:\n")
        for name in ("red", "blue")
    ]  # fmt: skip
    error = run(stdin="".join([*catalogs, *jobs, *jobs])).error
    assert [code for code, _, _ in read_messages(error)] == ["no-volumes"] * 2


@pytest.mark.parametrize(
    "polyaxonfile",
    [
        "kind: build\n",
        "environment: {persistence: {data: []}}\n",
        "environment: {data_refs: []}\n",
        "{kind: tensorboard, environment: {outputs: {jobs: [other]}}}\n",
    ],
)
def test_a_run_that_wants_nothing_is_no_warning(polyaxonfile: str) -> None:
    assert "no-volumes" not in run(stdin=EMPTY + make_job(polyaxonfile)).error


def test_the_annotation_for_no_data_is_no_warning() -> None:
    job = make_job().replace("polyaxon.com/polyaxonfile: |\n      {}\n", 'polyaxon.com/data: ""\n')
    assert run(stdin=EMPTY + job).error == ""


@pytest.mark.parametrize("body", ["data: {a: {mountPath: /a, existingClaim: a}}\n", SITE])
def test_one_entry_is_enough(body: str) -> None:
    assert run(stdin=make_catalog(body) + make_job()).error == ""


def test_an_empty_file_needs_entries(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("persistence: {}\n")
    error = run("--persistence", str(path), stdin=make_job()).error
    assert read_messages(error) == [("no-volumes", MESSAGE, "add entries under persistence")]
    assert places(error) == [f"{path}:1"]
    path.write_text(SITE)
    assert run("--persistence", str(path), stdin=EMPTY + make_job()).error == ""


@pytest.mark.parametrize("command", ["check", "explain", "verify", "krm", "flux-patches"])
def test_all_commands_that_resolve_runs_warn(command: str) -> None:
    stream = EMPTY + make_job()
    if command == "krm":
        stream = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n" + "".join(
            "- " + text.replace("\n", "\n  ").rstrip(" ") for text in stream.split("---\n")[1:]
        )
    result = run(command, stdin=stream)
    assert (result.error + result.output.decode()).count("no-volumes") == (2 if command == "krm" else 1)


def test_strict_refuses_it() -> None:
    result = run("--strict", stdin=EMPTY + make_job())
    assert (result.exit_code, result.output) == (1, b"")
