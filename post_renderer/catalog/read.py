"""Reads the layers of a catalog from YAML text, merges them as Helm merges values, and checks the result.

A layer is one source of a catalog: a ConfigMap in the stream, or a ``--persistence`` file. A key path is a tuple of
keys below ``persistence``, such as ("data", "data1"). It can end in the key of an entry, or in the number of an item.
"""

from __future__ import annotations

from post_renderer.catalog import Catalog
from post_renderer.catalog.entry import DATA, OUTPUTS, PathTemplate, name_error, read_entry
from post_renderer.console import FILES_VARIABLE
from post_renderer.problems import OWN_FILE, Problem, YamlError, list_names, quoted, suggest
from post_renderer.stream import CATALOG_LIMIT, LineCounter
from post_renderer.yamltree import MAPPING, SEQUENCE, parse
from post_renderer.yamltree.node import is_string, read_bool, read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from post_renderer.catalog.entry import Entry
    from post_renderer.yamltree import Node

    KeyPath = tuple[str | int, ...]
    KeyOffsets = dict[KeyPath, int]  # key path -> offset of the key, in characters of the layer's text

ROOT: Final = "persistence"  # the key of the values with the catalog
WORKLOADS: Final = "workloads"
SETTINGS: Final = (
    DATA, OUTPUTS, "defaultData", "defaultOutputs", "outputsSelection", "runFolder", "isolateRuns", WORKLOADS
)  # fmt: skip
DEFAULT_RUN_FOLDER: Final = "{namespace}/{kind}/{name}"
SELECTIONS: Final = ("first", "spread")


class CatalogLayer:
    """One layer of a catalog: its values, and the lines of its keys.

    ``file``: the template or the file that contains the layer.
    ``subject``: what contains the layer, for messages.
    ``document``: the text of the document that contains the layer; empty if the layer is not in a stream.
    ``root``: where users write the catalog, for the paths in messages: ``persistence``; empty for a file with only the
    map below this key.
    """

    # _offsets: of the settings and the names of entries. _inner: of all other key paths, once an error needs them.
    __slots__ = (
        "_first_line", "_inner", "_lines", "_offsets", "_text", "document", "file", "root", "subject", "values"
    )  # fmt: skip

    def __init__(
        self,
        values: dict[str, Any],
        offsets: KeyOffsets,
        text: str,
        subject: str,
        file: str,
        first_line: int,
        root: str,
        *,
        literal: bool,
    ) -> None:
        self.values = values
        self.root = root
        self.subject = subject
        self.file = file
        self.document = ""
        self._offsets = offsets
        self._lines = LineCounter((text if literal else "").count, "\n")
        self._first_line = first_line
        self._text = text
        self._inner: KeyOffsets | None = None

    def find_line(self, path: KeyPath) -> int:
        """Return the line of a key path in ``file``; 0 if the layer does not have this key path."""
        offset = self._offsets.get(path)
        if offset is None and path[:-1] in self._offsets:
            if self._inner is None:
                self._inner = _find_inner_offsets(_find_root(self._text)[0])  # only errors need these places
            offset = self._inner.get(path)
        return 0 if offset is None else self._first_line + self._lines.count(offset)


def check_size(size: int) -> None:
    """Raise YamlError if a catalog of ``size`` bytes is over the limit. Call this before parsing the catalog."""
    if size > CATALOG_LIMIT:
        hint = "name fewer volumes; in a --persistence file, remove all keys except `persistence`"
        raise YamlError("input-too-large", None, f"the catalog is larger than {CATALOG_LIMIT >> 20} MiB", hint)


