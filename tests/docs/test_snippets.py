"""The pages about other tools: each snippet is a file of the project, and each such file is run by a test."""

from __future__ import annotations

import re

import pytest

from tests.support.named import find_test
from tests.support.paths import ROOT

PAGES = (
    "argocd.md",
    "kustomize.md",
    "flux.md",
    "helm-unittest.md",
    "helmfile.md",
    "ansible.md",
    "terraform.md",
    "skaffold.md",
    "other-tools.md",
    "umbrella.md",
    "pre-commit.md",
    "pull-requests.md",
    "editors.md",
)
# Each file that a page shows, and the test that runs it; not run: why.
RUN = {
    "deploy/argocd/Dockerfile": "e2e/images/test_argocd.py::test_the_plugin_renders_there",
    "deploy/argocd/plugin.yaml": "test_generate.py::test_the_example_application_is_what_a_pipe_gives",
    "deploy/argocd/values.yaml": "test_discovery.py::test_the_sidecar_for_the_official_chart_is_the_same",
    "deploy/argocd/kustomization.yaml": "test_discovery.py::test_the_sidecar_for_plain_manifests",
    "deploy/argocd/sidecar.yaml": "test_discovery.py::test_the_sidecar_for_plain_manifests",
    "deploy/argocd/application.yaml": "test_generate.py::test_the_example_application_is_what_a_pipe_gives",
    "deploy/argocd/applicationset.yaml": "test_generate.py::test_the_example_application_set_is_the_same_by_variables",
    **{
        f"docs/examples/argocd/{file}": "test_generate.py::test_the_chart_of_a_team_with_its_dependency"
        for file in ("Chart.yaml", "values.yaml", "application.yaml")
    },
    "docs/examples/flux/helmrelease.yaml": "test_flux.py::test_the_example_release",
    "docs/examples/flux/kustomization.yaml": "test_flux.py::test_the_example_release",
    "values-examples/other-chart/tests/volumes_test.yaml": "test_helm_unittest.py::test_the_example_suite_passes",
    "docs/examples/helmfile/helmfile.yaml": "tools/test_helmfile.py::test_the_documented_file",
    "docs/examples/ansible/playbook.yaml": "cluster/test_ansible.py::test_the_documented_playbook",
    "docs/examples/ansible/render.yaml": "helm/test_ansible.py::test_the_documented_rendering",
    "docs/examples/skaffold/skaffold.yaml": "tools/test_skaffold.py::test_the_documented_file",
    "docs/examples/terraform/release.tf": "not run by the project's tests",
    "docs/examples/terraform/upgrade.tf": "cluster/tools/test_deploying.py::test_opentofu",
    **{
        f"docs/examples/umbrella/{file}": "test_umbrella.py::test_the_documented_chart"
        for file in ("Chart.yaml", "values.yaml", "templates/evaluate.yaml")
    },
    "docs/examples/own-catalog/catalog.yaml": "test_umbrella.py::test_a_chart_of_one_s_own_gets_its_catalog_from_a_file_or_from_its_own_template",
    "docs/examples/pre-commit/pre-commit-config.yaml": "test_pre_commit.py::test_a_commit_without_problems_goes_through_both_hooks",
    **{
        f"docs/examples/pull-requests/{file}": "test_pull_requests.py::test_a_change_says_which_runs_it_would_start"
        for file in ("github.yaml", "gitlab.yaml")
    },
    "docs/examples/editors/train.yaml": "test_language_server.py::test_the_documented_file_has_names",
    "docs/examples/editors/settings.json": "test_language_server.py::test_the_documented_settings_of_vs_code",
    "docs/examples/editors/umbrella.editor.json": "test_language_server.py::test_the_documented_schema_of_an_umbrella_chart",
    "deploy/image/Dockerfile": "images/test_image.py::test_as_a_filter_it_gives_what_a_pipe_gives",
    "docs/examples/kustomize/kustomization.yaml": "integrations/test_krm.py::test_kustomize_renders_the_chart_with_volumes",
    "docs/examples/kustomize/persistence.yaml": "integrations/test_krm.py::test_kustomize_renders_the_chart_with_volumes",
    "docs/examples/kustomize/persistence-container.yaml": "images/test_image.py::test_kustomize_starts_the_container",
    "deploy/argocd/repo-server-helm.yaml": "test_discovery.py::test_the_images_directory_of_helm_is_first_on_the_repo_servers_path",
}
BLOCK = re.compile(r"^(?:<!-- (\S+) -->\n)?```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = [
    (page, *found)
    for page in PAGES
    for found in BLOCK.findall((ROOT / "docs" / page).read_text())
    if found[1] not in {"text", "console"}  # messages, which their own tests compare; commands: test_commands.py
]


@pytest.mark.parametrize(("page", "file", "language", "text"), SHOWN, ids=[f"{row[0]}-{row[1]}" for row in SHOWN])
def test_a_snippet_is_a_file_that_a_test_runs(page: str, file: str, language: str, text: str) -> None:
    assert file, f"{page}: a {language} snippet without its file"
    assert text == (ROOT / file).read_text()
    test = RUN[file]
    if "::" in test:
        find_test(test)
    else:
        assert test in (ROOT / "docs" / page).read_text()


def test_every_file_that_is_run_is_shown() -> None:
    assert {row[1] for row in SHOWN} == set(RUN)


@pytest.mark.parametrize("page", PAGES)
def test_the_page_of_tools_leads_to_the_page(page: str) -> None:
    assert f"]({page})" in (ROOT / "docs" / "tools.md").read_text()


@pytest.mark.parametrize("page", [page for page in PAGES if page != "other-tools.md"])
def test_a_page_says_how_one_sees_that_it_worked_and_what_it_can_not_do(page: str) -> None:
    """Of each way on a page; the page of many tools says it once for all of them."""
    text = (ROOT / "docs" / page).read_text()
    assert text.count("**Did it work?**") == text.count("**What it can't do.**") == (2 if page == "argocd.md" else 1)
