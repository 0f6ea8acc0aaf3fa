"""Finds the catalogs of a stream, one for each release, and merges the ``--persistence`` files into each of them.

A layer is one source of a catalog: a ConfigMap in the stream, or a file.
"""

from __future__ import annotations

from itertools import product

from post_renderer.catalog.read import check_size, read_catalog, read_layer
from post_renderer.k8s import CATALOG_KEY, CATALOG_LABEL, CATALOG_VERSION, CHART_LABEL, DOMAIN, RELEASE_LABEL
from post_renderer.problems import OWN_FILE, Problem, Problems, YamlError, list_names, quoted
from post_renderer.stream import BOM, place, within
from post_renderer.workloads import find_kind, find_objects, find_workloads, read_owner, subject_of
from post_renderer.yamltree import Node, get_mapping_value, parse, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.catalog import Catalog
    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.stream import Document
    from post_renderer.workloads import Owner
    from post_renderer.workloads.model import CatalogKinds, Workload, WorkloadKind


class KubernetesObject:
    """One object of a document.

    ``group``, ``kind``: the API group and the kind.
    ``subject``: the object in messages, as ``Kind/name``.
    ``known``: how to find the pod templates of its kind; None for an unknown kind.
    ``workloads``: empty if the object can't get volumes or can't be read.
    ``error``: why the object can't be read, or None.
    """

    __slots__ = ("error", "group", "kind", "known", "node", "subject", "workloads")

    def __init__(self, node: Node, group: str, kind: str) -> None:
        self.node = node
        self.group = group
        self.kind = kind
        self.subject = kind or "(object)"
        self.known: WorkloadKind | None = None
        self.workloads: list[Workload] = []
        self.error: YamlError | None = None


