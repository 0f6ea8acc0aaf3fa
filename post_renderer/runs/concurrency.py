"""Warns of groups of runs that start all at the same time, although Polyaxon ran only some of them at a time.

A Job starts its pods at once, and no Job sees the others. So only a queue, such as one of Kueue, can keep a limit.
"""

from __future__ import annotations

from post_renderer.k8s import CONCURRENCY, QUEUE_LABEL
from post_renderer.problems import Problem, quoted
from post_renderer.stream import place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.runs.manifest import RunUsage


def find_groups_over_limit(usages: list[RunUsage]) -> Iterator[Problem]:
    """Yield one warning for each group that has more runs than may run at the same time. It is about the first run."""
    groups: dict[tuple[str, str, int], list[RunUsage]] = {}
    for usage in usages:
        if usage.limit:
            groups.setdefault(usage.limit, []).append(usage)
    for (_, group, limit), members in groups.items():
        number = len({member.key for member in members})
        if group and number > limit:
            first = members[0]
            message = f"all {number} runs of the group {quoted(group)} start at the same time, "
            message += f"but Polyaxon ran {limit} at a time"
            hint = f"give them the label {QUEUE_LABEL} of a queue that admits {limit}, or remove concurrency"
            offset, subject = first.limit_offset, first.subject
            problem = Problem("concurrency", message, hint, offset=offset, about=CONCURRENCY, subject=subject)
            place(problem, first.document)
            yield problem
