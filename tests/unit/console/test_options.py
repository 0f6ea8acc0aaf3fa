"""The command line's words: every verb, every option, and what is said about other words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from post_renderer import __version__
from post_renderer.console import UsageError
from post_renderer.console.options import read_options
from tests.support.cli import make_catalog, make_job, run
from tests.support.messages import heads

if TYPE_CHECKING:
    from pathlib import Path

# Written from what the tool promises, not from its own table.
WORDS = {
    "render": ["--persistence", "--strict", "--then"],
    "check": ["--persistence", "--strict", "--output", "--against", "--max-starts", "--allow-empty"],
    "explain": ["--persistence", "--strict", "--output"],
    "verify": ["--persistence", "--strict", "--output"],
    "inventory": ["--persistence", "--namespace", "--claim", "--stale", "--strict", "--output"],
    "migrate": ["--in-place", "--name", "--strict", "--output"],
    "argocd generate": ["--persistence", "--strict"],
    "argocd discover": [],
    "argocd parameters": [],
    "flux-patches": ["--persistence", "--strict"],
    "krm": ["--persistence", "--strict"],
    "kinds": ["--persistence", "--output"],
    "why": ["--output"],
    "last-report": ["--list"],
    "plugin-dir": [],
}
VALUES = {
    "--persistence": "f.yaml",
    "--output": "json",
    "--against": "a.yaml",
    "--max-starts": "3",
    "--name": "train",
    "--namespace": "vision",
    "--claim": "results",
    "--then": "cat",
}
FIELDS = {
    "--persistence": ("persistence", ["f.yaml"]),
    "--strict": ("strict", True),
    "--output": ("output", "json"),
    "--against": ("against", ["a.yaml"]),
    "--max-starts": ("max_starts", 3),
    "--then": ("then", "cat"),
    "--in-place": ("in_place", True),
    "--allow-empty": ("allow_empty", True),
    "--list": ("list_reports", True),
    "--name": ("name", "train"),
    "--namespace": ("namespaces", {"-": "vision"}),
    "--claim": ("claim", "results"),
    "--stale": ("stale", True),
}
PAIRS = [(verb, option) for verb, options in WORDS.items() for option in options]


def words_of(option: str) -> list[str]:
    more = ["--against", "a.yaml"] if option == "--max-starts" else []
    return [option, *([VALUES[option]] if option in VALUES else []), *more]


def files_of(verb: str) -> list[str]:
    return ["values.yaml"] if verb == "migrate" else []


@pytest.mark.parametrize(("verb", "option"), PAIRS)
def test_an_option_of_a_verb(verb: str, option: str) -> None:
    field, value = FIELDS[option]
    options = read_options([verb, *words_of(option), *files_of(verb)])
    assert options.command == verb
    assert getattr(options, field) == value
    if option in VALUES:
        joined = read_options([verb, f"{option}={VALUES[option]}", *words_of(option)[2:], *files_of(verb)])
        assert getattr(joined, field) == value


@pytest.mark.parametrize(
    ("verb", "option"), [(verb, option) for verb in WORDS for option in FIELDS if option not in WORDS[verb]]
)
def test_an_option_of_another_verb_is_refused(verb: str, option: str) -> None:
    with pytest.raises(UsageError, match=f'unknown option "{option}" of {verb}'):
        read_options([verb, *words_of(option)])


def test_a_verb_of_two_words() -> None:
    for verb in ("generate", "discover", "parameters"):
        assert read_options(["argocd", verb]).command == f"argocd {verb}"
        assert run("help", "argocd", verb).output.startswith(f"usage: polyaxon-persistence argocd {verb}".encode())


def test_all_words_behind_helm_are_helms() -> None:
    words = ["-n", "x", "template", "--help", "--version", "--strict"]
    options = read_options(["helm", *words])
    assert (options.command, options.helm_arguments, options.help, options.version) == ("helm", words, False, False)
    assert run("help", "helm").output.startswith(b"usage: polyaxon-persistence helm ARGUMENTS ...\n")


def test_render_is_the_default() -> None:
    for words in ([], ["--strict"]):
        assert read_options(words).command == "render"
    assert read_options(["--persistence", "f.yaml"]).persistence == ["f.yaml"]


def test_some_options_may_be_repeated_and_keep_their_order() -> None:
    assert read_options(["--persistence", "b", "--persistence=a"]).persistence == ["b", "a"]
    assert read_options(["check", "--against", "b", "--against", "a"]).against == ["b", "a"]


def test_a_value_may_hold_an_equals_sign_and_a_dash() -> None:
    assert read_options(["--persistence=a=b.yaml"]).persistence == ["a=b.yaml"]
    assert read_options(["--persistence", "-"]).persistence == ["-"]


USAGE = [
    (["versoin"], 'unknown command "versoin"', 'did you mean "version"?'),
    (["hepl"], 'unknown command "hepl"', 'did you mean "help"?'),
    (["rendr"], 'unknown command "rendr"', 'did you mean "render"?'),
    (
        ["x"],
        'unknown command "x"',
        "Known: argocd discover, argocd generate, argocd parameters, check, explain, flux-patches, helm, help, inventory, kinds, krm, last-report, migrate, plugin-dir, render, verify, version, why\n",
    ),
    (["argocd", "genrate"], 'unknown command "argocd genrate"', 'did you mean "argocd generate"?'),
    (["help", "explian"], 'unknown command "explian"', 'did you mean "explain"?'),
    (["--persistance", "x"], 'unknown option "--persistance" of render', 'did you mean "--persistence"?'),
    (["check", "--strickt"], 'unknown option "--strickt" of check', 'did you mean "--strict"?'),
    (["kinds", "file.yaml"], 'unknown option "file.yaml" of kinds', "Known: --help, --output"),
    (["-x"], 'unknown option "-x" of render', "Known: --help"),
    (["--persistence"], "--persistence needs a value", "--persistence FILE"),
    (["check", "--max-starts"], "--max-starts needs a value", "--max-starts N"),
    (["--strict=yes"], "--strict accepts no value", "write --strict"),
    (["--strict", "--strict"], "--strict is repeated", "write it once"),
    (["check", "--output", "text", "--output", "json"], "--output is repeated", "write it once"),
    (["check", "--output", "yaml"], 'unknown output format "yaml"', "write text or json"),
    (["check", "--against", "x", "--max-starts", "few"], '--max-starts "few" is not a number', "0 or more"),
    (["check", "--against", "x", "--max-starts=-1"], '--max-starts "-1" is not a number', "0 or more"),
    (["check", "--against", "x", "--max-starts", "9" * 5000], f'--max-starts "{"9" * 80}…" is not', "0 or more"),
    (["check", "--max-starts", "1"], "--max-starts needs --against", "--against FILE"),
]


@pytest.mark.parametrize(("words", "message", "hint"), USAGE)
def test_other_words_are_a_usage_error_with_a_remedy(words: list[str], message: str, hint: str) -> None:
    result = run(*words)
    assert (result.exit_code, result.output) == (2, b"")
    assert result.error.startswith(f"polyaxon-persistence: {message}")
    assert f"\n  hint: {hint}" in result.error or hint in result.error.splitlines()[1]


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"], ["help", "render"], ["render", "--help"]])
def test_the_help_names_every_verb(words: list[str]) -> None:
    result = run(*words)
    assert (result.exit_code, result.error) == (0, "")
    text = result.output.decode()
    for word in (
        *WORDS,
        *WORDS["render"],
        "exit codes: 0 success, 1 errors, 2 wrong command line, 3 a bug in polyaxon-persistence, 130 interrupted",
    ):
        assert word in text


@pytest.mark.parametrize("verb", list(WORDS)[1:])
def test_the_help_of_a_verb_names_its_options(verb: str) -> None:
    text = run(verb, "--help").output.decode()
    assert text == run("help", verb).output.decode()
    assert text.startswith(f"usage: polyaxon-persistence {verb}")
    for option in FIELDS:
        assert (f"\n  {option} " in text) is (option in WORDS[verb])


def test_the_version() -> None:
    for words in (["--version"], ["check", "--version"]):
        result = run(*words)
        assert (result.exit_code, result.output.decode(), result.error) == (0, f"{__version__}\n", "")


@pytest.mark.parametrize("verb", ["render", "check", "explain"])
def test_strict_makes_warnings_problems(verb: str) -> None:
    stream = make_catalog() + make_job("environment: {persistence: {outputs: outputs1}}\n")
    mild, strict = run(verb, stdin=stream), run(verb, "--strict", stdin=stream)
    assert (mild.exit_code, strict.exit_code) == (0, 1)
    assert heads(mild.error)[0].startswith("warning[read-only-outputs]")
    assert strict.error == mild.error.replace("warning[", "error[")
    if verb == "render":
        assert strict.output == b""
    if verb == "check":
        assert ": 0 errors, 1 warning\n" in mild.output.decode()
        assert ": 1 error, 0 warnings\n" in strict.output.decode()


def test_a_file_that_is_no_file(tmp_path: Path) -> None:
    for option, verb in (("--persistence", "render"), ("--against", "check")):
        result = run(verb, option, str(tmp_path), stdin=make_catalog() + make_job())
        assert (result.exit_code, result.output) == (2, b"")
        assert f"{option} {tmp_path}: Is a directory" in result.error
