"""Commands of polyaxonfiles that a backslash continues: a program gets the same arguments in every scalar style."""

from __future__ import annotations

import json
import random
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.examples import env_of, objects, pod_spec
from tests.support.migrate import migrate
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# Each style writes the lines of a command: the first line, and deeper lines below it.
STYLES = {
    "plain": "run:\n  cmd: {}\n",
    "folded": "run:\n  cmd: >\n    {}\n",
    "folded and stripped": "run:\n  cmd: >-\n    {}\n",
    "literal": "run:\n  cmd: |\n    {}\n",
    "literal and stripped": "run:\n  cmd: |-\n    {}\n",
    "single quotes": "run:\n  cmd: '{}'\n",
    "plain item": "run:\n  cmd:\n  - {}\n",
    "folded item": "run:\n  cmd:\n  - >-\n    {}\n",
    "literal item": "run:\n  cmd:\n  - |\n    {}\n",
    "single quotes in an item": "run:\n  cmd:\n    - '{}'\n",
}
# The lines of a command, and what bash passes to the program.
CONTINUED: dict[str, tuple[list[str], list[str]]] = {
    "two options": (["program a \\", "--b=1 \\", "-c"], ["a", "--b=1", "-c"]),
    "a backslash behind an option": (["program --a=1\\", "--b=2\\", "-c"], ["--a=1", "--b=2", "-c"]),
    "blanks behind a backslash": (["program a \\ ", "b \\  ", "c"], ["a", "b", "c"]),
    "a backslash at the end": (["program a \\", "b \\"], ["a", "b"]),
    "two commands": (["true && \\", "program a && \\", "program b"], ["a", "b"]),
    "a line that begins with the operator": (["true \\", "&& program a \\", "; program b"], ["a", "b"]),
    "an empty line end": (["program a \\", "\\", "b"], ["a", "b"]),
    "backslashes on one line": (["program a \\ \\ b"], ["a", "b"]),
    "quotes": (['program "a  \\ b" \\', '"c d" \\', "e"], ["a  \\ b", "c d", "e"]),
    "a quote in quotes": (['program "a \\" \\ b" \\', "c"], ['a " \\ b', "c"]),
    "escaped characters": (["program a\\\\ b\\$c \\", '\\"d'], ["a\\", "b$c", '"d']),
}  # fmt: skip
# Commands without a continuation. They stay as they are, by a byte.
UNCHANGED = [
    "python train.py  --two   blanks\t--tab",
    'python -c "print(1, \\" \\ \\")" && echo \'\\ \'',
    "grep -E '\\. \\ $' file | sed 's/\\ /_/g'",
    "find . -name \\*.py -exec wc {} \\;",
    "echo \\\\ a \\\\\\\\ b\\n\\t c\\$HOME",
    'awk \'{print $1 "\\ "}\' a; echo "$(ls \\"x y\\")"',
    "echo $'it\\'s \\ here' C:\\\\Users\\\\a",
    "python a.py # a comment",
    "echo ü\\ü",
]


