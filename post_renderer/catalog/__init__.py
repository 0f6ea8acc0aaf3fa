"""The catalog: the named volumes of the stream and of the --persistence files, layered and checked."""

from __future__ import annotations

from post_renderer.catalog.entry import DATA, OUTPUTS, Entry, are_names, is_read_only, name_error, read_entry
from post_renderer.folder import read_template
from post_renderer.problems import Problem, YamlError, quoted, suggest
from post_renderer.yamltree import MAPPING, Node, visit
from post_renderer.yamltree.node import is_string, read_bool, read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from post_renderer.folder import Template
    from post_renderer.resolve import Choice
    from post_renderer.resolve.model import Resolution
    from post_renderer.workloads.model import WorkloadKind
    from post_renderer.yamltree.node import Value

    KeyOffsets = dict[tuple[str, ...], int]

WORKLOADS = "workloads"
SETTINGS = (DATA, OUTPUTS, "defaultData", "defaultOutputs", "outputsSelection", "runFolder", "isolateRuns", WORKLOADS)
LARGE = 500  # lines of a catalog whose entries are read when they are asked for
DEFAULT_RUN_FOLDER = "{namespace}/{kind}/{name}"
SELECTIONS = ("first", "spread")
FIELD = "\1"


class Part:
    """An entry of a large catalog that nobody asked for yet: its fields, with FIELD between two."""

    __slots__ = ("_fields",)

    def __init__(self, fields: str) -> None:
        self._fields = fields

    def read(self) -> Value:
        return visit(self._fields.replace(FIELD, "\n") + "\n", read_values)


class CatalogLayer:
    """One source of a catalog: its values, and where in its text a key path such as ("data", "x") stands."""

    __slots__ = ("_first_line", "_places", "_text", "file", "subject", "values")

    def __init__(
        self, values: dict[str, Any], places: KeyOffsets, text: str, subject: str, file: str, first_line: int
    ) -> None:
        self.values = values
        self.subject = subject
        self.file = file
        self._places = places
        self._text = text
        self._first_line = first_line

    def has_path(self, path: tuple[str, ...]) -> bool:
        return path in self._places

    def line(self, path: tuple[str, ...]) -> int:
        """The line of ``file`` on which a path that it speaks of stands: counted only for problems."""
        return self._first_line + self._text.count("\n", 0, self._places[path])


