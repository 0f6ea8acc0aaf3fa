"""A large catalog costs what its asked-for entries cost, and means what it means when it is read as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci.bench import streams
from post_renderer import catalog
from tests.support import render

if TYPE_CHECKING:
    from post_renderer.problems import Problem


@pytest.mark.parametrize(
    "change",
    [("", ""), ("/data/data1\n", "relative\n"), ("data-foo:", "data_foo:"), ("defaultData: [data1, data2]", "defaultData: [nope]"),
     ("    readOnly: true\n", "    readOnly: true\n        readOnly: false\n"), ("  data2:", "  data1:"), ("outputs:\n", "data: {}\n    outputs:\n"), ("defaultData: [data1, data2]", "defaultData: ["),
     ("defaultData: [data1, data2]\n", "defaultData: [data1]\n    - x\n"), ("  data2:", "  null:"), ("  data2:", "  - x:"),
     ("    data:\n", "    persistence: {isolateRuns: true}\n    data:\n"), ("    data:\n", "    defaultData:\n    data:\n"),
     ("    outputs:\n", "    - a\n    outputs:\n"), ("    data:\n", "    x: [\n    data:\n")],
)  # fmt: skip
def test_the_same_with_and_without_an_outline(change: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    stream = streams.make_a(400).replace(*change, 1) if change[0] else streams.make_a(400)
    told = [
        [(problem.code, problem.line, problem.message) for problem in problems] + [output if not problems else b""]
        for output, problems in (render(stream.encode(), []), _whole(stream, monkeypatch))
    ]
    assert told[0] == told[1]


def _whole(stream: str, monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, list[Problem]]:
    monkeypatch.setattr(catalog, "LARGE", 10**9)
    return render(stream.encode(), [])