def render(files: dict[str, str], way: str, helm: str, tools: Path, env: dict[str, str], folder: Path) -> list[str]:
    """The commands that the chart makes of these texts of run, in order. ``way``: map, text or migrated."""
    arguments = []
    for name, text in files.items():
        path = folder / f"{name}.yaml"
        whole = f"kind: job\nbuild: {{image: x}}\n{text}"
        if way == "migrated":
            exit_code, whole, error = migrate(whole, "--name", name)
            assert exit_code == 0, error
        elif way == "map":
            whole = f"runs:\n  {name}:\n    polyaxonfile:\n" + "\n".join("      " + line for line in whole.split("\n"))
        path.write_text(whole)
        arguments += ["--set-file", f"runs.{name}.polyaxonfile={path}"] if way == "text" else ["-f", str(path)]
    done = subprocess.run(
        [str(tools / helm), "template", "demo", "chart", *arguments],
        cwd=ROOT, env=env_of(helm, env), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    jobs = [item for item in objects(done.stdout) if item["kind"] == "Job"]
    found = {job["metadata"]["labels"]["polyaxon.com/run"]: pod_spec(job)["containers"][0] for job in jobs}
    return [found[name]["command"][2] for name in files]


def write(style: str, lines: list[str]) -> str:
    pattern = STYLES[style]
    indent = "\n" + " " * (pattern.index("{}") - pattern.rfind("\n", 0, pattern.index("{}")) - 1)
    if "single" in style:
        lines = [line.replace("'", "''") for line in lines]
    return pattern.replace("{}", indent.join(lines))


def arguments_of(script: str) -> list[str]:
    program = 'program() { printf "%s\\n" "$@"; }\n'
    return subprocess.run(
        ["bash", "-c", program + script], capture_output=True, text=True, timeout=60, check=True
    ).stdout.splitlines()


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
@pytest.mark.parametrize("way", ["map", "text", "migrated"])
def test_a_program_gets_the_same_arguments_in_every_style(
    way: str, helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    cases = [(style, what) for style in STYLES for what in CONTINUED]
    files = {f"r{number}": write(style, CONTINUED[what][0]) for number, (style, what) in enumerate(cases)}
    scripts = render(files, way, helm, tools, helm_env, tmp_path)
    for (style, what), script in zip(cases, scripts, strict=True):
        assert arguments_of(script) == CONTINUED[what][1], (style, what, script)
        assert "\n" not in script


@pytest.mark.parametrize("way", ["map", "text", "migrated"])
def test_a_command_without_a_continuation_is_the_text_of_before(
    way: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    files = {f"r{number}": f"run: {{cmd: {json.dumps(cmd)}}}\n" for number, cmd in enumerate(UNCHANGED)}
    files["list"] = f"run: {{cmd: {json.dumps(UNCHANGED[:-2])}}}\n"
    scripts = render(files, way, "helm3", tools, helm_env, tmp_path)
    assert scripts == [*UNCHANGED, " && ".join(UNCHANGED[:-2])]


# Each style writes the two lines of a param that fills a command.
PARAMS = {
    "plain": "params:\n  flags: --lr 0.1 \\\n    --epochs 3\n",
    "folded": "params:\n  flags: >\n    --lr 0.1 \\\n    --epochs 3\n",
    "literal": "declarations:\n  flags: |\n    --lr 0.1 \\\n    --epochs 3\n",
    "literal without backslash": "params:\n  flags: |\n    --lr 0.1\n    --epochs 3\n",
    "single quotes": "params:\n  flags: '--lr 0.1 \\\n    --epochs 3 \\'\n",
    "default of an input": "inputs:\n- name: flags\n  default: |\n    --lr 0.1 \\\n    --epochs 3\n",
}


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
@pytest.mark.parametrize("way", ["map", "text", "migrated"])
def test_a_param_of_several_lines_becomes_arguments(
    way: str, helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    files = {
        f"r{number}": text + "run: {cmd: 'program {{ flags }} --out /o'}\n"
        for number, text in enumerate(PARAMS.values())
    }
    scripts = render(files, way, helm, tools, helm_env, tmp_path)
    assert dict(zip(PARAMS, scripts, strict=True)) == dict.fromkeys(PARAMS, "program --lr 0.1 --epochs 3 --out /o")


def join(command: str) -> str:
    """The rule in other words: walk over the characters, and look behind each backslash outside of quotes.

    Returns "" for a command with a quote that nothing closes.
    """
    kept, quote, at = "", "", 0
    while at < len(command):
        char, behind = command[at], command[at + 1 : at + 2]
        if quote:
            step = 2 if char == "\\" and quote == '"' else 1
            quote = "" if char == quote else quote
        elif char == "\\" and behind in ("", " "):
            rest = command[at + 1 :].lstrip(" ")
            while rest == "\\" or rest.startswith("\\ "):
                rest = rest[1:].lstrip(" ")
            kept, command, at = kept.rstrip(" ") + " ", rest, 0
            continue
        else:
            step = 2 if char == "\\" else 1
            quote = char if char in "'\"" else ""
        kept, at = kept + command[at : at + step], at + step
    return "" if quote else kept.strip()


def make_commands(count: int) -> list[str]:
    rng = random.Random(20)
    words = [
        "a",
        "-b",
        "\\",
        "\\ ",
        " \\",
        " ",
        "  ",
        "\\\\",
        "\\n",
        "\\'",
        '\\"',
        "' \\ '",
        '" \\ "',
        '"\\" \\ "',
        "'\\'",
        "$x",
    ]
    made = {"a" + "".join(rng.choice(words) for _ in range(rng.randint(1, 9))) for _ in range(count)}
    return sorted(command for command in made if join(command))


def test_random_commands_follow_the_rule(tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    commands = make_commands(500)
    assert sum(join(command) != command.strip() for command in commands) > 100
    assert sum(join(command) == command.strip() for command in commands) > 100
    runs: dict[str, Any] = {
        f"r{number}": {"image": "x", "polyaxonfile": {"run": {"cmd": command}}}
        for number, command in enumerate(commands)
    }
    path = tmp_path / "values.yaml"
    path.write_text(yaml.safe_dump({"runs": runs}))
    done = subprocess.run(
        [str(tools / "helm3"), "template", "demo", "chart", "-f", str(path)],
        cwd=ROOT, env=env_of("helm3", helm_env), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    jobs = [item for item in objects(done.stdout) if item["kind"] == "Job"]
    found = {
        job["metadata"]["labels"]["polyaxon.com/run"]: pod_spec(job)["containers"][0]["command"][2] for job in jobs
    }
    for number, command in enumerate(commands):
        assert found[f"r{number}"] == join(command), command


# What the chart says of a run (of its polyaxonfile as a map, and as text), and what migrate says.
EMPTY = "run.cmd is empty: write a command, or remove the key to run the command of the image"
NO_VALUE = "has no value: write the value under params, or write a default for the input"
REFUSED = {
    "run:\n  cmd:\n": (EMPTY, "run.cmd: it is empty"),
    "run:\n  cmd:\n  # - python a.py\n": (EMPTY, "run.cmd: it is empty"),
    "run:\n  cmd: |\n    # python a.py\n": (EMPTY, "run.cmd: it is empty"),
    "run: {}\n": (EMPTY.replace("run.cmd", "run"), "run: it is empty"),
    "run:\n  cmd: [a, '# b']\n": ("run.cmd[1] is empty: write a command, or remove the item", "an item is empty"),
    "inputs:\n- {name: a, type: int}\n- {name: b, is_optional: true}\nrun: {cmd: 'x {{ a }} {{ b }}'}\n": (
        f"the input a {NO_VALUE}\nruns.r.polyaxonfile: the input b {NO_VALUE}",
        'the input "a" has no value',
    ),
    "outputs: {jobs: [a]}\n": (
        "outputs must be a list of mappings: [{name: NAME, type: TYPE}]",
        "outputs: it is not a list of mappings",
    ),
}


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
@pytest.mark.parametrize("text", REFUSED)
def test_an_empty_command_and_an_input_without_a_value_are_errors(
    text: str, helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    in_chart, in_migrate = REFUSED[text]
    file, values = tmp_path / "polyaxonfile.yml", tmp_path / "values.yaml"
    file.write_text(text)
    values.write_text("runs:\n  r:\n    polyaxonfile:\n" + "\n".join("      " + line for line in text.split("\n")))
    for arguments in (["--set-file", f"runs.r.polyaxonfile={file}"], ["-f", str(values)]):
        done = subprocess.run(
            [str(tools / helm), "template", "demo", "chart", "--set", "runs.r.image=x", *arguments],
            cwd=ROOT, env=env_of(helm, helm_env), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout) == (1, "")
        assert f"runs.r.polyaxonfile: {in_chart}" in done.stderr
        assert "nothing fills" not in done.stderr  # it would only follow from the first error
    exit_code, output, error = migrate(f"kind: job\nbuild: {{image: x}}\n{text}")
    assert (exit_code, output) == (1, "")
    assert in_migrate in error
