"""Compares a rendered stream with installed objects: which runs an upgrade starts, keeps, replaces, removes."""

from __future__ import annotations

from post_renderer.catalog.load import read_catalogs
from post_renderer.commands.field_changes import list_changes
from post_renderer.console import UsageError
from post_renderer.console.files import read_file
from post_renderer.inject.job_name import HASH_LENGTH, HOOKS
from post_renderer.k8s import BASE_NAME, RUN_LABEL
from post_renderer.problems import Problem, Problems, YamlError
from post_renderer.request import has_request
from post_renderer.stream import Document, find_documents, place
from post_renderer.workloads import find_kind, find_objects, find_workloads, read_annotations, read_release, subject_of
from post_renderer.yamltree import Node, get_mapping_value, parse, scalar_text
from post_renderer.yamltree.node import read_raw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from post_renderer.catalog.load import CatalogSet
    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.workloads.model import PodTemplate, Workload
    from post_renderer.yamltree.node import Value

    Key = tuple[str, str, str]  # kind (with the group of a custom one), namespace, name


# What an upgrade does to a run, and the reason.
OUTCOMES = {
    "starts": "a new Job",
    "starts unless kept": "a new Job. If this Job is in the cluster already, it is not started again "
    "(--against live.yaml shows that)",
    "left alone": "its content has not changed",
    "replaced": "the old Job is deleted, and stopped if it runs",
    "goes on": "kept: Helm no longer manages it, and it runs to its end",
    "removed": "Helm deletes it, and stops it if it runs",
    "blocked": (
        "the pod template changes, but the Job's name does not: delete the Job first, or give it a run-policy, which "
        "deletes the Job, also if it runs"
    ),
    "updated": "its pods are created again",
    "changed": "its operator decides what happens to its pods",
}
# Kinds whose pod can't change after they are created, and what to do; empty: what OUTCOMES says about a Job.
UNCHANGEABLE = {"Job": "", "Pod": "these fields of a Pod can't change: delete the Pod before the upgrade"}
IN_PLACE = "Kubernetes changes the image in the running Pod"


class ReleasedRun:
    """An annotated object of a stream or of the cluster.

    ``live``: it is from the cluster, because it has a uid.
    ``pods``: each pod spec, with the ``metadata`` of its pod template.
    """

    __slots__ = ("base", "hook", "identity", "kept", "key", "kind", "live", "name", "pods", "subject")

    def __init__(self, node: Node, group: str, kind: str, pods: list[PodTemplate]) -> None:
        metadata = get_mapping_value(node, "metadata")
        annotations = get_mapping_value(metadata, "annotations")
        self.kind = f"{kind}.{group}" if "." in group else kind
        self.name = scalar_text(get_mapping_value(metadata, "name")) or ""
        self.key: Key = (self.kind, scalar_text(get_mapping_value(metadata, "namespace")) or "", self.name)
        self.base = scalar_text(get_mapping_value(annotations, BASE_NAME)) or self.name
        self.hook = scalar_text(get_mapping_value(annotations, HOOKS[0])) or ""
        self.kept = scalar_text(get_mapping_value(annotations, "helm.sh/resource-policy")) == "keep"
        self.subject = subject_of(node, kind)
        run = scalar_text(get_mapping_value(metadata, "labels", RUN_LABEL))
        self.identity = {"namespace": self.key[1] or None, "release": read_release(metadata) or None, "run": run}
        self.pods: list[Value] = []
        for pod in pods:
            spec = read_raw(pod.spec)
            if pod.metadata and kind != "Pod" and isinstance(spec, dict):  # the metadata of a Pod may change
                spec = {**spec, "metadata": read_raw(pod.metadata)}
            self.pods.append(spec)
        self.live = get_mapping_value(metadata, "uid") is not None


class ReleasedRuns:
    """Runs by their keys. If two runs have the same key, the later run replaces the earlier one."""

    __slots__ = ("_by_base", "_first_keys", "by_key")

    def __init__(self) -> None:
        self.by_key: dict[Key, ReleasedRun] = {}
        self._by_base: dict[Key, ReleasedRun] = {}
        self._first_keys: dict[tuple[str, str], Key] = {}  # kind and name -> the first key with them, of any namespace

    def add(self, states: list[ReleasedRun]) -> None:
        for state in states:
            self.by_key[state.key] = state
            self._by_base[state.key[0], state.key[1], state.base] = state
            self._first_keys.setdefault((state.key[0], state.key[2]), state.key)

    def find(self, key: Key) -> ReleasedRun | None:
        """Find the run of this kind and name. The namespaces must be equal, or one of the two must be empty."""
        kind, namespace, name = key
        found = self.by_key.get(key) or self.by_key.get((kind, "", name))
        if found is None and not namespace and (kind, name) in self._first_keys:
            found = self.by_key[self._first_keys[kind, name]]
        return found

    def find_base(self, state: ReleasedRun) -> ReleasedRun | None:
        """Find the run of this kind and namespace that has the same name without the hash."""
        kind, namespace, _ = state.key
        return self._by_base.get((kind, namespace, state.base)) or self._by_base.get((kind, "", state.base))


