"""What the tests share: running the command line in this process, with real file descriptors."""

from __future__ import annotations

import os
import tempfile
from textwrap import indent
from typing import TYPE_CHECKING, NamedTuple

import post_renderer.render
from post_renderer.cli import main

if TYPE_CHECKING:
    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.problems import Problem


# How many of the random examples are tried: one of so many. `make check` sets it to 10.
SHARE = int(os.environ.get("EXAMPLES_SHARE", "1"))


def examples(number: int) -> int:
    return max(1, number // SHARE)


class Result(NamedTuple):
    """One run of the command line."""

    exit_code: int
    output: bytes
    error: str


def run(*arguments: str, stdin: bytes | str = b"") -> Result:
    """Run the command line in this process: descriptors 0, 1 and 2 are files for its time."""
    text = stdin.encode() if isinstance(stdin, str) else stdin
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as error:
        given.write(text)
        given.flush()
        given.seek(0)
        saved = [os.dup(number) for number in range(3)]
        try:
            for number, file in enumerate((given, output, error)):
                os.dup2(file.fileno(), number)
            exit_code = main(list(arguments))
        finally:
            for number, descriptor in enumerate(saved):
                os.dup2(descriptor, number)
                os.close(descriptor)
        output.seek(0)
        error.seek(0)
        return Result(exit_code, output.read(), error.read().decode())


DOCUMENTED = """\
data:
  data1: {mountPath: /data/1, hostPath: /path/to/data, readOnly: true}
  data2: {mountPath: /data/2, existingClaim: data-2-pvc}
  data-foo: {mountPath: /data/foo, existingClaim: data-foo-pvc}
outputs:
  outputs1: {mountPath: /outputs/1, hostPath: /path/to/outputs, readOnly: true}
  outputs2: {mountPath: /outputs/2, existingClaim: outputs-2-pvc}
  outputs-foo: {mountPath: /outputs/foo, existingClaim: outputs-foo-pvc}
"""


def make_catalog(body: str = DOCUMENTED) -> str:
    """A catalog's ConfigMap, as a document of a stream."""
    return (
        "---\n# Source: chart/templates/catalog.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: catalog\n"
        "  labels: {polyaxon.com/catalog: v1}\ndata:\n  persistence.yaml: |\n" + indent(body, "    ")
    )


def make_job(
    polyaxonfile: str = "{}\n",
    *,
    name: str = "train",
    annotations: str = "",
    spec: str = "",
    pod: str = "",
    container: str = "",
) -> str:
    """A Job that asks for volumes, as a document of a stream; the other texts are more lines at their places."""
    return (
        "---\n# Source: chart/templates/runs.yaml\napiVersion: batch/v1\nkind: Job\nmetadata:\n"
        f"  name: {name}\n  annotations:\n    polyaxon.com/polyaxonfile: |\n{indent(polyaxonfile, '      ')}"
        f"{indent(annotations, '    ')}spec:\n{indent(spec, '  ')}  template:\n    spec:\n      restartPolicy: Never\n"
        f"{indent(pod, '      ')}      containers:\n      - name: main\n        image: busybox\n{indent(container, '        ')}"
    )


def render(raw: bytes, files: list[CatalogLayer]) -> tuple[bytes, list[Problem]]:
    """The rendered stream as a whole, and the problems."""
    rendering = post_renderer.render.render(raw, files)
    return b"".join(rendering.chunks), rendering.problems
