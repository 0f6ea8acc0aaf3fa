"""Finds the object that a problem is about. Objects of several namespaces or files can have the same kind and name."""

from __future__ import annotations

from typing import NamedTuple

from post_renderer.problems import YamlError
from post_renderer.workloads import find_objects, read_owner, subject_of
from post_renderer.yamltree import get_mapping_value, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.problems import Problem


class ObjectKey(NamedTuple):
    """One object of the input. ``subject``: ``Kind/name``, or a name in brackets such as ``(stream)``."""

    stream: str
    namespace: str
    subject: str

    def title(self) -> str:
        return f"{self.subject}, namespace {self.namespace}" if self.namespace else self.subject


class ObjectFinder:
    """Finds the objects of problems. It keeps the last document, because its problems come one after another."""

    __slots__ = ("_objects", "_text")

    def __init__(self) -> None:
        self._text = ""
        self._objects: dict[str, list[tuple[int, int, str]]] = {}  # subject -> start, end and namespace

    def find(self, problem: Problem) -> ObjectKey:
        subject = outer_subject(problem.subject)
        if subject.startswith("("):
            return ObjectKey(problem.stream, "", subject)
        if problem.text != self._text:
            self._text = problem.text
            self._objects = _read_objects(problem.text)
        same = self._objects.get(subject, [])
        offset = problem.offset or 0
        around = [namespace for start, end, namespace in same if start <= offset < end]
        namespaces = around or [namespace for _, _, namespace in same] or [""]
        return ObjectKey(problem.stream, namespaces[0], subject)


def outer_subject(subject: str) -> str:
    """Return the subject of an object from that of a workload inside it, which is ``Kind/name (Kind)``."""
    return subject if subject.startswith("(") else subject.partition(" (")[0]


def _read_objects(text: str) -> dict[str, list[tuple[int, int, str]]]:
    found: dict[str, list[tuple[int, int, str]]] = {}
    try:
        for node, _, kind in find_objects(parse(text)):
            namespace = read_owner(get_mapping_value(node, "metadata"))[1]
            found.setdefault(subject_of(node, kind), []).append((node.start, node.end, namespace))
    except YamlError:
        pass  # the problem is that the rest of the document can't be read
    return found
