"""Archives of charts, block by block: also those that two programs read differently."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Change = Callable[[bytearray], None]

HEAD = b'apiVersion: v2\nname: sub\nversion: "1.0.0"\n'
END = bytes(1024)


def entry(name: str, content: bytes = b"", kind: bytes = b"0", change: Change | None = None, check: str = "") -> bytes:
    """One entry of an archive. ``change``: changes its header; ``check``: the format of its checksum."""
    member = tarfile.TarInfo(name)
    member.size, member.type = len(content), kind
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT)[-512:])
    if change:
        change(header)
    header[148:156] = b" " * 8
    header[148:156] = ((check or "{:06o}\0 ").format(sum(header))).encode()
    return bytes(header) + content + bytes(-len(content) % 512)


def record(key: str, value: str) -> bytes:
    """A record of the pax format: its length counts its own digits."""
    text = f" {key}={value}\n"
    length = len(text) + 2 if len(text) + 2 > 9 else len(text) + 1
    assert len(f"{length}{text}") == length
    return f"{length}{text}".encode()


def pack(files: Mapping[str, bytes | str], form: int = tarfile.GNU_FORMAT) -> bytes:
    """An archive as Python writes it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", format=form) as archive:
        for name, content in files.items():
            raw = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
    return packed.getvalue()


def put_size(header: bytearray) -> None:
    """Begin the size with a zero byte: Go reads the number behind it, and Python reads 0."""
    size = int(header[124:135], 8)
    header[124:136] = b"\0" + f"{size:010o}".encode() + b"\0"


def tricks(schema: str) -> dict[str, bytes]:
    """Archives of the chart ``sub`` with this schema, which Python's ``tarfile`` does not find."""
    head = entry("sub/Chart.yaml", HEAD) + entry("sub/values.yaml", b"k: 5\n")
    hidden = entry("sub/values.schema.json", schema.encode())
    bodies = {
        "checksum": entry("sub/x.txt", b"hello", check="\0{:06o}\0") + hidden,
        "size": entry("sub/x.txt", b"hello" * 10, change=put_size) + hidden,
        "empty path": entry("pax", record("path", ""), b"x") + hidden,
        "global path": entry("g", record("path", "sub/x.txt"), b"g") + hidden,
    }
    return {name: gzip.compress(head + body + END) for name, body in bodies.items()}
