"""Reads and writes the archives of subcharts. Helm gets only archives that this module wrote.

Two programs can read one archive differently. So a check of the original archive says nothing about what Helm reads.
Time and memory are limited: an archive of some kilobytes can contain gigabytes.
"""

from __future__ import annotations

import io
import posixpath
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SUFFIX = ".tgz"
LARGEST_FILE = 20 << 20  # bytes of an archive, and of a file in it. Helm before 4.3 has a limit of 5 MiB
ALL_BYTES = 100 << 20  # Helm's limit for all files of an archive (MaxDecompressedChartSize); here, for all archives
ALL_ENTRIES = 50_000  # files, and records of the pax format: a large chart has a thousand files
LONGEST_RECORD = 1 << 20  # bytes of a long file name or of extended attributes; Go's limit
BLOCK = 512
PIECE = 1 << 16  # bytes that are unpacked at once
GZIP = 31  # for zlib: the gzip format
FILES, DIRECTORY, LINKS = (b"0", b"\0", b"7"), b"5", (b"1", b"2")
LONG_NAME, LONG_LINK, RECORDS, GLOBAL_RECORDS = b"L", b"K", b"x", b"g"
TOP = "chart/"  # Helm ignores the name of an archive's only directory
UNSAFE = "it has a file with an unsafe path"


class ArchiveError(Exception):
    """An archive that can't be read. The message says why."""


class Budget:
    """How many bytes and entries may still be read from all archives of an Application."""

    __slots__ = ("_bytes", "_entries")

    def __init__(self) -> None:
        self._bytes = ALL_BYTES
        self._entries = ALL_ENTRIES

    def take(self, size: int, entries: int = 0) -> None:
        """Raise ArchiveError if the budget does not suffice."""
        self._bytes -= size
        self._entries -= entries
        if self._bytes < 0:
            raise ArchiveError(f"the charts contain more than {ALL_BYTES >> 20} MiB")
        if self._entries < 0:
            raise ArchiveError(f"the charts contain more than {ALL_ENTRIES:,} files and records")


