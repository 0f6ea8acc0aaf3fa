"""Splits a stream of bytes into YAML documents, and joins changed documents with the bytes of the others.

Input: the bytes that Helm writes to a post-renderer. `find_documents` decodes only documents that contain
``polyaxon.com``. `join` copies only changed documents. YAML defines the separator of documents: three dashes at the
start of a line, then a space, a tab or the end of the line. An offset is a position, counted from 0. Offsets in the
stream count bytes; offsets in the text of a document count characters.
"""

from __future__ import annotations

from post_renderer.k8s import ANNOTATIONS, CATALOG_LABEL, DOMAIN, GATE, KIND
from post_renderer.problems import Problem, Problems, YamlError, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    Chunk = bytes | memoryview

STREAM_LIMIT = 64 * 1024 * 1024  # bytes
CATALOG_LIMIT: Final = 1024 * 1024  # bytes of one catalog, or of a file with one: Kubernetes refuses a larger ConfigMap
DOCUMENT_LIMIT: Final = 50_000  # documents that contain polyaxon.com: the others cost nothing
# Every annotation, label and gate that is read contains this: other documents are skipped.
DOMAIN_BYTES: Final = DOMAIN.encode()
UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
BOM: Final = "\ufeff"
BOM_BYTES: Final = BOM.encode()
TEMPLATE_LIMIT: Final = 512  # characters of a template's path
# Helm 3 deletes a release with an empty rendering; Helm 4 refuses an empty rendering.
EMPTY: Final = b"# nothing to render\n"
# A marker names a template. Helm 3 and helm-unittest write a comment with its path before the text of the template.
# Helm 4 writes an annotation with its path into each object.
SOURCE_WORDS: Final = (b"# Source: ", b"#### file: ")
# `commands/inputs` writes this line before a file of a directory: the template of the file before it does not apply.
NEW_FILE: Final = b"--- # the next file\n"
MARKERS: Final = (NEW_FILE[:-1], *(b"---" + newline + word for newline in (b"\n", b"\r\n") for word in SOURCE_WORDS))
HELM_4_MARKER: Final = "postrenderer.helm.sh/postrender-filename"
COUNT_STEP: Final = 4096  # characters or bytes whose line ends are counted at once


class StreamError(YamlError):
    """No part of the stream can be read. ``offset``: its bytes before the error; None if the error has no position."""


class LineCounter:
    """Counts the line ends before an offset. Reads each part of a text only once: a document may have many problems.

    ``count``: the method ``count`` of a str or of bytes.
    ``newline``: the line end, as str or bytes.
    """

    __slots__ = ("_count", "_newline", "_steps")

    def __init__(self, count: Callable[..., int], newline: str | bytes) -> None:
        self._count = count
        self._newline = newline
        self._steps = [0]  # the number of line ends before each multiple of COUNT_STEP

    def count(self, offset: int) -> int:
        steps, step = self._steps, offset // COUNT_STEP
        while len(steps) <= step:
            end = len(steps) * COUNT_STEP
            steps.append(steps[-1] + self._count(self._newline, end - COUNT_STEP, end))
        return steps[step] + self._count(self._newline, step * COUNT_STEP, offset)


class LineIndex:
    """Finds the line and the template of a byte of the stream. It searches each part of the stream only once."""

    __slots__ = ("_lines", "_markers", "_raw", "_searched")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._lines = LineCounter(raw.count, b"\n")
        self._searched = 0
        self._markers: list[tuple[int, int]] = []  # the start and the end of each marker

    def line(self, offset: int) -> int:
        """Return the line, from 1, of the byte at ``offset``."""
        return self._lines.count(offset) + 1

    def template(self, start: int) -> str:
        """Return the path of the template of the document that begins at byte ``start``; empty if it is unknown.

        The last marker before the document contains this path. A template with several documents has only one marker.
        """
        markers = self._markers
        if start >= self._searched:
            markers += sorted(self._find_markers(start))
            self._searched = start + 1
            last = len(markers)
        else:
            from bisect import bisect_left  # rarely needed: most problems are reported in the order of the documents

            last = bisect_left(markers, (start + 1, 0))
        if not last:
            return ""
        end = markers[last - 1][1]
        return self._raw[end : end + TEMPLATE_LIMIT].split(b"\n", 1)[0].decode("utf-8", "replace").strip()

    def _find_markers(self, start: int) -> Iterator[tuple[int, int]]:
        """Yield the start and the end of each marker in the part of the stream before ``start`` not searched yet."""
        for marker in MARKERS:
            at = self._raw.find(marker, self._searched, start + len(marker))
            while at >= 0:
                yield at, at + len(marker)
                at = self._raw.find(marker, at + 1, start + len(marker))


