"""What can be wrong with a stream: one row per code, and the list that collects what was found.

A problem stops the render, a warning does not (unless ``--strict``). Codes are stable: people grep for them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    Report = Callable[[str, str], None]  # takes a message and a hint

ERROR = "error"
WARNING = "warning"
OWN_FILE = "(catalog)"  # the subject of what is wrong with a --persistence file, whose lines are its own
USER_FILE = "(file)"  # the same of a file that migrate reads
LISTED_NAMES = 12  # of those that a hint lists
MANY_NAMES = 100
COMPARISONS = 100_000  # of unknown words with the names of one large catalog: two microseconds each
REMEMBERED_LISTS = 8  # of many names

# One row per code: its severity, and what it is about.
CODES: dict[str, tuple[str, str]] = {
    # the stream and its YAML
    "input-too-large": (ERROR, "The stream, one document or one polyaxonfile is over its limit."),
    "invalid-encoding": (ERROR, "The text is not UTF-8."),
    "invalid-yaml": (ERROR, "A document that contains polyaxon.com is not valid YAML."),
    "glued-separator": (ERROR, "`---` is glued to text, which Helm and YAML read differently."),
    "duplicate-key": (ERROR, "A key is repeated in a mapping that has to be read or changed."),
    "alias": (ERROR, "An alias, a merge key or a shared anchor is where something must be read or changed."),
    "unsupported-yaml": (ERROR, "The YAML is valid, but its form leaves no safe place to write."),
    "no-final-newline": (ERROR, "A block scalar ends the stream without a newline, and lines must follow it."),
    "wrong-type": (ERROR, "A field of a workload has not the type that Kubernetes gives it."),
    # annotations and polyaxonfiles
    "unknown-annotation": (ERROR, "An annotation below polyaxon.com/ that does not exist."),
    "invalid-annotation": (ERROR, "The value of an annotation of polyaxon.com is not allowed."),
    "misplaced-annotation": (ERROR, "An annotation of polyaxon.com is in a place where nothing reads it."),
    "not-a-workload": (ERROR, "An annotated object of a kind that has no pods, or that is not known."),
    "not-injectable": (ERROR, "An annotated object whose pods can't be given volumes by its manifest."),
    "pod-elsewhere": (WARNING, "Some pods of an annotated object get no volumes by its annotation."),
    "no-request": (ERROR, "A scheduling gate or an annotation of polyaxon.com without a polyaxonfile."),
    "contradiction": (ERROR, "Workload and pod template ask for different things."),
    "invalid-polyaxonfile": (ERROR, "A polyaxonfile that is empty, not a mapping or not valid YAML."),
    "invalid-request": (ERROR, "A key or a value of the polyaxonfile's environment that can't be meant."),
    "unknown-volume": (ERROR, "A run asks for a name that the catalog does not have."),
    "request-ignored": (WARNING, "A run asks for something that it does not get."),
    # the catalog
    "no-catalog": (ERROR, "A run finds no catalog: neither in the stream nor by --persistence."),
    "several-catalogs": (ERROR, "More than one catalog could be a run's."),
    "catalog-version": (ERROR, "The catalog was written for another version of the post-renderer."),
    "invalid-catalog": (ERROR, "The catalog, or one of its settings, is not valid."),
    "invalid-entry": (ERROR, "An entry of the catalog is not valid."),
    # the resolution
    "no-default-outputs": (ERROR, "A run needs a default outputs entry and there is none that is writable."),
    "same-mount-path": (ERROR, "One container would get two volumes at one path."),
    "bucket-secrets": (ERROR, "Two buckets of one run bring one variable, or one bucket, with different Secrets."),
    "nested-mount-path": (WARNING, "One mount lies inside another one."),
    "read-only-outputs": (WARNING, "A run asked for an outputs entry that it can't write to."),
    "run-folder": (ERROR, "The run folder can't be built, or is not safe."),
    "invalid-reference": (ERROR, "A reference to another run whose results can't be had."),
    "reference-cycle": (ERROR, "Runs refer to each other in a circle."),
    "same-run-folder": (ERROR, "Two objects would write into one run folder."),
    "value-too-long": (ERROR, "A variable is longer than Linux lets a program start with."),
    "conflict": (ERROR, "Something else is already in the place of an injected item."),
    "claim-mounted-twice": (WARNING, "The pod has a volume of its own on a claim of the catalog."),
    "claim-in-use": (WARNING, "Pods at the same time mount a claim that only one of them, or one node, can have."),
    "read-only-claim": (ERROR, "A claim that is ReadOnlyMany is mounted writable."),
    "unknown-container": (ERROR, "polyaxon.com/containers names a container that the pod does not have."),
    # Jobs
    "run-policy": (ERROR, "polyaxon.com/run-policy can't hold for this object."),
    "name-too-long": (ERROR, "The name leaves no room for the hash of its content."),
    "same-name": (ERROR, "Two different Jobs would get one name."),
    "base-name": (ERROR, "polyaxon.com/base-name does not fit the object's name."),
    "helm4-rewrites": (WARNING, "Helm 4 rewrites this text, so the Job's name would differ from Helm 3's."),
    # check
    "too-many-starts": (ERROR, "More runs would start than --max-starts allows."),
    "hook-withheld": (WARNING, "Helm 3 does not hand hooks to a post-renderer: this run would start bare."),
    # verify
    "not-verified": (ERROR, "A run has not got what it asked for: it was not rendered, or changed since."),
    # integrations
    "argocd-parameter": (ERROR, "An Argo CD Application sets an unknown parameter, or one in a wrong form."),
    "empty-output": (ERROR, "The post-renderer that --then names wrote nothing, which would delete a release."),
    "not-patchable": (ERROR, "A run needs a change that Flux's patches can't make."),
    "unsafe-path": (
        ERROR,
        "A path or a name that a repository gives leads out of it, or could be taken for an option.",
    ),
    # migrate
    "not-migrated": (WARNING, "Something of Polyaxon 0.x without a counterpart: its lines stay, as comments."),
    "changed-meaning": (
        WARNING,
        "Something of Polyaxon 0.x that is written otherwise here, or that means something else.",
    ),
    "not-migratable": (ERROR, "Something of Polyaxon 0.x that has to be decided by hand first."),
}


class Problem:
    """One problem or warning. ``offset`` counts characters of the document's text; None: the document as a whole.

    ``stream``: the file that held the stream, where it was not standard input.
    """

    __slots__ = ("about", "code", "file", "hint", "line", "message", "offset", "severity", "stream", "subject")

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


class Problems:
    """Collects what is found. ``subject`` (``Kind/name``) is what later additions are about.

    ``in_catalog``: the problems of each catalog entry that a run uses, one list an entry and use; unlike those in
    ``found``, they have a file and a line.
    """

    __slots__ = ("_counted", "_errors", "found", "in_catalog", "subject")

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self.in_catalog: list[list[Problem]] = []
        self.subject = ""
        self._counted = self._errors = 0  # the problems that were looked at, and the errors among them

    def add(self, code: str, message: str, hint: str = "", *, offset: int | None = None, about: str = "") -> None:
        self.found.append(Problem(code, message, hint, offset=offset, about=about, subject=self.subject))

    def has_errors(self) -> bool:
        return bool(self.in_catalog) or any(problem.severity == ERROR for problem in self.found)

    def count_errors(self) -> int:
        """A number that grows with each error; each of thousands of runs in a List asks for it.

        Severities are read once: what ``--strict`` makes of them later does not count.
        """
        if self._counted < len(self.found):
            self._errors += sum(problem.severity == ERROR for problem in self.found[self._counted :])
            self._counted = len(self.found)
        return len(self.in_catalog) + self._errors

    def keep(self, is_wanted: Callable[[Problem], bool]) -> None:
        """Take all others out of ``found``."""
        self.found = list(filter(is_wanted, self.found))
        self._counted = self._errors = 0


class YamlError(Exception):
    """A place in a document that can't be read or changed safely; becomes a problem with ``code``."""

    def __init__(self, code: str, offset: int | None, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.offset = offset
        self.message = message
        self.hint = hint

    def report(self, problems: Problems, about: str = "") -> None:
        problems.add(self.code, self.message, self.hint, offset=self.offset, about=about)


def flatten(found: Iterable[list[Problem]]) -> list[Problem]:
    """The problems of catalog entries, of each entry once."""
    return [problem for problems in {id(problems): problems for problems in found}.values() for problem in problems]


class _ManyNames:
    """The names of one large catalog, sorted once. ``left``: how many more of them may be compared with words."""

    __slots__ = ("known", "left", "listed", "names")

    def __init__(self, known: Collection[str]) -> None:
        self.known = known
        self.names = sorted(known)
        self.listed = list_names(self.names)
        self.left = COMPARISONS


_many: dict[int, _ManyNames] = {}  # by the identity of what holds the names


def suggest(word: str, known: Collection[str]) -> str:
    """A hint that names the nearest known word and lists all of them (12 at most).

    With many known words, only the first unknown ones are compared with all of them. ``known`` must not change.
    """
    from difflib import get_close_matches  # costs half an interpreter's start: only errors pay for it

    if len(known) <= MANY_NAMES:
        names = sorted(known)
        listed = list_names(names)
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


def list_names(names: list[str]) -> str:
    """The first names, and the number of the others."""
    more = f" and {len(names) - LISTED_NAMES} more" if len(names) > LISTED_NAMES else ""
    return ", ".join(names[:LISTED_NAMES]) + more


def quoted(word: str, limit: int = 80) -> str:
    """A word from the input as it may reach a terminal: quoted, control characters escaped, cut to ``limit``."""
    return f'"{escape_control(word if len(word) <= limit else word[:limit] + "…")}"'


def escape_control(text: str) -> str:
    """Text from the input without characters that would steer a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


def promote_warnings(problems: Iterable[Problem]) -> None:
    """What ``--strict`` does to warnings."""
    for problem in problems:
        problem.severity = ERROR
