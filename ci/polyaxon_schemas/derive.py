"""Writes tests/polyaxonfiles/shapes.json: what Polyaxon's own code made of the files in shapes/.

usage: .venv/bin/python -m ci.polyaxon_schemas.derive PYTHON      (a Python 3.7)

It installs the pinned releases of polyaxon-schemas (*.lock) into a temporary directory. Run it after a change of these
polyaxonfiles. To update a lock: .venv/bin/uv pip compile --generate-hashes --python-version 3.7 \
  --no-header FILE.in -o FILE.lock
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SHAPES = HERE.parent.parent / "tests" / "polyaxonfiles" / "shapes"
RELEASES = ("0.4.4", "0.5.6", "0.6.1")


def install(python: str, release: str, parent: Path) -> str:
    """Return the path of a Python that has this release."""
    folder = parent / release
    subprocess.run([python, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", str(HERE / f"{release}.lock")], check=True)
    return pip[0]


def ask(python: str, question: str, what: dict[str, Any]) -> dict[str, Any]:
    program = [python, str(HERE / "in_library.py"), question]
    done = subprocess.run(program, input=json.dumps(what), capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def derive(python: str) -> dict[str, Any]:
    texts = {path.stem: path.read_text() for path in sorted(SHAPES.glob("*.yml"))}
    with tempfile.TemporaryDirectory() as parent:
        pythons = {release: install(python, release, Path(parent)) for release in RELEASES}
        answers = {release: ask(pythons[release], "read", texts) for release in RELEASES}
        latest = answers[RELEASES[-1]]
        commands = ask(pythons[RELEASES[-1]], "commands", {name: latest[name]["cmd"] for name in texts})
    found = {}
    for name in texts:
        readers = [release for release in RELEASES if "error" not in answers[release][name]]
        for release in readers:
            if answers[release][name] != latest[name]:
                raise SystemExit(f"{name}: {release} made {answers[release][name]} of it, not {latest[name]}")
        command, (script,) = commands[name]
        found[name] = {
            "releases": readers,
            "command": [*command, script],
            **{key: latest[name][key] for key in ("params", "data", "outputs")},
        }
    return found


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    SHAPES.with_suffix(".json").write_text(json.dumps(derive(sys.argv[1]), indent=1, sort_keys=True) + "\n")
