"""`make cluster-down`: ends the node and removes its files. The built programs stay for the next start."""

from __future__ import annotations

import shutil

from ci.cluster import namespace
from ci.cluster.paths import STATE


def remove() -> None:
    namespace.stop()
    if STATE.exists():
        shutil.rmtree(STATE)


if __name__ == "__main__":
    remove()
