"""Builds the docs site from README.md, docs/ and the chart's README. A dead link or anchor is an error.

python -m ci.site        builds it in build/docs/site
python -m ci.site serve  shows it at http://localhost:8000, and builds it again when a page changes
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "docs"
STYLE = ROOT / "docs" / "pictures" / "site.css"
START = ("README.md", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md", "chart/README.md")
ZENSICAL = Path(sys.executable).with_name("zensical")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
# Attributes that make a browser open something at once. Only a click opens the `href` of an `a`.
LOADS = {
    ("img", "src"),
    ("script", "src"),
    ("link", "href"),
    ("iframe", "src"),
    ("source", "srcset"),
    ("form", "action"),
}


def find_pages() -> set[Path]:
    """Return the pages, and the files that they link to, such as examples."""
    found: set[Path] = set()
    waiting = [*(ROOT / name for name in START), *(ROOT / "docs").glob("*.md")]
    while waiting:
        path = waiting.pop()
        if path in found or not path.is_file():
            continue
        found.add(path)
        if path.suffix == ".md":
            targets = [urlsplit(link) for link in LINK.findall(path.read_text(encoding="utf-8"))]
            waiting += [(path.parent / target.path).resolve() for target in targets if not target.scheme]
    return {path for path in found if path.is_relative_to(ROOT)} | {STYLE}


def copy_pages(build: Path) -> None:
    """Copy the pages that changed into ``build``, in the directories of the project."""
    for path in find_pages():
        page = build / "pages" / path.relative_to(ROOT)
        if not page.exists() or page.stat().st_mtime != path.stat().st_mtime:
            page.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, page)


def prepare(build: Path) -> list[str]:
    """Make an empty ``build`` with the pages and the configuration. Return the option for it."""
    shutil.rmtree(build, ignore_errors=True)
    copy_pages(build)
    return ["--config-file", str(shutil.copy(ROOT / "zensical.toml", build))]


def serve_site(build: Path) -> int:
    options = prepare(build)
    with subprocess.Popen([ZENSICAL, "serve", *options]) as server, suppress(KeyboardInterrupt):
        while server.poll() is None:
            time.sleep(1)
            copy_pages(build)
    return server.returncode or 0


class Page(HTMLParser):
    """The anchors of a built page, and what it links to or loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"id", "name"} and value:
                self.anchors.add(value)
            elif (tag, name) == ("a", "href") and value:
                self.links.append(value)
            elif (tag, name) in LOADS and value:
                self.loads.append(value)


def check_site(site: Path) -> list[str]:
    """Return what is wrong in the built site: dead links and anchors, and files of other servers."""
    pages = {path: Page(path) for path in sorted(site.rglob("*.html"))}
    errors: list[str] = []
    for path, page in pages.items():
        name = path.relative_to(site)
        for link in (*page.links, *page.loads):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                errors += [f"{name}: loads {link}"] * (link in page.loads and parts.scheme != "data")
                continue
            if path.name == "404.html":  # its links begin at the address of the site, which nobody knows
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file():
                errors.append(f"{name}: dead link {link}")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                errors.append(f"{name}: dead anchor {link}")
    return errors


def build_site(build: Path = BUILD) -> list[str]:
    """Build the site, and return all that is wrong."""
    if subprocess.run([ZENSICAL, "build", "--strict", *prepare(build)], check=False).returncode:
        return ["zensical build --strict failed"]
    return check_site(build / "site")


def main(arguments: list[str]) -> int:
    if arguments == ["serve"]:
        return serve_site(BUILD)
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    errors = build_site()
    print("\n".join(errors) or f"the site is in {BUILD / 'site'}", file=sys.stderr if errors else sys.stdout)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
