"""Small polyaxonfiles in the shapes of public ones: the chart makes of each what Polyaxon's own code made of it.

``tests/polyaxonfiles/shapes.json`` holds what polyaxon-schemas made of them; ``ci/polyaxon_schemas`` derives it. Each file
is given as a map in the values, as text (``--set-file``), and as the run that migrate makes of it.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.examples import env_of, objects, pod_spec
from tests.support.migrate import migrate
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SHAPES = ROOT / "tests" / "polyaxonfiles" / "shapes"
TEXTS = {path.stem: path.read_text() for path in sorted(SHAPES.glob("*.yml"))}
EXPECTED: dict[str, dict[str, Any]] = json.loads(SHAPES.with_suffix(".json").read_text())
IN_LIBRARY = ROOT / "ci" / "polyaxon_schemas" / "in_library.py"
# The image of these runs must be built, so the values name it, and migrate refuses the keys that say how.
BUILT = {name for name, text in TEXTS.items() if "dockerfile:" in text or "build_steps:" in text}
DATA = ("cifar", "mnist")  # of a run that names none; Polyaxon chose the first outputs volume by name
CATALOG = {
    "data": {name: {"mountPath": f"/data/{name}", "existingClaim": name} for name in DATA},
    "outputs": {
        name: {"mountPath": f"/outputs/{name}", "existingClaim": name} for name in ("archive", "fast", "results")
    },
}


def as_map(name: str) -> str:
    """Values with the polyaxonfile as a map, in the scalar styles of the file."""
    lines = [line for line in TEXTS[name].split("\n") if not line.startswith(("---", "..."))]
    return "\n".join([f"runs:\n  {name}:\n    polyaxonfile:", *("      " + line for line in lines)])


@pytest.fixture(scope="module", params=["map", "text", "migrated"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=["helm3", "helm4"])
def runs(
    way: str, request: pytest.FixtureRequest, tools: Path, helm_env: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, dict[str, Any]]:  # fmt: skip
    folder = tmp_path_factory.mktemp("shapes")
    names = set(TEXTS) - (BUILT if way == "migrated" else set())
    images = {} if way == "migrated" else {name: {"image": "built"} for name in BUILT}
    (folder / "catalog.yaml").write_text(yaml.safe_dump({"persistence": CATALOG, "runs": images}))
    arguments = ["-f", str(folder / "catalog.yaml")]
    for name in names:
        if way == "text":
            arguments += ["--set-file", f"runs.{name}.polyaxonfile={SHAPES / name}.yml"]
            continue
        exit_code, text, error = (0, as_map(name), "") if way == "map" else migrate(TEXTS[name], "--name", name)
        assert exit_code == 0, error
        (folder / f"{name}.yaml").write_text(text)
        arguments += ["-f", str(folder / f"{name}.yaml")]
    helm = request.param
    command = [str(tools / helm), "template", "demo", "chart", "--post-renderer", "polyaxon-persistence", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    jobs = [item for item in objects(done.stdout) if item["kind"] == "Job"]
    found = {job["metadata"]["labels"]["polyaxon.com/run"]: pod_spec(job) for job in jobs}
    assert set(found) == names
    return found


def test_there_are_enough_and_what_polyaxon_made_of_each_is_known() -> None:
    assert len(TEXTS) >= 50
    assert set(EXPECTED) == set(TEXTS)
    assert {release for row in EXPECTED.values() for release in row["releases"]} == {"0.4.4", "0.5.6", "0.6.1"}
    for name, row in EXPECTED.items():  # without quotes, all arguments can be compared
        assert not set("'\"`\\") & set(row["command"][2]), name


def test_the_program_gets_the_arguments_that_polyaxon_gave_it(runs: dict[str, dict[str, Any]]) -> None:
    for name, spec in runs.items():
        shell, option, script = spec["containers"][0]["command"]
        assert [shell, option, *shlex.split(script)] == [
            *EXPECTED[name]["command"][:2], *EXPECTED[name]["command"][2].split()
        ], name  # fmt: skip


def test_the_program_gets_the_params_that_polyaxon_gave_it(runs: dict[str, dict[str, Any]]) -> None:
    for name, spec in runs.items():
        variables = {item["name"]: item.get("value", "") for item in spec["containers"][0]["env"]}
        for variable in ("POLYAXON_PARAMS", "POLYAXON_DECLARATIONS"):
            text = variables.get(variable)
            assert (json.loads(text.replace("$$", "$")) if text else None) == EXPECTED[name]["params"], name


def test_the_pod_gets_the_volumes_that_polyaxon_gave_it(runs: dict[str, dict[str, Any]]) -> None:
    for name, spec in runs.items():
        wanted = [EXPECTED[name]["outputs"] or "archive", *(EXPECTED[name]["data"] or DATA)]
        assert [volume["name"] for volume in spec["volumes"] if volume["name"] != "shm"] == wanted, name


@pytest.mark.parametrize("name", sorted(BUILT))
def test_migrate_refuses_each_key_that_builds_an_image_and_nothing_else(name: str) -> None:
    exit_code, output, error = migrate(TEXTS[name])
    build = yaml.safe_load(TEXTS[name])["build"]
    assert (exit_code, output) == (1, "")
    for key in {"build_steps", "dockerfile", "context"}.intersection(build):
        assert f"build.{key}: is not supported: " in error
    assert error.count("error[") == error.count("error[not-migratable] build.")


def test_polyaxon_s_own_code_still_says_so(libraries: dict[str, Path]) -> None:
    """The release of polyaxon-schemas that polyaxon-client 0.6.1 installs reads the files once more."""

    def ask(question: str, what: dict[str, Any]) -> dict[str, Any]:
        command = [str(libraries["polyaxon-client"]), str(IN_LIBRARY), question]
        done = subprocess.run(command, input=json.dumps(what), capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    read = ask("read", TEXTS)
    commands = ask("commands", {name: row["cmd"] for name, row in read.items()})
    for name, row in EXPECTED.items():
        assert [*commands[name][0], *commands[name][1]] == row["command"]
        assert {key: read[name][key] for key in ("params", "data", "outputs")} == {
            key: row[key] for key in ("params", "data", "outputs")
        }
