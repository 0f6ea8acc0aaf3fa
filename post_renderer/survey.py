"""Counts the objects of a stream, for commands that must not call an input good that they did not look at.

An object is a document, or an item of a List, with apiVersion and kind. Most documents are counted by their lines,
because a stream contains thousands of documents that no run needs. Only a document that does not have these lines is
parsed. `render` does not use this module: Helm's output may be empty.
"""

from __future__ import annotations

import shlex
from bisect import bisect_left

from post_renderer.catalog.entry import SETTINGS
from post_renderer.catalog.read import ROOT
from post_renderer.k8s import ANNOTATIONS, DOMAIN, PREFIX
from post_renderer.problems import Problem, YamlError, quoted
from post_renderer.stream import DOMAIN_BYTES, STREAM_LIMIT, UTF_16, LineIndex, find_separator, within
from post_renderer.workloads import find_objects
from post_renderer.yamltree import MAPPING, get_mapping_value, parse, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.yamltree import Node

OWN_NAMES = tuple(name.removeprefix(PREFIX).encode() for name in ANNOTATIONS)
DOMAIN_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-"
LONGEST_DOMAIN = 253  # characters, by DNS
SIMILAR = 0.75  # the least similarity of a domain that is taken for a misspelt polyaxon.com
INPUT = "the input"  # the name of an input that is not the output of a program
VALUES_KEYS = {"persistence", "runs"}
TEMPLATE = "-- helm template demo ./chart"
CHECK_CATALOG = "polyaxon-persistence check --allow-empty --persistence {} < /dev/null"
VERIFY = "polyaxon-persistence verify -- helm get manifest demo"


class Survey:
    """What a stream contains.

    ``objects``: the number of its objects.
    ``problems``: warnings about documents that can't be read and about annotations of other domains; one error if the
    stream has no object.
    """

    __slots__ = ("objects", "problems")

    def __init__(self, objects: int, problems: list[Problem]) -> None:
        self.objects = objects
        self.problems = problems


def survey(
    raw: bytes, reported: list[Problem], command: str, source: str = INPUT, file: str = "", *, allow_empty: bool = False
) -> Survey:
    """Count the objects of a stream.

    ``reported``: the problems of the stream that are known already; a document with one of them gets no second one.
    ``command``: the command of polyaxon-persistence that the hint of the error about an input without objects shows.
    ``source``: the name of the input in that error.
    ``file``: its path, for the hint about a catalog; empty if it is not a file.
    ``allow_empty``: an input without objects is no error. A document that can't be read is still a warning.
    """
    if len(raw) > STREAM_LIMIT or raw.startswith(UTF_16):
        return Survey(0, [])  # the render has reported it
    places = LineIndex(raw)
    lines = sorted(problem.line for problem in reported if problem.line)
    objects = 0
    found: list[Problem] = []
    for start, end in _split(raw):
        text = raw[start:end]
        try:
            objects += _count_objects(text)
        except (YamlError, UnicodeDecodeError) as error:
            at = bisect_left(lines, places.line(start))
            after = places.line(end) + (end == len(raw))  # the first line after the document
            if at == len(lines) or lines[at] >= after:
                found.append(_unread(error, places, start, text))
    if not objects and not allow_empty and not any(problem.severity == "error" for problem in reported):
        return Survey(0, [_no_object(raw, command, source, file, places)])
    return Survey(objects, [*found, *_find_other_domains(raw, places)])


def find_objects_error(raw: bytes, command: str, source: str) -> Problem | None:
    """Return an error if a stream has no object. The arguments are those of ``survey``."""
    found = survey(raw, [], command, source)
    return None if found.objects else next(iter(found.problems), None)


def may_have_objects(raw: bytes) -> bool:
    """Return whether a stream has an object, or a document that can't be read: Helm may find an object in it."""
    try:
        return any(_count_objects(raw[start:end]) for start, end in _split(raw))
    except (YamlError, UnicodeDecodeError):
        return True


def _split(raw: bytes) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(raw):
        end = find_separator(raw, start)
        yield start, end
        start = end


def _count_objects(text: bytes) -> int:
    """Return the number of objects in a document. Raises YamlError, UnicodeDecodeError."""
    number = _count_by_lines(text)
    return sum(map(_is_object, _find_nodes(text))) if number is None else number


def _count_by_lines(text: bytes) -> int | None:
    """Return the number of objects in a document in block style; None if its lines do not show the number.

    Regular expressions would do this in fewer lines, but loading them takes longer than a small chart.
    """
    kind = _read_line(text, b"kind:").strip(b"\"'")
    if not kind or not _read_line(text, b"apiVersion:"):
        return 0 if not text.strip() or text.strip() == b"---" else None
    if not kind.endswith(b"List"):
        return 1
    start = text.find(b"\nitems:")
    newline = text.find(b"\n", start + 1)
    if kind != b"List" or start < 0 or text[start + len(b"\nitems:") : newline].strip():
        return None
    indent = b"" if text.startswith(b"- ", newline + 1) else b"  "
    lines = [tuple(b"\n" + indent + dash + key for dash in (b"- ", b"  ")) for key in (b"apiVersion: ", b"kind: ")]
    return min(sum(text.count(line, newline) for line in both) for both in lines) or None


