"""The SBOM: a valid CycloneDX document with the run-time dependencies only, as pip installs them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import post_renderer
from ci import sbom
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pure

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DIRECT = {"deepmerge", "jinja2", "pyyaml", "rich", "ruamel-yaml"}
NEEDED_BY_THEM = {"markdown-it-py", "markupsafe", "mdurl", "pygments"}
VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("sbom")
    subprocess.run([sys.executable, "-m", "ci.sbom", folder], cwd=ROOT, check=True, capture_output=True)
    return (folder / f"polyaxon-persistence-{post_renderer.__version__}.cdx.json").read_text()


@pytest.fixture
def document(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def plain(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()


def locked() -> dict[str, tuple[str, set[str]]]:
    """Name -> version and hashes in the lock file, read without the code of ci/sbom.py."""
    found: dict[str, tuple[str, set[str]]] = {}
    for line in (ROOT / "requirements-dev.lock").read_text().splitlines():
        if pinned := re.match(r"(\S+)==(\S+)", line):
            hashes: set[str] = set()
            found[pinned[1]] = (pinned[2], hashes)
        elif "--hash=sha256:" in line:
            hashes.add(line.partition("sha256:")[2].strip(" \\"))
    return found


def files_of(component: dict[str, Any]) -> set[str]:
    (distribution,) = component["externalReferences"]
    assert {one["alg"] for one in distribution["hashes"]} == {"SHA-256"}
    return {one["content"] for one in distribution["hashes"]}


def test_it_is_a_valid_document(text: str, document: dict[str, Any]) -> None:
    assert VALIDATOR.validate_str(text) is None
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document["metadata"]["component"]["version"] == post_renderer.__version__


def test_the_validator_refuses_an_invalid_document(document: dict[str, Any]) -> None:
    """Otherwise the test above could not fail."""
    del document["components"][0]["name"]
    assert "'name' is a required property" in str(VALIDATOR.validate_str(json.dumps(document)))


def test_its_components_are_the_dependencies_with_the_version_and_hashes_of_the_lock(document: dict[str, Any]) -> None:
    found = {one["name"]: (one["version"], files_of(one)) for one in document["components"]}
    assert {plain(re.split("[>=]", line)[0]) for line in PROJECT["dependencies"]} == DIRECT
    assert found == {name: row for name, row in locked().items() if name in DIRECT | NEEDED_BY_THEM}
    assert all(hashes for _, hashes in found.values())


def test_the_program_depends_on_each_of_them(document: dict[str, Any]) -> None:
    needed = {row["ref"]: row.get("dependsOn", []) for row in document["dependencies"]}
    names = {one["purl"]: one["name"] for one in document["components"]}
    assert [purl.partition("@")[0] for purl in names] == [f"pkg:pypi/{name}" for name in names.values()]
    program = needed.pop(document["metadata"]["component"]["bom-ref"])
    assert {names[purl] for purl in program} == DIRECT
    assert {names[ref]: {names[purl] for purl in purls} for ref, purls in needed.items() if purls} == {
        "jinja2": {"markupsafe"},
        "rich": {"markdown-it-py", "pygments"},
        "markdown-it-py": {"mdurl"},
    }


def test_each_component_has_its_license(document: dict[str, Any]) -> None:
    """The metadata of jinja2 says it only by a classifier."""
    found = {
        one["name"]: {*one["licenses"][0].get("license", one["licenses"][0]).values()} for one in document["components"]
    }
    assert "BSD License" in found.pop("jinja2")
    assert "BSD-3-Clause" in found.pop("markupsafe")
    assert "BSD-2-Clause" in found.pop("pygments")
    assert all(words & {"MIT", "MIT Licence", "MIT License"} for words in found.values()), found


def test_pip_installs_exactly_these_for_the_wheel(document: dict[str, Any], tools: Path, tmp_path: Path) -> None:
    """In an empty environment, from the wheels of `make tools`, which pip chose for this machine."""
    build: list[str | Path] = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--dry-run",
        "--ignore-installed",
        "--no-index",
    ]
    offline: list[str | Path] = ["--find-links", tools.parent / "wheels", "--report", "-", wheel]
    report = json.loads(subprocess.run([*pip, *offline], check=True, capture_output=True).stdout)
    metadata = {plain(one["metadata"]["name"]): one for one in report["install"]}
    del metadata["polyaxon-persistence"]
    components = {one["name"]: one for one in document["components"]}
    assert set(metadata) == set(components)
    for name, one in metadata.items():
        assert one["metadata"]["version"] == components[name]["version"]
        assert one["download_info"]["archive_info"]["hashes"]["sha256"] in files_of(components[name])


def test_a_dependency_of_a_dependency_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Extras, and what only an older Python needs, are left out. A circle ends."""
    requires = {
        "a": ["B.c>=1", 'old; python_version < "3.11"', 'test; extra == "test"'],
        "b-c": ["a", 'later; python_version >= "3.13"'],
        "later": None,
    }

    class Installed:
        def __init__(self, name: str) -> None:
            self.requires = requires[name]

    monkeypatch.setattr(sbom, "distribution", Installed)
    assert sbom.find_needed(["A>=2"]) == {"a": ["b-c"], "b-c": ["a", "later"], "later": []}


def test_the_makefile_installs_the_same_packages_for_the_program() -> None:
    (line,) = re.findall(r"^RUNTIME := (.*) \\$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(line.split()) == set(sbom.find_needed(PROJECT["dependencies"]))
