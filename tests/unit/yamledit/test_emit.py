"""How new text looks, and where lines begin and end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from post_renderer.yamledit import emit
from post_renderer.yamledit.emit import block_yaml, flow_yaml, line_end, line_start, quote
from post_renderer.yamltree.plain_scalar import PlainScalar
from tests.support.readers import read_texts, read_typed

if TYPE_CHECKING:
    from post_renderer.yamltree.node import Value

HARD = [
    "", " ", "a", "true", "yes", "n", "null", "~", "1e3", "0o17", "08", "1_000", "12:30:45", "2001-01-01", "=", "<<", "-",
    "#", "a: b", "a #b", "'", '"', "\\", "\\n", "\n", "a\n b\n", "\r\n", "\t", "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028",
    "\ufeff", "\xa0", "é", "\U0001f600", "$(A)", "{{ x }}", "%", "@", "`", "*a", "&a", "!a", "|", ">", "[", "}", ",", "?",
]  # fmt: skip


@pytest.mark.parametrize("text", HARD)
def test_quoted_text_is_the_same_to_every_reader(text: str) -> None:
    quoted = quote(text)
    assert json.loads(quoted) == text
    assert read_texts(f"{{a: [{quoted}]}}") == {"a": [text]}
    assert read_typed(f"a: {quoted}") == {"a": text}


@pytest.mark.parametrize("text", HARD)
def test_quoted_text_is_one_line_without_surrogate_pairs(text: str) -> None:
    quoted = quote(text)
    assert quoted.isprintable() or text == "\xa0"
    assert "\\ud83d" not in quoted  # go-yaml refuses JSON's pairs
    assert ("\U0001f600" in quoted) == ("\U0001f600" in text)


VALUES: list[tuple[Value, str]] = [
    ({"a": "b", "on": "c", "x/y.z-1": "d", "1": "e"}, 'a: "b"\n"on": "c"\nx/y.z-1: "d"\n"1": "e"\n'),
    ({"a": True, "b": False, "c": None, "d": {}, "e": []}, "a: true\nb: false\nc: null\nd: {}\ne: []\n"),
    ({"a": PlainScalar("5"), "b": PlainScalar("word"), "c": "5"}, 'a: 5\nb: "word"\nc: "5"\n'),
    ([{"a": {"b": ["c", "d"]}, "e": "f"}, "g"], '- a:\n    b:\n    - "c"\n    - "d"\n  e: "f"\n- "g"\n'),
    ([[]], "- []\n"),
]


@pytest.mark.parametrize(("value", "text"), VALUES)
def test_lines_and_json_say_the_same(value: Value, text: str) -> None:
    assert block_yaml(value, 0, 0, "\n") == text
    assert read_texts(text) == read_texts(flow_yaml(value))
    assert read_typed(text) == read_typed(flow_yaml(value))


def test_lines_are_inserted_at_their_place() -> None:
    assert block_yaml({"a": [{"b": "c"}]}, 3, 2, "\r\n") == '   a:\r\n     - b: "c"\r\n'


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"])
def test_every_line_break_of_yaml_ends_a_line(newline: str) -> None:
    text = f"ab{newline}cd{newline}ef"
    second = 2 + len(newline)
    assert [line_end(text, position) for position in (0, 2)] == [(second, newline)] * 2
    assert line_end(text, second) == (second + 2 + len(newline), newline)
    assert line_end(text, len(text) - 1) == (len(text), newline)  # it has none of its own
    assert [line_start(text, position) for position in (0, 1, second, second + 1, len(text))] == [
        0, 0, second, second, len(text) - 2,
    ]  # fmt: skip


def test_a_text_of_one_line() -> None:
    assert line_end("ab", 0) == (2, "\n")
    assert line_start("ab", 2) == 0
    assert [line_start("\nab", position) for position in (0, 1, 2, 3)] == [0, 1, 1, 1]


def test_one_item_in_several_places_has_the_looks_of_each() -> None:
    item: Value = {"name": "a", "env": [{"name": "b"}]}
    for _ in range(2):
        assert block_yaml([item], 0, 0, "\n") == '- name: "a"\n  env:\n  - name: "b"\n'
        assert block_yaml([item], 2, 2, "\r\n") == '  - name: "a"\r\n    env:\r\n      - name: "b"\r\n'
        assert block_yaml({"a": [item]}, 0, 2, "\n") == 'a:\n  - name: "a"\n    env:\n      - name: "b"\n'


def test_what_is_remembered_of_texts_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    for known in (emit._keys, emit._quoted):
        known.clear()
    monkeypatch.setattr(emit, "REMEMBERED_TEXTS", 10)
    for number in range(1_000):
        assert block_yaml([{"name": str(number)}], 0, 0, "\n") == f'- name: "{number}"\n'
        assert block_yaml({f"k{number}": "a"}, 0, 0, "\n") == f'k{number}: "a"\n'
    assert max(len(emit._keys), len(emit._quoted)) <= 10


@pytest.mark.parametrize("key", ["Null", "NULL", "off", "Yes", *HARD])
def test_a_key_is_the_same_string_to_every_reader(key: str) -> None:
    wanted: Value = {key: "x", "list": [{key: {"a": "b"}}]}
    text = block_yaml(wanted, 0, 0, "\n")
    assert read_texts(text) == read_typed(text) == wanted


def test_only_control_characters_and_line_breaks_are_escaped() -> None:
    named = {'"': '\\"', "\\": "\\\\", "\n": "\\n"}
    breaks = {"\u2028", "\u2029", "\ufeff"}
    for char in [*map(chr, range(0x300)), *breaks, "\u2027", "\u202f", "\ufefe", "X", "\U0001f600"]:
        controls = char < " " or "\x7f" <= char < "\xa0" or char in breaks
        written = named.get(char) or ("\\" + f"u{ord(char):04x}" if controls else char)
        assert quote(f"\xa0{char}") == f'"\xa0{written}"'
