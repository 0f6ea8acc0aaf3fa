"""`make prove-cluster`: removes each feature from a copy of the project; its scenarios must then fail.

A scenario that passes without its feature does not test it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import NamedTuple

from ci.cluster.paths import KUBECONFIG, ROOT


class Feature(NamedTuple):
    """``old`` must be in ``file`` exactly once; ``new`` replaces it and removes the feature."""

    what: str
    file: str
    old: str
    new: str
    scenarios: tuple[str, str]  # a file of tests, and -k


FEATURES = (
    Feature(
        "the content that a release still has",
        "post_renderer/inventory/manifests.py",
        "if (job.namespace, job.name) in self._jobs:",
        "if False:",
        ("cluster/test_inventory.py", "test_the_users_of_each_claim_and_the_stale_jobs"),
    ),
    Feature(
        "the mount that makes the run folder",
        "post_renderer/resolve/__init__.py",
        'mounts.append(Mount(entry, alone, "run folder"))',
        "pass",
        ("cluster/test_example.py", "test_run_folder_is_there_before_the_program"),
    ),
    Feature(
        "readOnly on mounts",
        "post_renderer/resolve/__init__.py",
        'fields["readOnly"] = True',
        "pass",
        ("cluster/test_example.py", "test_read_only_data_on_a_host_path"),
    ),
    Feature(
        "doubled dollars",
        "post_renderer/catalog/entry.py",
        'text.replace("$", "$$")',
        "text",
        ("cluster/test_storage.py", "test_dollars"),
    ),
    Feature(
        "the chart's scheduling gate",
        "chart/templates/_pod.tpl",
        "schedulingGates:\n  - name: polyaxon.com/needs-post-renderer",
        "schedulingGates: []",
        ("cluster/test_gate.py", "test_a_bare_install_stays_gated or test_the_next_upgrade_removes"),
    ),
    Feature(
        "the optional keys of a bucket's Secret",
        "post_renderer/resolve/bucket_env.py",
        'reference["optional"] = True',
        "pass",
        ("cluster/test_tensorboard_bucket.py", "test_a_run_gets_its_variables_and_its_key_file"),
    ),
    Feature(
        "the program that opens the bucket of a tensorboard",
        "chart/templates/_notebook.tpl",
        "{{- if $env }}",
        "{{- if false }}",
        ("cluster/test_tensorboard_bucket.py", "test_a_tensorboard_shows_the_results_in_its_bucket and json"),
    ),
    Feature(
        "the annotation that keeps Jobs",
        "post_renderer/inject/job_name.py",
        'KEPT: Final = {"helm.sh/resource-policy": "keep"}',
        "KEPT: dict[str, str] = {}",
        ("cluster/test_outcomes.py", "helm4-upgrade and run and changed-keep and not refuses and not same"),
    ),
    Feature(
        "the names of Jobs by their content",
        "post_renderer/runs/__init__.py",
        "if is_named_by_content(workload, request) and not workload.live:",
        "if False:",
        ("cluster/test_upgrades.py", "test_a_changed_run_starts_beside_the_kept_one"),
    ),
    Feature(
        "the selector of a kept Job, by which Helm 3 can roll back",
        "post_renderer/inject/job_name.py",
        'edits.append(Edit(ADD, ("spec",), {"manualSelector": True, "selector": selector}))',
        "pass",
        ("cluster/test_outcomes.py", "helm3-roll and back and from and change-keep"),
    ),
    Feature(
        "the rule of the admission policy",
        "chart/templates/admission-policy.yaml",
        "expression: '!variables.bare[0] || (size(variables.bare) == 2 && variables.bare[1])'",
        "expression: 'true'",
        ("cluster/test_admission.py", "test_a_rendered_deployment_is_not_overwritten"),
    ),
    Feature(
        "its rule for what a controller makes",
        "chart/templates/admission-policy.yaml",
        "owner.?controller.orValue(false)",
        "false",
        ("cluster/test_admission.py", "test_what_was_bare_before"),
    ),
    Feature(
        "its rule for other operators' objects",
        "chart/templates/admission-policy.yaml",
        "!= [true, false]",
        "!= [true, true]",
        ("cluster/test_admission.py", "test_objects_of_other_operators"),
    ),
    Feature(
        "the API server's defaults in verify",
        "post_renderer/inject/api_defaults.py",
        "return isinstance(value, str) and value in defaults",
        "return False",
        ("cluster/test_verify.py", "test_every_kind_of_storage"),
    ),
    Feature(
        "the annotation by which Argo CD keeps what git no longer has",
        "post_renderer/inject/job_name.py",
        '"argocd.argoproj.io/sync-options": "Prune=false",',
        "",
        ("argocd/test_argocd.py", "test_a_run_removed_from_git"),
    ),
    Feature(
        "the annotation by which Argo CD reports no drift for it",
        "post_renderer/inject/job_name.py",
        '"argocd.argoproj.io/compare-options": "IgnoreExtraneous",',
        "",
        ("argocd/test_argocd.py", "test_a_run_removed_from_git"),
    ),
    Feature(
        "the annotation by which a failed run does not degrade an Application",
        "chart/templates/_run.tpl",
        '"argocd.argoproj.io/ignore-healthcheck" "true"',
        '"example.com/nothing" "true"',
        ("argocd/test_argocd.py", "test_a_failed_run"),
    ),
)


def main() -> None:
    env = {**os.environ, "KUBECONFIG": os.environ.get("KUBECONFIG") or str(KUBECONFIG)}
    wrong = []
    for group in ("cluster/", "argocd/"):
        scenarios = sorted({feature.scenarios for feature in FEATURES if feature.scenarios[0].startswith(group)})
        with tempfile.TemporaryDirectory() as folder:
            passed, failed = run_scenarios(make_copy(folder), scenarios, env)
        print(f"with all features, tests/e2e/{group}: {passed} passed, {failed} failed", flush=True)
        wrong += ["a copy with all features"] if failed or passed < len(scenarios) else []
    for feature in FEATURES:
        with tempfile.TemporaryDirectory() as folder:
            copy = make_copy(folder)
            path = copy / feature.file
            path.write_text(take_out(path.read_text(), feature))
            passed, failed = run_scenarios(copy, [feature.scenarios], env)
        verdict = f"{passed} passed, {failed} failed"
        print(f"without {feature.what}: {verdict} ({feature.scenarios[0]}: {feature.scenarios[1]})", flush=True)
        if passed or not failed:
            wrong.append(f"a copy without {feature.what}")
    if wrong:
        sys.exit(f"scenarios gave the wrong result for: {'; '.join(wrong)}")
    print(f"{len(FEATURES)} features removed, and their scenarios failed")


def make_copy(folder: str) -> Path:
    """Copy the project's files, and link the tools. Returns the directory of the copy."""
    copy = Path(folder) / "copy"
    shutil.copytree(ROOT, copy, ignore=lambda _, names: [name for name in names if name.startswith(".")])
    (copy / ".tools").symlink_to(ROOT / ".tools")
    return copy


