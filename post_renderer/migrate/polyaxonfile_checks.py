"""What the chart or a render would refuse in a polyaxonfile that became a run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from post_renderer.k8s import is_path_segment, parse_uint
from post_renderer.migrate.flow_style import leaves
from post_renderer.migrate.pairs import child_pairs, non_null
from post_renderer.migrate.tables import OF_THE_RUN, RUN_KEY_SHAPES, SPELLINGS
from post_renderer.problems import ERROR, Problem, quoted
from post_renderer.request.polyaxonfile import read_polyaxonfile
from post_renderer.yamltree import ALIAS, MAPPING, SCALAR, SEQUENCE
from post_renderer.yamltree.node import PlainScalar, is_string, read_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.migrate.pairs import Pair
    from post_renderer.migrate.source_text import SourceText
    from post_renderer.yamltree import Node

MANY_RUNS = ("hptuning", "matrix", "settings")  # of which each has its own params
JOINED = re.compile(r"[ \t]*\\\r?\n\s*")  # one command over several lines
PLACEHOLDER = re.compile(r"\{\{\s*(.*?)\s*\}\}")
LEFT = re.compile(r"\{[{%][^}]*\}*")


def find_misshapen(sections: dict[str, dict[str, Pair]]) -> Iterator[Problem]:
    """Keys that become keys of the run, with values that the run can't have."""
    for (section, key), ours in OF_THE_RUN.items():
        pair = sections[section].get(key)
        if pair and _is_misshapen(ours, pair):
            message, example = RUN_KEY_SHAPES[ours]
            yield pair.problem("not-migratable", message, f"{key}: {example}")


def find_doubled(sections: dict[str, dict[str, Pair]]) -> Iterator[Problem]:
    """Two spellings of one key, of which the chart would not know which one holds."""
    for section, first, second in SPELLINGS:
        if len(non_null(sections[section], (first, second))) == 2:
            yield sections[section][second].problem("not-migratable", f"{first} is there, too", "keep one of the two")


def find_unfilled(sections: dict[str, dict[str, Pair]]) -> Iterator[Problem]:
    """Fields outside of ``run.cmd``, which nothing fills."""
    kept = (
        sections[section].get(key)
        for section, key in (("build", "image"), ("build", "lang_env"), ("build", "env_vars"), ("run", "env_vars"))
    )
    for pair in (*sections["environment"].values(), *kept):
        if pair and any("{{" in leaf.text for leaf in leaves(pair.value) if leaf.kind == SCALAR):
            yield pair.problem(
                "not-migratable", "holds a {{ … }}, and only run.cmd is filled", "write the value itself"
            )


def _is_misshapen(ours: str, pair: Pair) -> bool:
    """Whether a key of the run would get a value that it can't have; Helm writes aliases out."""
    if pair.value.is_null() or pair.value.kind == ALIAS:
        return False
    if ours == "podSecurityContext":
        return pair.value.kind != MAPPING
    if pair.value.kind != SCALAR:
        return True
    value = read_values(pair.value)
    if ours == "ttlSecondsAfterFinished":
        return not isinstance(value, PlainScalar) or parse_uint(value) is None
    return not (isinstance(value, str) and is_string(value) and is_path_segment(value))


def find_refusals(page: SourceText) -> Iterator[Problem]:
    """What a render would refuse to be asked for by a polyaxonfile in which nothing is left to change."""
    for problem in read_polyaxonfile(page.text).problems.found:
        if problem.severity == ERROR and problem.code != "alias":  # which Helm writes out
            found = Problem("not-migratable", problem.message, problem.hint)
            found.line = page.origin(problem.offset or 0)
            yield found


def find_command_problems(top: dict[str, Pair]) -> Iterator[Problem]:
    """What the chart would refuse in ``run.cmd``, which params alone fill; what aliases stand for is left to it."""
    command = child_pairs(top["run"]).get("cmd") if "run" in top else None
    params = next((top[name] for name in non_null(top, ("params", "declarations"))), None)
    nodes = [pair.value for pair in (command, params) if pair]
    if (
        command is None
        or command.value.is_null()
        or non_null(top, MANY_RUNS)
        or any(leaf.kind == ALIAS for node in nodes for leaf in leaves(node))
    ):
        return
    fillable: dict[str, bool] = {}
    if params and params.value.kind == MAPPING:
        _read_fillable(params.value, "", fillable)
    commands = command.value.children if command.value.kind == SEQUENCE else [command.value]
    for node in commands or nodes[:1]:
        if wrong := _command_error(node, fillable):
            yield command.problem_at(node, *wrong)


def _command_error(node: Node, fillable: dict[str, bool]) -> tuple[str, str] | None:
    text = read_values(node)
    if not isinstance(text, str) or not is_string(text) or not text.strip():
        return "is a string or a list of strings", "cmd: python train.py"
    text = JOINED.sub(" ", text).strip()
    if "\n" in text:
        message = "has several lines, which Polyaxon joined into one command"
        hint = "write a list for several commands, or fold one long command with >-, all its lines at one depth"
        return message, hint
    for field in PLACEHOLDER.finditer(text):
        if fillable.get(field[1]) is False:
            return f"{quoted(field[0])} is no simple value", "write the value itself"
    left = LEFT.search(PLACEHOLDER.sub(lambda field: "" if field[1] in fillable else field[0], text))
    if left is None:
        return None
    if left[0].startswith("{%"):
        return f"nothing fills {quoted(left[0])}", "write the command of each case, in a run of its own"
    return f"nothing fills {quoted(left[0])}", "write a simple value of that name under params, or the value itself"


def _read_fillable(node: Node, at: str, fillable: dict[str, bool]) -> None:
    """Of each name that a command may use (``lr``, ``model.depth``, ``layers[0]``), whether it has a text."""
    if node.kind == MAPPING:
        for key, value in node.pairs():
            if not value.is_null():  # Helm drops a null from values
                _read_fillable(value, f"{at}.{key.text}" if at else key.text, fillable)
        fillable[at] = False
    elif node.kind == SEQUENCE:
        for index, item in enumerate(node.items()):
            _read_fillable(item, f"{at}[{index}]", fillable)
        texts = [fillable[f"{at}[{index}]"] for index in range(len(node.items()))]
        fillable[at] = all(texts) and not any(_needs_escape(item) for item in node.items())
    else:
        text = read_values(node)
        fillable[at] = not (isinstance(text, str) and LEFT.search(text))


def _needs_escape(item: Node) -> bool:
    """Whether a text within a list would look otherwise in Python than in the chart."""
    text = read_values(item)
    return isinstance(text, str) and is_string(text) and not set("'\\\n").isdisjoint(text)
