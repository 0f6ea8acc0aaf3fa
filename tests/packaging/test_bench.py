"""The benchmark's streams: the same bytes at each run, and in them what they are to hold. Nothing here looks at a clock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from ci.bench import streams
from ci.bench.growth import COMMANDS
from ci.bench.measure import lost_lines
from ci.bench.shapes import SHAPES
from tests.support.cli import run

if TYPE_CHECKING:
    from collections.abc import Callable

REQUEST = "polyaxon.com/polyaxonfile: |"


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert streams.make_a() == streams.make_a()
    assert streams.make_large(20, 500_000) == streams.make_large(20, 500_000)


@pytest.mark.parametrize(
    ("make", "documents", "requests", "size"),
    [
        (streams.make_a, 23, 5, (30_000, 50_000)),
        (streams.make_b, 1001, 1000, (2_500_000, 3_500_000)),
        (lambda: streams.make_large(20), 73, 20, (10_000_000, 10_500_000)),
        (lambda: streams.make_large(0), 52, 0, (10_000_000, 10_500_000)),
        (lambda: streams.make_large(0, seed=streams.HELD_OUT), 52, 0, (10_000_000, 10_500_000)),
        (lambda: streams.small_chart(streams.HELD_OUT), 22, 5, (30_000, 50_000)),
        (lambda: streams.make_a(50), 23, 5, (30_000, 50_000)),
        (streams.make_b_ascii, 1001, 1000, (2_500_000, 3_500_000)),
    ],
    ids=["a", "b", "c", "n", "n-site", "a-site", "a50", "b-ascii"],
)
def test_what_a_stream_holds(make: Callable[[], str], documents: int, requests: int, size: tuple[int, int]) -> None:
    stream = make()
    assert stream.count("\n---\n") + 1 == documents
    assert stream.count(REQUEST) == requests
    assert size[0] <= len(stream.encode()) <= size[1]
    assert ("polyaxon.com" in stream) == (requests > 0)


def test_the_ascii_twin_only_differs_in_the_characters_that_are_not_ascii() -> None:
    wide, twin = streams.make_b(), streams.make_b_ascii()
    assert twin.isascii()
    assert len(twin) == len(wide)
    assert {a for a, b in zip(wide, twin, strict=True) if a != b} == {
        character for character in wide if ord(character) > 127
    }
    assert max(wide) > "ÿ"  # Python stores each character of such a text in two bytes


def test_a_held_out_stream_is_of_another_seed_and_has_no_catalog() -> None:
    held_out = streams.small_chart(streams.HELD_OUT)
    assert held_out != streams.small_chart(streams.SEED)
    assert "persistence.yaml" not in held_out


def test_the_shapes_of_real_charts_are_there() -> None:
    text = streams.make_b(200)
    for shape in ("\n# Source: ", "\n        env:\n        ports", "- env:\n", "command: [\n", "args: [", ": |\n", "für", ": {}\n",
                  "labels:    \n", "'--web"):  # fmt: skip
        assert shape in text, shape
    large = streams.make_large(20, 3_000_000)
    assert max(map(len, large.splitlines())) > 100_000  # a dashboard on one line
    assert {item["kind"] for item in yaml.safe_load_all(large)} >= {
        "CustomResourceDefinition",
        "PrometheusRule",
        "ConfigMap",
    }


@pytest.mark.parametrize(
    ("stream", "options"),
    [
        (streams.make_a(), ()),
        (streams.make_b(100), ()),
        (streams.make_a(50), ()),
        (streams.small_chart(streams.HELD_OUT), ("--persistence", "site.yaml")),
    ],
    ids=["a", "b", "a50", "a-site"],
)
def test_our_render_takes_them_and_only_adds(
    stream: str, options: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("site.yaml").write_text(streams.catalog())
    code, output, error = run(*options, stdin=stream)
    assert (code, error) == (0, "")
    assert lost_lines(stream.encode(), output) == 0
    for item in yaml.safe_load_all(output):
        spec = item.get("spec") or {}
        pod = ((spec.get("jobTemplate") or {"spec": spec})["spec"].get("template") or {}).get("spec") or {}
        asks = "polyaxon.com/polyaxonfile" in (item["metadata"].get("annotations") or {})
        for container in pod.get("containers", []):
            names = [variable["name"] for variable in container.get("env") or []]
            assert ("POLYAXON_DATA_PATHS" in names) == asks


def test_lost_lines_sees_what_is_gone_and_what_has_moved() -> None:
    assert lost_lines(b"a\nb", b"a\nx\nb") == 0
    assert lost_lines(b"a\nb\nc", b"a") == 2
    assert lost_lines(b"a\nb", b"b\na") == 1


@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_of_the_doubling_test_is_what_its_commands_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, commands = SHAPES[name]
    monkeypatch.chdir(tmp_path)
    small, large = make(4), make(40)
    for path, content in large.files.items():
        (tmp_path / path).write_bytes(content)
    for command in commands:
        result = run(*COMMANDS[command], stdin=large.stdin)
        assert result.exit_code in (0, 1), result.error
        assert not any(word in result.error for word in ("invalid-yaml", "no-catalog", "not-a-workload"))
    sizes = [len(case.stdin) + sum(map(len, case.files.values())) for case in (small, large)]
    assert sizes[1] > 2.5 * sizes[0]
