"""Helm opens no archive of the repository that the plugin did not pack again: also while it builds dependencies."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.unit.integrations.argocd.archives import HEAD, pack
from tests.unit.integrations.argocd.conftest import enter, generate, make_chart, quoted, refusals

if TYPE_CHECKING:
    from pathlib import Path

DEPENDENCY = "name: app\ndependencies: [{name: common, version: 0.1.0, repository: 'file://../common'}]"


def bomb(pieces: int = 3) -> bytes:
    """Archives in an archive: 80 MiB each. Helm's own limit is for each of them."""
    inner = pack(
        {"i/Chart.yaml": HEAD.replace(b"sub", b"i"), **{f"i/f{number}": bytes(4 << 20) for number in range(20)}}
    )
    return pack({"o/Chart.yaml": HEAD.replace(b"sub", b"o"), **{f"o/charts/i{n}.tgz": inner for n in range(pieces)}})


@pytest.fixture(scope="module")
def large() -> bytes:
    return bomb()


@pytest.fixture
def chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_chart(tmp_path / "checkout" / "common", "name: common", own="{}")
    folder = make_chart(tmp_path / "checkout" / "app", DEPENDENCY)
    (folder / "charts").mkdir()
    enter(folder, "app", monkeypatch)
    return folder


# Relative to the chart.
PLACES = [
    "charts/_bomb.tgz",
    "charts/.bomb",
    "charts/bomb",
    "charts/bomb.TGZ",
    "charts/bomb.tgz",
    "../common/charts/bomb.tgz",
    "../common/charts/sub/charts/bomb.tgz",
]


@pytest.mark.usefixtures("one_helm")
@pytest.mark.parametrize("place", PLACES)
def test_a_bomb_is_refused_before_helm_starts(place: str, large: bytes, chart: Path) -> None:
    path = chart / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(large)
    done = generate()
    assert refusals(done) == ["unsafe-path"]
    assert f"{place.removeprefix('../').removeprefix('charts/')}\" can't be used: the charts contain more than" in (
        done.error.replace("app/charts/", "")
    )
    assert os.listdir(chart / "charts") in ([path.name], []), "Helm built nothing"


@pytest.mark.usefixtures("one_helm")
def test_the_budget_is_one_for_all_local_dependencies(chart: Path) -> None:
    """Helm reads the archives of a directory as often as dependencies name it."""
    small = pack({"o/Chart.yaml": HEAD, **{f"o/f{number}": bytes(4 << 20) for number in range(12)}})
    (chart.parent / "common" / "charts").mkdir()
    (chart.parent / "common" / "charts" / "o.tgz").write_bytes(small)
    assert quoted(generate())["release"] == "training"
    os.remove(chart / "charts" / "common-0.1.0.tgz")
    again = ", ".join(
        f"{{name: common, alias: c{n}, version: 0.1.0, repository: 'file://../common'}}" for n in range(3)
    )
    (chart / "Chart.yaml").write_text(f"apiVersion: v2\nversion: 0.1.0\nname: app\ndependencies: [{again}]\n")
    assert set(refusals(generate())) == {"unsafe-path"}


@pytest.mark.usefixtures("helm")
def test_other_files_in_charts_stay(chart: Path) -> None:
    """Helm looks at each of them, and finds no archive."""
    files = {
        ".gitkeep": b"",
        "b-1.0.0.tgz.prov": b"text",
        "_notes.txt": b"x",
        ".old.tgz": b"no archive",
        "_short": b"\x1f\x8b",
    }
    for name, content in files.items():
        (chart / "charts" / name).write_bytes(content)
    (chart / "charts" / "_unused.tgz").write_bytes(pack({"sub/Chart.yaml": HEAD}))
    assert quoted(generate())["release"] == "training"
    assert {name: (chart / "charts" / name).read_bytes() for name in files} == files


@pytest.mark.usefixtures("one_helm")
@pytest.mark.parametrize("name", ["_common", "_"])
def test_a_dependency_with_a_name_that_helm_ignores(name: str, large: bytes, chart: Path) -> None:
    """Helm would read charts/NAME to build it, and not to render it."""
    text = (
        f"apiVersion: v2\nversion: 0.1.0\nname: app\ndependencies: [{{name: {name}, version: 0.1.0, repository: ''}}]\n"
    )
    (chart / "Chart.yaml").write_text(text)
    (chart / "charts" / name / "charts").mkdir(parents=True)
    (chart / "charts" / name / "charts" / "bomb.tgz").write_bytes(large)
    done = generate()
    assert refusals(done) == ["unsafe-path"]
    assert f'Helm ignores a subchart with the name "{name}"' in done.error


@pytest.mark.usefixtures("one_helm")
def test_a_directory_that_helm_would_download_into(large: bytes, chart: Path) -> None:
    (chart / "tmpcharts-4711").mkdir()
    (chart / "tmpcharts-4711" / "bomb.tgz").write_bytes(large)
    done = generate()
    assert refusals(done) == ["unsafe-path"]
    assert '"tmpcharts-4711"' in done.error


@pytest.mark.usefixtures("one_helm")
def test_many_directories_of_a_dependency_that_is_named_often(chart: Path) -> None:
    for number in range(300):
        (chart.parent / "common" / "charts" / f"d{number}").mkdir(parents=True)
    named = "- {name: common, repository: 'file://../common'}\n" * 300
    (chart / "Chart.yaml").write_text(f"apiVersion: v2\nversion: 0.1.0\nname: app\ndependencies:\n{named}")
    done = generate()
    assert set(refusals(done)) == {"unsafe-path"}
    assert '"common" can\'t be used: the charts contain more than 50,000 files' in done.error


@pytest.mark.usefixtures("one_helm")
def test_long_chains_of_links(chart: Path) -> None:
    (chart / "l" / "d").mkdir(parents=True)
    (chart / "l" / "end").write_text("")
    for number in range(60):
        target = "end" if number % 39 == 0 else "d/../" * 810 + f"k{number - 1}"
        (chart / "l" / f"k{number}").symlink_to(target)
    done = generate()
    assert (done.exit_code, done.output) == (2, b"")
    assert "have more than 1,000,000 parts\n  hint: use fewer or shorter links" in done.error
