"""Reads ``kind`` and ``environment`` of a polyaxonfile (Polyaxon 0.x). It ignores the other sections."""

from __future__ import annotations

from post_renderer.k8s import is_path_segment
from post_renderer.problems import Problems, YamlError, quoted, suggest
from post_renderer.yamltree import ALIAS, MAPPING, SCALAR, SEQUENCE, Node, parse
from post_renderer.yamltree.node import is_number, is_string, read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

POLYAXONFILE_LIMIT: Final = 64 * 1024  # bytes of one polyaxonfile
REMEMBERED_FILES: Final = 256  # different polyaxonfiles

# Polyaxon's kinds of runs -> the directory of the kind in run folders.
RUN_KINDS: Final = {
    "experiment": "experiments",
    "job": "jobs",
    "notebook": "notebooks",
    "tensorboard": "tensorboards",
    "build": "builds",
}
# Polyaxon's kinds that started other runs -> what to write instead.
STARTERS: Final = {
    "group": "write one run for each set of params, of kind experiment",
    "pipeline": "write one run for each step",
}
# Keys that decide about volumes. A key that is similar to one of them is reported as a typing error.
TOP_KEYS: Final = ("kind", "environment")
ENVIRONMENT_KEYS: Final = ("persistence", "outputs", "data_refs", "artifact_refs")
# Keys that ask for volumes, but in a wrong place -> the right place.
MISPLACED: Final = {
    "persistence": "environment: {persistence: …}",
    "env": "environment: …",
    "data": "environment: {persistence: {data: […]}}",
}
GROUPS: Final = ("jobs", "experiments")  # groups of runs that other runs can refer to
# Those of Polyaxon 0.5 and later.
LATER_SPELLINGS: Final = {"data_refs": "persistence.data", "artifact_refs": "persistence.outputs"}


class PolyaxonfileRequest:
    """What one polyaxonfile asks for. The properties of the class Request describe the other fields.

    ``offsets``: dict of name -> offset. For another run, the key is ``jobs/<name>`` or ``experiments/<name>``.
    ``problems``: the errors in the polyaxonfile.
    ``has_kind``: the polyaxonfile has a ``kind``. Without it, ``kind`` is the default.
    ``has_refs``: the names are under ``data_refs`` and ``artifact_refs`` (Polyaxon 0.5), not under ``persistence``.
    All offsets count characters of the polyaxonfile.
    """

    __slots__ = ("data", "has_kind", "has_refs", "kind", "offsets", "outputs", "problems", "references")

    def __init__(self) -> None:
        self.kind = "job"
        self.has_kind = False
        self.has_refs = False
        self.data: list[str] | None = None
        self.outputs: str | None = None
        self.references: list[tuple[str, str]] = []
        self.offsets: dict[str, int] = {}
        self.problems = Problems()

    def asks_the_same(self, other: PolyaxonfileRequest) -> bool:
        ours = (self.kind, self.data, self.outputs, self.references)
        return ours == (other.kind, other.data, other.outputs, other.references)


# Text of a polyaxonfile -> what it asks for: most runs of a release have the same text.
_known: dict[str, PolyaxonfileRequest] = {}


def read_polyaxonfile(text: str) -> PolyaxonfileRequest:
    """Return what ``kind`` and ``environment`` ask for. The offsets of errors count characters of ``text``.

    Several calls return the same object, so do not change it. Nothing is raised: a YAML error becomes a problem.
    """
    known = _known.get(text)
    if known is not None:
        return known
    asked = PolyaxonfileRequest()
    problems = asked.problems
    if len(text.encode("utf-8", "replace")) > POLYAXONFILE_LIMIT:
        message = f"the polyaxonfile is larger than {POLYAXONFILE_LIMIT // 1024} KiB"
        problems.add("input-too-large", message, "shorten the polyaxonfile")
        return asked
    try:
        _read_sections(parse(text), asked, problems)
    except YamlError as error:
        asked = PolyaxonfileRequest()  # drop what was read before the error
        code = "invalid-polyaxonfile" if error.code == "invalid-yaml" else error.code
        asked.problems.add(code, f"the polyaxonfile is not valid: {error.message}", error.hint, offset=error.offset)
    if not asked.problems.found and len(_known) < REMEMBERED_FILES:
        _known[text] = asked
    return asked


