"""Checks paths and names in an Argo CD repository. A path must not lead out of it; a name must not look like an option.

The plugin must not let a user who may push to one repository read files of another repository or of the plugin.
"""

from __future__ import annotations

import os

from post_renderer.console import UsageError
from post_renderer.problems import YamlError, quoted
from post_renderer.yamltree import SCALAR, parse
from post_renderer.yamltree.node import read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from post_renderer.problems import Problems
    from post_renderer.yamltree import Node
    from post_renderer.yamltree.node import Value

# Where Helm reads a chart's dependencies.
CHART_FILES = ("Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock")
CHART_FILE_LIMIT = 1_000_000  # characters of one of them
LOCAL = "file:"  # a dependency in another directory


class Repository:
    """The Application's directory and the root of its repository, both as real paths without symbolic links."""

    __slots__ = ("folder", "root")

    def __init__(self, folder: str, source_path: str) -> None:
        """``folder``: the Application's directory. ``source_path``: its path in the repository, from Argo CD.

        If no directory above ``folder`` has it at an end of ``source_path``, ``folder`` is the root, which is safe.
        """
        self.folder = os.path.realpath(folder)
        self.root = _find_root(self.folder, os.path.normpath(source_path) if source_path else ".")

    def holds(self, path: str) -> bool:
        try:
            real = os.path.realpath(path)
        except RecursionError:  # Python 3.11 and 3.12: a chain of a thousand links, which the kernel does not follow
            return False
        return real == self.root or real.startswith(self.root + os.sep)

    def find_file(self, name: str, about: str, problems: Problems) -> str:
        """Return the absolute path of a file that a parameter names. If it is not allowed, add a problem, return ''."""
        path = os.path.join(self.folder, name)
        message, hint = "", "name a file of the repository, relative to the Application's directory"
        if name.startswith("-") or os.path.basename(name).startswith("-"):
            message = f"{quoted(name)} looks like an option"
        elif "://" in name or os.path.isabs(name):
            message = f"{quoted(name)} is not relative to the Application's directory"
        elif not self.holds(path):
            message = f"{quoted(name)} leads out of the repository"
        elif not name or not os.path.isfile(path):
            problems.add("argocd-parameter", f"there is no file {quoted(name)}", hint, about=about)
            return ""
        if message:
            problems.add("unsafe-path", message, hint, about=about)
        return "" if message else os.path.realpath(path)

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

    def read_chart(self, vendored: dict[str, str], problems: Problems) -> tuple[list[str], list[str]]:
        """Return the names of dependencies that charts/ lacks and, if there are any, the URLs of repositories.

        ``vendored``: what `prepare_charts` returns.
        """
        missing: list[str] = []
        urls: list[str] = []
        for file in CHART_FILES:
            values = self._read(file, problems)
            if file == "Chart.yaml" and _text(values, "name").startswith("-"):
                message = f"the chart's name {quoted(_text(values, 'name'))} looks like an option"
                problems.add("unsafe-path", message, "write a name that begins with a letter", about=file)
            for text in _texts(values):
                if not _is_plain(text):
                    message = f"{quoted(text)} has a character that Helm removes or replaces, or that is not ASCII"
                    problems.add("unsafe-path", message, "write only printable ASCII characters", about=file)
                    continue
                self._check_local(text, file, problems)
                if text.startswith(("https://", "http://")):
                    _refuse_slash(text, file, problems)
                    urls.append(text)
            for dependency in _dependencies(values):
                name = _text(dependency, "name")
                if os.sep in name or name.startswith((".", "-")):
                    message = f"the dependency's name {quoted(name)} is a path or looks like an option"
                    problems.add("unsafe-path", message, "write the name of a chart", about=file)
                elif file.endswith(".yaml") and name not in vendored.values():
                    missing.append(name)
        if missing:
            _refuse_unnamed(vendored, problems)
        return missing, list(dict.fromkeys(urls)) if missing else []

    def _read(self, file: str, problems: Problems) -> Value:
        """Return the name and the dependencies in a file of the chart; None if it can't be read."""
        path = os.path.join(self.folder, file)
        if not self.holds(path):  # check_links reports the link; a message must not quote another repository's file
            return None
        if not os.path.isfile(path):
            if file == "Chart.yaml":
                hint = "set the path of the Application to a directory with a chart"
                problems.add("argocd-parameter", "the Application's directory has no Chart.yaml", hint)
            return None
        try:
            with open(path, encoding="utf-8") as file_text:
                return _read_text(file_text.read(CHART_FILE_LIMIT + 1))
        except (YamlError, OSError, UnicodeDecodeError) as error:
            message = error.message if isinstance(error, YamlError) else "it can't be read"
            problems.add(
                "unsafe-path",
                message,
                "write plain YAML in UTF-8, which each program reads in the same way",
                about=file,
            )
            return None

    def _check_local(self, text: str, file: str, problems: Problems) -> None:
        if not text.lower().startswith(LOCAL):
            return
        path = text[len(LOCAL) :].removeprefix("//")
        joined = os.path.join(self.folder, path)
        # Helm removes `link/..` from the path without looking where the link leads.
        if os.path.isabs(path) or not self.holds(os.path.normpath(joined)) or not self.holds(joined):
            hint = "name a directory of the repository, or put the chart into charts/"
            problems.add("unsafe-path", f"the dependency {quoted(text)} leads out of the repository", hint, about=file)


