"""A document as nodes: their places, what can be asked of them, and what is refused."""

from __future__ import annotations

import pytest

from post_renderer.problems import YamlError
from post_renderer.yamltree import ALIAS, MAPPING, SCALAR, SEQUENCE, Node, get_mapping_value, parse, scalar_text
from post_renderer.yamltree.node import (
    is_number,
    is_string,
    read_bool,
    read_raw,
    read_through,
    read_values,
)
from post_renderer.yamltree.plain_scalar import PlainScalar
from tests.support.cli import make_catalog, make_job, run


def node_at(text: str, *path: str | int) -> Node:
    def walk(root: Node) -> Node:
        node = root
        for step in path:
            found = node.items()[step] if isinstance(step, int) else node.get(step)
            assert found is not None
            node = found
        return node

    return walk(parse(text))


@pytest.mark.parametrize(
    ("text", "path", "kind", "covered"),
    [
        ("a: b # c\n", ("a",), SCALAR, "b"),
        ("a: 'b c' # d\n", ("a",), SCALAR, "'b c'"),
        ("a: &x b\n", ("a",), SCALAR, "&x b"),
        ("é: 'ü'\nb: [c, d] # e\n", ("b",), SEQUENCE, "[c, d]"),
        ("a:\n  b: c # d\n  # e\n\nf: g\n", ("a",), MAPPING, "b: c"),
        ("a:\n- b\n- c # d\n# e\n", ("a",), SEQUENCE, "- b\n- c"),
        ("a: &x\n  - b\n", ("a",), SEQUENCE, "- b"),
        ("a: !!seq # c\n\n  # d\n- b\n", ("a",), SEQUENCE, "- b"),
        ("a: !!map &x {b: c}\n", ("a",), MAPPING, "{b: c}"),
        ("a: |\n  b\n\nc: d\n", ("a",), SCALAR, "|\n  b\n\n"),
        ("x: &x y\na: *x # b\n", ("a",), ALIAS, "*x"),
        ("a:\nb: c\n", ("a",), SCALAR, ""),
        ("- a: b\n  c: d\n", (0,), MAPPING, "a: b\n  c: d"),
        ("{a: {b: c} , d: e}", ("a",), MAPPING, "{b: c}"),
    ],
)
def test_a_node_covers_its_text_and_no_comment(text: str, path: tuple[str, ...], kind: str, covered: str) -> None:
    node = node_at(text, *path)
    assert node.kind == kind
    assert text[node.start : node.end] == covered
    line = text.rfind("\n", 0, node.start) + 1
    assert node.column == node.start - line


def test_offsets_count_characters() -> None:
    text = "\U0001f600: \u00e9\na: [b]\n"
    assert text[node_at(text, "a").start :] == "[b]\n"


@pytest.mark.parametrize("text", ["", "\n", "# a\n", "---\n", "--- # a\n...\n", "~", "null\n"])
def test_a_document_without_content_is_a_null(text: str) -> None:
    assert parse(text).is_null()


@pytest.mark.parametrize(
    ("text", "value"),
    [("a: ~", None), ("a:", None), ("a: Null", None), ("a: nUll", "nUll"), ("a: '~'", "~"), ("a: |\n  null\n", "null\n"),
     ("a: !!null ~", None), ("a: !!null", None), ("a: !!str", ""), ("a: !!str null", "null"), ("a: ''", "")],
)  # fmt: skip
def test_nulls(text: str, value: str | None) -> None:
    assert node_at(text, "a").value() == value


@pytest.mark.parametrize("full", [False, True])
def test_last_leaf(full: bool) -> None:
    def span(root: Node) -> tuple[int, int]:
        leaf = root.last_leaf()
        return leaf.start, leaf.end

    text = "a:\n- b:\n    c: {d: e}\n"
    start, end = span(parse(text, full=full))
    assert text[start:end] == "{d: e}"


def test_missing_and_null_children() -> None:
    root = node_at("a:\nb: {c: d}\n")
    assert get_mapping_value(root, "a") is None
    assert get_mapping_value(root, "x") is None
    assert get_mapping_value(None, "x") is None
    assert get_mapping_value(root.get("a"), "x") is None
    assert scalar_text(get_mapping_value(root, "b", "c")) == "d"
    assert scalar_text(None) is None