def _read_line(text: bytes, key: bytes) -> bytes:
    """Return the value in the first line that begins with the key; empty without such a line or without a value."""
    start = 0 if text.startswith(key) else text.find(b"\n" + key) + 1
    if not start and not text.startswith(key):
        return b""
    end = text.find(b"\n", start)
    line = text[start + len(key) : end if end >= 0 else len(text)]
    value = line.partition(b" #")[0].strip()
    return value if line[:1] in (b" ", b"\t") else b""


def _find_nodes(text: bytes) -> Iterator[Node]:
    for node, _, _ in find_objects(parse(text.decode("utf-8-sig"))):
        yield node


def _is_object(node: Node) -> bool:
    if node.kind != MAPPING or not scalar_text(get_mapping_value(node, "apiVersion")):
        return False
    kind = scalar_text(get_mapping_value(node, "kind"))
    return bool(kind) and not _is_empty_list(node, kind or "")


def _is_empty_list(node: Node, kind: str) -> bool:
    """Return whether a node is a List whose items are null or missing: programs in Go print null for no items."""
    items = node.get("items")
    return kind == "List" if items is None else kind.endswith("List") and items.is_null()


def _error_place(text: bytes, error: YamlError | UnicodeDecodeError) -> int:
    """Return the offset, in bytes, of a character in the line of an error in a document."""
    if isinstance(error, UnicodeDecodeError):
        return within(text, error.start)
    before = text.decode("utf-8-sig")[: error.offset or 0]
    return within(text, len(before.encode()))


def _unread(error: YamlError | UnicodeDecodeError, places: LineIndex, start: int, text: bytes) -> Problem:
    message = error.message if isinstance(error, YamlError) else "the text is not UTF-8"
    hint = "fix the document: polyaxon-persistence did not look for runs in it"
    problem = Problem("unread-document", f"this document can't be read: {message}", hint, subject="(stream)")
    problem.file, problem.line = places.template(start), places.line(start + _error_place(text, error))
    return problem


def _no_object(raw: bytes, command: str, source: str, file: str, places: LineIndex) -> Problem:
    """Return the error about a stream without objects. It says what the text seems to be, or where it can't be read."""
    name = "polyaxon-persistence" if command == "render" else f"polyaxon-persistence {command}"
    example = VERIFY if command == "verify" else f"{name} {TEMPLATE}"
    hint = f"give the output of Helm, as in {example}"
    nothing = f"write {example}"
    if source != INPUT and command != "verify":
        instead = "write check --allow-empty" if command == "check" else f"there is nothing to {command}"
        hint = nothing = f"if the chart renders nothing on purpose (enabled: false), {instead}"
    if not raw.strip():
        return Problem("no-object", f"{source} is empty", nothing, subject="(input)")
    message = f"{source} has no Kubernetes object, which is a document with apiVersion and kind"
    line = 0
    for start, end in _split(raw):
        try:
            root = parse(raw[start:end].decode("utf-8-sig"))
        except (YamlError, UnicodeDecodeError) as error:
            message = f"{source} can't be read: {error.message if isinstance(error, YamlError) else 'it is not UTF-8'}"
            hint = f"give the output of Helm, as in {example}"
            line = places.line(start + _error_place(raw[start:end], error))
            break
        names = set(root.names()) if root.kind == MAPPING else set()
        if names == {ROOT} or (names and names.issubset(SETTINGS)):
            message = f"{source} seems to be a catalog, and not the output of Helm"
            hint = f"to check only a catalog, write {CHECK_CATALOG.format(shlex.quote(file) if file else 'FILE')}"
        elif names & VALUES_KEYS:
            message = f"{source} seems to be a values file, and not the output of Helm"
            hint = f"write {example}" if command == "verify" else f"write {example} -f FILE"
        elif {"kind", "version"} <= names:
            message = f"{source} seems to be a polyaxonfile, and not the output of Helm"
            hint = "write polyaxon-persistence migrate FILE to get values for the chart"
        if names:
            break
    problem = Problem("no-object", message, hint, subject="(input)")
    problem.line = line
    return problem


def _find_other_domains(raw: bytes, places: LineIndex) -> Iterator[Problem]:
    reported: set[tuple[bytes, bytes]] = set()
    at = raw.find(b"/")
    while at >= 0:
        if raw.startswith(OWN_NAMES, at + 1):
            found = _read_key(raw, at)
            if found not in reported and found[1] in OWN_NAMES and _is_similar(found[0]):
                reported.add(found)
                domain, name = (text.decode() for text in found)
                message = f"polyaxon-persistence does not read {quoted(f'{domain}/{name}')}"
                problem = Problem("unknown-domain", message, f"write {PREFIX}{name}", subject="(stream)")
                problem.file, problem.line = places.template(at), places.line(at)
                yield problem
        at = raw.find(b"/", at + 1)


def _read_key(raw: bytes, slash: int) -> tuple[bytes, bytes]:
    """Return the domain before a slash and the name after it, which is empty if it is not a key.

    The domain is read backwards, so that a line of millions of letters is not searched from each letter.
    """
    before = raw[max(0, slash - LONGEST_DOMAIN) : slash]
    after, colon, _ = raw[slash + 1 : slash + 1 + LONGEST_DOMAIN].split(b"\n", 1)[0].partition(b":")
    return before[len(before.rstrip(DOMAIN_LETTERS)) :], after.rstrip(b"\"' \t") if colon else b""


def _is_similar(domain: bytes) -> bool:
    if domain == DOMAIN_BYTES:
        return False
    from difflib import SequenceMatcher  # slow to import: few streams have such a name

    return SequenceMatcher(None, domain.decode(), DOMAIN).ratio() >= SIMILAR
