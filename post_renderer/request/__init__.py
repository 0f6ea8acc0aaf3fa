"""What one run asks for: our annotations of one metadata, and a pod template's over its workload's."""

from __future__ import annotations

from post_renderer.k8s import (
    ANNOTATIONS,
    BASE_NAME,
    CONTAINERS,
    POLYAXONFILE,
    PROJECT,
    RUN_FOLDER,
    RUN_POLICY,
    USER,
    is_dns_label,
    is_path_segment,
)
from post_renderer.problems import quoted, suggest
from post_renderer.request.polyaxonfile import read_polyaxonfile

POLICIES = ("keep", "replace")
# What a polyaxonfile says.
ASKED = ("kind", "data", "outputs", "references")
# The annotations besides the polyaxonfile, with the field of a request that each one fills.
ANNOTATION_FIELDS = {
    CONTAINERS: "containers",
    RUN_FOLDER: "run_folder",
    PROJECT: "project",
    USER: "user",
    RUN_POLICY: "run_policy",
    BASE_NAME: "base_name",
}

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.problems import Problems
    from post_renderer.yamltree import Node


class Request:
    """What a run asks for. ``data`` None: the default data; ``outputs`` None: the default outputs entry.

    ``references``: other runs, each as ``jobs`` or ``experiments`` and the text that names it.

    ``is_invalid``: the polyaxonfile has errors, so nothing may be made of it. ``offset`` and ``offsets``: where the
    request and each name that it asks for are in the document, for problems about them.
    """

    __slots__ = (
        "base_name", "containers", "data", "has_polyaxonfile", "is_invalid", "kind", "offset", "offsets", "outputs",
        "project", "references", "run_folder", "run_policy", "user"
    )  # fmt: skip

    def __init__(self) -> None:
        self.has_polyaxonfile = False
        self.is_invalid = False
        self.kind = "job"
        self.data: list[str] | None = None
        self.outputs: str | None = None
        self.references: list[tuple[str, str]] = []
        self.containers: list[str] = []
        self.run_folder = ""
        self.project = ""
        self.user = ""
        self.run_policy = ""
        self.base_name = ""
        self.offset = 0
        self.offsets: dict[str, int] = {}


def read_request(annotations: dict[str, tuple[str, Node]], text: str, problems: Problems) -> Request:
    """The request of one metadata's annotations of ours; ``text`` is the document's, for the places of problems."""
    request = Request()
    for key, (value, node) in annotations.items():
        if key not in ANNOTATIONS:
            problems.add(
                "unknown-annotation",
                f"no annotation {quoted(key)}",
                suggest(key, ANNOTATIONS),
                offset=node.start,
            )
        elif key != POLYAXONFILE:
            _read_annotation(request, key, value, node, problems)
        request.offset = request.offset or node.start
    if POLYAXONFILE in annotations:
        polyaxonfile, node = annotations[POLYAXONFILE]
        said = read_polyaxonfile(polyaxonfile)
        for field in ASKED:
            setattr(request, field, getattr(said, field))
        for problem in said.problems.found:
            problem.subject = problems.subject
            problem.about = POLYAXONFILE
            problem.offset = _outer_offset(text, node, polyaxonfile, problem.offset or 0)
            problems.found.append(problem)
        request.offsets = {name: _outer_offset(text, node, polyaxonfile, at) for name, at in said.offsets.items()}
        request.has_polyaxonfile = True
        request.is_invalid = said.problems.has_errors()
        request.offset = node.start
    return request


def _read_annotation(request: Request, key: str, text: str, node: Node, problems: Problems) -> None:
    def note(message: str, hint: str) -> None:
        problems.add("invalid-annotation", message, hint, offset=node.start, about=key)

    if key == CONTAINERS:
        names = [name.strip() for name in text.split(",")]
        if not all(map(is_dns_label, names)):
            note(f"{quoted(text)} is not a comma list of container names", "write main or main,sidecar")
        elif len(set(names)) < len(names):
            note(f"{quoted(text)} names a container twice", "name each once")
        else:
            request.containers = names
    elif key == RUN_POLICY:
        if text not in POLICIES:
            note(
                f"no run policy {quoted(text)}",
                suggest(text, POLICIES) + "; without the annotation a Job keeps its name",
            )
        else:
            request.run_policy = text
    elif not is_path_segment(text):
        note(f"{quoted(text)} is not a folder's name", "letters, digits, dashes, dots and underscores; no slash")
    else:
        setattr(request, ANNOTATION_FIELDS[key], text)


def merge_requests(own: Request, outer: Request, problems: Problems) -> Request:
    """What a pod template asks for: its own annotations and its workload's, which may not contradict each other."""
    merged = Request()
    fields = [(field, key) for key, field in ANNOTATION_FIELDS.items()]
    if own.has_polyaxonfile and outer.has_polyaxonfile and not (own.is_invalid or outer.is_invalid):
        fields += [(field, POLYAXONFILE) for field in ASKED]
    elif own.has_polyaxonfile or outer.has_polyaxonfile:
        speaking = own if own.has_polyaxonfile else outer
        for field in ASKED:
            setattr(merged, field, getattr(speaking, field))
    merged.offsets = {**outer.offsets, **own.offsets}
    merged.has_polyaxonfile = own.has_polyaxonfile or outer.has_polyaxonfile
    merged.is_invalid = own.is_invalid or outer.is_invalid
    merged.offset = (own if own.has_polyaxonfile or not outer.has_polyaxonfile else outer).offset
    clashes: set[str] = set()
    for field, key in fields:
        inner_value, outer_value = getattr(own, field), getattr(outer, field)
        said_by_both = key == POLYAXONFILE or (inner_value and outer_value)
        if said_by_both and inner_value != outer_value:
            clashes.add(key)
        setattr(merged, field, inner_value or outer_value if key != POLYAXONFILE else inner_value)
    for key in sorted(clashes):
        message = "the pod template's annotation and the workload's say different things"
        problems.add("contradiction", message, "keep one of the two", offset=own.offset, about=key)
        merged.is_invalid = True
    return merged


def _outer_offset(text: str, node: Node, inner_text: str, offset: int) -> int:
    """Where in the document a place of the embedded text stands: exact by line for ``|`` literals."""
    position = node.start
    if node.style == "|":
        for _ in range(1 + inner_text.count("\n", 0, offset)):
            position = text.find("\n", position) + 1
    return position
