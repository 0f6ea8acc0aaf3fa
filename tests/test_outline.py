"""A large catalog costs what its asked-for entries cost, and means what it means when it is read as a whole."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from ci.bench import streams
from post_renderer import catalog
from post_renderer.outline import read_outline
from tests.support import render

if TYPE_CHECKING:
    from post_renderer.problems import Problem


@pytest.mark.parametrize(
    "change",
    [("", ""), ("/data/data1\n", "relative\n"), ("data-foo:", "data_foo:"), ("defaultData: [data1, data2]", "defaultData: [nope]"),
     ("    readOnly: true\n", "    readOnly: true\n        readOnly: false\n"), ("  data2:", "  data1:"), ("outputs:\n", "data: {}\n    outputs:\n"), ("defaultData: [data1, data2]", "defaultData: ["),
     ("defaultData: [data1, data2]\n", "defaultData: [data1]\n    - x\n"), ("  data2:", "  null:"), ("    hostPath: ", "    existingClaim: null\n        hostPath: "), ("    readOnly: true\n", "    readOnly: null\n"), ("  data2:", "  - x:"),
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


def test_mutations_mean_the_same_with_and_without_an_outline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines doubled, dropped, swapped, indented otherwise, or with a character changed, in a catalog of 600 lines."""
    random = Random(20_261_124)
    text = streams.make_a(200)
    first, _, rest = text.partition("persistence.yaml: |\n")
    catalog_text, _, behind = rest.partition("\n---\n")
    outlined = 0
    for number in range(400):
        lines = catalog_text.split("\n")
        for _ in range(random.choice((1, 1, 2))):
            _change(lines, random)
        stream = f"{first}persistence.yaml: |\n" + "\n".join(lines) + "\n---\n" + behind
        outlined += read_outline("\n".join(line[4:] for line in lines) + "\n", ("data", "outputs")) is not None
        with monkeypatch.context() as patch:
            patch.setattr(catalog, "LARGE", 100)
            found = _told(stream)
            patch.setattr(catalog, "LARGE", 10**9)
            assert found == _told(stream), (number, [line for line in lines if line not in catalog_text])
    assert 50 < outlined < 350


def _told(stream: str) -> list[object]:
    output, problems = render(stream.encode(), [])
    return [(problem.code, problem.line, problem.message) for problem in problems] + [output if not problems else b""]


def _change(lines: list[str], random: Random) -> None:
    at = random.randrange(len(lines) - 1)
    line = lines[at]
    place = random.randrange(len(line) + 1)
    kind = random.randrange(7)
    if kind == 0:
        lines.insert(at, line)
    elif kind == 1:
        del lines[at]
    elif kind == 2:
        lines[at], lines[at + 1] = lines[at + 1], line
    elif kind == 3:
        lines[at] = " " * random.choice((1, 2, 4)) + line
    elif kind == 4:
        lines[at] = line.replace("  ", "", 1)
    elif kind == 5:
        lines[at] = line[:place] + random.choice(":#-'\"{[ \t&*!|>null~9A") + line[place:]
    else:
        lines.insert(
            at,
            random.choice(
                (
                    "",
                    "    ",
                    "      # said",
                    "    defaultData: [data1]",
                    "      odd: {mountPath: /odd, hostPath: /o}",
                    "        description: null",
                    "        readOnly: ~",
                )
            ),
        )
