"""The image of the post-renderer: as a filter and as a function, without rights, without a shell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.cli import make_catalog, make_job, run
from tests.support.examples import objects, template
from tests.support.krm import build, copy_kustomization, make_catalog_map, make_list
from tests.support.krm import make_job as make_item
from tests.support.messages import heads
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.images.conftest import Podman

EXAMPLE = ROOT / "docs" / "examples" / "kustomize"
STREAM = make_catalog() + make_job()


def test_it_runs_as_nobody_and_starts_the_program_itself(engine: Podman, image: str) -> None:
    (found,) = json.loads(engine.must("image", "inspect", image))
    assert found["Config"]["User"] == "65534:65534"
    assert found["Config"]["Entrypoint"] == ["/opt/polyaxon-persistence/bin/polyaxon-persistence"]
    assert found["Config"]["Cmd"] == ["krm"]


def test_as_a_filter_it_gives_what_a_pipe_gives(engine: Podman, image: str) -> None:
    done = engine.run(image, "render", stdin=STREAM)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == run(stdin=STREAM).output.decode()


def test_a_problem_is_reported_and_nothing_is_written(engine: Podman, image: str) -> None:
    bad = make_catalog() + make_job("environment: {persistence: {data: [data-fo]}}\n")
    done = engine.run(image, "render", stdin=bad)
    assert (done.returncode, done.stdout) == (1, "")
    assert heads(done.stderr)[0].startswith("error[unknown-volume] Job/train ")


def test_by_itself_it_is_a_function(engine: Podman, image: str) -> None:
    given = yaml.safe_dump(make_list(make_catalog_map(), make_item()))
    done = engine.run(image, stdin=given)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == run("krm", stdin=given).output.decode()
    assert "POLYAXON_DATA_PATHS" in done.stdout


def test_it_needs_no_shell(engine: Podman, image: str, tmp_path: Path) -> None:
    remove = "import os; [os.unlink(f'/usr/bin/{name}') for name in ('sh', 'bash', 'dash')]"
    dockerfile = ["FROM " + image, "USER 0", "RUN " + json.dumps(["/usr/bin/python3", "-c", remove]), "USER 65534"]
    (tmp_path / "Dockerfile").write_text("\n".join(dockerfile))
    engine.build("localhost/bare:1", tmp_path / "Dockerfile", tmp_path)
    assert engine.run("--entrypoint=/bin/sh", "localhost/bare:1", "-c", "true").returncode != 0
    done = engine.run("localhost/bare:1", "render", stdin=STREAM)
    assert (done.returncode, done.stdout) == (0, run(stdin=STREAM).output.decode())


def test_the_strict_container_is_strict(engine: Podman, image: str) -> None:
    """What the other tests rely on."""
    script = "id -u; cat /proc/self/status | grep -E 'CapEff|NoNewPrivs'; touch /tmp/x /opt/polyaxon-persistence/x"
    done = engine.run("--entrypoint=/bin/sh", image, "-c", script)
    assert done.stdout.split() == ["65534", "CapEff:", "0000000000000000", "NoNewPrivs:", "1"]
    assert done.stderr.count("Read-only file system") == 2


def kustomization(folder: Path, function: str) -> Path:
    """The documented directory; ``function`` is the file under `transformers`."""
    main = copy_kustomization(folder) / "kustomization.yaml"
    assert "- persistence.yaml" in main.read_text()
    main.write_text(main.read_text().replace("- persistence.yaml", f"- {function}"))
    return folder


@pytest.mark.usefixtures("image")
def test_kustomize_starts_the_container(
    with_docker: dict[str, str], tools: Path, helm_env: dict[str, str], tmp_path: Path
) -> None:
    folder = kustomization(tmp_path / "container", "persistence-container.yaml")
    done: Any = build(tools, with_docker, folder, "--enable-helm", "--enable-alpha-plugins")
    assert done.returncode == 0, done.stderr
    by_helm = template(tools, helm_env, "documented", "helm4", "--namespace", "vision")
    assert objects(done.stdout) == objects(by_helm.stdout)
    jobs = [item for item in objects(done.stdout) if item["kind"] == "Job"]
    assert len(jobs) == 4


@pytest.mark.usefixtures("image")
def test_kustomize_shows_what_the_container_says(with_docker: dict[str, str], tools: Path, tmp_path: Path) -> None:
    folder = kustomization(tmp_path / "container", "persistence-container.yaml")
    values = (folder / "values.yaml").read_text()
    (folder / "values.yaml").write_text(values.replace("['data1', 'data-foo']", "['data1', 'data-fo']"))
    done: Any = build(tools, with_docker, folder, "--enable-helm", "--enable-alpha-plugins")
    assert (done.returncode, done.stdout) == (1, "")
    assert 'no data volume "data-fo"' in done.stderr


FIND = """\
import shutil, sys
from importlib import import_module
sys.path.insert(0, next(iter(__import__("glob").glob("/opt/polyaxon-persistence/lib/*/site-packages"))))
print(import_module("post_renderer.cli").__file__, [name for name in ("gcc", "cc", "mypyc", "pip") if shutil.which(name)])
"""


@pytest.mark.parametrize("which", ["image", "image_for_argo_cd"])
def test_the_program_is_compiled_and_the_image_has_no_compiler(
    which: str, engine: Podman, request: pytest.FixtureRequest
) -> None:
    done = engine.run("--entrypoint=/usr/bin/python3", request.getfixturevalue(which), "-c", FIND)
    path, compilers = done.stdout.split(maxsplit=1)
    assert path.endswith(".so"), done.stderr
    assert compilers == "[]\n"
