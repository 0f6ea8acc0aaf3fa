"""Has the tables of the command line, and its result. A usual render reads its options here: argparse takes longer."""

from __future__ import annotations

import os

from post_renderer.console import FILES_VARIABLE

# Option: the name of its value (empty: a flag), whether it may be repeated, and what it does.
OPTIONS: dict[str, tuple[str, bool, str]] = {
    "--persistence": (
        "FILE",
        True,
        "override the catalog by FILE, after the files in POLYAXON_PERSISTENCE_FILES",
    ),
    "--strict": ("", False, "treat warnings as errors"),
    "--quiet": ("", False, "print errors, and no warnings, notes or summaries"),
    "--color": ("WHEN", False, "color messages: auto (default: on a terminal), always or never"),
    "--help": ("", False, "print this help"),
    "--version": ("", False, "print the version"),
    "--then": (
        "COMMAND",
        False,
        "send the rendered stream through a second post-renderer: a program and its arguments",
    ),
    "--output": ("FORMAT", False, ""),  # the help lists the formats of the command
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
SHORT_OPTIONS = {"--persistence": "-f", "--output": "-o", "--quiet": "-q", "--help": "-h"}
COLOR_MODES = ("auto", "always", "never")
# The values of --output by command; the first one is the default.
FORMATS = {
    **dict.fromkeys(("verify", "migrate", "kinds", "why", "doctor"), ("text", "json")),
    **dict.fromkeys(("explain", "inventory"), ("text", "json", "html", "mermaid", "markdown")),
    "check": ("text", "json", "github", "sarif", "junit"),
}
SCHEMAS = ("values", "catalog", "polyaxonfile", "annotations")  # what the command `schema` prints
# Commands that accept files. All of these, and `render`, also accept a program after `--`, except `migrate`.
FILE_COMMANDS = ("check", "explain", "verify", "inventory", "migrate", "init")
PROGRAM_COMMANDS = ("render", "check", "explain", "verify", "inventory", "init")
SHELLS = ("bash", "zsh", "fish")  # what the command `completion` prints a script for
# Commands that accept one argument which is neither an option nor a file: its name, and the words that it can be. If
# these are given, the argument is needed.
WORD_COMMANDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "why": ("CODE", ()),
    "schema": ("NAME", SCHEMAS),
    "completion": ("SHELL", SHELLS),
    "last-report": ("N", ()),
}
# Command: its options, and what it does.
COMMANDS: dict[str, tuple[tuple[str, ...], str]] = {
    "render": (
        ("--persistence", "--strict", "--quiet", "--then"),
        "read a rendered stream from standard input, and write it with volumes and variables (the default)",
    ),
    "check": (
        ("--persistence", "--strict", "--quiet", "--output", "--against", "--max-starts", "--allow-empty"),
        "report every error and warning of a stream, and the runs that an upgrade to it would start or stop",
    ),
    "explain": (
        ("--persistence", "--strict", "--output"),
        "print for each run its volumes, their mount paths, and the reason for each volume",
    ),
    "verify": (
        ("--persistence", "--strict", "--quiet", "--output"),
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
    "init": ((), "print a commented catalog and a first run, from `kubectl get pvc -o yaml` or from nothing"),
    "argocd generate": (
        ("--persistence", "--strict", "--quiet"),
        "Argo CD's plugin: render the chart in the current directory with Helm, and add volumes and variables",
    ),
    "argocd discover": (
        (),
        "Argo CD's plugin: print a line if the chart in the current directory uses polyaxon-persistence",
    ),
    "argocd parameters": ((), "Argo CD's plugin: print the parameters for the Application's page"),
    "helm": ((), "run the real Helm with the given arguments, and add volumes to the output of `helm template`"),
    "flux-patches": (
        ("--persistence", "--strict", "--quiet"),
        "print what the post-renderer changes, as patches for a Flux HelmRelease",
    ),
    "krm": (
        ("--persistence", "--strict"),
        "work as a function for kustomize and kpt: read and write a ResourceList",
    ),
    "kinds": (("--persistence", "--output"), "list the known kinds of objects, and the paths to their pod specs"),
    "why": (("--output",), "explain an error code, with a wrong example and a right example"),
    "schema": (
        ("--persistence",),
        "print a JSON schema for editors, with the names of the volumes in --persistence files as choices",
    ),
    "last-report": (
        ("--list",),
        "print the report of one of the last 20 renders with errors or warnings; Helm may not show it",
    ),
    "doctor": (
        ("--persistence", "--output"),
        "check what is installed: Helm, the plugin, the chart in this directory and others; print remedies",
    ),
    "plugin-dir": ((), "print the directory to give to `helm plugin install` (Helm 4)"),
    "completion": ((), "print the completion script of a shell: bash, zsh or fish"),
}


class Options:
    """The parsed command line, with all defaults."""

    __slots__ = (
        "against",
        "allow_empty",
        "as_one",
        "check",
        "claim",
        "color",
        "command",
        "files",
        "helm_arguments",
        "help",
        "in_place",
        "list",
        "max_starts",
        "name",
        "namespaces",
        "number",
        "output",
        "persistence",
        "program",
        "quiet",
        "stale",
        "strict",
        "then",
        "version",
        "width",
        "word",
    )

    def __init__(self) -> None:
        self.command = "render"
        self.persistence: list[str] = []
        self.strict = False
        self.quiet = False
        self.color = "auto"
        self.output = "text"
        self.against: list[str] = []
        self.max_starts: int | None = None
        self.allow_empty = False
        self.files: list[str] = []
        self.namespaces: dict[str, str] = {}  # FILE -> the namespace of its objects; "-" is standard input or a program
        self.claim = ""
        self.stale = False
        self.number: int | None = None
        self.list = False
        self.in_place = False
        self.check = False
        self.name = ""
        self.as_one = ""
        self.help = False
        self.version = False
        self.word: str | None = None
        self.width = 0  # columns of the terminal that gets the output; 0: it is no terminal
        self.helm_arguments: list[str] = []
        self.program: list[str] = []
        self.then: str | None = None


def find_site_files() -> list[str]:
    """Return the catalog files that the environment names. They come before those of the command line.

    A program that starts polyaxon-persistence, such as a plugin of Helm, can't always give it arguments.
    """
    return [path for path in os.environ.get(FILES_VARIABLE, "").split(os.pathsep) if path]


def read_render(arguments: list[str]) -> Options | None:
    """Return the options of a usual render. For other arguments, return None: they need the whole parser."""
    options = Options()
    options.persistence = find_site_files()
    words = iter(arguments[1:] if arguments[:1] == ["render"] else arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if word == "--":
            options.program = list(words)
            return options if options.program else None
        if word == "--strict" and not options.strict:
            options.strict = True
            continue
        if name == "--persistence" or word == "-f" or (name == "--then" and options.then is None):
            value = value if equals else next(words, "")
            if value and (equals or value == "-" or not value.startswith("-")):
                if name == "--then":
                    options.then = value
                else:
                    options.persistence.append(value)
                continue
        return None
    return options
