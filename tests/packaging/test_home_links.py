"""Links of the README on PyPI and of the chart's README on Artifact Hub, where the other files of the project are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ci.chart_package import main, prepare, read_settings
from hatch_readme import LINK, ReadmeHook, make_absolute
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

HOME = {"pages": "https://git.example.com/p/blob/main/", "pictures": "https://git.example.com/p/raw/main"}


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        ("[a](docs/check.md)", "[a](https://git.example.com/p/blob/main/docs/check.md)"),
        ("[a\nb](docs/check.md#x)", "[a\nb](https://git.example.com/p/blob/main/docs/check.md#x)"),
        ("![a](docs/pictures/a.svg)", "![a](https://git.example.com/p/raw/main/docs/pictures/a.svg)"),
        ("[a](#limits)", "[a](#limits)"),
        ("[a](https://example.com/x)", "[a](https://example.com/x)"),
        ("[a](mailto:a@example.com)", "[a](mailto:a@example.com)"),
    ],
)
def test_a_link_becomes_absolute(link: str, absolute: str) -> None:
    assert make_absolute(link, "", HOME) == absolute
    assert make_absolute(link, "", {}) == make_absolute(link, "", {"pages": "", "pictures": ""}) == link


def test_a_link_of_the_chart_leads_out_of_its_directory() -> None:
    assert make_absolute("[a](../docs/kinds.md)", "chart", HOME) == (
        "[a](https://git.example.com/p/blob/main/docs/kinds.md)"
    )


def test_the_readme_in_the_metadata(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("[a](b.md)\n")
    metadata: dict[str, Any] = {}
    ReadmeHook(str(tmp_path), HOME).update(metadata)
    assert metadata == {
        "readme": {"content-type": "text/markdown", "text": "[a](https://git.example.com/p/blob/main/b.md)\n"}
    }


def test_no_relative_link_is_left(tmp_path: Path) -> None:
    chart = prepare(tmp_path, HOME)
    assert (chart / "Chart.yaml").is_file()
    texts = [make_absolute((ROOT / "README.md").read_text(), "", HOME), (chart / "README.md").read_text()]
    for text in texts:
        targets = [target for _, _, target in LINK.findall(text)]
        assert len(targets) >= 5
        assert all(target.startswith(("https://", "#")) for target in targets)


def test_without_an_address_the_chart_is_packaged_as_it_is(tmp_path: Path) -> None:
    chart = prepare(tmp_path, {"pages": "", "pictures": ""})
    assert (chart / "README.md").read_text() == (ROOT / "chart" / "README.md").read_text()
    assert (chart / "README.md").stat().st_mtime == (ROOT / "chart" / "README.md").stat().st_mtime
    assert {"pages", "pictures"} < set(read_settings())


def test_another_command_line_prints_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "python -m ci.chart_package DIRECTORY" in capsys.readouterr().err
