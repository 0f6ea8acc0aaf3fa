"""How many pods of a template run at the same time."""

from __future__ import annotations

from post_renderer.k8s import parse_uint
from post_renderer.problems import YamlError
from post_renderer.yamltree.node import MAPPING, get_mapping_value, read_bool, read_values, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.workloads.model import Container, PodTemplate, Workload
    from post_renderer.yamltree.node import Node

COUNTS = ("replicas", "instances")  # how kinds call the number of a template's pods
LIMITS = ("completions", "maxTrialCount")  # ... and what there are no more of than this
PARTS = ("driver", "executor")  # containers that are pods each, of a SparkApplication
TRIALS = 3  # at once, of a Katib Experiment that does not say how many


def count_pods(workload: Workload, pod: PodTemplate, containers: list[Container]) -> int:
    """How many pods of a template run at once, as far as the stream says; of a DaemonSet two, which stand for many.

    ``containers``: those that mount something, of which some kinds make a pod each.
    """
    count = 2 if workload.kind == "DaemonSet" else 1
    holder: Node | None = workload.root
    for step in pod.path:
        count *= _count_copies(holder, step)
        holder = get_mapping_value(holder, step) if isinstance(step, str) else holder and holder.items()[step]
    count *= _count_copies(pod.spec)
    parts = [container.node for container in containers if container.path[-1] in PARTS]
    return count * sum(map(_count_copies, parts)) if parts else count


def _count_copies(holder: Node | None, step: str | int = "") -> int:
    """How many there are at once of what is below a mapping on the way to a pod, to which the key ``step`` leads on."""
    if holder is None or holder.kind != MAPPING:
        return 1
    if _is_suspended(holder):
        return 0
    found = [_read_number(holder, key) for key in COUNTS]
    if step == "template":  # elsewhere, as in a Workflow, parallelism is no more than a limit
        found.append(_read_number(holder, "parallelism"))
    elif step == "trialTemplate":
        found.append(_read_number(holder, "parallelTrialCount", TRIALS))
    elif step == "workerTemplate":
        found.append(_count_workers(holder))
    numbers = [number for number in found if number is not None]
    if 0 in numbers:
        return 0
    wanted = max(1, *numbers, _read_number(holder, "minReplicas") or 1)
    return min([wanted, *(limit for key in LIMITS if (limit := _read_number(holder, key)) is not None)])


def _count_workers(group: Node) -> int | None:
    """Those of a LeaderWorkerSet, whose size has the leader in it: that is one of them, unless it has a template."""
    size = _read_number(group, "size", 1)
    return size and size - (get_mapping_value(group, "leaderTemplate") is not None)


def _is_suspended(holder: Node) -> bool:
    try:
        return _is_true(get_mapping_value(holder, "suspend"))
    except YamlError:
        return False  # a merge key may bring it, or it is none


def _read_number(holder: Node, key: str, default: int | None = None) -> int | None:
    try:
        text = scalar_text(holder.get(key))
    except YamlError:
        return None  # a merge key may bring it, or it is no number
    return default if text is None else parse_uint(text)


def _is_true(node: Node | None) -> bool:
    return node is not None and read_bool(read_values(node)) is True
