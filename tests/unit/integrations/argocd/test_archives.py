"""Archives of subcharts: what is read from them, what is refused, and that time and memory are limited."""

from __future__ import annotations

import gzip
import io
import tarfile

import pytest

from post_renderer.integrations import argocd_archives
from post_renderer.integrations.argocd_archives import ArchiveError, Budget, read_archive, write_archive
from tests.unit.integrations.argocd.archives import END, HEAD, entry, pack, record

LONG = "sub/templates/" + "d" * 90 + "/" + "f" * 150 + ".yaml"


def read(packed: bytes) -> list[tuple[str, bytes]]:
    return list(read_archive(packed, Budget()))


def archive(*entries: bytes) -> bytes:
    return gzip.compress(b"".join(entries) + END)


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_the_formats_of_tar(form: int) -> None:
    files: dict[str, bytes | str] = {"sub/Chart.yaml": HEAD, "sub/templates/a.yaml": b"x" * 512, "sub/empty": b""}
    files["sub/" + "d" * 90 + "/" + "f" * 60] = b"a prefix, in the ustar format"
    if form != tarfile.USTAR_FORMAT:
        files |= {LONG: b"y" * 1000, "sub/\u00e4\u20ac/b.txt": b"z"}
    expected = [(name.partition("/")[2], content) for name, content in files.items()]
    assert read(pack(files, form)) == expected
    assert read(write_archive(read(pack(files, form)))) == expected


def test_what_is_written_is_what_another_program_reads() -> None:
    files = [("Chart.yaml", HEAD), (LONG, b"y" * 1000), ("a.yaml", b""), ("a.yaml", b"again")]
    packed = write_archive(files)
    assert read(packed) == files
    with tarfile.open(fileobj=io.BytesIO(packed)) as found:
        members = [(member.name, file.read()) for member in found if (file := found.extractfile(member))]
    assert members == [(f"chart/{name}", content) for name, content in files]
    assert write_archive(files) == packed


def test_a_name_that_is_not_utf_8_stays() -> None:
    def rename(header: bytearray) -> None:
        header[4:6] = b"\xff\xfe"

    files = read(archive(entry("sub/ab.txt", b"x", change=rename)))
    assert files == [("\udcff\udcfe.txt", b"x")]
    assert read(write_archive(files)) == files


READ = {
    "a directory": (entry("sub/templates/", kind=b"5"), []),
    "a directory of another type": (entry("sub/templates/"), []),
    "an old file": (entry("sub/a", b"x", b"\0"), [("a", b"x")]),
    "a contiguous file": (entry("sub/a", b"x", b"7"), [("a", b"x")]),
    "a symbolic link is an empty file to Helm": (entry("sub/a", kind=b"2"), [("a", b"")]),
    "a hard link is an empty file to Helm": (entry("sub/a", kind=b"1"), [("a", b"")]),
    "a comment, as git archive writes it": (
        entry("g", record("comment", "x" * 40), b"g") + entry("sub/a"),
        [("a", b"")],
    ),
    "a time": (entry("x", record("mtime", "1700000000.5"), b"x") + entry("sub/a"), [("a", b"")]),
    "a long link": (entry("././@LongLink", b"x" * 200, b"K") + entry("sub/a", kind=b"2"), [("a", b"")]),
    "a path that Helm cleans": (entry("sub/b/../values.schema.json/."), [("values.schema.json", b"")]),
    "a path of Windows": (entry("sub\\charts\\b.tgz"), [("charts/b.tgz", b"")]),
    "a path of both": (entry("sub\\charts/b.tgz"), [("charts/b.tgz", b"")]),
    "nothing": (b"", []),
}


@pytest.mark.parametrize(("entries", "expected"), READ.values(), ids=READ)
def test_entries_that_helm_reads(entries: bytes, expected: list[tuple[str, bytes]]) -> None:
    assert read(archive(entries)) == expected


def test_the_end_of_an_archive() -> None:
    file = entry("sub/a", b"x")
    for end in (b"", bytes(512), END, END + b"left out"):
        assert read(gzip.compress(file + end)) == [("a", b"x")]


def bad_size(header: bytearray) -> None:
    header[124:136] = b"\x80" + bytes(10) + b"\x01"


