"""The scripts that make parts of pages: they write, they check, and they refuse what they don't know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci.generate import (
    admission_kinds,
    architecture_page,
    chart_readme,
    chart_schema,
    command_line_page,
    completion,
    editor_schemas,
    errors_page,
    kinds_page,
    manual,
    pictures,
)
from ci.generate.writer import replace_between, run_writer

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

pytestmark = pytest.mark.pure

SCRIPTS = (
    admission_kinds,
    architecture_page,
    chart_readme,
    chart_schema,
    command_line_page,
    completion,
    editor_schemas,
    errors_page,
    kinds_page,
    manual,
    pictures,
)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_each_page_is_as_its_script_writes_it(script: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert script.main(["--check"]) == 0
    for words in (["--chek"], ["--check", "more"]):
        assert script.main(words) == 2
        assert f"python -m {script.__name__} --check" in capsys.readouterr().err


def test_a_stale_page_fails_the_check_and_is_written_without_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("head\n<a>\n\nold\n\n</a>\ntail\n")

    def run(*words: str, end: str = "</a>") -> int:
        return run_writer(list(words), page, "usage", "make page", lambda old: replace_between(old, "<a>", end, "new"))

    assert run("--check") == 1
    assert capsys.readouterr().err.endswith("/page.md is stale: run make page\n")
    assert run() == 0
    assert page.read_text() == "head\n<a>\n\nnew\n\n</a>\ntail\n"
    assert run("--check") == 0
    assert run(end="<none>") == 1
    assert capsys.readouterr().err.endswith("/page.md lacks the lines <a> and <none>\n")
    assert page.read_text() == "head\n<a>\n\nnew\n\n</a>\ntail\n"
