"""Compares a rendering with an installed manifest."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import Result, make_catalog, make_job, run

if TYPE_CHECKING:
    from pathlib import Path


KEEP = "polyaxon.com/run-policy: keep\n"

# What JSON says of an object without these labels and without a namespace.
NOBODY = {"namespace": None, "release": None, "run": None}


REPLACE = "polyaxon.com/run-policy: replace\n"


FAST = "env: [{name: FAST, value: 'yes'}]\n"


def render(*objects: str) -> str:
    result = run(stdin=make_catalog() + "".join(objects))
    assert result.exit_code == 0, result.error
    return result.output.decode()


def name_in(stream: str) -> str:
    (name,) = re.findall(r'^  name: "(\S+-[0-9a-f]{10})"', stream, re.MULTILINE)
    return f"Job/{name}"


def as_live(stream: str) -> str:
    """The same objects as the API server hands them out: with a uid, defaults and a status."""
    live = stream.replace("\n  annotations:\n    polyaxon", "\n  uid: 6f1\n  annotations:\n    polyaxon")
    return live.replace("      restartPolicy: Never\n", "      restartPolicy: Never\n      dnsPolicy: ClusterFirst\n")


class Checker:
    """Checks a stream against files with what is installed and what lives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run(self, stream: str, installed: str | None, live: str | None = None, *words: str) -> Result:
        arguments = ["check", *words]
        for name, text in (("installed", installed), ("live", live)):
            if text is not None:
                (self._folder / name).write_text(text)
                arguments += ["--against", str(self._folder / name)]
        return run(*arguments, stdin=stream)

    def outcomes(self, stream: str, installed: str | None, live: str | None = None) -> dict[str, str]:
        result = self.run(stream, installed, live, "--output", "json")
        found = {row["object"]: row["outcome"] for row in json.loads(result.output)["runs"]}
        assert result.exit_code == ("blocked" in found.values()), result.error
        return found


@pytest.fixture
def checker(tmp_path: Path) -> Checker:
    return Checker(tmp_path)


def source(*objects: str) -> str:
    return make_catalog() + "".join(objects)


NOTHING = "---\n# nothing\n"


NO_JOBS = "apiVersion: v1\nitems: []\nkind: List\n"


KEPT, CHANGED = make_job(annotations=KEEP), make_job(annotations=KEEP, container=FAST)


PLAIN, CHANGED_PLAIN = make_job(), make_job(container=FAST)
