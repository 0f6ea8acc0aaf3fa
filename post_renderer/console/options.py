"""Parses the command line by two tables, OPTIONS and COMMANDS. Importing argparse takes longer than a render."""

from __future__ import annotations

import os

from post_renderer.console import FILES_VARIABLE, UsageError
from post_renderer.k8s import is_dns_label, is_dns_subdomain, parse_uint
from post_renderer.problems import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

# Option: the name of its value (empty: a flag), whether it may be repeated, and what it does.
OPTIONS: dict[str, tuple[str, bool, str]] = {
    "--persistence": (
        "FILE",
        True,
        "override the catalog by FILE, after the files in POLYAXON_PERSISTENCE_FILES",
    ),
    "--strict": ("", False, "treat warnings as errors"),
    "--then": (
        "COMMAND",
        False,
        "send the rendered stream through a second post-renderer: a program and its arguments",
    ),
    "--output": (
        "FORMAT",
        False,
        "write text (default) or json; explain and inventory also write html, mermaid or markdown",
    ),
    "--against": (
        "FILE",
        True,
        "compare with FILE, the output of `helm get manifest` or `kubectl get jobs -o yaml`",
    ),
    "--max-starts": ("N", False, "report an error if more than N runs would start"),
    "--allow-empty": (
        "",
        False,
        "exit with 0 if an input has no Kubernetes object; a pre-commit hook gets all YAML files",
    ),
    "--namespace": (
        "NS",
        True,
        "the namespace of the objects without one in the next FILE, as in `helm get manifest`",
    ),
    "--claim": ("NAME", False, "list only the claims with this name"),
    "--stale": (
        "",
        False,
        "print only the commands that delete stale Jobs; all other lines are comments of the shell",
    ),
    "--in-place": ("", False, "save the changed files instead of printing the changes"),
    "--list": ("", False, "list the saved reports, the newest first"),
    "--check": ("", False, "exit with 1 if a file would change; no file is written"),
    "--as-one": (
        "NAME",
        False,
        "merge the polyaxonfiles, as Polyaxon did for -f a.yml -f b.yml, and print them as the run NAME",
    ),
    "--name": (
        "NAME",
        False,
        "set the run's name for a polyaxonfile (default: the key name in the file, the name of the file, or the kind)",
    ),
}
# The values of --output by command; the first one is the default.
FORMATS = {
    **dict.fromkeys(("check", "verify", "migrate", "kinds", "why"), ("text", "json")),
    **dict.fromkeys(("explain", "inventory"), ("text", "json", "html", "mermaid", "markdown")),
}
# Commands that accept files. All of these, and `render`, also accept a program after `--`, except `migrate`.
FILE_COMMANDS = ("check", "explain", "verify", "inventory", "migrate")
PROGRAM_COMMANDS = ("render", "check", "explain", "verify", "inventory")
# Command: its options, and what it does.
COMMANDS: dict[str, tuple[tuple[str, ...], str]] = {
    "render": (
        ("--persistence", "--strict", "--then"),
        "read a rendered stream from standard input, and write it with volumes and variables (the default)",
    ),
    "check": (
        ("--persistence", "--strict", "--output", "--against", "--max-starts", "--allow-empty"),
        "report every error and warning of a stream, and the runs that an upgrade to it would start or stop",
    ),
    "explain": (
        ("--persistence", "--strict", "--output"),
        "print for each run its volumes, their mount paths, and the reason for each volume",
    ),
    "verify": (
        ("--persistence", "--strict", "--output"),
        "check that each run in `helm get manifest` or `kubectl get -o yaml` has its volumes",
    ),
    "inventory": (
        ("--persistence", "--namespace", "--claim", "--stale", "--strict", "--output"),
        "list who uses each claim, node path and bucket, and the kept Jobs that no release has any more",
    ),
    "migrate": (
        ("--in-place", "--check", "--as-one", "--name", "--strict", "--output"),
        "translate values and polyaxonfiles of Polyaxon 0.x to values of this chart; comments stay",
    ),
    "argocd generate": (
        ("--persistence", "--strict"),
        "Argo CD's plugin: render the chart in the current directory with Helm, and add volumes and variables",
    ),
    "argocd discover": (
        (),
        "Argo CD's plugin: print a line if the chart in the current directory uses polyaxon-persistence",
    ),
    "argocd parameters": ((), "Argo CD's plugin: print the parameters for the Application's page"),
    "helm": ((), "run the real Helm with the given arguments, and add volumes to the output of `helm template`"),
    "flux-patches": (
        ("--persistence", "--strict"),
        "print what the post-renderer changes, as patches for a Flux HelmRelease",
    ),
    "krm": (("--persistence", "--strict"), "work as a function for kustomize and kpt: read and write a ResourceList"),
    "kinds": (("--persistence", "--output"), "list the known kinds of objects, and the paths to their pod specs"),
    "why": (("--output",), "explain an error code, with a wrong example and a right example"),
    "last-report": (
        ("--list",),
        "print the report of one of the last 20 renders with errors or warnings; Helm may not show it",
    ),
    "plugin-dir": ((), "print the directory to give to `helm plugin install` (Helm 4)"),
}


