"""Starts the command line as a child process."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.support.cli import make_catalog
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = [f"{sys.prefix}/bin/polyaxon-persistence"]


PLAIN = b"kind: Service\n"


JOB = """\
---
# Source: chart/templates/runs.yaml
apiVersion: batch/v1
kind: Job
metadata:
  name: train
  annotations:
    polyaxon.com/polyaxonfile: '{environment: {persistence: {data: [%s], outputs: %s}}}'
spec:
  template:
    spec:
      containers:
      - name: main
"""


CLEAN = (make_catalog() + JOB % ("data1", "outputs-foo")).encode()


BROKEN = (make_catalog() + JOB % ("data-fo, x", "outputs-foo")).encode()


def environment(state: Path, **more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("HELM_", "NO_COLOR"))}
    return {**kept, "XDG_STATE_HOME": str(state), "PYTHONPATH": str(ROOT), **more}


def start(*arguments: str, stdin: bytes = PLAIN, state: Path, **more: str) -> subprocess.CompletedProcess[bytes]:
    env = environment(state, **more)
    return subprocess.run([*PROGRAM, *arguments], input=stdin, env=env, capture_output=True, check=False, timeout=60)


def read_terminal(terminal: int) -> str:
    """Everything that was written to a pseudo-terminal whose other end is closed."""
    pieces = []
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux' way to say that nobody can write any more
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(terminal)
    return b"".join(pieces).decode().replace("\r\n", "\n")
