"""Bytes to documents and back. Bytes never leave this module, and what nobody changed is never decoded or copied."""

from __future__ import annotations

from post_renderer.problems import Problem, Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE_LIMIT = 64 * 1024 * 1024  # bytes
DOCUMENT_LIMIT = 50_000
NAME = b"polyaxon.com"  # what a document must hold to be looked at: every key, label and gate of ours
BOM = b"\xef\xbb\xbf"
EMPTY = b"# nothing to render\n"  # Helm 3 would delete a release whose rendering is empty, Helm 4 refuses it


class Document:
    """One document that names us: bytes ``start`` to ``end`` of the stream, and its text, byte order mark left out."""

    __slots__ = ("_raw", "end", "start", "text")

    def __init__(self, raw: bytes, start: int, end: int) -> None:
        self._raw = raw
        self.start = start
        self.end = end
        self.text = raw[start:end].decode("utf-8")

    def line(self, offset: int) -> int:
        """The line of the stream, from 1, in which character ``offset`` of the text stands."""
        return self._raw.count(b"\n", 0, self.start) + self.text.count("\n", 0, offset) + 1

    def template(self) -> str:
        """The template file this document came from, as Helm 3, helm-unittest or Helm 4 tell it; else empty."""
        for line in self.text.splitlines():
            if "postrenderer.helm.sh/postrender-filename" in line:
                return line.partition("filename")[2].strip("\"': },")
        before = self._raw[: self.start + 512]
        best, found = -1, ""
        for marker in (b"---\n# Source: ", b"---\r\n# Source: ", b"---\n#### file: "):
            at = before.rfind(marker, 0, self.start + len(marker))
            if at > best:
                line_end = self._raw.find(b"\n", at + len(marker))
                best = at
                found = self._raw[at + len(marker) : line_end if line_end >= 0 else None].decode("utf-8", "replace")
        return found.strip()


def find_documents(raw: bytes) -> Iterator[Document]:
    """The documents that name us, in order.

    Raises Unreadable where the stream as a whole is over a limit or not UTF-8 where it must be read; its offset then
    counts bytes of the stream.
    """
    if len(raw) > SIZE_LIMIT:
        raise Unreadable("input-too-large", None, f"the stream is larger than {SIZE_LIMIT // 2**20} MiB")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("invalid-encoding", 0, "the stream is UTF-16", "write it as UTF-8")
    position = raw.find(NAME)
    if position < 0:
        return
    if raw.count(b"\n---") >= DOCUMENT_LIMIT:
        raise Unreadable("input-too-large", None, f"the stream has more than {DOCUMENT_LIMIT:,} documents")
    while position >= 0:
        start = _separator_before(raw, position)
        end = _separator_after(raw, position)
        if raw.startswith(BOM, start):
            start += len(BOM)
        try:
            yield Document(raw, start, end)
        except UnicodeDecodeError as error:
            raise Unreadable(
                "invalid-encoding", start + error.start, "a document that names us is not UTF-8", "write it as UTF-8"
            ) from None
        position = raw.find(NAME, end)


def join(raw: bytes, changed: list[tuple[Document, str]]) -> bytes:
    """The stream with the changed documents' new texts (in order of their places) instead of the old ones."""
    if not changed:
        return raw if raw.strip() else raw + EMPTY
    pieces: list[bytes | memoryview] = []
    view = memoryview(raw)
    position = 0
    for document, text in changed:
        pieces.append(view[position : document.start])
        pieces.append(text.encode("utf-8"))
        position = document.end
    pieces.append(view[position:])
    return b"".join(pieces)


def line_of(raw: bytes, offset: int) -> int:
    """The line, from 1, of a byte of the stream."""
    return raw.count(b"\n", 0, offset) + 1


def place(problem: Problem, document: Document) -> None:
    """Say of a problem which template and which line of the stream it is about."""
    problem.file = document.template()
    problem.line = document.line(problem.offset or 0)


def _separator_before(raw: bytes, position: int) -> int:
    while True:
        found = raw.rfind(b"\n---", 0, position)
        if found < 0:
            return 0
        if _is_separator(raw, found):
            return found + 1
        position = found + 3  # a run of dashes may hold the same bytes again


def _separator_after(raw: bytes, position: int) -> int:
    while True:
        position = raw.find(b"\n---", position)
        if position < 0:
            return len(raw)
        if _is_separator(raw, position):
            return position + 1
        position += 1


def _is_separator(raw: bytes, newline: int) -> bool:
    """YAML's rule: after the three dashes a blank or the end of the line."""
    return raw[newline + 4 : newline + 5] in (b"", b" ", b"\t", b"\r", b"\n")


def find_glued_separator(document: Document) -> int | None:
    """Where dashes stand glued to text at a line's start: a boundary to Helm, a key to YAML."""
    text = document.text
    if text.startswith("---") and text[3:4] not in ("", " ", "\t", "\r", "\n"):
        return 0
    found = text.find("\n---")
    return None if found < 0 else found + 1
