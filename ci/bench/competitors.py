"""The contestants of the benchmark: the command of each for a stream, and what each does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ci.bench.measure import Command

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools" / "bin"
FOLDER = ROOT / ".bench"
VENV = FOLDER / "venv"
PYTHON = str(VENV / "bin" / "python")
OURS = str(VENV / "bin" / "polyaxon-persistence")
COPY = (
    "import os\np = []\nwhile b := os.read(0, 1 << 20):\n    p.append(b)\nb = memoryview(b''.join(p))\n"
    "while b:\n    b = b[os.write(1, b):]\n"
)
YQ = (
    '(select(.metadata.annotations["polyaxon.com/polyaxonfile"]) '
    "| (.spec.template.spec, .spec.jobTemplate.spec.template.spec) | select(.)) |= ("
    '.volumes += [{"name": "data1", "hostPath": {"path": "/mnt/data1"}}] '
    '| .containers[] |= (.volumeMounts += [{"name": "data1", "mountPath": "/data/1"}] '
    '| .env = [{"name": "POLYAXON_DATA_PATHS", "value": "{}"}] + (.env // [])))'
)
PATCH = """- target: {kind: %s, annotationSelector: polyaxon.com/polyaxonfile}
  patch: |
    apiVersion: %s
    kind: %s
    metadata: {name: any}
    spec: %s
"""
POD = "{template: {spec: {volumes: [{name: data1, hostPath: {path: /mnt/data1}}]}}}"
KINDS = {
    "Deployment": ("apps/v1", POD), "StatefulSet": ("apps/v1", POD), "DaemonSet": ("apps/v1", POD),
    "Job": ("batch/v1", POD), "CronJob": ("batch/v1", "{jobTemplate: {spec: " + POD + "}}"),
}  # fmt: skip
# This text is in the output once for each container (kustomize: for each pod) that the contestant had to change.
MARKS = {
    "ours": b"POLYAXON_DATA_PATHS",
    "yq": b"POLYAXON_DATA_PATHS",
    "ruamel": b"POLYAXON_DATA_PATHS",
    "kustomize": b"path: /mnt/data1\n",
}
SILENT = ("pyc", "imports", "events")  # these don't write the stream

ABOUT = {
    "pyc": "`python -c pass`: the cost of starting Python, the unit of the ratios",
    "copy": "a Python program that reads standard input and writes it back",
    "cat": "the same in C",
    "ours": "`polyaxon-persistence`, the console script as pip wrote it",
    "full": "polyaxon-persistence, if every document uses the full reader (libyaml)",
    "once": "the same as `full`, but changed documents are not parsed a second time",
    "imports": "a Python program that only imports the modules that polyaxon-persistence needs for a",
    "events": "a Python program that only reads libyaml's events, twice like `full`",
    "yq": "mikefarah's yq v4: one fixed volume, mount and variable into each annotated pod template",
    "kustomize": "`kubectl kustomize`: one fixed volume; a patch can't reach containers whose names it does not know",
    "ruamel": "ruamel.yaml's round trip in Python: one fixed volume, mount and variable",
}


def prepare(peers: set[str]) -> None:
    """Install the project's wheel into a separate environment, and build those of the peers that are given."""
    FOLDER.mkdir(exist_ok=True)
    if not VENV.exists():
        _run(sys.executable, "-m", "venv", str(VENV))
        _run(PYTHON, "-m", "pip", "install", "--quiet", "--upgrade", "pip")
    _run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(FOLDER / "dist"), ".")
    wheel = max((FOLDER / "dist").glob("*.whl"), key=lambda path: path.stat().st_mtime)
    _run(PYTHON, "-m", "pip", "install", "--quiet", "--force-reinstall", "--no-compile", str(wheel))
    _run(PYTHON, "-m", "compileall", "-q", str(VENV / "lib"))
    families = [family for family, peer in (("yq", "yq"), ("kubectl", "kustomize")) if peer in peers]
    if families:
        subprocess.run([ROOT / "ci" / "tools.sh", *families], cwd=ROOT, check=True)


