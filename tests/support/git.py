"""git repositories as users have them, made by a test."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# What the examples call this project's own repository, and the tag that they take.
URL, TAG = "https://git.example.com/tools/polyaxon-persistence", "v0.2.0"


class Repository:
    """A git repository, and the environment of whoever works in it."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self.env = env
        folder.mkdir(exist_ok=True)
        self.start("git", "init", "--quiet", "--initial-branch=main")

    def start(self, *words: str, code: int = 0) -> str:
        """What a command says on both of its outputs."""
        done = subprocess.run(
            words, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def write(self, **files: str) -> None:
        """Files by their names without `.yaml`."""
        for name, text in files.items():
            path = self.folder / f"{name}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)

    def commit(self, code: int = 0) -> str:
        """What `git commit` of everything says, its hooks' words included."""
        self.start("git", "add", "--all")
        return self.start("git", "commit", "--message", "values", code=code)

    def head(self) -> str:
        return self.start("git", "rev-parse", "HEAD").strip()


def make_origin(folder: Path, env: Mapping[str, str]) -> Repository:
    """This project with the tag of the examples, made of its files as they are now and not of its own git."""
    repository = Repository(folder, env)
    for name in (".pre-commit-hooks.yaml", "pyproject.toml", "hatch_readme.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    for name in ("post_renderer", "scripts"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    repository.commit()
    repository.start("git", "tag", TAG)
    return repository
