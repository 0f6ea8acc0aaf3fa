"""Reads requests: what the annotations ``polyaxon.com/…`` of a workload and of its pod template ask for.

Input: the annotations of one metadata, as `workloads.read_annotations` returns them, and the text of the document.
Output: a `Request`. `merge_requests` merges the request of a pod template with that of its workload. Errors are added
to ``problems``; their offsets count characters of the document. Nothing is raised. The rules for the polyaxonfile are
those of Polyaxon 0.x. The rules for the other annotations are those of polyaxon-persistence. The annotations ``data``,
``outputs`` and ``kind`` ask for volumes without a polyaxonfile. Beside a polyaxonfile, they must say the same.
"""

from __future__ import annotations

from post_renderer.k8s import (
    ANNOTATIONS,
    BASE_NAME,
    CONCURRENCY,
    CONTAINERS,
    FIELDS,
    GROUP,
    POLYAXONFILE,
    PREFIX,
    PROJECT,
    REQUESTS,
    RUN_FOLDER,
    RUN_POLICY,
    USER,
    is_dns_label,
    is_path_segment,
    parse_uint,
)
from post_renderer.problems import quoted, suggest
from post_renderer.request.polyaxonfile import PolyaxonfileRequest, read_polyaxonfile
from post_renderer.stream import LineCounter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from post_renderer.problems import Problems
    from post_renderer.yamltree import Node

POLICIES: Final = ("keep", "replace")
NOTHING_ASKED: Final = PolyaxonfileRequest()


class _EmbeddedText:
    """Translates offsets in a polyaxonfile to offsets in the document that contains the polyaxonfile.

    ``text``: the text of the document.
    ``node``: the value of the annotation.
    ``inner``: the text of the polyaxonfile.
    """

    __slots__ = ("_last", "_lines", "_node", "_starts", "_text")

    def __init__(self, text: str, node: Node, inner: str) -> None:
        self._text = text
        self._node = node
        self._last = max(0, len(inner) - 1)  # an error at the end is in the last line, and not in the next field
        self._lines = LineCounter(inner.count, "\n")
        self._starts = [node.start]  # offsets in the document: the annotation's value, then each line after it

    def outer_offset(self, offset: int) -> int:
        """Return the offset in the document of the line that contains ``offset`` of the polyaxonfile.

        If the annotation's value is not a ``|`` scalar, return the offset of the value.
        """
        if self._node.style != "|":
            return self._node.start
        line = 1 + self._lines.count(min(offset, self._last))
        while len(self._starts) <= line:
            self._starts.append(self._text.find("\n", self._starts[-1]) + 1)
        return self._starts[line]


