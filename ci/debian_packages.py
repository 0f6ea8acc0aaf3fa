"""Installs the Debian packages that the tests of `make test` need."""

from __future__ import annotations

from ci.cluster.build import install_packages

# Package: a program that it brings. The shells read the completion, and groff reads the manual page.
PACKAGES = {"fish": "fish", "zsh": "zsh", "groff-base": "groff"}

if __name__ == "__main__":
    install_packages(PACKAGES, "make tools")