class CatalogSet:
    """The catalogs of one stream. A release has several of them if it is in several namespaces, or has a chart twice.

    ``problems``: all errors except the errors in entries, with file and line. `warn_empty` adds warnings.
    ``starts``: the byte offsets of the documents that contain a catalog.
    ``done``: the byte offsets of the documents that contain polyaxon.com only in catalogs.
    ``releases``: the releases of all catalogs, also of catalogs with errors.
    """

    # _by_owner: release (None: any), namespace (None: any), chart (None: any) -> the catalogs of these objects
    __slots__ = (
        "_all",
        "_by_owner",
        "_empty",
        "_has_unread",
        "_kinds",
        "_listed",
        "_names",
        "done",
        "problems",
        "releases",
        "starts",
    )

    def __init__(
        self,
        found: list[tuple[Owner, CatalogLayer]],
        files: list[CatalogLayer],
        problems: list[Problem],
        starts: set[int],
        done: set[int],
        releases: set[str],
    ) -> None:
        self.starts = starts
        self.done = done
        self.releases = releases
        self._has_unread = bool(problems)
        # Layers with the same text are one object, and so are their catalogs: it does not matter which one a run uses.
        catalogs = {id(layer): read_catalog([layer, *files]) for _, layer in found}
        self._by_owner: dict[tuple[str | None, str | None, str | None], dict[int, Catalog]] = {}
        if not found and files:
            catalogs = self._by_owner[None, None, None] = {0: read_catalog(files)}
        self._all = list(catalogs.values())
        for (release, namespace, chart), layer in found:
            for key in product((release, None), (namespace, None), (chart, None)):
                self._by_owner.setdefault(key, {})[id(layer)] = catalogs[id(layer)]
        layers = dict.fromkeys((release, id(layer)) for (release, _, _), layer in found)
        self._names = sorted(release for release, _ in layers)
        self._listed = ""
        self._empty: set[int] = set()  # id() of each catalog whose warning about no entries is in `problems`
        self.problems = [*problems, *(problem for catalog in self._all for problem in catalog.settings_problems)]
        self._kinds = {which: known for catalog in reversed(self._all) for which, known in catalog.kinds.items()}

    def entry_problems(self) -> list[list[Problem]]:
        """Return a list of errors for each invalid entry of all catalogs, also for entries that no run uses."""
        return [found for catalog in self._all for found in catalog.entry_problems.values()]

    def warn_empty(self, catalog: Catalog) -> None:
        """Warn once of a catalog without entries, because a run asks for its defaults and gets nothing."""
        if catalog.empty and id(catalog) not in self._empty:
            self._empty.add(id(catalog))
            self.problems.append(catalog.empty)

    def find(self, owner: Owner, offset: int, problems: Problems) -> Catalog | None:
        """Return the catalog of a workload: of its release, or else of any release.

        If there are several, those of the workload's namespace are left, and of these, those of the workload's chart.
        Otherwise report an error and return None. If a catalog is missing because it could not be read, the reason is
        in ``problems`` of this object, so no second error is reported.
        """
        candidates = self._candidates(owner)
        if len(candidates) == 1:
            return next(iter(candidates.values()))
        if candidates:
            if (owner[0], None, None) in self._by_owner:
                which = f"of the release {quoted(owner[0])}"
                hint = f"copy the label {CHART_LABEL} from the ConfigMap of the right catalog to the workload; if the "
                hint += f"catalog is in another release, write that release in {RELEASE_LABEL}"
            else:
                which = f"of the releases {self._list_releases()}"
                hint = f"set the label {RELEASE_LABEL} of the workload to the release whose catalog it uses"
            message = f"the run could use any of {len(candidates)} catalogs ({which})"
            problems.add("several-catalogs", message, hint, offset=offset)
        elif not self._has_unread:
            message = "the run asks for volumes, but neither the stream nor a --persistence file has a catalog"
            hint = "install the chart with the key `persistence` in the same release, or add --persistence FILE"
            problems.add("no-catalog", message, hint, offset=offset)
        return None

    def _list_releases(self) -> str:
        """Return the first releases as text. It is made once, because thousands of runs can have this error."""
        if not self._listed:
            self._listed = list_names([quoted(name) for name in self._names])
        return self._listed

    def find_objects(self, root: Node) -> Iterator[KubernetesObject]:
        """Yield the objects of a document with their workloads. The catalogs can add kinds of workloads."""
        for node, group, kind in find_objects(root):
            found = KubernetesObject(node, group, kind)
            extra = self._kinds_of(node)
            found.known = find_kind(group, kind, extra)
            try:
                found.subject = subject_of(node, kind)
                if found.known and not found.known.unsupported_reason:
                    found.workloads = find_workloads(node, group, kind, found.known, extra)
            except YamlError as error:
                found.error = error
            yield found

    def _kinds_of(self, root: Node) -> CatalogKinds:
        """Return the kinds that an object's catalog adds. If several catalogs are possible, return the kinds of all."""
        if len(self._all) < 2 or not self._kinds:
            return self._kinds
        try:
            candidates = self._candidates(read_owner(get_mapping_value(root, "metadata")))
        except YamlError:  # `find` reports it if the object has a request
            return self._kinds
        return next(iter(candidates.values())).kinds if len(candidates) == 1 else self._kinds

    def _candidates(self, owner: Owner) -> dict[int, Catalog]:
        """Return the catalogs that the object may use. The namespace and the chart never remove the only one."""
        release, namespace, chart = owner
        base = release if (release, None, None) in self._by_owner else None
        place: str | None = None
        left = self._by_owner.get((base, None, None), {})
        if len(left) > 1 and (base, namespace, None) in self._by_owner:
            place = namespace
            left = self._by_owner[base, place, None]
        if len(left) > 1:
            left = self._by_owner.get((base, place, chart), left)
        return left


class _CatalogText:
    """The text of the catalog in one ConfigMap.

    ``offset``: the offset of the text in the document, in characters.
    ``is_literal``: True if the text is a ``|`` scalar, so that each of its lines is a line of the document.
    ``owner``: the release, the namespace and the chart of the ConfigMap.
    ``subject``: the ConfigMap in messages, as ``Kind/name``.
    """

    __slots__ = ("is_literal", "offset", "owner", "subject", "text")

    def __init__(self, node: Node, owner: Owner, subject: str) -> None:
        self.owner = owner
        self.subject = subject
        self.text = node.value() or ""
        self.offset = node.start
        self.is_literal = node.style == "|"

    def read(self, document: Document) -> CatalogLayer | Problem:
        """Return the layer, or an error if the text can't be read."""
        file, line = document.template(), document.line(self.offset) + self.is_literal
        try:
            layer = read_layer(self.text, self.subject, file, line, literal=self.is_literal)
        except YamlError as error:
            problem = Problem(_code(error), error.message, error.hint, subject=self.subject, about=CATALOG_KEY)
            problem.file = file
            before = within(self.text, error.offset or 0)
            problem.line = line + (self.text.count("\n", 0, before) if self.is_literal else 0)
            problem.text = document.text
            return problem
        layer.document = document.text
        return layer


