"""What Helm reads from the archives of subcharts is what the plugin checked. Archives of real charts go on working."""

from __future__ import annotations

import os
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from tests.support.examples import objects
from tests.unit.integrations.argocd.archives import HEAD, pack, tricks
from tests.unit.integrations.argocd.conftest import enter, generate, make_chart, refusals

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "values.schema.json"
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{text: {text}}}\n"


@pytest.fixture
def chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = make_chart(tmp_path / "checkout" / "app")
    (folder / "charts").mkdir()
    enter(folder, "app", monkeypatch)
    return folder


def names() -> list[str]:
    done = generate()
    assert done.exit_code == 0, done.error
    return [item["metadata"]["name"] for item in objects(done.output.decode())]


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize("trick", sorted(tricks("")))
def test_helm_reads_no_schema_that_the_check_does_not_see(trick: str, chart: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"token-hunter2": 1}')
    schema = f'{{"properties": {{"k": {{"$ref": "file://{tmp_path}/secret.json#/x"}}}}}}'
    (chart / "charts" / "sub-1.0.0.tgz").write_bytes(tricks(schema)[trick])
    helm = subprocess.run(["helm", "template", "a", "."], capture_output=True, text=True, check=False)
    assert "secret.json" in helm.stderr, "the trick works with Helm itself"
    done = generate()
    assert done.output == b""
    assert "secret.json" not in done.error.replace(f'file://{tmp_path}/secret.json#/x"', "")
    assert refusals(done) == ["unsafe-path"]


def package(folder: Path, target: Path) -> None:
    subprocess.run(["helm", "package", str(folder), "-d", str(target)], check=True, capture_output=True)


@pytest.mark.usefixtures("helm")
def test_archives_that_helm_packs(chart: Path, tmp_path: Path) -> None:
    """Long names, directories, a library chart, and a chart in a chart."""
    long = "d" * 90 + "/" + "f" * 150
    middle = make_chart(tmp_path / "middle", "name: middle", own=MAP.format(name="middle", text="{{ .Chart.Name }}"))
    (middle / "templates" / ("d" * 90)).mkdir()
    (middle / "templates" / f"{long}.yaml").write_text(MAP.format(name="long", text="{{ .Template.Name | quote }}"))
    (middle / "templates" / "helper.yaml").write_text('{{ include "library.map" . }}')
    library = make_chart(tmp_path / "library", "name: library\ntype: library")
    (library / "templates" / "shown.yaml").unlink()
    (library / "templates" / "_map.tpl").write_text(
        f'{{{{ define "library.map" }}}}{MAP.format(name="from-library", text="x")}{{{{ end }}}}'
    )
    (middle / "charts").mkdir()
    package(library, middle / "charts")
    package(middle, chart / "charts")
    (archive,) = (chart / "charts").iterdir()
    helm = subprocess.run(["helm", "template", "training", ".", "-n", "vision"], capture_output=True, check=True)
    before = archive.read_bytes()
    assert names() == ["from-library", "long", "middle", "shown"]
    assert objects(generate().output.decode()) == objects(helm.stdout.decode())
    assert archive.read_bytes() != before, "it was packed again"
    after = archive.read_bytes()
    generate()
    assert archive.read_bytes() == after, "the second time, nothing is new"
    assert os.listdir(chart / "charts") == [archive.name]


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_archives_that_tar_packs(form: int, chart: Path, tmp_path: Path) -> None:
    sub = make_chart(tmp_path / "sub", "name: sub", own=MAP.format(name="own", text="{{ .Values.k | quote }}"))
    (sub / "values.yaml").write_text("k: 5\n")
    (sub / "templates" / "linked.yaml").symlink_to("own.yaml")
    with tarfile.open(chart / "charts" / "sub.tgz", "w:gz", format=form) as archive:
        archive.add(sub, "sub")
    assert names() == ["own", "shown"]


@pytest.mark.usefixtures("helm")
def test_an_archive_in_an_archive_is_packed_again(chart: Path) -> None:
    inner = pack({"in/Chart.yaml": HEAD.replace(b"sub", b"in"), "in/templates/a": MAP.format(name="inner", text="x")})
    outer = pack({"sub/Chart.yaml": HEAD, "sub/charts/in.tgz": inner, "sub/charts/_old.tgz": b"x"})
    (chart / "charts" / "sub.tgz").write_bytes(outer)
    assert names() == ["inner", "shown"]
    assert inner not in (chart / "charts" / "sub.tgz").read_bytes()


@pytest.mark.usefixtures("helm")
def test_a_linked_archive_is_replaced_where_it_is(chart: Path) -> None:
    (chart.parent / "vendor").mkdir()
    sub = pack({"sub/Chart.yaml": HEAD, "sub/templates/a": MAP.format(name="own", text="x")})
    (chart.parent / "vendor" / "blob").write_bytes(sub)
    (chart / "charts" / "sub.tgz").symlink_to("../../vendor/blob")
    assert names() == ["own", "shown"]
    assert (chart / "charts" / "sub.tgz").is_symlink()
    assert (chart.parent / "vendor" / "blob").read_bytes() != sub


def test_an_archive_outside_of_the_repository_is_not_written(chart: Path, tmp_path: Path) -> None:
    sub = pack({"sub/Chart.yaml": HEAD})
    (tmp_path / "other.tgz").write_bytes(sub)
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "sub.tgz").write_bytes(sub)
    (chart / "charts" / "sub.tgz").symlink_to(tmp_path / "other.tgz")
    (chart / "charts" / "a").mkdir()
    (chart / "charts" / "a" / "charts").symlink_to(tmp_path / "others")
    assert refusals(generate()) == ["unsafe-path", "unsafe-path"]
    assert (tmp_path / "other.tgz").read_bytes() == (tmp_path / "others" / "sub.tgz").read_bytes() == sub


def test_an_archive_that_can_t_be_replaced_is_an_error(chart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (chart / "charts" / "sub.tgz").write_bytes(pack({"sub/Chart.yaml": HEAD}))
    monkeypatch.setattr("os.replace", refuse)
    done = generate()
    assert refusals(done) == ["unsafe-path"]
    assert '"app/charts/sub.tgz" can\'t be used: Permission denied' in done.error


def test_a_file_over_the_limit_is_refused_without_reading_all_of_it(chart: Path) -> None:
    for name in (SCHEMA, "charts/sub.tgz"):
        with (chart / name).open("wb") as file:
            file.truncate(1 << 40)
    done = generate()
    assert refusals(done) == ["unsafe-path", "unsafe-path"]
    assert '"app/values.schema.json" is larger than 5 MiB' in done.error
    assert '"app/charts/sub.tgz" can\'t be used: it is larger than 20 MiB' in done.error


def test_a_large_schema_in_an_archive_is_refused(chart: Path) -> None:
    schema = b"{}" + b" " * (5 << 20)
    (chart / "charts" / "sub.tgz").write_bytes(pack({"sub/Chart.yaml": HEAD, f"sub/{SCHEMA}": schema}))
    done = generate()
    assert refusals(done) == ["unsafe-path"]
    assert '"app/charts/sub.tgz/values.schema.json" is larger than 5 MiB' in done.error
