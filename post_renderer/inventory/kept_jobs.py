"""Finds the kept Jobs of the cluster that no release has any more, and the words of the commands that delete them.

A Job with the run-policy ``keep`` stays when its run changes, because Helm keeps it. It is stale if its release has
other content. `manifests` decides whether the input proves this.
"""

from __future__ import annotations

from shlex import join
from typing import NamedTuple

from post_renderer.inventory.distinct import find_distinct
from post_renderer.inventory.manifests import STALE, UNKNOWN, Manifests, find_copies
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


def judge_kept_jobs(
    objects: Iterable[FoundObject], gap: str = ""
) -> tuple[list[KeptJob], list[tuple[FoundObject, Problem]]]:
    """Return the kept Jobs in the order of their names, and an error for each name that is no DNS name.

    ``gap``: a sentence about a place of the input that could not be read. With such a place no Job is stale: its object
    may be there.
    """
    objects = list(objects)
    manifests = Manifests(objects)
    users = _find_users(objects)
    config_maps: dict[Key, list[FoundObject]] = {}
    for item in objects:
        if item.kind == "ConfigMap" and item.uid:
            config_maps.setdefault((item.namespace, item.name), []).append(item)
    managed = {(item.namespace, item.name) for item in objects if item.kind == "ConfigMap" and not item.uid}
    found: list[KeptJob] = []
    problems: list[tuple[FoundObject, Problem]] = []
    jobs = find_distinct(filter(_is_kept_job, objects))
    for one in sorted(jobs, key=lambda item: (item.namespace, item.release, item.name)):
        copies = find_copies(one, objects)
        job = one._replace(status=next((copy.status for copy in copies if copy.status not in FINISHED), one.status))
        state, reason = manifests.judge(job)
        if state == STALE and len({copy.uid for copy in copies}) > 1:
            state, reason = UNKNOWN, "the input has this Job twice, with different uids: save the cluster again"
        elif state == STALE and gap:
            state, reason = UNKNOWN, gap
        own = [
            name
            for name in sorted({name for usage in job.usages for name in usage.config_maps})
            if _is_of_run(config_maps.get((job.namespace, name), []), job)
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


def _places(namespace: str, name: str) -> tuple[Key, Key]:
    """Return the keys of a ConfigMap. An object without a namespace may be in any namespace."""
    return (namespace, name), ("", name)


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
