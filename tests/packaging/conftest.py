"""Fixtures of the tests that build packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.compiled import IS_COMPILED
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the wheel and the sdist. In the compiled run, of the wheel that is tested."""
    if IS_COMPILED:
        return Path(sys.prefix) / "dist"
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT], check=True, capture_output=True
    )
    return folder


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A key made for this: secring.gpg and pubring.gpg, as Helm reads them."""
    assert shutil.which("gpg"), "gpg is missing: install gnupg"
    home = tmp_path_factory.mktemp("gnupg")
    home.chmod(0o700)
    env = {**os.environ, "GNUPGHOME": str(home)}
    quick = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]
    user = "Release <release@example.com>"
    subprocess.run([*quick, "--quick-gen-key", user, "rsa2048", "sign", "never"], env=env, check=True)
    folder = tmp_path_factory.mktemp("keys")
    for option, name in (("--export-secret-keys", "secring.gpg"), ("--export", "pubring.gpg")):
        exported = subprocess.run([*quick, option], env=env, check=True, capture_output=True).stdout
        (folder / name).write_bytes(exported)
    yield folder
    subprocess.run(["gpgconf", "--kill", "all"], env=env, check=True)
