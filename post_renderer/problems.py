"""Has the codes of errors and warnings, and the classes that collect what a command found.

An error stops the render, a warning does not (unless ``--strict``). Codes are stable: users search for them in logs.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import Final

    Report = Callable[[str, str], None]  # takes a message and a hint
    KeyReport = Callable[[str, str, str], None]  # takes a message, a hint, and the name of the wrong key or ""

ERROR: Final = "error"
WARNING: Final = "warning"
OWN_FILE: Final = "(catalog)"  # subject of a problem in a --persistence file; its line counts lines of that file
FUNCTION_CONFIG: Final = "(functionConfig)"  # subject of a problem in the catalog of a KRM function
USER_FILE: Final = "(file)"  # subject of a problem in a file that migrate reads; its line counts lines of that file
STANDARD_INPUT: Final = "standard input"  # the file of a problem in what migrate reads from standard input
LISTED_NAMES: Final = 12  # the most names that a message or a hint lists
MANY_NAMES: Final = 100
COMPARISONS: Final = 100_000  # between unknown names and the names of one large catalog; each takes two microseconds
REMEMBERED_LISTS: Final = 8  # lists of more than MANY_NAMES names

# One row per code: its severity, and what is wrong.
CODES: dict[str, tuple[str, str]] = {
    # the stream and its YAML
    "input-too-large": (ERROR, "The stream, one document or one polyaxonfile is larger than its limit."),
    "invalid-encoding": (ERROR, "The text is not UTF-8."),
    "invalid-yaml": (ERROR, "A document that contains polyaxon.com is not valid YAML."),
    "glued-separator": (ERROR, "`---` has text right after it, which Helm and YAML read differently."),
    "duplicate-key": (ERROR, "A mapping that the post-renderer must read or change has one key twice."),
    "alias": (ERROR, "An alias, a merge key or a shared anchor is in a place that must be changed or hashed."),
    "unsupported-yaml": (ERROR, "The YAML is valid, but the post-renderer can't change this form safely."),
    "no-final-newline": (
        ERROR,
        "The stream ends in a block scalar without a newline, but the post-renderer must add lines.",
    ),
    "wrong-type": (ERROR, "A field of a workload does not have the type that Kubernetes requires."),
    # annotations and polyaxonfiles
    "unknown-annotation": (ERROR, "There is no annotation of this name with the prefix polyaxon.com/."),
    "invalid-annotation": (ERROR, "A polyaxon.com annotation has a value that is not allowed."),
    "misplaced-annotation": (
        ERROR,
        "A polyaxon.com annotation is in a place that the post-renderer does not read.",
    ),
    "not-a-workload": (ERROR, "The kind of an annotated object has no pods, or is unknown."),
    "not-injectable": (ERROR, "The manifest of an annotated object can't give volumes to its pods."),
    "pod-elsewhere": (WARNING, "Some pods of an annotated object get no volumes from its annotation."),
    "no-request": (ERROR, "An object has a polyaxon.com annotation or scheduling gate, but asks for no volumes."),
    "contradiction": (
        ERROR,
        "Two annotations of a workload and its pod template ask for different things.",
    ),
    "invalid-polyaxonfile": (ERROR, "A polyaxonfile is empty, not a mapping or not valid YAML."),
    "invalid-request": (ERROR, "A polyaxonfile has an unknown kind or key, or a value of the wrong form."),
    "unknown-volume": (ERROR, "A run asks for a volume that the catalog does not have."),
    "request-ignored": (WARNING, "A run asks for something that it does not get."),
    # the catalog
    "no-catalog": (ERROR, "A run asks for volumes, but neither the stream nor --persistence has a catalog."),
    "no-volumes": (WARNING, "A run asks for the default volumes, but its catalog has no entry, so the run gets none."),
    "several-catalogs": (ERROR, "More than one catalog of the stream could apply to a run."),
    "catalog-version": (ERROR, "The catalog was written for another version of the post-renderer."),
    "invalid-catalog": (ERROR, "The catalog, or one of its settings, is not valid."),
    "invalid-entry": (ERROR, "An entry of the catalog is not valid."),
    # volumes, references and run folder of a run
    "no-default-outputs": (ERROR, "A run needs a default outputs entry, but there is no writable one."),
    "same-mount-path": (ERROR, "One container would get two volumes at one path."),
    "bucket-secrets": (ERROR, "Two bucket entries of one run have one variable or one bucket, but different Secrets."),
    "nested-mount-path": (WARNING, "A mount is inside another mount."),
    "read-only-outputs": (WARNING, "A run asked for an outputs entry that it can't write to."),
    "tensorboard-outputs": (WARNING, "The command of a tensorboard can't show the outputs of its run."),
    "run-folder": (ERROR, "The run folder, or the subPath of a data entry, can't be built, or is not safe."),
    "invalid-reference": (ERROR, "A run refers to another run, but can't get its results."),
    "reference-cycle": (ERROR, "References between runs form a cycle."),
    "same-run-folder": (ERROR, "Two objects would write into one run folder."),
    "value-too-long": (ERROR, "A variable is longer than Linux allows."),
    "conflict": (ERROR, "The workload already has something else in the place of an injected item."),
    "claim-mounted-twice": (WARNING, "A pod has its own volume for a claim that it also gets from the catalog."),
    "claim-in-use": (WARNING, "Several pods mount a claim that only one pod or one node can use at a time."),
    "concurrency": (WARNING, "All runs of a group start at the same time, but Polyaxon ran fewer at a time."),
    "read-only-claim": (ERROR, "A ReadOnlyMany claim has a writable volume."),
    "unknown-container": (ERROR, "polyaxon.com/containers names a container that the pod does not have."),
    # Jobs
    "run-policy": (ERROR, "polyaxon.com/run-policy is not possible for this object."),
    "name-too-long": (ERROR, "The name of a Job is too long, because the post-renderer adds a hash to it."),
    "same-name": (ERROR, "Two Jobs with the same content would get the same name."),
    "base-name": (ERROR, "polyaxon.com/base-name is not the object's name without its hash."),
    "helm4-rewrites": (WARNING, "Helm 4 rewrites this text, so Helm 3 and Helm 4 would give the Job different names."),
    "changes-with-chart": (
        WARNING,
        "The pod template of a Job changes with the chart's version, so each version would start the run again.",
    ),
    # check, explain and verify
    "no-object": (ERROR, "The input has no Kubernetes object, so there is nothing to check."),
    "unread-document": (WARNING, "A document can't be read, so it is not known whether it contains a run."),
    "unknown-domain": (WARNING, "A key has the name of an annotation of polyaxon.com, but another domain."),
    # check
    "blocked-run": (ERROR, "Kubernetes would refuse the upgrade, because a run changes under the same name."),
    "too-many-starts": (ERROR, "More runs would start than --max-starts allows."),
    "hook-withheld": (
        WARNING,
        "Helm 3 does not give hooks to a post-renderer, so this run would start without volumes.",
    ),
    # verify
    "not-verified": (
        ERROR,
        "A run lacks something that it asked for: it was not rendered, or changed after the render.",
    ),
    # inventory
    "invalid-name": (ERROR, "A name is not a DNS name, so no command is printed that contains it."),
    "unused-namespace": (WARNING, "The option --namespace changes no object of its file."),
    # integrations
    "argocd-parameter": (ERROR, "An Argo CD Application sets an unknown parameter, or a parameter with a wrong form."),
    "empty-output": (ERROR, "The program of --then wrote nothing, so Helm would delete all objects of the release."),
    "not-patchable": (ERROR, "A run needs a change that Flux's patches can't make."),
    "unsafe-path": (
        ERROR,
        "A path or a name in a repository leads out of the repository, or looks like an option.",
    ),
    # migrate
    "not-migrated": (WARNING, "Something of Polyaxon 0.x has no counterpart. Its lines stay as comments."),
    "changed-meaning": (
        WARNING,
        "Something of Polyaxon 0.x has another form or another meaning now.",
    ),
    "not-migratable": (ERROR, "Something of Polyaxon 0.x needs your decision before it can be translated."),
}


class Problem:
    """An error or a warning.

    ``offset``: its position in the document's text, in characters; None if it concerns the whole document.
    ``subject``: the object (``Kind/name``), or a name in brackets such as ``(stream)``.
    ``about``: the path of the field.
    ``file``: the file that contains the line, such as a template; empty if unknown.
    ``line``: counts from 1; 0 if unknown.
    ``stream``: the file that contains the stream; empty for standard input.
    ``text``: the document that contains the line; empty if there is none.
    """

    __slots__ = ("about", "code", "file", "hint", "line", "message", "offset", "severity", "stream", "subject", "text")

    def __init__(
        self, code: str, message: str, hint: str = "", *, offset: int | None = None, about: str = "", subject: str = ""
    ) -> None:
        self.code = code
        self.severity = CODES[code][0]
        self.message = message
        self.hint = hint
        self.offset = offset
        self.about = about
        self.subject = subject
        self.file = ""
        self.line = 0
        self.stream = ""
        self.text = ""


class Problems:
    """Collects errors and warnings.

    ``subject``: the object (``Kind/name``) to which ``add`` assigns new problems.
    ``found``: problems with offsets, without file and line.
    ``in_catalog``: one list of errors for each use of an invalid catalog entry by a run. They have file and line.
    ``failed_runs``: the number of runs that have errors, so that they can't get volumes.
    """

    __slots__ = ("_counted", "_errors", "failed_runs", "found", "in_catalog", "subject")

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self.in_catalog: list[list[Problem]] = []
        self.subject = ""
        self.failed_runs = 0
        self._counted = self._errors = 0  # the number of counted problems, and of errors among them

    def add(self, code: str, message: str, hint: str = "", *, offset: int | None = None, about: str = "") -> None:
        self.found.append(Problem(code, message, hint, offset=offset, about=about, subject=self.subject))

    def has_errors(self) -> bool:
        return bool(self.in_catalog) or any(problem.severity == ERROR for problem in self.found)

    def count_errors(self) -> int:
        """Return a number that grows with each error. It counts each problem in ``found`` only once, in the first call.

        If ``--strict`` turns a warning into an error after the count, the number does not grow.
        """
        if self._counted < len(self.found):
            self._errors += sum(problem.severity == ERROR for problem in self.found[self._counted :])
            self._counted = len(self.found)
        return len(self.in_catalog) + self._errors

    def keep(self, is_wanted: Callable[[Problem], bool]) -> None:
        """Remove all other problems from ``found``."""
        self.found = list(filter(is_wanted, self.found))
        self._counted = self._errors = 0


class YamlError(Exception):
    """A document can't be read or changed safely.

    ``offset``: the position of the error, None for the whole document. It counts characters of the parsed text. In
    errors about a whole file (--persistence, migrate), it counts bytes of the file.
    ``about``: the annotation with the error, if the error is in the value of an annotation.
    """

    def __init__(self, code: str, offset: int | None, message: str, hint: str = "", about: str = "") -> None:
        super().__init__(message)
        self.about = about
        self.code = code
        self.offset = offset
        self.message = message
        self.hint = hint

    def report(self, problems: Problems, about: str = "") -> None:
        problems.add(self.code, self.message, self.hint, offset=self.offset, about=about or self.about)


def flatten(found: Iterable[list[Problem]]) -> list[Problem]:
    """Return the errors of all lists. If ``found`` contains one list (by identity) several times, it counts once."""
    return [problem for problems in {id(problems): problems for problems in found}.values() for problem in problems]


class _ManyNames:
    """The sorted names of one large catalog. ``left``: how many more comparisons with unknown names are allowed."""

    __slots__ = ("known", "left", "listed", "names")

    def __init__(self, known: Collection[str]) -> None:
        self.known = known
        self.names = sorted(known)
        self.listed = list_names(self.names)
        self.left = COMPARISONS


_many: dict[int, _ManyNames] = {}  # by the id() of the collection


def suggest(word: str, known: Collection[str], most: int = LISTED_NAMES) -> str:
    """Return a hint with the most similar known name and a list of all names (``most`` at most).

    If ``known`` has many names, only the first unknown words are compared with them. ``known`` must not change.
    """
    from difflib import get_close_matches  # slow to import: only errors need it

    if len(known) <= MANY_NAMES:
        names = sorted(known)
        listed = list_names(names, most)
    else:
        many = _remember_names(known)
        names, listed = many.names if many.left > 0 else [], many.listed
        many.left -= len(names)
    near = get_close_matches(word, names, 1, 0.6)
    return (f'did you mean "{near[0]}"? ' if near else "") + (f"Known: {listed}" if known else "None are known.")


def _remember_names(known: Collection[str]) -> _ManyNames:
    many = _many.get(id(known))
    if many is None or many.known is not known:
        if len(_many) >= REMEMBERED_LISTS:
            _many.clear()
        many = _many[id(known)] = _ManyNames(known)
    return many


def list_names(names: list[str], most: int = LISTED_NAMES) -> str:
    """Return the first names and the number of other names as one text: ``a, b and 3 more``."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def quoted(word: str, limit: int = 80) -> str:
    """Quote text of the input for a terminal: escape control characters, and cut it to ``limit`` characters."""
    return f'"{escape_control(word if len(word) <= limit else word[:limit] + "…")}"'


def escape_control(text: str) -> str:
    """Escape the characters in text of the input that could control a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


def sort_problems(problems: Iterable[Problem], paths: Iterable[str]) -> list[Problem]:
    """Return the problems in order: those of catalog files, those of the stream by line, those without a line.

    ``paths``: the catalog files, in their order. Problems of one line keep their order.
    """
    order = {path: number for number, path in enumerate(paths)}

    def key(problem: Problem) -> tuple[int, int, int]:
        if problem.subject in (OWN_FILE, FUNCTION_CONFIG):
            return 0, order.get(problem.file, 0), problem.line
        return (1, 0, problem.line) if problem.line else (2, 0, 0)

    return sorted(problems, key=key)


def promote_warnings(problems: Iterable[Problem]) -> None:
    """Turn all warnings into errors (``--strict``)."""
    for problem in problems:
        problem.severity = ERROR
