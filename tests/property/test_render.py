"""Workloads in random layouts: a render is idempotent, adds only, and means the old values plus the injection."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from post_renderer.inject.job_name import content_name
from post_renderer.yamledit.edits import Edit, apply_edits
from post_renderer.yamledit.emit import quote
from post_renderer.yamltree import parse
from post_renderer.yamltree.node import read_values
from tests.support.cli import DOCUMENTED, examples, make_catalog, render, run
from tests.support.messages import heads
from tests.support.paths import GOLDEN
from tests.support.readers import check_additions_only, check_meaning, read_texts, read_typed, spliced

FAST = settings(
    deadline=None, derandomize=True, max_examples=examples(150), suppress_health_check=[HealthCheck.too_slow]
)
BUCKET = "  blobs: {store: s3, bucket: 's3://blobs', secret: s3-secret, secretKey: s3-key}\n"
CATALOG = make_catalog(DOCUMENTED.replace("outputs:\n", BUCKET + "outputs:\n"))
COMMENTS = ("", "", "", " # a note", "  # a: b, [c] {d}", " # 'quoted\" $(X)")
WORDS = st.sampled_from(
    ["a", "b c", "1", "true", "null", "~", "x: y", "# no", "-", "", "é", "a'b", 'a"b', "{x}", "$(A)", "*x", "&y"]
)


class Layout:
    """Random choices about how a document is written."""

    def __init__(self, draw: Any) -> None:
        self._draw = draw
        self.step = draw(st.sampled_from([0, 1, 2, 4]))
        self.indent = draw(st.sampled_from([1, 2, 3, 4]))

    def choose(self, options: Any) -> Any:
        return self._draw(st.sampled_from(options))

    def scalar(self, text: str) -> str:
        """A scalar in one of the forms that can hold it."""
        forms = [quote(text), "'" + text.replace("'", "''") + "'"]
        if text.replace("-", "").replace("/", "").isalpha() and text not in ("true", "null"):
            forms += [text] * 3
        return str(self.choose(forms))

    def comment(self) -> str:
        return str(self.choose(COMMENTS))

    def flow(self, value: Any) -> str:
        if isinstance(value, dict):
            inner = ", ".join(f"{self.scalar(key)}: {self.flow(item)}" for key, item in value.items())
            return "{" + inner + str(self.choose(["", "", ","] if inner else [""])) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self.flow, value)) + str(self.choose(["", " "])) + "]"
        return "null" if value is None else self.scalar(value)

    def lines(self, value: Any, column: int) -> list[str]:
        """A mapping's or a list's block-style lines."""
        pad = " " * column
        lines = []
        for key, item in value.items() if isinstance(value, dict) else (("-", item) for item in value):
            if self.choose([False] * 5 + [True]):
                lines.append(str(self.choose(["", pad + "# above", "   # anywhere"])))
            if isinstance(value, list):
                inner = self.lines(item, column + 2) if item and isinstance(item, dict | list) else None
                if inner is None:
                    lines.append(f"{pad}- {self.flow(item)}{self.comment()}")
                elif inner[0].startswith(pad + "  ") and inner[0][column + 2] not in "# ":
                    lines += [f"{pad}- {inner[0][column + 2 :]}", *inner[1:]]
                else:
                    lines += [f"{pad}-", *inner]
            elif item and isinstance(item, dict | list) and self.choose([True] * 7 + [False]):
                lines.append(f"{pad}{self.scalar(key)}:{self.comment()}")
                deeper = self.indent if isinstance(item, dict) else self.step
                lines += self.lines(item, column + deeper)
            elif item is None:
                lines.append(f"{pad}{self.scalar(key)}:{self.choose(['', ' null', ' ~', '   '])}{self.comment()}")
            else:
                lines.append(f"{pad}{self.scalar(key)}: {self.flow(item)}{self.comment()}")
        return lines


def shuffled(draw: Any, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(draw(st.permutations(pairs)))


def items(draw: Any, item: Any, most: int = 2) -> list[tuple[str, Any]]:
    """No key, or one whose value is missing, empty or a few items."""
    name, make = item
    value = draw(st.sampled_from(["no key", None, [], "items", "items"]))
    if value == "no key":
        return []
    return [(name, [make(n) for n in range(draw(st.integers(1, most)))] if value == "items" else value)]


REQUESTS = (
    ("polyaxon.com/polyaxonfile", "{}"),
    ("polyaxon.com/polyaxonfile", "environment: {persistence: {data: []}}"),
    ("polyaxon.com/data", ""),
    ("polyaxon.com/outputs", "outputs2"),
    ("polyaxon.com/kind", "experiment"),
)


@st.composite
def jobs(draw: Any, policies: tuple[str, ...] = ("", "", "keep", "replace")) -> tuple[dict[str, Any], str]:
    """A Job's values and its text in a random layout."""
    layout = Layout(draw)
    count = draw(st.integers(1, 3))
    containers = [
        shuffled(
            draw,
            [
                ("name", f"main-{'abc'[n]}"),
                ("image", draw(WORDS)),
                *items(draw, ("env", lambda k: {"name": f"V{'abc'[k]}", "value": draw(WORDS)})),
                *items(draw, ("volumeMounts", lambda k: {"name": "tmp", "mountPath": f"/tmp/{'abc'[k]}"})),
            ],
        )
        for n in range(count)
    ]
    pod = [("containers", containers), ("restartPolicy", "Never")]
    pod += items(draw, ("volumes", lambda k: {"name": f"tmp{'abc'[k]}", "emptyDir": {}}))
    gates = draw(st.sampled_from([[], ["ours"], ["ours", "other"], ["other", "ours"], ["other", "ours", "another"]]))
    if gates:
        names = {"ours": "polyaxon.com/needs-post-renderer"}
        pod.append(("schedulingGates", [{"name": names.get(gate, f"x/{gate}")} for gate in gates]))
    annotations = [draw(st.sampled_from(REQUESTS))]
    policy = draw(st.sampled_from(policies))
    if policy:
        annotations.append(("polyaxon.com/run-policy", policy))
    template = [("spec", shuffled(draw, pod))]
    template += draw(st.sampled_from([[], [("metadata", None)], [("metadata", {"labels": {"a": "b"}})]]))
    metadata = [("name", "train"), ("annotations", shuffled(draw, annotations))]
    job = shuffled(
        draw,
        [
            ("apiVersion", "batch/v1"),
            ("kind", "Job"),
            ("metadata", shuffled(draw, metadata)),
            ("spec", shuffled(draw, [("template", shuffled(draw, template)), ("suspend", "no")])),
        ],
    )
    newline = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    if draw(st.sampled_from([True] * 9 + [False])):
        text = newline.join(layout.lines(job, 0)) + draw(st.sampled_from([newline, newline, ""]))
    else:
        text = layout.flow(job) + newline
    return job, text


