"""The commands of `helm template`, with and without a post-renderer."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from ci.bench.competitors import COPY, TOOLS
from ci.bench.install import BUILDS, FOLDER, PYTHON, script
from ci.bench.measure import Command

if TYPE_CHECKING:
    from pathlib import Path

HELMS = ("helm3", "helm4")
RENDERERS = ("cat", "copy", *BUILDS)
CAPTURED = FOLDER / "h.yaml"
PLUGIN = """apiVersion: v1
type: postrenderer/v1
name: {name}
version: 0.1.0
runtime: subprocess
runtimeConfig:
  platformCommand:
  - command: {command}
"""


def programs() -> dict[str, str]:
    """Write the programs that are scripts, and return the path of each program that Helm can run as its post-renderer."""
    copy, capture = FOLDER / "copy.py", FOLDER / "capture.sh"
    copy.write_text(f"#!{PYTHON}\n{COPY}")
    capture.write_text(f"#!/bin/sh\nexec tee {CAPTURED}\n")
    for program in (copy, capture):
        program.chmod(0o755)
    builds = {build: script(build) for build in BUILDS}
    return {"cat": "/bin/cat", "copy": str(copy), "capture": str(capture), **builds}


def helm_env(helm: str) -> dict[str, str]:
    """Return variables for Helm's directories."""
    home = FOLDER / helm
    env = {f"HELM_{name}_HOME": str(home / name.lower()) for name in ("DATA", "CACHE", "CONFIG")}
    return env | {"XDG_STATE_HOME": str(FOLDER / "state")}


def write_plugins() -> None:
    """Write a plugin of Helm 4 for each program, and remove those of former runs. Helm 3 must not see them."""
    plugins = FOLDER / "helm4" / "data" / "plugins"
    shutil.rmtree(plugins, ignore_errors=True)
    for name, program in programs().items():
        (plugins / name).mkdir(parents=True)
        (plugins / name / "plugin.yaml").write_text(PLUGIN.format(name=name, command=program))


def helm_chart(stream: bytes) -> Path:
    """Write a chart whose only template is the stream."""
    chart = FOLDER / "chart"
    (chart / "templates").mkdir(parents=True, exist_ok=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 0.1.0\n")
    (chart / "stream.yaml").write_bytes(stream)
    (chart / "templates" / "all.yaml").write_text('{{ .Files.Get "stream.yaml" }}\n')
    return chart


def template(helm: str, chart: Path, renderer: str = "", values: str = "") -> Command:
    """Return a command of `helm template`. ``renderer``: the name of a program. ``values``: the text of a values file."""
    arguments = [str(TOOLS / helm), "template", "demo", str(chart)]
    if renderer:
        arguments += ["--post-renderer", renderer if helm == "helm4" else programs()[renderer]]
    if values:
        path = FOLDER / "values.yaml"
        path.write_text(values)
        arguments += ["--values", str(path)]
    return Command(arguments, env=helm_env(helm))
