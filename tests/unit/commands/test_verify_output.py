"""Where `verify` prints its results: standard output or standard error."""

from __future__ import annotations

import json

from tests.support.cli import make_catalog, make_job, run
from tests.support.messages import heads

BARE = make_catalog() + make_job()


def test_the_json_has_the_problems_and_standard_error_is_empty() -> None:
    result = run("verify", "--output", "json", stdin=BARE)
    assert (result.exit_code, result.error) == (1, "")
    assert [problem["code"] for problem in json.loads(result.output)["problems"]] == ["not-verified"]


def test_the_text_has_the_verdicts_and_standard_error_the_problems() -> None:
    result = run("verify", stdin=BARE)
    assert result.exit_code == 1
    assert result.output.decode().splitlines()[0].split() == ["RUN", "STATE", "VOLUMES"]
    assert heads(result.error)[0].startswith("error[not-verified] Job/train ")
