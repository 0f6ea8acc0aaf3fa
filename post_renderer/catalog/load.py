"""All catalogs of a rendering: those in the stream, by release, each with the --persistence files over it."""

from __future__ import annotations

from post_renderer.catalog import Catalog, CatalogLayer, read_layer
from post_renderer.k8s import CATALOG_KEY, CATALOG_LABEL, CATALOG_VERSION, DOMAIN, RELEASE_LABEL
from post_renderer.problems import OWN_FILE, Problem, Problems, YamlError, quoted
from post_renderer.stream import STREAM_LIMIT, place
from post_renderer.workloads import find_objects, read_release, subject_of
from post_renderer.yamltree import Node, get_mapping_value, scalar_text, visit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.runs.index import RunIndex
    from post_renderer.stream import Document
    from post_renderer.workloads.model import ExtraKinds


class CatalogSet:
    """The catalogs of one rendering. ``problems``: what is wrong with them, places included.

    ``starts``: of the documents that hold one; ``done``: of those in which nothing else names us.
    """

    def __init__(
        self,
        documents: list[Document],
        found: list[tuple[str, CatalogLayer]],
        files: list[CatalogLayer],
        problems: list[Problem],
        starts: set[int],
        done: set[int],
    ) -> None:
        self.starts = starts
        self.done = done
        self._documents = documents
        self._others: RunIndex | None = None
        self._found = [(release, Catalog([layer, *files])) for release, layer in found]
        if not found and files:
            self._found = [("", Catalog(files))]
        self._read_problems = problems
        self._kinds = {which: row for _, catalog in reversed(self._found) for which, row in catalog.kinds.items()}

    @property
    def problems(self) -> list[Problem]:
        return [*self._read_problems, *(problem for _, catalog in self._found for problem in catalog.problems)]

    def find(self, release: str, offset: int, problems: Problems) -> Catalog | None:
        """A workload's catalog: its own release's, else the only one; None with a problem, or after an earlier one."""
        candidates = self._candidates(release)
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            names = ", ".join(sorted(quoted(name) for name, _ in self._found))
            message = f"{len(candidates)} catalogs could be this run's (of the releases {names})"
            hint = f"set the label {RELEASE_LABEL} on the workload to its release"
            problems.add("several-catalogs", message, hint, offset=offset)
        elif not self._read_problems:
            message = "no catalog: neither the stream nor a --persistence file names any volumes"
            hint = "install the chart that carries persistence: in the same release, or add --persistence FILE"
            problems.add("no-catalog", message, hint, offset=offset)
        return None

    def kinds_of(self, root: Node) -> ExtraKinds:
        """Rows of workloads that an object's catalog adds, or any of those that could be its own."""
        if len(self._found) < 2 or not self._kinds:
            return self._kinds
        try:
            candidates = self._candidates(read_release(get_mapping_value(root, "metadata")))
        except YamlError:  # told of an object that asks, when its catalog is looked for
            return self._kinds
        return candidates[0].kinds if len(candidates) == 1 else self._kinds

    def _candidates(self, release: str) -> list[Catalog]:
        own = [catalog for name, catalog in self._found if name == release]
        return own or [catalog for _, catalog in self._found]

    def others(self) -> RunIndex:
        """All runs of the stream, for those that refer to another one: read when the first of these asks."""
        if self._others is None:
            from post_renderer.runs.index import RunIndex

            self._others = RunIndex(self._documents, self)
            self._others.decide()  # asks for what was decided before
        return self._others

    def check_all(self) -> None:
        """Check every entry, also those that no run asks for."""
        for _, catalog in self._found:
            catalog.check_all()


def read_catalogs(documents: list[Document], files: list[CatalogLayer]) -> CatalogSet:
    """The catalogs of a stream's documents, with the files' layers over each."""
    found: list[tuple[str, CatalogLayer]] = []
    problems: list[Problem] = []
    texts: set[tuple[str, str]] = set()
    documents_with_catalog: set[int] = set()
    done: set[int] = set()
    for document in documents:
        if CATALOG_LABEL not in document.text:
            continue
        try:
            configs, wrong = visit(document.text, _find_configs)
            if not configs and not wrong:
                configs, wrong = visit(document.text, _find_configs, thorough=True)
        except YamlError:
            continue  # the render reads every document once more and reports this one
        if configs:
            documents_with_catalog.add(document.start)
            # A backslash may write our name with an escape.
            if not wrong and document.text.count(DOMAIN) == len(configs) and "\\" not in document.text:
                done.add(document.start)
        for problem in wrong:
            place(problem, document)
        problems += wrong
        for release, subject, text, offset, literal in configs:
            if (release, text) in texts:
                continue  # the same catalog twice, as a hook and as a template
            texts.add((release, text))
            line = document.line(offset) + literal
            try:
                found.append((release, read_layer(text, subject, document.template(), line, literal=literal)))
            except YamlError as error:
                problem = Problem(_code(error), error.message, error.hint, subject=subject, about=CATALOG_KEY)
                problem.file = document.template()
                problem.line = line + (text.count("\n", 0, error.offset or 0) if literal else 0)
                problems.append(problem)
    return CatalogSet(documents, found, files, problems, documents_with_catalog, done)


def read_layer_file(path: str, raw: bytes) -> CatalogLayer:
    """A --persistence file's layer. Raises Unreadable, its offset counting bytes of the file."""
    if len(raw) > STREAM_LIMIT:
        raise YamlError("input-too-large", None, f"the file is larger than {STREAM_LIMIT // 2**20} MiB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise YamlError("invalid-encoding", error.start, "the file is not UTF-8", "write it as UTF-8") from None
    try:
        return read_layer(text, OWN_FILE, path)
    except YamlError as error:
        error.code = _code(error)
        error.offset = len(text[: error.offset or 0].encode())
        raise


def _find_configs(root: Node) -> tuple[list[tuple[str, str, str, int, bool]], list[Problem]]:
    """Release, subject, text, offset and whether it is a literal, of each catalog in a document."""
    configs: list[tuple[str, str, str, int, bool]] = []
    problems = Problems()
    for node, group, kind in find_objects(root):
        if (group, kind) != ("", "ConfigMap"):
            continue
        problems.subject = subject_of(node, kind)
        try:
            configs += _read_catalog_config(node, problems)
        except YamlError as error:
            error.report(problems, CATALOG_KEY)
    return configs, problems.found


def _read_catalog_config(node: Node, problems: Problems) -> list[tuple[str, str, str, int, bool]]:
    """The catalog of one ConfigMap, if it is one. Raises Unreadable."""
    labels = get_mapping_value(get_mapping_value(node, "metadata"), "labels")
    version = scalar_text(get_mapping_value(labels, CATALOG_LABEL))
    if version is None:
        return []
    if version != CATALOG_VERSION:
        message = f"the catalog has version {quoted(version)}, and this post-renderer reads {CATALOG_VERSION}"
        problems.add("catalog-version", message, "upgrade the post-renderer", offset=node.start)
        return []
    value = get_mapping_value(get_mapping_value(node, "data"), CATALOG_KEY)
    if value is None:
        hint = f"data: {{{CATALOG_KEY}: …}}"
        problems.add("invalid-catalog", f"the catalog has no {CATALOG_KEY}", hint, offset=node.start)
        return []
    release = read_release(get_mapping_value(node, "metadata"))
    return [(release, problems.subject, value.value() or "", value.start, value.style == "|")]


def _code(error: YamlError) -> str:
    return "invalid-catalog" if error.code == "invalid-yaml" else error.code