class UpgradeEffect:
    """What an upgrade would do to one run.

    ``outcome``: a key of OUTCOMES. ``note``: the reason, if it is not the one in OUTCOMES.
    ``changes``: the first fields that differ from the installed run.
    """

    __slots__ = ("changes", "identity", "name", "note", "outcome")

    def __init__(self, run: ReleasedRun, outcome: str, note: str = "", changes: Sequence[str] = ()) -> None:
        self.name = run.subject
        self.identity = run.identity
        self.outcome = outcome
        self.note = note
        self.changes = list(changes)

    def key(self) -> tuple[str, str]:
        """Return the namespace and the subject of the run's object."""
        return self.identity["namespace"] or "", self.name

    def word(self) -> str:
        """Return the outcome in a text: the reason says what "unless kept" means."""
        return self.outcome.removesuffix(" unless kept")

    def reason(self) -> str:
        return self.note or OUTCOMES[self.outcome]


def compare(rendered: bytes, paths: list[str], files: list[CatalogLayer]) -> list[UpgradeEffect]:
    """Return what an upgrade to ``rendered`` would do to each run. Raises UsageError.

    ``paths``: files with release manifests or live objects. ``files``: --persistence catalogs, which may add kinds.
    """
    documents = list(find_documents(rendered))
    catalogs = read_catalogs(documents, files)
    installed, live = ReleasedRuns(), ReleasedRuns()
    knows_live = False
    for path in paths:
        states, is_live = _read_states_of_file(path, catalogs)
        knows_live = knows_live or is_live
        (live if is_live else installed).add(states)
    new = [state for document in documents for state in _find_states(document, catalogs, strict=False)]
    changes = [
        _change(state, installed, live, knows_live=knows_live)
        for state in new
        if not state.hook or "upgrade" in state.hook  # an upgrade starts no other hooks
    ]
    rendered_runs = ReleasedRuns()
    rendered_runs.add(new)
    bases = {state.base for state in new}
    for key, state in installed.by_key.items():
        if rendered_runs.find(key) is None and not state.hook:
            changes.append(_removed_run(state, replaced=state.base in bases))
    return changes


def _change(state: ReleasedRun, installed: ReleasedRuns, live: ReleasedRuns, *, knows_live: bool) -> UpgradeEffect:
    if state.hook:
        return UpgradeEffect(state, "starts", "a hook: every upgrade starts it again")
    released = installed.find(state.key)
    before = live.find(state.key) or (None if knows_live and state.kind == "Job" else released)
    if before is None:
        effect = _new_run(state, was_released=released is not None, knows_live=knows_live)
        other = installed.find_base(state) if released is None and _is_hashed(state) else None
        if other is not None:
            effect.changes = list_changes(_without_name(other), _without_name(state))
        return effect
    if _is_hashed(state):
        return UpgradeEffect(state, "left alone")
    if before.live:  # the API server has filled in its defaults: only the release's own text can be compared
        if released is None:
            return UpgradeEffect(
                state, "left alone", "unless its pod changed: add --against with `helm get manifest` to know"
            )
        before = released
    if before.pods == state.pods:
        return UpgradeEffect(state, "left alone")
    changes = list_changes(before.pods, state.pods)
    if state.kind == "Pod" and _without_images(before.pods) == _without_images(state.pods):
        return UpgradeEffect(state, "updated", IN_PLACE, changes)
    if state.kind in UNCHANGEABLE:
        return UpgradeEffect(state, "blocked", UNCHANGEABLE[state.kind], changes)
    return UpgradeEffect(state, "changed" if "." in state.kind else "updated", "", changes)


def _without_images(pods: list[Value]) -> list[Value]:
    """Return pod specs without the images of their containers. These are what Kubernetes can change in a Pod."""
    return [
        {
            key: [{**item, "image": None} if isinstance(item, dict) else item for item in value]
            if key in ("containers", "initContainers") and isinstance(value, list)
            else value
            for key, value in pod.items()
        }
        if isinstance(pod, dict)
        else pod
        for pod in pods
    ]