def run_scenarios(copy: Path, scenarios: list[tuple[str, str]], env: dict[str, str]) -> tuple[int, int]:
    """Return the numbers of passed and failed tests of the scenarios in a copy."""
    files = sorted({f"tests/e2e/{file}" for file, _ in scenarios})
    words = " or ".join(f"({words})" for _, words in scenarios)
    report = copy / "report.xml"
    workers = "6" if files[0].startswith("tests/e2e/cluster/") else "0"  # a cluster has one Argo CD
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", workers, *files]
    # PYTHONPATH comes before installed packages, so the installed command imports the copy.
    subprocess.run(
        [*command, "-k", words, f"--junitxml={report}"],
        cwd=copy,
        env={**env, "PYTHONPATH": str(copy)},
        capture_output=True,
        check=False,
    )
    suite = next(ET.parse(report).getroot().iter("testsuite"))
    failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    return int(suite.get("tests", 0)) - failed - int(suite.get("skipped", 0)), failed


def take_out(text: str, feature: Feature) -> str:
    """Return the text without the feature. Ends the program if the text does not contain it exactly once."""
    if text.count(feature.old) != 1:
        sys.exit(
            f"{feature.file} has the text of {feature.what} {text.count(feature.old)} times, not once: "
            "fix ci/cluster/feature_mutations.py"
        )
    return text.replace(feature.old, feature.new)


if __name__ == "__main__":
    main()
