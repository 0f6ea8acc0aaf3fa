"""The contestants of the benchmark: the command of each for a stream, and what each does."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ci.bench.install import BUNDLED, FOLDER, PYTHON, ROOT, script
from ci.bench.measure import Command

TOOLS = ROOT / ".tools" / "bin"
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
    "pure": b"POLYAXON_DATA_PATHS",
    "compiled": b"POLYAXON_DATA_PATHS",
    BUNDLED: b"POLYAXON_DATA_PATHS",
    "yq": b"POLYAXON_DATA_PATHS",
    "ruamel": b"POLYAXON_DATA_PATHS",
    "kustomize": b"path: /mnt/data1\n",
}
SILENT = ("pyc", "imports", "events")  # these don't write the stream

ABOUT = {
    "pyc": "`python -c pass`: the cost of starting Python, the unit of the ratios",
    "copy": "a Python program that reads standard input and writes it back",
    "cat": "the same in C",
    "pure": "`polyaxon-persistence` as Python files: the wheel that fits every machine, and an install from source",
    "compiled": "`polyaxon-persistence` of the compiled wheel: mypyc made machine code of the modules that a render loads",
    BUNDLED: "the pure build, installed by the pip that `python -m venv` brings, and not by the newest pip",
    "full": "the pure build, if every document uses the full reader (libyaml)",
    "once": "the same as `full`, but changed documents are not parsed a second time",
    "imports": "a Python program that only imports the modules that the pure build needs for a",
    "events": "a Python program that only reads libyaml's events, twice like `full`",
    "yq": "mikefarah's yq v4: one fixed volume, mount and variable into each annotated pod template",
    "kustomize": "`kubectl kustomize`: one fixed volume; a patch can't reach containers whose names it does not know",
    "ruamel": "ruamel.yaml's round trip in Python: one fixed volume, mount and variable",
    "helm3": "`helm template` of Helm 3, alone or with a post-renderer",
    "helm4": "the same of Helm 4; each post-renderer is a plugin",
}


def build_peers(names: set[str]) -> None:
    """Build those of the peers that are given."""
    families = [family for family, peer in (("yq", "yq"), ("kubectl", "kustomize")) if peer in names]
    if families:
        subprocess.run([ROOT / "ci" / "tools.sh", *families], cwd=ROOT, check=True)


def command(name: str, stream: bytes, options: tuple[str, ...]) -> Command:
    """Return the command of a contestant for a stream. ``options``: those of polyaxon-persistence."""
    # Reports of renders must not replace those of the user.
    env = {"XDG_STATE_HOME": str(FOLDER / "state")}
    here = str(Path(__file__).parent)
    arguments = {
        "pyc": [PYTHON, "-c", "pass"],
        "copy": [PYTHON, "-c", COPY],
        "cat": ["/bin/cat"],
        **{build: [script(build), *options] for build in ("pure", "compiled", BUNDLED)},
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
