"""What no faster code of ours could go below: the parts that Python and libyaml alone take of a render.

usage: python floors.py imports | events   (the stream on standard input)
"""

import os
import sys


def import_all() -> None:
    """The modules that a render of stream a needs, and nothing done with them."""
    import post_renderer.cli
    import post_renderer.console.last_report
    import post_renderer.render
    import post_renderer.yamltree.fast_reader  # noqa: F401 - loading it is all that is wanted


def read_events() -> None:
    """Each document's events, twice, as a render with the full reader and its check read them; nothing made of them."""
    from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the published types leave it out

    with open(0, "rb", closefd=False) as file:
        documents = file.read().decode().split("\n---\n")
    for document in documents * 2:
        parser = CParser(document + "\n")
        while parser.get_event() is not None:
            pass


{"imports": import_all, "events": read_events}[sys.argv[1]]()
os.write(1, b"done\n")
