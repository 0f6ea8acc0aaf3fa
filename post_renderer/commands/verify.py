"""``verify``: checks whether each run of a release or of a cluster has what it asked for."""

from __future__ import annotations

from post_renderer.commands.extra_items import OTHER_CATALOG, list_extra
from post_renderer.commands.inputs import Findings, identity_data, read_inputs
from post_renderer.console import CommandResult
from post_renderer.console.format import format_table, json_text, problem_data
from post_renderer.inject import choose_containers
from post_renderer.problems import ERROR, Problem, YamlError, flatten, quoted
from post_renderer.runs.manifest import read_manifest
from post_renderer.stream import StreamError, stream_problem
from post_renderer.yamledit.edits import Edit
from post_renderer.yamltree import Node, get_mapping_value, scalar_text
from post_renderer.yamltree.node_index import NodeIndex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.load import CatalogSet
    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.console.options import Options
    from post_renderer.problems import Problems
    from post_renderer.runs import Run
    from post_renderer.runs.manifest import DocumentRuns
    from post_renderer.yamltree.node import Path

VERIFIED, NOT_RENDERED, DIFFERS = "verified", "bare", "differs"
RENDER_AGAIN = "upgrade the release with --post-renderer polyaxon-persistence"
HINTS = {
    NOT_RENDERED: f"{RENDER_AGAIN}: the run was rendered without the post-renderer",
    DIFFERS: f"{RENDER_AGAIN}: somebody changed the run or the catalog after the render",
}
NAMING = {"annotations": "annotation", "labels": "label", "spec": "field"}
WORDS = {"volumes": "volume", "volumeMounts": "mount", "env": "variable"}


class Verdict:
    """Whether one run has what it asked for.

    ``missing``: tuples of container name (empty: the object itself), type and name of the missing item.
    ``extra``: what the pod has beyond its request, as tuples like those of ``missing``.
    ``gated``: the pod still has the scheduling gate, which a render removes.
    """

    __slots__ = ("extra", "gated", "identity", "missing", "offset", "state", "subject", "volumes")

    def __init__(self, run: Run, *, has_errors: bool) -> None:
        self.subject = run.subject
        self.identity = identity_data(run.workload)
        self.offset = run.request.offset
        names = [str(volume["name"]) for volume in run.resolution.volumes]
        names += [entry.name for entry, _, _ in run.resolution.buckets]
        self.volumes = list(dict.fromkeys(names))
        self.gated = run.pod.gate_path is not None
        owners = {container.path: container.name for container in run.pod.containers}
        missing = [item for edit in run.edits for item in _list_missing(run, edit, owners)]
        others = [item for item in missing if item[1] != "name"]
        # The name depends on the content: if anything else is missing, the name differs too.
        self.missing = others if others or has_errors else missing
        self.extra = list_extra(run)
        self.state = DIFFERS
        if not (self.missing or self.extra or self.gated or has_errors):
            self.state = VERIFIED
        elif not (has_errors or self.extra) and sum(
            what in WORDS.values() for _, what, _ in self.missing
        ) == _count_wanted(run):
            self.state = NOT_RENDERED


def run(options: Options, given: bytes, files: list[CatalogLayer]) -> CommandResult:
    """``given``: the content of standard input or the output of a program. It is used if no file is named."""
    verdicts: list[Verdict] = []
    findings = Findings(options)
    left_out = 0
    for source in read_inputs(options.files, given):
        new, owned, failed, problems = _verify_stream(source.raw, files)
        verdicts += new
        left_out += owned
        findings.add(source, problems, len(new) + failed)
    if options.output == "json":
        rows = [_verdict_data(verdict) for verdict in verdicts]
        output = json_text({"runs": rows, "problems": problem_data(findings.problems), "objects": findings.objects})
        return CommandResult(output, findings.problems, problems_in_output=True, note=findings.notes)
    if left_out:
        findings.notes += _note_left_out(left_out)
    good = sum(verdict.state == VERIFIED for verdict in verdicts)
    text = _verdicts_text(verdicts, options.width) + findings.summary(good)
    return CommandResult(text, findings.problems, note=findings.notes)


def _note_left_out(number: int) -> str:
    if number == 1:
        return "note: 1 object was not verified, because a controller created it. Verify the owner of this object\n"
    return (
        f"note: {number} objects were not verified, because a controller created them. "
        "Verify the owners of these objects\n"
    )


def _verify_stream(raw: bytes, files: list[CatalogLayer]) -> tuple[list[Verdict], int, int, list[Problem]]:
    """Return the verdicts on the runs of a stream, the numbers of skipped objects and failed runs, and the problems."""
    try:
        manifest = read_manifest(raw, files)
    except StreamError as error:
        return [], 0, 0, [stream_problem(raw, error)]
    verdicts: list[Verdict] = []
    problems: list[Problem] = []
    entry_problems: list[list[Problem]] = []
    left_out = failed = 0
    for document in manifest.documents:
        found = manifest.read_runs(document)
        new, owned = _verify_document(found, manifest.catalogs, has_files=bool(files))
        verdicts += new
        left_out += owned
        failed += found.problems.failed_runs
        problems += found.placed_problems()
        entry_problems += found.problems.in_catalog
    problems = [*manifest.catalogs.problems, *flatten(entry_problems), *problems]
    if not (verdicts or left_out or problems) and (files or manifest.catalogs.starts):
        message = "no run was verified: the input has a catalog, but no run; hooks are not in helm get manifest"
        hint = "if the runs are hooks, run (helm get manifest RELEASE; helm get hooks RELEASE) | polyaxon-persistence "
        hint += "verify; else check that the input contains the runs"
        problems.append(Problem("not-verified", message, hint, subject="(stream)"))
    return verdicts, left_out, failed, problems


