"""The name and the folder of a run, and where its name is known: in the stream, or only in the cluster."""

from __future__ import annotations

from post_renderer.catalog import NAME_VARIABLE, NAMESPACE_VARIABLE
from post_renderer.k8s import PROJECT, RUN_FOLDER, USER, is_path_segment
from post_renderer.problems import quoted
from post_renderer.request.polyaxonfile import RUN_KINDS
from post_renderer.yamltree import get_mapping_value, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog import Catalog
    from post_renderer.problems import Problems
    from post_renderer.request import Request
    from post_renderer.workloads.model import Workload

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
    known = workload.known
    field = f"metadata.labels['{known.label}']" if known.label else ""
    if field and (known.creates_many_runs or workload.is_created_by_operator()):
        return Identity(fixed or workload.name, field, fixed)
    if fixed:
        return Identity(fixed)
    if is_named_by_content(workload, request):
        return Identity(base_name(workload, request), field)
    if not workload.generated:
        return Identity(workload.name)
    if field and not has_own_selector(workload, request):
        return Identity("", field)
    return Identity("", POD_NAME_FIELD if (workload.group, workload.kind) == ("", "Pod") else "")


def base_name(workload: Workload, request: Request) -> str:
    """The name without the hash: of a Job that was named before, else its own."""
    return request.base_name or workload.name


def is_named_by_content(workload: Workload, request: Request) -> bool:
    return bool(request.run_policy) and workload.is_job()


def has_own_selector(workload: Workload, request: Request) -> bool:
    """A Job whose pods don't get the label ``batch.kubernetes.io/job-name``."""
    return workload.is_job() and not request.base_name and has_selector(workload)


def has_selector(workload: Workload) -> bool:
    """Whether a Job's author gave it a selector; the API server gives one to every other Job."""
    spec = workload.spec()
    if workload.live:
        return scalar_text(get_mapping_value(spec, "manualSelector")) == "true"
    return spec is not None and (spec.get("selector") is not None or spec.get("manualSelector") is not None)


def build_folder(catalog: Catalog, request: Request, identity: Identity, problems: Problems) -> str:
    """The run folder inside the outputs volume, as the kubelet expands it; what it lacks is reported."""
    wanted = catalog.run_folder.placeholders()
    for placeholder, value, key in (("project", request.project, PROJECT), ("user", request.user, USER)):
        if placeholder in wanted and not value:
            message = f"the catalog's runFolder has {{{placeholder}}}, and this run has none"
            problems.add("run-folder", message, f"set the annotation {key}", offset=request.offset)
    if "name" in wanted and not identity.name and not identity.name_field:
        message = "only the cluster knows this run's name, and it can't be had inside the pod"
        problems.add("run-folder", message, f"set the annotation {RUN_FOLDER}", offset=request.offset)
    if not identity.name_field and identity.name and not is_path_segment(identity.name):
        message = f"{quoted(identity.name)} can't be the name of a directory"
        problems.add("run-folder", message, f"write a Kubernetes name, or set {RUN_FOLDER}", offset=request.offset)
    if request.run_policy == "keep" and "name" not in wanted:
        message = "the catalog's runFolder has no {name}, so two kept runs would write into one folder"
        problems.add(
            "run-folder", message, "add {name} to runFolder, or write run-policy replace", offset=request.offset
        )
    name = f"$({NAME_VARIABLE})" if identity.name_field else identity.name
    return catalog.run_folder.fill(
        {
            "namespace": f"$({NAMESPACE_VARIABLE})",
            "project": request.project,
            "user": request.user,
            "kind": RUN_KINDS[request.kind],
            "name": f"{identity.name_prefix}/{name}" if identity.name_prefix else name,
        }
    )
