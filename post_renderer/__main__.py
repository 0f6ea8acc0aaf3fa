"""Starts the program, for the console script and for ``python -m post_renderer``."""

import sys


def main() -> int:
    """Run the command line of this process and return its exit code, also after an interrupt of the first imports."""
    try:
        from post_renderer.cli import main as run

        return run()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
