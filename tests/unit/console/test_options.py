"""The command line's words: every verb, every option, and what is said about other words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from post_renderer import __version__
from post_renderer.console import UsageError
from post_renderer.console.options import Options, read_render
from post_renderer.console.parser import parse
from tests.support.cli import make_catalog, make_job, run
from tests.support.messages import heads

if TYPE_CHECKING:
    from pathlib import Path

# Written from what the tool promises, not from its own table.
WORDS = {
    "render": ["--persistence", "--strict", "--quiet", "--then"],
    "check": ["--persistence", "--strict", "--quiet", "--output", "--against", "--max-starts", "--allow-empty"],
    "explain": ["--persistence", "--strict", "--output"],
    "verify": ["--persistence", "--strict", "--quiet", "--output"],
    "inventory": ["--persistence", "--namespace", "--claim", "--stale", "--strict", "--output"],
    "migrate": ["--in-place", "--name", "--strict", "--output"],
    "argocd generate": ["--persistence", "--strict", "--quiet"],
    "argocd discover": [],
    "argocd parameters": [],
    "flux-patches": ["--persistence", "--strict", "--quiet"],
    "krm": ["--persistence", "--strict"],
    "kinds": ["--persistence", "--output"],
    "why": ["--output"],
    "schema": ["--persistence"],
    "doctor": ["--persistence", "--output"],
    "init": ["--persistence"],
    "last-report": ["--list"],
    "plugin-dir": [],
    "completion": [],
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
    "--quiet": ("quiet", True),
    "--output": ("output", "json"),
    "--against": ("against", ["a.yaml"]),
    "--max-starts": ("max_starts", 3),
    "--then": ("then", "cat"),
    "--in-place": ("in_place", True),
    "--allow-empty": ("allow_empty", True),
    "--list": ("list", True),
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
    return {"migrate": ["values.yaml"], "schema": ["values"]}.get(verb, [])


@pytest.mark.parametrize(("verb", "option"), PAIRS)
def test_an_option_of_a_verb(verb: str, option: str) -> None:
    field, value = FIELDS[option]
    options = parse([verb, *words_of(option), *files_of(verb)])
    assert options.command == verb
    assert getattr(options, field) == value
    if option in VALUES:
        joined = parse([verb, f"{option}={VALUES[option]}", *words_of(option)[2:], *files_of(verb)])
        assert getattr(joined, field) == value


@pytest.mark.parametrize(
    ("verb", "option"), [(verb, option) for verb in WORDS for option in FIELDS if option not in WORDS[verb]]
)
def test_an_option_of_another_verb_is_refused(verb: str, option: str) -> None:
    with pytest.raises(UsageError, match=f'unknown option "{option}" of {verb}'):
        parse([verb, *words_of(option)])


def test_a_verb_of_two_words() -> None:
    for verb in ("generate", "discover", "parameters"):
        assert parse(["argocd", verb]).command == f"argocd {verb}"
        assert run("help", "argocd", verb).output.startswith(f"usage: polyaxon-persistence argocd {verb}".encode())


def test_all_words_behind_helm_are_helms() -> None:
    words = ["-n", "x", "template", "--help", "--version", "--strict"]
    options = parse(["helm", *words])
    assert (options.command, options.helm_arguments, options.help, options.version) == ("helm", words, False, False)
    assert run("help", "helm").output.startswith(b"usage: polyaxon-persistence helm ARGUMENTS ...\n")


def test_render_is_the_default() -> None:
    for words in ([], ["--strict"]):
        assert parse(words).command == "render"
    assert parse(["--persistence", "f.yaml"]).persistence == ["f.yaml"]


def test_some_options_may_be_repeated_and_keep_their_order() -> None:
    assert parse(["--persistence", "b", "--persistence=a"]).persistence == ["b", "a"]
    assert parse(["check", "--against", "b", "--against", "a"]).against == ["b", "a"]


def test_a_value_may_hold_an_equals_sign_and_a_dash() -> None:
    assert parse(["--persistence=a=b.yaml"]).persistence == ["a=b.yaml"]
    assert parse(["--persistence", "-"]).persistence == ["-"]


USAGE = [
    (["versoin"], 'unknown command "versoin"', 'did you mean "version"?'),
    (["hepl"], 'unknown command "hepl"', 'did you mean "help"?'),
    (["rendr"], 'unknown command "rendr"', 'did you mean "render"?'),
    (
        ["x"],
        'unknown command "x"',
        "Known: argocd discover, argocd generate, argocd parameters, check, completion, doctor, explain, flux-patches, helm, help, init, inventory, kinds, krm, last-report, migrate, plugin-dir, render, schema, verify, version, why\n",
    ),
    (["argocd", "genrate"], 'unknown command "argocd genrate"', 'did you mean "argocd generate"?'),
    (["help", "explian"], 'unknown command "explian"', 'did you mean "explain"?'),
    (["help", "check", "extra"], 'help does not accept "extra"', "write help COMMAND"),
    (["help", "argocd", "generate", "extra"], 'help does not accept "extra"', "write help COMMAND"),
    (["version", "extra"], 'version does not accept "extra"', "write version"),
    (["check", "a.yaml", "./a.yaml"], "a.yaml and ./a.yaml are the same file", "write it once"),
    (["inventory", "a", "--namespace", "b", "c/../a"], "a and c/../a are the same file", "write it once"),
    (["--persistance", "x"], 'unknown option "--persistance" of render', 'did you mean "--persistence"?'),
    (["check", "--strickt"], 'unknown option "--strickt" of check', 'did you mean "--strict"?'),
    (["kinds", "file.yaml"], 'unknown option "file.yaml" of kinds', "Known: --color, --help, --output"),
    (["-x"], 'unknown option "-x" of render', "Known: --color, --help"),
    (["--persistence"], "--persistence needs a value", "--persistence FILE"),
    (["check", "--max-starts"], "--max-starts needs a value", "--max-starts N"),
    (["--strict=yes"], "--strict accepts no value", "write --strict"),
    (["--strict", "--strict"], "--strict is repeated", "write it once"),
    (["check", "--output", "text", "--output", "json"], "--output is repeated", "write it once"),
    (["check", "--output", "yaml"], 'unknown output format "yaml"', "write text, json, github, sarif or junit"),
    (["explain", "--output", "sarif"], 'unknown output format "sarif"', "write text, json, html, mermaid or markdown"),
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


@pytest.mark.parametrize(
    "words",
    [["--help"], ["-h"], ["help"], ["help", "render"], ["render", "--help"], ["help", "help"], ["help", "version"]],
)
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
        assert (f"\n  {option} " in text.replace(",", " ")) is (option in WORDS[verb])


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


ASKS_READ_ONLY = make_catalog() + make_job("environment: {persistence: {outputs: outputs1}}\n")


@pytest.mark.parametrize("command", ["render", "check", "verify", "flux-patches", "argocd generate"])
def test_quiet_is_an_option_of_the_commands_that_print_warnings(command: str) -> None:
    assert parse([*command.split(), "-q"]).quiet
    assert not parse([*command.split()]).quiet


def test_quiet_keeps_what_a_failed_program_said() -> None:
    result = run("render", "--quiet", "--then", "sh -c 'echo gone >&2'", stdin=ASKS_READ_ONLY)
    assert (result.exit_code, result.output) == (1, b"")
    assert "gone\n" in result.error
    assert [head.partition("]")[0] for head in heads(result.error)] == ["error[empty-output"]


def test_quiet_prints_no_warning_and_changes_nothing_else() -> None:
    mild, quiet = run("render", stdin=ASKS_READ_ONLY), run("render", "--quiet", stdin=ASKS_READ_ONLY)
    assert (quiet.exit_code, quiet.output, quiet.error) == (0, mild.output, "")
    assert "warning[read-only-outputs]" in mild.error
    assert run("check", "-q", stdin=ASKS_READ_ONLY) == (0, b"", "")
    patches = run("flux-patches", stdin=ASKS_READ_ONLY)
    assert run("flux-patches", "-q", stdin=ASKS_READ_ONLY) == (0, patches.output, "")
    assert patches.output
    strict = run("check", "-q", "--strict", stdin=ASKS_READ_ONLY)
    assert (strict.exit_code, strict.output) == (1, b"")
    assert heads(strict.error)[0].startswith("error[read-only-outputs]")
    json_result = run("check", "-q", "-o", "json", stdin=ASKS_READ_ONLY)
    assert json_result == run("check", "--output", "json", stdin=ASKS_READ_ONLY)


WHENS = [
    ([], {}, False),
    (["--color", "always"], {}, True),
    (["--color=always"], {"NO_COLOR": "1"}, True),
    (["--color", "never"], {"FORCE_COLOR": "1"}, False),
    ([], {"FORCE_COLOR": "1"}, True),
    ([], {"FORCE_COLOR": ""}, False),
    ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    (["--color", "auto"], {"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
]


@pytest.mark.parametrize(("words", "variables", "colored"), WHENS)
def test_colors_in_a_pipe(
    words: list[str], variables: dict[str, str], colored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    result = run("check", *words, stdin=ASKS_READ_ONLY)
    assert ("\x1b[33mwarning[read-only-outputs]\x1b[0m" in result.error) is colored
    assert ("\x1b" in result.error) is colored
    assert b"\x1b" not in result.output


@pytest.mark.parametrize(("words", "variables", "colored"), WHENS)
def test_colors_of_what_a_failed_program_said(
    words: list[str], variables: dict[str, str], colored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    failing = "sh -c 'echo \"error[x] Job/a: b\" >&2; exit 3'"
    result = run("render", *words, "--then", failing, stdin=ASKS_READ_ONLY)
    assert result.exit_code == 3
    assert ("\x1b[31merror[x]\x1b[0m Job/a: b" in result.error) is colored


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["render"],
        ["--strict"],
        ["--persistence", "a", "--persistence=b"],
        ["-f", "a", "--strict", "-f", "-"],
        ["--then", "cat -u"],
        ["--then=cat", "--persistence", "a=b"],
        ["--strict", "--", "helm", "template", "--strict", "-f", "x"],
        ["render", "--persistence", "x", "--", "a", "--", "b"],
    ],
)
def test_a_usual_render_is_parsed_alike_with_and_without_argparse(words: list[str]) -> None:
    fast, whole = read_render(words), parse(words)
    assert fast is not None
    assert {field: getattr(fast, field) for field in Options.__slots__} == {
        field: getattr(whole, field) for field in Options.__slots__
    }


@pytest.mark.parametrize(
    "words",
    [
        ["check"], ["--persistence"], ["--persistence="], ["-f", "--strict"], ["--strict", "--strict"], ["--"], ["-q"],
        ["--help"], ["--then", "a", "--then", "b"], ["-fx"], ["--strict=yes"], ["file.yaml"], ["version"],
    ],
)  # fmt: skip
def test_argparse_parses_all_other_arguments(words: list[str]) -> None:
    assert read_render(words) is None


def test_short_options_can_be_joined() -> None:
    options = parse(["check", "-qo", "json", "-fa", "-f", "b"])
    assert (options.quiet, options.output, options.persistence) == (True, "json", ["a", "b"])
