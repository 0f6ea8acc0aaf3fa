"""Downloads the dependencies of a chart with Helm, for Argo CD.

Each run has its own list of chart repositories. Helm updates all repositories that it knows, so in a shared list, the
repository of one team could block the Applications of all teams, and its password would stay there.
"""

from __future__ import annotations

import os
from hashlib import sha256

from post_renderer.console import UsageError
from post_renderer.console.files import read_file
from post_renderer.integrations.process import raise_signals, run_child
from post_renderer.problems import YamlError
from post_renderer.yamltree import parse
from post_renderer.yamltree.node import read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.integrations.argocd_masking import Mask
    from post_renderer.integrations.argocd_repository import Repository

LIST = "HELM_REPOSITORY_CONFIG"
NAME = "polyaxon-persistence"


def build_dependencies(
    helm: str, environment: dict[str, str], repository: Repository, urls: list[str], mask: Mask
) -> None:
    """Download the dependencies. ``urls``: the chart repositories that the chart names.

    The administrator's list of repositories is copied. Raises ChildFailed and UsageError.
    """
    from tempfile import TemporaryDirectory

    theirs = os.fsdecode(run_child([helm, "env", LIST], environment, given=b"", keep_errors=True)[0]).strip()
    try:
        with (
            raise_signals(),  # between two programs, too: the directory can have the passwords of the list
            TemporaryDirectory(prefix=f"{NAME}-", ignore_cleanup_errors=True) as home,
        ):
            ours = os.path.join(home, "repositories.yaml")
            content = read_file(theirs, f"{LIST}: {theirs}") if os.path.exists(theirs) else b""
            with open(ours, "wb") as file:
                file.write(content or b"repositories: []\n")
            known = _find_urls(content)
            mask.add_urls(known)
            own = {
                **environment,
                LIST: ours,
                "HELM_CACHE_HOME": os.path.join(home, "cache"),
                "HELM_REPOSITORY_CACHE": os.path.join(home, "cache", "repository"),
                "HELM_CONTENT_CACHE": os.path.join(home, "cache", "content"),  # Helm 4
            }
            if repository.holds(home):  # then the link below would lead Helm round and round
                raise UsageError(f"the temporary directory {home} is in the repository", "set TMPDIR to another one")
            folder = _link_repository(repository, os.path.join(home, "repository"))
            _run(helm, own, folder, [url for url in urls if url.rstrip("/") not in known])
    except OSError as error:
        message = f"the temporary directory for Helm can't be written: {error.strerror}"
        raise UsageError(message, "set TMPDIR to a directory that can be written") from None


def _link_repository(repository: Repository, above: str) -> str:
    """Return a path of the Application's directory that leads through a link in the new directory ``above``.

    The last part of a download's URL is the name of Helm's file. If it is ``..``, Helm writes the file beside the
    chart. This must not be the directory above the repository, where Argo CD has the other repositories.
    """
    os.mkdir(above)
    link = os.path.join(above, "root")
    os.symlink(repository.root, link)
    return os.path.normpath(os.path.join(link, os.path.relpath(repository.folder, repository.root)))


def _run(helm: str, environment: dict[str, str], folder: str, urls: list[str]) -> None:
    """Start Helm. With a lock file, Helm requires that each repository has a name."""
    for url in urls:
        name = f"{NAME}-{sha256(url.encode()).hexdigest()[:10]}"
        run_child([helm, "repo", "add", name, url], environment, given=b"", keep_errors=True)
    run_child([helm, "dependency", "build", folder], environment, given=b"", keep_errors=True)


def _find_urls(content: bytes) -> set[str]:
    """Return the addresses in a list of repositories. Helm reports a list that can't be read."""
    try:
        values = read_values(parse(content.decode("utf-8", "replace")))
    except YamlError:
        return set()
    entries = values.get("repositories") if isinstance(values, dict) else None
    found = entries if isinstance(entries, list) else []
    return {str(entry.get("url")).rstrip("/") for entry in found if isinstance(entry, dict)}
