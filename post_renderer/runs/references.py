"""Finds the runs that a request refers to: the outputs volume and the run folder of each of these runs."""

from __future__ import annotations

from post_renderer.catalog import NAMESPACE_VARIABLE
from post_renderer.inject.job_name import is_content_hash
from post_renderer.k8s import POLYAXONFILE
from post_renderer.problems import list_names, quoted
from post_renderer.resolve.identity import kind_directory
from post_renderer.resolve.model import Reference
from post_renderer.runs.index import CODE, INVALID, read_parts, split_member
from post_renderer.workloads import release_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog import Catalog
    from post_renderer.problems import Problems
    from post_renderer.request import Request
    from post_renderer.runs.index import ReferenceKey, RunIndex, RunRecord
    from post_renderer.workloads.model import Workload


def find_references(
    workload: Workload, request: Request, text: str, index: RunIndex, catalog: Catalog, problems: Problems
) -> list[Reference]:
    """Return the runs that a request refers to, and report references that are not possible.

    ``text``: the text of the document. The run folder of a run outside the stream is built from ``runFolder`` of
    ``catalog``.
    """
    found: list[Reference] = []
    for group, name in request.references:
        reference = (group, name, workload.namespace, release_of(workload))
        meant = index.find(*reference)
        if workload.live and len(meant) > 1:  # choose the Job whose run folder is in the text of this workload
            own = text[workload.root.start : workload.root.end]
            meant = [record for record in meant if record.folder and record.folder in own] or meant
        if not meant:
            kind, message, hint = _find_earlier_run(reference, index)
            if message:
                _report(CODE, reference, message, hint, request, problems)
            else:
                found.append(_external_run(group, kind or group, name, request, catalog))
            if not (message or kind or workload.live):
                _warn_of_similar(reference, index, request, problems)
            continue
        if len(meant) > 1 and meant is index.find(*reference):  # thousands of runs may have the same reference
            if reference not in index.ambiguous:
                index.ambiguous[reference] = _find_error(group, meant)
            code, message, hint = index.ambiguous[reference]
        else:
            code, message, hint = _find_error(group, meant)
        if code:
            _report(code, reference, message, hint, request, problems)
            problems.found[-1].follows = hint == INVALID[2]
        else:
            found.append(Reference(group, name, meant[0].entry, meant[0].folder))
    return found


def _report(code: str, reference: ReferenceKey, message: str, hint: str, request: Request, problems: Problems) -> None:
    what = f"{reference[0]}/{reference[1]}"
    problems.add(code, f"{quoted(what)} {message}", hint, offset=request.offset_of(what), about=POLYAXONFILE)


def _warn_of_similar(reference: ReferenceKey, index: RunIndex, request: Request, problems: Problems) -> None:
    """Warn if the name of an earlier run may be a misspelt name of the stream. A name with a hash is that of a Job."""
    name = read_parts(reference[1])[-1][-1]
    if is_content_hash(name.rpartition("-")[2]) or split_member(name):
        return
    if similar := index.find_similar(*reference[1:]):
        what = f"{reference[0]}/{reference[1]}"
        message = f"{quoted(what)} is no run of this stream, so it means an earlier run"
        hint = f"did you mean {quoted(similar)}?"
        problems.add("unknown-run", message, hint, offset=request.offset_of(what), about=POLYAXONFILE)


def _find_error(group: str, meant: list[RunRecord]) -> tuple[str, str, str]:
    """Return the code, the message and the hint of the error of a reference; the code is empty without an error."""
    record = meant[0]
    if len(meant) > 1:
        return CODE, *_ambiguity_message(meant)
    if record.group != group:
        right = record.group in ("jobs", "experiments")
        hint = f"write the name under {record.group}" if right else "refer to jobs and experiments only"
        return CODE, f"is {record.subject}, which has the kind {record.request.kind}", hint
    code, message, hint = record.error
    return code, f"is {record.subject}, which {message}", hint


def _ambiguity_message(meant: list[RunRecord]) -> tuple[str, str]:
    """Return the message and the hint about a reference that may mean several runs."""
    if len({record.namespace for record in meant}) == 1:
        names = list_names(sorted(record.subject for record in meant))
        return f"may mean any of these runs: {names}", "write project/name, or rename one of these runs"
    names = list_names(sorted(f"{record.subject} in {_namespace_of(record)}" for record in meant))
    hint = "write metadata.namespace in these runs and in this run: a reference finds only runs of its own namespace"
    return f"may mean any of these runs: {names}", hint


def _namespace_of(record: RunRecord) -> str:
    return f"the namespace {quoted(record.namespace)}" if record.namespace else "the release's namespace"


def _find_earlier_run(reference: ReferenceKey, index: RunIndex) -> tuple[str, str, str]:
    """Return ``{kind}`` in the run folder of a run that is not in the stream, and a message and a hint.

    ``{kind}`` is empty if no group of the stream has the run. The message is empty without an error.
    """
    _, text, namespace, release = reference
    members = index.find_members(text, namespace, release)
    if members:
        message = f"is the group {quoted(members[0].request.group)}, and not a run"
        return "", message, f"write the names of its members: {_names_of(members)}"
    base, _, digits = text.rpartition("-")
    has_hash = is_content_hash(digits)
    grid = split_member(base if has_hash else text)
    members = index.find_members(grid, namespace, release) if grid else []
    if not members:
        return _directory_of_earlier_run(reference, index), "", ""
    group = members[0].request.group
    # The run folder of a Job that is named by its content has the full name, which begins with the name of the group.
    if read_parts(grid)[-1][-1] == group and (has_hash or not members[0].named):
        return kind_directory(members[0].request), "", ""
    hint = f"for an earlier member, write the full name of its Job; the members are: {_names_of(members)}"
    return "", f"is no member of the group {quoted(group)} now", hint


def _names_of(members: list[RunRecord]) -> str:
    return list_names(sorted({record.base for record in members}))


def _directory_of_earlier_run(reference: ReferenceKey, index: RunIndex) -> str:
    """Return ``{kind}`` in the run folder of an earlier run of a group; empty for another run.

    The name of an earlier run ends in a hash. Its group is that of the run that has this name without the hash.
    """
    group, text, namespace, release = reference
    base, _, digits = text.rpartition("-")
    if not is_content_hash(digits):
        return ""
    members = [record.request for record in index.find(group, base, namespace, release)]
    directories = {kind_directory(request) if request.group else "" for request in members}
    return directories.pop() if len(directories) == 1 else ""


def _external_run(group: str, kind: str, text: str, request: Request, catalog: Catalog) -> Reference:
    """Return the reference to a run that is not in the stream. ``kind``: the value of ``{kind}`` in its run folder.

    The run folder contains the project and the user of the reference. If the reference has none, it contains those of
    the request.
    """
    user, project, name = read_parts(text)[-1]
    values = {
        "namespace": f"$({NAMESPACE_VARIABLE})",
        "project": project or request.project,
        "user": user or request.user,
        "kind": kind,
        "name": name,
    }
    return Reference(group, text, None, catalog.run_folder.fill(values))
