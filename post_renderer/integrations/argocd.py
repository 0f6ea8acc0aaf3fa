"""``argocd generate`` and ``argocd parameters``: work as a config management plugin of Argo CD.

Argo CD starts each command in the Application's directory, with the environment variables that its documentation of
plugins lists.
"""

from __future__ import annotations

import os

from post_renderer.console import CommandResult, Rejected
from post_renderer.integrations.argocd_archives import Budget
from post_renderer.integrations.argocd_chart_files import read_chart
from post_renderer.integrations.argocd_dependencies import build_dependencies
from post_renderer.integrations.argocd_masking import Mask
from post_renderer.integrations.argocd_parameters import (
    parameters_announcement,
    read_parameters,
    release_name,
)
from post_renderer.integrations.argocd_repository import find_repository
from post_renderer.integrations.argocd_subcharts import prepare_charts, prepare_local, remove_copies
from post_renderer.integrations.helm_binary import find_helm
from post_renderer.integrations.process import run_child
from post_renderer.k8s import is_dns_subdomain
from post_renderer.problems import Problems, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from post_renderer.console import Messages
    from post_renderer.integrations.argocd_parameters import Parameters
    from post_renderer.integrations.argocd_repository import Repository

LONGEST_RELEASE = 53  # Helm's limit


class Rendering:
    """The result of ``helm template``.

    ``raw``: the standard output of Helm.
    ``persistence``: the absolute paths of the Application's catalog files.
    ``note``: the standard error of Helm.
    """

    __slots__ = ("note", "persistence", "raw")

    def __init__(self, raw: bytes, persistence: list[str], note: str) -> None:
        self.raw = raw
        self.persistence = persistence
        self.note = note


def generate(messages: Messages) -> Rendering:
    """Render the chart in the current directory with Helm. Raises Rejected, UsageError, or ChildFailed.

    ``messages``: from now on, no message shows a value of the Application's parameters, or the user of a URL.
    """
    mask = Mask()
    messages.hide = mask.hide_in_messages
    problems = Problems()
    problems.subject = "(application)"
    parameters = read_parameters(problems, mask)
    repository = find_repository()
    repository.check_links(problems)
    budget = Budget()
    vendored = prepare_charts(repository, budget, problems)
    needed = read_chart(repository, vendored, problems)
    mask.add_urls(needed.texts)
    words = _template_words(repository, parameters, problems)
    files = [
        repository.find_file(name, "persistence-files", problems) for name in parameters.get("persistence-files", ())
    ]
    _refuse(problems)
    helm, environment = find_helm()
    if needed.missing:
        prepare_local(repository, needed.local, budget, problems)
        _refuse(problems)
        build_dependencies(helm, environment, repository, needed.urls, mask)
        downloaded = prepare_charts(repository, Budget(), problems)  # and those that were there before
        _refuse(problems)
        remove_copies(repository, vendored, downloaded, needed.repeated, problems)
        _refuse(problems)
    given = parameters.get("values", "").encode()
    raw, said = run_child([helm, *words], environment, given=given, keep_errors=True)
    return Rendering(raw, files, said)


def _refuse(problems: Problems) -> None:
    if problems.has_errors():
        raise Rejected(problems.found)


def parameters() -> CommandResult:
    return CommandResult(parameters_announcement(), [])


def _template_words(repository: Repository, parameters: Parameters, problems: Problems) -> list[str]:
    """Return the arguments of ``helm template``. No value of an Application can be read as an option."""
    release = parameters.get("release-name") or release_name()
    if len(release) > LONGEST_RELEASE or not is_dns_subdomain(release):
        hint = "set release-name to lower-case letters, digits and dashes, at most 53 characters"
        if not release:  # somebody starts the command by hand
            hint = "set ARGOCD_APP_NAME, as Argo CD does"
        problems.add(
            "argocd-parameter", f"{quoted(release)} can't be the name of a release", hint, about="release-name"
        )
    words = ["template", release, repository.folder]
    if namespace := os.environ.get("ARGOCD_APP_NAMESPACE"):
        words.append(f"--namespace={namespace}")
    if version := os.environ.get("KUBE_VERSION"):
        words.append(f"--kube-version={version}")
    words += [f"--api-versions={name}" for name in os.environ.get("KUBE_API_VERSIONS", "").split(",") if name]
    words += [] if parameters.get("skip-crds") == "true" else ["--include-crds"]
    words += ["--no-hooks"] if parameters.get("skip-hooks") == "true" else []
    words += ["--skip-tests"] if parameters.get("skip-tests") == "true" else []
    words += _values_words(repository, parameters, problems)
    words += ["--values=-"] if parameters.get("values") else []
    words += [f"--set={key}={_escape(value)}" for key, value in parameters.get("helm-parameters", {}).items()]
    words += [
        f"--set-string={key}={_escape(value)}" for key, value in parameters.get("helm-string-parameters", {}).items()
    ]
    return words + _file_words(repository, parameters, problems)


def _values_words(repository: Repository, parameters: Parameters, problems: Problems) -> list[str]:
    words = []
    for name in parameters.get("values-files", ()):
        path = repository.find_file(name, "values-files", problems)
        # Helm reads the value as CSV: text behind a comma would be another file, anywhere on the machine.
        if any(char in path for char in ',"\r\n'):
            message = f"the path of {quoted(name)} has a character that Helm does not read as part of a name"
            hint = "use file and directory names without commas, quotes and line breaks"
            problems.add("unsafe-path", message, hint, about="values-files")
        words.append(f"--values={path}")
    return words


def _file_words(repository: Repository, parameters: Parameters, problems: Problems) -> list[str]:
    words = []
    for key, name in parameters.get("helm-file-parameters", {}).items():
        path = repository.find_file(name, "helm-file-parameters", problems)
        # Helm reads each of these as the end of the name, or as the beginning of another file.
        if any(char in key + path for char in ",{}\\") or "=" in key:
            message = f"{quoted(key)}: {quoted(name)} has a character that Helm does not read as part of a name"
            hint = "use names without commas, braces, backslashes and equals signs"
            problems.add("unsafe-path", message, hint, about="helm-file-parameters")
        words.append(f"--set-file={key}={path}")
    return words


def _escape(value: str) -> str:
    """Escape a value for ``--set`` as Argo CD does: a comma is part of the value, except in a list in braces."""
    if value.startswith("{") and value.endswith("}"):
        return value
    return value.replace("\\,", ",").replace(",", "\\,")