def _is_plain(text: str) -> bool:
    """Return whether Helm reads a name, a version or an address as it is written.

    Helm removes what Go does not print after it has read the file. So a soft hyphen in `file:` would hide the word.
    """
    return text.isascii() and text.isprintable()


def _refuse_slash(url: str, file: str, problems: Problems) -> None:
    """Report a slash in the user or the password of a URL: messages of Helm would show a part of the password."""
    host, slash, path = url.partition("://")[2].partition("/")
    if slash and "@" in path and ":" in host.rpartition("@")[2] and not host.rpartition(":")[2].isdecimal():
        message = "the user or the password in the URL of a dependency has a slash"
        problems.add("unsafe-path", message, "write %2F for the slash", about=file)


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


def read_chart_name(content: bytes) -> str:
    """Return the name in a Chart.yaml; '' if it has none, or can't be read."""
    try:
        name = _text(_read_text(content[: CHART_FILE_LIMIT + 1].decode()), "name")
    except (YamlError, UnicodeDecodeError):
        return ""
    return name if _is_plain(name) else ""


def _refuse_unnamed(vendored: dict[str, str], problems: Problems) -> None:
    """Report each chart without a name: it may be the missing dependency, and a download would be another chart."""
    for path, name in vendored.items():
        if not name:
            message = f"the name of {quoted(path)} can't be read, so it may be a dependency that charts/ seems to lack"
            problems.add("unsafe-path", message, "write its Chart.yaml as plain YAML in UTF-8, with a name")


def _read_text(text: str) -> Value:
    """Return the name and the dependencies in the text of a Chart.yaml or a similar file. Raises YamlError."""
    _refuse_long(text)
    _refuse_binary(text)
    return _read_chart_file(parse(text))


def _refuse_long(text: str) -> None:
    if len(text) > CHART_FILE_LIMIT:
        raise YamlError("input-too-large", None, f"it is longer than {CHART_FILE_LIMIT:,} characters")


def _refuse_binary(text: str) -> None:
    """Raise YamlError for a ``!!binary`` scalar: Helm would decode its base64, which the checks here can't see."""
    if "!" not in text:
        return
    import yaml

    try:
        tags = [getattr(event, "tag", None) or "" for event in yaml.parse(text, Loader=yaml.CSafeLoader)]
    except yaml.YAMLError:
        return  # the next reader reports the error
    if any(tag.endswith("binary") for tag in tags):
        raise YamlError("unsupported-yaml", None, "a value is written as !!binary")


def _read_chart_file(root: Node) -> Value:
    """Return only ``name`` and ``dependencies``, in lower case: to Helm's reader, ``Dependencies`` is the same key."""
    found: dict[str, Value] = {}
    for key, value in root.pairs():
        if key.kind != SCALAR:  # to Helm, an alias is the word that it refers to, such as dependencies
            raise YamlError(
                "unsupported-yaml", key.start, "a key is an alias, a list or a mapping", "write the key as plain text"
            )
        name = key.value() or ""
        folded = name.casefold()  # as in Go, where "dependencie\u017f" is equal to "dependencies"
        if folded in ("name", "dependencies") or name == "<<":
            if name == "<<" or folded in found:
                raise YamlError("unsupported-yaml", key.start, f"the key {quoted(name)} is repeated, or merges others")
            found[folded] = read_values(value)
    for dependency in _dependencies(found):
        _refuse_repeated(dependency)
    return found


def _refuse_repeated(dependency: Value) -> None:
    """Raise YamlError if two keys differ only in their case: Helm uses one of them, and the checks maybe the other."""
    names = [key.casefold() for key in dependency] if isinstance(dependency, dict) else []
    if len(set(names)) < len(names):
        raise YamlError(
            "unsupported-yaml", None, "a dependency has two keys that differ only in upper and lower case", "remove one"
        )


def _dependencies(values: Value) -> list[Value]:
    found = values.get("dependencies") if isinstance(values, dict) else None
    return found if isinstance(found, list) else []


def _text(values: Value, key: str) -> str:
    """Return the string of a key in any case; '' if there is none."""
    found = [value for name, value in values.items() if name.lower() == key] if isinstance(values, dict) else []
    return str(found[0]) if found and isinstance(found[0], str) else ""


def _texts(values: Value) -> Iterator[str]:
    if isinstance(values, str):
        yield values.strip()
    elif isinstance(values, dict):
        for value in values.values():
            yield from _texts(value)
    elif isinstance(values, list):
        for value in values:
            yield from _texts(value)