def write(job: str) -> bytes:
    return (CATALOG + "---\n" + job).encode()


@FAST
@given(jobs())
def test_a_render_adds_and_only_once(case: tuple[dict[str, Any], str]) -> None:
    values, text = case
    assert read_texts(text) == values, text  # the generator's own proof
    once, problems = render(write(text), [])
    assert not [problem.message for problem in problems], text
    assert once.startswith(CATALOG.encode())
    after = once[len(CATALOG) + 4 :].decode()
    assert render(once, []) == (once, problems)
    result = read_texts(after)
    assert read_typed(after).keys() == values.keys()
    check_kept(values, result)
    for container in result["spec"]["template"]["spec"]["containers"]:
        names = [variable["name"] for variable in container["env"]]
        assert names.index("POLYAXON_K8S_NAMESPACE") < names.index("POLYAXON_RUN_FOLDER")
        assert names.index("POLYAXON_RUN_FOLDER") < names.index("POLYAXON_RUN_OUTPUTS_PATH")
        assert len(names) == len(set(names))
        assert "/polyaxon/outputs" in [mount["mountPath"] for mount in container["volumeMounts"]]


def check_kept(before: Any, after: Any, key: str = "") -> None:
    """All of the old values are there, in their order; but for the gate, and the name of a Job named by content."""
    if isinstance(before, dict):
        assert [name for name in after if name in before] == [name for name in before if name in after]
        assert all(name in after or name == "schedulingGates" for name in before)
        for name in before:
            if name in after:
                check_kept(before[name], after[name], name)
    elif isinstance(before, list):
        kept = [item for item in before if item != {"name": "polyaxon.com/needs-post-renderer"}]
        if key == "env":
            assert after[len(after) - len(kept) :] == kept
        elif key == "containers":
            assert len(after) == len(before)
            for old, new in zip(before, after, strict=True):
                check_kept(old, new)
        else:
            assert after[: len(kept)] == kept
            assert key != "schedulingGates" or after == kept
    elif before is not None and key != "name":
        assert after == before


