"""An input with a part that can't be read proves nothing: no command deletes a Job, because its object may be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cli import run
from tests.support.inventory import as_live, job_name, make_kept, make_manifest, write

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = make_manifest(make_kept())
JOB = job_name(MANIFEST)
BROKEN = {
    "no YAML": ("kind: Job\n", "\tkind: Job\n"),
    "a repeated kind": ("kind: Job\n", "kind: Job\nkind: Job\n"),
    "a repeated name": (f"  name: {JOB}\n", f"  name: {JOB}\n  name: {JOB}\n"),
    "a template as its name": (f"  name: {JOB}\n", "  name: {{ x }}\n"),
    "no name": (f"  name: {JOB}\n", ""),
    "no kind": ("kind: Job\n", ""),
    "no apiVersion": ("apiVersion: batch/v1\n", ""),
    "an unread annotation": ("kind: Job\n", "kind: Job\nx: *nothing\n"),
    "not UTF-8": ("kind: Job\n", "kind: Job\nx: \udce9\n"),
    "text after the separator": ("---\napiVersion: batch/v1\n", "---x: 1\napiVersion: batch/v1\n"),
    "no containers": ("      containers:\n", "      containers: 3\n      x:\n"),
}  # fmt: skip


def must_keep(*paths: str, reason: str = "") -> str:
    """No command is printed, and the reason says where the gap is. Return the reason."""
    text = run("inventory", "--stale", *paths).output.decode()
    first, line = text.splitlines()
    assert first == "# 0 stale Jobs, finished"
    head = "# 1 Job, not known whether stale: "
    assert line.startswith(head)
    assert line.endswith(reason)
    return line.removeprefix(head)


def make_text(folder: Path, *, as_list: bool = False) -> str:
    """A manifest with the Job as its last object."""
    path = folder / "whole"
    write(path, sorted(MANIFEST, key=lambda item: str(item["kind"])), as_list=as_list)
    return path.read_text()


@pytest.fixture
def live(tmp_path: Path) -> str:
    return write(tmp_path / "live", as_live(MANIFEST), as_list=True)


@pytest.mark.parametrize("change", BROKEN.values(), ids=list(BROKEN))
@pytest.mark.parametrize("named", [True, False], ids=["with polyaxon.com", "without"])
def test_a_job_that_can_not_be_read_is_not_stale(
    tmp_path: Path, live: str, change: tuple[str, str], *, named: bool
) -> None:
    text = make_text(tmp_path)
    if not named:  # the Job of a chart that was rendered by other means
        head, separator, job = text.rpartition("---\n")
        text = head + separator + job.replace("polyaxon.com/", "example.com/")
    old, new = change
    assert text.count(old) == 1
    (tmp_path / "manifest").write_bytes(text.replace(old, new).encode(errors="surrogateescape"))
    must_keep(live, str(tmp_path / "manifest"))


@pytest.mark.parametrize(
    "text",
    ["kind: Service\nmetadata: [\n", "kind: List\nitems: [&a {}, *a]\n", "kind: List\nitems: [{}]\n", "kind: List\n"],
)
def test_the_jobs_of_all_releases_are_unknown(tmp_path: Path, live: str, text: str) -> None:
    """The object that can't be read may be of any release."""
    other = write(tmp_path / "manifest", make_manifest(make_kept("new")))
    (tmp_path / "b").write_text("apiVersion: v1\n" + text)
    must_keep(live, other, str(tmp_path / "b"))


def test_a_current_job_stays_current(tmp_path: Path, live: str) -> None:
    (tmp_path / "b").write_text("[\n")
    found = run("inventory", live, write(tmp_path / "manifest", MANIFEST), str(tmp_path / "b")).output.decode()
    assert f"{JOB}  complete  current\n" in found


def test_a_manifest_that_was_cut_inside_a_line(tmp_path: Path, live: str) -> None:
    text = make_text(tmp_path)
    start = text.index(f"name: {JOB}")
    for at in range(text.rindex("---\n", 0, start) + 4, start + len(JOB)):
        (tmp_path / "manifest").write_text(text[:at])
        if text[at - 1] != "\n" or text[at - 5 : at] != "\n---\n":
            must_keep(live, str(tmp_path / "manifest"))


def test_a_file_of_a_directory_that_was_cut(tmp_path: Path, live: str) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    (folder / "a.yaml").write_text(
        make_text(tmp_path).partition("kind: Job")[0] + "kind: Pod\nmetadata: {name: a, namespace: vision}"
    )
    (folder / "b.yaml").write_text("apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: vision}\n")
    must_keep(live, str(folder), reason=f"{folder / 'a.yaml'} does not end with a line end, so a part may be missing")


def test_a_link_in_a_directory_is_not_read(tmp_path: Path, live: str) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    write(folder / "a.yaml", [item for item in MANIFEST if item["kind"] != "Job"])
    (folder / "b.yaml").symlink_to(write(tmp_path / "job", MANIFEST))
    must_keep(live, str(folder), reason=f"{folder / 'b.yaml'} is a symbolic link, so it was not read")


def test_an_input_over_a_limit(tmp_path: Path, live: str) -> None:
    new = write(tmp_path / "manifest", make_manifest(make_kept("new")))
    (tmp_path / "b").write_bytes("\ufeffa".encode("utf-16"))
    must_keep(live, new, str(tmp_path / "b"), reason=f"{tmp_path / 'b'}:1 can't be read")


def test_each_document_that_can_not_be_read_is_reported(tmp_path: Path) -> None:
    """The survey counts a document by its lines. Here its content decides."""
    (tmp_path / "a").write_bytes(b"apiVersion: v1\nkind: Pod\nmetadata: [\n---\napiVersion: v1\nkind: Pod\nx: \xe9\n")
    error = run("inventory", str(tmp_path / "a")).error
    assert error.count("warning[unread-document]") == 2
    assert f"{tmp_path / 'a'}:7: warning[unread-document]" in error
