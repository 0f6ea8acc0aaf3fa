"""``inventory``: lists who uses each claim, node path and bucket, and the kept Jobs that no release has any more."""

from __future__ import annotations

from post_renderer.commands.inputs import Findings, read_inputs
from post_renderer.commands.inventory_text import jobs_text, stale_text, storage_text
from post_renderer.commands.views import VIEW_FORMATS, write_view
from post_renderer.console import CommandResult
from post_renderer.console.format import json_text, problem_data
from post_renderer.inventory.kept_jobs import STALE, UNKNOWN, judge_kept_jobs
from post_renderer.inventory.objects import FoundObject, read_objects
from post_renderer.inventory.pod_usage import CLAIM
from post_renderer.inventory.storage import User, list_users
from post_renderer.problems import Problem, suggest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.console.options import Options


class Inventory:
    """What the inputs of one command line contain.

    ``storage``: the users of each storage. ``jobs``: the kept Jobs. Both are filtered by the options.
    ``claims``: the names of all claims, for a hint about a misspelt one.
    """

    def __init__(self, options: Options, given: bytes, files: list[CatalogLayer]) -> None:
        self.findings = Findings(options)
        sources = read_inputs(options.files, given)
        read = [
            (source, *read_objects(source.raw, files, options.namespaces.get(name, "")))
            for source, name in zip(sources, options.files or ["-"], strict=True)
        ]
        objects = [item for _, found, _ in read for item in found]
        jobs, wrong = judge_kept_jobs(objects)
        self.wrong: dict[int, list[Problem]] = {}  # id() of a kept Job -> the errors about it
        for item, problem in wrong:
            self.wrong.setdefault(id(item), []).append(problem)
        self.places: dict[int, tuple[str, int]] = {}  # id() of an object -> its file and line
        for (source, found, problems), name in zip(read, options.files or ["-"], strict=True):
            problems.extend(_check_namespace(found, options.namespaces.get(name, "")))
            own = {id(item) for item in found}
            for item, problem in wrong:
                if id(item) in own:
                    problem.file, problem.line = item.file, item.line
                    problems.append(problem)
            self.findings.add(source, problems, sum(item.is_run for item in found))
            self.places.update({id(item): source.locate(item.line) for item in found})
        self.claims = sorted({use.storage.name for item in objects for use in item.uses() if use.storage.type == CLAIM})
        self.storage = {} if options.stale else list_users(objects, options.claim)
        self.jobs = [] if options.claim else [job for job in jobs if job.state == STALE or not options.stale]
        self.unknown = [] if options.claim else [job for job in jobs if job.state == UNKNOWN]


def _check_namespace(found: list[FoundObject], namespace: str) -> list[Problem]:
    """Warn if --namespace changes no object of its file."""
    if not namespace or not found or any(item.has_given_namespace for item in found):
        return []
    message = f"--namespace {namespace} changes no object of this file: each object has a namespace itself"
    hint = "leave out --namespace, or check that this is the right file"
    return [Problem("unused-namespace", message, hint, subject="(input)")]


def run(options: Options, given: bytes, files: list[CatalogLayer]) -> CommandResult:
    """``given``: the content of standard input or the output of a program. It is used if no file is named."""
    inventory = Inventory(options, given, files)
    findings = inventory.findings
    if options.output == "json":
        output = json_text(_data(inventory))
        return CommandResult(output, findings.problems, problems_in_output=True, note=findings.notes)
    if options.output in VIEW_FORMATS:
        from post_renderer.commands.inventory_view import make_view

        view = make_view(inventory.storage, inventory.jobs, findings, inventory.wrong, inventory.places)
        return CommandResult(write_view(view, options.output), findings.problems, note=findings.notes)
    if options.stale:
        text = stale_text(inventory.jobs, inventory.unknown)
    else:
        text = "".join(storage_text(storage, users) for storage, users in inventory.storage.items())
        if options.claim and not inventory.storage:
            text = f"Nothing in the input uses the claim {options.claim}.\n"
            text += f"  hint: {suggest(options.claim, inventory.claims)}\n\n"
        text += jobs_text(inventory.jobs) + findings.summary()
    return CommandResult(text, findings.problems, note=findings.notes)


def _data(inventory: Inventory) -> dict[str, object]:
    return {
        "storage": [
            {
                "type": storage.type,
                "namespace": storage.namespace or None,
                "name": storage.name,
                "users": [_user_data(user, inventory) for user in users],
            }
            for storage, users in inventory.storage.items()
        ],
        "keptJobs": [
            {
                **_object_data(job.item, inventory),
                "status": job.item.status,
                "state": job.state,
                "reason": job.reason,
                "configMaps": job.config_maps,
                "delete": job.line() or None,
            }
            for job in inventory.jobs
        ],
        "problems": problem_data(inventory.findings.problems),
        "objects": inventory.findings.objects,
    }


def _object_data(item: FoundObject, inventory: Inventory) -> dict[str, object]:
    stream, line = inventory.places[id(item)]
    return {
        "object": item.subject(),
        "namespace": item.namespace or None,
        "release": item.release or None,
        "run": item.run or None,
        "file": item.file,
        "line": line,
        "stream": stream,
    }


def _user_data(user: User, inventory: Inventory) -> dict[str, object]:
    uses = [{"volume": use.volume, "path": use.directory, "writes": use.writes} for use in user.uses]
    return {
        **_object_data(user.item, inventory),
        "isRun": user.item.is_run,
        "access": "writes" if user.writes() else "reads",
        "results": user.results,
        "uses": uses,
    }