class _Unpacked:
    """The unpacked content of a gzip file. It is unpacked only as far as it is read."""

    __slots__ = ("_budget", "_inflate", "_packed", "_place", "_ready")

    def __init__(self, packed: bytes, budget: Budget) -> None:
        self._packed = packed
        self._place = 0
        self._inflate = zlib.decompressobj(GZIP)
        self._ready = bytearray()
        self._budget = budget

    def read(self, size: int) -> bytes:
        """Return ``size`` bytes, or no bytes at the end of the content. Raises ArchiveError for a part of them."""
        self._budget.take(size)
        while len(self._ready) < size and self._unpack():
            pass
        if len(self._ready) < size:
            if self._ready:
                raise ArchiveError("it ends in the middle of a file")
            return b""
        found = bytes(self._ready[:size])
        del self._ready[:size]
        return found

    def read_padded(self, size: int) -> bytes:
        """Return ``size`` bytes, and skip the rest of their last block."""
        found = self.read(-(-size // BLOCK) * BLOCK)
        if size and not found:
            raise ArchiveError("it ends in the middle of a file")
        return found[:size]

    def _unpack(self) -> bool:
        """Unpack some bytes. Return whether there may be more."""
        if self._inflate.eof:
            if self._inflate.unused_data or self._place < len(self._packed):
                raise ArchiveError("something follows its gzip data")
            return False
        given = self._inflate.unconsumed_tail
        if not given:
            given = self._packed[self._place : self._place + PIECE]
            self._place += len(given)
        if not given:
            raise ArchiveError("its gzip data has no end")
        try:
            self._ready += self._inflate.decompress(given, PIECE)
        except zlib.error:
            raise ArchiveError("it is not a gzip file") from None
        return True


def read_archive(packed: bytes, budget: Budget) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a chart's archive: the path in the chart as Helm reads it, and the content.

    A link has no content, as for Helm. Raises ArchiveError.
    """
    budget.take(len(packed))
    stream = _Unpacked(packed, budget)
    long_name = b""
    while any(header := stream.read(BLOCK)):
        budget.take(0, entries=1)
        kind = header[156:157]
        size = _read_number(header[124:136])
        _check_sum(header)
        if kind in (LONG_NAME, LONG_LINK, RECORDS, GLOBAL_RECORDS):
            if size > LONGEST_RECORD:
                raise ArchiveError(f"it has a record of more than {LONGEST_RECORD >> 20} MiB")
            record = stream.read_padded(size)
            if kind == LONG_NAME:
                long_name = record.partition(b"\0")[0]
            elif kind == RECORDS:
                long_name = _find_path(record, budget) or long_name
            continue
        name = long_name or _read_name(header)
        long_name = b""
        if kind == DIRECTORY or (kind in FILES and name.endswith(b"/")):
            if size:
                raise ArchiveError("it has a directory with content")
            continue
        if kind not in FILES and (kind not in LINKS or size):
            raise ArchiveError("it has an entry that is not a file, a directory or a link")
        if size > LARGEST_FILE:
            raise ArchiveError(f"it has a file of more than {LARGEST_FILE >> 20} MiB")
        yield _clean_path(name), stream.read_padded(size)
    if any(stream.read(BLOCK)):  # Helm refuses it, too
        raise ArchiveError("something follows the block that ends it")


def write_archive(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return an archive of the files, in the plainest form. The same files give the same bytes."""
    import tarfile

    packed = io.BytesIO()
    deflate = zlib.compressobj(wbits=GZIP)
    for path, content in files:
        member = tarfile.TarInfo(TOP + path)
        member.size = len(content)
        packed.write(deflate.compress(member.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")))
        packed.write(deflate.compress(content + bytes(-len(content) % BLOCK)))
    packed.write(deflate.compress(bytes(2 * BLOCK)))
    packed.write(deflate.flush())
    return packed.getvalue()


def _read_number(field: bytes) -> int:
    digits = field.rstrip(b"\0 ").lstrip(b" ")
    if not all(48 <= digit <= 55 for digit in digits):  # octal
        raise ArchiveError("it has a size that is not an octal number")
    return int(digits or b"0", 8)


def _check_sum(header: bytes) -> None:
    expected = sum(header[:148]) + 8 * 32 + sum(header[156:])
    if _read_number(header[148:156]) != expected:
        raise ArchiveError("it has a wrong checksum, or it is not a tar file")


def _read_name(header: bytes) -> bytes:
    name = header[:100].partition(b"\0")[0]
    prefix = header[345:500].partition(b"\0")[0] if header[257:263] == b"ustar\0" else b""
    return prefix + b"/" + name if prefix else name


def _find_path(record: bytes, budget: Budget) -> bytes:
    """Return the path in records of the pax format; empty if they have none. Each is a line ``LENGTH KEY=VALUE``."""
    found = b""
    place = 0
    while place < len(record):
        budget.take(0, entries=1)
        length, space, _ = record[place : place + 8].partition(b" ")
        if not space or not length.isdigit() or not len(length) + 1 < int(length) <= len(record) - place:
            raise ArchiveError("it has a record of a wrong form")
        key, equals, value = record[place + len(length) + 1 : place + int(length)].partition(b"=")
        place += int(length)
        if not equals or not value.endswith(b"\n") or key == b"size" or key.startswith(b"GNU.sparse"):
            raise ArchiveError("it has a record of a wrong form")
        if key == b"path":
            found = value[:-1]
            if not found:
                raise ArchiveError(UNSAFE)
    return found


def _clean_path(name: bytes) -> str:
    """Return the path in the chart. The rules are those of Helm's LoadArchiveFiles."""
    text = name.decode("utf-8", "surrogateescape")
    delimiter = "\\" if "\\" in text else "/"
    top, _, path = text.partition(delimiter)
    path = posixpath.normpath(path.replace(delimiter, "/"))
    if "\0" in path or path.startswith(("/", "..")) or path == "." or top == "Chart.yaml" or path[1:3] == ":/":
        raise ArchiveError(UNSAFE)
    return path
