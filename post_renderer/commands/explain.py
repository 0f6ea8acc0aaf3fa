"""``explain``: prints the volumes of each run and container, their paths and modes, and the reason for each."""

from __future__ import annotations

from post_renderer.catalog.entry import OUTPUTS
from post_renderer.commands.explained_runs import describe_params, format_place, member_name
from post_renderer.commands.extra_items import OTHER_CATALOG, list_extra
from post_renderer.commands.inputs import Findings, identity_data, read_inputs
from post_renderer.commands.params import read_params
from post_renderer.commands.views import VIEW_FORMATS, write_view
from post_renderer.console import CommandResult
from post_renderer.console.format import format_table, json_text, problem_data
from post_renderer.inject import choose_containers
from post_renderer.k8s import CONTAINERS
from post_renderer.problems import escape_control, list_names
from post_renderer.render import render
from post_renderer.resolve.identity import is_named_by_content

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.entry import Entry
    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.commands.inputs import Input
    from post_renderer.console.options import Options
    from post_renderer.problems import Problem
    from post_renderer.resolve.model import Mount, Resolution
    from post_renderer.runs import Run
    from post_renderer.runs.manifest import DocumentRuns
    from post_renderer.stream import Document
    from post_renderer.yamltree.node import Value

    ExplainedRun = dict[str, object]
    Location = dict[str, str]

# How explain prints variables that only the cluster knows.
READABLE_VARIABLES = {
    "$(POLYAXON_K8S_NAMESPACE)": "<namespace>",
    "$(POLYAXON_RUN_NAME)": "<name in the cluster>",
    "$$": "$",
}
REASONS = {
    "asked": "asked for",
    "default": "default of the catalog",
    "all data": "all data (no data asked for)",
    "first writable": "first writable outputs",
    "spread": "chosen by the run's name",
    "run folder": "run folder, created at start",
    "reference": "results of another run",
    "credentials": "key file of the bucket",
}
NO_CONTAINER_NOTE = f"nothing is added: {CONTAINERS} names none of this pod's containers"
UNCHANGED_NOTE = "nothing changes: the stream has all of it already"
MEMBER = "<member>"
BY_SECRET, BY_IDENTITY = "by its Secret", "by the pod's identity"
MOUNT_COLUMNS = ("CONTAINER", "VOLUME", "MOUNT PATH", "MODE", "WHY", "STORAGE")


def run(options: Options, given: bytes, files: list[CatalogLayer]) -> CommandResult:
    """``given``: the content of standard input or the output of a program. It is used if no file is named."""
    rows: list[ExplainedRun] = []
    findings = Findings(options)
    findings.add_repeated_keys()
    for source in read_inputs(options.files, given):
        failed: list[int] = []  # runs of each document
        explained = len(rows)

        def explain(found: DocumentRuns, source: Input = source, failed: list[int] = failed) -> None:
            failed.append(found.problems.failed_runs)
            following = _find_following(found.problems.found)
            rows.extend(_explain_run(run, found.document, source, following) for run in found.runs)

        problems = render(source.raw, files, each=explain).problems
        findings.add(source, problems, len(rows) - explained + sum(failed))
    if options.output == "json":
        output = json_text({"runs": rows, "problems": problem_data(findings.problems), "objects": findings.objects})
        return CommandResult(output, findings.problems, problems_in_output=True, note=findings.notes)
    if options.output in VIEW_FORMATS:
        from post_renderer.commands.explain_view import make_view

        view = make_view(_join_groups(rows), findings.problems, findings.summary(), _mount_row)
        return CommandResult(write_view(view, options.output), findings.problems, note=findings.notes)
    text = "".join(f"{_run_text(same, options.width)}\n" for same in _join_groups(rows))
    return CommandResult(text + findings.summary(), findings.problems, note=findings.notes)


