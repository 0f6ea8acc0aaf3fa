"""``python -m post_renderer``: the same as the console script."""

import sys

from post_renderer.cli import main

sys.exit(main())
