"""The command polyaxon-persistence with the full reader for every document; with `once`, without the second parse."""

import sys

from post_renderer import render
from post_renderer.cli import main
from post_renderer.yamltree import fast_reader
from post_renderer.yamltree.fast_tokens import NotInSubset


def hand_over(_text: str) -> None:
    raise NotInSubset


fast_reader.read_fast = hand_over  # type: ignore[assignment]  # it never returns
if sys.argv[1:] == ["once"]:
    render.plan_values = lambda _root, _runs: []  # type: ignore[assignment]
sys.exit(main([]))