def _without_name(state: ReleasedRun) -> list[Value]:
    """Return the pods with the base name instead of the name with the hash, which is in the run folder, too."""

    def replace(value: Value) -> Value:
        if isinstance(value, dict):
            return {key: replace(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [replace(inner) for inner in value]
        # A name that Kubernetes generates is empty here.
        return value.replace(state.name, state.base) if isinstance(value, str) and state.name else value

    return [replace(pod) for pod in state.pods]


def _new_run(state: ReleasedRun, *, was_released: bool, knows_live: bool) -> UpgradeEffect:
    """Return what an upgrade does with an object that does not exist yet."""
    if state.kind not in UNCHANGEABLE:
        return UpgradeEffect(state, "updated", "new")
    if not knows_live:
        return UpgradeEffect(state, "starts unless kept" if _is_hashed(state) else "starts")
    gone = "its Job was deleted, and Helm creates missing Jobs of a release again" if was_released else ""
    return UpgradeEffect(state, "starts", gone)


def _removed_run(state: ReleasedRun, *, replaced: bool) -> UpgradeEffect:
    if state.kept:
        return UpgradeEffect(state, "goes on")
    return UpgradeEffect(state, "replaced" if replaced and state.kind == "Job" else "removed")


def _is_hashed(state: ReleasedRun) -> bool:
    return state.kind == "Job" and len(state.name) == len(state.base) + 1 + HASH_LENGTH


def _read_states_of_file(path: str, catalogs: CatalogSet) -> tuple[list[ReleasedRun], bool]:
    """Return the runs in a file, and whether it contains live objects. Raises UsageError."""
    raw = read_file(path, f"--against {path}")
    try:
        documents = list(find_documents(raw))
        states = [state for document in documents for state in _find_states(document, catalogs, strict=True)]
    except YamlError as error:
        raise UsageError(
            f"--against {path}: {error.message}", "create it with `helm get manifest` or `kubectl get -o yaml`"
        ) from None
    # If there is no annotated run, `kubectl get` prints a list of other Jobs, or an empty list.
    is_live = any(state.live for state in states) or (not states and (b"kind: List" in raw or b'"List"' in raw))
    return states, is_live


def _find_states(document: Document, catalogs: CatalogSet, *, strict: bool) -> list[ReleasedRun]:
    """Return the annotated objects of a document. If it can't be read: YamlError if ``strict``, else []."""
    states: list[ReleasedRun] = []
    try:
        for found in catalogs.find_objects(parse(document.text)):
            if not found.known or found.known.unsupported_reason:
                continue
            if found.error:
                raise found.error
            if _asks(found.node, found.workloads):
                pods = [pod for workload in found.workloads for pod in workload.pods]
                states.append(ReleasedRun(found.node, found.group, found.kind, pods))
    except YamlError:
        if strict:
            raise
        return []
    return states


def _asks(node: Node, workloads: list[Workload]) -> bool:
    """Return whether an object, a workload in it or one of their pod templates asks for volumes."""
    places = [workload.metadata for workload in workloads]
    places += [pod.metadata for workload in workloads for pod in workload.pods]
    places.append(get_mapping_value(node, "metadata"))
    return bool(workloads) and any(has_request(read_annotations(metadata)) for metadata in places)


def find_withheld_hooks(raw: bytes, rendered: bytes) -> list[Problem]:
    """Return a warning for each run that is a Helm hook, if ``raw`` is output of `helm template`."""
    if b"\n# Source: " not in raw or raw == rendered:
        return []
    found: list[Problem] = []
    for document in find_documents(raw):
        if HOOKS[0] in document.text:
            found += _find_hooks(document)
    return found


def _find_hooks(document: Document) -> list[Problem]:
    problems = Problems()
    try:
        for node, group, kind in find_objects(parse(document.text)):
            hook = get_mapping_value(node, "metadata", "annotations", HOOKS[0])
            known = find_kind(group, kind) if hook else None
            if hook and known and _asks(node, find_workloads(node, group, kind, known)):
                problems.subject = subject_of(node, kind)
                message = (
                    "Helm 3 does not give hooks to a post-renderer, so with Helm 3 this run would start without volumes"
                )
                problems.add(
                    "hook-withheld", message, "use Helm 4, or remove the annotation helm.sh/hook", offset=hook.start
                )
    except YamlError:
        return []  # the render has reported it
    for problem in problems.found:
        place(problem, document)
    return problems.found
