"""`argocd generate` in a terminal, without the variables of Argo CD."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.cli import run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_missing_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARGOCD_APP_NAME", raising=False)
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: a\nversion: 1.0.0\n")
    result = run("argocd", "generate")
    assert result.exit_code != 0
    assert (
        'release-name: "" can\'t be the name of a release\n  hint: set ARGOCD_APP_NAME, as Argo CD does\n'
        in result.error
    )