class Options:
    """The parsed command line, with all defaults."""

    __slots__ = (
        "against",
        "allow_empty",
        "as_one",
        "check",
        "claim",
        "code",
        "command",
        "files",
        "helm_arguments",
        "help",
        "in_place",
        "list_reports",
        "max_starts",
        "name",
        "namespaces",
        "next_namespace",
        "number",
        "output",
        "persistence",
        "program",
        "stale",
        "strict",
        "then",
        "version",
    )

    def __init__(self) -> None:
        self.command = "render"
        self.persistence: list[str] = []
        self.strict = False
        self.output = "text"
        self.against: list[str] = []
        self.max_starts: int | None = None
        self.allow_empty = False
        self.files: list[str] = []
        self.namespaces: dict[str, str] = {}  # FILE -> the namespace of its objects; "-" is standard input or a program
        self.next_namespace = ""
        self.claim = ""
        self.stale = False
        self.code: str | None = None
        self.number: int | None = None
        self.list_reports = False
        self.in_place = False
        self.check = False
        self.name = ""
        self.as_one = ""
        self.help = False
        self.version = False
        self.helm_arguments: list[str] = []
        self.program: list[str] = []
        self.then: str | None = None


def read_options(arguments: list[str]) -> Options:
    """Parse the arguments. Raises UsageError, with a suggestion if an argument is misspelt."""
    options = Options()
    rest = list(arguments)
    if rest and not rest[0].startswith("-"):
        _read_command(options, rest)
        if options.command == "helm" and not options.help:
            options.helm_arguments = rest
            options.persistence = find_site_files()
            return options
    seen: set[str] = set()
    while rest:
        if rest[0] == "--" and options.command in PROGRAM_COMMANDS:
            _read_program(options, rest[1:])
            break
        if options.command in (*FILE_COMMANDS, "why", "last-report") and (
            rest[0] == "-" or not rest[0].startswith("-")
        ):
            _add_word(options, rest.pop(0))
        else:
            _read_option(options, rest, seen)
    options.persistence = find_site_files() + options.persistence
    if options.max_starts is not None and not options.against:
        raise UsageError("--max-starts needs --against", "add --against FILE, with the output of `helm get manifest`")
    _give_namespace(options)
    if options.claim and options.stale:
        raise UsageError("inventory can't have --claim and --stale", "write only one of the two")
    if options.list_reports and options.number is not None:
        raise UsageError("last-report can't have a number and --list", "write only one of the two")
    if options.command in FILE_COMMANDS and not (options.help or options.version):
        _check_files(options)
    return options


def _give_namespace(options: Options) -> None:
    """Give the last --namespace to standard input or to the program. Raises UsageError if a FILE must follow."""
    if options.next_namespace and options.files:
        raise UsageError("--namespace has no FILE after it", "write --namespace NS before the FILE that it is for")
    if options.next_namespace:
        options.namespaces["-"] = options.next_namespace


def find_site_files() -> list[str]:
    """Return the catalog files that the environment names. They come before those of the command line.

    A program that starts polyaxon-persistence, such as a plugin of Helm, can't always give it arguments.
    """
    return [path for path in os.environ.get(FILES_VARIABLE, "").split(os.pathsep) if path]


def _read_program(options: Options, words: list[str]) -> None:
    if not words:
        raise UsageError("-- needs a program", f"write {options.command} -- helm template demo ./chart")
    if options.files:
        raise UsageError("the command can't have a FILE and a program after --", "write only one of the two")
    options.program = words


def _read_command(options: Options, rest: list[str]) -> None:
    """Remove the command, which is one or two arguments, from the beginning of ``rest``."""
    options.command = rest.pop(0)
    if options.command == "help":
        options.command, options.help = (rest.pop(0) if rest else "render"), True
    if options.command == "version":
        options.command, options.version = "render", True
    if options.command == "argocd":
        if not rest or rest[0] in ("--help", "-h"):
            options.help = True  # the help of all its commands
            rest.clear()
            return
        options.command += f" {rest.pop(0)}"
    if options.command not in COMMANDS:
        raise _unknown("command", options.command, (*COMMANDS, "version", "help"))


