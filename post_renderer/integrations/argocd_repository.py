"""Checks paths and names in an Argo CD repository. A path must not lead out of it; a name must not look like an option.

The plugin must not let a user who may push to one repository read files of another repository or of the plugin.
"""

from __future__ import annotations

import os

from post_renderer.console import UsageError
from post_renderer.problems import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.problems import Problems

MOST_LINKS = 40  # in one path: Linux does not follow more
MOST_STEPS = 1_000_000  # parts of paths that are looked at, with the links in them: some seconds


class Repository:
    """The Application's directory and the root of its repository, both as real paths without symbolic links."""

    __slots__ = ("_steps", "folder", "root")

    def __init__(self, folder: str, source_path: str) -> None:
        """``folder``: the Application's directory. ``source_path``: its path in the repository, from Argo CD.

        If no directory above ``folder`` has it at an end of ``source_path``, ``folder`` is the root, which is safe.
        """
        self._steps = 0
        self.folder = os.path.realpath(folder)
        self.root = _find_root(self.folder, os.path.normpath(source_path) if source_path else ".")

    def holds(self, path: str) -> bool:
        return bool(self.resolve(path))

    def resolve(self, path: str) -> str:
        """Return the path without symbolic links; '' if it leads out of the repository at any step.

        The target of a link such as /proc/self/fd/3 depends on the program that follows it. So each step must be in the
        repository, and not only the end. Raises UsageError if the links of the repository are too long.
        """
        path = os.path.join(self.folder, path)
        if path != self.root and not path.startswith(self.root + os.sep):
            return ""
        found = self.root
        parts = path[len(self.root) :].split(os.sep)[::-1]
        links = 0
        while parts:
            self._steps += 1
            if self._steps > MOST_STEPS:
                message = f"the paths in the repository, with their symbolic links, have more than {MOST_STEPS:,} parts"
                raise UsageError(message, "use fewer or shorter links")
            part = parts.pop()
            if part in ("", "."):
                continue
            if part == "..":
                if found == self.root:
                    return ""
                found = os.path.dirname(found)
                continue
            step = os.path.join(found, part)
            if not os.path.islink(step):
                found = step
                continue
            links += 1
            target = os.readlink(step)
            if links > MOST_LINKS or (os.path.isabs(target) and not (target + os.sep).startswith(self.root + os.sep)):
                return ""
            if os.path.isabs(target):
                found, target = self.root, target[len(self.root) :]
            parts += target.split(os.sep)[::-1]
        return found

    def find_file(self, name: str, about: str, problems: Problems) -> str:
        """Return the absolute path of a file that a parameter names. If it is not allowed, add a problem, return ''."""
        path = os.path.join(self.folder, name)
        message, real, hint = "", "", "name a file of the repository, relative to the Application's directory"
        if name.startswith("-") or os.path.basename(name).startswith("-"):
            message = f"{quoted(name)} looks like an option"
        elif "://" in name or os.path.isabs(name):
            message = f"{quoted(name)} is not relative to the Application's directory"
        elif not (real := self.resolve(path)):
            message = f"{quoted(name)} leads out of the repository"
        elif not name or not os.path.isfile(real):
            problems.add("argocd-parameter", f"there is no file {quoted(name)}", hint, about=about)
            return ""
        if message:
            problems.add("unsafe-path", message, hint, about=about)
        return "" if message else real

    def check_links(self, problems: Problems) -> None:
        """Report each symbolic link that leads out of the repository: Helm follows the links in a chart."""
        folders = [self.root]
        while folders:
            folder = folders.pop()
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if entry.is_symlink() and not self.holds(entry.path):
                            self._refuse_link(entry.path, problems)
                        elif entry.is_dir(follow_symlinks=False):
                            folders.append(entry.path)
            except OSError as error:
                message = f"{quoted(os.path.relpath(folder, self.root))} can't be read: {error.strerror}"
                problems.add("unsafe-path", message, "make the directory readable")

    def _refuse_link(self, path: str, problems: Problems) -> None:
        hint = "replace the symbolic link by a file, or by a link to a file of the repository"
        message = f"{quoted(os.path.relpath(path, self.root))} leads out of the repository"
        problems.add("unsafe-path", message, hint)


def find_repository() -> Repository:
    """Return the repository of the current directory, which is that of an Application. Raises UsageError."""
    try:
        return Repository(os.getcwd(), os.environ.get("ARGOCD_APP_SOURCE_PATH", ""))
    except OSError as error:
        message = f"the current directory can't be read: {error.strerror}"
        raise UsageError(message, "start it in the directory of a chart") from None


def _find_root(folder: str, source_path: str) -> str:
    """Return the nearest directory above ``folder`` that has it at ``source_path``, which may contain links.

    Argo CD can send only a part of the repository to plugins. Then the longest end of ``source_path`` counts that fits.
    It never fits to ``/``: from there, a path such as ``proc/self/cwd`` leads to each directory, and the repository
    would be the whole file system.
    """
    parts = source_path.split(os.sep)
    if source_path == "." or os.path.isabs(source_path) or ".." in parts:
        return folder
    above = [os.path.dirname(folder)]
    while above[-1] != os.path.dirname(above[-1]):
        above.append(os.path.dirname(above[-1]))
    for first in range(len(parts)):
        for root in above[:-1]:
            path = os.path.join(root, *parts[first:])
            if os.path.isdir(path) and os.path.realpath(path) == folder:
                return root
    return folder