def _read_sections(root: Node, asked: PolyaxonfileRequest, problems: Problems) -> None:
    if root.is_null():
        hint = "write {} to get the default volumes"
        problems.add("invalid-polyaxonfile", "the polyaxonfile is empty", hint, offset=root.start)
        return
    if root.kind != MAPPING:
        problems.add(
            "invalid-polyaxonfile",
            "the polyaxonfile is not a mapping",
            "write a mapping, such as kind: experiment",
            offset=root.start,
        )
        return
    _refuse_near_misses(root, TOP_KEYS, "the polyaxonfile", problems)
    kind = root.get("kind")
    if kind is not None and not kind.is_null():
        name = kind.value() or ""
        if name in RUN_KINDS:
            asked.kind = name
            asked.has_kind = True
        else:
            hint = STARTERS.get(name) or suggest(name, RUN_KINDS)
            problems.add("invalid-request", f"unknown kind {quoted(name)}", hint, offset=kind.start)
    environment = root.get("environment")
    if environment is None or environment.is_null():
        return
    _refuse_alias(environment)
    if environment.kind != MAPPING:
        problems.add(
            "invalid-request",
            "environment must be a mapping",
            "write environment: {persistence: {data: [data1]}}",
            offset=environment.start,
        )
        return
    _refuse_near_misses(environment, ENVIRONMENT_KEYS, "environment", problems)
    _read_later_spellings(environment, asked, problems)
    outputs = environment.get("outputs")
    if outputs is not None and not outputs.is_null():
        _read_references(outputs, asked, problems)
    persistence = environment.get("persistence")
    if persistence is not None and not persistence.is_null():
        _read_persistence(persistence, asked, problems)


def _read_persistence(persistence: Node, asked: PolyaxonfileRequest, problems: Problems) -> None:
    _refuse_alias(persistence)
    if persistence.kind != MAPPING:
        hint = "write persistence: {data: [NAME, NAME], outputs: NAME}"
        problems.add("invalid-request", "environment.persistence must be a mapping", hint, offset=persistence.start)
        return
    read_values(persistence)  # raises YamlError for a repeated key and for an alias
    if _refuse_definition(None, persistence, problems):
        return
    for key, _ in persistence.pairs():
        name = key.value() or ""
        if name not in ("data", "outputs"):
            message = f"unknown key {quoted(name)} in environment.persistence"
            problems.add("invalid-request", message, suggest(name, ("data", "outputs")), offset=key.start)
    data = persistence.get("data")
    if data is not None and not data.is_null():
        asked.data = _read_name_list(data, "data", asked, problems)
    outputs = persistence.get("outputs")
    if outputs is not None and not outputs.is_null():
        if outputs.kind != SCALAR:
            message = "outputs must be one name: a run writes to one outputs volume"
            problems.add("invalid-request", message, "write outputs: NAME", offset=outputs.start)
        else:
            asked.outputs = _read_name(outputs, asked, problems)


def _refuse_definition(key: Node | None, value: Node, problems: Problems) -> bool:
    """Report a volume that is defined in a polyaxonfile, and return whether there is one.

    ``key``: the place of the error, or None if ``value`` is the mapping under ``persistence``. Shapes are checked
    before names: else each key of the volume would be an error of its own.
    """
    if key is None and value.kind == MAPPING and {"data", "outputs"}.issuperset(value.names()):
        values = value.children[1::2]
        if not any(part.kind == MAPPING for node in values for part in (node, *node.children)):
            return False  # names only, as nearly always: nothing is imported
    from post_renderer.request.definitions import HINT, MESSAGE, find_definition, is_definition

    found = find_definition(value) if key is None else key if is_definition(value) else None
    if found is not None:
        problems.add("invalid-request", MESSAGE, HINT, offset=found.start)
    return found is not None


def _refuse_alias(node: Node) -> None:
    if node.kind == ALIAS:
        node.expect(MAPPING)


def _read_name_list(
    node: Node, key: str, asked: PolyaxonfileRequest, problems: Problems, within: str = ""
) -> list[str]:
    """Return the names in a list. Report invalid and repeated names, too. ``within``: see `_read_name`."""
    if node.kind == ALIAS:
        node.expect(SEQUENCE)
    if node.kind != SEQUENCE:
        word = node.value() if node.kind == SCALAR else f"{key}1"
        problems.add("invalid-request", f"{key} must be a list of names", f"write {key}: [{word}]", offset=node.start)
        return []
    names: dict[str, None] = {}
    for item in node.items():
        if item.kind != SCALAR:
            problems.add(
                "invalid-request", f"{key} must be a list of names", f"write {key}: [{key}1, {key}2]", offset=item.start
            )
            continue
        name = _read_name(item, asked, problems, within)
        if name and name in names:
            problems.add(
                "invalid-request", f"{quoted(name)} is repeated in {key}", "write the name once", offset=item.start
            )
        names[name] = None
    return list(names)


def _read_name(node: Node, asked: PolyaxonfileRequest, problems: Problems, within: str = "") -> str:
    """Return the volume name of a node, or '' after a report. Save its offset as ``asked.offsets[within + name]``."""
    value = read_values(node)
    if isinstance(value, str) and value and is_string(value):
        asked.offsets[f"{within}{value}"] = node.start
        return str(value)
    # A number or a boolean such as 1 or on is a name only in quotes.
    message, hint = f"{quoted(str(value))} is not a name", "write the name in quotes"
    if value is None or value == "":
        message, hint = "a name is empty", "write a name, or remove the item"
    problems.add("invalid-request", message, hint, offset=node.start)
    return ""


