"""Finds the name of a run, or the pod field that has it in the cluster, and builds its run folder."""

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
    """The name of a run, or where the cluster has it.

    ``name``: as the stream has it, or empty. ``name_field``: the field of the downward API that holds the run's name;
    empty if the stream has the name. ``name_prefix``: a directory before that name (of a CronJob with a run folder).
    """

    __slots__ = ("name", "name_field", "name_prefix")

    def __init__(self, name: str, name_field: str = "", name_prefix: str = "") -> None:
        self.name = name
        self.name_field = name_field
        self.name_prefix = name_prefix


def identify(workload: Workload, request: Request) -> Identity:
    """Return the name of a run, or the pod field that will hold it. Both are empty if no field can hold it."""
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
    """Return the name without the hash that a render adds."""
    return request.base_name or workload.name


def is_named_by_content(workload: Workload, request: Request) -> bool:
    return bool(request.run_policy) and workload.is_job()


def has_own_selector(workload: Workload, request: Request) -> bool:
    """Return whether the pods of a Job don't get the label ``batch.kubernetes.io/job-name``."""
    return workload.is_job() and not request.base_name and has_selector(workload)


def has_selector(workload: Workload) -> bool:
    """Return whether a Job's manifest has a selector; the API server adds one to every other Job."""
    spec = workload.spec()
    if workload.live:
        return scalar_text(get_mapping_value(spec, "manualSelector")) == "true"
    return spec is not None and (spec.get("selector") is not None or spec.get("manualSelector") is not None)


def build_folder(catalog: Catalog, request: Request, identity: Identity, problems: Problems) -> str:
    """Return the run folder in the outputs volume, as text that the kubelet expands. Report what it lacks."""
    wanted = catalog.run_folder.placeholders()
    for placeholder, value, key in (("project", request.project, PROJECT), ("user", request.user, USER)):
        if placeholder in wanted and not value:
            message = f"runFolder of the catalog contains {{{placeholder}}}, but this run has no {placeholder}"
            problems.add("run-folder", message, f"set the annotation {key}", offset=request.offset)
    if "name" in wanted and not identity.name and not identity.name_field:
        message = "the run folder needs the run's name, but only the cluster knows the name, and the pod can't read it"
        problems.add("run-folder", message, f"set the annotation {RUN_FOLDER}", offset=request.offset)
    if not identity.name_field and identity.name and not is_path_segment(identity.name):
        message = f"{quoted(identity.name)} is not a valid directory name"
        problems.add(
            "run-folder",
            message,
            f"write a valid metadata.name, or set the annotation {RUN_FOLDER}",
            offset=request.offset,
        )
    if request.run_policy == "keep" and "name" not in wanted:
        message = "runFolder of the catalog has no {name}, so two kept runs would write into one run folder"
        problems.add(
            "run-folder", message, "add {name} to runFolder, or set run-policy to replace", offset=request.offset
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