class Catalog:
    """The layered catalog. Settings and names are checked at once, an entry when it is asked for, each once."""

    def __init__(self, layers: list[CatalogLayer]) -> None:
        self._layers = layers
        self._values: dict[str, Any] = _layered([layer.values for layer in layers])
        self._entries: dict[tuple[str, str], Entry | None] = {}
        self.laid_out: dict[Choice, Resolution] = {}  # what runs share that get the same entries
        self.problems: list[Problem] = []
        self.names: dict[str, list[str]] = {role: self._read_names(role) for role in (DATA, OUTPUTS)}
        data = set(self.names[DATA])
        for name in self.names[OUTPUTS]:
            if name in data:
                self._report("invalid-entry", (OUTPUTS, name), "stands under data and under outputs", "rename one")
        for key in self._values:
            if key not in SETTINGS:
                self._report("invalid-catalog", (key,), "unknown key", suggest(key, SETTINGS))
        self.isolate_runs = self._read_flag("isolateRuns")
        self.default_data = self._read_default_data()
        self.default_outputs = self._read_default_outputs()
        self.spread = self._read_selection()
        self.run_folder = self._read_run_folder()
        self.kinds = self._read_kinds()

    def entry(self, role: str, name: str) -> Entry | None:
        """The entry of that name (which must be one of ``names``); None where it has problems."""
        if (role, name) not in self._entries:
            values = self._raw(role, name)

            def report(message: str, hint: str) -> None:
                self._report("invalid-entry", (role, name), message, hint)

            entry = read_entry(name, role, values, report)
            if entry and role == OUTPUTS and self.isolate_runs and (reason := _never_isolated(entry)):
                report(*reason)
                entry = None
            self._entries[role, name] = entry
        return self._entries[role, name]

    def writable_outputs(self) -> list[str]:
        """Names of the outputs entries that a run may write to, in bytewise order."""
        return [name for name in self.names[OUTPUTS] if not is_read_only(self._raw(OUTPUTS, name))]

    def _raw(self, role: str, name: str) -> Value:
        entry: Value | Part = self._values[role][name]
        if not isinstance(entry, Part):
            return entry
        read: Value = _without_nulls({name: entry.read()})[name]
        self._values[role][name] = read
        return read

    def check_all(self) -> None:
        """Check every entry, also those that no run asks for."""
        for role in (DATA, OUTPUTS):
            for name in self.names[role]:
                self.entry(role, name)

    def _report(self, code: str, path: tuple[str, ...], message: str, hint: str) -> None:
        """Add a problem, placed on the last layer that speaks of the path, else of the setting that it is part of."""
        wanted = (path, path[:1], ())
        layer, spoken = next((layer, key) for key in wanted for layer in reversed(self._layers) if layer.has_path(key))
        problem = Problem(code, message, hint, about="persistence." + ".".join(path), subject=layer.subject)
        problem.file = layer.file
        problem.line = layer.line(spoken)
        self.problems.append(problem)

    def _read_names(self, role: str) -> list[str]:
        entries = self._values.setdefault(role, {})
        if not isinstance(entries, dict):
            self._report("invalid-catalog", (role,), "is a mapping of names to volumes", f"{role}: {{name: {{…}}}}")
            self._values[role] = {}
            return []
        for name in () if are_names(entries) else entries:
            if name in ("mountPath", "existingClaim", "hostPath"):
                hint = f"name the volume: {role}: {{my-{role}: {{{name}: …}}}}"
                self._report("invalid-entry", (role, name), "stands where an entry's name is expected", hint)
            elif reason := name_error(name):
                self._report("invalid-entry", (role, name), f"{quoted(name)} can't be a name", reason)
        return sorted(entries)

    def _read_flag(self, key: str) -> bool:
        flag = read_bool(self._values.get(key, False))
        if flag is None:
            self._report("invalid-catalog", (key,), "is true or false, without quotes", f"{key}: true")
        return bool(flag)

    def _read_text(self, key: str) -> str | None:
        value = self._values.get(key)
        if value is None or (isinstance(value, str) and is_string(value)):
            return value
        self._report("invalid-catalog", (key,), "is a string", f'{key}: "…"')
        return None

    def _read_default_data(self) -> list[str] | None:
        names = self._values.get("defaultData")
        if names is None:
            return None
        if not isinstance(names, list):
            self._report("invalid-catalog", ("defaultData",), "is a list of data names", "defaultData: [data1]")
            return None
        seen: list[str] = []
        for name in names:
            if not isinstance(name, str) or name not in self.names[DATA]:
                hint = suggest(str(name), self.names[DATA])
                self._report("invalid-catalog", ("defaultData",), f"no data volume {quoted(str(name))}", hint)
            elif name in seen:
                self._report("invalid-catalog", ("defaultData",), f"{quoted(name)} stands twice", "name it once")
            else:
                seen.append(str(name))
        return seen

    def _read_default_outputs(self) -> str | None:
        name = self._read_text("defaultOutputs")
        if name is None:
            return None
        if name not in self.names[OUTPUTS]:
            hint = suggest(name, self.names[OUTPUTS])
            self._report("invalid-catalog", ("defaultOutputs",), f"no outputs volume {quoted(name)}", hint)
            return None
        if name not in self.writable_outputs():
            hint = "name one of: " + (", ".join(self.writable_outputs()) or "(there is none yet)")
            self._report("invalid-catalog", ("defaultOutputs",), f"{quoted(name)} is read-only", hint)
            return None
        return str(name)

    def _read_selection(self) -> bool:
        selection = self._read_text("outputsSelection")
        if selection is not None and selection not in SELECTIONS:
            hint = suggest(selection, SELECTIONS)
            self._report("invalid-catalog", ("outputsSelection",), f"unknown value {quoted(selection)}", hint)
        if selection == "spread" and "defaultOutputs" in self._values:
            hint = "leave one of the two out"
            self._report("invalid-catalog", ("outputsSelection",), "spread can't go with defaultOutputs", hint)
        return selection == "spread"

    def _read_run_folder(self) -> Template:
        template, wrong = read_template(self._read_text("runFolder") or DEFAULT_RUN_FOLDER)
        if wrong:
            self._report("run-folder", ("runFolder",), wrong, f"the default is {DEFAULT_RUN_FOLDER}")
        return template

    def _read_kinds(self) -> dict[tuple[str, str], WorkloadKind]:
        if WORKLOADS not in self._values:
            return {}
        from post_renderer.workloads.extra_kinds import read_kinds  # hardly any catalog has some

        def report(message: str, hint: str) -> None:
            self._report("invalid-catalog", (WORKLOADS,), message, hint)

        return read_kinds(self._values[WORKLOADS], report)


