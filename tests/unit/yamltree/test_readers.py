"""The small reader against the full one: the same nodes, or it has handed the text over. And its subset, line by line."""

from __future__ import annotations

import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ci.bench import streams
from post_renderer.problems import YamlError
from post_renderer.request import polyaxonfile
from post_renderer.yamltree import fast_reader, fast_tokens, libyaml_reader, parse
from post_renderer.yamltree.fast_tokens import NotInSubset
from post_renderer.yamltree.node import SCALAR
from tests.support.cli import examples, render
from tests.support.examples import env_of
from tests.support.faults import use_full_reader
from tests.support.mutations import mutate
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from post_renderer.yamltree import Node

SEEDS = range(8)
MUTATIONS = examples(2_500)  # for each seed


def corpus() -> list[str]:
    """Every document of the golden cases and the examples' values."""
    texts = []
    for path in [*sorted(ROOT.glob("tests/golden/*/*.yaml")), *sorted(ROOT.glob("values-examples/*.yaml"))]:
        whole = "\n" + path.read_bytes().decode("utf-8", "replace")
        parts = whole.split("\n---")
        texts += ["---" + part if part[:1] in (" ", "\n", "\r") else part for part in parts if part.strip()]
    return texts


CORPUS = corpus()
STREAMS = {"a": streams.make_a(), "b": streams.make_b(300), "c": streams.make_large(20, 2_000_000)}


MUTATED = CORPUS * 2 + [text for name in ("a", "b") for text in STREAMS[name].split("\n---\n")[:60]]


def documents_of(stream: str) -> list[str]:
    return ["---" + part for part in ("\n" + stream).split("\n---") if part.strip()]


def all_of(node: Node) -> tuple[object, ...]:
    """Everything that a node tells, and its children."""
    text = node.value() if node.kind == SCALAR else None
    fields = (node.kind, node.start, node.end, node.column, node.style, text, node.flow, node.anchor, node.shared)
    return (*fields, [all_of(child) for child in node.children])


def takes(text: str) -> bool:
    """Whether the small reader took the text; fails where its nodes are not the full reader's."""
    try:
        root = fast_reader.read_fast(text)
    except NotInSubset:
        return False
    assert all_of(root) == all_of(libyaml_reader.read_full(text)), text
    return True


def test_the_same_nodes_on_every_case() -> None:
    taken = sum(map(takes, CORPUS))
    assert taken > len(CORPUS) * 0.8


@pytest.mark.parametrize("name", STREAMS)
def test_the_same_nodes_on_generated_streams(name: str, record_property: Callable[[str, object], None]) -> None:
    documents = documents_of(STREAMS[name])
    taken = sum(map(takes, documents))
    record_property("share", f"stream {name}: the small reader took {taken} of {len(documents)} documents")
    assert taken >= len(documents) * 0.99


