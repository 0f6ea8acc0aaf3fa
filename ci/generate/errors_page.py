"""Writes docs/errors.md from the table of codes and its help.

python -m ci.generate.errors_page          writes it
python -m ci.generate.errors_page --check  exits 1 when the page is stale
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from ci.generate.writer import run_writer
from post_renderer import problems
from post_renderer.commands.code_help import CODE_HELP
from post_renderer.commands.why import split_remedy
from post_renderer.problems import CODES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
HEAD = """\
<!-- made by python -m ci.generate.errors_page from problems.py and commands/code_help.py of post_renderer -->
# Error codes

A message has one line, and a second line with a hint:

```text
PATH:LINE: error[CODE] run NAME (values: PATH.IN.VALUES), KIND/NAME (TEMPLATE), FIELD: MESSAGE
  hint: HINT
```

- `PATH:LINE:` is a line of a file that you named: a FILE, a file in a directory, or a `--persistence` file. With
  `-- helm template … -f FILE`, `check` and `explain` write the line of your values file,
  [if it is certain](pull-requests.md#the-formats). Otherwise `<helm template>:LINE:` is a line of what the program
  after `--` prints, and `<stdin>:LINE:` is a line of standard input. If there is no line, the message begins with
  `PATH:`, or with the code.
- The severity and the code are one word, such as `error[unknown-volume]` or `warning[nested-mount-path]`. Search for
  this word, or match the line with `^(?:(.*?)(?::([0-9]+))?: )??(error|warning)\\[([a-z0-9-]+)\\] (.*)$`.
- The run and its path in the values are there if the chart polyaxon-persistence wrote the object. If the chart is a
  dependency, the path begins with the keys of the subchart: `vision.runs.train.polyaxonfile`. What is wrong may also be
  in `runDefaults`, because the chart merges them into each run. An error in the chart's catalog has
  `catalog (values: vision.persistence.data.data1)`.
- The template of the object is in brackets. Helm writes it into the stream, kubectl does not. Without a template, there
  is no path in the values.

Messages are in the order of the lines: first those of each `--persistence` file, then those of the stream, then those
without a line. With several FILES, each of them has its messages together. What `check --against` finds comes last.

After an error, nothing is written. A warning stops nothing, unless you write `--strict`.
`polyaxon-persistence why unknown-volume` prints one section of this page, and `polyaxon-persistence why` prints the
list.

A YAML example is a piece of a Kubernetes object, a polyaxonfile, values with `persistence:`, or a file of Polyaxon 0.x.
"""


def read_groups() -> dict[str, list[str]]:
    """Return the codes, grouped by the comments above them in CODES."""
    source = Path(problems.__file__).read_text(encoding="utf-8")
    table = source.partition("\nCODES: ")[2].partition("\n}\n")[0]
    groups: dict[str, list[str]] = {}
    for comment, code in re.findall(r'^    (?:# (.+)|"([a-z0-9-]+)": \()', table, re.MULTILINE):
        if comment:
            groups[comment] = []
        else:
            groups[list(groups)[-1]].append(code)
    return groups


def write_page() -> str:
    groups = read_groups()
    parts = [HEAD, "\n"]
    for group, codes in groups.items():
        parts.append(f"- {_title(group)}: {', '.join(f'[{code}](#{code})' for code in codes)}\n")
    for group, codes in groups.items():
        parts += [f"\n## {_title(group)}\n", *map(_section, codes)]
    return "".join(parts)


def _title(group: str) -> str:
    return group[0].upper() + group[1:]


def _section(code: str) -> str:
    severity, summary = CODES[code]
    row = CODE_HELP[code]
    sentence, right = split_remedy(row.remedy)
    return (
        f"\n### {code}\n\n{severity.capitalize()}: {summary}\n\n{row.meaning}\n\n{_fenced(row.example)}\n"
        f"Remedy: {sentence}\n\n{_fenced(right)}"
    )


def _fenced(text: str) -> str:
    language = "console" if text.startswith("$ ") else "yaml"
    return f"```{language}\n{text}```\n"


def main(arguments: list[str]) -> int:
    return run_writer(arguments, PAGE, __doc__, "python -m ci.generate.errors_page", lambda _: write_page())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