def read_catalogs(documents: list[Document], files: list[CatalogLayer]) -> CatalogSet:
    """Return the catalogs in the documents of a stream, each merged with ``files``.

    ``files``: the layers of the ``--persistence`` files. They override the stream's catalogs, and a later file
    overrides an earlier file. If the stream has no catalog, the files together are the only catalog. Nothing is raised:
    the errors are in the result.
    """
    found: list[tuple[Owner, CatalogLayer]] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, str], CatalogLayer | Problem] = {}  # release and text -> what was read
    starts: set[int] = set()
    done: set[int] = set()
    releases: set[str] = set()
    for document in documents:
        if CATALOG_LABEL not in document.text:
            continue
        try:
            texts, text_problems = _find_texts(parse(document.text), releases)
            if not texts and not text_problems:
                texts, text_problems = _find_texts(parse(document.text, full=True), releases)
        except YamlError:
            continue  # `find_runs` reports this error later
        if texts:
            starts.add(document.start)
            # An escape may hide another polyaxon.com in the text.
            if not text_problems and document.text.count(DOMAIN) == len(texts) and "\\" not in document.text:
                done.add(document.start)
        for problem in text_problems:
            place(problem, document)
        problems += text_problems
        for text in texts:
            # A stream may contain one catalog twice: as a hook and as a normal object, or in two namespaces.
            known = (text.owner[0], text.text)
            layer = seen.get(known) or text.read(document)
            if not isinstance(layer, Problem):
                found.append((text.owner, layer))
            elif known not in seen:
                problems.append(layer)
            seen[known] = layer
    return CatalogSet(found, files, problems, starts, done, releases)


def read_layer_file(path: str, raw: bytes) -> CatalogLayer:
    """Return the layer in a ``--persistence`` file. Raises YamlError; its offset counts bytes of the file."""
    check_size(len(raw))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as reason:
        raise YamlError("invalid-encoding", reason.start, "the file is not UTF-8", "save the file as UTF-8") from None
    try:
        return read_layer(text.removeprefix(BOM), OWN_FILE, path)
    except YamlError as error:
        error.code = _code(error)
        # The offset counts from the start of the file, so it includes the byte order mark.
        error.offset = len(text[: (error.offset or 0) + text.startswith(BOM)].encode())
        raise


def _find_texts(root: Node, releases: set[str]) -> tuple[list[_CatalogText], list[Problem]]:
    """Return the texts of the catalogs in a document, and the errors in their ConfigMaps. Add their releases."""
    texts: list[_CatalogText] = []
    problems = Problems()
    for node, group, kind in find_objects(root):
        if (group, kind) != ("", "ConfigMap"):
            continue
        problems.subject = subject_of(node, kind)
        try:
            text = _read_config_map(node, problems, releases)
        except YamlError as error:
            error.report(problems, CATALOG_KEY)
        else:
            texts += [text] if text else []
    return texts, problems.found


def _read_config_map(node: Node, problems: Problems, releases: set[str]) -> _CatalogText | None:
    """Return the text of the catalog in a ConfigMap; None without a catalog or after an error. Raises YamlError."""
    version = scalar_text(get_mapping_value(node, "metadata", "labels", CATALOG_LABEL))
    if version is None:
        return None
    owner = read_owner(get_mapping_value(node, "metadata"))
    releases.add(owner[0])
    if version != CATALOG_VERSION:
        message = f"the catalog has version {quoted(version)}, but this post-renderer reads only {CATALOG_VERSION}"
        problems.add("catalog-version", message, "upgrade the post-renderer", offset=node.start)
        return None
    value = get_mapping_value(node, "data", CATALOG_KEY)
    if value is None:
        hint = f"write the volumes as YAML text in the key {CATALOG_KEY} of data"
        problems.add("invalid-catalog", f"the catalog has no {CATALOG_KEY}", hint, offset=node.start)
        return None
    return _CatalogText(value, owner, problems.subject)


def _code(error: YamlError) -> str:
    return "invalid-catalog" if error.code == "invalid-yaml" else error.code
