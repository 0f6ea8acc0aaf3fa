"""The kept corpus of `make fuzz`: every file keeps the promises of its target.

`python -m ci.fuzz --keep` adds files: inputs that reached code which the texts of the other tests did not reach. The
name of a file is a hash of its content.
"""

from __future__ import annotations

import hashlib

import pytest

from tests.robustness.fuzz.targets import TARGETS
from tests.support.paths import ROOT

CORPUS = ROOT / "tests" / "robustness" / "corpus"
FILES = sorted(path for path in CORPUS.rglob("*") if path.is_file())
SIZE_LIMIT = 300_000


def test_each_target_has_a_corpus() -> None:
    assert {path.parent.name for path in FILES} == TARGETS.keys()
    assert sum(path.stat().st_size for path in FILES) <= SIZE_LIMIT


@pytest.mark.parametrize("target", TARGETS)
def test_the_corpus_keeps_the_promises(target: str) -> None:
    for path in sorted((CORPUS / target).iterdir()):
        raw = path.read_bytes()
        try:
            TARGETS[target](raw)
        except Exception as error:
            raise AssertionError(f"{target}: {path.name}") from error
        assert path.name == hashlib.sha1(raw, usedforsecurity=False).hexdigest()[:16]
