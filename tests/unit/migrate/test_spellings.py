"""Plain scalars of a polyaxonfile that Helm would read differently than Polyaxon: `migrate` writes what Polyaxon read."""

from __future__ import annotations

import pytest
import yaml

from post_renderer.migrate.plain_scalars import evaluate, read_as_helm, read_as_polyaxon
from tests.support.migrate import NEXT, migrate, whole
from tests.support.spellings import TOO_LARGE

QUOTED = "without quotes, Helm reads it as a number, but Polyaxon read it as text"


@pytest.mark.parametrize(
    ("text", "polyaxon", "helm"),
    [
        ("y", "y", True),
        ("08", "08", 8),
        ("010", 8, 8),
        ("0o17", 15, 15),
        ("1:30", 90, "1:30"),
        ("1:30.5", 90.5, "1:30.5"),
        ("1e3", 1000.0, 1000.0),
        ("12e03", 12000.0, 12000.0),
        ("-08", "-08", -8),
        (".5_", 0.5, ".5_"),
        ("0x", "0x", "0x"),
        ("+", "+", "+"),
        ("yes", True, True),
        ("~", None, None),
        ("08.5", 8.5, 8.5),
        ("1e400", float("inf"), "1e400"),
        ("0b102", "0b102", "0b102"),
        ("0xfffffffffffffffff", 2**68 - 1, "0xfffffffffffffffff"),
    ],
)
def test_the_two_readers(text: str, polyaxon: object, helm: object) -> None:
    assert (evaluate(read_as_polyaxon(text)), read_as_helm(text)) == (polyaxon, helm)


@pytest.mark.parametrize("text", ["2020-13-45", "=", "0b_", "<<"])
def test_polyaxon_refused_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_as_polyaxon(text)
    value = whole(f"params: {{a: [{text}]}}\nrun: {{cmd: z}}\n")
    assert migrate(value)[2] == NEXT


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("08", '"08"', 'the value "08" is in quotes now', QUOTED),
        ("1:30", "90", 'the value "1:30" is 90 now', "Polyaxon read it as this number, but Helm reads it as text"),
        ("1:30.5", "90.5", 'the value "1:30.5" is 90.5 now', "Polyaxon read it as this number"),
        ("N", '"N"', 'the value "N" is in quotes now', "without quotes, Helm reads it as true or false"),
    ],
)
@pytest.mark.parametrize("form", ["params: {{a: {}}}", "params:\n  a:\n  - {}", "inputs: [{{name: i, default: {}}}]"])
def test_a_param(form: str, old: str, new: str, message: str, hint: str) -> None:
    code, output, error = migrate(whole(form.format(old) + "   # why\nrun: {cmd: z}\n"))
    assert code == 0
    assert form.format(new).splitlines()[-1] + "   # why\n" in output
    assert f"warning[changed-meaning] {form[:6]}: {message}\n  hint: {hint}" in error


@pytest.mark.parametrize(
    "text", ["1e3", "1e-3", "0o17", "12e03", "1_000", "010", "'08'", '"1:30"', "08:30", "2020-01-01", "-"]
)
def test_a_param_with_one_meaning_stays(text: str) -> None:
    code, output, error = migrate(whole(f"params:\n  a: {text if text != '-' else '+'}\nrun: {{cmd: z}}\n"))
    assert (code, error) == (0, NEXT)
    assert f"        a: {text if text != '-' else '+'}\n" in output


