"""Lines and templates of documents: the same in any order of questions, and no text is counted twice for them."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from post_renderer.problems import YamlError
from post_renderer.stream import COUNT_STEP, Document, LineCounter, document_problems, find_documents

CHANCE = random.Random(7)


class CountedText:
    """A text that knows how many of its characters were looked at for line ends."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.seen = 0

    def count(self, word: str, start: int, end: int) -> int:
        self.seen += min(end, len(self.text)) - start
        return self.text.count(word, start, end)


def make_stream(newline: str = "\n") -> bytes:
    """Documents of one template and of several, before a marker and behind one, of Helm and of helm-unittest."""
    texts = [f"a: polyaxon.com\nfirst: {'x' * 50}\n"]
    for number in range(300):
        marker = CHANCE.choice([f"# Source: chart/t{number}.yaml\n", f"#### file: chart/u{number}.yaml\n", ""])
        texts.append(f"---\n{marker}a: polyaxon.com\n" + "b: 1\n" * CHANCE.randrange(40))
    return "".join(texts).replace("\n", newline).encode()


def template_before(raw: bytes, start: int) -> str:
    """The rule, as slowly as it can be written."""
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


def test_a_template_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Document] = []
    find = Document._find_template

    def count(document: Document) -> str:
        asked.append(document)
        return find(document)

    monkeypatch.setattr(Document, "_find_template", count)
    (document,) = find_documents(b"---\n# Source: a.yaml\nb: polyaxon.com\n")
    assert [document.template() for _ in range(3)] == ["a.yaml"] * 3
    assert asked == [document]


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [
        ("# polyaxon.com/polyaxonfile\n" * 3, False),
        ('# polyaxon.com/polyaxonfile\n"polyaxon.com/user"  \' : x', True),
        ("polyaxon.com/user:", True),
        ("polyaxon.com/user", False),
        ("polyaxon.com/user\n: x", False),
    ],
)
def test_an_unreadable_document_is_ours_where_a_key_of_ours_is_written(text: str, is_ours: bool) -> None:
    (document,) = find_documents(text.encode())
    assert bool(document_problems(document, YamlError("invalid-yaml", 0, "no YAML")).found) == is_ours
