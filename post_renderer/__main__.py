"""Where the program starts, as a console script and by ``python -m post_renderer``."""

import sys


def main() -> int:
    """Run the command line of this process and return its exit code; also an interrupt of the first imports is one."""
    try:
        from post_renderer.cli import main as run

        return run()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
