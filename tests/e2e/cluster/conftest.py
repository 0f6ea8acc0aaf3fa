"""A namespace per test (or per module, where many look at one release), both Helms, and what they leave removed."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from typing import TYPE_CHECKING

import pytest

from tests.e2e.cluster.support import KUBECTL, NODE_FOLDER, Helm, Namespace
from tests.support.examples import env_of
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HELMS = ("helm3", "helm4")


@pytest.fixture(scope="session", autouse=True)
def _cluster() -> Iterator[None]:
    """The cluster of KUBECONFIG, else that of `make cluster`. Without one every test fails: none is skipped."""
    os.environ.setdefault("KUBECONFIG", str(ROOT / ".cluster" / "kubeconfig"))
    if not shutil.which(KUBECTL):
        pytest.fail("no kubectl on PATH: run `make cluster`, which builds one")
    asked = subprocess.run([KUBECTL, "version", "--request-timeout=5s"], capture_output=True, text=True, check=False)
    if asked.returncode != 0:
        pytest.fail(f"no cluster at KUBECONFIG={os.environ['KUBECONFIG']}: {asked.stderr}")
    yield
    del os.environ["KUBECONFIG"]


@pytest.fixture(scope="session")
def cluster_env(helm_env: dict[str, str], _cluster: None) -> dict[str, str]:
    return {**helm_env, "KUBECONFIG": os.environ["KUBECONFIG"]}


@pytest.fixture(scope="session")
def make_namespace(_cluster: None) -> Iterator[Callable[[], Namespace]]:
    """Make namespaces that are removed at the end, with their volumes and their folders on the node."""
    made: list[Namespace] = []

    def make() -> Namespace:
        space = Namespace(f"test-{uuid.uuid4().hex[:8]}")
        made.append(space)
        Namespace("default").kubectl("create", "namespace", space.name)
        return space

    yield make
    if made:
        made[0].kubectl("delete", "jobs,cronjobs,pods", "--all", "--wait=false")
        made[0].run_on_node(f"cd {NODE_FOLDER}; rm -rf {' '.join(f'{space.name}/*' for space in made)}", NODE_FOLDER)
    for space in made:
        space.kubectl("delete", "namespace", space.name, "--wait=false")
        space.kubectl("delete", "persistentvolumes", "--selector", f"polyaxon-tests={space.name}", "--wait=false")


@pytest.fixture(scope="module")
def make_helm(
    tools: Path, cluster_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Namespace], Helm]:
    def make(name: str, space: Namespace) -> Helm:
        folder = tmp_path_factory.mktemp(name)
        return Helm(name, tools / name, {**env_of(name, cluster_env), "XDG_STATE_HOME": str(folder)}, space, folder)

    return make


@pytest.fixture
def space(make_namespace: Callable[[], Namespace]) -> Iterator[Namespace]:
    """A namespace of the test's own, with a claim `results`; its pods end with the test."""
    found = make_namespace()
    found.make_claims("results")
    yield found
    found.kubectl("delete", "jobs,cronjobs,deployments,statefulsets,pods", "--all", "--wait=false")


@pytest.fixture(params=HELMS)
def helm(request: pytest.FixtureRequest, make_helm: Callable[[str, Namespace], Helm], space: Namespace) -> Helm:
    """Either Helm, in the test's own namespace."""
    return make_helm(request.param, space)


@pytest.fixture
def other_helm(helm: Helm, make_helm: Callable[[str, Namespace], Helm]) -> Helm:
    """The other Helm, in the same namespace."""
    return make_helm(next(name for name in HELMS if name != helm.name), helm.space)


@pytest.fixture
def helm3(make_helm: Callable[[str, Namespace], Helm], space: Namespace) -> Helm:
    return make_helm("helm3", space)


@pytest.fixture
def helm4(make_helm: Callable[[str, Namespace], Helm], space: Namespace) -> Helm:
    return make_helm("helm4", space)