class Request:
    """What a run asks for.

    ``asks``: one of the annotations asks for volumes, see `has_request`.
    ``polyaxonfile``: what the polyaxonfile asks for, or without one the annotations data, outputs and kind.
    ``annotations``: dict of name -> value of all other annotations that are valid.
    ``places``: dict of name -> offset of the annotations data, outputs and kind, also if they are not valid.
    ``written``: all annotations, in the form that `read_request` gets, also if they are not valid.
    ``is_invalid``: what asks for volumes has errors, or annotations contradict each other. So the run gets nothing.
    ``offset``: where errors about the request are reported, in characters of the document; 0 without annotations.
    """

    __slots__ = (
        "_source",
        "annotations",
        "asks",
        "has_polyaxonfile",
        "is_invalid",
        "offset",
        "places",
        "polyaxonfile",
        "written",
    )

    def __init__(self) -> None:
        self.asks = False
        self.polyaxonfile = NOTHING_ASKED
        self.has_polyaxonfile = False
        self.is_invalid = False
        self.annotations: dict[str, str] = {}
        self.places: dict[str, int] = {}
        self.offset = 0
        self._source: _EmbeddedText | None = None
        self.written: dict[str, tuple[str, Node]] = {}

    @property
    def kind(self) -> str:
        return self.polyaxonfile.kind

    @property
    def data(self) -> list[str] | None:
        """The names of data entries, in the order of their mounts. None means the default data; [] means no data."""
        return self.polyaxonfile.data

    @property
    def outputs(self) -> str | None:
        """The name of an outputs entry. None means the default outputs entry."""
        return self.polyaxonfile.outputs

    @property
    def references(self) -> list[tuple[str, str]]:
        """Other runs whose results the run reads, as pairs: ``jobs`` or ``experiments``, ``[[user/]project/]name``."""
        return self.polyaxonfile.references

    @property
    def containers(self) -> list[str]:
        """The names of the containers that get the volumes. An empty list means all regular containers."""
        names = self.annotations.get(CONTAINERS)
        return names.split(",") if names else []

    @property
    def run_folder(self) -> str:
        return self.annotations.get(RUN_FOLDER, "")

    @property
    def project(self) -> str:
        return self.annotations.get(PROJECT, "")

    @property
    def user(self) -> str:
        return self.annotations.get(USER, "")

    @property
    def group(self) -> str:
        """The name of the group of runs, such as a grid, that the run belongs to."""
        return self.annotations.get(GROUP, "")

    @property
    def concurrency(self) -> int:
        """The number of runs of the group that may run at the same time; 0 if all may."""
        limit = self.annotations.get(CONCURRENCY)
        return int(limit) if limit else 0

    @property
    def run_policy(self) -> str:
        return self.annotations.get(RUN_POLICY, "")

    @property
    def base_name(self) -> str:
        return self.annotations.get(BASE_NAME, "")

    def about(self, role: str) -> str:
        """Return the annotation at `offset_of`: the one that asks for a role (data or outputs) or for the kind."""
        if self.has_polyaxonfile:
            return POLYAXONFILE
        if PREFIX + role in self.places:
            return PREFIX + role
        return next((key for key, place in self.places.items() if place == self.offset), POLYAXONFILE)

    def place_of(self, annotation: str) -> int:
        """Return the offset of the value of an annotation; the offset of the request if it has no such annotation."""
        found = self.written.get(annotation)
        return found[1].start if found else self.offset

    def where(self, role: str = "") -> str:
        """Return where users write the names of a role (data or outputs), or of both roles, for hints."""
        if self.has_polyaxonfile or not self.places:
            return "the polyaxonfile"
        return PREFIX + role if role else "its annotations"

    def key_of(self, role: str) -> str:
        """Return the key with the names of a role (data or outputs), in the spelling of the request."""
        if self.places and not self.has_polyaxonfile:
            return PREFIX + role
        if self.polyaxonfile.has_refs:
            return "environment.data_refs" if role == "data" else "environment.artifact_refs"
        return f"environment.persistence.{role}"

    def offset_of(self, name: str, role: str = "") -> int:
        """Return the offset in the document where the request names an entry or another run.

        ``name``: the name of an entry, or ``jobs/<name>`` or ``experiments/<name>`` for a run. ``role``: data or
        outputs, for an entry. If the request does not contain the name, return the offset of the request.
        """
        if not self.has_polyaxonfile:
            return self.places.get(PREFIX + role, self.offset)
        inner = self.polyaxonfile.offsets.get(name)
        return self.offset if inner is None or self._source is None else self._source.outer_offset(inner)

    def set_polyaxonfile(self, text: str, node: Node, inner_text: str, problems: Problems) -> None:
        """Read the polyaxonfile in ``inner_text``. ``text``: the document. ``node``: the value of the annotation."""
        self.polyaxonfile = read_polyaxonfile(inner_text)
        self.has_polyaxonfile = True
        self.is_invalid = self.is_invalid or self.polyaxonfile.problems.has_errors()
        self.offset = node.start
        self._source = _EmbeddedText(text, node, inner_text)
        for problem in self.polyaxonfile.problems.found:
            problem.subject = problems.subject
            problem.about = POLYAXONFILE
            problem.offset = self._source.outer_offset(problem.offset or 0)
            problems.found.append(problem)

    def check_fields(self, problems: Problems) -> None:
        """Ask for what the annotations data, outputs and kind say. Beside a polyaxonfile, report what differs."""
        from post_renderer.request.fields import ask, find_contradictions  # most requests have only a polyaxonfile

        if not self.has_polyaxonfile:
            self.polyaxonfile = ask(self.annotations)
            return
        found = find_contradictions(self.annotations, self.polyaxonfile)
        for key, message, hint in sorted(found, key=lambda one: self.places[one[0]]):
            problems.add("contradiction", message, hint, offset=self.places[key], about=key)
            self.is_invalid = True

    def take_polyaxonfile(self, other: Request) -> None:
        """Use the polyaxonfile of another request."""
        self.polyaxonfile = other.polyaxonfile
        self.has_polyaxonfile = other.has_polyaxonfile
        self.offset = other.offset
        self._source = other._source


def has_request(annotations: Iterable[str]) -> bool:
    """Return whether one of the annotations asks for volumes: each of polyaxonfile, data, outputs and kind does."""
    return not REQUESTS.isdisjoint(annotations)


