"""Finds the name of a run, or the pod field that contains the name, and builds the run folder from the name."""

from __future__ import annotations

from post_renderer.catalog import NAME_VARIABLE, NAMESPACE_VARIABLE
from post_renderer.k8s import PROJECT, RUN_FOLDER, USER, is_path_segment
from post_renderer.problems import quoted
from post_renderer.request.polyaxonfile import RUN_KINDS
from post_renderer.yamltree import get_mapping_value, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from post_renderer.catalog import Catalog
    from post_renderer.catalog.entry import Entry, PathTemplate
    from post_renderer.problems import Problems
    from post_renderer.request import Request
    from post_renderer.workloads.model import Workload

POD_NAME_FIELD: Final = "metadata.name"


class Identity:
    """The name of a run, or the pod field from which the pod can read this name.

    ``name``: the run's name in the stream, or empty.
    ``name_field``: the field of the downward API that contains the run's name; empty if the pod need not read it.
    ``name_prefix``: a directory before the name in ``name_field``, for the annotation ``run-folder`` on an object that
    starts many runs, such as a CronJob.
    """

    __slots__ = ("name", "name_field", "name_prefix")

    def __init__(self, name: str, name_field: str = "", name_prefix: str = "") -> None:
        self.name = name
        self.name_field = name_field
        self.name_prefix = name_prefix


def identify(workload: Workload, request: Request) -> Identity:
    """Return the name of a run, or the pod field with the name. Both are empty if a pod can't know the name."""
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
    """Return the name of the workload without the hash that a render adds."""
    return request.base_name or workload.name


def is_named_by_content(workload: Workload, request: Request) -> bool:
    return bool(request.run_policy) and workload.is_job()


def has_own_selector(workload: Workload, request: Request) -> bool:
    """Return whether a Job has a selector that no render wrote. Its pods may lack the label of the Job's name."""
    return workload.is_job() and not request.base_name and has_selector(workload)


def has_selector(workload: Workload) -> bool:
    """Return whether a Job's manifest has a selector. The API server adds a selector to a Job without one."""
    spec = workload.spec()
    if workload.live:
        return scalar_text(get_mapping_value(spec, "manualSelector")) == "true"
    return spec is not None and (spec.get("selector") is not None or spec.get("manualSelector") is not None)


def kind_directory(request: Request) -> str:
    """Return the value of ``{kind}`` in the run folder: ``groups/<group>``, else the plural of the kind.

    Polyaxon 0.x put the experiments of a group into ``groups/<id of the group>``.
    """
    return f"groups/{request.group}" if request.group else RUN_KINDS[request.kind]


def build_folder(catalog: Catalog, request: Request, identity: Identity, problems: Problems) -> str:
    """Return the run folder in the outputs volume, as text that the kubelet expands. Report invalid parts."""
    wanted = catalog.run_folder.placeholders()
    _check_owner(wanted, "runFolder of the catalog", request, problems)
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
            **_owner(request),
            "kind": kind_directory(request),
            "name": f"{identity.name_prefix}/{name}" if identity.name_prefix else name,
        }
    )


def fill_sub_path(entry: Entry, template: PathTemplate, request: Request, problems: Problems) -> str:
    """Return the directory of a data volume, as text that the kubelet expands. Report a missing project or user."""
    _check_owner(template.placeholders(), f"subPath of {entry.name}", request, problems)
    return template.fill(_owner(request))


def _owner(request: Request) -> dict[str, str]:
    return {"namespace": f"$({NAMESPACE_VARIABLE})", "project": request.project, "user": request.user}


def _check_owner(wanted: set[str], what: str, request: Request, problems: Problems) -> None:
    for placeholder, value, key in (("project", request.project, PROJECT), ("user", request.user, USER)):
        if placeholder in wanted and not value and key not in request.annotations:
            message = f"{what} contains {{{placeholder}}}, but this run has no {placeholder}"
            problems.add("run-folder", message, f"set the annotation {key}", offset=request.offset)
