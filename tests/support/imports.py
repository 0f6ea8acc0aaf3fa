"""The modules that a fresh interpreter loads."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.paths import ROOT

# Each of these costs a good part of an interpreter's start, or more.
DEAR = {
    "argparse", "collections", "contextlib", "dataclasses", "datetime", "decimal", "deepmerge", "difflib", "enum",
    "functools", "hashlib", "importlib.metadata", "inspect", "jinja2", "json", "logging", "markupsafe", "pathlib",
    "pprint", "re", "rich", "ruamel", "ruamel.yaml", "shutil", "subprocess", "tempfile", "textwrap", "typing", "urllib",
    "uuid",
}  # fmt: skip


RENDER = "import sys; from post_renderer.cli import main; assert main() == 0; sys.stderr.write(' '.join(sys.modules))"


def loaded(code: str, stdin: str = "") -> set[str]:
    """The modules that a fresh interpreter has after some code, without those of its own start."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COVERAGE", "COV_"))}
    done = subprocess.run(
        # No site: a development environment's .pth files import half of the standard library.
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {[str(ROOT), *sys.path]!r}; {code}"],
        input=stdin, capture_output=True, text=True, check=True, env=env, timeout=60,
    )  # fmt: skip
    return set(done.stderr.split())