def read_request(annotations: dict[str, tuple[str, Node]], text: str, problems: Problems) -> Request:
    """Return the request in the annotations of one metadata, and report its errors.

    ``annotations``: dict of key -> the text of the value, and the node of the value.
    ``text``: the text of the document.
    """
    request = Request()
    request.asks = has_request(annotations)
    request.written = annotations
    for key, (value, node) in annotations.items():
        if key in FIELDS:
            _read_field(request, key, node, problems)
        elif key not in ANNOTATIONS:
            hint = suggest(key, ANNOTATIONS)
            problems.add("unknown-annotation", f"unknown annotation {quoted(key)}", hint, offset=node.start)
        elif key != POLYAXONFILE:
            read = _read_annotation(key, value, node, problems)
            if read or key in (PROJECT, USER):  # empty after an error: then a missing project is no error of its own
                request.annotations[key] = read
        request.offset = request.offset or node.start
    if POLYAXONFILE in annotations:
        inner_text, node = annotations[POLYAXONFILE]
        request.set_polyaxonfile(text, node, inner_text, problems)
    elif request.places:
        request.offset = min(request.places.values())
    if request.places and not request.is_invalid:
        request.check_fields(problems)
    return request


def _read_field(request: Request, key: str, node: Node, problems: Problems) -> None:
    from post_renderer.request.fields import read_field  # most requests have only a polyaxonfile

    request.places[key] = node.start
    value = read_field(key, node, problems)
    if value is None:
        request.is_invalid = True
    else:
        request.annotations[key] = value


def _read_annotation(key: str, text: str, node: Node, problems: Problems) -> str:
    """Return the value of an annotation, without spaces between container names; empty after an error."""

    def note(message: str, hint: str) -> str:
        problems.add("invalid-annotation", message, hint, offset=node.start, about=key)
        return ""

    if key == CONTAINERS:
        names = [name.strip() for name in text.split(",")]
        if not all(map(is_dns_label, names)):
            return note(
                f"{quoted(text)} is not a comma-separated list of container names",
                "write the names with commas between them, such as main,sidecar",
            )
        if len(set(names)) < len(names):
            return note(f"{quoted(text)} names a container twice", "write each name once")
        return ",".join(names)
    if key == RUN_POLICY and text not in POLICIES:
        hint = suggest(text, POLICIES) + "; without the annotation, the Job keeps its name"
        return note(f"unknown run policy {quoted(text)}", hint)
    if key == CONCURRENCY:
        if not parse_uint(text):
            return note(f"{quoted(text)} is not a number of runs", 'write a whole number, 1 or more, in quotes: "2"')
        return str(parse_uint(text))
    if not is_path_segment(text):
        hint = "use letters, digits, dashes, dots and underscores, and no slash"
        return note(f"{quoted(text)} is not a valid directory name", hint)
    return text


def merge_requests(own: Request, outer: Request, problems: Problems) -> Request:
    """Return what a pod template asks for: its own annotations, and annotations that only its workload has.

    ``own``: the request of the pod template. ``outer``: the request of the workload. If an annotation has different
    values in ``own`` and ``outer``, the error ``contradiction`` is reported and the result is invalid.
    """
    merged = Request()
    own_first = own.has_polyaxonfile or not outer.asks or (own.asks and not outer.has_polyaxonfile)
    merged.take_polyaxonfile(own if own_first else outer)
    merged.asks = own.asks or outer.asks
    merged.annotations = {**outer.annotations, **own.annotations}
    merged.written = {**outer.written, **own.written}
    contradicted = {key for key, value in own.annotations.items() if outer.annotations.get(key, value) != value}
    both_valid = not (own.is_invalid or outer.is_invalid)
    both_have = own.has_polyaxonfile and outer.has_polyaxonfile
    if both_have and both_valid and not own.polyaxonfile.asks_the_same(outer.polyaxonfile):
        contradicted.add(POLYAXONFILE)
    for key in sorted(contradicted):
        message = "this annotation is on the workload and on its pod template, and their values are different"
        hint = "remove the annotation from one of the two objects"
        problems.add("contradiction", message, hint, offset=own.place_of(key), about=key)
    merged.is_invalid = not both_valid or bool(contradicted)
    if own.places or outer.places:
        merged.places = {**outer.places, **own.places}
        if not merged.is_invalid:
            merged.check_fields(problems)
    return merged
