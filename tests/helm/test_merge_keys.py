"""A merge key in a chart: Helm 4 writes it with a tag, and the result is the same as with Helm 3."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import make_catalog
from tests.support.examples import POST_RENDERER, env_of

if TYPE_CHECKING:
    from pathlib import Path

JOB = """\
---
apiVersion: batch/v1
kind: Job
metadata:
  name: train
  annotations:
    polyaxon.com/data: data1
spec:
  template:
    spec:
      restartPolicy: Never
      initContainers:
      - &base
        name: prepare
        image: busybox
        env:
        - name: LR
          value: "0.1"
      containers:
      - <<: *base
        name: main
"""


@pytest.mark.parametrize("helm", ["helm3", "helm4", "helm4-oldest"])
def test_a_container_with_a_merge_key_is_refused(
    helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 1.0.0\n")
    (tmp_path / "templates" / "jobs.yaml").write_text(make_catalog() + JOB)
    command = [str(tools / helm), "template", "demo", str(tmp_path), *POST_RENDERER]
    done = subprocess.run(command, env=env_of(helm, helm_env), capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "kind: Job" not in done.stdout
    assert 'error[alias] Job/train (shop/templates/jobs.yaml): a merge key ("<<") may contain "env"' in done.stderr