def refused(text: str, key: str) -> tuple[str, int | None]:
    with pytest.raises(YamlError) as caught:
        parse(text).get(key)
    return caught.value.code, caught.value.offset


def test_keys_that_may_mean_two_things() -> None:
    assert refused("a: 1\nb: 2\n'a': 3\n", "a") == ("duplicate-key", 10)
    assert refused("x: y\n<<: {a: 1}\n", "a") == ("alias", 5)
    assert refused("[a]", "a") == ("wrong-type", 0)
    assert node_at("<<: {a: 1}\na: 2\n", "a").value() == "2"
    assert parse("'<<': {a: 1}\n").get("a") is None
    assert parse("? [a]\n: b\n? {}\n: c\n").get("a") is None


def test_an_alias_marks_what_it_refers_to() -> None:
    root = node_at("a: &x [b]\nc: &y [d]\ne: *x\n")
    shared = {key.text: value.shared for key, value in root.pairs()}
    assert shared == {"a": True, "c": False, "e": False}
    with pytest.raises(YamlError, match=r"the alias \*x, but it must be a list"):
        root.pairs()[2][1].items()


def test_an_anchor_that_is_set_again_belongs_to_its_last_place() -> None:
    root = node_at("a: &x [b]\nc: &x [d]\ne: *x\n")
    assert [value.shared for _, value in root.pairs()] == [False, True, False]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: [", "invalid-yaml"),
        ("a: b: c", "invalid-yaml"),
        ("\tx", "invalid-yaml"),
        ("a: *x", "invalid-yaml"),
        ("a: \x00", "invalid-yaml"),
        ("a\n---\nb", "invalid-yaml"),
        ("[" * 101 + "]" * 101, "input-too-large"),
        ("- " * 101 + "a", "input-too-large"),
    ],
)
def test_texts_that_can_not_be_read(text: str, code: str) -> None:
    with pytest.raises(YamlError) as caught:
        parse(text)
    assert caught.value.code == code


def test_the_depth_limit_is_a_hundred() -> None:
    assert parse("[" * 100 + "]" * 100).kind == SEQUENCE


def test_values() -> None:
    values = read_values(parse("a: [1, '1', ~]\nb: {c: yes}\n"))
    assert values == {"a": ["1", "1", None], "b": {"c": "yes"}}
    assert isinstance(values, dict)
    items = values["a"]
    assert isinstance(items, list)
    assert [isinstance(item, PlainScalar) for item in items] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{a: 1, a: 2}", "duplicate-key"),
        ("{<<: {}}", "alias"),
        ("[&x a, *x]", "alias"),
        ("{[a]: b}", "unsupported-yaml"),
    ],
)
def test_values_mean_one_thing_or_are_refused(text: str, code: str) -> None:
    with pytest.raises(YamlError) as caught:
        read_values(parse(text))
    assert caught.value.code == code
    read_raw(parse(text))  # which only compares, and never judges


def test_a_literal_reading_loses_nothing() -> None:
    def read(text: str) -> object:
        return read_raw(parse(text))

    assert read("{a: 1, a: 2}") != read("{a: 2, a: 1}")
    assert read("{a: &x 1, b: *x}") != read("{a: &x 1, b: 1}")
    assert read("{a: '~'}") != read("{a: ~}")
    assert read("a:\n- b # c\n") == read("{'a': [\"b\"]}")


@pytest.mark.parametrize(
    "text", ["1", "-1", "+1.5", "1e3", "0x1f", "0o17", "0b11", "1_000", ".5", ".inf", "-.INF", ".nan"]
)
def test_numbers(text: str) -> None:
    assert is_number(text)
    assert not is_string(PlainScalar(text))
    assert is_string(text)  # quoted


@pytest.mark.parametrize("text", ["a", "1a", "v1", "1.2.3", "data-1", "-", "+", ".", "0x", "1e", "inf", "nan", "12:30"])
def test_words(text: str) -> None:
    assert not is_number(text)
    assert is_string(PlainScalar(text))


@pytest.mark.parametrize(("word", "value"), [("yes", True), ("On", True), ("y", True), ("n", False), ("OFF", False)])
def test_booleans_of_every_reader(word: str, *, value: bool) -> None:
    assert read_bool(PlainScalar(word)) is value
    assert read_bool(word) is None
    assert not is_string(PlainScalar(word))
    assert read_bool(value) is value
    assert read_bool(PlainScalar("maybe")) is None


