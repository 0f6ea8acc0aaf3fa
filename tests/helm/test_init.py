"""What `init` prints renders, and `check --strict` finds nothing wrong with it, with both Helms."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.support.examples import env_of, link_helm, pod_spec
from tests.support.paths import ROOT
from tests.unit.commands.test_init import make_claim, make_list

CLAIMS = make_list(
    make_claim("images", "ReadOnlyMany"),
    make_claim("team.results", "ReadWriteMany"),
    make_claim("data-postgres-0"),
    make_claim("on", "ReadWriteOncePod"),
)
OWN_JOB = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: own
{metadata}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{{name: main, image: busybox}}]
"""


class Machine(NamedTuple):
    """A directory with the chart in `chart`, and with one of the Helms."""

    folder: Path
    env: dict[str, str]

    def start(self, *words: str, given: str = "") -> str:
        done = subprocess.run(
            words, cwd=self.folder, env=self.env, input=given, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def init(self, *words: str, given: str = "") -> str:
        text = self.start("polyaxon-persistence", "init", *words, given=given)
        (self.folder / "volumes.yaml").write_text(text)
        return text

    def render(self, chart: str) -> dict[str, dict[str, Any]]:
        """The objects by their kind and their name without a hash. Without errors and warnings."""
        program = ("--", "helm", "template", "demo", chart, "-f", "volumes.yaml")
        assert self.start("polyaxon-persistence", "check", "--strict", *program).endswith(": 0 errors, 0 warnings\n")
        found = yaml.safe_load_all(self.start("polyaxon-persistence", *program))
        return {f"{item['kind']}/{re.sub('-[0-9a-f]{10}$', '', item['metadata']['name'])}": item for item in found}


@pytest.fixture
def machine(helm: str, tools: Path, tmp_path: Path, helm_env: dict[str, str]) -> Machine:
    shutil.copytree(ROOT / "chart", tmp_path / "chart")
    path = f"{link_helm(tmp_path / 'bin', tools / helm)}:{Path(sys.executable).parent}:/usr/bin:/bin"
    (tmp_path / "here").mkdir()
    return Machine(tmp_path / "here", {**env_of(helm, helm_env), "PATH": path})


def volumes(job: dict[str, Any]) -> dict[str, str]:
    found = {volume["name"]: volume.get("persistentVolumeClaim", {}) for volume in pod_spec(job)["volumes"]}
    return {name: claim["claimName"] for name, claim in found.items() if claim}


def test_from_nothing(machine: Machine) -> None:
    with open("/dev/null") as nothing:
        text = subprocess.run(
            ["polyaxon-persistence", "init"], cwd=machine.folder, env=machine.env, stdin=nothing, capture_output=True,
            text=True, check=True,
        ).stdout  # fmt: skip
    (machine.folder / "volumes.yaml").write_text(text)
    found = machine.render("../chart")
    assert volumes(found["Job/demo-hello"]) == {"results": "demo-results"}
    assert found["PersistentVolumeClaim/demo-results"]["spec"]["resources"]["requests"] == {"storage": "10Gi"}


def test_from_the_claims_of_a_namespace(machine: Machine) -> None:
    (machine.folder / "kubectl").write_text(f"#!/bin/sh\ncat <<'E'\n{CLAIMS}E\n")
    (machine.folder / "kubectl").chmod(0o755)
    text = machine.init("--", "./kubectl", "get", "pvc", "-o", "yaml")
    assert text == machine.init("-", given=CLAIMS)
    found = machine.render("../chart")
    assert volumes(found["Job/demo-hello"]) == {"images": "images", "team-results": "team.results"}
    # All entries that are comments can become entries.
    (machine.folder / "volumes.yaml").write_text(text.replace("    # data-postgres-0: ", "    data-postgres-0: "))
    catalog = machine.render("../chart")["ConfigMap/demo-persistence"]["data"]["persistence.yaml"]
    assert list(yaml.safe_load(catalog)["data"]) == ["claim-on", "data-postgres-0", "images"]


def test_in_a_chart_of_one_s_own(machine: Machine) -> None:
    (machine.folder / "Chart.yaml").write_text("apiVersion: v2\nname: team\nversion: 1.0.0\n")
    text = machine.init("-", given=CLAIMS)
    comments = [line.removeprefix("#").removeprefix(" ") for line in text.splitlines() if line.startswith("#")]
    dependency = comments[comments.index("dependencies:") : comments.index("  repository: file://../chart") + 1]
    with (machine.folder / "Chart.yaml").open("a") as file:
        file.write("\n".join(dependency) + "\n")
    machine.start("helm", "dependency", "update", ".")
    metadata = comments[comments.index("  labels:") :]
    (machine.folder / "templates").mkdir()
    (machine.folder / "templates" / "job.yaml").write_text(OWN_JOB.format(metadata="\n".join(metadata)))
    found = machine.render(".")
    wanted = {"images": "images", "team-results": "team.results"}
    assert volumes(found["Job/demo-hello"]) == volumes(found["Job/own"]) == wanted
    # The dependency is there now, so it is not printed again.
    assert "dependencies:" not in machine.init("-", given=CLAIMS)
    assert "Job/demo-hello" in machine.render(".")


def test_in_a_chart_without_the_dependency_if_the_site_has_a_catalog(machine: Machine) -> None:
    site = machine.folder.parent / "site.yaml"
    site.write_text(
        "data: {images: {mountPath: /i, existingClaim: images}}\noutputs: {results: {mountPath: /r, existingClaim: r}}\n"
    )
    machine.env["POLYAXON_PERSISTENCE_FILES"] = str(site)
    (machine.folder / "Chart.yaml").write_text("apiVersion: v2\nname: team\nversion: 1.0.0\n")
    lines = [line for line in machine.init().splitlines() if not line.startswith("#")]
    (machine.folder / "volumes.yaml").write_text("{}\n")
    (machine.folder / "templates").mkdir()
    text = OWN_JOB.format(metadata="\n".join(f"  {line}" for line in lines))
    (machine.folder / "templates" / "job.yaml").write_text(text)
    found = machine.render(".")
    assert list(found) == ["Job/own"]
    assert volumes(found["Job/own"]) == {"images": "images", "results": "r"}
