"""Patches of the text at rare places, character for character."""

from __future__ import annotations

import pytest

from post_renderer.problems import YamlError
from post_renderer.yamledit.edits import ADD, ADD_FIRST, REMOVE, REPLACE, Edit
from tests.support.readers import check_meaning, spliced
from tests.unit.yamledit.test_splice import EDITS, REFUSED, REMOVAL_REFUSED


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


SHARED = "this value must change, but other places use it by its anchor &{}"
APART = "write the value in each place, without an anchor"
BRACES = ("this key is in a list without braces", "write { } around the key and its value")
EXPLICIT = ('this key is written with "?"', 'write the key as "key: value"')
OWN_LINE = ("the key that must be removed is not on a line of its own", "write the key on a line of its own")
NO_NEWLINE = (
    "a block scalar ends here without a newline, but the post-renderer must add lines after it",
    "add a newline at the end of the text",
)
MESSAGES = {
    "used elsewhere": (SHARED.format("e"), APART),
    "an alias": ("this value is the alias *e, but it must be a list", "write a list instead of the alias"),
    "an alias for the pod": (
        "this value is the alias *s, but it must be a mapping",
        "write a mapping instead of the alias",
    ),
    "a shared pod": (SHARED.format("s"), APART),
    "a merge key": ('a merge key ("<<") may contain "env"', "write the merged keys instead of the merge key"),
    "env twice": ('the key "env" is repeated', "remove one of the two keys"),
    "an explicit key and nothing": EXPLICIT,
    "an explicit key and an empty list": EXPLICIT,
    "a key without braces": BRACES,
    "an explicit key without braces": BRACES,
    "a string": ("this value is a single value, but it must be a list", "write a list"),
    "a word": ("this value is a single value, but it must be a list", "write a list"),
    "a map": ("this value is a mapping, but it must be a list", "write a list"),
    "a literal without newline": NO_NEWLINE,
    "a kept literal without newline": NO_NEWLINE,
    "a folded text without newline": NO_NEWLINE,
    "a shared list": (SHARED.format("a"), APART),
    "a shared item": (SHARED.format("a"), APART),
    "a shared word in it": (SHARED.format("a"), APART),
    "its shared key": (SHARED.format("k"), APART),
    "an explicit key": OWN_LINE,
    "behind a colon": MIDDLE[1:],
    "behind a colon, with a comment": OWN_LINE,
}


@pytest.mark.parametrize("name", [*REFUSED, *REMOVAL_REFUSED])
def test_what_is_refused_has_a_reason_and_a_remedy(name: str) -> None:
    removal = [Edit(REMOVE, ("spec", "gates", 0))]
    text, edits = (REFUSED[name][0], EDITS) if name in REFUSED else (REMOVAL_REFUSED[name][0], removal)
    with pytest.raises(YamlError) as caught:
        spliced(text, edits)
    assert (caught.value.message, caught.value.hint) == MESSAGES[name]
