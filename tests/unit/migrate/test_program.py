"""migrate reports a polyaxonfile whose program would get no command, or an input without a value."""

from __future__ import annotations

import pytest

from post_renderer.migrate.polyaxonfile_program import INPUT_KEYS
from tests.support.migrate import NEXT, migrate, migrated, whole
from tests.support.paths import ROOT

EMPTY = ("run.cmd: it is empty", "write a command, or remove the key to run the command of the image")
UNFILLED = (
    "it contains {{ … }}, but only run.cmd is filled in",
    "write the value itself, or write {{ name }} in run.cmd",
)
# What follows `kind` and `build`, which are the first two lines: the line, what is wrong, and what to write.
REFUSED = {
    "run: {cmd: }\n": (3, *EMPTY),
    "run: {cmd: ~}\n": (3, *EMPTY),
    "run:\n  cmd:\n    # - python a.py\n": (4, *EMPTY),
    "run: {cmd: []}\n": (3, *EMPTY),
    "run: {cmd: ' '}\n": (3, *EMPTY),
    "run: {cmd: '\\'}\n": (3, *EMPTY),
    "run:\n  cmd: |\n    # a\n\n    # b \\\n": (4, *EMPTY),
    "run:\n  # cmd: python a.py\n": (3, "run: it is empty", EMPTY[1]),
    "run: {}\n": (3, "run: it is empty", EMPTY[1]),
    "run:\n  cmd:\n  - a\n  - '# b'\n": (6, "run.cmd: an item is empty", "write a command, or remove the item"),
    "run:\n  cmd:\n  - # a\n  - b\n": (5, "run.cmd: an item is empty", "write a command, or remove the item"),
    "inputs:\n- {name: a, default: 1}\n- {name: b}\n": (5, 'inputs: the input "b" has no value', "write the value under params, or write a default"),
    "inputs:\n- name: a\n  default:\nparams: {a: }\n": (4, 'inputs: the input "a" has no value', "write the value under params"),
    "inputs: [{name: a, is_optional: true}]\n": (3, 'inputs: the input "a" has no value', "write the value under params"),
    "inputs:\n- {name: a}\n- {name: a}\n": (4, 'inputs: the input "a" has no value', "write the value under params"),
    "inputs: {a: 1}\n": (3, "inputs: it is not a list of mappings", "write a list of mappings: [{name: NAME, type: TYPE}]"),
    "outputs: {jobs: [a]}\n": (3, "outputs: it is not a list of mappings", "environment.persistence.outputs chooses the volume"),
    "outputs: [a]\n": (3, "outputs: it is not a list of mappings", "environment.persistence.outputs chooses the volume"),
    "params:\n  lr: 0.1\n  x: [a, {k: 'm-{{ lr }}'}]\n": (5, *UNFILLED),
    "declarations: {x: '{% if a %}b{% endif %}'}\n": (3, *UNFILLED),
    "inputs:\n- {name: x, description: '{{ a }}',\n   default: '{{a}}'}\n": (5, *UNFILLED),
    "hptuning:\n  matrix:\n    lr: {values: [1,\n      '{{ a }}']}\n": (6, *UNFILLED),
    "inputs: [{name: a, default: 9007199254740993}]\n": (3, "may lose digits", "write it in quotes"),
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_wrong_is_reported_once_with_a_remedy(text: str) -> None:
    line, message, hint = REFUSED[text]
    exit_code, output, error = migrate(whole(text))
    assert (exit_code, output) == (1, "")
    assert error.count("error[") == 1, error
    assert f"<stdin>:{line}: error[not-migratable] " in error
    assert message in error.split("\n")[0]
    assert hint in error.split("  hint: ")[1]


@pytest.mark.parametrize(
    "text",
    [
        "inputs: [{name: a}]\nparams: {a: 0}\n",
        "inputs: [{name: a}]\ndeclarations: {a: false}\n",
        "inputs: [{name: a, default: ''}, {name: b, default: false}]\n",
        "inputs: []\noutputs: []\n",
        "params: {'{{ a }}': 1}\ninputs: [{name: b, default: 1, description: '{{ a }}'}]\n",
        "outputs: [{name: a}, {name: b, type: float}]\n",
        "params: {<<: {a: 1}}\ninputs: [{name: a}]\n",
        "inputs: [{name: a, <<: {default: 1}}]\n",
        "params: {a: &a {name: b, default: 1}}\ninputs: [*a, {name: a}]\noutputs: [*a]\n",
        "params: {a: &a [{name: b, default: 1}]}\ninputs: *a\noutputs: *a\n",
        "params: {c: &c a}\nrun: {cmd: *c}\n",
    ],
)
def test_other_commands_and_inputs_stay_as_they_are(text: str) -> None:
    exit_code, output, error = migrate(whole(text))
    assert (exit_code, error) == (0, NEXT)
    assert [line.strip() for line in output.splitlines()[3:]] == [line.strip() for line in whole(text).splitlines()]


def test_a_name_that_helm_reads_as_a_boolean_gets_quotes() -> None:
    text = whole("inputs:\n- name: n\n  default: 1\n- {name: yes, default: 2}\n- {name: 'on', default: 3}\n")
    names = [item["name"] for item in migrated(text)["runs"]["experiment"]["polyaxonfile"]["inputs"]]
    assert names == ["n", "yes", "on"]
    assert 'name: "n"\n' in migrate(text)[1]


def test_the_keys_of_an_input_are_the_chart_s() -> None:
    template = (ROOT / "chart" / "templates" / "_inputs.tpl").read_text()
    known = template.split("$known := list ")[1].split(" }}")[0]
    assert {word.strip('"') for word in known.split()} == INPUT_KEYS
