"""Who a run is, and where its name is known: in the stream, or only in the cluster."""

from __future__ import annotations

from post_renderer.naming import base_name, has_own_selector, is_named_by_content
from post_renderer.words import JOB_NAME_LABEL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.request import Request
    from post_renderer.workloads import Workload

JOB_NAME_FIELD = f"metadata.labels['{JOB_NAME_LABEL}']"
POD_NAME_FIELD = "metadata.name"


class Identity:
    """Who a run is: its name as far as the stream knows it, else where the cluster tells it.

    ``name_field``: the downward API's field with the run's name, empty where the name is written in the stream.
    ``name_prefix``: a fixed folder before that name (a CronJob's).
    """

    __slots__ = ("name", "name_field", "name_prefix")

    def __init__(self, name: str, name_field: str = "", name_prefix: str = "") -> None:
        self.name = name
        self.name_field = name_field
        self.name_prefix = name_prefix


def identify(workload: Workload, request: Request) -> Identity:
    """Who the run is, and where its name is known: in the stream, or only in the cluster."""
    fixed = request.run_folder
    if workload.kind == "CronJob":
        return Identity(fixed or workload.name, JOB_NAME_FIELD, fixed)
    if fixed:
        return Identity(fixed)
    if is_named_by_content(workload, request):
        return Identity(base_name(workload, request), JOB_NAME_FIELD)
    if not workload.generated:
        return Identity(workload.name)
    if workload.is_job() and not has_own_selector(workload, request):
        return Identity("", JOB_NAME_FIELD)
    return Identity("", POD_NAME_FIELD if workload.kind == "Pod" else "")