def within(text: str | bytes, offset: int) -> int:
    """Return ``offset``, or the offset of the last character if ``offset`` is the end of ``text``."""
    return min(offset, max(0, len(text) - 1))


class Document:
    """A YAML document that contains ``polyaxon.com``.

    ``start``, ``end``: byte offsets in the stream. The separator line before a document is part of the document.
    ``text``: the document without a byte order mark.
    """

    __slots__ = ("_lines", "_places", "_template", "end", "start", "text")

    def __init__(self, raw: bytes, start: int, end: int, places: LineIndex) -> None:
        self._places = places
        self.start = start
        self.end = end
        self.text = raw[start:end].decode("utf-8")
        self._lines: LineCounter | None = None
        self._template: str | None = None

    def line(self, offset: int) -> int:
        """Return the line in the stream, from 1, of the character at ``offset`` of ``text``.

        The end of the text belongs to its last line: the next line is of another document, or of another file.
        """
        if self._lines is None:
            self._lines = LineCounter(self.text.count, "\n")
        return self._places.line(self.start) + self._lines.count(within(self.text, offset))

    def template(self) -> str:
        """Return the path of the template, as Helm 3, helm-unittest or Helm 4 writes it; empty if it is unknown."""
        if self._template is None:
            self._template = self._find_template()
        return self._template

    def _find_template(self) -> str:
        at = self.text.find(HELM_4_MARKER)
        if at < 0:
            return quoted(self._places.template(self.start), TEMPLATE_LIMIT)[1:-1]
        name = self.text[at + len(HELM_4_MARKER) : at + len(HELM_4_MARKER) + TEMPLATE_LIMIT].lstrip("\"': ")
        for end in "\"',}\r\n":  # in flow style, the rest of the object may follow on the line
            name = name.partition(end)[0]
        return quoted(name.strip(), TEMPLATE_LIMIT)[1:-1]


def find_documents(raw: bytes, name: bytes = DOMAIN_BYTES) -> Iterator[Document]:
    """Yield the documents that contain ``name``, in order. The default is ``polyaxon.com``.

    Raises StreamError with the code ``input-too-large`` if the stream has more than 64 MiB, or more than 50,000
    documents that contain ``polyaxon.com``, and with ``invalid-encoding`` if the stream is UTF-16 or a document that
    contains ``name`` is not UTF-8.
    """
    if len(raw) > STREAM_LIMIT:
        raise StreamError("input-too-large", None, f"the stream is larger than {STREAM_LIMIT // 2**20} MiB")
    if raw.startswith(UTF_16):
        raise StreamError("invalid-encoding", 0, "the stream is UTF-16", "save the file as UTF-8")
    position = raw.find(name)
    places = LineIndex(raw)
    count = 0
    while position >= 0:
        count += 1
        if count > DOCUMENT_LIMIT and name == DOMAIN_BYTES:
            message = f"the stream has more than {DOCUMENT_LIMIT:,} documents that contain {DOMAIN}"
            raise StreamError("input-too-large", None, message, "put fewer runs into one release")
        start = _separator_before(raw, position)
        end = find_separator(raw, position)
        if raw.startswith(BOM_BYTES, start):
            start += len(BOM_BYTES)
        try:
            yield Document(raw, start, end, places)
        except UnicodeDecodeError as error:
            raise StreamError(
                "invalid-encoding",
                start + error.start,
                "a document that contains polyaxon.com is not UTF-8",
                "save the file as UTF-8",
            ) from None
        position = raw.find(name, end)


def contains_domain(raw: bytes) -> bool:
    """Return whether a stream contains ``polyaxon.com``, is over the size limit or is UTF-16."""
    return DOMAIN_BYTES in raw or len(raw) > STREAM_LIMIT or raw.startswith(UTF_16)


