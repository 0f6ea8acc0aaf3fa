"""Describes the machine of a run, without its name, and the versions and builds of the programs."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import subprocess

from ci.bench.competitors import TOOLS
from ci.bench.install import BUNDLED, FOLDER, PYTHON

CONFIG = "import json, sysconfig; print(json.dumps(sysconfig.get_config_vars('CONFIG_ARGS', 'PY_CFLAGS', 'PY_CFLAGS_NODIST')))"


def about(rounds: int, counter: str) -> dict[str, str]:
    """Describe what a reader must know to compare the figures with those of another run."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")
    config = [str(text) for text in json.loads(_output(PYTHON, "-c", CONFIG))]
    return {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores of {model}, {platform.system()} {platform.release().split('-')[0]}",
        "python": f"{_output(PYTHON, '--version')}, {python_build(config[0], ' '.join(config[1:]))}",
        "compiled": str(len(list((FOLDER / "compiled").glob("lib/python*/site-packages/post_renderer/**/*.so")))),
        "pip": _pip("pure"),
        "bundled pip": _pip(BUNDLED),
        "yq": _output(str(TOOLS / "yq"), "--version").split("version ")[-1],
        "kubectl": _output(str(TOOLS / "kubectl"), "version", "--client").replace("\n", ", "),
        "helm": ", ".join(
            _output(str(TOOLS / name), "version", "--template", "{{.Version}}") for name in ("helm3", "helm4")
        ),
        "counter": counter,
        "rounds": str(rounds),
    }


def python_build(configured: str, flags: str) -> str:
    """Say which of the options that change Python's speed it was built with, by its configure options and C flags."""
    words = [word.strip("'\"") for word in configured.split()]
    has = {
        "PGO": "--enable-optimizations" in words or "-fprofile-use" in flags,
        "LTO": any(word.startswith("--with-lto") and word != "--with-lto=no" for word in words) or "-flto" in flags,
        "--enable-shared": "--enable-shared" in words,
    }
    groups = [("with", [name for name, there in has.items() if there])]
    groups.append(("without", [name for name, there in has.items() if not there]))
    return "built " + " and ".join(f"{word} {', '.join(names)}" for word, names in groups if names)


def _pip(environment: str) -> str:
    return _output(str(FOLDER / environment / "bin" / "python"), "-m", "pip", "--version").split(" from ")[0]


def _output(*command: str) -> str:
    if not os.path.exists(command[0]):
        return "not built"
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