def _explain_run(run: Run, document: Document, source: Input, following: dict[str, list[str]]) -> ExplainedRun:
    resolution = run.resolution
    stream, line = source.locate(document.line(run.request.offset))
    volumes = {str(volume["name"]): volume for volume in resolution.volumes}
    containers = [container.name for container in choose_containers(run.pod, run.request)]
    mounts: list[ExplainedRun] = []
    for name in containers if resolution.env else ():
        for mount in resolution.mounts:
            fields = mount.fields
            mounts.append(
                {
                    "container": name,
                    "volume": mount.entry.name,
                    "mountPath": fields["mountPath"],
                    "readOnly": fields.get("readOnly", False),
                    "why": mount.reason,
                    "description": mount.entry.description,
                    "storage": _storage(volumes[str(fields["name"])], _folder(run, mount)),
                    "source": _location(volumes[str(fields["name"])], _folder(run, mount)),
                }
            )
        mounts += [_explain_bucket(name, *bucket) for bucket in resolution.buckets]
    return {
        "object": run.subject,
        **identity_data(run.workload),
        "name": run.name if is_named_by_content(run.workload, run.request) else None,
        "group": run.request.group or None,
        "params": read_params(run.pod) if run.request.group else None,
        "kind": run.request.kind,
        "file": document.template(),
        "line": line,
        "stream": stream,
        "results": _results(resolution).replace(READABLE_VARIABLES["$(POLYAXON_RUN_NAME)"], _name_in_cluster(run))
        if containers
        else "",
        "resultsLocation": _results_location(run) if containers else None,
        "mounts": mounts,
        "env": {str(item["name"]): _value(item) for item in resolution.env if containers},
        "notes": [*map(_as_shown, resolution.notes), *_change_notes(run), *following.get(run.subject, ())]
        if containers
        else [NO_CONTAINER_NOTE],
    }


def _value(variable: dict[str, Value]) -> str:
    source = variable.get("valueFrom")
    if isinstance(source, dict):
        return "(from a Secret)" if "secretKeyRef" in source else "(from the pod)"
    return str(variable["value"])


def _explain_bucket(container: str, entry: Entry, why: str, path: str) -> ExplainedRun:
    assert entry.bucket is not None
    url = _as_shown(path) if why == "reference" else entry.bucket.url
    opened = f" (Secret {entry.bucket.secret}, key {entry.bucket.secret_key})" if entry.bucket.secret_key else ""
    if entry.bucket.in_variables and not entry.bucket.key_file:
        opened = f" (variables from Secret {entry.bucket.secret})"
    return {
        "container": container,
        "volume": entry.name,
        "mountPath": None,
        "readOnly": entry.read_only or why == "reference",
        "why": why,
        "description": entry.description,
        "storage": f"bucket {url}{opened}",
        "source": {"type": "bucket", "name": entry.bucket.url, "path": url.removeprefix(entry.bucket.url).strip("/")},
    }


def _name_in_cluster(run: Run) -> str:
    """Return the run's name if the render sets it. Otherwise only the cluster knows it: return a placeholder."""
    return run.name if is_named_by_content(run.workload, run.request) else READABLE_VARIABLES["$(POLYAXON_RUN_NAME)"]


def _change_notes(run: Run) -> list[str]:
    if extra := list_extra(run):
        names = list_names(list(dict.fromkeys(name for _, _, name in extra)))
        return [f"the pod has more than its request gives ({names}): {OTHER_CATALOG}"]
    if run.edits:
        return []
    return [UNCHANGED_NOTE if run.resolution.env else "nothing changes: a run of this kind (build) gets no volumes"]


def _find_following(problems: list[Problem]) -> dict[str, list[str]]:
    """Return object -> its errors that only follow from those of other runs: the list of all errors leaves them out."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        if problem.follows:
            found.setdefault(problem.subject, []).append(problem.message)
    return found


def _results(resolution: Resolution) -> str:
    """Return the place of the run's results on the storage; empty if the run has no outputs volume."""
    if resolution.outputs is None:
        return ""
    folder = _as_shown(resolution.run_folder)
    if resolution.outputs.bucket:
        return f"bucket {resolution.outputs.path().removesuffix('/')}/{folder}"
    parts = (_storage_source(_results_volume(resolution)), resolution.outputs.sub_path, folder)
    return "/".join(part for part in parts if part)


def _results_volume(resolution: Resolution) -> dict[str, Value]:
    names = {mount.fields["name"] for mount in resolution.mounts[:1]}
    return next(volume for volume in resolution.volumes if volume["name"] in names)


def _results_location(run: Run) -> Location | None:
    resolution = run.resolution
    if resolution.outputs is None:
        return None
    folder = _run_folder(run)
    if resolution.outputs.bucket:
        return {"type": "bucket", "name": resolution.outputs.bucket.url, "path": folder}
    return _location(_results_volume(resolution), "/".join(filter(None, (resolution.outputs.sub_path, folder))))


def _run_folder(run: Run) -> str:
    folder = _as_shown(run.resolution.run_folder)
    return folder.replace(READABLE_VARIABLES["$(POLYAXON_RUN_NAME)"], _name_in_cluster(run))


def _as_shown(path: str) -> str:
    for variable, words in READABLE_VARIABLES.items():
        path = path.replace(variable, words)
    return path


def _storage(volume: dict[str, Value], folder: str) -> str:
    return "/".join(part for part in (_storage_source(volume), folder) if part)


