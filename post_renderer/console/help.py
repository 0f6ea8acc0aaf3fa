"""Writes the help of each command, with its usage line, its options and its own examples."""

from __future__ import annotations

from post_renderer.console.options import COMMANDS

# What a command reads besides its options: the words of its usage line, and an explanation.
READS: dict[str, tuple[str, str]] = {
    "render": (
        "[-- PROGRAM ...]",
        "With -- PROGRAM, render starts PROGRAM and reads its output. Without PROGRAM, it reads standard input.",
    ),
    **dict.fromkeys(
        ("check", "explain", "verify", "inventory"),
        (
            "[FILE ... | -- PROGRAM ...]",
            (
                "FILE is a file with rendered manifests. A directory counts as one stream of all its .yaml, .yml and "
                ".json files. With -- PROGRAM, the command starts PROGRAM and reads its output. Without FILE and "
                "PROGRAM, it reads standard input."
            ),
        ),
    ),
    "migrate": (
        "FILE ...",
        (
            "migrate prints a diff for each FILE, or the whole new file if the only FILE is - (standard input). "
            "A directory means all its polyaxonfiles and its values file: .yaml, .yml and .json files."
        ),
    ),
    "init": (
        "[FILE ... | -- PROGRAM ...]",
        (
            "FILE has claims, as `kubectl get pvc -o yaml` prints them. Without FILE, init reads a pipe on standard "
            "input. Without claims, the chart makes one. In the directory of a chart, init also prints the dependency. "
            "With --persistence FILE, the site's catalog, it prints only the annotations there. It changes no file."
        ),
    ),
    "helm": ("ARGUMENTS ...", "all ARGUMENTS are those of Helm"),
    "why": ("[CODE]", "CODE is the code in error[CODE] or warning[CODE]; without CODE, all codes are listed."),
    "schema": (
        "NAME",
        (
            "NAME is values (of the chart), catalog (a --persistence file), polyaxonfile or annotations. With "
            "--persistence FILE, only the names in all these files are valid; FILE can be a values file."
        ),
    ),
    "last-report": (
        "[N]",
        "N is the number of a report in --list; without N, the newest report is printed. Clean renders have no report.",
    ),
    "completion": ("SHELL", "SHELL is bash, zsh or fish."),
}
TEMPLATE = "helm template demo ./chart -f values.yaml"
# Command: its examples, without the program's name; a line with a pipe or with Helm is written whole.
EXAMPLES: dict[str, tuple[str, ...]] = {
    "render": (
        "helm upgrade --install demo ./chart -f values.yaml --post-renderer polyaxon-persistence",
        f"polyaxon-persistence -- {TEMPLATE}",
        f"polyaxon-persistence check -- {TEMPLATE}",
        f"polyaxon-persistence explain -- {TEMPLATE}",
        "polyaxon-persistence verify -- helm get manifest demo",
        "polyaxon-persistence migrate polyaxon-config.yml",
    ),
    "check": (
        f"polyaxon-persistence check -- {TEMPLATE}",
        f"polyaxon-persistence check --against installed.yaml --max-starts 0 -- {TEMPLATE}",
        "polyaxon-persistence check rendered.yaml manifests/",
        f"polyaxon-persistence check --output github -- {TEMPLATE}",
    ),
    "explain": (
        f"polyaxon-persistence explain -- {TEMPLATE}",
        "polyaxon-persistence explain --output json rendered.yaml",
    ),
    "verify": (
        "polyaxon-persistence verify -- helm get manifest demo",
        "(helm get manifest demo; helm get hooks demo) | polyaxon-persistence verify",
        "kubectl get jobs,deployments -o yaml | polyaxon-persistence verify --persistence site.yaml",
    ),
    "inventory": (
        "kubectl get jobs,configmaps -A -o yaml | polyaxon-persistence inventory",
        "polyaxon-persistence inventory --claim outputs-foo-pvc live.yaml",
        "polyaxon-persistence inventory --stale live.yaml --namespace vision demo.yaml",
    ),
    "migrate": (
        "polyaxon-persistence migrate polyaxon-config.yml",
        "polyaxon-persistence migrate --name train polyaxonfile.yml",
        "polyaxon-persistence migrate --in-place values.yaml polyaxonfile.yml",
        "polyaxon-persistence migrate --check experiments/",
        "polyaxon-persistence migrate polyaxonfile.yml gpu.yml --as-one train > train.yaml",
    ),
    "init": ("polyaxon-persistence init -- kubectl get pvc -o yaml > volumes.yaml", "polyaxon-persistence init"),
    "argocd generate": ("ARGOCD_APP_NAME=demo polyaxon-persistence argocd generate",),
    "argocd discover": ("polyaxon-persistence argocd discover",),
    "argocd parameters": ("polyaxon-persistence argocd parameters",),
    "helm": (f"polyaxon-persistence {TEMPLATE}", 'ln -s "$(command -v polyaxon-persistence)" ~/wrapper/helm'),
    "flux-patches": (f"{TEMPLATE} | polyaxon-persistence flux-patches",),
    "krm": ("polyaxon-persistence krm < resourcelist.yaml",),
    "kinds": ("polyaxon-persistence kinds", "polyaxon-persistence kinds --persistence site.yaml --output json"),
    "why": ("polyaxon-persistence why", "polyaxon-persistence why unknown-volume"),
    "schema": (
        "polyaxon-persistence schema values --persistence site.yaml > values.editor.json",
        "polyaxon-persistence schema polyaxonfile --persistence site.yaml --persistence team.yaml",
        "polyaxon-persistence schema catalog",
    ),
    "last-report": (
        "polyaxon-persistence last-report",
        "polyaxon-persistence last-report --list",
        "polyaxon-persistence last-report 2",
    ),
    "completion": (
        "polyaxon-persistence completion bash > ~/.local/share/bash-completion/completions/polyaxon-persistence",
        "polyaxon-persistence completion zsh > ~/.zfunc/_polyaxon-persistence  # a directory of your fpath",
        "polyaxon-persistence completion fish > ~/.config/fish/completions/polyaxon-persistence.fish",
    ),
    "doctor": ("polyaxon-persistence doctor", "polyaxon-persistence doctor --output json"),
    "plugin-dir": ('helm plugin install "$(polyaxon-persistence plugin-dir)"',),
}
# No failure of a program that they start ends these commands.
STARTS_NOTHING = ("completion", "last-report", "why", "schema", "kinds", "plugin-dir", "doctor")
EXIT_CODES = "exit codes: 0 success, 1 errors, 2 wrong command line, 3 a bug in polyaxon-persistence, 130 interrupted"
EXIT_CODE_OF_PROGRAM = "            if a program that it starts fails: the exit code of that program"