@FAST
@given(jobs(policies=("",)), st.sampled_from(["volumes", "labels"]))
def test_block_lines_are_only_added(case: tuple[dict[str, Any], str], key: str) -> None:
    values, text = case
    if text.startswith("{"):
        return
    text = text if text.endswith("\n") else text + "\n"
    edits = [Edit("add", ("status", key), {"x": "y"} if key == "labels" else [{"name": "x"}])]
    after = spliced(text, edits)
    check_meaning(text, after, edits, both=False)
    check_additions_only(text, after)
    assert apply_edits(values, edits) == read_texts(after)


@FAST
@given(jobs(policies=("keep",)), jobs(policies=("keep",)))
def test_names_depend_on_content_and_not_on_looks(
    one: tuple[dict[str, Any], str], other: tuple[dict[str, Any], str]
) -> None:
    def name_of(text: str) -> str:
        spec = read_values(parse(text).get("spec"))  # type: ignore[arg-type]  # every Job has one
        return content_name("train", spec)

    same = sorted_values(one[0]["spec"]) == sorted_values(other[0]["spec"])
    assert (name_of(one[1]) == name_of(other[1])) == same
    sorted_text = "\n".join(Layout(lambda strategy: strategy.elements[0]).lines(sorted_values(one[0]), 0)) + "\n"
    assert name_of(sorted_text) == name_of(one[1])


def sorted_values(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: sorted_values(value[key]) for key in sorted(value)}
    return [sorted_values(item) for item in value] if isinstance(value, list) else value


@settings(FAST, max_examples=examples(500))
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_quoted_text_is_the_same_to_every_reader(text: str) -> None:
    quoted = quote(text)
    # libyaml refuses some characters that are no characters; ours never gets them out of a document either.
    if "\ufffe" in text or "\uffff" in text:
        return
    assert read_texts(quoted) == text
    assert read_typed(f"a: {quoted}") == {"a": text}
    assert read_values(parse(f"{{a: {quoted}}}")) == {"a": text}


STREAMS = sorted(GOLDEN.glob("*/input.yaml"))
PIECES = [
    *(bytes([char]) for char in b"\n\r \t:-#'\"{}[],|>!~\x00\xff"),
    *(b"- ", b"---\n", b"&a ", b"*a", b"? ", b"<<: ", b"\xc2\x85", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"null"),
    *(b"{}", b"[]", b"polyaxon.com/", b"env:\n", b"  "),
]


@st.composite
def mutated(draw: Any) -> bytes:
    raw: bytes = draw(st.sampled_from(STREAMS)).read_bytes()
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        end = start + draw(st.sampled_from([0, 0, 1, 1, 2, 8, 40]))
        new = draw(st.sampled_from([b"", *PIECES]) | st.binary(max_size=3))
        raw = raw[:start] + new + raw[end:]
    return raw


@pytest.mark.filterwarnings("error")
@settings(FAST, max_examples=examples(600))
@given(mutated())
def test_broken_streams_are_refused_or_rendered_but_never_a_bug(raw: bytes) -> None:
    result = run(stdin=raw)
    assert result.exit_code in (0, 1), result.error
    assert "Traceback" not in result.error
    assert all(char.isprintable() or char == "\n" for char in result.error)
    if result.exit_code:
        assert result.output == b""
        assert heads(result.error.splitlines()[0])
    else:
        again = run(stdin=result.output)
        assert (again.exit_code, again.output) == (0, result.output)