def _refuse_near_misses(node: Node, keys: tuple[str, ...], where: str, problems: Problems) -> None:
    """Report keys that are similar to known keys. Without this error, the run would get the default volumes."""
    for key, value in node.pairs():
        if key.kind != SCALAR:
            hint = "write key: value, and look for a template expression that was not filled in"
            problems.add("invalid-request", f"a key of {where} is not plain text", hint, offset=key.start)
            continue
        name = key.value()
        if not name or name in keys:
            continue
        if name in MISPLACED and (where != "environment" or name == "data"):
            if name != "env" and _refuse_definition(key if name == "data" else None, value, problems):
                continue
            hint = f"write {MISPLACED[name]}"
            problems.add("invalid-request", f"{quoted(name)} does not belong in {where}", hint, offset=key.start)
            continue
        for known in keys:
            if _is_near(name, known):
                message = f"unknown key {quoted(name)} in {where}"
                problems.add("invalid-request", message, f"did you mean {quoted(known)}?", offset=key.start)


def _is_near(word: str, known: str) -> bool:
    """Return whether only two neighbouring characters (in short keys: one) are wrong, missing or too many."""
    word = word.lower().replace("-", "_")
    allowed = 1 if len(known) < 5 else 2
    if abs(len(word) - len(known)) > allowed:
        return False
    head = 0
    while head < min(len(word), len(known)) and word[head] == known[head]:
        head += 1
    tail = 0
    while tail < min(len(word), len(known)) - head and word[-1 - tail] == known[-1 - tail]:
        tail += 1
    return max(len(word), len(known)) - head - tail <= allowed


def _read_later_spellings(environment: Node, asked: PolyaxonfileRequest, problems: Problems) -> None:
    persistence = environment.get("persistence")
    for key, earlier in LATER_SPELLINGS.items():
        later = environment.get(key)
        if later is None or later.is_null():
            continue
        if persistence is not None and not persistence.is_null():
            message = f"{key} and persistence are both set, but only one of them is possible"
            problems.add(
                "invalid-request", message, f"remove {key}, and write its names under {earlier}", offset=later.start
            )
            continue
        names = _read_name_list(later, key, asked, problems)
        asked.has_refs = True
        if key == "data_refs":
            asked.data = names
        elif names:
            asked.outputs = names[0]
            if len(names) > 1:
                message = f"a run has one outputs volume: from artifact_refs it gets only {quoted(names[0])}"
                problems.add("request-ignored", message, f"write artifact_refs: [{names[0]}]", offset=later.start)


def _read_references(outputs: Node, asked: PolyaxonfileRequest, problems: Problems) -> None:
    """Read ``environment.outputs``: the names of other runs, whose results this run reads."""
    _refuse_alias(outputs)
    if outputs.kind != MAPPING:
        hint = (
            "write outputs: {jobs: [name]}; to choose the volume for the run's own results, write persistence.outputs"
        )
        problems.add(
            "invalid-request", "environment.outputs must be a mapping that names other runs", hint, offset=outputs.start
        )
        return
    read_values(outputs)  # raises YamlError for a repeated key and for an alias
    if not set(GROUPS).issuperset(outputs.names()) and _refuse_definition(outputs, outputs, problems):
        return
    for key, names in outputs.pairs():
        group = key.value() or ""
        if group not in GROUPS:
            message = f"unknown key {quoted(group)} in environment.outputs"
            problems.add("invalid-request", message, suggest(group, GROUPS), offset=key.start)
        elif not names.is_null():
            _read_group(names, group, asked, problems)


def _read_group(names: Node, group: str, asked: PolyaxonfileRequest, problems: Problems) -> None:
    if names.kind == SEQUENCE:
        ids = [item for item in names.items() if item.kind == SCALAR and not item.style and is_number(item.text)]
        for item in ids:
            message = f"{quoted(item.text)} is an id of Polyaxon, but a reference must be the name of a run"
            problems.add("invalid-request", message, f"write the run's name: {group}: [name]", offset=item.start)
        if ids:
            return
    for name in _read_name_list(names, group, asked, problems, f"{group}/"):
        parts = name.split("/")
        if len(parts) > 3 or not all(map(is_path_segment, parts)):
            if name:
                place = asked.offsets[f"{group}/{name}"]
                hint = f"write {group}: [name], [project/name] or [user/project/name]"
                problems.add("invalid-request", f"{quoted(name)} is not a run's name", hint, offset=place)
        else:
            asked.references.append((group, name))
