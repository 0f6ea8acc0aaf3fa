"""Input made to cost time or memory: an answer within a bounded time, in a child process with bounded memory."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import pytest

from tests.robustness.documents import job, with_polyaxonfile
from tests.support.cli import make_catalog
from tests.support.paths import ROOT

MEGABYTE = 1 << 20
SECONDS = 60  # of processor time; far more than any of these needs on a slow machine
CATALOG = make_catalog()


def render_bounded(stdin: bytes, megabytes: int, seconds: int = SECONDS) -> subprocess.CompletedProcess[bytes]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * MEGABYTE, megabytes * MEGABYTE))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))

    return subprocess.run(
        [sys.executable, "-m", "post_renderer"],
        input=stdin, capture_output=True, check=False, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=limit, timeout=10 * SECONDS,
    )  # fmt: skip


def many(count: int, annotations: str) -> str:
    return "".join(job(annotations, name=f"train-{number}") for number in range(count))


MERGES = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 60))
REFUSED: dict[str, tuple[str, str | bytes]] = {
    "a hundred megabytes": ("input-too-large", b"x: " + b"a" * (100 * MEGABYTE)),
    "too many documents": ("input-too-large", CATALOG + "---\n# polyaxon.com\n" * 50_000),
    "too many pieces": ("input-too-large", CATALOG + job() + "x: [" + "a," * 2_000_000 + "]\n"),
    "a merge bomb": ("alias", CATALOG + "---\n" + MERGES + job(rest="        <<: *a59\n")[4:]),
    "five thousand documents with problems": ("unknown-annotation", CATALOG + many(5000, "polyaxon.com/x: y")),
    "ten thousand annotations": (
        "unknown-annotation",
        CATALOG + job("\n    ".join(f"polyaxon.com/x{number}: y" for number in range(10_000))),
    ),
    "a catalog of brackets": ("input-too-large", make_catalog("{" * 100_000 + "\n") + job()),
    "a polyaxonfile of quotes": ("invalid-polyaxonfile", CATALOG + with_polyaxonfile("'" + '"' * 60_001 + "'")),
}
RENDERED = {
    "a merge bomb that nobody opens": CATALOG + job() + MERGES,
    "ten thousand variables": CATALOG + job(rest="        env:\n" + "        - {name: A, value: a}\n" * 10_000),
    "a thousand containers": CATALOG + job() + "".join(f"      - name: c{number}\n" for number in range(1000)),
    "a thousand runs": CATALOG + many(1000, "polyaxon.com/polyaxonfile: '{}'"),
    "many comments": CATALOG + job(rest="        env:\n" + "        # x\n" * 100_000 + "        - name: A\n"),
    "a mapping of very many keys in braces": CATALOG
    + job()
    + "x: {"
    + ", ".join(f"k{n}: 1" for n in range(190_000))
    + "}\n",
    "the same over many lines": CATALOG + job() + "x: {\n " + ",\n ".join(f"k{n}: 1" for n in range(90_000)) + "}\n",
    "a hundred thousand anchors": CATALOG + job() + "x: [" + ", ".join(f"&a{n} b" for n in range(100_000)) + "]\n",
    "thirty thousand containers": CATALOG
    + job(rest="".join(f"      - name: c{number}\n        image: x\n" for number in range(30_000))),
    "a thousand quoted words before a long one": CATALOG
    + job(rest="        args: [" + "'x'," * 980 + "'" + "''" * 1_500_000 + "']\n"),
    "the same with escapes": CATALOG + job(rest="        args: [" + '"x",' * 980 + '"' + '\\"' * 1_500_000 + '"]\n'),
    "dashes that separate nothing": CATALOG + job() + "x: |\n" + "  ---\n" * 500_000,
    "a million documents of others": CATALOG + job() + "---\n" * 1_000_000,
    "fifty megabytes of others": CATALOG + job() + "---\n" + "a: b # polyaxon\n" * (50 * MEGABYTE // 16),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_time(name: str) -> None:
    code, stdin = REFUSED[name]
    result = render_bounded(stdin if isinstance(stdin, bytes) else stdin.encode(), 1500)
    assert (result.returncode, result.stdout) == (1, b"")
    assert f"error[{code}] " in result.stderr.decode()


@pytest.mark.parametrize("name", RENDERED)
def test_rendered_in_time(name: str) -> None:
    result = render_bounded(RENDERED[name].encode(), 1500)
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.count(b"POLYAXON_IN_CLUSTER") >= 1


def test_letters_whose_bytes_look_like_line_ends() -> None:
    # Looking for a line end among them is slow: it must not be done for each of a line's items.
    words = CATALOG + job(rest="        args: [" + '"",' * 1_330 + '"' + "上" * 10_000_000 + '"]\n')
    assert render_bounded(words.encode(), 1500, seconds=15).returncode == 0


def test_others_megabytes_are_passed_on_in_little_memory() -> None:
    stdin = b"a: b # polyaxon\n" * (60 * MEGABYTE // 16)
    result = render_bounded(stdin, 60 * 3 + 100)
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout == stdin


@pytest.mark.parametrize("megabytes", [100, 160])
def test_no_memory_is_no_traceback(megabytes: int) -> None:
    result = render_bounded((CATALOG + job() + "x: [" + "a," * 900_000 + "]\n").encode(), megabytes)
    assert (result.returncode, result.stdout) == (1, b""), result.stderr
    assert result.stderr == b"polyaxon-persistence: there is not enough memory for this input\n"
