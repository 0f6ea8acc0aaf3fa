"""Compares the compiled program with the pure one: both must write the same bytes, also for errors.

usage: python -m ci.compiled.compare [MUTATIONS]
It runs both on all golden cases, the streams of the benchmark, the examples by both Helms, and 20,000 mutations of the
golden cases. The pure program is the compiled wheel without its compiled files.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ci.compiled.environment import copy_tests, prepare
from ci.other_pythons import ROOT
from tests.support.examples import RENDERINGS, template

MUTATIONS = 20_000


def compare(python: str, root: Path, mutations: int, streams: str = "") -> list[str]:
    """Return the inputs for which the outputs differ, and print the number of equal outputs.

    ``python``: the Python of the environment with the compiled wheel.
    ``root``: a copy of the project without the package's Python files.
    ``streams``: a directory of more inputs.
    """
    with tempfile.TemporaryDirectory() as folder:
        find = [python, "-P", "-c", "import post_renderer; print(*post_renderer.__path__)"]
        package = subprocess.run(find, capture_output=True, text=True, check=True).stdout.strip()
        shutil.copytree(package, Path(folder, "post_renderer"), ignore=shutil.ignore_patterns("*.so", "__pycache__"))
        command = [python, "-m", "ci.compiled.outputs", str(mutations), *([streams] if streams else [])]
        files = [Path(folder, name) for name in ("compiled", "pure")]
        children = []
        for file, path in zip(files, ("", folder), strict=True):
            with file.open("wb") as output:
                env = {**os.environ, "PYTHONPATH": path}
                children.append(subprocess.Popen(command, cwd=root, env=env, stdout=output))
        if any([child.wait() for child in children]):  # noqa: C419 - it waits for both
            sys.exit("failed: a program did not end well")
        compiled, pure = (file.read_text().splitlines() for file in files)
    if not (compiled[0].endswith(".so") and pure[0].endswith(".py")):
        sys.exit(f"failed: these are not the compiled and the pure program: {compiled[0]}, {pure[0]}")
    different = [f"{one} | {two}" for one, two in zip(compiled[1:], pure[1:], strict=True) if one != two]
    print(f"{len(pure) - 1 - len(different)} of {len(pure) - 1} outputs are the same", flush=True)
    return different


def render_examples(directory: Path) -> None:
    """Write what each Helm gives to the post-renderer for each example."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("HELM_")}
    env |= {f"HELM_{name}_HOME": str(directory / name) for name in ("DATA", "CACHE", "CONFIG")}
    for name, helm in RENDERINGS:
        done = template(ROOT / ".tools" / "bin", env, name, helm, post=())
        if done.returncode:
            sys.exit(f"failed: {helm} does not render {name}: {done.stderr}")
        (directory / "streams" / f"{name}-{helm}").write_text(done.stdout)


def main() -> None:
    python, root = prepare(), copy_tests("compared")
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "streams").mkdir()
        render_examples(directory)
        different = compare(
            str(python), root, int(sys.argv[1]) if sys.argv[1:] else MUTATIONS, str(directory / "streams")
        )
    if different:
        sys.exit("\n".join(["failed: these outputs differ (compiled | pure)", *different]))


if __name__ == "__main__":
    main()