def _folder(run: Run, mount: Mount) -> str:
    """Return the directory of a mount on its storage.

    The run folder is part of it with ``isolateRuns``. The mount that only creates the run folder has a reason instead.
    """
    if (
        "subPathExpr" in mount.fields
        and mount.reason not in ("run folder", "reference")
        and mount.entry.role == OUTPUTS
    ):
        return "/".join(filter(None, (mount.entry.sub_path, _run_folder(run))))
    if mount.reason == "reference" or mount.entry.sub_path_template:
        return _as_shown(str(mount.fields["subPathExpr"]))
    return mount.entry.sub_path


def _location(volume: dict[str, Value], folder: str) -> Location:
    """Return the type of a storage, its name and a path on it. A directory of a node has no name."""
    kind, source = next((key, value) for key, value in volume.items() if key != "name")
    fields = source if isinstance(source, dict) else {}
    if kind == "persistentVolumeClaim":
        return {"type": "claim", "name": str(fields["claimName"]), "path": folder}
    if kind == "hostPath":
        return {"type": "hostPath", "name": "", "path": "/".join(filter(None, (str(fields["path"]), folder)))}
    return {"type": kind, "name": "", "path": folder}


def _storage_source(volume: dict[str, Value]) -> str:
    kind, source = next((key, value) for key, value in volume.items() if key != "name")
    fields = source if isinstance(source, dict) else {}
    if kind == "persistentVolumeClaim":
        return f"claim {fields['claimName']}:"
    if kind == "hostPath":
        return f"node {fields['path']}"
    return f"{kind}:"


def _join_groups(rows: list[ExplainedRun]) -> list[list[ExplainedRun]]:
    """Return lists of runs that the text shows as one: the members of a group with the same volumes."""
    shown: dict[object, list[ExplainedRun]] = {}
    for number, row in enumerate(rows):
        same = ("stream", "namespace", "group", "kind", "notes")
        key = repr([*(row[field] for field in same), _mounts_of_member(row)]) if row["group"] else number
        shown.setdefault(key, []).append(row)
    for same_rows in shown.values():
        if len(same_rows) > 1:
            same_rows[0] = {**same_rows[0], "mounts": _mounts_of_member(same_rows[0])}
    return list(shown.values())


def _mounts_of_member(row: ExplainedRun) -> list[ExplainedRun]:
    """Return the mounts of a member of a group, without its name in the directory of its results (isolateRuns)."""
    mounts = row["mounts"]
    assert isinstance(mounts, list)
    name = str(row["name"] or row["object"]).rpartition("/")[2]
    alone = str(row["results"])
    return [
        {
            **mount,
            "storage": alone.replace(name, MEMBER),
            "source": {**mount["source"], "path": mount["source"]["path"].replace(name, MEMBER)},
        }
        if alone and mount["storage"] == alone
        else mount
        for mount in mounts
    ]


def _run_text(same: list[ExplainedRun], width: int) -> str:
    """``same``: one run, or the members of a group."""
    row = same[0]
    name = f" as {row['name']}" if row["name"] else ""
    place = format_place(same)
    mounts = row["mounts"]
    assert isinstance(mounts, list)
    results = str(row["results"])
    params = describe_params(same)
    if len(same) == 1:
        text = escape_control(f"{row['object']}{name}  ({row['kind']}; {place})") + "\n"
    else:
        names = [member_name(member) for member in same]
        listed = "" if params else f": {list_names(names)}"
        text = escape_control(f"group {row['group']}, {len(same)} runs{listed}  ({row['kind']}; {place})") + "\n"
        results = results.replace(names[0], MEMBER)
    text += "".join(f"  {escape_control(line)}\n" for line in params)
    if results:
        text += escape_control(f"  results: {results}") + "\n"
    if mounts:
        table: list[tuple[str, ...]] = [MOUNT_COLUMNS]
        table += map(_mount_row, mounts)
        text += format_table(table, "  ", width)
    else:
        text += "  no volumes\n"
    notes = row["notes"]
    assert isinstance(notes, list)
    return text + "".join(f"  note: {escape_control(str(note))}\n" for note in notes)


def _mount_row(item: ExplainedRun) -> tuple[str, ...]:
    """Return the cells below MOUNT_COLUMNS."""
    mode = "read-only" if item["readOnly"] else "writable"
    path = str(item["mountPath"] or "(not mounted)")
    if not item["mountPath"]:  # the store decides, by the credentials of the pod
        mode = BY_SECRET if " (" in str(item["storage"]) else BY_IDENTITY
    storage = str(item["storage"]).rstrip(":")
    return str(item["container"]), str(item["volume"]), path, mode, REASONS[str(item["why"])], storage
