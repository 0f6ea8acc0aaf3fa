"""Mermaid and Markdown: what pull requests show, with names that are not markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from post_renderer.pages.markdown import write_markdown
from post_renderer.pages.mermaid import MOST_LINKS, write_mermaid
from post_renderer.pages.view import Group, Line, Table, View
from post_renderer.problems import Problem
from tests.support.cli import make_catalog, make_job, run
from tests.support.inventory import as_live, make_kept, make_manifest, write

if TYPE_CHECKING:
    from pathlib import Path

ASK = "kind: experiment\nenvironment: {persistence: {data: [data1]}}\n"
STREAM = make_catalog() + make_job(ASK)
HOSTILE = [
    '"]; click n0 href',
    "%%{init: {}}%%",
    "a|b",
    "`x`",
    "<b>",
    "@team",
    "a\n```\n# x",
    "#35;",
    "end",
    "*_~[x](y)",
]
ADDRESSES = [
    "https://evil.example/login now",
    "www.evil.example",
    "me@evil.example",
    "wasbs://c@a.blob.core.windows.net/",
]
BACKTICKS = ["`", "a``b```c", "` x `", "\\`", "\\", "\\|", "\\\\|x\\\\", "`" * 7, "`" * 8, "<!--", "&amp;", "<script>"]


def output(command: str, form: str, stdin: str = "", *paths: str) -> str:
    result = run(command, "--output", form, *paths, stdin=stdin)
    assert result.exit_code in (0, 1), result.error
    return result.output.decode()


def test_a_diagram_of_the_runs() -> None:
    assert output("explain", "mermaid", STREAM) == (
        "flowchart LR\n"
        '  n0["Job/train"]\n'
        '  n1("outputs-foo")\n'
        '  n2[("claim outputs-foo-pvc")]\n'
        '  n3("data1")\n'
        '  n4[("node /path/to/data")]\n'
        "  n0 --> n1\n"
        "  n1 --> n2\n"
        "  n0 -.-> n3\n"
        "  n3 -.-> n4\n"
    )


def test_a_diagram_of_nothing_is_a_diagram() -> None:
    assert output("inventory", "mermaid", "apiVersion: v1\nkind: Service\n") == (
        'flowchart LR\n  nothing["no run uses a volume"]\n'
    )


def view_of(lines: list[Line]) -> View:
    return View("T", "S\n", lines, [], [])


def check_limits(text: str) -> tuple[int, int]:
    """Check that a diagram is within the limits, and that each volume has its storage.

    Return how many links it has, and how many more there are.
    """
    assert len(text) <= 50_000
    columns = dict(re.findall(r"^  (n\d+)(\[\(|\[|\()", text, re.MULTILINE))
    links = re.findall(r"^  (n\d+) -(?:-|\.-)> (n\d+)$", text, re.MULTILINE)
    assert {box for link in links for box in link} == set(columns)
    assert {box for box, shape in columns.items() if shape == "("} == {
        start for start, end in links if columns[end] == "[("
    }
    assert len(links) <= MOST_LINKS < 500
    more = re.search(r'^  more\["and (\d+) more lines"\]$', text, re.MULTILINE)
    return len(links), int(more[1]) if more else 0


@pytest.mark.parametrize("odd", [0, 1])
def test_a_diagram_stays_below_the_limit_of_github(odd: int) -> None:
    lines = [Line(f"Job/{number}", f"v{number}", f"s{number}", writes=True) for number in range(300)]
    if odd:  # the limit is between a link to a volume and the link from this volume to its storage
        lines.insert(1, Line("Job/0x", "v0", "s0", writes=False))
    links, more = check_limits(write_mermaid(view_of(lines)))
    assert links == MOST_LINKS - odd
    assert links + more == 600 + odd


def test_a_diagram_of_long_names_stays_below_the_limit_of_mermaid() -> None:
    name = "a-name-that-is-as-long-as-kubernetes-allows-a-name-to-be"
    lines = [Line(f"Job/{name}-{n}, namespace {name}", f"{name}-{n}", f"claim {n}", writes=True) for n in range(199)]
    links, more = check_limits(write_mermaid(view_of(lines)))
    assert 200 < links < 398
    assert links + more == 398


def test_a_title_without_end_does_not_hide_the_others() -> None:
    lines = [Line("Job/" + "\U0010ffff" * 60_000, "v", "s", writes=True), Line("Job/b", "v", "s", writes=True)]
    assert check_limits(write_mermaid(view_of(lines))) == (3, 0)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_text_in_a_diagram(name: str) -> None:
    text = write_mermaid(view_of([Line(name, name, name, writes=True)]))
    assert len(text.splitlines()) == 6
    labels = re.findall(r'"(.*)"', text)
    decoded = {re.sub(r"#(\d+);", lambda found: chr(int(found[1])), label) for label in labels}
    assert decoded == {name}
    assert all(re.fullmatch(r"[A-Za-z0-9 ./:,_;#-]*", label) for label in labels)


def test_a_text_for_a_pull_request() -> None:
    text = output("explain", "markdown", STREAM)
    assert text.startswith("## Volumes of the runs\n\n```mermaid\nflowchart LR\n")
    assert "\nSolid lines write, dotted lines read.\n" in text
    assert (
        "|  | container | volume | mount path | mode | why | storage |\n| --- | --- | --- | --- | --- | --- | --- |\n"
        in text
    )
    assert (
        "| `Job/train`<br>`experiment; from chart/templates/runs.yaml`<br>"
        "`results: claim outputs-foo-pvc:/<namespace>/experiments/train` | `main` | "
        "`outputs-foo` | `/outputs/foo` | `writable` | "
        "`first writable outputs` | `claim outputs-foo-pvc` |\n"
    ) in text
    assert text.endswith("\n1 run in 2 objects: 0 errors, 0 warnings\n")


def test_errors_are_in_the_text() -> None:
    wrong = make_job("environment: {persistence: {data: [data-fo]}}\n", name="wrong")
    text = output("explain", "markdown", make_catalog() + wrong)
    assert "\n- `<stdin>:26: error[unknown-volume] Job/wrong " in text
    assert '`<br>`hint: did you mean "data-foo"?' in text
    assert "| `Job/wrong`<br>`no volumes, because of the errors` |" in text


def read_markdown(text: str) -> tuple[list[str], set[str]]:
    """Read a text as GitHub does. Return the texts of the code spans, and the types of everything else."""
    codes: list[str] = []
    types: set[str] = set()
    for block in MarkdownIt("gfm-like").parse(text):
        types.add(block.type)
        for token in block.children or ():
            if token.type == "code_inline":
                codes.append(token.content)
            else:
                types.add(token.content if token.type == "html_inline" else token.type)
    return codes, types


@pytest.mark.parametrize("name", [*HOSTILE, *ADDRESSES, *BACKTICKS])
def test_a_name_is_text_in_markdown(name: str) -> None:
    problem = Problem("no-catalog", name, name, subject="(stream)")
    table = Table("Runs", ("A", "B"), [Group(name, "", [name], [[name, name]], [problem])])
    codes, types = read_markdown(write_markdown(View("T", "S\n", [], [table], [])))
    shown = name.replace("\n", "\\u000a").replace("`" * 8, "\\u0060" * 8)
    assert codes == [f"error[no-catalog] (stream): {shown}", f"hint: {shown}", shown, shown, shown, shown]
    assert not {"link_open", "image", "html_block"} & types
    assert {one for one in types if one.startswith("<")} == {"<br>"}


@pytest.mark.parametrize("command", ["explain", "inventory"])
def test_an_address_in_the_input_is_no_link_in_markdown(command: str) -> None:
    wrong = make_job(annotations='polyaxon.com/data: "see https://evil.example/login now"\n', name="wrong")
    codes, types = read_markdown(output(command, "markdown", STREAM + wrong))
    assert any("https://evil.example/login" in code for code in codes)
    assert "link_open" not in types


def test_the_inventory_as_markdown_has_the_commands(tmp_path: Path) -> None:
    old, new = make_manifest(make_kept("old")), make_manifest(make_kept("new"))
    paths = write(tmp_path / "live", as_live([*old, *new])), write(tmp_path / "new", new)
    text = output("inventory", "markdown", "", *paths)
    assert text.startswith("## Inventory of the storage\n")
    assert "\n### Storage\n" in text
    assert "\n### Kept Jobs\n" in text
    assert "\n```console\nkubectl delete --namespace vision jobs.batch/train-" in text
    title = r"Job/train-[0-9a-f]{10} #40;release demo, vision#41;"
    assert re.search(rf'n0\["{title}"\]', text)


def test_a_group_is_one_run_of_the_picture() -> None:
    member = {name: make_job(ASK, annotations="polyaxon.com/group: sweep\n", name=name) for name in ("a", "b")}
    text = output("explain", "mermaid", make_catalog() + "".join(member.values()))
    assert '  n0["group sweep, 2 runs: a, b"]\n' in text


def test_a_job_that_gets_a_new_name_and_an_error_of_the_input() -> None:
    kept = make_job(ASK, annotations="polyaxon.com/run-policy: keep\n")
    assert re.search(r'n0\["Job/train as train-[0-9a-f]{10}"\]', output("explain", "mermaid", make_catalog() + kept))
    text = output("explain", "markdown", "a: [\n")
    assert "error[no-object]" in text
    assert "| `" not in text


def test_a_claim_of_a_namespace_says_so() -> None:
    stream = STREAM.replace("  name: train\n", "  name: train\n  namespace: vision\n")
    text = output("explain", "mermaid", stream)
    assert '["Job/train, namespace vision"]' in text
    assert '[("claim outputs-foo-pvc, namespace vision")]' in text
    assert '[("node /path/to/data")]' in text