def help_text(command: str) -> str:
    """Return the help of a command. The help of ``render``, the default, lists all commands."""
    if command == "argocd":
        return _list_group(command)
    from textwrap import wrap

    from post_renderer.console.parser import format_options

    _, summary = COMMANDS[command]
    lines = [f"usage: {usage_of(command)}", "", f"{summary[0].upper()}{summary[1:]}.", ""]
    if command == "render":
        lines = ["usage: polyaxon-persistence [COMMAND] [OPTIONS] [-- PROGRAM ...]", "", "commands:"]
        lines += [f"  {name:<17} {text}" for name, (_, text) in COMMANDS.items()]
        lines += [f"  {'version':<17} print the version", f"  {'help COMMAND':<17} print the help of a command", ""]
    if command in READS:
        lines += [*wrap(READS[command][1], 110), ""]
    options = format_options(command)
    codes = [EXIT_CODES] if command in STARTS_NOTHING else [f"{EXIT_CODES};", EXIT_CODE_OF_PROGRAM]
    lines += [*options.splitlines(), ""] * bool(options) + [*codes, "", "examples:"]
    return "\n".join([*lines, *(f"  {example}" for example in EXAMPLES[command])]) + "\n"


def usage_of(command: str) -> str:
    words = ["polyaxon-persistence", command]
    words += ["[OPTIONS]"] * (command != "helm")
    words += [READS[command][0]] if command in READS else []
    return " ".join(words)


def _list_group(group: str) -> str:
    commands = [command for command in COMMANDS if command.startswith(f"{group} ")]
    lines = [f"usage: polyaxon-persistence {group} COMMAND [OPTIONS]", "", "commands:"]
    lines += [f"  {command:<17} {COMMANDS[command][1]}" for command in commands]
    lines += ["", "examples:", *(f"  {example}" for command in commands for example in EXAMPLES[command])]
    return "\n".join(lines) + "\n"


def version_text() -> str:
    from post_renderer import __version__

    return f"{__version__}\n"
