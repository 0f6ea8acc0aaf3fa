"""The command polyaxon-persistence with the full reader for every document; with `once`, without the second parse."""

import sys

from post_renderer import render
from post_renderer.cli import main
from post_renderer.yamltree import fast_reader

fast_reader.LINE_LIMIT = -1  # all documents have more lines, so libyaml reads them
if sys.argv[1:] == ["once"]:
    render.plan_values = lambda _root, _runs: []  # type: ignore[assignment]
sys.exit(main([]))
