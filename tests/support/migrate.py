"""Runs migrate on a text, and finds its cases."""

from __future__ import annotations

from typing import Any

from ruamel.yaml import YAML

from tests.support.cli import run

NEXT = "next: polyaxon-persistence check -- helm template demo CHART -f FILE\n"


def migrate(text: str | bytes, *options: str) -> tuple[int, str, str]:
    result = run("migrate", *options, "-", stdin=text)
    return result.exit_code, result.output.decode(), result.error


def migrated(text: str | bytes) -> Any:
    """What a text becomes, as a YAML 1.2 reader reads it."""
    exit_code, output, error = migrate(text)
    assert exit_code == 0, error
    assert migrate(output)[1] == output
    return YAML(typ="safe", pure=True).load(output)


CATALOG = """\
persistence:
  data:
    data1: {mountPath: /data/1, existingClaim: data-1}
    data-foo: {mountPath: /data/foo, existingClaim: data-foo}
  outputs:
    outputs1: {mountPath: /outputs/1, existingClaim: outputs-1}
"""


def whole(text: str) -> str:
    """A polyaxonfile with what each one needs."""
    head = "" if "kind:" in text else "kind: experiment\n"
    return head + ("" if "build:" in text else "build: {image: x}\n") + text
