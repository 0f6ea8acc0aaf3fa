"""Writes Kubernetes' JSON schemas for kubeconform: changed copies of the schemas in the package kubernetes-validate.

The originals have an absolute ``$id`` and absolute references, which kubeconform would fetch from the network.
usage: python ci/schemas.py DIRECTORY VERSION…   (such as 1.27 1.37)
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate


def relative(value: Any) -> Any:
    """Return the schema without its ``$id``, and with file names as references."""
    if isinstance(value, dict):
        return {
            key: item.rpartition("/api/")[2] if key == "$ref" and "/api/" in item else relative(item)
            for key, item in value.items()
            if key != "$id"
        }
    return [relative(item) for item in value] if isinstance(value, list) else value


def derive(target: Path, version: str) -> int:
    """Write the strict schemas of one version below ``target``. Returns the number of files."""
    source = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema" / f"v{version}.0-local-strict"
    files = sorted(source.glob("*.json"))
    if not files:
        sys.exit(f"kubernetes-validate has no schemas of Kubernetes {version}")
    # The final name means that all files are there, so the directory gets it at the end.
    folder = target / f"v{version}.0.partly"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in files:
        (folder / file.name).write_text(json.dumps(relative(json.loads(file.read_text()))))
    folder.rename(target / f"v{version}.0")
    return len(files)


def main() -> None:
    target = Path(sys.argv[1])
    for version in sys.argv[2:]:
        if not (target / f"v{version}.0").is_dir():
            print(f"made {derive(target, version)} schemas of Kubernetes {version}")


if __name__ == "__main__":
    main()
