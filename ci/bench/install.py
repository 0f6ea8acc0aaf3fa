"""Installs polyaxon-persistence into the environments of the benchmark: the pure build and the compiled build."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".bench"
BUILDS = ("pure", "compiled")
# The environment that keeps the pip of `python -m venv`. It has the pure build.
BUNDLED = "bundled"
PYTHON = str(FOLDER / "pure" / "bin" / "python")
# The hook of pyproject.toml that compiles is off by default. Each value gives one kind of wheel.
HOOKS = {"pure": {"HATCH_BUILD_HOOKS_ENABLE": "0"}, "compiled": {"HATCH_BUILD_HOOKS_ENABLE": "1"}}
PURE_TAG = "-py3-none-any.whl"


def script(environment: str) -> str:
    """Return the path of the console script in an environment."""
    return str(FOLDER / environment / "bin" / "polyaxon-persistence")


def prepare(environments: set[str], compiled: Path | None) -> None:
    """Build the wheels and install them. The pure one is always there. ``compiled``: use this wheel, and build none.

    Raises CalledProcessError or RuntimeError if a build or an install fails.
    """
    wheels = {"pure": build("pure")}
    wheels[BUNDLED] = wheels["pure"]
    if "compiled" in environments:
        wheels["compiled"] = compiled or build("compiled")
    for environment in ("pure", *(environments - {"pure"})):
        install(environment, wheels[environment])


def build(name: str) -> Path:
    """Build the wheel of a build. Raises RuntimeError if the wheel is of the other build."""
    folder = FOLDER / "dist" / name
    shutil.rmtree(folder, ignore_errors=True)
    arguments = ("-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), ".")
    _run(sys.executable, *arguments, env={**os.environ, **HOOKS[name]})
    wheel = next(folder.glob("*.whl"))
    if wheel.name.endswith(PURE_TAG) != (name == "pure"):
        raise RuntimeError(f"this is no wheel of the {name} build: {wheel.name}")
    return wheel


def install(environment: str, wheel: Path) -> None:
    folder = FOLDER / environment
    python = str(folder / "bin" / "python")
    if not folder.exists():
        _run(sys.executable, "-m", "venv", str(folder))
        if environment != BUNDLED:
            _run(python, "-m", "pip", "install", "--quiet", "--upgrade", "pip")
    arguments = ("--quiet", "--disable-pip-version-check", "--force-reinstall", "--no-compile", str(wheel))
    _run(python, "-m", "pip", "install", *arguments)
    _run(python, "-m", "compileall", "-q", str(folder / "lib"))


def _run(*arguments: str, env: dict[str, str] | None = None) -> None:
    subprocess.run(arguments, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env=env)
