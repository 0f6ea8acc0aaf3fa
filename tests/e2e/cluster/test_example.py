"""The documented example as running pods: what each run sees of the catalog."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.cluster.conftest import HELMS
from tests.e2e.cluster.support import IMAGE, PROBE, Helm, Namespace, Object

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = ("defaults", "chosen-data", "chosen-outputs", "other-outputs")
DATA = {"data1": "/data/1", "data2": "/data/2", "data-foo": "/data/foo"}


@pytest.fixture(scope="module", params=HELMS)
def reports(
    request: pytest.FixtureRequest, make_namespace: Callable[[], Namespace], make_helm: Callable[[str, Namespace], Helm]
) -> dict[str, Object]:
    """What the probe printed in each run of the example, with a marker on every data volume before."""
    space = make_namespace()
    space.make_claims("data-2-pvc", "data-foo-pvc", "outputs-2-pvc", "outputs-foo-pvc")
    space.run_on_node(
        f"mkdir {space.folder}/data-2-pvc {space.folder}/data-foo-pvc; cd {space.folder}; "
        "printf data1 >/path/to/data/marker; printf data2 >data-2-pvc/marker; printf data-foo >data-foo-pvc/marker",
        "/path/to/data",
    )
    helm = make_helm(request.param, space)
    # The example's own image and program would win over those of runDefaults.
    ours = {"polyaxonfile": {"build": None, "run": None}, "command": PROBE, **IMAGE}
    helm.must_upgrade("values-examples/documented.yaml", {"runDefaults": ours})
    return {run: {**space.report_of(run), "namespace": space.name} for run in RUNS}


def outputs_mounts(report: Object) -> list[str]:
    return [path for path in report["mounts"] if not path.startswith("/data/")]


def test_run_that_asks_for_nothing_sees_all_data(reports: dict[str, Object]) -> None:
    assert [path for path in reports["defaults"]["mounts"] if path.startswith("/data/")] == sorted(DATA.values())


def test_run_that_asks_for_nothing_gets_the_first_writable_outputs(reports: dict[str, Object]) -> None:
    assert outputs_mounts(reports["defaults"]) == ["/outputs/foo", "/polyaxon/outputs"]


def test_run_with_a_subset_sees_no_other_data(reports: dict[str, Object]) -> None:
    assert [path for path in reports["chosen-data"]["mounts"] if path.startswith("/data/")] == ["/data/1", "/data/foo"]


def test_run_with_an_outputs_name_gets_that_volume(reports: dict[str, Object]) -> None:
    assert outputs_mounts(reports["chosen-outputs"]) == ["/outputs/foo", "/polyaxon/outputs"]
    assert outputs_mounts(reports["other-outputs"]) == ["/outputs/2", "/polyaxon/outputs"]


def test_every_data_volume_holds_what_was_put_there(reports: dict[str, Object]) -> None:
    markers = reports["defaults"]["markers"]
    assert {name: markers[path] for name, path in DATA.items()} == {name: name for name in DATA}


def test_variables_say_where_the_data_is(reports: dict[str, Object]) -> None:
    variables = reports["defaults"]["variables"]
    assert json.loads(variables["POLYAXON_DATA_PATHS"]) == DATA
    assert json.loads(variables["POLYAXON_RUN_DATA_PATHS"]) == DATA


def test_variables_of_the_run_are_expanded(reports: dict[str, Object]) -> None:
    for run in RUNS:
        variables = reports[run]["variables"]
        folder = f"{reports[run]['namespace']}/experiments/{variables['POLYAXON_RUN_NAME']}"
        assert variables["POLYAXON_RUN_NAME"].startswith(f"demo-{run}-")
        assert variables["POLYAXON_RUN_FOLDER"] == folder
        assert variables["POLYAXON_RUN_OUTPUTS_PATH"] == f"{variables['POLYAXON_BASE_OUTPUTS_PATH']}/{folder}"
        assert variables["POLYAXON_IN_CLUSTER"] == "true"


def test_polyaxon_helper_returns_the_same_paths(reports: dict[str, Object]) -> None:
    for report in reports.values():
        assert report["helper_data"] == json.loads(report["variables"]["POLYAXON_DATA_PATHS"])
        assert report["helper_outputs"] == report["variables"]["POLYAXON_RUN_OUTPUTS_PATH"]


def test_run_folder_is_there_before_the_program_and_takes_files(reports: dict[str, Object]) -> None:
    for report in reports.values():
        assert report["run_folder_was_there"]
        assert report["writes"][report["variables"]["POLYAXON_RUN_OUTPUTS_PATH"]] == "written"


def test_no_two_runs_share_a_directory(reports: dict[str, Object]) -> None:
    assert len({report["variables"]["POLYAXON_RUN_FOLDER"] for report in reports.values()}) == len(RUNS)
    for report in reports.values():
        assert report["listed"]["/polyaxon/outputs"] == []


def test_read_only_data_on_a_host_path_takes_no_file(reports: dict[str, Object]) -> None:
    writes = reports["defaults"]["writes"]
    assert writes["/data/1"] == "EROFS"
    assert writes["/data/2"] == writes["/data/foo"] == "written"
