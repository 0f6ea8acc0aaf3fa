"""Costs that faster code of this project can't reduce: the parts of a render that Python and libyaml take.

usage: python floors.py imports | events   (the stream on standard input)
"""

import os
import sys


def import_all() -> None:
    """Only import the modules that a render of stream a needs."""
    import post_renderer.cli
    import post_renderer.render
    import post_renderer.yamltree.fast_reader  # noqa: F401 - it is only loaded


def read_events() -> None:
    """Only read the events of each document, twice: a render with the full reader does so, and then checks its result."""
    from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the published types leave it out

    with open(0, "rb", closefd=False) as file:
        documents = file.read().decode().split("\n---\n")
    for document in documents * 2:
        parser = CParser(document + "\n")
        while parser.get_event() is not None:
            pass


{"imports": import_all, "events": read_events}[sys.argv[1]]()
os.write(1, b"done\n")
