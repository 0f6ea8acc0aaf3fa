"""Reads the files of a chart that name its dependencies, and refuses what Helm would read in another way.

A dependency must not be a directory outside of the repository, and no text may look like an option of Helm.
"""

from __future__ import annotations

import os

from post_renderer.integrations.foreign_json import find_texts
from post_renderer.problems import YamlError, quoted
from post_renderer.yamltree import SCALAR, parse
from post_renderer.yamltree.node import read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.integrations.argocd_repository import Repository
    from post_renderer.problems import Problems
    from post_renderer.yamltree import Node
    from post_renderer.yamltree.node import Value

# Where Helm reads a chart's dependencies.
CHART_FILES = ("Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock")
CHART_FILE_LIMIT = 1_000_000  # characters of one of them
LOCAL = "file:"  # a dependency in another directory
WORK = "tmpcharts-"  # Helm downloads into a directory of this name and its process number, also if it is there already


class Needed:
    """What the chart needs besides its own files.

    ``missing``: the names of dependencies that charts/ lacks.
    ``repeated``: the names that several dependencies of one file have, perhaps with an alias each.
    ``urls``: the chart repositories; none if nothing is missing.
    ``local``: the directories of dependencies in the repository, once for each time that a file names them.
    ``texts``: all texts of its dependencies, such as addresses.
    """

    __slots__ = ("local", "missing", "repeated", "texts", "urls")

    def __init__(self) -> None:
        self.missing: list[str] = []
        self.repeated: set[str] = set()
        self.urls: list[str] = []
        self.local: list[str] = []
        self.texts: list[str] = []


def read_chart(repository: Repository, vendored: dict[str, str], problems: Problems) -> Needed:
    """Return what the chart needs. ``vendored``: what `prepare_charts` returns."""
    needed = Needed()
    for file in CHART_FILES:
        values = _read(repository, file, problems)
        if file == "Chart.yaml" and _text(values, "name").startswith("-"):
            message = f"the chart's name {quoted(_text(values, 'name'))} looks like an option"
            problems.add("unsafe-path", message, "write a name that begins with a letter", about=file)
        _check_texts(repository, [text.strip() for text in find_texts(values)], file, needed, problems)
        seen: set[str] = set()
        for dependency in _dependencies(values):
            name = _text(dependency, "name")
            (needed.repeated if name in seen else seen).add(name)
            if os.sep in name or name.startswith((".", "-", "_")):
                message = f"the dependency's name {quoted(name)} is a path or looks like an option"
                if name.startswith("_") and os.sep not in name:
                    message = f"Helm ignores a subchart with the name {quoted(name)}"
                problems.add("unsafe-path", message, "write the name of a chart", about=file)
            elif file.endswith(".yaml") and name not in vendored.values():
                needed.missing.append(name)
    if needed.missing:
        _refuse_unnamed(vendored, problems)
        _refuse_work(repository, problems)
    needed.urls = list(dict.fromkeys(needed.urls)) if needed.missing else []
    return needed


def _check_texts(repository: Repository, texts: list[str], file: str, needed: Needed, problems: Problems) -> None:
    needed.texts += texts
    for text in texts:
        if not _is_plain(text):
            message = f"{quoted(text)} has a character that Helm removes or replaces, or that is not ASCII"
            problems.add("unsafe-path", message, "write only printable ASCII characters", about=file)
        elif text.lower().startswith(LOCAL):
            needed.local += _find_local(repository, text, file, problems)
        elif text.startswith(("https://", "http://")):
            _refuse_slash(text, file, problems)
            needed.urls.append(text)


def _refuse_work(repository: Repository, problems: Problems) -> None:
    """Report files that Helm would take for its downloads, and read before the plugin checks them."""
    for name in os.listdir(repository.folder):
        if name.startswith(WORK):
            hint = "remove it: Helm makes such directories, and removes them at its end"
            problems.add("unsafe-path", f"Helm would read {quoted(name)} as a download", hint)


def _read(repository: Repository, file: str, problems: Problems) -> Value:
    """Return the name and the dependencies in a file of the chart; None if it can't be read."""
    path = os.path.join(repository.folder, file)
    if not repository.holds(path):  # check_links reports the link; a message must not quote another repository's file
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


def _find_local(repository: Repository, text: str, file: str, problems: Problems) -> list[str]:
    """Return the directory of a dependency in the repository, as Helm finds it."""
    path = text[len(LOCAL) :].removeprefix("//")
    joined = os.path.join(repository.folder, path)
    # Helm removes `link/..` from the path without looking where the link leads.
    cleaned = os.path.normpath(joined)
    if os.path.isabs(path) or not repository.holds(cleaned) or not repository.holds(joined):
        hint = "name a directory of the repository, or put the chart into charts/"
        problems.add("unsafe-path", f"the dependency {quoted(text)} leads out of the repository", hint, about=file)
        return []
    return [cleaned]


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


def read_chart_name(content: bytes, requirements: bytes) -> str:
    """Return the name in a Chart.yaml; '' if it has none, or can't be read, or if the requirements.yaml has a name.

    Helm reads the keys of a requirements.yaml over those of the Chart.yaml.
    """
    try:
        values = _read_text(content[: CHART_FILE_LIMIT + 1].decode())
        others = _read_text(requirements[: CHART_FILE_LIMIT + 1].decode()) if requirements.strip() else None
    except (YamlError, UnicodeDecodeError):
        return ""
    name = _text(values, "name")
    has_other = isinstance(others, dict) and "name" in others
    return name if _is_plain(name) and not has_other else ""


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
