"""Where `verify` prints its results: standard output or standard error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import yaml

from tests.support.cli import make_catalog, make_job, run
from tests.support.messages import heads

if TYPE_CHECKING:
    from pathlib import Path

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


def test_all_notes_are_shown(tmp_path: Path) -> None:
    """One about a link that was not read, and one about what a controller made."""
    items = [item for item in yaml.safe_load_all(run(stdin=make_catalog() + make_job()).output) if item]
    owner = {"apiVersion": "batch/v1", "kind": "CronJob", "name": "nightly", "uid": "1", "controller": True}
    items[1]["metadata"]["ownerReferences"] = [owner]
    (tmp_path / "live.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    (tmp_path / "link.yaml").symlink_to("live.json")
    result = run("verify", str(tmp_path))
    notes = [line for line in result.error.splitlines() if line.startswith("note: ")]
    assert [" is a symbolic link" in note for note in notes] == [True, False]
    assert "1 object was not verified" in notes[1]
