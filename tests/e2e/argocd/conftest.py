"""One Argo CD for all tests, and for each test an Application with a repository and a namespace of its own."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from ci.argocd import argocd as parts
from ci.argocd import build
from tests.e2e.argocd.support import Application, make_repository
from tests.e2e.cluster.conftest import _cluster, make_namespace, space  # noqa: F401  # the cluster's fixtures, used by name
from tests.e2e.cluster.support import KUBECTL, Namespace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def argocd(
    _cluster: None,  # noqa: F811  # the fixture, not its import
    tools: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[parts.ArgoCD]:
    """The running Argo CD. Without its program every test fails: none is skipped."""
    missing = [name for name in build.PACKAGES.values() if shutil.which(name) is None]
    missing += [] if build.PROGRAM.exists() else [str(build.PROGRAM.relative_to(build.ROOT))]
    if missing:
        pytest.fail(f"{', '.join(missing)} missing: run `make test-gitops`")
    parts.prepare(KUBECTL, os.environ["KUBECONFIG"])
    running = parts.run(tmp_path_factory.mktemp("argocd"), os.environ["KUBECONFIG"], tools / "helm4")
    yield running
    parts.stop(running.processes)


@pytest.fixture
def application(
    argocd: parts.ArgoCD,
    space: Namespace,  # noqa: F811  # the fixture, not its import
    tmp_path: Path,
) -> Iterator[Application]:
    space.make_claims("datasets")
    space.run_on_node(f"echo from-the-data-volume > {space.folder}/datasets/marker", f"{space.folder}/datasets")
    served = argocd.repositories / f"{space.name}.git"
    repository = make_repository(served, tmp_path / "clone", f"{argocd.repositories_url}/{space.name}.git")
    yield Application(space, repository)
    Namespace(parts.NAMESPACE).kubectl("delete", "application", space.name, "--ignore-not-found")