def _never_isolated(entry: Entry) -> tuple[str, str] | None:
    """Why an outputs entry can't give a run its own folder alone, with a hint."""
    if entry.bucket:
        return "isolateRuns mounts the run folder alone, and no pod mounts a bucket", "use a volume, or no isolateRuns"
    if not entry.create_run_folder:
        return "isolateRuns mounts the run folder alone, so it must be created", "leave createRunFolder out"
    return None


def read_layer(text: str, subject: str, file: str, first_line: int = 1, *, literal: bool = True) -> CatalogLayer:
    """A layer from YAML text: a values file with a ``persistence:`` key, or the bare map.

    ``first_line`` is the line of ``file`` on which the text begins; with ``literal`` false, all of it stands there.
    Raises Unreadable, its offset counting characters of ``text``.
    """

    def work(root: Node) -> tuple[Value, KeyOffsets]:
        if root.kind == MAPPING and (inner := root.get("persistence")) is not None:
            root = inner
        if not root.is_null() and root.kind != MAPPING:
            hint = "write data: and outputs: maps"
            raise YamlError("invalid-catalog", root.start, "the catalog is not a mapping", hint)
        places: KeyOffsets = {(): root.start}
        for key, value in () if root.is_null() else root.pairs():
            setting = key.value() or ""
            places[setting,] = key.start
            for name, _ in value.pairs() if value.kind == MAPPING else ():
                places[setting, name.value() or ""] = name.start
        return read_values(root), places

    counted = text if literal else ""
    if text.count("\n") > LARGE:
        from post_renderer.outline import read_outline, read_rest  # small catalogs cost less than this module

        outline = read_outline(text, (DATA, OUTPUTS))
        if outline:
            found = read_rest(outline, work)
            if found:
                return CatalogLayer({**found[0], **outline.entries}, found[1], counted, subject, file, first_line)
    values, places = visit(text, work)
    return CatalogLayer(values if isinstance(values, dict) else {}, places, counted, subject, file, first_line)


def _layered(layers: list[dict[str, Any]]) -> dict[str, Any]:
    """As Helm layers values: maps merge, lists and scalars replace, null takes away."""
    merged = _without_nulls(layers[0])
    if len(layers) > 1:
        merged = _read_parts(merged)
        from deepmerge import Merger  # costs more than a small render: only layered catalogs pay for it

        merger = Merger([(dict, ["merge"])], ["override"], ["override"])
        for layer in layers[1:]:
            merged = _without_nulls(merger.merge(merged, _read_parts(layer)))
    return merged


def _read_parts(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _read_parts(value) if isinstance(value, dict) else value.read() if isinstance(value, Part) else value
        for key, value in values.items()
    }


def _without_nulls(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _without_nulls(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if value is not None
    }
