"""What edits mean, apart from any text."""

from __future__ import annotations

from typing import Any

import pytest

from post_renderer.yamledit.edits import ADD, ADD_FIRST, REMOVE, REPLACE, Edit, apply_edits

ITEM: Any = [{"name": "x", "on": True}]
WRITTEN: Any = [{"name": "x", "on": "true"}]  # a boolean as its text in YAML


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        ({"a": ["o"]}, Edit(ADD, ("a",), ITEM), {"a": ["o", *WRITTEN]}),
        ({"a": ["o"]}, Edit(ADD_FIRST, ("a",), ITEM), {"a": [*WRITTEN, "o"]}),
        ({"a": []}, Edit(ADD_FIRST, ("a",), ITEM), {"a": WRITTEN}),
        ({"a": None}, Edit(ADD, ("a",), ITEM), {"a": WRITTEN}),
        ({}, Edit(ADD, ("a", "b", "c"), ITEM), {"a": {"b": {"c": WRITTEN}}}),
        ({"a": None}, Edit(ADD, ("a", "b"), {"c": False}), {"a": {"b": {"c": "false"}}}),
        ({"a": {"o": "p"}}, Edit(ADD, ("a",), {"c": "d"}), {"a": {"o": "p", "c": "d"}}),
        ({"a": [{"b": None}]}, Edit(ADD, ("a", 0, "b"), ITEM), {"a": [{"b": WRITTEN}]}),
        ({"a": [{"o": "p"}]}, Edit(ADD, ("a", 0), {"c": True}), {"a": [{"o": "p", "c": "true"}]}),
        ({"a": [["o"], ["p"]]}, Edit(ADD, ("a", 1), ITEM), {"a": [["o"], ["p", *WRITTEN]]}),
        ({"a": {"b": "c"}}, Edit(REPLACE, ("a", "b"), "d"), {"a": {"b": "d"}}),
        ({"a": {"g": ["x", "y"]}}, Edit(REMOVE, ("a", "g", 0)), {"a": {"g": ["y"]}}),
        ({"a": {"g": ["x"], "o": "p"}}, Edit(REMOVE, ("a", "g", 0)), {"a": {"o": "p"}}),
    ],
)
def test_one_edit(before: Any, edit: Edit, after: Any) -> None:
    assert apply_edits(before, [edit]) == after


def test_edits_apply_one_after_the_other() -> None:
    edits = [Edit(ADD, ("a",), ["x"]), Edit(ADD_FIRST, ("a",), ["w"]), Edit(ADD, ("a",), ["y"])]
    assert apply_edits({}, edits) == {"a": ["w", "x", "y"]}


def test_what_an_edit_adds_is_a_copy() -> None:
    before: Any = {"a": {"g": ["x"]}, "b": [{"c": None}]}
    content: Any = [{"d": {"e": "f"}}]
    after: Any = apply_edits(before, [Edit(REMOVE, ("a", "g", 0)), Edit(ADD, ("b", 0, "c"), content)])
    after["b"][0]["c"][0]["d"]["e"] = "changed"
    assert content == [{"d": {"e": "f"}}]
