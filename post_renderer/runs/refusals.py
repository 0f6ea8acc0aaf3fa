"""Explains why an object with annotations of polyaxon.com, or an object inside such an object, gets no volumes."""

from __future__ import annotations

from bisect import bisect_right

from post_renderer.problems import quoted
from post_renderer.workloads import NATIVE_KINDS, subject_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from post_renderer.problems import Problems
    from post_renderer.workloads.model import UninjectedObject, WorkloadKind
    from post_renderer.yamltree.node import Node


def why_not_injectable(node: Node, group: str, kind: str, known: WorkloadKind | None) -> tuple[str, str, str]:
    """Return the code, the message and the hint why an object gets no volumes. ``known``: None for an unknown kind."""
    if known is None:
        hint = "put the annotation on a workload: " + ", ".join(sorted({known for _, known in NATIVE_KINDS}))
        if "." in group:
            hint = (
                "list the known kinds with `polyaxon-persistence kinds`, or add this kind under `persistence.workloads`"
            )
        full = quoted(f"{kind}.{group}" if group else kind)
        return "not-a-workload", f"{full} is not a known kind of workload", hint
    if known.unsupported_reason:
        return "not-injectable", f"a {kind} can't get volumes: {known.unsupported_reason}", known.advice
    from post_renderer.workloads.pod_paths import advise  # only errors need it

    return "wrong-type", "the object has no pod template with a spec", advise(node, known)


class Around:
    """Finds the innermost object at an offset. Some of the given objects may be inside others."""

    __slots__ = ("_objects", "_outer", "_starts")

    def __init__(self, objects: Sequence[UninjectedObject]) -> None:
        self._objects = sorted(objects, key=lambda one: (one[0].start, -one[0].end))
        self._starts = [one[0].start for one in self._objects]
        self._outer: list[int] = []  # for each object: the index of the object around it, or -1
        for at, (node, *_) in enumerate(self._objects):
            self._outer.append(self._around(at - 1, node.start))

    def _around(self, at: int, offset: int) -> int:
        """Return the index of the innermost object that contains ``offset``: ``at`` or an outer one; else -1."""
        while at >= 0 and self._objects[at][0].end <= offset:
            at = self._outer[at]
        return at

    def find(self, offset: int) -> UninjectedObject | None:
        """Return the innermost object that contains ``offset``, or None."""
        at = self._around(bisect_right(self._starts, offset) - 1, offset)
        return self._objects[at] if at >= 0 else None


def warn_uninjected(bare: Sequence[UninjectedObject], problems: Problems) -> None:
    """Warn of objects without volumes inside an annotated object. Kinds of Kubernetes without pods get no warning."""
    for node, group, kind, known in bare:
        if known or ("." in group and not group.endswith(".k8s.io")):
            _, message, hint = why_not_injectable(node, group, kind, known)
            message = f"{subject_of(node, kind)} inside this object gets no volumes: {message}"
            problems.add("pod-elsewhere", message, hint, offset=node.start)
