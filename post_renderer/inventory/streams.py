"""Reads one input: its objects, its errors, and the places that could not be read.

What could not be read may be the object that proves that a Job or a claim is in use. So each such place is a gap.
"""

from __future__ import annotations

from typing import NamedTuple

from post_renderer.inventory.objects import ObjectReader
from post_renderer.problems import Problem, Problems, YamlError, flatten
from post_renderer.runs.manifest import DocumentRuns, read_manifest
from post_renderer.stream import (
    BOM_BYTES,
    Document,
    LineIndex,
    StreamError,
    find_glued_separator,
    find_separator,
    place,
    stream_problem,
)
from post_renderer.yamltree import MAPPING, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.catalog.read import CatalogLayer
    from post_renderer.inventory.objects import FoundObject, Source
    from post_renderer.runs.manifest import Manifest
    from post_renderer.yamltree import Node

UNREADABLE = "can't be read"
NAMELESS = "is an object without a name"
NO_OBJECT = "is no object: apiVersion or kind is missing"
GLUED = "has text directly after ---"


class Gap(NamedTuple):
    """A place of a stream that could not be read. ``line``: counts from 1; 0 if it is the whole stream."""

    line: int
    reason: str


class Contents(NamedTuple):
    """What one input contains. ``problems``: also those of runs that are not rendered yet."""

    objects: list[FoundObject]
    problems: list[Problem]
    gaps: list[Gap]


def read_stream(raw: bytes, files: list[CatalogLayer], source: Source) -> Contents:
    """Return what a stream contains."""
    try:
        manifest = read_manifest(raw, files)
    except StreamError as error:
        problem = stream_problem(raw, error)
        return Contents([], [problem], [Gap(problem.line, UNREADABLE)])
    known = {document.start: document for document in manifest.documents}
    objects: list[FoundObject] = []
    problems: list[Problem] = []
    gaps: list[Gap] = []
    entry_problems: list[list[Problem]] = []
    for document in _find_documents(raw):
        if isinstance(document, Problem):
            problems.append(document)
            gaps.append(Gap(document.line, UNREADABLE))
            continue
        found = _read_runs(manifest, known.get(document.start), document)
        reader = ObjectReader(found, source)
        read = reader.read(manifest.catalogs)
        objects += read
        gaps += _find_gaps(found, reader, read)
        entry_problems += found.problems.in_catalog if reader.needs_catalog else []
        problems += found.placed_problems()
    if problems or any(item.is_unresolved for item in objects):
        problems = [*manifest.catalogs.problems, *flatten(entry_problems), *problems]
    if not any(item.is_bare for item in objects):  # an empty catalog concerns only runs that are not rendered yet
        problems = [problem for problem in problems if problem.code != "no-volumes"]
    return Contents(objects, problems, gaps)


def _find_documents(raw: bytes) -> Iterator[Document | Problem]:
    """Yield the documents. For one that is not UTF-8, yield a warning."""
    places = LineIndex(raw)
    start = 0
    while start < len(raw):
        end = find_separator(raw, start)
        begin = start + len(BOM_BYTES) * raw.startswith(BOM_BYTES, start)
        try:
            yield Document(raw, begin, end, places)
        except UnicodeDecodeError as error:
            problem = _unread("the text is not UTF-8")
            problem.file, problem.line = places.template(start), places.line(begin + error.start)
            yield problem
        start = end


def _read_runs(manifest: Manifest, known: Document | None, document: Document) -> DocumentRuns:
    """Return the root and the runs of a document. ``known``: the document, if it contains polyaxon.com."""
    found = manifest.read_runs(known) if known else None
    if found and (found.root is not None or found.problems.found):
        return found
    try:
        return DocumentRuns(document, parse(document.text), [], Problems())
    except YamlError as error:
        problem = _unread(error.message)
        problem.offset = error.offset
        problems = Problems()
        problems.found.append(problem)
        place(problem, document)
        return DocumentRuns(document, None, [], problems)


def _find_gaps(found: DocumentRuns, reader: ObjectReader, read: list[FoundObject]) -> list[Gap]:
    document, root = found.document, found.root
    if root is None:
        return [Gap(document.line(found.problems.found[0].offset or 0), UNREADABLE)]
    gaps = [Gap(document.line(offset), UNREADABLE) for offset in reader.unread]
    gaps += [Gap(item.line, NAMELESS) for item in read if not item.name and not item.is_generated]
    if (glued := find_glued_separator(document)) is not None:
        gaps.append(Gap(document.line(glued), GLUED))
    if not (root.is_null() or (_has_type(root) and all(item.kind for item in read))):
        gaps.append(Gap(document.line(root.start), NO_OBJECT))
    return gaps


def _has_type(root: Node) -> bool:
    return root.kind == MAPPING and {"apiVersion", "kind"} <= set(root.names())


def _unread(message: str) -> Problem:
    hint = "fix the document: polyaxon-persistence does not know which objects it has"
    return Problem("unread-document", f"this document can't be read: {message}", hint, subject="(stream)")
