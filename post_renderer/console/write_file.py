"""Writes complete new files. After an error, no new file is left. It is imported only when a file is written."""

from __future__ import annotations

import os


def write_beside(path: str, content: bytes, *, like_it: bool = False) -> str:
    """Write a new file into the directory of ``path``, with a name that nobody can guess, and return its path.

    Only the owner can read the new file. ``like_it``: copy the owner, group, mode and extended attributes of ``path``,
    and wait until the new file is on the disk. After an error, no new file is left. Raises OSError.
    """
    beside = os.path.join(os.path.dirname(path), f".polyaxon-persistence.{os.urandom(8).hex()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # O_EXCL: never follow a link
    try:
        with os.fdopen(descriptor, "wb") as file:
            if like_it:
                _copy_metadata(path, beside, descriptor)
            file.write(content)
            if like_it:
                file.flush()
                os.fsync(descriptor)
    except BaseException:
        os.unlink(beside)
        raise
    return beside


def _copy_metadata(path: str, beside: str, descriptor: int) -> None:
    from shutil import copystat

    before, after = os.lstat(path), os.fstat(descriptor)
    if (before.st_uid, before.st_gid) != (after.st_uid, after.st_gid):
        os.fchown(descriptor, before.st_uid, before.st_gid)
    copystat(path, beside, follow_symlinks=False)  # this copies the times too, but the next write changes them