def read_layer(text: str, subject: str, file: str, first_line: int = 1, *, literal: bool = True) -> CatalogLayer:
    """Return the layer in a YAML text: a values file with the key ``persistence``, or only the map below this key.

    ``first_line``: the line of ``file`` where the text begins.
    ``literal``: False if the text is not a ``|`` scalar; then ``first_line`` is the line of every key.
    Raises YamlError; its offset counts characters of ``text``.
    """
    check_size(len(text) if len(text) > CATALOG_LIMIT else len(text.encode()))
    root, has_key = _find_root(text)
    if not root.is_null() and root.kind != MAPPING:
        hint = "write a mapping with the keys data and outputs"
        raise YamlError("invalid-catalog", root.start, "the catalog is not a mapping", hint)
    offsets: KeyOffsets = {(): root.start}
    for key, value in () if root.is_null() else root.pairs():
        setting = key.value() or ""
        offsets[setting,] = key.start
        for name, _ in value.pairs() if value.kind == MAPPING else ():
            offsets[setting, name.value() or ""] = name.start
    values = read_values(root)
    known = values if isinstance(values, dict) else {}
    # The chart wrote the map of a ConfigMap, and its users write the map in their values.
    place = ROOT if has_key or subject != OWN_FILE else ""
    return CatalogLayer(known, offsets, text, subject, file, first_line, place, literal=literal)


def _find_root(text: str) -> tuple[Node, bool]:
    """Return the node of the catalog in a YAML text, and whether it is below ``persistence``. Raises YamlError."""
    root = parse(text)
    inner = root.get(ROOT) if root.kind == MAPPING else None
    return (root, False) if inner is None else (inner, True)


def _find_inner_offsets(root: Node) -> KeyOffsets:
    """Return the offsets of the keys of all entries and of the items of lists."""
    offsets: KeyOffsets = {}
    for key, value in () if root.is_null() else root.pairs():
        setting = key.value() or ""
        if value.kind == SEQUENCE:
            offsets.update({(setting, number): item.start for number, item in enumerate(value.items())})
        for name, entry in value.pairs() if value.kind == MAPPING else ():
            for inner, _ in entry.pairs() if entry.kind == MAPPING else ():
                offsets[setting, name.value() or "", inner.value() or ""] = inner.start
    return offsets


def read_catalog(layers: list[CatalogLayer]) -> Catalog:
    """Return the catalog of the layers; later layers override earlier layers. The errors are in the catalog."""
    return _CatalogReader(layers).read()


