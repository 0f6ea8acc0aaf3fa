"""``inventory``: lists who uses each claim, node path and bucket, and the kept Jobs that no release has any more."""

from __future__ import annotations

from post_renderer.commands.inputs import Findings, Input, read_inputs
from post_renderer.commands.inventory_text import claim_note, claim_text, jobs_text, stale_text, storage_text
from post_renderer.commands.views import VIEW_FORMATS, write_view
from post_renderer.console import CommandResult
from post_renderer.console.format import json_text, problem_data
from post_renderer.inventory.kept_jobs import judge_kept_jobs
from post_renderer.inventory.manifests import STALE, UNKNOWN
from post_renderer.inventory.objects import FoundObject, Source
from post_renderer.inventory.pod_usage import CLAIM
from post_renderer.inventory.storage import User, list_users
from post_renderer.inventory.streams import Gap, read_stream
from post_renderer.problems import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.console.options import Options


class Inventory:
    """What the inputs of one command line contain.

    ``storage``: the users of each storage. ``jobs``: the kept Jobs. Both are filtered by the options.
    ``claims``: the names of all claims, for a hint about a misspelt one.
    ``mentions``: objects with the name of the asked claim in their text, in namespaces where no pod uses this claim.
    ``gaps``: a sentence about each place that could not be read.
    """

    def __init__(self, options: Options, given: bytes, files: list[CatalogLayer]) -> None:
        self.findings = Findings(options)
        self._inputs = read_inputs(options.files, given)
        namespaces = [options.namespaces.get(name, "") for name in options.files or ["-"]]
        read = [
            read_stream(one.raw, files, Source(number, namespace, options.claim))
            for number, (one, namespace) in enumerate(zip(self._inputs, namespaces, strict=True))
        ]
        objects = [item for contents in read for item in contents.objects]
        self.gaps = [
            gap for one, contents in zip(self._inputs, read, strict=True) for gap in _find_gaps(one, contents.gaps)
        ]
        jobs, wrong = judge_kept_jobs(objects, self.gap())
        self.wrong: dict[int, list[Problem]] = {}  # id() of a kept Job -> the errors about it
        for item, problem in wrong:
            self.wrong.setdefault(id(item), []).append(problem)
            problem.file, problem.line = item.file, item.line
            read[item.source.number].problems.append(problem)
        for one, contents, namespace in zip(self._inputs, read, namespaces, strict=True):
            contents.problems.extend(_check_namespace(contents.objects, namespace))
            self.findings.add(one, contents.problems, sum(item.is_run for item in contents.objects))
        self.claims = sorted({use.storage.name for item in objects for use in item.uses() if use.storage.type == CLAIM})
        self.storage = {} if options.stale else list_users(objects, options.claim)
        used = {storage.namespace for storage in self.storage}
        self.mentions = [item for item in objects if item.mentions and item.namespace not in used]
        self.jobs = [] if options.claim else [job for job in jobs if job.state == STALE or not options.stale]
        self.unknown = [] if options.claim else [job for job in jobs if job.state == UNKNOWN]

    def gap(self) -> str:
        """Return a sentence about the first place that could not be read; empty if there is none."""
        return self.gaps[0] if self.gaps else ""

    def locate(self, item: FoundObject) -> tuple[str, int]:
        """Return the file and the line of an object."""
        return self._inputs[item.source.number].locate(item.line)


def _find_gaps(source: Input, gaps: list[Gap]) -> list[str]:
    """Return a sentence about each place of an input that could not be read."""
    found = [(*source.locate(gap.line), gap.reason) for gap in gaps]
    found += [(path, 0, "is a symbolic link, so it was not read") for path in source.links]
    found += [(path, 0, "does not end with a line end, so a part may be missing") for path in source.cut]
    return [f"{path or 'the input'}{f':{line}' if line else ''} {reason}" for path, line, reason in found]


def _check_namespace(found: list[FoundObject], namespace: str) -> list[Problem]:
    """Warn if --namespace changes nothing: no object of its file, and not the namespace of the release."""
    places = {item.namespace for item in found if not item.uid and not item.is_global}
    if not namespace or not found or len(places) > 1 or any(item.has_given_namespace for item in found):
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

        note = ""
        if options.claim:
            used, mentions, gaps = bool(inventory.storage), len(inventory.mentions), bool(inventory.gaps)
            note = claim_note(options.claim, mentions, is_used=used, has_gaps=gaps)
        view = make_view(
            inventory.storage,
            inventory.jobs,
            findings.problems,
            note + findings.summary(),
            inventory.wrong,
            inventory.locate,
        )
        return CommandResult(write_view(view, options.output), findings.problems, note=findings.notes)
    if options.stale:
        text = stale_text(inventory.jobs, inventory.unknown)
    else:
        text = "".join(storage_text(storage, users) for storage, users in inventory.storage.items())
        if options.claim:
            gap, used = inventory.gap(), bool(inventory.storage)
            text += claim_text(options.claim, inventory.claims, inventory.mentions, gap, is_used=used)
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
        "mentions": [_object_data(item, inventory) for item in inventory.mentions],
        "gaps": inventory.gaps,
        "problems": problem_data(inventory.findings.problems),
        "objects": inventory.findings.objects,
    }


def _object_data(item: FoundObject, inventory: Inventory) -> dict[str, object]:
    stream, line = inventory.locate(item)
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
        "access": user.access(),
        "results": user.results,
        "uses": uses,
    }
