"""Renders the documented example with and without the post-renderer, and prints the diff of one Job and the reasons.

Uses the `helm` on PATH (Helm 3 or 4), else .tools/bin/helm3. Needs no cluster.
"""

from __future__ import annotations

import difflib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMAND = ["template", "demo", "chart", "-f", "values-examples/documented.yaml"]
RUN = "chosen-data"


def find_helm() -> str:
    found = shutil.which("helm") or shutil.which("helm3", path=ROOT / ".tools" / "bin")
    if found is None:
        sys.exit("demo: no helm on PATH, and none in .tools/bin: run `make tools`")
    return found


def environment(folder: Path) -> dict[str, str]:
    """Return variables that put Helm's directories below ``folder``. Helm 3 must not see the plugin of Helm 4."""
    env = {**os.environ, "HELM_DATA_HOME": str(folder / "data"), "XDG_STATE_HOME": str(folder / "state")}
    env["PATH"] = f"{Path(sys.executable).parent}:{env['PATH']}"
    return env


def prepare_plugin(helm: str, env: dict[str, str]) -> str:
    version = subprocess.run(
        [helm, "version", "--template", "{{.Version}}"], env=env, check=True, capture_output=True, text=True
    ).stdout
    if not version.startswith("v3."):
        subprocess.run(
            [helm, "plugin", "install", "./post_renderer"], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL
        )
    return version


def output_of(command: list[str], env: dict[str, str], given: str = "") -> str:
    done = subprocess.run(command, cwd=ROOT, env=env, input=given, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def job_lines(stream: str) -> list[str]:
    """Return the lines of the Job that the diff shows."""
    documents = stream.split("---\n")
    return next(document for document in documents if f"demo-{RUN}" in document).splitlines()


def main() -> None:
    helm = find_helm()
    with tempfile.TemporaryDirectory() as folder:
        env = environment(Path(folder))
        version = prepare_plugin(helm, env)
        bare = output_of([helm, *COMMAND], env)
        rendered = output_of([helm, *COMMAND, "--post-renderer", "polyaxon-persistence"], env)
        print(f"$ helm {' '.join(COMMAND)} --post-renderer polyaxon-persistence    # Helm {version}\n")
        print(f"What it adds to the run {RUN}:\n")
        for line in list(difflib.unified_diff(job_lines(bare), job_lines(rendered), lineterm="", n=2))[2:]:
            print(f"  {line}")
        print(f"\n$ helm {' '.join(COMMAND)} | polyaxon-persistence explain\n")
        print(output_of(["polyaxon-persistence", "explain"], env, bare), end="")


if __name__ == "__main__":
    main()