class _CatalogReader:
    """Reads one catalog. An error has the file and the line of the last layer that contains its key path."""

    def __init__(self, layers: list[CatalogLayer]) -> None:
        self._layers = layers
        self._values: dict[str, Any] = merge_layers([layer.values for layer in layers])
        self._catalog = Catalog()

    def read(self) -> Catalog:
        catalog = self._catalog
        entries = {role: self._read_mapping(role) for role in (DATA, OUTPUTS)}
        for name in sorted(entries[OUTPUTS].keys() & entries[DATA].keys()):
            self._note(
                "invalid-entry",
                (OUTPUTS, name),
                "the name is used under data and under outputs",
                "rename one of the two entries",
            )
        for key in self._values:
            if key not in SETTINGS:
                self._note_unknown_key(key)
        catalog.isolate_runs = self._read_isolate_runs()
        for role, raw in entries.items():
            catalog.entries[role] = {name: self._read_entry(role, name, raw[name]) for name in sorted(raw)}
        catalog.default_data = self._read_default_data()
        catalog.default_outputs = self._read_default_outputs()
        catalog.spread = self._read_selection()
        catalog.run_folder = self._read_run_folder()
        if WORKLOADS in self._values:
            self._read_kinds()
        if not (catalog.entries[DATA] or catalog.entries[OUTPUTS] or catalog.settings_problems):
            catalog.empty = self._describe_empty()
        return catalog

    def _problem(self, code: str, path: tuple[str, ...], message: str, hint: str, *inner: str | int) -> Problem:
        """Return an error at a key path. If no layer contains the path, the line is that of the setting around it.

        ``inner``: the key of the entry, or the number of the item, that is wrong. If no layer contains it, the line is
        that of ``path``.
        """
        wanted = ((*path, *inner), path, path[:1], ())
        layer, line = next(
            (layer, at) for key in wanted for layer in reversed(self._layers) if (at := layer.find_line(key))
        )
        about = ".".join((layer.root, *path) if layer.root else path)
        problem = Problem(code, message, hint, about=about, subject=layer.subject)
        problem.file = layer.file
        problem.line = line
        problem.text = layer.document
        return problem

    def _note(self, code: str, path: tuple[str, ...], message: str, hint: str, *inner: int) -> None:
        self._catalog.settings_problems.append(self._problem(code, path, message, hint, *inner))

    def _note_unknown_key(self, key: str) -> None:
        """Report an unknown key at the top. A mapping may have entries, below a key with a typing mistake."""
        bare = any(not layer.root and key in layer.values for layer in self._layers)
        self._note("invalid-catalog", (key,), "unknown key", suggest(key, (ROOT, *SETTINGS) if bare else SETTINGS))
        if isinstance(self._values[key], dict):
            self._catalog.is_incomplete = True

    def _describe_empty(self) -> Problem:
        hint = "add entries under persistence"
        if self._layers[-1].subject != OWN_FILE:
            hint += f", or is --persistence FILE (or {FILES_VARIABLE}) missing here?"
        message = "the catalog is empty, so runs that name no volumes get none"
        return self._problem("no-volumes", (), message, hint)

    def _read_mapping(self, role: str) -> dict[str, Any]:
        """Return the entries of a role (data or outputs) as a dict of name -> values, and report invalid names."""
        entries = self._values.get(role, {})
        if not isinstance(entries, dict):
            self._note(
                "invalid-catalog",
                (role,),
                "must be a mapping of names to volumes",
                f"write {role}: {{my-{role}: {{mountPath: /{role}, existingClaim: my-claim}}}}",
            )
            self._catalog.is_incomplete = True
            return {}
        if keys := [name for name in entries if name in ("mountPath", "existingClaim", "hostPath")]:
            # One volume without a name, as in Polyaxon 0.1: the other keys are not names either.
            message = f"{quoted(keys[0])} is a key of an entry, but the name of an entry must be in this place"
            hint = f"write a name for the volume: {role}: {{my-{role}: {{{keys[0]}: …}}}}"
            self._note("invalid-entry", (role, keys[0]), message, hint)
            entries = {name: entry for name, entry in entries.items() if isinstance(entry, dict) and name not in keys}
        for name in entries:
            if reason := name_error(name):
                self._note("invalid-entry", (role, name), f"{quoted(name)} is not a valid name", reason)
        return entries

    def _read_entry(self, role: str, name: str, values: Any) -> Entry:
        def report(message: str, hint: str, key: str) -> None:
            problem = self._problem("invalid-entry", (role, name), message, hint, *([key] if key else []))
            if key == "create" and problem.subject == OWN_FILE:
                problem.message = "a --persistence file can't create a claim"
            self._catalog.entry_problems.setdefault((role, name), []).append(problem)

        entry = read_entry(name, role, values, report)
        if role == OUTPUTS and self._catalog.isolate_runs:
            if entry.bucket:
                message = "isolateRuns needs an entry that pods mount, but no pod mounts a bucket"
                report(message, "use a volume, or remove isolateRuns", "")
            elif not entry.create_run_folder:
                message = "isolateRuns mounts only the run folder, but createRunFolder: false does not create it"
                report(message, "remove createRunFolder", "createRunFolder")
        return entry

    def _read_isolate_runs(self) -> bool:
        flag = read_bool(self._values.get("isolateRuns", False))
        if flag is None:
            self._note(
                "invalid-catalog",
                ("isolateRuns",),
                "must be true or false, without quotes",
                "write isolateRuns: true or isolateRuns: false",
            )
        return bool(flag)

    def _read_text(self, key: str) -> str | None:
        value = self._values.get(key)
        if value is None or (isinstance(value, str) and is_string(value)):
            return value
        self._note("invalid-catalog", (key,), "must be a string", f"write the value of {key} as a string in quotes")
        return None

    def _read_default_data(self) -> list[str] | None:
        names = self._values.get("defaultData")
        if names is None:
            return None
        if not isinstance(names, list):
            self._note(
                "invalid-catalog",
                ("defaultData",),
                "must be a list of names of data volumes",
                f"write defaultData: [{names if isinstance(names, str) else 'NAME'}]",
            )
            return None
        known = self._catalog.entries[DATA]
        seen: dict[str, None] = {}
        for number, name in enumerate(names):
            if not isinstance(name, str) or name not in known:
                if self._catalog.is_incomplete and isinstance(name, str):
                    continue
                message = f"no data volume {quoted(str(name))}"
                self._note("invalid-catalog", ("defaultData",), message, suggest(str(name), known), number)
            elif name in seen:
                message = f"{quoted(name)} is repeated"
                self._note("invalid-catalog", ("defaultData",), message, "write the name once", number)
            else:
                seen[str(name)] = None
        return list(seen)

    def _read_default_outputs(self) -> str | None:
        name = self._read_text("defaultOutputs")
        if name is None:
            return None
        known = self._catalog.entries[OUTPUTS]
        if name not in known:
            if self._catalog.is_incomplete:
                return None
            message = f"no outputs volume {quoted(name)}"
            self._note("invalid-catalog", ("defaultOutputs",), message, suggest(name, known))
            return None
        if known[name].read_only:
            names = list_names(self._catalog.writable_outputs())
            hint = f"write one of: {names}" if names else "make an outputs volume writable"
            self._note(
                "invalid-catalog",
                ("defaultOutputs",),
                f"{quoted(name)} is read-only, but runs write to the default outputs volume",
                hint,
            )
            return None
        return str(name)

    def _read_selection(self) -> bool:
        selection = self._read_text("outputsSelection")
        if selection is not None and selection not in SELECTIONS:
            hint = suggest(selection, SELECTIONS)
            self._note("invalid-catalog", ("outputsSelection",), f"unknown value {quoted(selection)}", hint)
        if selection == "spread" and "defaultOutputs" in self._values:
            message = "outputsSelection: spread and defaultOutputs are both set, but only one of them is possible"
            self._note("invalid-catalog", ("outputsSelection",), message, "remove outputsSelection or defaultOutputs")
        return selection == "spread"

    def _read_run_folder(self) -> PathTemplate:
        text = self._read_text("runFolder")
        if not text:
            slash = ("/", False)
            return PathTemplate([("namespace", True), slash, ("kind", True), slash, ("name", True)])
        from post_renderer.catalog.path_template import PLACEHOLDERS, read_path_template  # few catalogs set runFolder

        parts, error = read_path_template(text, PLACEHOLDERS)
        if error:
            self._note(
                "run-folder",
                ("runFolder",),
                error,
                f"write a relative path with placeholders, such as {DEFAULT_RUN_FOLDER}",
            )
        return PathTemplate(parts)

    def _read_kinds(self) -> None:
        from post_renderer.workloads.catalog_kinds import read_kinds  # few catalogs have the key `workloads`

        def report(message: str, hint: str) -> None:
            self._note("invalid-catalog", (WORKLOADS,), message, hint)

        self._catalog.kinds = read_kinds(self._values[WORKLOADS], report)


def merge_layers(layers: list[dict[str, Any]]) -> dict[str, Any]:
    """Merge layers as Helm merges values: maps are merged, lists and scalars are replaced, null removes a key."""
    merged = _without_nulls(layers[0])
    if len(layers) > 1:
        from deepmerge import Merger  # its import takes longer than a small render, and most catalogs have one layer

        merger = Merger([(dict, ["merge"])], ["override"], ["override"])
        for layer in layers[1:]:
            merged = _without_nulls(merger.merge(merged, layer))
    return merged


def _without_nulls(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _without_nulls(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if value is not None
    }