def _run(*arguments: str) -> None:
    subprocess.run(arguments, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def command(name: str, stream: bytes) -> Command:
    """Return the command of a contestant for a stream."""
    # Reports of renders must not replace those of the user.
    env = {"XDG_STATE_HOME": str(FOLDER / "state")}
    here = str(Path(__file__).parent)
    arguments = {
        "pyc": [PYTHON, "-c", "pass"],
        "copy": [PYTHON, "-c", COPY],
        "cat": ["/bin/cat"],
        "ours": [OURS],
        "full": [PYTHON, f"{here}/libyaml_only.py"],
        "once": [PYTHON, f"{here}/libyaml_only.py", "once"],
        "imports": [PYTHON, f"{here}/baselines.py", "imports"],
        "events": [PYTHON, f"{here}/baselines.py", "events"],
        "yq": [str(TOOLS / "yq"), YQ],
        "kustomize": [str(TOOLS / "kubectl"), "kustomize", str(FOLDER / "kustomize")],
        "ruamel": [PYTHON, f"{here}/ruamel_round_trip.py"],
    }[name]
    if name == "kustomize":
        write_kustomization(stream)
        return Command(arguments, env=env)
    return Command(arguments, b"" if name == "pyc" else stream, env)


def write_kustomization(stream: bytes) -> None:
    folder = FOLDER / "kustomize"
    folder.mkdir(exist_ok=True)
    (folder / "stream.yaml").write_bytes(stream)
    patches = "".join(PATCH % (kind, group, kind, spec) for kind, (group, spec) in KINDS.items())
    (folder / "kustomization.yaml").write_text(f"resources: [stream.yaml]\npatches:\n{patches}")


# --- Helm ---

PLUGIN = """apiVersion: v1
type: postrenderer/v1
name: {name}
version: 0.1.0
runtime: subprocess
runtimeConfig:
  platformCommand:
  - command: {command}
"""


def helm_env(helm: str) -> dict[str, str]:
    """Return variables for Helm's directories, with plugins for Helm 4. Helm 3 must not see these plugins."""
    home = FOLDER / helm
    env = {f"HELM_{name}_HOME": str(home / name.lower()) for name in ("DATA", "CACHE", "CONFIG")}
    env |= {"XDG_STATE_HOME": str(FOLDER / "state"), "PATH": f"{VENV / 'bin'}:{os.environ['PATH']}"}
    if helm == "helm4":
        capture = FOLDER / "capture.sh"
        capture.write_text(f"#!/bin/sh\nexec tee {FOLDER / 'h.yaml'}\n")
        capture.chmod(0o755)
        programs = {
            "cat": "/bin/cat",
            "capture": str(capture),
            "copy": str(copy_program()),
            "polyaxon-persistence": OURS,
        }
        for name, program in programs.items():
            folder = home / "data" / "plugins" / name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "plugin.yaml").write_text(PLUGIN.format(name=name, command=program))
    return env


def copy_program() -> Path:
    """Write the Python copy as a program that Helm can run as its post-renderer."""
    program = FOLDER / "copy.py"
    program.write_text(f"#!{PYTHON}\n{COPY}")
    program.chmod(0o755)
    return program


def helm_chart(stream: bytes) -> Path:
    """Write a chart whose only template is the stream."""
    chart = FOLDER / "chart"
    (chart / "templates").mkdir(parents=True, exist_ok=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 0.1.0\n")
    (chart / "stream.yaml").write_bytes(stream)
    (chart / "templates" / "all.yaml").write_text('{{ .Files.Get "stream.yaml" }}\n')
    return chart


def helm(program: str, chart: Path, renderer: str = "", values: str = "") -> Command:
    arguments = [str(TOOLS / program), "template", "demo", str(chart)]
    if renderer:
        arguments += ["--post-renderer", renderer]
    if values:
        path = FOLDER / "values.yaml"
        path.write_text(values)
        arguments += ["--values", str(path)]
    return Command(arguments, env=helm_env(program))
