"""Counts the pods of one pod template that run at the same time."""

from __future__ import annotations

from post_renderer.k8s import parse_uint
from post_renderer.problems import YamlError
from post_renderer.yamltree import MAPPING, get_mapping_value, scalar_text
from post_renderer.yamltree.node import read_bool, read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.workloads.model import PodTemplate, Workload
    from post_renderer.yamltree import Node


def count_pods(workload: Workload, pod: PodTemplate) -> int:
    """Return how many pods of a template run at the same time, by ``replicas`` and ``parallelism``; 0 if suspended.

    A DaemonSet counts as two pods, because their number is that of the nodes. A field that can't be read counts as
    missing: other checks report it.
    """
    count = 2 if workload.kind == "DaemonSet" else 1
    holder: Node | None = workload.root
    for step in (*pod.path, ""):
        if holder is not None and holder.kind == MAPPING:
            # Without a template beside it, as in a Workflow, parallelism is only a limit.
            fields = ("replicas", "parallelism") if step == "template" else ("replicas",)
            for field in fields:
                count *= _read_count(holder, field)
            count *= not is_true(holder, "suspend")
        holder = get_mapping_value(holder, step) if isinstance(step, str) else holder and holder.items()[step]
    return count


def is_true(holder: Node | None, key: str) -> bool:
    try:
        node = get_mapping_value(holder, key)
        return node is not None and read_bool(read_values(node)) is True
    except YamlError:
        return False  # a merge key may bring it, or it is not a boolean


def _read_count(holder: Node, key: str) -> int:
    try:
        count = parse_uint(scalar_text(holder.get(key)) or "1")
    except YamlError:
        return 1
    return 1 if count is None else count
