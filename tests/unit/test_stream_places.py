"""Lines and templates of documents are the same in any order of questions, and no text is searched twice."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from post_renderer.problems import YamlError
from post_renderer.stream import COUNT_STEP, LineCounter, document_problems, find_documents

CHANCE = random.Random(7)


class CountedText:
    """A text that counts the characters that were searched for line ends."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.seen = 0

    def count(self, word: str, start: int, end: int) -> int:
        self.seen += min(end, len(self.text)) - start
        return self.text.count(word, start, end)


def make_stream(newline: str = "\n") -> bytes:
    """Return a stream with one or several documents per marker. The markers are those of Helm and of helm-unittest."""
    texts = [f"a: polyaxon.com\nfirst: {'x' * 50}\n"]
    for number in range(300):
        marker = CHANCE.choice([f"# Source: chart/t{number}.yaml\n", f"#### file: chart/u{number}.yaml\n", ""])
        texts.append(f"---\n{marker}a: polyaxon.com\n" + "b: 1\n" * CHANCE.randrange(40))
    return "".join(texts).replace("\n", newline).encode()


def template_before(raw: bytes, start: int) -> str:
    """Find the last marker before a document in the simplest, slowest way."""
    lines = [line.strip() for line in raw[:start].split(b"\n")] + raw[start:].split(b"\n", 2)[:2]
    for above, line in reversed(list(pairwise(lines))):
        for word in (b"# Source: ", b"#### file: "):
            if above.strip() == b"---" and line.startswith(word):
                return line.removeprefix(word).decode().strip()
    return ""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_places_are_the_same_in_any_order(newline: str) -> None:
    raw = make_stream(newline)
    documents = list(find_documents(raw))
    CHANCE.shuffle(documents)
    assert len(documents) == 301
    for document in documents:
        assert document.template() == template_before(raw, document.start)
        at = CHANCE.randrange(len(document.text))
        before = raw[: document.start].count(b"\n") + document.text.count("\n", 0, at)
        assert document.line(at) == before + 1


def test_a_text_is_counted_once_for_all_its_problems() -> None:
    text = CountedText("a: 1\n" * 100_000)
    lines = LineCounter(text.count, "\n")
    offsets = [CHANCE.randrange(len(text.text)) for _ in range(1000)]
    assert [lines.count(offset) for offset in offsets] == [text.text.count("\n", 0, offset) for offset in offsets]
    assert text.seen <= len(text.text) + len(offsets) * COUNT_STEP


def test_a_template_is_looked_for_once() -> None:
    (document,) = find_documents(b"---\n# Source: a.yaml\nb: polyaxon.com\n")
    assert [document.template() for _ in range(3)] == ["a.yaml"] * 3
    document._template = "saved.yaml"
    assert document.template() == "saved.yaml"


@pytest.mark.parametrize(
    ("text", "has_own_key"),
    [
        ("# polyaxon.com/polyaxonfile\n" * 3, False),
        ('# polyaxon.com/polyaxonfile\n"polyaxon.com/user"  \' : x', True),
        ("polyaxon.com/user:", True),
        ("polyaxon.com/user", False),
        ("polyaxon.com/user\n: x", False),
        ("metadata:\n  annotations: {polyaxon.com/kind: job}", True),
        ("metadata:\n  labels: {a: b}\n  annotations:\n    polyaxon.com/kind: job", True),
        ("polyaxon.com/kind: job", True),
        # the label of the chart
        ("metadata:\n  labels: {polyaxon.com/kind: job}", False),
        ("metadata:\n  annotations: {a: b}\n  labels:\n    polyaxon.com/kind: job", False),
        ("podLabels: {polyaxon.com/kind: job}", False),
    ],
)
def test_an_unreadable_document_is_an_error_if_it_has_a_key_of_polyaxon_com(text: str, has_own_key: bool) -> None:
    (document,) = find_documents(text.encode())
    assert bool(document_problems(document, YamlError("invalid-yaml", 0, "no YAML")).found) == has_own_key