def test_repeated_keys_cost_no_more_than_others() -> None:
    values = read_raw(parse("x: y\n" * 1_000 + "? [a]\n: b\n" * 1_000))
    assert isinstance(values, dict)
    assert len(values) == 2_000
    assert max(map(len, values)) < 10  # a name that grows with each one makes the work grow by its cube


def test_a_merge_key_may_hide_a_key() -> None:
    text = "a: &a {c: d}\nb: e\n<<: *a\n"
    root = parse(text)
    assert root.get("b") is not None
    with pytest.raises(YamlError) as caught:
        root.get("x")
    assert (caught.value.code, caught.value.offset) == ("alias", text.index("<<"))
    assert caught.value.message == 'a merge key ("<<") may contain "x"'
    assert caught.value.hint == "write the merged keys instead of the merge key"


@pytest.mark.parametrize(("items", "aliases", "fits"), [(998, 1001, True), (999, 1000, False)])
def test_aliases_expand_to_less_than_a_million_nodes(items: int, aliases: int, *, fits: bool) -> None:
    root = parse("x: &a [" + "0," * items + "]\ny: [" + "*a," * aliases + "]\n")
    if fits:
        assert read_through(root) == {"x": ["0"] * items, "y": [["0"] * items] * aliases}
        return
    with pytest.raises(YamlError) as caught:
        read_through(root)
    assert caught.value.code == "alias"
    assert caught.value.message == "the alias *a contains itself, or the aliases of the document are too large"
    assert caught.value.hint == "write the value instead of the alias"


def test_the_text_of_a_key_that_is_null_is_empty() -> None:
    assert read_values(parse("a: {~: b, 'null': c}\n")) == {"a": {"": "b", "null": "c"}}


@pytest.mark.parametrize(("aliases", "fits"), [(99, True), (100, False)])
def test_aliases_in_aliases_have_a_depth(aliases: int, *, fits: bool) -> None:
    """The last alias refers to a list of depth ``aliases``, and the word in it is one level deeper."""
    lines = [f"a{number}: &a{number} [*a{number - 1}]\n" for number in range(1, aliases + 1)]
    node = parse("a0: &a0 [x]\n" + "".join(lines) + f"z: *a{aliases}\n").get("z")
    assert node is not None
    if fits:
        assert str(read_through(node)) == "[" * (aliases + 1) + "'x'" + "]" * (aliases + 1)
    else:
        with pytest.raises(YamlError, match="contains itself, or the aliases of the document are too large"):
            read_through(node)


@pytest.mark.parametrize("char", ["\n", "\r", "\r\n", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("before", ["!!seq", "&v", "!!seq &v", "!!seq #c", "&v # c [", "!!seq # a\n          # b"])
def test_a_collection_begins_after_each_kind_of_line_end(char: str, before: str) -> None:
    assert node_at(f"a: {before}{char}          []\nb: 1\n", "a").start == len(f"a: {before}{char}          ")
    for end in ("\n", ""):
        stream = make_job(container=f"env: {before}{char}          []\n").removesuffix("\n") + end
        result = run("check", stdin=make_catalog() + stream)
        assert (result.exit_code, result.error) == (0, "")


@pytest.mark.parametrize("tag", ["!<y[>", "!<[[]>", "!<tag:yaml.org,2002:seq>", "!y"])
@pytest.mark.parametrize("after", ["", " &a", " # c\n       "])
def test_a_collection_begins_after_its_tag_whatever_the_tag_contains(tag: str, after: str) -> None:
    result = run("check", stdin=make_catalog() + make_job(pod=f"volumes: {tag}{after} [ ]\n"))
    assert (result.exit_code, result.error) == (0, "")


def test_the_name_of_a_key_that_is_an_alias() -> None:
    assert parse("a: &k kind\n*k : b\n").names() == ["a", "kind"]


def test_a_space_that_is_not_yaml_is_a_part_of_the_value() -> None:
    for space in ("\u00a0", "\u2003"):
        assert node_at(f"a: {space}b\n", "a").value() == f"{space}b"


def test_the_place_of_a_merge_key_that_is_a_block_scalar() -> None:
    text = "a: b\nc:\n  ? !!merge |-\n    <<\n  : {a: b}\n"
    with pytest.raises(YamlError, match="this merge key is a block scalar") as error:
        parse(text)
    assert error.value.offset == text.index("!!merge")
