"""The names of all objects of the examples are those of 0.2.0 before the chart could override them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.examples import EXAMPLES, objects, template
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# Rendered by the chart of commit 9598794, the last one without overrides, with release "demo" and the post-renderer.
BEFORE: dict[str, list[str]] = yaml.safe_load((ROOT / "tests" / "helm" / "names.yaml").read_text())


@pytest.mark.parametrize("name", BEFORE)
def test_no_name_of_an_example_changes(name: str, tools: Path, helm_env: dict[str, str]) -> None:
    done = template(tools, helm_env, name, EXAMPLES[name].helms[-1])
    assert done.returncode == 0, done.stderr
    assert [f"{item['kind']}/{item['metadata']['name']}" for item in objects(done.stdout)] == BEFORE[name]


def test_each_example_of_the_chart_is_compared() -> None:
    assert set(BEFORE) == {name for name, example in EXAMPLES.items() if example.chart == "chart"}
    kinds = {name.partition("/")[0] for names in BEFORE.values() for name in names}
    assert {"ConfigMap", "CronJob", "Deployment", "Job", "PersistentVolumeClaim", "Service"} <= kinds
