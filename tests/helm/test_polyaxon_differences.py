"""Where the chart's program gets something else than Polyaxon's: docs/coming-from-polyaxon.md lists these differences."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from tests.support.examples import env_of, objects, pod_spec
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "version: 1\nkind: experiment\nbuild: {image: x}\n"
IN_LIBRARY = ROOT / "ci" / "polyaxon_schemas" / "in_library.py"


class Difference(NamedTuple):
    """What Polyaxon passed to bash (``error`` for a file that it refused), and what the chart passes."""

    text: str
    polyaxon: str
    chart: str


REFUSED = "error"
DIFFERENCES = {
    "escaped characters": Difference(r"run: {cmd: 'a \$x \\ b\\ \;'}", "a $x b ;", r"a \$x \\ b\\ \;"),
    "blanks in quotes": Difference("run: {cmd: a \"b  c\" 'd   e'}", "a \"b c\" 'd e'", "a \"b  c\" 'd   e'"),
    "a backslash in quotes": Difference(r"run: {cmd: a 's/\ /_/' b}", "a 's/ /_/' b", r"a 's/\ /_/' b"),
    "text that looks like a number": Difference("params: {a: '1e-3', b: '0x10'}\nrun: {cmd: 'a {{ a }} {{ b }}'}", "a 0.001 16", "a 1e-3 0x10"),
    "text that looks like a tuple": Difference("params: {a: '(2,3)'}\nrun: {cmd: 'a {{ a }}'}", "a (2, 3)", "a (2,3)"),
    "numbers": Difference("params: {a: 1.0, b: 0.00001}\nrun: {cmd: 'a {{ a }} {{ b }}'}", "a 1.0 1e-05", "a 1 0.00001"),
    "a single letter": Difference("params: {a: y, b: N}\nrun: {cmd: 'a {{ a }} {{ b }}'}", "a y N", "a True False"),
    "an input without default": Difference("inputs: [{name: a, is_optional: true}]\nrun: {cmd: 'a {{ a }}'}", "a None", REFUSED),
    "a param of outputs": Difference("outputs: [{name: loss, type: float}]\nrun: {cmd: 'a {{ loss }}'}", "a None", REFUSED),
    "a name that nothing fills": Difference("run: {cmd: 'a {{ b }}'}", "a", REFUSED),
    "several lines": Difference('run: {cmd: "a\\nb\\n"}', "a b", REFUSED),
    "a comment": Difference("run: {cmd: '# a'}", "# a", REFUSED),
    "a param that is no input": Difference("inputs: [{name: a}]\nparams: {a: 1, b: 2}\nrun: {cmd: 'a {{ b }}'}", REFUSED, "a 2"),
    "a default that is not optional": Difference("inputs: [{name: a, default: 1}]\nrun: {cmd: 'a {{ a }}'}", REFUSED, "a 1"),
    "a default of another type": Difference("inputs: [{name: a, type: int, default: b, is_optional: true}]\nrun: {cmd: 'a {{ a }}'}", REFUSED, "a b"),
}  # fmt: skip


def ask(python: Path, question: str, what: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [str(python), str(IN_LIBRARY), question], input=json.dumps(what), capture_output=True, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_polyaxon_s_own_code_does_what_the_page_says(libraries: dict[str, Path]) -> None:
    python = libraries["polyaxon-client"]
    read = ask(python, "read", {what: HEAD + row.text for what, row in DIFFERENCES.items()})
    commands = ask(python, "commands", {what: found["cmd"] for what, found in read.items() if "error" not in found})
    for what, row in DIFFERENCES.items():
        assert (commands[what][1][0] if what in commands else REFUSED) == row.polyaxon, what


def test_the_chart_does_what_the_page_says(tools: Path, helm_env: dict[str, str], tmp_path: Path) -> None:
    def template(texts: dict[str, str]) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "values.yaml"
        path.write_text(yaml.safe_dump({"runs": {name: {"polyaxonfile": text} for name, text in texts.items()}}))
        return subprocess.run(
            [str(tools / "helm4"), "template", "demo", "chart", "-f", str(path)],
            cwd=ROOT, env=env_of("helm4", helm_env), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    rows = {f"r{number}": row for number, row in enumerate(DIFFERENCES.values())}
    done = template({name: HEAD + row.text for name, row in rows.items() if row.chart != REFUSED})
    assert done.returncode == 0, done.stderr
    jobs = [item for item in objects(done.stdout) if item["kind"] == "Job"]
    found = {
        job["metadata"]["labels"]["polyaxon.com/run"]: pod_spec(job)["containers"][0]["command"][2] for job in jobs
    }
    assert found == {name: row.chart for name, row in rows.items() if row.chart != REFUSED}
    for name, row in rows.items():
        if row.chart == REFUSED:
            assert f"runs.{name}.polyaxonfile" in template({name: HEAD + row.text}).stderr
