"""Finds the kept Jobs of the cluster that no release has any more, and the words of the commands that delete them.

A Job with the run-policy ``keep`` stays when its run changes, because Helm keeps it. It is stale if its release has
other content. `manifests` decides whether the input proves this.
"""

from __future__ import annotations

from shlex import join
from typing import NamedTuple

from post_renderer.inventory.distinct import find_distinct
from post_renderer.inventory.manifests import STALE, UNKNOWN, Manifests
from post_renderer.k8s import is_dns_label, is_dns_subdomain
from post_renderer.problems import Problem, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from post_renderer.inventory.objects import FoundObject

FINISHED = ("complete", "failed")
Key = tuple[str, str]  # namespace and name of a ConfigMap


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


class _Evidence:
    """What the input says about Jobs and their ConfigMaps."""

    def __init__(self, objects: list[FoundObject], gap: str) -> None:
        self._gap = gap
        self._manifests = Manifests(objects)
        self._users = _find_users(objects)
        self._live_jobs: dict[str, list[FoundObject]] = {}
        self._config_maps: dict[Key, list[FoundObject]] = {}  # in the cluster
        self._managed: set[Key] = set()  # the ConfigMaps of the manifests
        for item in objects:
            place = (item.namespace, item.name)
            if item.is_job and item.uid:
                self._live_jobs.setdefault(item.name, []).append(item)
            elif item.kind == "ConfigMap" and item.uid:
                self._config_maps.setdefault(place, []).append(item)
            elif item.kind == "ConfigMap":
                self._managed.add(place)

    def judge(self, job: FoundObject) -> tuple[str, str, str]:
        """Return the status of a Job, its state, and the reason. A Job is finished if it is so in each input."""
        # The namespace of a copy can be unknown.
        copies = [copy for copy in self._live_jobs[job.name] if copy.namespace in (job.namespace, "")]
        status = next((copy.status for copy in copies if copy.status not in FINISHED), job.status)
        state, reason = self._manifests.judge(job)
        if state == STALE and len({copy.uid for copy in copies}) > 1:
            return status, UNKNOWN, "the input has this Job twice, with different uids: save the cluster again"
        return (status, UNKNOWN, self._gap) if state == STALE and self._gap else (status, state, reason)

    def find_config_maps(self, job: FoundObject) -> list[str]:
        """Return the names of the ConfigMaps that only this Job uses, and that no manifest has."""
        used = sorted({name for usage in job.usages for name in usage.config_maps})
        return [name for name in used if self._is_own(name, job)]

    def _is_own(self, name: str, job: FoundObject) -> bool:
        places = (job.namespace, name), ("", name)  # an object without a namespace may be in any namespace
        users = {uid for place in places for uid in self._users.get(place, ())}
        copies = self._config_maps.get(places[0], [])
        return users == {job.uid} and self._managed.isdisjoint(places) and _is_of_run(copies, job)


def judge_kept_jobs(
    objects: Iterable[FoundObject], gap: str = ""
) -> tuple[list[KeptJob], list[tuple[FoundObject, Problem]]]:
    """Return the kept Jobs in the order of their names, and an error for each name that is no DNS name.

    ``gap``: a sentence about a place of the input that could not be read. With such a place no Job is stale: its object
    may be there.
    """
    objects = list(objects)
    evidence = _Evidence(objects, gap)
    found: list[KeptJob] = []
    problems: list[tuple[FoundObject, Problem]] = []
    jobs = find_distinct(filter(_is_kept_job, objects))
    for job in sorted(jobs, key=lambda item: (item.namespace, item.release, item.name)):
        status, state, reason = evidence.judge(job)
        own = evidence.find_config_maps(job)
        wrong = _check_names(job, own)
        judged = job._replace(status=status)
        problems += [(judged, problem) for problem in wrong]
        command: list[str] = []
        if state == STALE and status in FINISHED and not wrong:
            command = ["kubectl", "delete", "--namespace", job.namespace, f"jobs.batch/{job.name}"]
            command += [f"configmaps/{name}" for name in own]
        found.append(KeptJob(judged, state, reason, own, command))
    return found, problems


def _is_kept_job(item: FoundObject) -> bool:
    """Return whether Helm keeps a Job of the cluster. A Job with a controller belongs to the controller."""
    return item.is_job and bool(item.uid) and item.is_kept and bool(item.base) and not item.owners


def _find_users(objects: list[FoundObject]) -> dict[Key, set[str]]:
    """Return the uids of the objects that use a ConfigMap. The uid of an object of a manifest is empty.

    The pods of a Job are part of this Job. A Job of a CronJob can use what the CronJob no longer uses.
    """
    users: dict[Key, set[str]] = {}
    for item in objects:
        user = item.owners[0] if item.owners else item.uid
        for name in {name for usage in item.usages for name in usage.config_maps}:
            users.setdefault((item.namespace, name), set()).add(user)
    return users


def _is_of_run(copies: list[FoundObject], job: FoundObject) -> bool:
    """Return whether the chart made a ConfigMap for the run of a Job, and Helm keeps it.

    ``copies``: the ConfigMap in each input from the cluster.
    """
    release = (job.release, job.helm_release)
    return len({one.uid for one in copies}) == 1 and all(
        one.is_kept and bool(one.run) and (one.release, one.helm_release) == release for one in copies
    )


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