REFUSED = {
    "no gzip": (b"x" * 600, "not a gzip file"),
    "nothing": (b"", "has no end"),
    "half of it": (archive(entry("sub/a", b"x"))[:40], "has no end"),
    "gzip data that is wrong": (gzip.compress(END)[:10] + b"\xff" * 20, "not a gzip file"),
    "several gzip files": (gzip.compress(entry("sub/a")) + gzip.compress(entry("sub/b")), "follows its gzip data"),
    "one empty block": (gzip.compress(entry("sub/a") + bytes(512) + entry("sub/b") + END), "the block that ends it"),
    "half a header": (gzip.compress(b"x" * 100), "in the middle of a file"),
    "half a file": (gzip.compress(entry("sub/a", b"x" * 600)[:-512]), "in the middle of a file"),
    "no content": (gzip.compress(entry("sub/a", b"x")[:512]), "in the middle of a file"),
    "a wrong checksum": (archive(entry("sub/a", check="000001\0 ")), "wrong checksum"),
    "a checksum after a zero byte": (archive(entry("sub/a", check="\0{:06o}\0")), "not an octal number"),
    "a binary size": (archive(entry("sub/a", change=bad_size)), "not an octal number"),
    "a directory with content": (archive(entry("sub/a/", b"x", b"5")), "a directory with content"),
    "a link with content": (archive(entry("sub/a", b"x", b"2")), "not a file, a directory or a link"),
    "a device": (archive(entry("sub/a", kind=b"3")), "not a file, a directory or a link"),
    "an unknown type": (archive(entry("sub/a", kind=b"A")), "not a file, a directory or a link"),
    "an absolute path": (archive(entry("sub//etc/x")), "unsafe path"),
    "a path out of the chart": (archive(entry("sub/../x")), "unsafe path"),
    "a file without a directory": (archive(entry("x")), "unsafe path"),
    "a Chart.yaml that is a directory": (archive(entry("Chart.yaml/x")), "unsafe path"),
    "a drive of Windows": (archive(entry("sub/c:/x")), "unsafe path"),
    "an empty path": (archive(entry("x", record("path", ""), b"x"), entry("sub/a")), "unsafe path"),
    "a zero byte in a path": (archive(entry("x", record("path", "sub/a\0b"), b"x"), entry("sub/a")), "unsafe path"),
    "a size as a record": (archive(entry("x", record("size", "1"), b"x"), entry("sub/a")), "record of a wrong form"),
    "a sparse file": (archive(entry("x", record("GNU.sparse.major", "1"), b"x"), entry("sub/a")), "wrong form"),
    "a record without a length": (archive(entry("x", b"x path=a\n", b"x")), "record of a wrong form"),
    "a record that is too short": (archive(entry("x", b"3 path=a\n", b"x")), "record of a wrong form"),
    "a record that is too long": (archive(entry("x", b"99 path=a\n", b"x")), "record of a wrong form"),
    "a record that ends elsewhere": (archive(entry("x", b"9 path=ab\n", b"x")), "record of a wrong form"),
}


@pytest.mark.parametrize(("packed", "reason"), REFUSED.values(), ids=REFUSED)
def test_archives_that_are_refused(packed: bytes, reason: str) -> None:
    with pytest.raises(ArchiveError, match=reason):
        read(packed)


def test_the_limits_are_those_of_helm() -> None:
    """MaxDecompressedChartSize of Helm, and maxSpecialFileSize of Go's archive/tar."""
    assert argocd_archives.ALL_BYTES == 100 * 1024 * 1024
    assert argocd_archives.LONGEST_RECORD == 1024 * 1024


MIB = 1 << 20
LARGE = {
    "a file over 20 MiB": (archive(entry("sub/a", bytes(20 * MIB + 1))), "a file of more than 20 MiB"),
    "101 MiB": (archive(*[entry("sub/a", bytes(4 * MIB))] * 25, entry("sub/a", bytes(MIB))), "more than 100 MiB"),
    "a long name": (archive(entry("././@LongLink", b"a" * (MIB + 1), b"L")), "a record of more than 1 MiB"),
    "pax records of zeros": (archive(entry("x", b"0" * (MIB + 1), b"x")), "a record of more than 1 MiB"),
    "50,001 empty files": (archive(entry("sub/a") * 50_001), "more than 50,000 files and records"),
    "50,001 records": (archive(entry("x", b"6 a=b\n" * 50_001, b"x")), "more than 50,000 files and records"),
}


@pytest.mark.parametrize(("packed", "reason"), LARGE.values(), ids=LARGE)
def test_archives_that_are_too_large(packed: bytes, reason: str) -> None:
    with pytest.raises(ArchiveError, match=reason):
        for _ in read_archive(packed, Budget()):
            pass


def test_archives_of_the_limit() -> None:
    assert [len(content) for _, content in read(archive(entry("sub/a", bytes(20 * MIB))))] == [20 * MIB]
    assert len(read(archive(entry("sub/a") * 50_000))) == 50_000
    assert read(archive(entry("././@LongLink", b"sub/" + b"a" * (MIB - 4), b"L"), entry("b")))[0][0] == "a" * (MIB - 4)


def test_several_archives_have_one_budget() -> None:
    budget = Budget()
    packed = archive(*[entry("sub/a", bytes(4 * MIB))] * 20)
    for _ in read_archive(packed, budget):
        pass
    with pytest.raises(ArchiveError, match="more than 100 MiB"):
        for _ in read_archive(packed, budget):
            pass
