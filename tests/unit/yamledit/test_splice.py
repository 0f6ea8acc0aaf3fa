"""Edits to text: wherever the three lists of a pod stand, and however they are written."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from post_renderer.problems import YamlError
from post_renderer.yamledit.edits import ADD, ADD_FIRST, REMOVE, REPLACE, Edit
from tests.support.readers import check_additions_only, check_meaning, spliced

ENV: Any = [{"name": "POLYAXON_RUN_FOLDER", "value": "$(A)/jobs/x"}, {"name": "B", "value": '{"d": "/data"}'}]
MOUNTS: Any = [{"name": "data1", "mountPath": "/data/1", "readOnly": True}]
VOLUMES: Any = [{"name": "data1", "persistentVolumeClaim": {"claimName": "c"}}, {"name": "out", "emptyDir": {}}]
CONTAINER = ("spec", "containers", 0)
EDITS = [
    Edit(ADD, ("spec", "volumes"), VOLUMES),
    Edit(ADD_FIRST, (*CONTAINER, "env"), ENV),
    Edit(ADD, (*CONTAINER, "volumeMounts"), MOUNTS),
]

# How a list may stand under its key, with the lines' own indentation as {0} and the dashes' as {1}.
BLOCK = {
    "env": "{0}env:\n{1}- name: A\n{1}  value: a\n",
    "volumeMounts": "{0}volumeMounts:\n{1}- name: tmp\n{1}  mountPath: /tmp\n",
    "volumes": "{0}volumes:\n{1}- name: tmp\n{1}  emptyDir: {{}}\n",
}
FLOW_ITEM = {"env": "{name: A, value: a}", "volumeMounts": "{name: tmp, mountPath: /tmp}", "volumes": "{name: tmp}"}
FORMS = {
    "absent": "",
    "nothing": "{0}KEY:\n",
    "null": "{0}KEY: null\n",
    "tilde": "{0}KEY: ~ # none\n",
    "[]": "{0}KEY: [] # none\n",
    "{}": "{0}KEY: {}\n",
    "block": "",
    "flow": "{0}KEY: [ITEM]  # one\n",
    "flow lines": "{0}KEY: [\n{0}  ITEM, # one\n{0}  ]\n",
}
NO_ROOM = ("null", "tilde", "[]", "{}", "flow", "flow lines")  # here the old text itself must change


def write_list(key: str, form: str, indent: str, dashes: str) -> str:
    if form == "block":
        return BLOCK[key].format(indent, dashes)
    return FORMS[form].replace("{0}", indent).replace("KEY", key).replace("ITEM", FLOW_ITEM[key])


def write_pod(forms: tuple[str, str, str], step: int, *, volumes_first: bool, name_last: bool) -> str:
    outer, dash, inner = "  ", "  " + " " * step, "  " + " " * step + "  "
    env, mounts, volumes = (
        write_list(key, form, column, column + " " * step)
        for key, form, column in zip(BLOCK, forms, (inner, inner, outer), strict=True)
    )
    keys = [f"{inner}name: main\n", env, mounts]
    body = "".join([*keys[1:], keys[0]] if name_last else keys)
    containers = f"{outer}containers:\n{dash}- {body[len(inner) :]}"
    parts = [volumes, containers] if volumes_first else [containers, volumes]
    return "kind: Pod\nspec:\n" + "".join(parts)


@pytest.mark.parametrize("step", [0, 2, 4])
@pytest.mark.parametrize("volumes_first", [False, True])
@pytest.mark.parametrize("name_last", [False, True])
def test_every_form_of_the_three_lists(step: int, *, volumes_first: bool, name_last: bool) -> None:
    for number, forms in enumerate(product(FORMS, FORMS, FORMS)):
        before = write_pod(forms, step, volumes_first=volumes_first, name_last=name_last)
        after = spliced(before, EDITS)
        check_meaning(before, after, EDITS, both=number % 9 == 0)
        if not any(form in NO_ROOM for form in forms):
            check_additions_only(before, after)
        for comment in ("# none", "# one"):
            assert after.count(comment) == before.count(comment)


HEAD = "spec:\n  containers:\n"
# The text behind HEAD: lines are added and nothing else changes.
ADDED_TO = {
    "env first on the dash's line": "  - env:\n    - name: A\n    name: m\n",
    "nothing under env on the dash's line": "  - env:\n    name: m\n",
    "only an empty env": "  - env:\n",
    "dash alone": "  -\n    env:\n    - name: A\n    name: m\n",
    "dash far from its key": "  -   name: m\n      image: x\n",
    "quoted key": '  - name: m\n    "env":\n    - name: A\n    \'volumeMounts\':\n  "volumes" :\n',
    "blank before the colon": "  - name: m\n    env :\n    - name: A\n    volumeMounts :\n",
    "anchored key": "  - name: m\n    &k env:\n    - name: A\n    &l volumeMounts:\n",
    "tagged key": "  - name: m\n    !!str env:\n    - name: A\n    !!str volumeMounts:\n",
    "blanks behind": "  - name: m   \n    env:   \n    - name: A  \n    volumeMounts:   \n  volumes:    \n",
    "comment that looks like more": "  - name: m\n    env: # a: b\n    volumeMounts:  # []\n  volumes: #c\n",
    "comments and blank lines behind": "  - name: m # c\n    # d\n# e\n\n",
    "comments above items": "  - name: m\n    env: # why\n    # A\n    - name: A\n    # B\n    - name: B\n",
    "blank lines above items": "  - name: m\n    env:\n\n    # head\n\n    # A\n    - name: A\n",
    "keys behind": "  - name: m\n  restartPolicy: Never\nstatus: {}\n",
    "nothing, and keys behind": "  - name: m\n  volumes:\nstatus: {}\n",
    "document end": "  - name: m\n...\n",
    "url": "  - name: m\n    image: http://a:1/b#c\n",
    "plain over lines": "  - name: m\n    image: a\n      b\n      c\n",
    "quoted over lines": '  - name: m\n    image: "a\n b\n\nenv: c"\n',
    "literal": "  - name: m\n    args:\n    - |\n      a\n      b\n",
    "stripped literal": "  - name: m\n    args:\n    - |-\n      a\n      b\n",
    "stripped literal, blank lines": "  - name: m\n    args:\n    - |-\n      a\n\n\n# c\n",
    "kept literal": "  - name: m\n    args:\n    - |+\n      a\n\n\n",
    "folded": "  - name: m\n    args:\n    - >\n      a\n      b\n",
    "folded with a comment": "  - name: m\n    args:\n    - >- # hi\n      a\n      b\n# c\n",
    "literal with a hash": "  - name: m\n    args:\n    - |\n      a\n      # not a comment\n    # comment\n",
    "empty literal": "  - name: m\n    args:\n    - |\n",
    "literal, then blanks": "  - name: m\n    args:\n    - |\n      a\n      ",
    "tag before a list": "  - name: m\n    env: !!seq\n    - name: A\n  volumes: !!seq\n  - name: t\n",
    "tag before a map": "  - !!map\n    name: m\n    env: !!seq # c\n    - name: A\n",
    "tag on a line of its own": "  - name: m\n    env:\n      !!seq\n      # c\n    - name: A\n",
    "anchors nobody uses": "  - &c\n    name: m\n    env: &e\n    - &i {name: A}\n",
    "explicit key with a list": "  - name: m\n    ? env\n    :\n    - name: A\n",
    "other explicit keys": "  - ? name\n    : m\n    ? image\n    : x\n",
    "explicit key alone, then others": "  - name: m\n    ? x\n    # c\n  ? y\nz: 1\n",
    "flow item over lines": "  - name: m\n    env:\n    - {name: A,\nvalue: b}\n",
    "next line in a comment (U+0085)": "  - name: m\n    image: a\x85      b\n",
    "line separator in a string": '  - name: m\n    image: "a\u2028 b"\n',
}
# The text behind HEAD: here a piece of the old text has to change.
REPLACED_IN = {
    "empty list on the dash's line": "  - env: []\n",
    "quoted keys": '  - name: m\n    "env": []\n    \'volumeMounts\': ~\n  "volumes" : null\n',
    "empty value on the next line": "  - name: m\n    env:\n      []\n  volumes:\n\n    # d\n    ~ # e\n",
    "comments in an empty list": "  - name: m\n    env: [ # c\n    ]\n    volumeMounts: [\n      # d\n    ] # e\n",
    "flow list on the next line": "  - name: m\n    env:\n      [{name: A}] # x\n",
    "tag before nothing": "  - name: m\n    env: !!null\n    volumeMounts: !!null ~\n",
    "tag before an empty list": "  - name: m\n    env: !!seq []\n",
    "tag and anchor, then an empty list": "  - name: m\n    env: !!seq\n      &m\n      # c\n      []\n",
    "anchor before nothing": "  - name: m\n    env: &e ~\n    volumeMounts: &m []\n  volumes: &v\n",
    "merge key beside all keys": "  - name: m\n    <<: {image: a}\n    env: []\n    volumeMounts: []\n",
    "flow containers": "  - {name: m}\n  - {name: o}\n",
    "tagged flow container": "  - !!map {name: m}\n",
    "anchored flow container": "  - &c {name: m, env: &e [{name: A}], volumeMounts: &f []}\n",
    "explicit keys in flow style": "  - {? name : m, ? env , ? volumeMounts : []}\n",
    "beyond the basic plane": "  - name: \U0001f600 # \U0001f600\n    env: []\n",
    "no final newline": "  - name: m",
    "no final newline after quotes": '  - name: m\n    image: "a\n b"',
    "no final newline after a stripped literal": "  - name: m\n    args:\n    - |-\n      a",
    "no final newline after a stripped folded text": "  - name: m\n    args:\n    - >-\n      a",
    "no final newline after an indented literal": "  - name: m\n    args:\n    - |2-\n        a",
}
WHOLE = {
    "separator": "---\n" + HEAD + "  - name: m\n",
    "separator with a comment": "--- # c\n" + HEAD + "  - name: m\n",
    "flow behind a separator": "--- {spec: {containers: [{name: m}]}}\n",
    "flow": "spec: {containers: [{name: m, env: [], volumeMounts: [{name: t},]}], volumes: null}\n",
    "flow over lines": "spec: {\n  containers: [\n    {name: m, # c\n     env:\n     , volumeMounts: [ # d\n  ]}]}\n",
    "flow that ends in nothing": "spec: {containers: [{name: m, env: }], volumes: }\n",
    "flow that ends in another list's nothing": "spec: {volumes: , containers: [{name: m, volumeMounts: }]}\n",
    "flow that ends in a word alone": "spec: {volumes: , containers: [{name: m, volumeMounts}]}\n",
    "flow without colons": "spec: {containers: [{name: m, env}], volumes}\n",
    "flow with last commas": "spec: {containers: [{name: m,},],}\n",
    "flow with a comment at the end": "spec: {containers: [{name: m # c\n}]}\n",
    "flow with words over lines": "spec: {containers: [{name: m\n   n}]}\n",
    "JSON": '{"spec":{"containers":[{"name":"m","env":[],"volumeMounts":null}],"volumes":[]}}',
    "other indentation": "spec:\n    containers:\n    - name: m\n      env:\n      - {name: A}\n      - {name: B}\n",
}


@pytest.mark.parametrize("name", ADDED_TO)
def test_lines_are_added_and_nothing_else(name: str) -> None:
    before = HEAD + ADDED_TO[name]
    after = spliced(before, EDITS)
    check_meaning(before, after, EDITS)
    check_additions_only(before, after)


def test_a_comment_stays_with_the_item_that_it_is_about() -> None:
    after = spliced(HEAD + "  - env: # why\n    # about\n    # A\n    - name: A\n    name: m\n", EDITS)
    assert "    # about\n    # A\n    - name: A\n" in after
    assert after.index('# why\n    - name: "POLYAXON') < after.index("# about")


@pytest.mark.parametrize("name", [*REPLACED_IN, *WHOLE])
def test_no_room_for_lines(name: str) -> None:
    before = WHOLE.get(name) or HEAD + REPLACED_IN[name]
    after = spliced(before, EDITS)
    check_meaning(before, after, EDITS)
    for char in "#\U0001f600":
        assert after.count(char) == before.count(char)


@pytest.mark.parametrize("text", ["  - name: m\n    env:\t\n    - name: A\n  volumes:\t~\t# c\n", "  - name: m\t# c\n"])
def test_tabs_behind_values(text: str) -> None:
    after = spliced(HEAD + text, EDITS)
    check_meaning(HEAD + text, after, EDITS, both=False)  # ruamel.yaml refuses them, libyaml and kubectl don't
    assert after.count("\t") == (HEAD + text).count("\t") - text.count("~")


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("name", ["keys behind", "literal", "kept literal", "comments above items", "dash alone"])
def test_line_ends_are_like_those_around(newline: str, name: str) -> None:
    before = (HEAD + ADDED_TO[name]).replace("\n", newline)
    after = spliced(before, EDITS)
    # YAML 1.2, and so ruamel.yaml, takes the last three for ordinary characters.
    check_meaning(before, after, EDITS, both=newline[0] == "\r")
    check_additions_only(before, after)
    assert ("\n" in after) == ("\n" in newline)
    assert after.replace(newline, "").isascii()


def test_a_missing_last_newline_stays_missing() -> None:
    for newline in ("\n", "\r\n"):
        before = (HEAD + "  - name: m").replace("\n", newline)
        after = spliced(before, EDITS)
        check_meaning(before, after, EDITS)
        check_additions_only(before + newline, after + newline)
        assert not after.endswith(newline)


ALIAS, FORM = "alias", "unsupported-yaml"
REFUSED = {  # the text, the code, and where the problem stands
    "used elsewhere": (HEAD + "  - name: m\n    env: &e\n    - name: A\n  - env: *e\n", ALIAS, "- name: A"),
    "an alias": ("x: &e\n- name: A\n" + HEAD + "  - name: m\n    env: *e\n", ALIAS, "*e"),
    "an alias for the pod": ("x: &s\n  containers: []\nspec: *s\n", ALIAS, "*s"),
    "a shared pod": ("spec: &s\n  containers:\n  - name: m\nx: *s\n", ALIAS, "containers:"),
    "a merge key": (HEAD + "  - name: m\n    <<: {env: []}\n", ALIAS, "<<"),
    "env twice": (HEAD + "  - name: m\n    env: []\n    env: []\n", "duplicate-key", "env: []\n"),
    "an explicit key and nothing": (HEAD + "  - name: m\n    ? env\n", FORM, "env"),
    "an explicit key and an empty list": (HEAD + "  - name: m\n    ? env\n    : []\n", FORM, "env"),
    "a key without braces": ("spec: {containers: [name: m]}", FORM, "name"),
    "an explicit key without braces": ("spec: {containers: [? name : m]}", FORM, "? name"),
    "a string": (HEAD + "  - name: m\n    env: !!str\n", "wrong-type", "!!str"),
    "a word": (HEAD + "  - name: m\n    env: none\n", "wrong-type", "none"),
    "a map": (HEAD + "  - name: m\n    env: {A: a}\n", "wrong-type", "{A"),
    "a literal without newline": (HEAD + "  - name: m\n    args:\n    - |\n      a", "no-final-newline", "|"),
    "a kept literal without newline": (HEAD + "  - name: m\n    args:\n    - |+\n      a", "no-final-newline", "|+"),
    "a folded text without newline": (HEAD + "  - name: m\n    args:\n    - >\n      a", "no-final-newline", ">"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_unsafe_places_are_refused(name: str) -> None:
    text, code, place = REFUSED[name]
    with pytest.raises(YamlError) as caught:
        spliced(text, EDITS)
    assert caught.value.code == code
    assert caught.value.hint or code == "wrong-type"
    assert text[caught.value.offset :].startswith(place)


REST = "spec:\n  x: y\n"
# The text of a list of gates of which number N goes; lines vanish and nothing else changes.
REMOVED_FROM = {
    "only": (0, REST + "  gates:\n  - name: g\n  z: 1\n"),
    "only, at the end": (0, REST + "  gates:\n  - name: g\n"),
    "only, without a final newline": (0, REST + "  gates:\n  - name: g"),
    "first": (0, REST + "  gates:\n  - name: g\n  - name: h # c\n  z: 1\n"),
    "middle": (1, REST + "  gates:\n  - name: a\n  # b\n  - name: g # g\n  # h\n  - name: h\n"),
    "last": (1, REST + "  gates:\n  - name: a # c\n  - name: g\n  # after\n  z: 1\n"),
    "last, without a final newline": (1, REST + "  gates:\n  - name: a\n  - name: g"),
    "flow, only": (0, REST + "  gates: [{name: g},] # c\n  z: 1\n"),
    "flow over lines": (1, REST + "  gates: [\n    {name: a}, # a\n    {name: g}, # g\n    {name: h} # h\n  ]\n"),
    "tagged": (1, REST + "  gates: !!seq\n  - name: h\n  - !!map\n    name: g\n  z: 1\n"),
    "tag on a line of its own": (0, REST + "  gates:\n    !!seq\n    # c\n  - name: g\n  z: 1\n"),
    "anchored": (0, REST + "  &k gates: &a\n  - &b\n    name: &c g\n  z: 1\n"),
    "dash alone": (1, REST + "  gates:\n  -\n    name: h\n  - # c\n\n    name: g\n  z: 1\n"),
    "literal": (0, REST + "  gates:\n  - name: |+\n      g\n\n  z: 1\n"),
    "quoted over lines": (0, REST + '  gates:\n  - name: "g\n\n g"\n  z: 1\n'),
    "between nulls": (1, REST + "  gates:\n  -\n  - name: g\n  -\n"),
    "CRLF": (0, (REST + "  gates:\n  - name: g\n  z: 1\n").replace("\n", "\r\n")),
    "CR": (1, (REST + "  gates:\n  - name: a\n  - name: g\n  z: 1\n").replace("\n", "\r")),
}
# Here the rest of a line stays.
CUT_FROM = {
    "flow, first": (0, REST + "  gates: [{name: g}, {name: h}]\n"),
    "flow, middle": (1, REST + "  gates: [{name: a}, {name: g}, {name: h}]\n"),
    "flow, last": (1, REST + "  gates: [{name: a}, {name: g}]\n"),
    "flow, last with a comma": (1, REST + "  gates: [{name: a}, {name: g}, ]\n"),
    "flow with commas in comments": (0, REST + "  gates: [\n    # a\n    {name: g} # x, y\n    , {name: h}\n  ]\n"),
    "flow map": (0, "spec: {gates: [{name: g}], z: 1}\n"),
    "flow map, last": (0, "spec: {z: 1, gates: [{name: g}]}\n"),
    "flow map, only": (0, "spec: {gates: [{name: g}]}\n"),
    "flow map, comma behind a comment": (0, "spec: {gates: [{name: g}] # c, d\n  , # e\n  }\n"),
    "behind an explicit key": (0, "? spec\n: gates:\n  - name: g\n  z: 1\n"),
}


@pytest.mark.parametrize("name", [*REMOVED_FROM, *CUT_FROM])
def test_an_item_goes(name: str) -> None:
    index, before = REMOVED_FROM.get(name) or CUT_FROM[name]
    edits = [Edit(REMOVE, ("spec", "gates", index))]
    after = spliced(before, edits)
    check_meaning(before, after, edits)
    assert "name: g" not in after
    if name in REMOVED_FROM:
        check_additions_only(after, before)


REMOVAL_REFUSED = {
    "a shared list": (REST + "  gates: &a\n  - name: g\n  z: *a\n", ALIAS),
    "a shared item": (REST + "  gates:\n  - &a {name: g}\n  - *a\n", ALIAS),
    "a shared word in it": (REST + "  gates:\n  - name: &a g\n  - name: h\n  z: *a\n", ALIAS),
    "its shared key": (REST + "  &k gates:\n  - name: g\n  z: *k\n", ALIAS),
    "an explicit key": (REST + "  ? gates\n  :\n  - name: g\n  z: 1\n", FORM),
    "behind a colon": (REST + "  ? gates\n  : - name: g\n    - name: h\n  z: 1\n", FORM),
    "behind a colon, with a comment": ("? spec\n: gates: # c\n  - name: g # d\n  z: 1\n", FORM),
}


@pytest.mark.parametrize("name", REMOVAL_REFUSED)
def test_an_item_that_can_not_go(name: str) -> None:
    text, code = REMOVAL_REFUSED[name]
    with pytest.raises(YamlError) as caught:
        spliced(text, [Edit(REMOVE, ("spec", "gates", 0))])
    assert (caught.value.code, bool(caught.value.hint)) == (code, True)


REPLACED = {
    "plain": "m:\n  name: x # c\n  z: 1\n",
    "number": "m:\n  name: 5\n",
    "quoted": 'm:\n  name: "x" # c\n  z: 1\n',
    "over lines": "m:\n  name: 'x\n\n    y' # c\n  z: 1\n",
    "tagged": "m:\n  name: !!str\n    x # c\n  z: 1\n",
    "anchored": "m:\n  name: &a x # c\n  z: 1\n",
    "alias": "q: &a x\nm:\n  name: *a # c\n",
    "explicit": "m:\n  ? name\n  : x # c\n  z: 1\n",
    "literal": "m:\n  name: |-\n    x\n  # c\n  z: 1\n",
    "kept literal": "m:\n  name: |+\n    x\n\n  z: 1\n",
    "empty literal": "m:\n  name: |\n  z: 1\n",
    "folded": "m:\n  n: {}\n  name: >\n      x\nz: 1\n",
    "literal at the end": "m:\n  name: |-\n    x",
    "literal with CRLF": "m:\r\n  name: |-\r\n    x\r\n  z: 1\r\n",
    "literal with NEL": "m:\n  name: |-\x85    x\x85  z: 1\n",
    "flow": "m: {name: x, z: 1} # c\n",
    "JSON": '{"m":{"name":"x"}}',
}


@pytest.mark.parametrize("name", REPLACED)
def test_a_scalar_is_replaced(name: str) -> None:
    before = REPLACED[name]
    edits = [Edit(REPLACE, ("m", "name"), "train-0123456789"), Edit(ADD, ("m", "labels"), {"a": "b"})]
    after = spliced(before, edits)
    check_meaning(before, after, edits, both="NEL" not in name)
    assert after.count("# c") == before.count("# c")


def test_a_shared_scalar_is_not_replaced() -> None:
    with pytest.raises(YamlError, match="by its anchor &a"):
        spliced("m:\n  name: &a x\n  z: *a\n", [Edit(REPLACE, ("m", "name"), "y")])


def test_removed_replaced_and_added_at_once() -> None:
    before = (
        "metadata: {name: train}\nspec:\n  template:\n    spec:\n      containers:\n      - name: m\n"
        "        volumeMounts:\n      schedulingGates:\n      - name: g\n"
    )
    pod = ("spec", "template", "spec")
    edits = [
        Edit(REMOVE, (*pod, "schedulingGates", 0)),
        Edit(ADD, (*pod, "volumes"), VOLUMES),
        Edit(ADD_FIRST, (*pod, "containers", 0, "env"), ENV),
        Edit(ADD, (*pod, "containers", 0, "volumeMounts"), MOUNTS),
        Edit(REPLACE, ("metadata", "name"), "train-0123456789"),
        Edit(ADD, ("metadata", "annotations"), {"polyaxon.com/base-name": "train"}),
        Edit(ADD, ("spec",), {"manualSelector": True, "selector": {"matchLabels": {"a/b": "c"}}}),
        Edit(ADD, ("spec", "template", "metadata", "labels"), {"a/b": "c"}),
    ]
    for text in (before, before.replace("\n", "\r\n"), before.removesuffix("\n")):
        check_meaning(text, spliced(text, edits), edits)


def test_two_edits_below_one_missing_key_both_stay() -> None:
    edits = [
        Edit(ADD, ("spec", "metadata", "labels"), {"a": "b"}),
        Edit(ADD, ("spec", "metadata", "annotations"), {"c": "d"}),
        Edit(ADD, ("spec", "metadata", "labels"), {"e": "f"}),
    ]
    text = "spec:\n  x: y\n"
    check_meaning(text, spliced(text, edits), edits)


def test_two_edits_that_write_to_one_place_are_never_one_of_them() -> None:
    edits = [Edit(ADD, ("a",), {"b": "c"}), Edit(ADD, ("a",), {"b": "d"})]
    with pytest.raises(AssertionError, match="two edits write to one place"):
        spliced("x: y\n", edits)


@pytest.mark.parametrize("op", [REPLACE, REMOVE])
def test_what_is_not_there_is_never_replaced_or_removed(op: str) -> None:
    with pytest.raises(AssertionError, match="not there"):
        spliced("a:\n  b: c\n", [Edit(op, ("a", "x"), "y")])
