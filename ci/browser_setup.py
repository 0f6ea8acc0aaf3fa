"""For `make tools`: finds Chromium and its driver, which the tests of the web pages start, or installs both on Debian.

Another system needs `chromium` (or `google-chrome`) and `chromedriver` of the same version on PATH.
"""

from __future__ import annotations

import os
import shutil
import sys

from ci.cluster.build import install_packages

PACKAGES = {"chromium": "chromium", "chromium-driver": "chromedriver"}
BROWSERS = ("chromium", "google-chrome", "chromium-browser")
DRIVER = "chromedriver"


def find_browser() -> tuple[str, str] | None:
    """Return the paths of a browser and of its driver; None if one of them is missing."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which(DRIVER)
    return (browser, driver) if browser and driver else None


def main() -> None:
    if find_browser():
        return
    if os.geteuid() != 0:
        sys.exit(f"make tools: install {BROWSERS[0]} and {DRIVER}, or run it as root on Debian")
    install_packages(PACKAGES, "make tools")


if __name__ == "__main__":
    main()
