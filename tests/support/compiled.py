"""The modules that a compiled wheel contains as machine code."""

from __future__ import annotations

import tomllib
from pathlib import Path

from post_renderer import cli
from tests.support.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
HOOK = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]
COMPILED: list[str] = HOOK["modules"]
# Whether these tests run on the compiled program.
IS_COMPILED = Path(cli.__file__).suffix == ".so"