@pytest.mark.parametrize("name", ["h", "j"])
def test_the_same_nodes_on_what_helm_hands_over(
    record_property: Callable[[str, object], None], name: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    if name == "h":
        stream = as_helm_4_hands_it_over(tools, helm_env, tmp_path)
    else:
        (tmp_path / "values.yaml").write_text(streams.values_of_runs())
        command = [str(tools / "helm3"), "template", "demo", str(ROOT / "chart"), "-f", str(tmp_path / "values.yaml")]
        stream = subprocess.run(
            command, env=env_of("helm3", helm_env), check=True, capture_output=True, text=True
        ).stdout
    documents = documents_of(stream)
    taken = sum(map(takes, documents))
    record_property("share", f"stream {name}: the small reader took {taken} of {len(documents)} documents")
    assert len(documents) > 20
    assert taken >= len(documents) * 0.99


def as_helm_4_hands_it_over(tools: Path, helm_env: dict[str, str], folder: Path) -> str:
    """Stream a, as a plugin that copies its input sees it."""
    (folder / "chart" / "templates").mkdir(parents=True)
    (folder / "chart" / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 0.1.0\n")
    (folder / "chart" / "stream.yaml").write_text(STREAMS["a"])
    (folder / "chart" / "templates" / "all.yaml").write_text('{{ .Files.Get "stream.yaml" }}\n')
    plugin = folder / "data" / "plugins" / "capture"
    plugin.mkdir(parents=True)
    (plugin / "capture.sh").write_text(f"#!/bin/sh\nexec tee {folder / 'seen.yaml'}\n")
    (plugin / "capture.sh").chmod(0o755)
    (plugin / "plugin.yaml").write_text(
        "apiVersion: v1\ntype: postrenderer/v1\nname: capture\nversion: 0.1.0\nruntime: subprocess\n"
        f"runtimeConfig:\n  platformCommand:\n  - command: {plugin / 'capture.sh'}\n"
    )
    env = {**helm_env, "HELM_DATA_HOME": str(folder / "data")}
    command = [str(tools / "helm4"), "template", "demo", str(folder / "chart"), "--post-renderer", "capture"]
    subprocess.run(command, env=env, check=True, capture_output=True)
    return (folder / "seen.yaml").read_text()


def test_the_same_bytes_and_problems_with_the_full_reader_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = [path.read_bytes() for path in sorted(ROOT.glob("tests/golden/*/*put.yaml"))]
    inputs += [text.encode() for text in STREAMS.values()]
    before = [rendered(raw) for raw in inputs]
    use_full_reader(monkeypatch)
    for raw, result in zip(inputs, before, strict=True):
        assert rendered(raw) == result


def test_with_the_full_reader_alone_libyaml_reads_each_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """All comparisons with it rely on that. libyaml that may read no event reports each text that it gets."""
    stream = next(iter(STREAMS.values())).encode()
    assert parse("a: b\n").plain
    monkeypatch.setattr(libyaml_reader, "EVENT_LIMIT", 0)
    assert "input-too-large" not in str(rendered(stream))
    use_full_reader(monkeypatch)
    with pytest.raises(YamlError, match="more than 0 YAML events"):
        parse("a: b\n")
    assert "more than 0 YAML events" in str(rendered(stream))


def rendered(raw: bytes) -> tuple[object, ...]:
    polyaxonfile._known.clear()  # each reader reads its own
    output, problems = render(raw, [])
    errors = any(problem.severity == "error" for problem in problems)
    told = [(problem.code, problem.subject, problem.line, problem.message, problem.hint) for problem in problems]
    return b"" if errors else output, told


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_bytes_and_problems_or_handed_over_after_mutations(seed: int) -> None:
    chance = random.Random(f"bytes {seed}")
    sources = [path.read_bytes().decode("utf-8", "replace") for path in sorted(ROOT.glob("tests/golden/*/input.yaml"))]
    sources = [text for text in sources if len(text) < 6000]
    for _ in range(MUTATIONS):
        text = chance.choice(sources)
        for _ in range(chance.randrange(1, 4)):
            text = mutate(text, chance)
        result = rendered(text.encode())
        with pytest.MonkeyPatch.context() as patched:
            use_full_reader(patched)
            assert rendered(text.encode()) == result, text


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_nodes_or_handed_over_after_mutations(seed: int) -> None:
    chance = random.Random(seed)
    taken = 0
    for _ in range(MUTATIONS):
        text = chance.choice(MUTATED)[:6000]
        for _ in range(chance.randrange(1, 4)):
            text = mutate(text, chance)
        taken += takes(text)
    assert taken > MUTATIONS / 10


# Each line of the statement at the small reader's head, by what it takes …
TAKEN = [
    "a: b\n", "a: b", "---\na: b\n", "--- # c\na: b\n", "\n# c\na: b # c\n", "a: b\r\nc: d\r\n",
    "a.b/c-d_e: 1\n", "'a b': 1\n\"c\": 2\n", "a:\n- b\n-   c\n", "a:\n  - b: c\n    d: e\n", "a:\n  b:\n", "a:\n\nb: c\n",
    "a: x y\n", "a: 'x: y'\n", 'a: "x \\"y\\" \\u00e9\\n"\n', "a: -1\n", "a: =\n", "a: $(B)\n", "a: é\n",
    "a: |\n  b\n   c\n\n  d\n", "a: |-\n  b\n", "a: |+\n  b\n\n", "a: >\n  b\n  c\n", "a: >-\n  b\nc: d\n", "a: |\n\n  b\n",
    "{}\n",
    "---\n{a: [b]}  # c\n",
    "a: 'it''s'\n", "'it': 1\n\"it's\": 2\n", 'a: "C:\\\\udir"\n', "a: {b: c, b: d}\n", "a: |\n  b\tc\n  d\n", "a: >\n  b\n  c\n\n",
    "# a\tb\na: b\n", 'a: [\n  "x\ty"]\n', "a: |\n  x\n  \ty\n", "a: >\n  x\n\n\nb: c\n",
    'a: "' + '\\"' * 100_000 + '"\n', "a: '" + "''" * 100_000 + "'\n", "a: [b, ]\n", "a: {b: c,}\n",
    'a: ["x\\"y", "\\\\", \'x\'\'y\', \'\']\n', 'a: "\\ue000"\n', "a: [[[[[[[[[[]]]]]]]]]]\n", "".join("  " * n + "a:\n" for n in range(79)) + "  " * 79 + "a: b\n",
    "a:\n- b # c: d\n- # c: d\n  e: f\n- |  # c: d\n  b\n", "a: b # c: d\n", 'a: "\\"\\\\\\n\\r\\t\\b\\f\\u4e0a上\\u0041"\n', "x: y\na: [b,".ljust(4005) + "c]\n", "--- # a\tb\na: b\n", "a: |\n  b\n # c\nd: e\n", "a: ['x: y', \"\\n\"]\n",
    "'a: b': c\n'a: dd': e\n", "a:\n- X: Y\n- XX\n", "a: []\n", f"{'k' * 1000}: v\n", f"'{'k' * 998}': v\n", f"a: {{{'k' * 1000}: v}}\n", "a:\n  []\n", "a:\n- b:\n  - c\n-\n  d: e\n", "a: {b: [c, 'd'], \"e\":1}\n", "a: [b,\n c]\n", "a: [\n  b,\n  {c: d}\n  ]  # e\n",
]  # fmt: skip
# … and by what it hands over.
HANDED_OVER = [
    "[\r\n\n]", "a: [\r\n\n]", "a: b\r\nc: d\ne: f\r\n", "--- a: b\n", "---a: b\n", "---: b\n", "---\ta\na: b\n", "x: y\na: [b,".ljust(4006) + "c]\n",
    "{}\na: b\n",
    "{a: b}: c\n",
    "[a]\n",
    "a:\tb\n", "\ufeffa: b\n", "a: b\rc: d\n", "a: b\r\nc: d\n", "a: \x85\n", "- a\n", "a\n", " a: b\n", "a: b\n---\nc: d\n", "%YAML 1.1\n", "...\n",
    "a b: c\n", "a: b\na: c\n", "? a\n: b\n", "a : b\n", '"a\\n": b\n', "'it''s': b\n", 'a: "\\U0001F680"\n', 'a: "\\u00zz"\n', "a: {b: }\n", "a: {b}\n", "a:\n  b\n", "a: b\n  c\n", "a: b: c\n", "a: 'b\n  c'\n",
    "a: [, ]\n", 'a: "\\ud7ff"\n', "a: {b  c}\n", "a: {b  c: d}\n", "a: {[b]: c}\n", "a: {b ,c: d}\n", 'a: "\\u123"\n', f"{'k' * 1001}: v\n", f"'{'k' * 999}': v\n", f"a: {{{'k' * 1001}: v}}\n", "a: [b,\n c]\t\n",
    'a: "x\ty"\n', 'a: "x\\/y"\n', 'a: "\\u00\\\\e9"\n', "a: |\n \n  b\n", "a: |\n    b\n   c\n", "a: |\n  b\n\t\nc: d\n", "a: [\n---, b]\n", "a: [\n..., b]\n", "a: [b,\n--- c]\n", "a: |\n  b\n\n  ", "a: b\nc:\n  d: e\n  d: f\n", 'a: "\\x41"\n', 'a: "\\ud83d\\ude00"\n', "a: &x b\n", "a: *x\n", "a: !!str b\n", "<<: {}\n", "a: |2\n    b\n",
    "a: |\nb: c\n", "a: >\n  b\n\n  c\n", "a: >\n  b\n    c\n", "a: >+\n  b\n", "a: [b: c]\n", "a: [b # c\n ]\n",
    "a: [b\n", "a: [b]c\n", "a:\n- - b\n", "a:\n    b: c\n  d: e\n", "a: @b\n", "a: `b\n", "a: - b\n",
    "null: b\n", "a:\n  Null: b\n", "NULL:\n  a: b\n", 'a: "\\u0xe9"\n', f"a:\n  {'k' * 1100}: v\n", f"a: {{{'k' * 1100}: v}}\n",
    "a:\n" + "- [[[[[[[[[[]]]]]]]]]]\n" * 21_000, "a:\n" + " " * 600_000 + "b: c\n", "a:\n-" + " " * 600_000 + "b: c\n",
    "a: " + "[" * 95 + "]" * 95 + "\n", "a: [[[[[[[[[[[]]]]]]]]]]]\n", "".join("  " * n + "a:\n" for n in range(79)) + "  " * 79 + "- a: b\n",
    'a: "x\\\\"y"\n', "a: 'x'y'\n", "a: 'x''\n", 'a: "x\\"\n', 'a: "\\ud000"\n', "a: b # c\td\n", "---\t\na: b\n", "a: 'b' X\n", "a: [b] X\n", "a: [b,\n c] X\n", "--- X\na: b\n", 'a: ["x\ty",\n b]\n',
]  # fmt: skip


@pytest.mark.parametrize("text", TAKEN)
def test_what_it_takes(text: str) -> None:
    assert takes(text)


@pytest.mark.parametrize("text", HANDED_OVER)
def test_what_it_hands_over(text: str) -> None:
    assert not takes(text)


@pytest.mark.parametrize(
    ("limit", "unit"), [("LINE_LIMIT", "\n"), ("ITEM_LIMIT", "[]"), ("ITEM_LIMIT", "{}"), ("ITEM_LIMIT", "x,")]
)
def test_it_hands_over_what_has_more_than_its_limits(limit: str, unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_reader, limit, 5)
    lines = ["a: b\n" + "\n" * (count - 1) if unit == "\n" else f"a: '{unit * count}'\n" for count in (5, 6)]
    assert [takes(text) for text in lines] == [True, False]


def test_it_takes_a_million_lines_and_hands_over_one_more() -> None:
    assert is_read("a: b\n" + "\n" * 999_999)
    assert not is_read("a: b\n" + "\n" * 1_000_000)


def test_it_takes_and_hands_over_the_same_where_nothing_else_is_imported() -> None:
    texts = [*TAKEN, *HANDED_OVER]
    script = f"""
from post_renderer.yamltree import fast_reader
from post_renderer.yamltree.fast_tokens import NotInSubset
for text in {texts!r}:
    try:
        fast_reader.read_fast(text)
        print("taken")
    except NotInSubset:
        print("handed over")
"""
    command = [sys.executable, "-I", "-"]
    done = subprocess.run(command, cwd=ROOT, input=script, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["taken" if is_read(text) else "handed over" for text in texts]


def is_read(text: str) -> bool:
    try:
        fast_reader.read_fast(text)
    except NotInSubset:
        return False
    return True


@pytest.mark.parametrize("remembered", [0, 2, 10_000])
def test_what_was_read_before_changes_nothing(remembered: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fast_tokens.remembered.clear()
    monkeypatch.setattr(fast_tokens, "REMEMBERED_LINES", remembered)
    texts = [text for text in [*TAKEN, *HANDED_OVER, *CORPUS] if len(text) < 5_000]
    first = [takes(text) for text in texts]
    assert [takes(text) for text in reversed(texts)] == first[::-1]
    assert len(fast_tokens.remembered) <= max(1, remembered)
