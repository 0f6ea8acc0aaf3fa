"""What README and docs show of files and outputs is what one gets: diffs, tables, messages, examples."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

import pytest
import yaml

from ci.generate import page_outputs
from ci.generate.walk import Command, fill_outputs, read_steps, run_steps, without_lines
from tests.e2e.cluster import outcomes
from tests.support.examples import env_of
from tests.support.pages import PAGES, commands_of
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

README = PAGES["README.md"]
WALKED = [page.name for page in page_outputs.PAGES]
# Commands that a walk leaves out, and where they are run.
ELSEWHERE = {
    "pip install .": "tests/docs/test_tutorial.py installs the checkout with pip",
    'helm plugin install "$(polyaxon-persistence plugin-dir)"': "tests/helm/test_rendering.py installs the plugin",
    "python3 -m venv .venv": "tests/docs/test_tutorial.py takes all steps of the tutorial",
    "source .venv/bin/activate": "tests/docs/test_tutorial.py",
    "pip install --quiet ~/polyaxon-persistence": "tests/docs/test_tutorial.py",
    "make demo": "the demo of the Makefile, run by CI",
    "make test": "this very suite",
    "kubectl logs deployment/demo-explore": "kubectl's own command",
    "kubectl port-forward service/demo-explore 8888:80": "tests/e2e/cluster/test_served.py opens a notebook",
    "kubectl get jobs --selector polyaxon.com/group=demo-sweep": "tests/e2e/cluster/test_grid.py selects by this label",
    "kubectl create secret generic aws-secret --from-literal AWS_ACCESS_KEY_ID=… --from-literal AWS_SECRET_ACCESS_KEY=…": "tests/e2e/cluster/test_buckets.py makes such a Secret",
}


def test_the_readme_is_one_screen() -> None:
    assert len(README.split()) <= 900


def test_its_first_sentence_needs_no_other_product() -> None:
    sentence = README.split("\n\n")[1].partition(". ")[0]
    assert "Helm" in sentence
    assert "olyaxon" not in sentence


@pytest.mark.parametrize("page", WALKED)
@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_a_page_shows_what_one_gets(
    page: str, helm: str, tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    """Its files, its commands in their order, and all that they print."""
    page_outputs.prepare(tmp_path, tools / helm)
    env = {**env_of(helm, helm_env), "HOME": str(tmp_path), "PATH": f"{tmp_path / 'bin'}:{helm_env['PATH']}"}
    steps = read_steps(PAGES[page])
    done = run_steps(steps, tmp_path / "work", env, page_outputs.without_cluster)
    same = without_lines if helm == "helm4" else str
    assert same(fill_outputs(PAGES[page], done)) == same(PAGES[page])
    left_out = {step.text for step in steps if isinstance(step, Command)} - {command.text for command in done}
    assert left_out <= set(ELSEWHERE)
    for command in done:
        assert command.exit_code == (1 if ": error[" in command.output else 0), command
        if command.text.startswith("helm upgrade"):
            assert "POLYAXON_RUN_OUTPUTS_PATH" in command.output


def test_no_command_is_left_out_that_no_page_shows() -> None:
    assert set(ELSEWHERE) <= set(commands_of(*WALKED))


def test_before_and_after_is_what_a_render_does() -> None:
    case = ROOT / "tests" / "golden" / "readme-job"
    before = (case / "input.yaml").read_text().splitlines()
    after = (case / "output.yaml").read_text().splitlines()
    diff = list(difflib.unified_diff(before, after, lineterm="", n=100))[3:]
    block = (
        PAGES["how-it-works.md"].split("<!-- before-after -->\n```diff\n")[1].split("```\n<!-- /before-after -->")[0]
    )
    assert block.splitlines() == diff


def test_the_table_of_outcomes_is_what_the_clusters_tests_prove() -> None:
    page = outcomes.PAGE.read_text()
    assert outcomes.fill_page(page) == page
    assert page.count(outcomes.BEGIN) == page.count(outcomes.END) == 1


def test_one_example_has_every_option_of_a_run() -> None:
    schema = json.loads((ROOT / "chart" / "values.schema.json").read_text())
    example = yaml.safe_load((ROOT / "values-examples" / "everything.yaml").read_text())
    shown = {key for run in (example["runDefaults"], *example["runs"].values()) for key in run}
    # A hook needs Helm 4, and has an example of its own.
    assert shown | {"hook"} == set(schema["definitions"]["run"]["properties"])
