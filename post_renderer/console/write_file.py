"""Writes new files as a whole, or nothing of them. Only what writes a file loads this module."""

from __future__ import annotations

import os


def write_beside(path: str, content: bytes, *, like_it: bool = False) -> str:
    """Write a new file into the directory of ``path`` and return its path. Its name can't be guessed.

    Only its owner can read it. ``like_it``: it has the owner, group, mode and extended attributes of ``path``, and is
    on the disk. If it can't be written, nothing of it stays. Raises OSError.
    """
    beside = os.path.join(os.path.dirname(path), f".polyaxon-persistence.{os.urandom(8).hex()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # never through a link
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
    copystat(path, beside, follow_symlinks=False)  # the times, too, but what is written next changes them