def join(raw: bytes, changed: list[tuple[Document, str]]) -> list[Chunk]:
    """Return the stream as pieces of bytes, with the new texts of changed documents.

    ``changed``: pairs of a document and its new text, in the order of the stream. All other pieces are views of
    ``raw``, so a large stream is not in memory twice. An empty stream becomes one comment line: Helm 3 would delete the
    release, and Helm 4 refuses an empty result.
    """
    if not raw or raw.isspace():
        return [raw, EMPTY]
    pieces: list[Chunk] = []
    view = memoryview(raw)
    position = 0
    for document, text in changed:
        pieces += (view[position : document.start], text.encode("utf-8"))
        position = document.end
    pieces.append(view[position:])
    return pieces


def output_problem(chunks: list[Chunk]) -> Problem | None:
    """Return an error if the rendered stream is larger than the limit, because no command could read it. Else None."""
    if sum(map(len, chunks)) <= STREAM_LIMIT:
        return None
    message = f"the rendered stream is larger than {STREAM_LIMIT // 2**20} MiB"
    return Problem("input-too-large", message, "put fewer runs into one release", subject="(stream)")


def line_of(raw: bytes, offset: int) -> int:
    """Return the line, from 1, of the byte at ``offset`` of the stream. The end of the stream is in its last line."""
    return raw.count(b"\n", 0, within(raw, offset)) + 1


def place(problem: Problem, document: Document) -> None:
    """Set the document, the template and the line of a problem, from its ``offset`` in the document's text."""
    problem.text = document.text
    problem.file = document.template()
    problem.line = document.line(problem.offset or 0)


def _separator_before(raw: bytes, position: int) -> int:
    while True:
        found = raw.rfind(b"\n---", 0, position)
        if found < 0:
            return 0
        if _is_separator(raw, found):
            return found + 1
        position = found + 3  # three bytes of this match are not enough to find it again


def find_separator(raw: bytes, position: int) -> int:
    """Return the offset of the first separator line after ``position``; the length of the stream if there is none."""
    while True:
        position = raw.find(b"\n---", position)
        if position < 0:
            return len(raw)
        if _is_separator(raw, position):
            return position + 1
        position += 1


def _is_separator(raw: bytes, newline: int) -> bool:
    """Return whether a space, a tab or the end of the line follows the three dashes, as YAML requires."""
    return raw[newline + 4 : newline + 5] in (b"", b" ", b"\t", b"\r", b"\n")


def find_glued_separator(document: Document) -> int | None:
    """Return the character offset of a line that begins with ``---`` and text directly after it, or None.

    Helm splits the stream at such a line, but YAML reads the line as part of a document.
    """
    text = document.text
    if text.startswith("---") and text[3:4] not in ("", " ", "\t", "\r", "\n"):
        return 0
    found = text.find("\n---")
    return None if found < 0 else found + 1


def document_problems(document: Document, error: YamlError) -> Problems:
    """Return the error about a document that can't be read. The error has no file and line yet.

    The result is empty if the document does not seem to use a key of polyaxon.com: such a document stays unchanged.
    """
    problems = Problems()
    problems.subject = "(unreadable document)"
    if _carries_own_key(document):
        error.report(problems)
    return problems


def _carries_own_key(document: Document) -> bool:
    """Return whether an unreadable document seems to use a key of polyaxon.com, and not only to mention the key."""
    if document.template().endswith("NOTES.txt"):
        return False
    for key in (*ANNOTATIONS, CATALOG_LABEL):
        position = document.text.find(key)
        while position >= 0:
            end = position + len(key)
            while document.text[end : end + 1] in ('"', "'", " "):
                end += 1
            if document.text.startswith(":", end) and (key != KIND or not _is_label(document.text, position)):
                return True
            position = document.text.find(key, position + 1)
    return f"name: {GATE}" in document.text


def _is_label(text: str, position: int) -> bool:
    """Return whether the last of the words labels and annotations before a position is labels."""
    return text.rfind("abels", 0, position) > text.rfind("nnotations", 0, position)


def stream_problem(raw: bytes, error: StreamError) -> Problem:
    """Return the error about the whole stream, with its line (0 if it has no position)."""
    problem = Problem(error.code, error.message, error.hint, subject="(stream)")
    problem.line = line_of(raw, error.offset) if error.offset is not None else 0
    return problem
