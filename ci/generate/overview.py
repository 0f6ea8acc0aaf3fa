"""Draws the picture of the README: what people write, and the lines that a render really adds to a Job."""

from __future__ import annotations

import difflib

from ci.generate.svg import LINE, Drawing
from post_renderer.catalog.load import read_layer_file
from post_renderer.render import render

CATALOG = """\
persistence:
  data:
    images:
      mountPath: /data/images
      existingClaim: images-pvc
  outputs:
    results:
      mountPath: /outputs/results
      existingClaim: results-pvc
"""
JOB = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: train
  annotations:
    polyaxon.com/data: images
    polyaxon.com/outputs: results
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: main
        image: trainer:1.0
        command: [python, train.py]
"""
SHOWN = ["metadata:", *JOB.partition("metadata:\n")[2].partition("spec:")[0].splitlines()]


def added_lines() -> list[str]:
    """Return the lines that a render adds to the Job."""
    rendering = render(JOB.encode(), [read_layer_file("site.yaml", CATALOG.encode())])
    if rendering.problems:
        raise ValueError(f"has a picture of a Job with errors: {[problem.message for problem in rendering.problems]}")
    after = b"".join(bytes(chunk) for chunk in rendering.chunks).decode().splitlines()
    diff = list(difflib.unified_diff(JOB.splitlines(), after, lineterm="", n=0))[2:]
    if any(line.startswith("-") for line in diff):
        raise ValueError("has a Job in which a render changes lines")
    return [line[1:] for line in diff if line.startswith("+")]


def draw_overview() -> str:
    added = added_lines()
    half = next(number for number, line in enumerate(added) if line.strip() == "volumeMounts:")
    columns = [
        [line[min(len(line) - len(line.lstrip()), 6) :] for line in part] for part in (added[:half], added[half:])
    ]
    height = 142 + max(map(len, columns)) * LINE
    drawing = Drawing(
        1200, height,
        "What people write, and what polyaxon-persistence adds",
        f"An administrator writes a catalog once. A Job asks for its volumes by two annotations. While Helm renders, "
        f"polyaxon-persistence adds {len(added)} lines to the Job: variables, mounts and volumes.",
    )  # fmt: skip
    drawing.text(24, 34, "You write", "title")
    _draw_code(drawing, 54, "an administrator, once: the catalog", CATALOG.splitlines())
    _draw_code(drawing, height - 74 - len(SHOWN) * LINE, "each Job: the names that it asks for", SHOWN)
    drawing.arrow((390, height / 2), (478, height / 2))
    drawing.text(434, height / 2 - 30, "helm renders", "soft middle")
    drawing.text(434, height / 2 - 12, "the chart", "soft middle")
    drawing.text(492, 34, f"polyaxon-persistence adds these {len(added)} lines to the Job", "title")
    for x, width, title, lines in zip(
        (492, 872), (372, 304), ("variables", "mounts and volumes"), columns, strict=True
    ):
        drawing.box(x, 54, width, height - 78, "new")
        drawing.text(x + 14, 78, title, "soft")
        drawing.lines(x + 14, 102, [_cut(line, (width - 24) / 7.6) for line in lines], "code new")
    return drawing.finish()


def _draw_code(drawing: Drawing, top: int, title: str, lines: list[str]) -> None:
    drawing.box(24, top, 360, 50 + len(lines) * LINE)
    drawing.text(38, top + 24, title, "soft")
    for number, line in enumerate(lines):
        drawing.text(38, top + 48 + number * LINE, line, "code wait" if "polyaxon.com/" in line else "code")


def _cut(line: str, width: float) -> str:
    return line if len(line) <= width else line[: int(width) - 1] + "…"
