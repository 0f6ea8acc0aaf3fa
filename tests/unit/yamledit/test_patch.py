"""Patches of the text at rare places, character for character."""

from __future__ import annotations

import pytest

from post_renderer.problems import YamlError
from post_renderer.yamledit.edits import ADD, ADD_FIRST, REMOVE, REPLACE, Edit
from tests.support.readers import check_meaning, spliced


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_replaced_block_scalar_keeps_its_own_line_end(newline: str) -> None:
    before = f"a: b\nm:\r\n  name: |{newline}    x{newline}  z: 1\n"
    after = spliced(before, [Edit(REPLACE, ("m", "name"), "y")])
    assert after == f'a: b\nm:\r\n  name: "y"{newline}  z: 1\n'


@pytest.mark.parametrize("item", ["{}", "{} # c", "{ # c\n  }"])
def test_an_empty_item_of_a_list_gets_keys(item: str) -> None:
    before = f"spec:\n  containers:\n  - {item}\n  - name: n\n"
    edits = [Edit(ADD, ("spec", "containers", 0, "env"), [{"name": "A", "value": "a"}])]
    after = spliced(before, edits)
    check_meaning(before, after, edits)
    assert after.count("# c") == before.count("# c")


MIDDLE = ("unsupported-yaml", "a list begins in the middle of this line", "begin the list on a line of its own")


@pytest.mark.parametrize(
    "edit", [Edit(ADD_FIRST, ("spec", "a"), ["x"]), Edit(REMOVE, ("spec", "a", 0))], ids=["add", "remove"]
)
def test_a_list_that_begins_behind_a_colon_is_refused(edit: Edit) -> None:
    text = "spec:\n  ? a\n  : - b\n    - c\n"
    with pytest.raises(YamlError) as caught:
        spliced(text, [edit])
    assert (caught.value.code, caught.value.message, caught.value.hint) == MIDDLE
    assert caught.value.offset == text.index("- b")


def test_a_key_without_braces_is_refused_with_what_to_write() -> None:
    text = "spec: {containers: [name: m]}"
    with pytest.raises(YamlError) as caught:
        spliced(text, [Edit(ADD, ("spec", "containers", 0), {"env": []})])
    assert (caught.value.code, caught.value.offset) == ("unsupported-yaml", text.index("name"))
    assert caught.value.message == "this key is in a list without braces"
    assert caught.value.hint == "write { } around the key and its value"
