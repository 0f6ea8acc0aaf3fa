"""--then: a second post-renderer after ours, with both Helms and by hand."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import Result, make_catalog, make_job, run
from tests.support.examples import objects, template

if TYPE_CHECKING:
    from pathlib import Path

CLEAN = make_catalog() + make_job()
WARNING = make_catalog() + make_job("environment: {persistence: {outputs: outputs1}}\n")
BROKEN = make_catalog() + make_job("environment: {persistence: {data: [x]}}\n")


def python(code: str) -> str:
    return shlex.join([sys.executable, "-c", code])


def test_the_command_gets_our_stream_and_its_own_comes_out() -> None:
    ours = run(stdin=CLEAN).output
    assert run("--then", "cat", stdin=CLEAN).output == ours
    assert run("--then", "sed -e 's/busybox/python/'", stdin=CLEAN).output == ours.replace(b"busybox", b"python")
    assert run("render", "--then=cat", stdin="kind: Service\n").output == b"kind: Service\n"


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    done = run("--then", f"echo '# $HOME' ; touch {witness} | `x`", stdin=CLEAN)
    assert done.output.decode() == f"# $HOME ; touch {witness} | `x`\n"
    assert not witness.exists()


def test_its_exit_code_and_what_it_says_are_passed_on() -> None:
    done = run("--then", python("import sys; sys.stdin.read(); print('no'); sys.exit('not this')"), stdin=CLEAN)
    assert (done.exit_code, done.output, done.error) == (1, b"", "not this\n")
    done = run("--then", python("import sys; print('half'); sys.exit(9)"), stdin=CLEAN)
    assert (done.exit_code, done.output) == (9, b"")


def test_what_it_says_is_kept_for_last_report() -> None:
    done = run(
        "--then", python("import sys; sys.stderr.write('by the way\\n'); print(sys.stdin.read())"), stdin=WARNING
    )
    assert done.exit_code == 0
    assert re.match(r"by the way\n<stdin>:\d+: warning\[read-only-outputs\]", done.error)
    assert done.error in run("last-report").output.decode()


@pytest.mark.parametrize(("stream", "more"), [(BROKEN, ()), (WARNING, ("--strict",))])
def test_it_is_not_started_where_we_have_problems(stream: str, more: tuple[str, ...], tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    done = run("--then", f"touch {witness}", *more, stdin=stream)
    assert (done.exit_code, done.output) == (1, b"")
    assert not witness.exists()


# Texts without an object. Helm 3 would delete the whole release.
NOTHING = {
    "nothing": "",
    "an empty line": "\n",
    "null": "null\n",
    "a separator": "---\n",
    "separators": "---\n---\n",
    "the end of a document": "---\n...\n",
    "an empty mapping": "{}\n",
    "an empty list": "[]\n",
    "an empty List": "apiVersion: v1\nkind: List\nitems: []\n",
    "an empty List in JSON": '{"apiVersion": "v1", "kind": "List", "items": []}',
    "a List without items": "apiVersion: v1\nkind: List\n",
    "a List of null": "apiVersion: v1\nkind: List\nitems:\n",
    "a List of null in JSON": '{"kind": "List", "apiVersion": "v1", "metadata": {}, "items": null}',
    "a JobList of null": "apiVersion: batch/v1\nkind: JobList\nitems: null\n",
    "a text": "done\n",
    "a comment of the stream": "# from the chart\n---\n",
}
NOT_NOTHING = {
    "a comment of its own": "# nothing is left on purpose\n",
    "a document that can't be read": "a: [\n",
    "text that is not UTF-8": "a: \udcff\n",
    "a list in JSON": '{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Service"}]}',
    "a kind that ends in List": "apiVersion: example.com/v1\nkind: AllowList\n",
    "an object after nothing": "---\nnull\n---\napiVersion: v1\nkind: Service\n",
}


def then_write(text: str, stream: str, folder: Path) -> Result:
    (folder / "written").write_bytes(text.encode("utf-8", "surrogateescape"))
    return run("--then", f"sh -c 'cat >/dev/null; cat {folder}/written'", stdin=stream)


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING)
def test_nothing_is_never_taken_for_a_rendering(text: str, tmp_path: Path) -> None:
    done = then_write(text, "# from the chart\n" + CLEAN, tmp_path)
    assert (done.exit_code, done.output) == (1, b"")
    assert "error[empty-output] (--then): sh wrote no object" in done.error


@pytest.mark.parametrize("text", NOT_NOTHING.values(), ids=NOT_NOTHING)
def test_what_may_be_an_object_is_passed_on(text: str, tmp_path: Path) -> None:
    done = then_write(text, CLEAN, tmp_path)
    assert (done.exit_code, done.output) == (0, text.encode("utf-8", "surrogateescape"))
    assert done.error == ""


@pytest.mark.parametrize("stream", ["", "---\n", "# nothing\n", "null\n"])
def test_a_stream_without_objects_stays_one(stream: str) -> None:
    """A chart may render nothing on purpose (enabled: false)."""
    assert run("--then", "cat", stdin=stream) == run(stdin=stream)
    done = run("--then", "true", stdin=stream)
    assert (done.exit_code, done.output) == (1, b"")  # an empty output is always an error for one of both Helms


@pytest.mark.parametrize(
    ("command", "message"),
    [("", "no such program"), ("no-such-program x", "no such program"), ("echo 'x", "a quote is not closed")],
)
def test_a_command_that_is_wrong_is_a_usage_error(command: str, message: str) -> None:
    done = run("--then", command, stdin=CLEAN)
    assert (done.exit_code, done.output) == (2, b"")
    assert message in done.error


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_helms_chain_two_post_renderers(helm: str, tools: Path, helm_env: dict[str, str]) -> None:
    def words(command: str) -> tuple[str, ...]:
        return ("--post-renderer-args", "--then", "--post-renderer-args", command)

    plain = objects(template(tools, helm_env, "documented", helm).stdout)
    done = template(tools, helm_env, "documented", helm, *words("sed -e s/python:3.12-slim/python:3.13-slim/"))
    assert done.returncode == 0, done.stderr
    changed = objects(done.stdout)
    images = {job["spec"]["template"]["spec"]["containers"][0]["image"] for job in changed if job["kind"] == "Job"}
    assert images == {"python:3.13-slim"}
    # Jobs are named before: what a second post-renderer changes is not part of the name.
    assert [item["metadata"]["name"] for item in changed] == [item["metadata"]["name"] for item in plain]
    failed = template(tools, helm_env, "documented", helm, *words(python("raise SystemExit('not this')")))
    assert failed.returncode != 0
    report = subprocess.run(
        ["polyaxon-persistence", "last-report"], env=helm_env, capture_output=True, text=True, check=True
    )
    assert "not this" in report.stdout
