"""Files of Polyaxon 0.x become today's values: each directory of cases is one file, what becomes of it and what is said."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import run
from tests.support.examples import env_of, objects, pod_spec
from tests.support.migrate import CATALOG
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


FOLDER = ROOT / "tests" / "unit" / "migrate" / "cases"


CASES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


ANSWERS = ("expected.yaml", "stderr")


def given(case: str) -> Path:
    (path,) = [path for path in (FOLDER / case).iterdir() if path.name not in ANSWERS]
    return path


def comments(text: str) -> Iterator[str]:
    """The comments of the cases, which have no # in their scalars."""
    for line in text.splitlines():
        if "#" in line:
            yield line[line.index("#") :].strip()


@pytest.mark.parametrize("case", CASES)
def test_a_case(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = given(case).read_bytes()
    path = tmp_path / given(case).name
    path.write_bytes(before)
    monkeypatch.chdir(tmp_path)
    result = run("migrate", "--in-place", path.name)
    assert result.error == (FOLDER / case / "stderr").read_text()
    assert path.read_bytes().decode() == (FOLDER / case / "expected.yaml").read_bytes().decode()
    assert (result.exit_code, result.output.decode()) == (0, f"{path.name}: migrated\n")


@pytest.mark.parametrize("case", CASES)
def test_a_second_migrate_changes_nothing(case: str, tmp_path: Path) -> None:
    once = (FOLDER / case / "expected.yaml").read_bytes()
    assert run("migrate", "-", stdin=once).output == once
    path = tmp_path / "values.yaml"
    path.write_bytes(once)
    for options in ([], ["--in-place"]):
        result = run("migrate", *options, str(path))
        assert (result.exit_code, result.output) == (0, b"")
        assert result.error.startswith(f"{path}: nothing to migrate\n")
    assert path.read_bytes() == once


@pytest.mark.parametrize("case", CASES)
def test_every_comment_is_still_there(case: str) -> None:
    after = (FOLDER / case / "expected.yaml").read_text()
    found = list(comments(given(case).read_text()))
    for comment in found:
        assert comment in after
    assert found or case == "run-notebook"


@pytest.mark.parametrize("case", CASES)
def test_every_key_and_value_is_still_there_or_named(case: str) -> None:
    """Nothing is dropped in silence: each word of the input is in the output, or said to have changed."""
    after = (FOLDER / case / "expected.yaml").read_text() + (FOLDER / case / "stderr").read_text()
    for word in re.findall(r"[\w./-]+", given(case).read_text()):
        respelled = {"data_refs": "data", "artifact_refs": "outputs", "security_context": "podSecurityContext"}
        respelled |= {"extra": "persistence.extra", "null": "", "changeme": "removed secret values"}
        assert respelled.get(word, word).strip(".") in after, word


@pytest.mark.parametrize(
    "case", [case for case in CASES if "removed secret" not in (FOLDER / case / "stderr").read_text()]
)
def test_the_diff_is_a_patch(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / given(case).name
    path.write_bytes(given(case).read_bytes())
    monkeypatch.chdir(tmp_path)
    result = run("migrate", path.name)
    assert result.exit_code == 0
    assert path.read_bytes() == given(case).read_bytes()
    subprocess.run(["patch", "--silent", "-p0"], input=result.output, cwd=tmp_path, check=True, timeout=60)
    assert path.read_bytes() == (FOLDER / case / "expected.yaml").read_bytes()


# The volumes that a run of the case gets, in order. A bucket is no volume.
BUCKETS = "{image: busybox, polyaxonfile: {environment: {persistence: {data: [images, local], outputs: results}}}}"


RENDERED = {
    "values-0.1.0-single": ("{image: busybox}", ["outputs", "data"]),
    "values-extra": ("{image: busybox}", ["outputs", "data", "images", "shared"]),
    "values-0.1.1-maps": ("{image: busybox}", ["outputs1", "data-foo", "data1", "scratch"]),
    "values-nfs": ("{image: busybox}", ["outputs", "data1"]),
    "values-0.3-buckets": (BUCKETS, ["local"]),
    "values-0.5-full": ("{image: busybox}", ["outputs"]),
    "values-flow": ("{image: busybox}", ["outputs1", "data"]),
    "run-0.0-image": ("", ["outputs1", "data-foo", "data1"]),
    "run-0.1": ("", ["outputs1", "data1", "data-foo"]),
    "run-0.4": ("", ["outputs1", "data-foo", "data1"]),
    "run-0.6": ("", ["outputs1", "data1"]),
    "run-notebook": ("", ["outputs1", "data1"]),
}


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
@pytest.mark.parametrize("case", RENDERED)
def test_the_result_renders(case: str, helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    ours, volumes = RENDERED[case]
    more = tmp_path / "more.yaml"
    more.write_text(f"runs: {{train: {ours}}}\n" if ours else CATALOG)
    command = [
        str(tools / helm),
        "template",
        "demo",
        "chart",
        "-f",
        str(FOLDER / case / "expected.yaml"),
        "-f",
        str(more),
    ]
    done = subprocess.run(
        [*command, "--post-renderer", "polyaxon-persistence"],
        cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (workload,) = [item for item in objects(done.stdout) if item["kind"] in ("Job", "Deployment")]
    assert [volume["name"] for volume in pod_spec(workload)["volumes"] if volume["name"] != "shm"] == volumes
    assert ('name: "POLYSTORES_RUN_STORES_ACCESS_KEYS"' in done.stdout) == (ours is BUCKETS)


@pytest.mark.parametrize("text", ["isMinikube: true\nrbac: {enabled: false}\n", "postgresql:\n  a: b\nx: 1\n"])
def test_a_second_run_accepts_a_file_with_only_unknown_keys(text: str, tmp_path: Path) -> None:
    """Versions of ci/test-config.yml in Polyaxon's chart have such keys. All other keys are comments now."""
    file = tmp_path / "test-config.yml"
    file.write_text(text)
    assert run("migrate", "--in-place", str(file)).exit_code == 0
    new = file.read_text()
    for words in (("migrate", "--in-place", str(file)), ("migrate", "--check", str(file))):
        done = run(*words)
        assert done.exit_code == 0, done.error
    assert file.read_text() == new


def test_a_file_of_another_program_with_such_comments_stays(tmp_path: Path) -> None:
    file = tmp_path / "docker-compose.yml"
    file.write_text("services: {a: {image: b}}\n# logging: see the handbook\n# logging:\n#   driver: none\nx: 1\n")
    assert "neither values nor a polyaxonfile" in run("migrate", str(file)).error
    assert "has no file of Polyaxon 0.x" in run("migrate", str(tmp_path)).error