def _read_option(options: Options, rest: list[str], seen: set[str]) -> None:
    """Remove an option and its value from the beginning of ``rest``."""
    word, equals, value = rest.pop(0).partition("=")
    if word in ("--help", "-h"):
        options.help = True
        return
    if word == "--version":
        options.version = True
        return
    allowed = COMMANDS[options.command][0]
    if word not in allowed:
        raise _unknown("option", word, (*allowed, "--help", "--version"), options.command)
    takes, repeatable, _ = OPTIONS[word]
    if takes and not equals:
        if not rest:
            raise UsageError(f"{word} needs a value", f"write {word} {takes}")
        value = rest.pop(0)
    elif not takes and equals:
        raise UsageError(f"{word} accepts no value", f"write {word}")
    if word in seen and not repeatable:
        raise UsageError(f"{word} is repeated", "write it once")
    seen.add(word)
    _set(options, word, value)


def _add_word(options: Options, word: str) -> None:
    """Add an argument that is not an option: a file, the code for ``why``, or the number for ``last-report``."""
    if options.command == "last-report":
        _add_number(options, word)
        return
    if options.command == "why":
        if options.code is not None:
            raise UsageError("why explains one CODE", "write one CODE, or none to list all codes")
        options.code = word
        return
    if word in options.files:
        raise UsageError(f"{word} is repeated", "write it once")
    options.files.append(word)
    if options.next_namespace:
        options.namespaces[word], options.next_namespace = options.next_namespace, ""


def _add_number(options: Options, word: str) -> None:
    number = parse_uint(word)
    if not number:
        raise UsageError(f"last-report {quoted(word)} is not the number of a report", "write 1 for the newest report")
    if options.number is not None:
        raise UsageError("last-report prints one report", "write one number, or --list")
    options.number = number


def _check_files(options: Options) -> None:
    if options.command != "migrate":
        if options.against and len(options.files) > 1:
            raise UsageError("--against compares one rendering", "check one FILE or directory at a time")
        return
    if not options.files:
        raise UsageError(f"{options.command} needs a FILE", f"write {options.command} FILE, or - for standard input")
    if options.in_place and "-" in options.files:
        raise UsageError("--in-place needs files", "leave out --in-place: the new file is printed")
    if options.name and len(options.files) > 1:
        raise UsageError("--name names one run", "migrate one polyaxonfile at a time")


def _set(options: Options, word: str, value: str) -> None:
    if word == "--strict":
        options.strict = True
    elif word == "--output":
        formats = FORMATS[options.command]
        if value not in formats:
            raise UsageError(
                f"unknown output format {quoted(value)}", f"write {', '.join(formats[:-1])} or {formats[-1]}"
            )
        options.output = value
    elif word == "--max-starts":
        options.max_starts = parse_uint(value)
        if options.max_starts is None:
            raise UsageError(f"--max-starts {quoted(value)} is not a number", "write --max-starts 0 or more")
    elif word == "--then":
        options.then = value
    elif word == "--allow-empty":
        options.allow_empty = True
    elif word == "--in-place":
        options.in_place = True
    elif word == "--list":
        options.list_reports = True
    elif word == "--check":
        options.check = True
    elif word == "--stale":
        options.stale = True
    elif word == "--namespace":
        _set_namespace(options, value)
    elif word == "--claim":
        if not is_dns_subdomain(value):
            raise UsageError(
                f"--claim {quoted(value)} is not the name of a claim", "write the name without a namespace"
            )
        options.claim = value
    elif word in ("--name", "--as-one"):
        if not is_dns_label(value):
            raise UsageError(
                f"{word} {quoted(value)} can't be a run's name", "write lower-case letters, digits and dashes"
            )
        setattr(options, "name" if word == "--name" else "as_one", value)
    elif word == "--against":
        options.against.append(value)
    else:
        options.persistence.append(value)


def _set_namespace(options: Options, value: str) -> None:
    if not is_dns_label(value):
        raise UsageError(f"--namespace {quoted(value)} is not the name of a namespace", "write the name of a namespace")
    if options.next_namespace:
        raise UsageError("--namespace is repeated before one FILE", "write it once before each FILE")
    options.next_namespace = value


def _unknown(what: str, word: str, known: Collection[str], command: str = "") -> UsageError:
    from post_renderer.problems import suggest

    where = f" of {command}" if command else ""
    return UsageError(f"unknown {what} {quoted(word)}{where}", suggest(word, known, len(known)))
