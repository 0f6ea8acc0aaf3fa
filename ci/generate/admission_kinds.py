"""Writes chart/files/operators.yaml: how the chart's admission policy recognizes rendered objects of other operators.

python -m ci.generate.admission_kinds          writes it
python -m ci.generate.admission_kinds --check  exits 1 when it is stale
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from ci.generate.writer import run_writer
from post_renderer.workloads import NATIVE_KINDS, list_kinds
from post_renderer.workloads.operator_kinds import SHAPES
from post_renderer.workloads.pod_paths import EMBEDDED, steps_of

if TYPE_CHECKING:
    from post_renderer.workloads.model import WorkloadKind

FILE = Path(__file__).resolve().parents[2] / "chart" / "files" / "operators.yaml"
HEAD = """\
# API groups and their kinds. The CEL expression of each: whether a container of `state.object` has POLYAXON_DATA_PATHS.
# Made by `python -m ci.generate.admission_kinds` from the kinds that the post-renderer knows.
"""
POD = {"containers": "containers[]", "aside": "initContainers[]"}
HAS_VARIABLE = '.?env.orValue([]).exists(variable, variable.?name.orValue("") == "POLYAXON_DATA_PATHS")'


def write_file() -> str:
    groups: dict[str, dict[str, str]] = {}
    for group, kind, row in list_kinds():
        places = containers_of(row)
        if places and (group, kind) not in NATIVE_KINDS:
            found = [write_expression("state.object", steps_of(place)) for place in places]
            groups.setdefault(group, {})[kind] = " || ".join(found)
    return HEAD + str(yaml.safe_dump(groups, width=1_000_000))


def containers_of(row: WorkloadKind) -> list[str]:
    """Return the paths to all containers of a kind; none for objects inside: the policy checks their Pods."""
    found = []
    for place in row.pod_spec_paths.replace("|", " ").split():
        pod, _, name = place.partition(":")
        if name != EMBEDDED:
            shape = SHAPES[name] if name else POD
            keys = [shape[key] for key in ("template", "containers", "aside") if key in shape]
            found += [f"{pod}.{key.partition('=')[0]}" for key in " ".join(keys).split()]
    return found


def write_expression(value: str, steps: list[str], depth: int = 0) -> str:
    """Return a CEL expression: whether a container at the end of ``steps`` from ``value`` has a run's variables."""
    for number, step in enumerate(steps):
        name = f"at{depth}"
        if step == "[]":
            items = value if value.startswith("at") and "." not in value else f"{value}.orValue([])"
            return f"{items}.exists({name}, {write_expression(name, steps[number + 1 :], depth + 1)})"
        if step == "*":
            inner = write_expression(f"{value}.value()[{name}]", steps[number + 1 :], depth + 1)
            return f"{value}.orValue({{}}).exists({name}, {inner})"
        value = f"{value}.?{step}"
    return value + HAS_VARIABLE


def main(arguments: list[str]) -> int:
    return run_writer(arguments, FILE, __doc__, "python -m ci.generate.admission_kinds", lambda _: write_file())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
