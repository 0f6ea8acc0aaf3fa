"""An error in a catalog has the file and the line of the key that is wrong, also if several layers have its entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from post_renderer.catalog.read import read_catalog, read_layer
from post_renderer.yamltree import Node, parse
from tests.support.cli import make_catalog, run
from tests.support.messages import places

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
GOOD = "data:\n  a:\n    mountPath: /a\n    existingClaim: c\n"


def check(tmp_path: Path, *layers: str) -> list[str]:
    """Check these catalog files. Return the places of the errors, with the numbers of the files as their names."""
    paths = [tmp_path / str(number) for number in range(len(layers))]
    for path, layer in zip(paths, layers, strict=True):
        path.write_text(layer)
    words = [word for path in paths for word in ("--persistence", str(path))]
    return [place.replace(f"{tmp_path}/", "") for place in places(run("check", *words, stdin=SERVICE).error)]


@pytest.mark.parametrize(
    ("wrong", "places"),
    [
        (GOOD.replace("/a", "bad"), ["0:3"]),
        (GOOD.replace(": c", ": C_"), ["0:4"]),
        (GOOD + "    readOnly: maybe\n", ["0:5"]),
        (GOOD + "    acessModes: []\n", ["0:5"]),
        (GOOD + "    accessModes:\n    - Many\n", ["0:5"]),
        (GOOD + "    createRunFolder: true\n", ["0:5"]),
        (GOOD + "    subPath: ../x\n", ["0:5"]),
        (GOOD + "    subPath: '{x'\n", ["0:5"]),
        (GOOD + "    hostPath: /b\n", ["0:5"]),
        (GOOD.replace("    mountPath: /a\n", ""), ["0:2"]),  # a key that is missing: the entry
        ("data:\n  a:\n    mountPath: /a\n    volumeSource:\n      hostPath: {path: b}\n", ["0:4"]),
        ("data:\n  a:\n    mountPath: /polyaxon\n    hostPathType: x\n    hostPath: b\n", ["0:3", "0:4", "0:5"]),
        ("outputs:\n  a:\n    store: s3\n    bucket: gs://b\n    mountPath: /a\n", ["0:4", "0:5"]),
        ("outputs:\n  a:\n    store: s3\n    bucket: s3://b\n    secret: b\n", ["0:5"]),
        ("outputs:\n  a:\n    store: s3\n    bucket: s3://b\n    secret: b\n    secretKey: 1-\n", ["0:6"]),
        ("outputs:\n  a:\n    store: s3\n    bucket: s3://b\n    credentials: env\n", ["0:5"]),
        ("isolateRuns: true\noutputs:\n  a:\n    mountPath: /a\n    existingClaim: a\n    createRunFolder: false\n", ["0:6"]),
        (GOOD + "defaultData:\n- a\n- b\n- a\n", ["0:7", "0:8"]),
        (GOOD + "defaultData: [a,\n  b]\n", ["0:6"]),
        ("persistence:\n  data:\n    a:\n      existingClaim: c\n      mountPath: bad\nother: {data: {a: {mountPath: 1}}}\n", ["0:5"]),
    ],
)  # fmt: skip
def test_the_line_is_that_of_the_wrong_key(wrong: str, places: list[str], tmp_path: Path) -> None:
    assert check(tmp_path, wrong) == places


@pytest.mark.parametrize(
    ("layers", "places"),
    [
        (["data: {a: {mountPath: bad, existingClaim: c}}\n", "data: {a: {existingClaim: d}}\n"], ["0:1"]),
        (["data: {a: {mountPath: bad, existingClaim: c}}\n", "\ndata: {a: {mountPath: worse}}\n"], ["1:2"]),
        (["data: {a: {mountPath: /a}}\n", "\ndata: {a: {readOnly: true}}\n"], ["1:2"]),
        (["data: {a: {mountPath: /a, existingClaim: c, x: 1}}\n", "data: {a: {y: 1}}\n"], ["0:1", "1:1"]),
        ([GOOD + "defaultData: [b]\n", GOOD + "\ndefaultData: [a, b]\n"], ["1:6"]),
        (["data: {a: {mountPath: bad, existingClaim: c}}\n", "data: {a: {mountPath: null}}\n"], ["1:1"]),
        (["nope: 1\n", ""], ["0:1"]),
        (["\nnope: 1\n", "persistence:\n"], ["0:2"]),
    ],
)
def test_the_file_is_the_last_one_that_has_the_wrong_key(layers: list[str], places: list[str], tmp_path: Path) -> None:
    assert check(tmp_path, *layers) == places


def test_the_line_in_a_stream_is_that_of_the_wrong_key() -> None:
    stream = make_catalog(GOOD.replace("/a", "bad"))
    line = stream[: stream.index("mountPath")].count("\n") + 1
    assert places(run("check", stdin=stream).error) == [f"<stdin>:{line}"]
    quoted = make_catalog("").replace(" |\n", ' "data: {a: {existingClaim: c,\\n mountPath: bad}}"\n')
    line = quoted[: quoted.index("persistence.yaml")].count("\n") + 1
    assert places(run("check", stdin=quoted).error) == [f"<stdin>:{line}"]


@pytest.mark.pure
def test_a_layer_is_parsed_again_only_for_an_error_and_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def count(text: str) -> Node:
        parsed.append(text)
        return parse(text)

    monkeypatch.setattr("post_renderer.catalog.read.parse", count)
    read_catalog([read_layer(GOOD, "(catalog)", "site.yaml")])
    assert len(parsed) == 1
    wrong = GOOD.replace("/a", "bad") + "    x: 1\n    y: 2\n"
    catalog = read_catalog([read_layer(wrong, "(catalog)", "site.yaml")])
    assert [problem.line for problem in catalog.entry_problems["data", "a"]] == [5, 6, 3]
    assert len(parsed) == 3
