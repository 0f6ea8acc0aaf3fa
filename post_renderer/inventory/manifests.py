"""Decides whether the manifests of the input prove that a kept Job of the cluster is stale.

The proof is a manifest of the Job's release without this Job. Only the label app.kubernetes.io/instance in a manifest
says of which release it is, and a chart may write there what it likes. Helm writes the release into annotations of each
object in the cluster. So if an object of the manifest is also in the input from the cluster, its annotations decide.
"""

from __future__ import annotations

from shlex import quote
from typing import NamedTuple

from post_renderer.k8s import RELEASE_LABEL, is_dns_label, is_dns_subdomain
from post_renderer.problems import list_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.inventory.objects import FoundObject

STALE, CURRENT, UNKNOWN = "stale", "current", "unknown"


class Release(NamedTuple):
    """A release, and the namespace in which Helm keeps its record."""

    name: str
    namespace: str

    def ask(self) -> str:
        return f"give `helm get manifest {quote(self.name)} --namespace {quote(self.namespace)}`"


LiveObjects = dict[tuple[str, str, str], set[Release]]  # kind, namespace and name -> the release of the object


class _Summary(NamedTuple):
    """What a manifest needs to know of its objects.

    ``namespaces``: at most two, and the empty one: others would decide nothing, and a file can have thousands.
    """

    namespaces: set[str]
    is_rendered: bool


def _summarize(objects: list[FoundObject]) -> _Summary:
    namespaces = {item.namespace for item in objects if not item.is_global}
    return _Summary({*sorted(namespaces - {""})[:2], *(namespaces & {""})}, not any(item.is_bare for item in objects))


class _Manifest:
    """The objects of one input that have the same label. They are a manifest of one release, or of several.

    ``owners``: the releases that Helm wrote into those of its objects that are in the cluster too.
    ``namespaces``: of its objects, without the kinds that have none; one of them is empty if it is unknown. Objects of
    the input without a label count too, because they can be of the release.
    ``is_rendered``: a render would change nothing in it, so the names of its Jobs are known.
    """

    def __init__(self, objects: list[FoundObject], unlabelled: _Summary, live: LiveObjects) -> None:
        self.label = objects[0].release
        self.owners = {owner for item in objects for owner in live.get(_key(item), ())}
        own = _summarize(objects)
        self.namespaces = own.namespaces | unlabelled.namespaces
        self.is_rendered = own.is_rendered and unlabelled.is_rendered
        self._given = objects[0].source.namespace
        self._lost = _find_lost_files(objects)
        self._says_enough = any(item.is_catalog or item.usages for item in objects)

    def is_about(self, release: Release) -> bool:
        """Return whether it is a manifest of the release, or may be one."""
        if self.owners:
            return release in self.owners
        return self.label == release.name and (not self.namespace() or self.namespace() == release.namespace)

    def namespace(self) -> str:
        """Return the namespace of its release; empty if it is unknown."""
        return self._given or (next(iter(self.namespaces)) if len(self.namespaces) == 1 else "")

    def find_doubt(self, release: Release, *, by_helm: bool) -> str:
        """Return why it does not prove what the release has; empty if it does.

        ``by_helm``: Helm's annotations say that the Job is of this release.
        """
        if not self.owners and ("" in self.namespaces or not self.namespace()):
            return _ask_for_namespace(release)
        if len(self.owners) > 1:
            return f"the manifest of {release.name} has objects of several releases: {release.ask()}"
        if by_helm and not self.owners:
            what = f"the input from the cluster has no object of the manifest of {release.name}"
            return f"{what}, so its release is not certain: add configmaps to `kubectl get`"
        if self._lost:
            what = f"the manifest of {release.name} has ConfigMap/{self._lost}, but not its run"
            return f"{what}, so a part may be missing: {release.ask()}"
        if not self._says_enough:
            return f"the manifest of {release.name} has no catalog and no workload: {release.ask()}"
        return ""


class Manifests:
    """All manifests of the input."""

    def __init__(self, objects: list[FoundObject]) -> None:
        live: LiveObjects = {}
        groups: dict[tuple[int, str], list[FoundObject]] = {}
        self._jobs: set[tuple[str, str]] = set()  # namespace and name
        for item in objects:
            if item.uid and item.helm_release:
                live.setdefault(_key(item), set()).add(Release(*item.helm_release))
            elif not item.uid:
                groups.setdefault((item.source.number, item.release), []).append(item)
                self._jobs |= {(item.namespace, item.name)} if item.is_job else set()
        self._by_name: dict[str, list[_Manifest]] = {}  # the name of a release -> the manifests that may be of it
        rest = {number: _summarize(groups.get((number, ""), [])) for number in {number for number, _ in groups}}
        for (number, _), found in groups.items():
            manifest = _Manifest(found, rest[number], live)
            for name in {manifest.label, *(owner.name for owner in manifest.owners)}:
                self._by_name.setdefault(name, []).append(manifest)

    def judge(self, job: FoundObject) -> tuple[str, str]:
        """Return the state of a kept Job, and the reason."""
        if not job.namespace:
            return UNKNOWN, "write --namespace before the file with the Job, which has no namespace"
        if (job.namespace, job.name) in self._jobs:
            return CURRENT, "its release has this content"
        by_helm = job.helm_release is not None
        release = Release(*job.helm_release) if job.helm_release else Release(job.release, job.namespace)
        if not release.name:
            return UNKNOWN, f"the Job has no label {RELEASE_LABEL}"
        if not is_dns_subdomain(release.name):
            where = "annotation meta.helm.sh/release-name" if by_helm else f"label {RELEASE_LABEL}"
            return UNKNOWN, f"its {where} is not the name of a release"
        if by_helm and not is_dns_label(release.namespace):
            return UNKNOWN, "its annotation meta.helm.sh/release-namespace is not the name of a namespace"
        if ("", job.name) in self._jobs:
            return UNKNOWN, _ask_for_namespace(release)
        named = self._by_name.get(release.name, [])
        about = [manifest for manifest in named if manifest.is_about(release)]
        if not all(manifest.is_rendered for manifest in about):
            return UNKNOWN, f"the manifest of {release.name} is not rendered: {release.ask()}"
        doubts = [manifest.find_doubt(release, by_helm=by_helm) for manifest in about]
        if "" in doubts:  # one proof is enough: no other manifest has the name of this Job
            return STALE, "its release has other content"
        return UNKNOWN, doubts[0] if doubts else self._ask(release)

    def _ask(self, release: Release) -> str:
        """Return what to give. If the input has a manifest of another release with the same name, say so."""
        named = self._by_name.get(release.name, [])
        others = {one.namespace() for one in named if one.label == release.name and one.namespace()}
        if others - {release.namespace}:
            found = f"the manifest of {release.name} in the input is of namespace {list_names(sorted(others))}"
            return f"{found}: {release.ask()}"
        return release.ask()


def _find_lost_files(objects: list[FoundObject]) -> str:
    """Return the name of a ConfigMap with the files of a run if no object uses it; empty if there is none.

    Helm writes ConfigMaps before Jobs. So this shows a manifest that was cut between two objects.
    """
    used = {name for item in objects for usage in item.usages for name in usage.config_maps}
    files = (item.name for item in objects if item.kind == "ConfigMap" and item.is_kept and item.run)
    return next((name for name in files if name not in used), "")


def _ask_for_namespace(release: Release) -> str:
    return f"write --namespace {quote(release.namespace)} before the file with the manifest of its release"


def _key(item: FoundObject) -> tuple[str, str, str]:
    return item.kind, item.namespace, item.name
