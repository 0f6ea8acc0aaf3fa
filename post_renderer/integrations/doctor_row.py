"""Defines one line of the output of ``doctor``. Reads small YAML files, and asks programs for their version."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from post_renderer.console import UsageError
from post_renderer.console.files import read_file
from post_renderer.problems import YamlError
from post_renderer.yamltree import MAPPING, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.yamltree import Node

OK, INFO, WARNING, ERROR = "ok", "-", "warning", "error"
FILE_LIMIT = 1 << 20  # bytes of a Chart.yaml or plugin.yaml
PATIENCE = 20  # seconds for a program that only prints its version or its settings
NUMBERS = re.compile(r"v?(\d+)\.(\d+)(?:\.|$)")


class Row(NamedTuple):
    """``check``: what was looked at. ``state``: one of the four words. ``remedy``: empty if nothing is wrong."""

    check: str
    state: str
    message: str
    remedy: str = ""


def read_mapping(path: str) -> Node | None:
    """Return the root of a YAML file; None if it can't be read, or if it is not a mapping."""
    try:
        root = parse(read_file(path, path, FILE_LIMIT)[:FILE_LIMIT].decode("utf-8-sig"))
    except (UsageError, YamlError, UnicodeDecodeError):
        return None
    return root if root.kind == MAPPING else None


def ask(command: list[str], environment: dict[str, str]) -> str:
    """Return what a program prints, without spaces around it; empty if it fails or does not answer."""
    from subprocess import DEVNULL, PIPE, TimeoutExpired
    from subprocess import run as run_process

    try:
        done = run_process(  # noqa: S603 - the user's own Helm, or polyaxon-persistence itself
            command, env=environment, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, timeout=PATIENCE, check=False
        )
    except (OSError, TimeoutExpired):
        return ""
    return "" if done.returncode else os.fsdecode(done.stdout).strip()  # the text may be a path


def read_numbers(version: str) -> tuple[int, int]:
    """Return the major and the minor number of a version; (0, 0) if it is not a version."""
    found = NUMBERS.match(version)
    return (int(found[1][:9]), int(found[2][:9])) if found else (0, 0)