@pytest.mark.parametrize(
    "text",
    [
        "environment:\n  labels: {08: 09}\nrun: {cmd: z}\n",
        "environment:\n  node_selector: {a: 0o17, b: 1e3}\nrun: {cmd: z}\n",
        "project: 08\nrun: {cmd: z}\n",
        "description: 1e3\ntags: [09, 1e3]\nrun: {cmd: z}\n",
        "environment:\n  persistence: {data: [08], outputs: 09}\nrun: {cmd: z}\n",
        "environment:\n  env_vars: [[A, 08]]\nrun: {cmd: z}\n",
        "params: &p {a: 08, b: {09: 08}}\ndeclarations: *p\nrun: {cmd: z}\n",
        "params: {<<: &p {a: 08}}\nrun: {cmd: z}\n",
        "environment:\n  labels: &l {x: 08}\n  annotations: *l\nrun: {cmd: z}\n",
    ],
)
def test_texts_are_text_for_helm(text: str) -> None:
    code, output, error = migrate(whole(text), "--name", "r")
    assert code == 0, error

    def numbers(node: yaml.Node) -> list[str]:
        if isinstance(node, yaml.ScalarNode):
            is_text = node.style or isinstance(read_as_helm(node.value), str) or node.value == "<<"
            return [] if is_text else [node.value]
        parts = [part for item in node.value for part in (item if isinstance(item, tuple) else [item])]
        return [found for part in parts for found in numbers(part)]

    root = yaml.compose(output)
    assert root
    assert numbers(root) == []
    assert "in quotes now" in error


@pytest.mark.parametrize("word", TOO_LARGE)
def test_a_number_that_helm_can_t_keep_is_an_error(word: str) -> None:
    code, output, error = migrate(whole(f"params: {{a: {word}}}\nrun: {{cmd: z}}\n"))
    assert (code, output) == (1, "")
    assert "error[not-migratable] params: the value" in error
    assert "is a number that may lose digits\n  hint: write it in quotes\n" in error


@pytest.mark.parametrize(
    ("number", "text"), [("1.0", "1.0"), ("2.", "2.0"), ("1e3", "1000.0"), ("-1.0", "-1.0"), ("1_0.0", "10.0")]
)
def test_a_variable_keeps_the_text_of_a_float(number: str, text: str) -> None:
    """Polyaxon wrote 1.0 for it (json.dumps), but Helm writes 1: an image or a version could have another name."""
    code, output, error = migrate(whole(f"run:\n  cmd: z\n  env_vars: [[A, {number}], [B, 0.5], [C, 3]]\n"))
    assert code == 0
    assert f'[[A, "{text}"], [B, 0.5], [C, 3]]' in output
    assert "run.env_vars: a value is in quotes now" in error


@pytest.mark.parametrize("value", ["98765432109876543210", "0812", "1:23:45", "y"])
@pytest.mark.parametrize("section", ["build", "run", "environment"])
def test_no_message_has_the_value_of_a_variable(section: str, value: str) -> None:
    text = f"kind: job\nenvironment: {{ttl: 3}}\nbuild: {{image: x}}\nrun: {{cmd: z}}\n{section}:\n  env_vars: [[TOKEN, {value}]]\n"
    lines = [line for line in text.splitlines() if not line.startswith(f"{section}: ")]
    more = {"build": "  image: x\n", "run": "  cmd: z\n"}.get(section, "")
    error = migrate("\n".join(lines) + "\n" + more)[2]
    assert f"{section}.env_vars: a value is " in error
    shown = error if len(value) > 1 else error.replace("polyaxon", "").replace("by", "")
    assert value not in shown if len(value) > 1 else f'"{value}"' not in shown


def test_flags_of_an_input_stay() -> None:
    text = whole("inputs: [{name: a, is_flag: y, type: bool, default: y}]\nrun: {cmd: z}\n")
    assert 'is_flag: y, type: bool, default: "y"}' in migrate(text)[1]


def test_a_range_as_text_stays() -> None:
    """Polyaxon refused 1:10:2 without quotes, which PyYAML reads as one number. The chart accepts it."""
    text = "kind: group\nbuild: {image: x}\nhptuning: {concurrency: 9, matrix: {a: {range: 1:10:2}}}\nrun: {cmd: z}\n"
    assert "range: 1:10:2" in migrate(text)[1]


def test_a_shared_scalar_is_an_error() -> None:
    code, output, error = migrate(whole("params: {a: &a 08, b: *a}\nrun: {cmd: z}\n"))
    assert (code, output) == (1, "")
    assert "error[alias] the alias *a refers to this text, which must change" in error


def test_a_whole_number_that_is_too_large_for_a_float_loses_digits() -> None:
    exit_code, _, error = migrate(whole(f"params: {{seed: {'9' * 400}}}\n"))
    assert exit_code == 1
    assert "is a number that may lose digits" in error
