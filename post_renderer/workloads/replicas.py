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
    """Return the number of pods of a template that run at the same time; 0 if the workload is suspended.

    The number is the product of the fields ``replicas`` and ``parallelism`` around the pod spec. A DaemonSet counts as
    two pods, because it has one pod for each node. A field that can't be read counts as missing, because other checks
    report it.
    """
    count = 2 if workload.kind == "DaemonSet" else 1
    holder: Node | None = workload.root
    for step in (*pod.path, ""):
        if holder is not None and holder.kind == MAPPING:
            # In a mapping without ``template``, such as the spec of a Workflow, parallelism is only a limit.
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
        return False  # the field can't be read: other checks report it


def _read_count(holder: Node, key: str) -> int:
    try:
        count = parse_uint(scalar_text(holder.get(key)) or "1")
    except YamlError:
        return 1
    return 1 if count is None else count
