"""Finds the kept Jobs of the cluster that no release has any more, and the words of the commands that delete them.

A Job with the run-policy ``keep`` stays when its run changes, because Helm keeps it. It is stale if its release has
other content. This is known only if the input has a manifest of this release: an object that is not from the cluster,
with the same label and the same namespace. Only a manifest that was rendered counts, as `helm get manifest` prints it:
the output of `helm template` may be made with other values or another catalog than the release.
"""

from __future__ import annotations

from shlex import join, quote
from typing import NamedTuple

from post_renderer.inventory.objects import find_owner_keys
from post_renderer.inventory.storage import find_distinct
from post_renderer.k8s import RELEASE_LABEL, is_dns_label, is_dns_subdomain
from post_renderer.problems import Problem, list_names, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from post_renderer.inventory.objects import FoundObject

STALE, CURRENT, UNKNOWN = "stale", "current", "unknown"
FINISHED = ("complete", "failed")
Key = tuple[str, str]  # namespace and release; or namespace and name of a ConfigMap


class KeptJob(NamedTuple):
    """A kept Job of the cluster.

    ``state``: STALE, CURRENT or UNKNOWN, and the ``reason``.
    ``config_maps``: its own ConfigMaps, which no other object uses.
    ``command``: the words that delete the Job and its ConfigMaps; empty for a Job that must stay or is not finished.
    """

    item: FoundObject
    state: str
    reason: str
    config_maps: list[str]
    command: list[str]

    def is_finished(self) -> bool:
        return self.item.status in FINISHED

    def line(self) -> str:
        return join(self.command)


class _Releases:
    """What the manifests of the input say about their releases.

    ``contents``: the names of the Jobs of each release. ``bare``: releases with a run that a render would still change.
    ``unplaced``: the releases of objects without a namespace. ``namespaces``: those of the manifests of a release.
    """

    def __init__(self, objects: list[FoundObject]) -> None:
        self.contents: dict[Key, set[str]] = {}
        self.bare: set[Key] = set()
        self.unplaced: set[str] = set()
        self.namespaces: dict[str, set[str]] = {}
        for item in objects:
            if item.uid or not item.release:
                continue
            if not item.namespace:
                self.unplaced.add(item.release)
                continue
            key = (item.namespace, item.release)
            self.contents.setdefault(key, set()).update([item.name] if item.is_job else [])
            self.namespaces.setdefault(item.release, set()).add(item.namespace)
            if item.is_bare:
                self.bare.add(key)

    def judge(self, job: FoundObject) -> tuple[str, str]:
        """Return the state of a kept Job, and the reason."""
        key = (job.namespace, job.release)
        if not job.namespace:
            return UNKNOWN, "write --namespace before the file with the Job, which has no namespace"
        if not job.release:
            return UNKNOWN, f"the Job has no label {RELEASE_LABEL}"
        if not is_dns_subdomain(job.release):
            return UNKNOWN, f"its label {RELEASE_LABEL} is not the name of a release"
        if key in self.contents:
            if job.name in self.contents[key]:
                return CURRENT, "its release has this content"
            if key in self.bare:
                return UNKNOWN, f"the manifest of {job.release} is not rendered: {_ask_for_manifest(job)}"
            return STALE, "its release has other content"
        if job.release in self.unplaced:
            return UNKNOWN, f"write --namespace {quote(job.namespace)} before the file with the manifest of its release"
        if others := self.namespaces.get(job.release):
            found = f"the manifest of {job.release} in the input is of namespace {list_names(sorted(others))}"
            return UNKNOWN, f"{found}: {_ask_for_manifest(job)}"
        return UNKNOWN, _ask_for_manifest(job)


def _ask_for_manifest(job: FoundObject) -> str:
    return f"give `helm get manifest {quote(job.release)} --namespace {quote(job.namespace)}`"


def judge_kept_jobs(
    objects: Iterable[FoundObject], gap: str = ""
) -> tuple[list[KeptJob], list[tuple[FoundObject, Problem]]]:
    """Return the kept Jobs in the order of their names, and an error for each name that is no DNS name.

    ``gap``: a sentence about a place of the input that could not be read. With such a place no Job is stale: its object
    may be there.
    """
    objects = list(objects)
    releases = _Releases(objects)
    users = _find_users(objects)
    config_maps = {(item.namespace, item.name): item for item in objects if item.kind == "ConfigMap" and item.uid}
    managed = {(item.namespace, item.name) for item in objects if item.kind == "ConfigMap" and not item.uid}
    found: list[KeptJob] = []
    problems: list[tuple[FoundObject, Problem]] = []
    jobs = [item for item in find_distinct(objects) if item.is_job and item.uid and item.is_kept and item.base]
    for job in sorted(jobs, key=lambda item: (item.namespace, item.release, item.name)):
        state, reason = releases.judge(job)
        if gap and state == STALE:
            state, reason = UNKNOWN, gap
        own = [
            name
            for name in sorted({name for usage in job.usages for name in usage.config_maps})
            if _is_of_run(config_maps.get((job.namespace, name)), job)
            and managed.isdisjoint(_places(job.namespace, name))
            and {uid for place in _places(job.namespace, name) for uid in users.get(place, ())} == {job.uid}
        ]
        wrong = _check_names(job, own)
        problems += [(job, problem) for problem in wrong]
        command: list[str] = []
        if state == STALE and job.status in FINISHED and not wrong:
            command = ["kubectl", "delete", "--namespace", job.namespace, f"jobs.batch/{job.name}"]
            command += [f"configmaps/{name}" for name in own]
        found.append(KeptJob(job, state, reason, own, command))
    return found, problems


def _find_users(objects: list[FoundObject]) -> dict[Key, set[str]]:
    """Return the uids of the objects that use a ConfigMap. The uid of an object of a manifest is empty.

    The pods of a Job that is in the input are part of this Job.
    """
    known = find_owner_keys(objects)
    users: dict[Key, set[str]] = {}
    for item in objects:
        if known.isdisjoint(item.owners):
            for name in {name for usage in item.usages for name in usage.config_maps}:
                users.setdefault((item.namespace, name), set()).add(item.uid)
    return users


def _places(namespace: str, name: str) -> tuple[Key, Key]:
    """Return the keys of a ConfigMap. An object without a namespace may be in any namespace."""
    return (namespace, name), ("", name)


def _is_of_run(config_map: FoundObject | None, job: FoundObject) -> bool:
    """Return whether the chart made a ConfigMap for the run of a Job, and Helm keeps it."""
    return config_map is not None and config_map.is_kept and bool(config_map.run) and config_map.release == job.release


def _check_names(job: FoundObject, config_maps: list[str]) -> list[Problem]:
    found = []
    for what, name, is_valid in (
        ("the name of the Job", job.name, is_dns_subdomain),
        *([("the namespace", job.namespace, is_dns_label)] if job.namespace else []),
        *(("the name of the ConfigMap", name, is_dns_subdomain) for name in config_maps),
    ):
        if not is_valid(name):
            message = f"{what} {quoted(name)} is not a DNS name, so no command can delete the Job"
            hint = "check where the input comes from: Kubernetes has no object with this name"
            found.append(Problem("invalid-name", message, hint, subject=job.subject()))
    return found
