"""Problems come in one order, whatever the hash seed and the addresses in memory are."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.support.cli import make_catalog, make_job, run
from tests.support.paths import ROOT

ENTRIES = "data:\n" + "".join(
    f"  d{n}: {{mountPath: /d{n}, existingClaim: claim-{n}, accessModes: [ReadWriteOnce]}}\n"
    f"  in{n}: {{mountPath: /d{n}/in, hostPath: /in{n}}}\n"
    for n in range(8)
)
OUTPUTS = "outputs:\n  o: {mountPath: /o, existingClaim: o, readOnly: true}\n"
# Helm 4 replaces a missing value between braces by an empty string.
REWRITTEN = "env:\n" + "".join(f"- {{name: E{n}, value: }}\n" for n in range(6))
ASK = "environment: {persistence: {outputs: o}}\n"
KEEP = "polyaxon.com/run-policy: keep\n"
WARNED = make_catalog(ENTRIES + OUTPUTS) + "".join(
    make_job(ASK, name=f"train-{n}", annotations=KEEP, container=REWRITTEN) for n in range(3)
)
DIFFERING = {"containers": "main", "project": "a", "run-folder": "a", "user": "a"}
CONTRADICTING = make_catalog() + make_job(
    "kind: job\n", annotations="".join(f"polyaxon.com/{key}: {value}\n" for key, value in DIFFERING.items())
).replace(
    "  template:\n",
    "  template:\n    metadata:\n      annotations:\n        polyaxon.com/polyaxonfile: 'kind: notebook'\n"
    + "".join(f"        polyaxon.com/{key}: b\n" for key in DIFFERING),
).replace("      - name: main\n", "      - name: b\n        image: x\n      - name: main\n")
WRONG = make_catalog("data:\n" + "".join(f"  d{n}: {{mountPath: d{n}, hostPath: /h}}\n" for n in range(8))) + make_job()


@pytest.mark.parametrize(
    ("command", "stream"),
    [("render", WARNED), ("render", CONTRADICTING), ("verify", WRONG)],
    ids=["warnings", "contradictions", "entries"],
)
def test_other_hash_seeds_give_the_same_text(command: str, stream: str) -> None:
    texts = {
        subprocess.run(
            [sys.executable, "-m", "post_renderer", command],
            input=stream.encode(),
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
            capture_output=True,
            check=False,
        ).stderr
        for seed in ("0", "1", "2")
    }
    assert len(texts) == 1
    assert len(texts.pop().splitlines()) > 4


def test_warnings_are_in_the_order_of_the_stream() -> None:
    error = run(stdin=WARNED).error
    found = [
        (code, name, int(line))
        for line, code, name in re.findall(r"^<stdin>:(\d+): warning\[(.*?)\] Job/(\S+) ", error, re.MULTILINE)
    ]
    assert [line for _, _, line in found] == sorted(line for _, _, line in found)
    own = [(code, name, line) for code, name, line in found if code != "claim-in-use"]
    assert [name for _, name, _ in own] == sorted(name for _, name, _ in own)
    rewrites = [line for code, _, line in own if code == "helm4-rewrites"]
    assert len(rewrites) == 18
    assert rewrites == sorted(set(rewrites))
    claims = re.findall(r"claim-in-use\] Job/train-1 .*the claim (claim-\d)", error)
    assert claims == [f"claim-{n}" for n in range(8)]


def test_contradictions_are_in_the_order_of_their_lines() -> None:
    error = run(stdin=CONTRADICTING).error
    keys = re.findall(r"error\[contradiction\] .*polyaxon.com/(\S+): this annotation is on", error)
    assert keys == ["polyaxonfile", *DIFFERING]


def test_problems_of_entries_are_in_the_order_of_their_names() -> None:
    for command in ("render", "verify", "check"):
        error = run(command, stdin=WRONG).error
        assert re.findall(r"error\[invalid-entry\] .*\bd(\d)", error) == list("01234567")