def _verify_document(found: DocumentRuns, catalogs: CatalogSet, *, has_files: bool) -> tuple[list[Verdict], int]:
    """Return the verdicts on a document's runs, and the number of skipped objects. Adds problems to ``found``."""
    if found.root is None:
        return [], 0
    problems = found.problems
    owned = _find_owned(found.root, catalogs, problems)
    places = NodeIndex(owned)
    problems.keep(lambda problem: places.find(problem.offset) is None)
    starts = {node.start for node in owned}
    runs = [run for run in found.runs if run.workload.root.start not in starts]
    places = NodeIndex([run.workload.root for run in runs])
    wrong = {places.find(problem.offset) for problem in problems.found if problem.severity == ERROR}
    verdicts = [Verdict(run, has_errors=run.workload.root.start in wrong) for run in runs]
    for problem in problems.found:
        if problem.code == "conflict":  # its hint is for a template, but this object is rendered already
            problem.hint = HINTS[DIFFERS] + ("" if has_files else f"; or {OTHER_CATALOG}")
    for verdict in verdicts:
        problems.found += _problem_of(verdict)
    return verdicts, len(found.runs) - len(runs)


def _find_owned(root: Node, catalogs: CatalogSet, problems: Problems) -> list[Node]:
    """Return the objects that a controller created. If an object can't be read, add a problem."""
    owned: list[Node] = []
    for found in catalogs.find_objects(root):
        try:
            if found.known and _is_owned(found.node):
                owned.append(found.node)
        except YamlError as error:
            if not found.error:  # otherwise it is reported already
                problems.subject = found.subject
                error.report(problems)
    return owned


def _is_owned(node: Node) -> bool:
    """Return whether a controller created the object, as a Job creates Pods: it has the owner's annotations."""
    owners = get_mapping_value(node, "metadata", "ownerReferences")
    return owners is not None and any(
        scalar_text(get_mapping_value(owner, "controller")) == "true" for owner in owners.items()
    )


def _count_wanted(run: Run) -> int:
    """Return the number of volumes, mounts and variables that the run's pod must have."""
    resolution = run.resolution
    if not resolution.env:
        return 0
    containers = choose_containers(run.pod, run.request)
    return len(resolution.volumes) + len(containers) * (len(resolution.mounts) + len(resolution.env))


def _list_missing(run: Run, edit: Edit, owners: dict[Path, str]) -> list[tuple[str, str, str]]:
    """Return the items that an edit of the render would still add, as tuples like those of ``Verdict.missing``.

    ``owners``: dict of the path of a container -> the name of the container.
    """
    content, last = edit.content, str(edit.path[-1])
    if isinstance(content, list):
        key = "mountPath" if last == "volumeMounts" else "name"
        owner = owners.get(edit.path[:-1], "")
        return [(owner, WORDS[last], str(item[key])) for item in content if isinstance(item, dict)]
    if isinstance(content, dict) and last in NAMING:
        return [("", NAMING[last], name) for name in content]
    if isinstance(content, dict):  # a container that does not exist yet
        inner = [Edit(edit.op, (*edit.path, key), value) for key, value in content.items()]
        return [item for one in inner for item in _list_missing(run, one, owners)]
    if edit.path[:2] == ("metadata", "annotations"):
        return [("", "annotation", f"{last}: {content}")]
    return [("", "name", run.name)] * (edit.path == ("metadata", "name"))


def _problem_of(verdict: Verdict) -> list[Problem]:
    if not (verdict.missing or verdict.extra or verdict.gated):
        return []
    parts = (
        ["the run has none of the volumes that it asked for"]
        if verdict.state == NOT_RENDERED
        else _describe("lacks", verdict.missing)
    )
    parts += [f"{part}, which its request does not give" for part in _describe("has", verdict.extra)]
    if verdict.gated:
        parts.append("its pods wait at the scheduling gate")
    hint = HINTS[NOT_RENDERED if verdict.gated else verdict.state]
    if verdict.extra and not verdict.gated:
        hint = OTHER_CATALOG
    return [Problem("not-verified", "; ".join(parts), hint, offset=verdict.offset, subject=verdict.subject)]


def _describe(verb: str, items: list[tuple[str, str, str]]) -> list[str]:
    """Return one text for each container and the object: ``container "main" lacks mount /data/1, variable X``."""
    groups: dict[str, list[str]] = {}
    for owner, what, name in items:
        groups.setdefault(owner, []).append(
            f"{what} {name}" if what != "name" else f"the name with the hash of its content, {name}"
        )
    return [
        f"{f'container {quoted(owner)}' if owner else 'the object'} {verb} {', '.join(names)}"
        for owner, names in groups.items()
    ]


def _verdict_data(verdict: Verdict) -> dict[str, object]:
    missing, extra = (
        [{"container": owner or None, "what": what, "name": name} for owner, what, name in items]
        for items in (verdict.missing, verdict.extra)
    )
    return {
        "object": verdict.subject,
        **verdict.identity,
        "state": verdict.state,
        "volumes": verdict.volumes,
        "missing": missing,
        "extra": extra,
        "gated": verdict.gated,
    }


def _verdicts_text(verdicts: list[Verdict], width: int) -> str:
    if not verdicts:
        return ""
    rows = [("RUN", "STATE", "VOLUMES")]
    rows += [(verdict.subject, verdict.state, ", ".join(verdict.volumes) or "none") for verdict in verdicts]
    return format_table(rows, width=width)
