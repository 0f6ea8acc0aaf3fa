"""Makes the links of the README absolute, because PyPI has no other files of the project.

The addresses are settings of `tool.hatch.metadata.hooks.custom` in pyproject.toml. Without them, no
link changes.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
EXTERNAL = re.compile(r"[a-z]+:|#")


def make_absolute(text: str, directory: str, settings: dict[str, str]) -> str:
    """Return a page of this directory with absolute links.

    ``settings``: the addresses `pages` and `pictures`, to which the path of a file is added.
    """
    if not settings.get("pages"):
        return text

    def replace(link: re.Match[str]) -> str:
        mark, words, target = link.groups()
        if EXTERNAL.match(target):
            return link[0]
        path, anchor, fragment = target.partition("#")
        address = settings["pictures" if mark else "pages"].rstrip("/")
        return f"{mark}[{words}]({address}/{posixpath.normpath(posixpath.join(directory, path))}{anchor}{fragment})"

    return LINK.sub(replace, text)


class ReadmeHook(MetadataHookInterface):
    """hatchling starts ``update`` when it reads the metadata of the project."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the README to the metadata."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": make_absolute(text, "", self.config)}
