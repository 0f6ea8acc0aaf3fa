"""Counts the objects of a stream, for commands that must not call an input good that they did not look at.

An object is a document, or an item of a List, with apiVersion and kind. Most documents are counted by their lines,
because a stream contains thousands of documents that no run needs. Only a document that does not have these lines is
parsed. `render` does not use this module: Helm's output may be empty.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from post_renderer.k8s import ANNOTATIONS, DOMAIN, PREFIX
from post_renderer.problems import Problem, YamlError, quoted
from post_renderer.stream import DOMAIN_BYTES, STREAM_LIMIT, UTF_16, LineIndex
from post_renderer.workloads import find_objects
from post_renderer.yamltree import MAPPING, get_mapping_value, parse, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.yamltree import Node

SEPARATOR = re.compile(rb"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
API_VERSION = re.compile(rb"^apiVersion:[ \t]+\S", re.MULTILINE)
KIND = re.compile(rb"^kind:[ \t]+[\"']?([A-Za-z0-9]+)", re.MULTILINE)
# The two keys in the items of a List in block style, with and without two spaces before the dash.
ITEMS = tuple(
    (
        re.compile(rb"^" + dash + rb"apiVersion:[ \t]", re.MULTILINE),
        re.compile(rb"^" + dash + rb"kind:[ \t]", re.MULTILINE),
    )
    for dash in (rb"(?:- |  )", rb"  (?:- |  )")
)
LIST_START = re.compile(rb"^items:[ \t]*\r?\n( *)- ", re.MULTILINE)
OWN_NAMES = "|".join(name.removeprefix(PREFIX) for name in ANNOTATIONS)
# The domain is found backwards from the name: a line of millions of letters must not be searched from each letter.
OWN_NAME = re.compile(rf"/({OWN_NAMES})[\"']?[ \t]*:".encode())
DOMAIN_AT_END = re.compile(rb"[A-Za-z0-9.-]+\Z")
LONGEST_DOMAIN = 253  # characters, by DNS
SIMILAR = 0.75  # the least similarity of a domain that is taken for a misspelt polyaxon.com
VALUES_KEYS = {"persistence", "runs"}
CHECK = "polyaxon-persistence check -- helm template demo ./chart"


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


def survey(raw: bytes, reported: list[Problem], source: str = "the input") -> Survey:
    """Count the objects of a stream.

    ``reported``: the problems of the stream that are known already; a document with one of them gets no second one.
    ``source``: the name of the input in the error about an input without objects.
    """
    if len(raw) > STREAM_LIMIT or raw.startswith(UTF_16):
        return Survey(0, [])  # the render has reported it
    places = LineIndex(raw)
    lines = sorted(problem.line for problem in reported if problem.line)
    objects = 0
    found: list[Problem] = []
    for start, end in _split(raw):
        text = raw[start:end]
        number = _count_by_lines(text)
        if number is None:
            try:
                number = sum(map(_is_object, _find_nodes(text)))
            except (YamlError, UnicodeDecodeError) as error:
                number = 0
                at = bisect_left(lines, places.line(start))
                after = places.line(end) + (end == len(raw))  # the first line after the document
                if at == len(lines) or lines[at] >= after:
                    found.append(_unread(error, places, start))
        objects += number
    if not objects and not any(problem.severity == "error" for problem in reported):
        return Survey(0, [_no_object(raw, source)])
    return Survey(objects, [*found, *_find_other_domains(raw, places)])


def find_objects_error(raw: bytes, source: str) -> Problem | None:
    """Return an error if a stream has no object."""
    found = survey(raw, [], source)
    return None if found.objects else next(iter(found.problems), None)


def _split(raw: bytes) -> Iterator[tuple[int, int]]:
    start = 0
    for separator in SEPARATOR.finditer(raw):
        yield start, separator.start()
        start = separator.start()
    yield start, len(raw)


def _count_by_lines(text: bytes) -> int | None:
    """Return the number of objects in a document in block style; None if its lines do not show the number."""
    kind = KIND.search(text)
    if not kind or not API_VERSION.search(text):
        return 0 if not text.strip() or text.strip() == b"---" else None
    if not kind[1].endswith(b"List"):
        return 1
    items = LIST_START.search(text) if kind[1] == b"List" else None
    if not items or len(items[1]) not in (0, 2):
        return None
    return min(len(key.findall(text, items.start(1))) for key in ITEMS[len(items[1]) // 2]) or None


def _find_nodes(text: bytes) -> Iterator[Node]:
    for node, _, _ in find_objects(parse(text.decode("utf-8-sig"))):
        yield node


def _is_object(node: Node) -> bool:
    return node.kind == MAPPING and all(scalar_text(get_mapping_value(node, key)) for key in ("apiVersion", "kind"))


def _unread(error: YamlError | UnicodeDecodeError, places: LineIndex, start: int) -> Problem:
    message = error.message if isinstance(error, YamlError) else "the text is not UTF-8"
    hint = "fix the document: polyaxon-persistence did not look for runs in it"
    problem = Problem("unread-document", f"this document can't be read: {message}", hint, subject="(stream)")
    problem.file, problem.line = places.template(start), places.line(start)
    return problem


def _no_object(raw: bytes, source: str) -> Problem:
    """Return the error about a stream without objects. It says what the text seems to be."""
    if not raw.strip():
        return Problem("no-object", f"{source} is empty", f"write {CHECK}", subject="(input)")
    message = f"{source} has no Kubernetes object, which is a document with apiVersion and kind"
    hint = f"give the output of helm template, such as {CHECK}"
    for start, end in _split(raw):
        try:
            root = parse(raw[start:end].decode("utf-8-sig"))
        except (YamlError, UnicodeDecodeError) as error:
            message = f"{source} can't be read: {error.message if isinstance(error, YamlError) else 'it is not UTF-8'}"
            break
        names = set(root.names()) if root.kind == MAPPING else set()
        if names & VALUES_KEYS:
            message = f"{source} is a values file, and not the output of helm template"
            hint = f"write {CHECK} -f FILE"
        elif {"kind", "version"} <= names:
            message = f"{source} is a polyaxonfile, and not the output of helm template"
            hint = "write polyaxon-persistence migrate FILE to get values for the chart"
        if names:
            break
    return Problem("no-object", message, hint, subject="(input)")


def _find_other_domains(raw: bytes, places: LineIndex) -> Iterator[Problem]:
    from difflib import SequenceMatcher

    reported: set[tuple[str, str]] = set()
    for match in OWN_NAME.finditer(raw):
        before = DOMAIN_AT_END.search(raw[max(0, match.start() - LONGEST_DOMAIN) : match.start()])
        if not before or before[0] == DOMAIN_BYTES:
            continue
        domain, name = before[0].decode(), match[1].decode()
        if (domain, name) in reported or SequenceMatcher(None, domain, DOMAIN).ratio() < SIMILAR:
            continue
        reported.add((domain, name))
        message = f"polyaxon-persistence does not read {quoted(f'{domain}/{name}')}"
        problem = Problem("unknown-domain", message, f"write {PREFIX}{name}", subject="(stream)")
        problem.file, problem.line = places.template(match.start()), places.line(match.start())
        yield problem
